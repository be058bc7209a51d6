//! One database of the replicated state. No WAL of its own, because the raft log is its WAL; all
//! columns are flushed together, with the applied position in the same batch as its effects.

use crate::cache::Hot;
use crate::codec;
use crate::column::{Column, meta};
use crate::engine::{Changes, Disk, Engine};
use crate::error::Error;
use crate::queue::Queues;
use crate::record::Record;
use domain::audit::GENESIS;
use domain::sealed::Digest;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How the columns and their keys are laid out. A binary refuses a newer one.
const LAYOUT: u8 = 1;
const WHAT: &str = "the state";

#[derive(Debug)]
pub(crate) struct State {
    engine: Engine,
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
        disk: &Disk,
        cached_records: usize,
    ) -> Result<Self, Error> {
        let state = Self {
            engine: disk.open_state(dir, create)?,
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
                let mut changes = Changes::default();
                changes.put(Column::Meta, meta::FORMAT, [LAYOUT]);
                self.write(&changes)
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

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A record as it is now; for the writer, which is the only one that may fill the cache.
    pub(crate) fn load<T: Record>(&self, key: T::Key) -> Result<Option<Arc<T>>, Error> {
        let shelf = T::shelf(&self.hot);
        if let Some(record) = shelf.now(key) {
            return Ok(Some(record));
        }
        let found = self.engine.read(T::COLUMN, T::row(key).as_ref(), codec::decode::<T>)?;
        let Some(record) = found.transpose()?.map(Arc::new) else { return Ok(None) };
        shelf.keep(key, self.version.load(Ordering::Relaxed), record.clone());
        Ok(Some(record))
    }

    pub(crate) fn get(
        &self,
        column: Column,
        key: impl AsRef<[u8]>,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.engine.read(column, key.as_ref(), <[u8]>::to_vec)
    }

    pub(crate) fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.get(Column::Meta, name)
    }

    /// What a power cut would leave of this name.
    pub(crate) fn durable_meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.engine.durable(Column::Meta, name.as_bytes())
    }

    /// Visible to readers at once; durable after the next flush, until then the raft log has it.
    pub(crate) fn write(&self, changes: &Changes) -> Result<(), Error> {
        self.engine.write(changes)
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
        self.engine.flush()
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
