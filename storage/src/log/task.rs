//! The syncs of a raft log in memory: a task that takes the time a disk would take, by tokio's
//! clock, and groups what waits as the thread over RocksDB does.

use super::durable::{Durable, again};
use super::{Done, LATE_FSYNC};
use crate::engine::memory::MemoryDisk;
use crate::error::Error;
use domain::mutant::{Mutant, is_planted};
use parking_lot::Mutex;
use std::io;
use std::sync::{Arc, Weak};

/// Who waits, and whether a task is at work for them.
pub(super) struct SyncTask {
    disk: MemoryDisk,
    durable: Arc<Durable>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Done>,
    at_work: bool,
    stopped: bool,
}

impl std::fmt::Debug for SyncTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} wait for a sync", self.queue.lock().waiting.len())
    }
}

impl SyncTask {
    pub(super) fn new(disk: MemoryDisk, durable: Arc<Durable>) -> Arc<Self> {
        Arc::new(Self { disk, durable, queue: Mutex::default() })
    }

    pub(super) fn sync(self: &Arc<Self>, done: Done) -> io::Result<()> {
        let mut queue = self.queue.lock();
        if queue.stopped {
            return Err(io::Error::other(Error::LogStopped));
        }
        queue.waiting.push(done);
        if !std::mem::replace(&mut queue.at_work, true) {
            tokio::spawn(run(Arc::downgrade(self)));
        }
        Ok(())
    }

    /// Those of the next group; none, and the task has ended, if nobody waits.
    fn group(&self) -> Vec<Done> {
        let mut queue = self.queue.lock();
        queue.at_work = !queue.waiting.is_empty();
        std::mem::take(&mut queue.waiting)
    }

    fn stop(&self) {
        let mut queue = self.queue.lock();
        queue.stopped = true;
        queue.waiting.clear();
    }
}

/// Ends when nobody waits any more. A log that is dropped meanwhile is a killed process: those who
/// wait are never told, and what was under way stays where it was.
async fn run(task: Weak<SyncTask>) {
    while let Some(log) = task.upgrade() {
        let mut covered = log.group();
        drop(log);
        if covered.is_empty() {
            return;
        }
        if is_planted(Mutant::AckBeforeFsync) {
            covered.drain(..).for_each(|done| done(Ok(())));
            tokio::time::sleep(LATE_FSYNC).await;
        }
        let Some(result) = sync(&task).await else { return };
        if result.is_err()
            && let Some(log) = task.upgrade()
        {
            log.stop();
        }
        for done in covered {
            done(again(&result));
        }
        if result.is_err() {
            return;
        }
    }
}

/// Nothing if the log was dropped meanwhile.
async fn sync(task: &Weak<SyncTask>) -> Option<io::Result<()>> {
    let log = task.upgrade()?;
    let before = match log.durable.begin_sync() {
        Ok(before) => before,
        Err(error) => return Some(Err(error)),
    };
    let takes = log.disk.sync_time();
    drop(log);
    tokio::time::sleep(takes).await;
    Some(task.upgrade()?.durable.end_sync(&before))
}
