//! RocksDB, and nobody else knows it: the raft log, the replicated state, and reads of it.
//!
//! Under both lies one of two engines (engine/): RocksDB, feature `rocks`, or rows in memory that
//! forget at a crash what was not made durable, feature `memory`: what simulations run on.
//!
//! [`open`] gives the only [`Writer`], which goes into `raft`, and a [`Reader`] for everybody else,
//! which has no way to write: going around the log does not compile.
//!
//! ```text
//! <dir>/raft-log/        the raft log, with a WAL: one fsync for all that wait        log/
//! <dir>/raft-log.mark    how far that log must reach                                  mark.rs
//! <dir>/CURRENT_STATE    the name of the live state                                   live.rs
//! <dir>/state-<number>/  the state, without a WAL: the raft log is its WAL            state.rs
//! ```
//!
//! A chunk of log entries is applied through a [`Batch`] (view.rs, commit.rs); what it writes is
//! one file per kind of record in `record/`, and where it lies is told in column.rs.

mod audit;
mod cache;
mod checkpoint;
pub mod codec;
mod column;
mod commit;
mod engine;
mod error;
mod feed;
mod fingerprint;
mod lists;
mod live;
mod log;
mod mark;
mod money;
mod notices;
mod orders;
mod query;
mod queue;
mod record;
mod row;
mod scrub;
mod state;
mod stats;
mod todo;
mod view;

pub use audit::ChainChecked;
pub use commit::Batch;
pub use domain::Cursor;
#[cfg(feature = "memory")]
pub use engine::memory::{MemoryDisk, SyncFault};
pub use error::Error;
pub use feed::{FEED_PAGE, FeedEvent, FeedPage};
pub use lists::{
    BanCursor, BanPage, CaseCursor, CasePage, ClaimCursor, ClaimPage, QualityCursor, QualityPage,
    RatingCursor, RatingPage,
};
pub use log::{Done, LogDb};
pub use money::{LedgerPlace, Unsettled};
pub use notices::{NoticeCursor, NoticePage};
pub use query::{Assignments, CityView, MenuGraph, OrderCursor, OrderPage, PAGE};
pub use scrub::Scrub;
pub use stats::{ColumnStatistics, Statistics};
pub use todo::TASKS;

use column::meta;
use engine::Disk;
use live::Live;
use std::path::Path;
use std::sync::Arc;

/// How much memory storage may take, above RocksDB's write buffers (some 250 MiB at most).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of blocks of files, compressed on disk, kept in memory.
    pub block_cache_bytes: usize,
    /// Decoded records kept in memory, all kinds together; about 1 KiB each. Small ones count less.
    pub cached_records: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { block_cache_bytes: 96 << 20, cached_records: 100_000 }
    }
}

/// Opens the databases in `dir`, or makes them.
///
/// # Errors
/// `Quarantined` if the raft log lost what this node had promised, `NewerFormat` if a newer binary
/// was here, `Corrupt` or `Io` if it cannot be read or another process has it open.
#[cfg(feature = "rocks")]
pub fn open(dir: &Path, settings: &Settings) -> Result<(Writer, Reader), Error> {
    let cache = engine::rocks::BlockCache::new(settings.block_cache_bytes);
    open_on(Disk::Rocks(cache), dir, settings)
}

/// The same on a disk in memory. In `dir` lie only the small files beside the databases (the mark,
/// the pointer) and what checkpoints are made of; a file system in memory is the place for it.
/// Nothing is made durable by dropping the handles: that is what killing a process does.
///
/// # Errors
/// As [`open`]; `Io` also when what `disk` has of `dir` is open already.
#[cfg(feature = "memory")]
pub fn open_in_memory(
    disk: &MemoryDisk,
    dir: &Path,
    settings: &Settings,
) -> Result<(Writer, Reader), Error> {
    open_on(Disk::Memory(disk.clone()), dir, settings)
}

fn open_on(disk: Disk, dir: &Path, settings: &Settings) -> Result<(Writer, Reader), Error> {
    std::fs::create_dir_all(dir).map_err(Error::io("make the data directory"))?;
    let log = LogDb::open(&disk, &dir.join("raft-log"), &dir.join("raft-log.mark"))?;
    let live = Arc::new(Live::open(dir, disk, settings.cached_records)?);
    let reader = Reader { live };
    Ok((Writer { log, reader: reader.clone() }, reader))
}

/// The one handle that can write. It moves into `raft`.
#[derive(Debug)]
pub struct Writer {
    log: LogDb,
    reader: Reader,
}

impl Writer {
    /// The raft log.
    pub fn log(&self) -> LogDb {
        self.log.clone()
    }

    /// A handle for reading.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// How far the state has applied the log; the bytes that raft chose.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn position(&self) -> Result<Option<Vec<u8>>, Error> {
        self.reader.live.state().meta(meta::POSITION)
    }

    /// Who is a member, as of that position; the bytes that raft chose.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn membership(&self) -> Result<Option<Vec<u8>>, Error> {
        self.reader.live.state().meta(meta::MEMBERSHIP)
    }

    /// The position that a power cut would leave: the log must be kept behind it.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn durable_position(&self) -> Result<Option<Vec<u8>>, Error> {
        self.reader.live.state().durable_meta(meta::POSITION)
    }

    /// Begins to apply a chunk of log entries. One at a time.
    pub fn begin(&self) -> Batch {
        Batch::begin(self.reader.live.state())
    }

    /// Makes everything committed durable. Takes the disk's time: call it where that may block.
    ///
    /// # Errors
    /// The disk refused: the node stops.
    pub fn flush(&self) -> Result<(), Error> {
        self.reader.live.state().flush()
    }

    /// Makes a checkpoint of everything committed in `to`, which must not exist; durable on return.
    /// Blocks for some milliseconds after a flush, longer without.
    ///
    /// # Errors
    /// The disk refused; what is in `to` is no checkpoint.
    pub fn checkpoint(&self, to: &Path) -> Result<(), Error> {
        checkpoint::checkpoint(&self.reader.live.state(), to)
    }

    /// Replaces the state by the one in `snapshot`, a checkpoint that stays as it is. Durable on
    /// return. Views that are open go on reading the old one; it leaves the disk with the last.
    ///
    /// # Errors
    /// The disk refused, or the snapshot cannot be opened: the old state is the live one.
    pub fn install(&self, snapshot: &Path) -> Result<(), Error> {
        self.reader.live.install(snapshot)
    }

    /// Where all of this lies; raft keeps its snapshots there too.
    pub fn data_dir(&self) -> &Path {
        self.reader.live.root()
    }
}

/// Reads, and cannot write. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    live: Arc<Live>,
}

impl Reader {
    /// The city at this moment. Take one for each request, after any read barrier.
    pub fn view(&self) -> CityView {
        CityView::new(&self.live)
    }

    /// How far the state has applied the log; the bytes that raft chose.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn applied_bytes(&self) -> Result<Option<Vec<u8>>, Error> {
        self.live.state().meta(meta::POSITION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_go_where_they_are_needed() {
        fn shared<T: Send + Sync>() {}
        fn moved<T: Send>() {}
        shared::<Writer>();
        shared::<Reader>();
        shared::<LogDb>();
        shared::<CityView>();
        moved::<Batch>();
    }
}
