//! A database of columns, and the two that there are: RocksDB, and one in memory for simulations.
//!
//! The one in memory does nothing by itself, loses at a crash what was not made durable, and fails
//! when it is told to. Both promise the same: a write is seen whole or not at all, a [`Moment`]
//! does not change, and what was flushed is there after a power cut. A program that leaves one of
//! them out pays nothing for the choice: an enum of one variant is no branch.

mod changes;
#[cfg(feature = "memory")]
pub(crate) mod memory;
#[cfg(feature = "rocks")]
pub(crate) mod rocks;
#[cfg(all(test, feature = "rocks", feature = "memory"))]
mod same;
#[cfg(feature = "rocks")]
mod tuning;

pub(crate) use changes::{Change, Changes};

use crate::column::Column;
use crate::error::Error;
use crate::stats::ColumnStatistics;
use std::io;
use std::path::Path;

#[cfg(not(any(feature = "rocks", feature = "memory")))]
compile_error!("storage needs an engine: feature `rocks` or `memory`");

/// A key and its value.
pub(crate) type Pair = (Box<[u8]>, Box<[u8]>);

/// Where databases lie, and what those of one process share. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Disk {
    #[cfg(feature = "rocks")]
    Rocks(rocks::BlockCache),
    #[cfg(feature = "memory")]
    Memory(memory::MemoryDisk),
}

impl Disk {
    /// The raft log in `dir`, which is made if it is not there.
    pub(crate) fn open_log(&self, dir: &Path) -> Result<Engine, Error> {
        Ok(match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(_) => Engine::Rocks(rocks::RocksEngine::open_log(dir)?),
            #[cfg(feature = "memory")]
            Self::Memory(disk) => {
                let kind = memory::Kind::Log;
                Engine::Memory(memory::MemoryEngine::open(disk, dir, kind, true)?)
            }
        })
    }

    /// The state in `dir`. An empty one is made only if `create` says so.
    pub(crate) fn open_state(&self, dir: &Path, create: bool) -> Result<Engine, Error> {
        Ok(match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(cache) => {
                Engine::Rocks(rocks::RocksEngine::open_state(dir, create, cache)?)
            }
            #[cfg(feature = "memory")]
            Self::Memory(disk) => {
                let kind = memory::Kind::State;
                Engine::Memory(memory::MemoryEngine::open(disk, dir, kind, create)?)
            }
        })
    }

    /// Turns a checkpoint into a directory that may be opened for writing, durably, and leaves the
    /// checkpoint as it was.
    pub(crate) fn copy_checkpoint(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(_) => rocks::copy_checkpoint(from, to),
            #[cfg(feature = "memory")]
            Self::Memory(disk) => memory::copy_checkpoint(disk, from, to),
        }
    }

    /// Bytes of blocks of files held in memory.
    pub(crate) fn cache_bytes_used(&self) -> u64 {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(cache) => cache.bytes_used(),
            #[cfg(feature = "memory")]
            Self::Memory(_) => 0,
        }
    }
}

/// An open database. Its directory is free again when this is dropped.
#[derive(Debug)]
pub(crate) enum Engine {
    #[cfg(feature = "rocks")]
    Rocks(rocks::RocksEngine),
    #[cfg(feature = "memory")]
    Memory(memory::MemoryEngine),
}

/// Does the same with whichever engine it is.
macro_rules! ask {
    ($asked:expr, $engine:ident => $answer:expr) => {
        match $asked {
            #[cfg(feature = "rocks")]
            Self::Rocks($engine) => $answer,
            #[cfg(feature = "memory")]
            Self::Memory($engine) => $answer,
        }
    };
}

impl Engine {
    /// Shows the newest value of a key to `with`, without a copy.
    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        ask!(self, engine => engine.read(column, key, with))
    }

    /// What a power cut would leave of a key of the state.
    pub(crate) fn durable(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        ask!(self, engine => engine.durable(column, key))
    }

    /// All rows as they are now, for as long as it is kept.
    pub(crate) fn moment(&self) -> Moment<'_> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(engine) => Moment::Rocks(engine.moment()),
            #[cfg(feature = "memory")]
            Self::Memory(engine) => Moment::Memory(engine.moment()),
        }
    }

    /// Visible at once; durable after the next flush of a state, or the next sync of a log. Waits
    /// while the engine has too much to do.
    pub(crate) fn write(&self, changes: &Changes) -> Result<(), Error> {
        ask!(self, engine => engine.write(changes))
    }

    /// The same, but false, and nothing is written, if it would have to wait.
    pub(crate) fn write_at_once(&self, changes: &Changes) -> Result<bool, Error> {
        ask!(self, engine => engine.write_at_once(changes))
    }

    /// Gives everything that was written to a log to the kernel.
    pub(crate) fn begin_sync(&self) -> Result<(), Error> {
        ask!(self, engine => engine.begin_sync())
    }

    /// Makes that durable. After an error, never again.
    pub(crate) fn end_sync(&self) -> Result<(), Error> {
        ask!(self, engine => engine.end_sync())
    }

    /// Makes all columns of a state durable as they are now, together.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        ask!(self, engine => engine.flush())
    }

    /// Flushes, and makes a checkpoint in `to`, which must not exist.
    pub(crate) fn checkpoint(&self, to: &Path) -> Result<(), Error> {
        ask!(self, engine => engine.checkpoint(to))
    }

    /// What one column weighs; 0 where that is not known.
    pub(crate) fn figures(&self, column: Column) -> ColumnStatistics {
        ask!(self, engine => engine.figures(column))
    }

    /// The first damage that a read has met since it was opened.
    pub(crate) fn damage(&self) -> Option<&str> {
        ask!(self, engine => engine.damage())
    }

    /// Whether it accepts no writes until it has caught up.
    pub(crate) fn write_stopped(&self) -> bool {
        ask!(self, engine => engine.write_stopped())
    }
}

/// All rows at one moment.
#[derive(Debug)]
pub(crate) enum Moment<'a> {
    #[cfg(feature = "rocks")]
    Rocks(rocks::RocksMoment<'a>),
    #[cfg(feature = "memory")]
    Memory(memory::MemoryMoment<'a>),
}

impl Moment<'_> {
    /// Shows the value of a key to `with`, without a copy.
    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        ask!(self, moment => moment.read(column, key, with))
    }

    /// Rows of a column from `from` on, up to the first one at or behind `end`. In a column with
    /// prefixes the two must share one, unless `from` is shorter than that.
    pub(crate) fn rows(&self, column: Column, from: &[u8], end: Option<Vec<u8>>) -> Rows<'_> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(moment) => Rows::Rocks(moment.rows(column, from, end)),
            #[cfg(feature = "memory")]
            Self::Memory(moment) => Rows::Memory(moment.rows(column, from, end)),
        }
    }

    /// Rows of a column from `from` on which nobody will ask for again soon.
    pub(crate) fn rows_once(&self, column: Column, from: &[u8]) -> Rows<'_> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(moment) => Rows::Rocks(moment.rows_once(column, from)),
            #[cfg(feature = "memory")]
            Self::Memory(moment) => Rows::MemoryOnce(Box::new(moment.rows_once(column, from))),
        }
    }

    /// All rows of a column, the last one first.
    pub(crate) fn rows_backwards(&self, column: Column) -> Rows<'_> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(moment) => Rows::Rocks(moment.rows_backwards(column)),
            #[cfg(feature = "memory")]
            Self::Memory(moment) => Rows::Memory(moment.rows_backwards(column)),
        }
    }
}

/// Rows of a moment, one after the other.
pub(crate) enum Rows<'a> {
    #[cfg(feature = "rocks")]
    Rocks(rocks::RocksRows<'a>),
    #[cfg(feature = "memory")]
    Memory(memory::MemoryRows<'a>),
    #[cfg(feature = "memory")]
    MemoryOnce(Box<dyn Iterator<Item = Result<Pair, Error>> + 'a>),
}

impl Iterator for Rows<'_> {
    type Item = Result<Pair, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            #[cfg(feature = "rocks")]
            Self::Rocks(rows) => rows.next(),
            #[cfg(feature = "memory")]
            Self::Memory(rows) => rows.next().map(Ok),
            #[cfg(feature = "memory")]
            Self::MemoryOnce(rows) => rows.next(),
        }
    }
}
