//! The raft log: column `log` (index, big-endian -> entry) and `meta` (vote, purged, ...).
//!
//! Writes go to the memtable and to the WAL buffer in user space. Everything that waits becomes
//! durable with a single `write` and a single `fdatasync`: group commit. No delay is added; the
//! next group forms while the disk is busy. Votes and entries share the one WAL, so they become
//! durable in the order of the calls. RocksDB has a thread for that (thread.rs), the engine in
//! memory a task that takes simulated time (task.rs).

mod durable;
#[cfg(feature = "memory")]
mod task;
#[cfg(feature = "rocks")]
mod thread;

use crate::column::Column;
use crate::engine::{Changes, Disk, Engine};
use crate::error::Error;
use crate::mark::{Mark, Reach};
use durable::{Durable, Written};
use parking_lot::Mutex;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Raft's own keys are its own affair, but for these two, which the mark must count.
const VOTE: &str = "vote";
const PURGED: &str = "purged";
/// How many votes were ever stored, beside the newest of them.
const VOTES: &str = "storage.votes";
/// The last purged index, so that the reach of an emptied log is known without reading the marker.
const PURGED_INDEX: &str = "storage.purged_index";
const FORMAT_KEY: &str = "storage.format";
const FORMAT: u8 = 1;
const DOING: &str = "the raft log";

/// How long a planted bug leaves on its way to the disk what it has acknowledged.
const LATE_FSYNC: Duration = Duration::from_millis(300);

/// Called once, after the `fdatasync` that covers the write, or with its error.
pub type Done = Box<dyn FnOnce(io::Result<()>) + Send>;

/// The raft log of this node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogDb {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    // First: it must have ended, and the database be closed, when the last handle is gone.
    syncs: Syncs,
    durable: Arc<Durable>,
}

/// Who makes durable what waits, and tells.
#[derive(Debug)]
enum Syncs {
    #[cfg(feature = "rocks")]
    Thread(thread::SyncThread),
    #[cfg(feature = "memory")]
    Task(Arc<task::SyncTask>),
}

impl Syncs {
    fn start(disk: &Disk, durable: &Arc<Durable>) -> Result<Self, Error> {
        Ok(match disk {
            #[cfg(feature = "rocks")]
            Disk::Rocks(_) => Self::Thread(thread::SyncThread::start(durable.clone())?),
            #[cfg(feature = "memory")]
            Disk::Memory(disk) => Self::Task(task::SyncTask::new(disk.clone(), durable.clone())),
        })
    }
}

impl LogDb {
    /// Opens the log in `dir`, and compares it with the mark at `mark`.
    pub(crate) fn open(disk: &Disk, dir: &Path, mark: &Path) -> Result<Self, Error> {
        let engine = disk.open_log(dir)?;
        check_format(&engine)?;
        let reach = reach_of(&engine)?;
        let (mark, promised) = Mark::open(mark, reach)?;
        let written = Mutex::new(Written { reach, promised, truncations: 0 });
        let durable = Arc::new(Durable { engine, written, mark });
        let syncs = Syncs::start(disk, &durable)?;
        Ok(Self { shared: Arc::new(Shared { syncs, durable }) })
    }

    /// Readable when this returns; durable only when a `sync` asked for afterwards has completed.
    ///
    /// # Errors
    /// The engine refused, or they do not follow on what is there: the node stops.
    pub async fn append(&self, entries: Vec<(u64, Vec<u8>)>) -> io::Result<()> {
        let Some(end) = entries.last().map(|(index, _)| index + 1) else { return Ok(()) };
        let reach = self.shared.durable.written.lock().reach.end;
        let first = entries[0].0;
        // An empty one begins wherever it is told to.
        let behind = reach > 0 && first > reach;
        if behind || (first..).zip(&entries).any(|(next, (index, _))| *index != next) {
            let what = format!("entries {first}..{end} leave a hole behind {reach}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let mut changes = Changes::default();
        for (index, value) in &entries {
            changes.put(Column::Log, index.to_be_bytes(), value);
        }
        drop(entries);
        self.write(changes).await?;
        self.shared.durable.written.lock().reach.end = end;
        Ok(())
    }

    /// Queues a completion behind everything written so far. With the engine in memory it needs a
    /// tokio runtime with time.
    ///
    /// # Errors
    /// An earlier fsync failed; the node stops. `done` is then dropped without a call.
    pub fn sync(&self, done: Done) -> io::Result<()> {
        match &self.shared.syncs {
            #[cfg(feature = "rocks")]
            Syncs::Thread(thread) => thread.sync(done),
            #[cfg(feature = "memory")]
            Syncs::Task(task) => task.sync(done),
        }
    }

    /// Same WAL as the entries, so the order of votes and entries is the order of the calls. The
    /// vote itself goes under the key `vote`: the mark counts it.
    ///
    /// # Errors
    /// The engine refused: the node stops.
    pub async fn put_meta(&self, key: &'static str, value: Vec<u8>) -> io::Result<()> {
        let votes = self.shared.durable.written.lock().reach.votes + u64::from(key == VOTE);
        let mut changes = Changes::default();
        changes.put(Column::LogMeta, key, value);
        if key == VOTE {
            changes.put(Column::LogMeta, VOTES, votes.to_be_bytes());
        }
        self.write(changes).await?;
        if key == VOTE {
            self.shared.durable.written.lock().reach.votes = votes;
        }
        Ok(())
    }

    /// What `put_meta` or `purge` stored under this key.
    ///
    /// # Errors
    /// The engine could not read: the node stops.
    pub fn get_meta(&self, key: &'static str) -> io::Result<Option<Vec<u8>>> {
        let found = self.engine().read(Column::LogMeta, key.as_bytes(), <[u8]>::to_vec);
        found.map_err(told)
    }

    /// The newest entry.
    ///
    /// # Errors
    /// The engine could not read: the node stops.
    pub fn last(&self) -> io::Result<Option<(u64, Vec<u8>)>> {
        self.newest(1).map(|mut entries| entries.pop())
    }

    /// The newest `count` entries, newest first.
    ///
    /// # Errors
    /// The engine could not read: the node stops.
    pub fn newest(&self, count: usize) -> io::Result<Vec<(u64, Vec<u8>)>> {
        let moment = self.engine().moment();
        let rows = moment.rows_backwards(Column::Log).take(count);
        rows.map(|row| {
            let (key, value) = row.map_err(told)?;
            Ok((index_of(&key)?, value.into_vec()))
        })
        .collect()
    }

    /// Entries of `start..end`, cut off after the one that reaches `max_bytes`.
    ///
    /// # Errors
    /// The engine could not read: the node stops.
    pub fn read(&self, start: u64, end: u64, max_bytes: usize) -> io::Result<Vec<Vec<u8>>> {
        let (mut out, mut bytes) = (Vec::new(), 0);
        let moment = self.engine().moment();
        let end = Some(end.to_be_bytes().to_vec());
        for row in moment.rows(Column::Log, &start.to_be_bytes(), end) {
            let (_, value) = row.map_err(told)?;
            bytes += value.len();
            out.push(value.into_vec());
            if bytes >= max_bytes {
                break;
            }
        }
        Ok(out)
    }

    /// Removes `from` and everything behind it. Needs no fsync: the next append is in the same WAL.
    ///
    /// # Errors
    /// The engine or the mark refused: the node stops.
    pub async fn truncate_from(&self, from: u64) -> io::Result<()> {
        let Some((last, _)) = self.last()? else { return Ok(()) };
        if from > last {
            return Ok(());
        }
        self.shared.durable.lower_mark(from)?;
        let mut changes = Changes::default();
        changes.delete_range(Column::Log, from.to_be_bytes(), (last + 1).to_be_bytes());
        self.write(changes).await
    }

    /// Removes `from..=upto` and records `marker` in the same batch. `from` is the index behind the
    /// previous purge: range tombstones that all start at 0 would pile up.
    ///
    /// # Errors
    /// The engine refused: the node stops.
    pub async fn purge(&self, from: u64, upto: u64, marker: Vec<u8>) -> io::Result<()> {
        let mut changes = Changes::default();
        changes.put(Column::LogMeta, PURGED, marker);
        changes.put(Column::LogMeta, PURGED_INDEX, upto.to_be_bytes());
        if from <= upto {
            changes.delete_range(Column::Log, from.to_be_bytes(), (upto + 1).to_be_bytes());
        }
        self.write(changes).await?;
        let mut written = self.shared.durable.written.lock();
        written.reach.end = written.reach.end.max(upto + 1);
        Ok(())
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.durable.engine
    }

    /// A write stall must never block a tokio worker: try without waiting, else move to the
    /// blocking pool.
    async fn write(&self, changes: Changes) -> io::Result<()> {
        if self.engine().write_at_once(&changes).map_err(told)? {
            return Ok(());
        }
        let durable = self.shared.durable.clone();
        tokio::task::spawn_blocking(move || durable.engine.write(&changes))
            .await
            .map_err(io::Error::other)?
            .map_err(told)
    }
}

fn check_format(engine: &Engine) -> Result<(), Error> {
    let found = engine.read(Column::LogMeta, FORMAT_KEY.as_bytes(), <[u8]>::to_vec)?;
    match found.as_deref() {
        None => {
            let mut changes = Changes::default();
            changes.put(Column::LogMeta, FORMAT_KEY, [FORMAT]);
            engine.write(&changes)
        }
        Some(&[found]) if found > FORMAT => {
            Err(Error::NewerFormat { what: DOING, found, supported: FORMAT })
        }
        Some(&[FORMAT]) => Ok(()),
        Some(other) => {
            Err(Error::Corrupt { what: DOING, detail: format!("its format is {other:?}") })
        }
    }
}

fn reach_of(engine: &Engine) -> Result<Reach, Error> {
    let number = |key: &str| -> Result<Option<u64>, Error> {
        let index = engine.read(Column::LogMeta, key.as_bytes(), index_of)?;
        index.transpose().map_err(Error::io(DOING))
    };
    let last = engine.moment().rows_backwards(Column::Log).next().transpose()?;
    let last = last.map(|(key, _)| index_of(&key).map_err(Error::io(DOING))).transpose()?;
    let behind = |index: Option<u64>| index.map_or(0, |index| index + 1);
    let end = behind(last).max(behind(number(PURGED_INDEX)?));
    Ok(Reach { end, votes: number(VOTES)?.unwrap_or(0) })
}

fn index_of(key: &[u8]) -> io::Result<u64> {
    let index = key.try_into().map(u64::from_be_bytes);
    index.map_err(|_| io::Error::other("a log index is not 8 bytes"))
}

/// For openraft, which knows only errors of I/O. The text has the cause in it.
fn told(error: Error) -> io::Error {
    match error {
        Error::Io { doing, source } => {
            io::Error::new(source.kind(), format!("{doing} failed: {source}"))
        }
        Error::Corrupt { .. }
        | Error::Quarantined { .. }
        | Error::NewerFormat { .. }
        | Error::LogStopped
        | Error::BehindRetention { .. }
        | Error::Unencodable { .. } => io::Error::other(error),
    }
}
