//! The thread that syncs the raft log in RocksDB: it blocks while the disk works.

use super::durable::{Durable, again};
use super::{Done, LATE_FSYNC};
use crate::error::Error;
use domain::mutant::{Mutant, is_planted};
use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

/// A handle of the thread; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct SyncThread {
    /// Both are `None` only while this is being dropped.
    queue: Option<mpsc::Sender<Done>>,
    thread: Option<JoinHandle<()>>,
}

impl SyncThread {
    pub(super) fn start(durable: Arc<Durable>) -> Result<Self, Error> {
        let (queue, waiting) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("raft-log-sync".into())
            .spawn(move || run(&durable, &waiting))
            .map_err(Error::io("start the raft log's sync thread"))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) fn sync(&self, done: Done) -> io::Result<()> {
        let queue = self.queue.as_ref().expect("open while a handle lives");
        queue.send(done).map_err(|_| io::Error::other(Error::LogStopped))
    }
}

impl Drop for SyncThread {
    fn drop(&mut self) {
        self.queue = None;
        let Some(thread) = self.thread.take() else { return };
        // A completion may own the last handle: then this is the sync thread, which ends by itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the raft log's sync thread panicked");
        }
    }
}

fn run(durable: &Durable, waiting: &mpsc::Receiver<Done>) {
    while let Ok(first) = waiting.recv() {
        let mut covered = vec![first];
        covered.extend(waiting.try_iter());
        if is_planted(Mutant::AckBeforeFsync) {
            covered.drain(..).for_each(|done| done(Ok(())));
            thread::sleep(LATE_FSYNC);
        }
        let result = sync(durable);
        for done in covered {
            done(again(&result));
        }
        if result.is_err() {
            return; // and whoever asks from now on is told
        }
    }
    if let Err(error) = sync(durable) {
        tracing::error!(%error, "the last fsync of the raft log failed");
    }
}

fn sync(durable: &Durable) -> io::Result<()> {
    let before = durable.begin_sync()?;
    durable.end_sync(&before)
}
