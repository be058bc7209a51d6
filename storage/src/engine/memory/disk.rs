//! The disk under the databases in memory: it outlives the process that wrote to it, loses at a
//! crash what a real one may lose, and refuses what it is told to refuse.

use super::{Tables, file};
use crate::engine::Changes;
use crate::error::Error;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Stands in the directory of a database, so that removing the directory removes the rows.
const MARKER: &str = "IN_MEMORY";
/// How long a sync takes on a disk that nobody has spoken to.
const USUAL_SYNC: (Duration, Duration) = (Duration::from_micros(200), Duration::from_millis(2));

/// The disk of one simulated node. Cheap to clone; all clones are the same disk, and it outlives
/// the node.
#[derive(Clone, Debug)]
pub struct MemoryDisk {
    inner: Arc<Mutex<Inner>>,
}

/// How the next sync of a log or flush of a state fails. The node stops, as it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncFault {
    /// `EIO`: the kernel took the bytes, and nobody knows which of them are on the disk.
    Io,
    /// `ENOSPC`: the kernel did not take them.
    NoSpace,
}

#[derive(Debug)]
struct Inner {
    databases: BTreeMap<PathBuf, Stored>,
    /// Counts crashes: a handle of an earlier life writes nothing any more.
    life: u64,
    next_fault: Option<SyncFault>,
    /// A sector that is not given back.
    bad_sector: bool,
    sync_takes: (Duration, Duration),
    random: Random,
}

/// What is on the disk of one database, and on its way there.
#[derive(Debug)]
struct Stored {
    kind: Kind,
    durable: Tables,
    /// Given to the kernel; a power cut leaves some first part of it.
    written: Vec<Changes>,
    /// How much of that the sync under way will make durable.
    syncing: usize,
    /// In the memory of the process, which takes it with it when it dies.
    buffered: Vec<Changes>,
    /// After an error nothing more is written, until it is opened again.
    broken: bool,
    open: bool,
}

/// What a database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every write is durable after the next sync.
    Log,
    /// Writes are durable after the next flush, all of them together.
    State,
}

impl MemoryDisk {
    /// An empty disk. The seed decides how long each sync takes.
    pub fn new(seed: u64) -> Self {
        let inner = Inner {
            databases: BTreeMap::new(),
            life: 0,
            next_fault: None,
            bad_sector: false,
            sync_takes: USUAL_SYNC,
            random: Random(seed),
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// The process is killed: what sat in its memory is lost, what the kernel was given survives.
    /// Handles that are still held write nothing any more. Returns how many writes of the log are
    /// lost.
    pub fn kill(&self) -> usize {
        self.crash(|written| written)
    }

    /// The power fails: of what the kernel was given, and was not synced, a first part survives
    /// whose length `random` decides. Handles that are still held write nothing any more. Returns
    /// how many writes of the log are lost.
    pub fn power_loss(&self, random: &mut impl FnMut() -> u64) -> usize {
        self.crash(|written| match written {
            0 => 0,
            some => (random() % (some as u64 + 1)) as usize,
        })
    }

    fn crash(&self, mut survive: impl FnMut(usize) -> usize) -> usize {
        let mut inner = self.inner.lock();
        inner.life += 1;
        let mut lost = 0;
        for stored in inner.databases.values_mut() {
            let kept = survive(stored.written.len());
            lost += stored.written.len() - kept + stored.buffered.len();
            stored.written.truncate(kept);
            stored.close();
        }
        lost
    }

    /// The next sync of the log, or flush of the state, fails in this way; the one after it, which
    /// needs a restart of the node, does not.
    pub fn fail_next_sync(&self, fault: SyncFault) {
        self.inner.lock().next_fault = Some(fault);
    }

    /// From now on a read of everything meets a sector that the disk does not give back.
    pub fn lose_a_sector(&self) {
        self.inner.lock().bad_sector = true;
    }

    /// Whether a fault that was asked for has not struck yet.
    pub fn fault_is_waiting(&self) -> bool {
        self.inner.lock().next_fault.is_some()
    }

    /// From now on a sync of the log takes at least the one and at most the other.
    pub fn let_syncs_take(&self, shortest: Duration, longest: Duration) {
        self.inner.lock().sync_takes = (shortest, longest.max(shortest));
    }

    /// How long the sync that begins now takes.
    pub(crate) fn sync_time(&self) -> Duration {
        let mut inner = self.inner.lock();
        let (shortest, longest) = inner.sync_takes;
        let micros = (longest - shortest).as_micros() as u64;
        shortest + Duration::from_micros(inner.random.next() % (micros + 1))
    }

    /// A handle for a new process, and what a crash has left.
    pub(super) fn open(
        &self,
        dir: &Path,
        kind: Kind,
        create: bool,
    ) -> Result<(Handle, Tables), Error> {
        const DOING: &str = "open a database in memory";
        let mut inner = self.inner.lock();
        // A directory that was removed took its rows with it.
        inner.databases.retain(|path, _| path.join(MARKER).is_file());
        if !inner.databases.contains_key(dir) {
            if !create {
                let source = io::Error::from(io::ErrorKind::NotFound);
                return Err(Error::Io { doing: DOING, source });
            }
            fs::create_dir_all(dir).map_err(Error::io(DOING))?;
            inner.add(dir, kind, Tables::default()).map_err(Error::io(DOING))?;
        }
        let life = inner.life;
        let stored = inner.databases.get_mut(dir).expect("it was added");
        if stored.open {
            let source = io::Error::other("another handle has it open");
            return Err(Error::Io { doing: DOING, source });
        }
        stored.recover();
        stored.open = true;
        let handle = Handle { disk: self.clone(), path: dir.to_owned(), life };
        Ok((handle, stored.durable.clone()))
    }
}

/// Reads a checkpoint into a database of its own.
pub(crate) fn copy_checkpoint(disk: &MemoryDisk, from: &Path, to: &Path) -> io::Result<()> {
    let tables = file::read(from)?;
    fs::create_dir(to)?;
    disk.inner.lock().add(to, Kind::State, tables)
}

impl Inner {
    fn add(&mut self, dir: &Path, kind: Kind, durable: Tables) -> io::Result<()> {
        fs::write(dir.join(MARKER), "the rows are in the memory of a simulation\n")?;
        let stored = Stored {
            kind,
            durable,
            written: Vec::new(),
            syncing: 0,
            buffered: Vec::new(),
            broken: false,
            open: false,
        };
        self.databases.insert(dir.to_owned(), stored);
        Ok(())
    }
}

impl Stored {
    /// As RocksDB does when it opens: what is found is written to a table of its own and synced.
    fn recover(&mut self) {
        for changes in self.written.drain(..) {
            self.durable.apply(&changes);
        }
        self.syncing = 0;
        self.broken = false;
    }

    /// The process is gone.
    fn close(&mut self) {
        self.buffered.clear();
        self.open = false;
    }

    fn check(&self) -> io::Result<()> {
        if self.broken { Err(io::Error::other("an earlier sync failed")) } else { Ok(()) }
    }

    fn fail(&mut self, fault: SyncFault) -> io::Error {
        self.broken = true;
        match fault {
            SyncFault::Io => io::Error::other("input/output error"),
            SyncFault::NoSpace => io::Error::from(io::ErrorKind::StorageFull),
        }
    }
}

/// An open database, for one life of the process.
#[derive(Debug)]
pub(super) struct Handle {
    disk: MemoryDisk,
    path: PathBuf,
    life: u64,
}

impl Handle {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What a read of everything meets.
    pub(super) fn check_sectors(&self) -> io::Result<()> {
        match self.disk.inner.lock().bad_sector {
            true => Err(io::Error::other("input/output error")),
            false => Ok(()),
        }
    }

    fn with<R>(
        &self,
        doing: &'static str,
        act: impl FnOnce(&mut Stored, &mut Option<SyncFault>) -> io::Result<R>,
    ) -> Result<R, Error> {
        let mut inner = self.disk.inner.lock();
        let Inner { databases, life, next_fault, .. } = &mut *inner;
        let stored = databases.get_mut(&self.path).filter(|_| *life == self.life);
        let Some(stored) = stored else {
            let source = io::Error::other("the process that opened it was killed");
            return Err(Error::Io { doing, source });
        };
        act(stored, next_fault).map_err(Error::io(doing))
    }

    pub(super) fn durable<R>(&self, look: impl FnOnce(&Tables) -> R) -> Result<R, Error> {
        self.with("read what is durable", |stored, _| Ok(look(&stored.durable)))
    }

    pub(super) fn write(&self, changes: &Changes) -> Result<(), Error> {
        self.with("write rows", |stored, _| {
            stored.check()?;
            match stored.kind {
                Kind::Log => stored.buffered.push(changes.clone()),
                Kind::State => {}
            }
            Ok(())
        })
    }

    pub(super) fn begin_sync(&self) -> Result<(), Error> {
        self.with("sync the raft log", |stored, next_fault| {
            stored.check()?;
            match next_fault.take() {
                Some(SyncFault::NoSpace) => return Err(stored.fail(SyncFault::NoSpace)),
                Some(SyncFault::Io) => {
                    stored.written.append(&mut stored.buffered);
                    return Err(stored.fail(SyncFault::Io));
                }
                None => {}
            }
            stored.written.append(&mut stored.buffered);
            stored.syncing = stored.written.len();
            Ok(())
        })
    }

    pub(super) fn end_sync(&self) -> Result<(), Error> {
        self.with("sync the raft log", |stored, _| {
            let synced = std::mem::take(&mut stored.syncing);
            for changes in stored.written.drain(..synced) {
                stored.durable.apply(&changes);
            }
            Ok(())
        })
    }

    pub(super) fn flush(&self, tables: &Tables) -> Result<(), Error> {
        self.with("flush the state", |stored, next_fault| {
            stored.check()?;
            if let Some(fault) = next_fault.take() {
                return Err(stored.fail(fault));
            }
            stored.durable = tables.clone();
            Ok(())
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut inner = self.disk.inner.lock();
        if inner.life == self.life
            && let Some(stored) = inner.databases.get_mut(&self.path)
        {
            stored.close();
        }
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
