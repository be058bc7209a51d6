//! One database of the replicated state. No WAL of its own, because the raft log is its WAL; all
//! columns are flushed together, with the applied position in the same batch as its effects.

use crate::cache::Hot;
use crate::codec;
use crate::column::{Column, column_options, db_options, meta};
use crate::error::Error;
use crate::queue::Queues;
use crate::record::Record;
use crate::record::audit::GENESIS;
use domain::sealed::Digest;
use parking_lot::Mutex;
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{
    Cache, ColumnFamily, ColumnFamilyDescriptor, DB, FlushOptions, ReadOptions, ReadTier,
    WriteBatch, WriteOptions, properties,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How the columns and their keys are laid out. A binary refuses a newer one.
const LAYOUT: u8 = 1;
const WHAT: &str = "the state";

#[derive(Debug)]
pub(crate) struct State {
    db: DB,
    pub(crate) hot: Hot,
    pub(crate) queues: Queues,
    /// The hash of the last entry of the audit chain.
    audit_head: Mutex<Digest>,
    /// Even between commits, odd during one; see `stable_version`.
    version: AtomicU64,
    // Last, so that the database is closed when the directory goes.
    dir: StateDir,
}

/// The directory of a database; removed once a snapshot has replaced it and nobody reads it.
#[derive(Debug)]
struct StateDir {
    path: PathBuf,
    superseded: AtomicBool,
}

impl State {
    /// An empty one is made only if `create` says so: a state that is gone is not an empty city.
    pub(crate) fn open(
        dir: &Path,
        create: bool,
        cache: &Cache,
        cached_records: usize,
    ) -> Result<Self, Error> {
        let families = Column::ALL.map(|column| {
            ColumnFamilyDescriptor::new(column.name(), column_options(column, cache))
        });
        let db = DB::open_cf_descriptors(&db_options(create), dir, families)
            .map_err(Error::rocks("open the state"))?;
        let state = Self {
            db,
            hot: Hot::new(cached_records),
            queues: Queues::new(),
            audit_head: Mutex::new(GENESIS),
            version: AtomicU64::new(0),
            dir: StateDir { path: dir.to_owned(), superseded: AtomicBool::new(false) },
        };
        state.check_layout()?;
        if let Some(bytes) = state.meta(meta::AUDIT_HEAD)? {
            state.set_audit_head(digest(&bytes)?);
        }
        Ok(state)
    }

    fn check_layout(&self) -> Result<(), Error> {
        match self.meta(meta::FORMAT)?.as_deref() {
            None => {
                let mut batch = WriteBatch::default();
                batch.put_cf(self.family(Column::Meta), meta::FORMAT, [LAYOUT]);
                self.write(batch)
            }
            Some(&[LAYOUT]) => Ok(()),
            Some(&[found]) if found > LAYOUT => {
                Err(Error::NewerFormat { what: WHAT, found, supported: LAYOUT })
            }
            Some(other) => {
                Err(Error::Corrupt { what: WHAT, detail: format!("its layout is {other:?}") })
            }
        }
    }

    pub(crate) fn audit_head(&self) -> Digest {
        *self.audit_head.lock()
    }

    pub(crate) fn set_audit_head(&self, head: Digest) {
        *self.audit_head.lock() = head;
    }

    pub(crate) fn db(&self) -> &DB {
        &self.db
    }

    pub(crate) fn family(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("opened with every column")
    }

    /// A record as it is now; for the writer, which is the only one that may fill the cache.
    pub(crate) fn load<T: Record>(&self, key: T::Key) -> Result<Option<Arc<T>>, Error> {
        let shelf = T::shelf(&self.hot);
        if let Some(record) = shelf.now(key) {
            return Ok(Some(record));
        }
        let row = T::row(key);
        let found = self.db.get_pinned_cf(self.family(T::COLUMN), row);
        let Some(bytes) = found.map_err(Error::rocks("read a record"))? else { return Ok(None) };
        let record: Arc<T> = Arc::new(codec::decode(&bytes)?);
        shelf.keep(key, self.version.load(Ordering::Relaxed), record.clone());
        Ok(Some(record))
    }

    pub(crate) fn get(
        &self,
        column: Column,
        key: impl AsRef<[u8]>,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.db.get_cf(self.family(column), key).map_err(Error::rocks("read the state"))
    }

    pub(crate) fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.get(Column::Meta, name)
    }

    /// What a power cut would leave of this name: memtables are skipped, since there is no WAL.
    pub(crate) fn durable_meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut options = ReadOptions::default();
        options.set_read_tier(ReadTier::Persisted);
        let found = self.db.get_cf_opt(self.family(Column::Meta), name, &options);
        found.map_err(Error::rocks("read the durable state"))
    }

    /// Visible to readers at once; durable after the next flush, until then the raft log has it.
    pub(crate) fn write(&self, batch: WriteBatch) -> Result<(), Error> {
        let mut options = WriteOptions::default();
        options.disable_wal(true);
        self.db.write_opt(batch, &options).map_err(Error::rocks("write to the state"))
    }

    /// Marks the begin of a commit; gives the version that holds once it is over.
    pub(crate) fn begin_version(&self) -> u64 {
        let before = self.version.fetch_add(1, Ordering::SeqCst);
        debug_assert!(before.is_multiple_of(2), "one commit at a time");
        before + 2
    }

    pub(crate) fn end_version(&self, version: u64) {
        self.version.store(version, Ordering::SeqCst);
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Takes a look with `look`, and says at which version, if no commit ran meanwhile. Without a
    /// version the look is as good, but cached records cannot be told to belong to its moment.
    pub(crate) fn at_version<R>(&self, look: impl FnOnce() -> R) -> (R, Option<u64>) {
        let before = self.version.load(Ordering::SeqCst);
        let seen = look();
        let after = self.version.load(Ordering::SeqCst);
        (seen, (before == after && before.is_multiple_of(2)).then_some(before))
    }

    /// Flushes every column atomically: the recovery point moves to the applied index.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let families = Column::ALL.map(|column| self.family(column));
        let mut options = FlushOptions::default();
        options.set_wait(true);
        self.db.flush_cfs_opt(&families, &options).map_err(Error::rocks("flush the state"))
    }

    /// Flushes, then hard-links the SST files into `to`, which must not exist. Never
    /// `create_checkpoint_with_log_size(> 0)`: without a WAL it would leave writes out.
    pub(crate) fn checkpoint(&self, to: &Path) -> Result<(), Error> {
        let checkpoint = Checkpoint::new(&self.db).map_err(Error::rocks("begin a checkpoint"))?;
        checkpoint.create_checkpoint(to).map_err(Error::rocks("make a checkpoint"))
    }

    /// A number that RocksDB keeps about one column; 0 if it does not know.
    pub(crate) fn property(&self, column: Column, name: &properties::PropName) -> u64 {
        let value = self.db.property_int_value_cf(self.family(column), name);
        value.ok().flatten().unwrap_or(0)
    }

    /// From now on the directory goes with its last reader.
    pub(crate) fn supersede(&self) {
        self.dir.superseded.store(true, Ordering::Relaxed);
    }
}

fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    bytes.try_into().map(Digest).map_err(|_| Error::Corrupt {
        what: "the head of the audit chain",
        detail: format!("{} bytes", bytes.len()),
    })
}

impl Drop for StateDir {
    fn drop(&mut self) {
        if !*self.superseded.get_mut() {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            // The next start removes what is left.
            tracing::warn!(%error, dir = %self.path.display(), "an old state stays on disk");
        }
    }
}
