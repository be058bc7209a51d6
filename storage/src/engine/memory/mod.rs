//! An engine in memory, for simulations: no thread, no clock, no order that is not the keys' own,
//! and a disk that forgets what was not made durable.
//!
//! ```text
//! state:  a write ──> rows of the process ──flush──> durable rows
//! log:    a write ──> buffered, user space ──sync begins──> written, kernel ──sync ends──> durable
//! ```
//!
//! What RocksDB does and this engine does too: a log that is killed loses its buffer, because the
//! WAL is flushed by hand; a power cut leaves some first part of what the kernel was given, in
//! order, whole records only, since recovery stops at the first torn one; opening makes durable
//! what it found; after a failed sync nothing more is written. What it does not: flush a state by
//! itself, be it in the background or on closing. A handle that is dropped is a killed process.

mod disk;
mod file;

pub(crate) use disk::{Kind, copy_checkpoint};
pub use disk::{MemoryDisk, SyncFault};

use crate::column::Column;
use crate::engine::{Change, Changes, Pair};
use crate::error::Error;
use crate::stats::ColumnStatistics;
use disk::Handle;
use parking_lot::Mutex;
use rpds::RedBlackTreeMapSync;
use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The rows of one column. A copy costs nothing, and does not change with the original.
type Table = RedBlackTreeMapSync<Box<[u8]>, Box<[u8]>>;

/// The rows of all columns. A copy costs nothing either.
#[derive(Clone)]
pub(crate) struct Tables(Arc<[Table; Column::COUNT]>);

impl Default for Tables {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Table::new_sync())))
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.0.iter().map(Table::size).sum::<usize>())
    }
}

impl Tables {
    fn of(&self, column: Column) -> &Table {
        &self.0[column as usize]
    }

    fn of_mut(&mut self, column: Column) -> &mut Table {
        &mut Arc::make_mut(&mut self.0)[column as usize]
    }

    fn put(&mut self, column: Column, key: &[u8], value: &[u8]) {
        self.of_mut(column).insert_mut(key.into(), value.into());
    }

    fn apply(&mut self, changes: &Changes) {
        for change in changes.iter() {
            match change {
                Change::Put { column, key, value } => self.put(column, key, value),
                Change::Delete { column, key } => {
                    self.of_mut(column).remove_mut(key);
                }
                Change::DeleteRange { column, from, end } => {
                    let gone = rows(self.of(column), from, Some(end.to_vec()));
                    let gone: Vec<_> = gone.map(|(key, _)| key).collect();
                    for key in gone {
                        self.of_mut(column).remove_mut(&*key);
                    }
                }
            }
        }
    }
}

/// From a key on, up to the first one at or behind another.
struct Stretch {
    from: Vec<u8>,
    end: Option<Vec<u8>>,
}

impl RangeBounds<[u8]> for Stretch {
    fn start_bound(&self) -> Bound<&[u8]> {
        Bound::Included(&self.from)
    }

    fn end_bound(&self) -> Bound<&[u8]> {
        self.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded)
    }
}

fn rows<'a>(table: &'a Table, from: &[u8], end: Option<Vec<u8>>) -> MemoryRows<'a> {
    if end.as_ref().is_some_and(|end| end.as_slice() <= from) {
        return MemoryRows(Box::new(std::iter::empty()));
    }
    MemoryRows(Box::new(table.range(Stretch { from: from.to_vec(), end })))
}

/// An open database in memory.
pub(crate) struct MemoryEngine {
    handle: Handle,
    /// What this process sees; the disk has its own.
    tables: Mutex<Tables>,
    /// The first damage that a read has met.
    damage: OnceLock<String>,
}

impl fmt::Debug for MemoryEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in memory, of {}", *self.tables.lock(), self.handle.path().display())
    }
}

impl MemoryEngine {
    /// What a crash has left in `dir`; it is durable from here on. Nothing there is an error unless
    /// `create` says otherwise.
    pub(crate) fn open(
        disk: &MemoryDisk,
        dir: &Path,
        kind: Kind,
        create: bool,
    ) -> Result<Self, Error> {
        let (handle, tables) = disk.open(dir, kind, create)?;
        Ok(Self { handle, tables: Mutex::new(tables), damage: OnceLock::new() })
    }

    /// The first damage that a read has met since it was opened.
    pub(crate) fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }

    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        let tables = self.tables.lock().clone();
        Ok(tables.of(column).get(key).map(|value| with(value)))
    }

    pub(crate) fn durable(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.handle.durable(|tables| tables.of(column).get(key).map(|value| value.to_vec()))
    }

    pub(crate) fn moment(&self) -> MemoryMoment<'_> {
        MemoryMoment { engine: self, tables: self.tables.lock().clone() }
    }

    pub(crate) fn write(&self, changes: &Changes) -> Result<(), Error> {
        let mut tables = self.tables.lock();
        self.handle.write(changes)?;
        tables.apply(changes);
        Ok(())
    }

    /// It never has to wait.
    pub(crate) fn write_at_once(&self, changes: &Changes) -> Result<bool, Error> {
        self.write(changes).map(|()| true)
    }

    /// A log's buffer goes to the kernel; the answer is asked for with [`MemoryEngine::end_sync`],
    /// some time later. One at a time.
    pub(crate) fn begin_sync(&self) -> Result<(), Error> {
        self.handle.begin_sync()
    }

    /// What the kernel had at the begin of the sync is durable.
    pub(crate) fn end_sync(&self) -> Result<(), Error> {
        self.handle.end_sync()
    }

    pub(crate) fn flush(&self) -> Result<(), Error> {
        let tables = self.tables.lock();
        self.handle.flush(&tables)
    }

    /// One file, which raft sends like any other.
    pub(crate) fn checkpoint(&self, to: &Path) -> Result<(), Error> {
        self.flush()?;
        file::write(to, &self.tables.lock()).map_err(Error::io("make a checkpoint"))
    }

    pub(crate) fn figures(&self, column: Column) -> ColumnStatistics {
        let keys = self.tables.lock().of(column).size() as u64;
        ColumnStatistics { name: column.name(), keys, file_bytes: 0, memtable_bytes: 0 }
    }

    pub(crate) fn write_stopped(&self) -> bool {
        false
    }
}

/// All rows as they were.
pub(crate) struct MemoryMoment<'a> {
    engine: &'a MemoryEngine,
    tables: Tables,
}

impl fmt::Debug for MemoryMoment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {}", self.tables, self.engine.handle.path().display())
    }
}

impl MemoryMoment<'_> {
    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        Ok(self.tables.of(column).get(key).map(|value| with(value)))
    }

    pub(crate) fn rows(&self, column: Column, from: &[u8], end: Option<Vec<u8>>) -> MemoryRows<'_> {
        rows(self.tables.of(column), from, end)
    }

    /// As the scrub reads: here alone a bad sector shows.
    pub(crate) fn rows_once(
        &self,
        column: Column,
        from: &[u8],
    ) -> impl Iterator<Item = Result<Pair, Error>> + use<'_> {
        let refused = self.engine.handle.check_sectors().err().map(|source| {
            let path = self.engine.handle.path().display();
            let _ = self.engine.damage.set(format!("scan rows: {source}: {path}"));
            Err(Error::Io { doing: "scan rows", source })
        });
        let readable = if refused.is_none() { usize::MAX } else { 0 };
        let rows = self.rows(column, from, None).take(readable).map(Ok);
        refused.into_iter().chain(rows)
    }

    pub(crate) fn rows_backwards(&self, column: Column) -> MemoryRows<'_> {
        MemoryRows(Box::new(self.tables.of(column).iter().rev()))
    }
}

/// Some of them, one after the other.
pub(crate) struct MemoryRows<'a>(Box<dyn Iterator<Item = Row<'a>> + 'a>);

/// A key and its value where they lie.
type Row<'a> = (&'a Box<[u8]>, &'a Box<[u8]>);

impl Iterator for MemoryRows<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        self.0.next().map(|(key, value)| (key.clone(), value.clone()))
    }
}
