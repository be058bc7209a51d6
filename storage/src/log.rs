//! The raft log: column family `log` (index, big-endian -> entry) and `meta` (vote, purged, ...).
//!
//! Writes go to the memtable and to the WAL buffer in user space. One thread turns everything that
//! waits into a single `write` and a single `fdatasync`: group commit. No delay is added; the next
//! group forms while the disk is busy. Votes and entries share the one WAL, so they become durable
//! in the order of the calls.

use crate::error::Error;
use crate::mark::{Mark, Reach};
use domain::mutant::{Mutant, is_planted};
use parking_lot::Mutex;
use rocksdb::{
    ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode, Direction,
    ErrorKind, IteratorMode, Options, ReadOptions, WriteBatch, WriteOptions,
};
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const LOG: &str = "log";
const META: &str = "meta";
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
    db: Arc<DB>,
    written: Arc<Mutex<Written>>,
    mark: Arc<Mark>,
    /// Both are `None` only while the last handle is being dropped.
    sync_queue: Option<mpsc::Sender<Done>>,
    sync_thread: Option<JoinHandle<()>>,
}

/// What has been handed to RocksDB, durable or not.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    reach: Reach,
    /// What the mark says, so that lowering its end leaves its votes as they are.
    promised: Reach,
    /// Counts `truncate_from`, so that the sync thread notices one that overtook it.
    truncations: u64,
}

impl LogDb {
    /// Opens the log in `dir`, compares it with the mark at `mark`, and starts its sync thread.
    pub(crate) fn open(dir: &Path, mark: &Path) -> Result<Self, Error> {
        let families = [
            ColumnFamilyDescriptor::new(LOG, log_family_options()),
            ColumnFamilyDescriptor::new(META, Options::default()),
        ];
        let db = DB::open_cf_descriptors(&db_options(), dir, families)
            .map_err(Error::rocks("open the raft log"))?;
        check_format(&db)?;
        let reach = reach_of(&db)?;
        let (mark, promised) = Mark::open(mark, reach)?;
        let mark = Arc::new(mark);
        let db = Arc::new(db);
        let written = Arc::new(Mutex::new(Written { reach, promised, truncations: 0 }));
        let (sync_queue, waiting) = mpsc::channel();
        let sync = SyncThread { db: db.clone(), written: written.clone(), mark: mark.clone() };
        let sync_thread = thread::Builder::new()
            .name("raft-log-sync".into())
            .spawn(move || sync.run(&waiting))
            .map_err(Error::io("start the raft log's sync thread"))?;
        let (sync_queue, sync_thread) = (Some(sync_queue), Some(sync_thread));
        Ok(Self { shared: Arc::new(Shared { db, written, mark, sync_queue, sync_thread }) })
    }

    /// Readable when this returns; durable only when a `sync` asked for afterwards has completed.
    ///
    /// # Errors
    /// RocksDB refused: the node stops.
    pub async fn append(&self, entries: Vec<(u64, Vec<u8>)>) -> io::Result<()> {
        let Some(end) = entries.last().map(|(index, _)| index + 1) else { return Ok(()) };
        let entries = Arc::new(entries);
        self.write(move |db| {
            let mut batch = WriteBatch::default();
            let family = family(db, LOG);
            for (index, value) in entries.iter() {
                batch.put_cf(family, index.to_be_bytes(), value);
            }
            batch
        })
        .await?;
        self.shared.written.lock().reach.end = end;
        Ok(())
    }

    /// Queues a completion behind everything written so far.
    ///
    /// # Errors
    /// An earlier fsync failed; the node stops. `done` is then dropped without a call.
    pub fn sync(&self, done: Done) -> io::Result<()> {
        let queue = self.shared.sync_queue.as_ref().expect("open while a handle lives");
        queue.send(done).map_err(|_| io::Error::other(Error::LogStopped))
    }

    /// Same WAL as the entries, so the order of votes and entries is the order of the calls. The
    /// vote itself goes under the key `vote`: the mark counts it.
    ///
    /// # Errors
    /// RocksDB refused: the node stops.
    pub async fn put_meta(&self, key: &'static str, value: Vec<u8>) -> io::Result<()> {
        let votes = self.shared.written.lock().reach.votes + u64::from(key == VOTE);
        self.write(move |db| {
            let mut batch = WriteBatch::default();
            let family = family(db, META);
            batch.put_cf(family, key, &value);
            if key == VOTE {
                batch.put_cf(family, VOTES, votes.to_be_bytes());
            }
            batch
        })
        .await?;
        if key == VOTE {
            self.shared.written.lock().reach.votes = votes;
        }
        Ok(())
    }

    /// What `put_meta` or `purge` stored under this key.
    ///
    /// # Errors
    /// RocksDB could not read: the node stops.
    pub fn get_meta(&self, key: &'static str) -> io::Result<Option<Vec<u8>>> {
        self.shared.db.get_cf(family(&self.shared.db, META), key).map_err(other)
    }

    /// The newest entry.
    ///
    /// # Errors
    /// RocksDB could not read: the node stops.
    pub fn last(&self) -> io::Result<Option<(u64, Vec<u8>)>> {
        self.newest(1).map(|mut entries| entries.pop())
    }

    /// The newest `count` entries, newest first.
    ///
    /// # Errors
    /// RocksDB could not read: the node stops.
    pub fn newest(&self, count: usize) -> io::Result<Vec<(u64, Vec<u8>)>> {
        self.shared
            .db
            .iterator_cf(family(&self.shared.db, LOG), IteratorMode::End)
            .take(count)
            .map(|kv| kv.map_err(other).and_then(|(k, v)| Ok((index_of(&k)?, v.into_vec()))))
            .collect()
    }

    /// Entries of `start..end`, cut off after the one that reaches `max_bytes`.
    ///
    /// # Errors
    /// RocksDB could not read: the node stops.
    pub fn read(&self, start: u64, end: u64, max_bytes: usize) -> io::Result<Vec<Vec<u8>>> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound(end.to_be_bytes().to_vec());
        let from = start.to_be_bytes();
        let mode = IteratorMode::From(&from, Direction::Forward);
        let (mut out, mut bytes) = (Vec::new(), 0);
        let log = family(&self.shared.db, LOG);
        for kv in self.shared.db.iterator_cf_opt(log, options, mode) {
            let (_, value) = kv.map_err(other)?;
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
    /// RocksDB or the mark refused: the node stops.
    pub async fn truncate_from(&self, from: u64) -> io::Result<()> {
        let Some((last, _)) = self.last()? else { return Ok(()) };
        if from > last {
            return Ok(());
        }
        self.lower_mark(from)?;
        self.write(move |db| {
            let mut batch = WriteBatch::default();
            let end = (last + 1).to_be_bytes();
            batch.delete_range_cf(family(db, LOG), from.to_be_bytes(), end);
            batch
        })
        .await
    }

    /// First the mark, durably, then the log. Rare: only after a change of leader.
    fn lower_mark(&self, end: u64) -> io::Result<()> {
        let mut written = self.shared.written.lock();
        written.reach.end = end;
        written.truncations += 1;
        if written.promised.end <= end {
            return Ok(());
        }
        written.promised.end = end;
        // Under the lock: the sync thread must not raise the mark in between.
        self.shared.mark.lower(written.promised)
    }

    /// Removes `from..=upto` and records `marker` in the same batch. `from` is the index behind the
    /// previous purge: range tombstones that all start at 0 would pile up.
    ///
    /// # Errors
    /// RocksDB refused: the node stops.
    pub async fn purge(&self, from: u64, upto: u64, marker: Vec<u8>) -> io::Result<()> {
        self.write(move |db| {
            let mut batch = WriteBatch::default();
            batch.put_cf(family(db, META), PURGED, &marker);
            batch.put_cf(family(db, META), PURGED_INDEX, upto.to_be_bytes());
            let end = (upto + 1).to_be_bytes();
            if from <= upto {
                batch.delete_range_cf(family(db, LOG), from.to_be_bytes(), end);
            }
            batch
        })
        .await?;
        let mut written = self.shared.written.lock();
        written.reach.end = written.reach.end.max(upto + 1);
        Ok(())
    }

    /// A write stall must never block a tokio worker: try without waiting, else move to the
    /// blocking pool.
    async fn write(&self, batch: impl Fn(&DB) -> WriteBatch + Send + 'static) -> io::Result<()> {
        let mut options = WriteOptions::default();
        options.set_no_slowdown(true);
        let db = &self.shared.db;
        match db.write_opt(batch(db), &options) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == ErrorKind::Incomplete => {
                let db = db.clone();
                tokio::task::spawn_blocking(move || db.write(batch(&db)))
                    .await
                    .map_err(other)?
                    .map_err(other)
            }
            Err(e) => Err(other(e)),
        }
    }
}

impl Drop for Shared {
    /// The database must be closed, and its lock free, when the last handle is gone.
    fn drop(&mut self) {
        self.sync_queue = None;
        let Some(thread) = self.sync_thread.take() else { return };
        // A completion may own the last handle: then this is the sync thread, which ends by itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the raft log's sync thread panicked");
        }
    }
}

/// What the sync thread works with.
struct SyncThread {
    db: Arc<DB>,
    written: Arc<Mutex<Written>>,
    mark: Arc<Mark>,
}

impl SyncThread {
    fn run(&self, waiting: &mpsc::Receiver<Done>) {
        while let Ok(first) = waiting.recv() {
            let mut covered = vec![first];
            covered.extend(waiting.try_iter());
            if is_planted(Mutant::AckBeforeFsync) {
                covered.drain(..).for_each(|done| done(Ok(())));
                thread::sleep(LATE_FSYNC);
            }
            let result = self.sync();
            let failed = result.is_err();
            for done in covered {
                let answer = result.as_ref().copied();
                done(answer.map_err(|e| io::Error::new(e.kind(), e.to_string())));
            }
            if failed {
                return; // never retry a failed fsync: the kernel may have dropped the dirty pages
            }
        }
        if let Err(error) = self.sync() {
            tracing::error!(%error, "the last fsync of the raft log failed");
        }
    }

    /// One write and one fsync for all that wait, then the mark, and only then the answers.
    fn sync(&self) -> io::Result<()> {
        let before = *self.written.lock();
        self.db.flush_wal(true).map_err(other)?;
        let mut now = self.written.lock();
        if now.truncations == before.truncations {
            self.mark.raise(before.reach)?;
            now.promised = before.reach;
        }
        Ok(())
    }
}

fn check_format(db: &DB) -> Result<(), Error> {
    let meta = family(db, META);
    match db.get_cf(meta, FORMAT_KEY).map_err(Error::rocks(DOING))?.as_deref() {
        None => db.put_cf(meta, FORMAT_KEY, [FORMAT]).map_err(Error::rocks(DOING)),
        Some(&[found]) if found > FORMAT => {
            Err(Error::NewerFormat { what: DOING, found, supported: FORMAT })
        }
        Some(&[FORMAT]) => Ok(()),
        Some(other) => {
            Err(Error::Corrupt { what: DOING, detail: format!("its format is {other:?}") })
        }
    }
}

fn reach_of(db: &DB) -> Result<Reach, Error> {
    let number = |key: &str| -> Result<Option<u64>, Error> {
        let bytes = db.get_cf(family(db, META), key).map_err(Error::rocks(DOING))?;
        bytes.map(|bytes| index_of(&bytes).map_err(Error::io(DOING))).transpose()
    };
    let last = db.iterator_cf(family(db, LOG), IteratorMode::End).next().transpose();
    let last = last.map_err(Error::rocks(DOING))?;
    let last = last.map(|(key, _)| index_of(&key).map_err(Error::io(DOING))).transpose()?;
    let behind = |index: Option<u64>| index.map_or(0, |index| index + 1);
    let end = behind(last).max(behind(number(PURGED_INDEX)?));
    Ok(Reach { end, votes: number(VOTES)?.unwrap_or(0) })
}

fn db_options() -> Options {
    let mut o = Options::default();
    o.create_if_missing(true);
    o.create_missing_column_families(true);
    o.set_manual_wal_flush(true); // the WAL stays in user space until flush_wal()
    o.set_recycle_log_file_num(4); // overwriting needs no inode-size commit: cheaper fdatasync
    o.set_wal_recovery_mode(match is_planted(Mutant::ChecksumIgnored) {
        true => DBRecoveryMode::SkipAnyCorruptedRecord,
        false => DBRecoveryMode::PointInTime, // others switch recycling off silently
    });
    o.set_track_and_verify_wals_in_manifest(true); // a missing closed WAL is an error
    o.set_paranoid_checks(true);
    o.set_max_total_wal_size(256 << 20);
    o.set_max_background_jobs(2);
    o.set_bytes_per_sync(1 << 20);
    o.set_keep_log_file_num(2);
    o.set_max_log_file_size(8 << 20);
    o.set_max_open_files(256);
    o
}

fn log_family_options() -> Options {
    let mut o = Options::default();
    o.set_write_buffer_size(32 << 20);
    o.set_max_write_buffer_number(4);
    o.set_compression_type(DBCompressionType::Lz4);
    o.set_level_zero_file_num_compaction_trigger(8); // most entries are purged before
    o.set_level_zero_slowdown_writes_trigger(64);
    o.set_level_zero_stop_writes_trigger(128);
    o.set_target_file_size_base(32 << 20);
    o
}

fn family<'a>(db: &'a DB, name: &str) -> &'a ColumnFamily {
    db.cf_handle(name).expect("opened with this family")
}

fn index_of(key: &[u8]) -> io::Result<u64> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| other("a log index is not 8 bytes"))
}

fn other(e: impl Display) -> io::Error {
    io::Error::other(e.to_string())
}
