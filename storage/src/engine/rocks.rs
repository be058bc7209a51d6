//! RocksDB as an engine. Nothing of it is seen outside of this file and tuning.rs.

use super::tuning::{self, PREFIX, has_prefixes};
use crate::column::Column;
use crate::engine::{Change, Changes, Pair};
use crate::error::Error;
use crate::live::sync_dir;
use crate::stats::ColumnStatistics;
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{
    ColumnFamily, ColumnFamilyDescriptor, DB, DBIteratorWithThreadMode, Direction, ErrorKind,
    FlushOptions, IteratorMode, Options, ReadOptions, ReadTier, SnapshotWithThreadMode, WriteBatch,
    WriteOptions, properties,
};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// The columns of a raft log.
const OF_LOG: [Column; 2] = [Column::Log, Column::LogMeta];
/// What RocksDB keeps in a batch beside keys and values: a head, and some bytes for each row.
const BATCH_HEAD: usize = 12;
const ROW_HEAD: usize = 12;
/// Bytes that are fetched ahead where everything is read.
const READAHEAD: usize = 1 << 20;
/// How the system says EMFILE, ENFILE and ENOMEM; RocksDB tells no numbers.
const OUT_OF_MEANS: [&str; 2] = ["Too many open files", "Cannot allocate memory"];

/// Bytes of blocks of files, kept in memory for all states of this process.
#[derive(Clone)]
pub(crate) struct BlockCache(rocksdb::Cache);

impl BlockCache {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(rocksdb::Cache::new_lru_cache(bytes))
    }

    pub(crate) fn bytes_used(&self) -> u64 {
        self.0.get_usage() as u64
    }
}

/// An open database.
pub(crate) struct RocksEngine {
    db: DB,
    columns: &'static [Column],
    /// Of writes that may wait for the engine.
    patient: WriteOptions,
    /// The first damage that a read has met.
    damage: OnceLock<String>,
}

impl fmt::Debug for RocksEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RocksDB in {}", self.db.path().display())
    }
}

impl RocksEngine {
    pub(crate) fn open_log(dir: &Path) -> Result<Self, Error> {
        let families = [
            ColumnFamilyDescriptor::new(Column::Log.name(), tuning::log_column()),
            ColumnFamilyDescriptor::new(Column::LogMeta.name(), Options::default()),
        ];
        let db = DB::open_cf_descriptors(&tuning::log(), dir, families)
            .map_err(refused("open the raft log"))?;
        let patient = WriteOptions::default();
        Ok(Self { db, columns: &OF_LOG, patient, damage: OnceLock::new() })
    }

    pub(crate) fn open_state(dir: &Path, create: bool, cache: &BlockCache) -> Result<Self, Error> {
        let families = Column::ALL.map(|column| {
            let options = tuning::state_column(column, &cache.0);
            ColumnFamilyDescriptor::new(column.name(), options)
        });
        let db = DB::open_cf_descriptors(&tuning::state(create), dir, families)
            .map_err(refused("open the state"))?;
        let mut patient = WriteOptions::default();
        patient.disable_wal(true); // until the next flush the raft log has it
        Ok(Self { db, columns: &Column::ALL, patient, damage: OnceLock::new() })
    }

    fn family(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("opened with all of its columns")
    }

    /// The first damage that a read has met since the database was opened.
    pub(crate) fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }

    /// As [`refused`], and damage is remembered: whoever met it may not be the one who must act.
    fn unread(&self, doing: &'static str) -> impl FnOnce(rocksdb::Error) -> Error {
        move |e| {
            let damage = is_of_the_disk(&e.kind(), e.as_ref()).then(|| e.to_string());
            let error = refused(doing)(e);
            if let Some(said) = damage {
                let is_corrupt = matches!(error, Error::Corrupt { .. });
                let what = if is_corrupt { error.to_string() } else { format!("{doing}: {said}") };
                let _ = self.damage.set(what);
            }
            error
        }
    }

    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        let found = self.db.get_pinned_cf(self.family(column), key);
        Ok(found.map_err(self.unread("read the newest rows"))?.map(|bytes| with(&bytes)))
    }

    /// Memtables are skipped: a state has no WAL.
    pub(crate) fn durable(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut options = ReadOptions::default();
        options.set_read_tier(ReadTier::Persisted);
        let found = self.db.get_cf_opt(self.family(column), key, &options);
        found.map_err(self.unread("read what is durable"))
    }

    pub(crate) fn moment(&self) -> RocksMoment<'_> {
        RocksMoment { engine: self, snapshot: self.db.snapshot() }
    }

    pub(crate) fn write(&self, changes: &Changes) -> Result<(), Error> {
        self.db.write_opt(self.batch(changes), &self.patient).map_err(refused("write rows"))
    }

    pub(crate) fn write_at_once(&self, changes: &Changes) -> Result<bool, Error> {
        let mut options = WriteOptions::default();
        options.set_no_slowdown(true);
        match self.db.write_opt(self.batch(changes), &options) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::Incomplete => Ok(false),
            Err(e) => Err(refused("write rows")(e)),
        }
    }

    fn batch(&self, changes: &Changes) -> WriteBatch {
        let mut families = [None; Column::COUNT];
        for column in self.columns {
            families[*column as usize] = Some(self.family(*column));
        }
        let family = |column: Column| families[column as usize].expect("a column of this database");
        let bytes = BATCH_HEAD + changes.bytes() + changes.len() * ROW_HEAD;
        let mut batch = WriteBatch::with_capacity_bytes(bytes);
        for change in changes.iter() {
            match change {
                Change::Put { column, key, value } => batch.put_cf(family(column), key, value),
                Change::Delete { column, key } => batch.delete_cf(family(column), key),
                Change::DeleteRange { column, from, end } => {
                    batch.delete_range_cf(family(column), from, end);
                }
            }
        }
        batch
    }

    /// Nothing yet: one call writes and syncs.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the other engine has more to do
    pub(crate) fn begin_sync(&self) -> Result<(), Error> {
        Ok(())
    }

    pub(crate) fn end_sync(&self) -> Result<(), Error> {
        self.db.flush_wal(true).map_err(refused("sync the raft log"))
    }

    pub(crate) fn flush(&self) -> Result<(), Error> {
        let families: Vec<_> = self.columns.iter().map(|column| self.family(*column)).collect();
        let mut options = FlushOptions::default();
        options.set_wait(true);
        self.db.flush_cfs_opt(&families, &options).map_err(refused("flush the state"))
    }

    /// Hard links to the SST files. Never `create_checkpoint_with_log_size(> 0)`: without a WAL it
    /// would leave writes out.
    pub(crate) fn checkpoint(&self, to: &Path) -> Result<(), Error> {
        let checkpoint = Checkpoint::new(&self.db).map_err(refused("begin a checkpoint"))?;
        checkpoint.create_checkpoint(to).map_err(refused("make a checkpoint"))
    }

    pub(crate) fn figures(&self, column: Column) -> ColumnStatistics {
        ColumnStatistics {
            name: column.name(),
            keys: self.property(column, properties::ESTIMATE_NUM_KEYS),
            file_bytes: self.property(column, properties::LIVE_SST_FILES_SIZE),
            memtable_bytes: self.property(column, properties::CUR_SIZE_ALL_MEM_TABLES),
        }
    }

    pub(crate) fn write_stopped(&self) -> bool {
        self.property(self.columns[0], properties::IS_WRITE_STOPPED) == 1
    }

    fn property(&self, column: Column, name: &properties::PropName) -> u64 {
        let value = self.db.property_int_value_cf(self.family(column), name);
        value.ok().flatten().unwrap_or(0)
    }
}

/// A snapshot, and the database that it belongs to.
pub(crate) struct RocksMoment<'a> {
    engine: &'a RocksEngine,
    snapshot: SnapshotWithThreadMode<'a, DB>,
}

impl fmt::Debug for RocksMoment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sequence {}", self.snapshot.sequence_number())
    }
}

impl RocksMoment<'_> {
    pub(crate) fn read<R>(
        &self,
        column: Column,
        key: &[u8],
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, Error> {
        let found = self.snapshot.get_pinned_cf(self.engine.family(column), key);
        Ok(found.map_err(self.engine.unread("read rows"))?.map(|bytes| with(&bytes)))
    }

    pub(crate) fn rows(&self, column: Column, from: &[u8], end: Option<Vec<u8>>) -> RocksRows<'_> {
        let mut options = ReadOptions::default();
        if has_prefixes(column) && from.len() >= PREFIX {
            options.set_prefix_same_as_start(true); // files without this prefix are not touched
        } else {
            options.set_total_order_seek(true);
        }
        if let Some(end) = end {
            options.set_iterate_upper_bound(end);
        }
        self.iterate(column, options, IteratorMode::From(from, Direction::Forward))
    }

    /// Rows that nobody will ask for again soon: they push nothing out of the cache.
    pub(crate) fn rows_once(&self, column: Column, from: &[u8]) -> RocksRows<'_> {
        let mut options = ReadOptions::default();
        options.set_total_order_seek(true);
        options.fill_cache(false);
        options.set_readahead_size(READAHEAD);
        self.iterate(column, options, IteratorMode::From(from, Direction::Forward))
    }

    pub(crate) fn rows_backwards(&self, column: Column) -> RocksRows<'_> {
        let mut options = ReadOptions::default();
        options.set_total_order_seek(true);
        self.iterate(column, options, IteratorMode::End)
    }

    fn iterate(
        &self,
        column: Column,
        options: ReadOptions,
        mode: IteratorMode<'_>,
    ) -> RocksRows<'_> {
        let family = self.engine.family(column);
        let rows = self.snapshot.iterator_cf_opt(family, options, mode);
        RocksRows { engine: self.engine, rows }
    }
}

/// An iterator, and RocksDB's errors as ours.
pub(crate) struct RocksRows<'a> {
    engine: &'a RocksEngine,
    rows: DBIteratorWithThreadMode<'a, DB>,
}

impl Iterator for RocksRows<'_> {
    type Item = Result<Pair, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().map(|row| row.map_err(self.engine.unread("scan rows")))
    }
}

/// SST files are immutable and linked, the other files of RocksDB are copied (opening rewrites
/// them), and what is not RocksDB's stays behind.
pub(crate) fn copy_checkpoint(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        let name = file.file_name();
        let target = to.join(&name);
        match name.to_str() {
            Some(name) if name.ends_with(".sst") => fs::hard_link(file.path(), &target)?,
            Some(name) if is_rocksdb(name) => drop(fs::copy(file.path(), &target)?),
            _ => continue,
        }
        File::open(&target)?.sync_all()?;
    }
    sync_dir(to)?;
    to.parent().map_or(Ok(()), sync_dir)
}

fn is_rocksdb(name: &str) -> bool {
    name == "CURRENT" || name.starts_with("MANIFEST-") || name.starts_with("OPTIONS-")
}

/// Whether a read has failed because of what lies on the disk: other bytes than were written, or
/// a sector that it does not give back. Such a sector is one that a scrub would never get past.
/// Who has no file handle or no memory left is in trouble of another kind, which passes.
fn is_of_the_disk(kind: &ErrorKind, said: &str) -> bool {
    let passes = |why: &str| said.contains(why);
    let is_refused = *kind == ErrorKind::IOError && !OUT_OF_MEANS.into_iter().any(passes);
    *kind == ErrorKind::Corruption || is_refused
}

/// RocksDB's own errors: damage apart from trouble, and no type of RocksDB in sight.
fn refused(doing: &'static str) -> impl FnOnce(rocksdb::Error) -> Error {
    move |e| {
        if e.kind() == ErrorKind::Corruption {
            Error::Corrupt { what: doing, detail: e.into_string() }
        } else {
            Error::Io { doing, source: io::Error::other(e.into_string()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_does_not_give_back_is_damage() {
        let io = |said: &str| is_of_the_disk(&ErrorKind::IOError, said);
        let at = "IO error: While pread offset 4096 len 4096: /d/state-1/000012.sst";
        assert!(io(&format!("{at}: Input/output error")));
        assert!(io("IO error: No such file or directory: While open a file for random read: /d/1"));
        assert!(!io("IO error: While open a file for random read: /d/1: Too many open files"));
        assert!(!io("IO error: While mmap: /d/1: Cannot allocate memory"));
        let corrupt = "Corruption: block checksum mismatch: stored = 1, computed = 2";
        assert!(is_of_the_disk(&ErrorKind::Corruption, corrupt));
        assert!(!is_of_the_disk(&ErrorKind::Incomplete, "Result incomplete: Write stall"));
    }
}
