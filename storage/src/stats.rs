//! Figures about the database, for `/metrics` and for admission control.

use crate::Reader;
use crate::column::Column;

/// What the state weighs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Each column by its name on disk.
    pub columns: Vec<ColumnStatistics>,
    /// Bytes of blocks of files held in memory.
    pub block_cache_bytes: u64,
    /// Decoded records held in memory.
    pub cached_records: u64,
    /// The engine accepts no writes until it has caught up: accept no proposals meanwhile.
    pub write_stopped: bool,
}

/// What one column weighs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnStatistics {
    /// Its name on disk.
    pub name: &'static str,
    /// Roughly how many keys it has.
    pub keys: u64,
    /// Bytes of its live files.
    pub file_bytes: u64,
    /// Bytes of its memtables, not yet on disk.
    pub memtable_bytes: u64,
}

impl Reader {
    /// What the state weighs now. Cheap enough for every scrape.
    pub fn statistics(&self) -> Statistics {
        let state = self.live.state();
        let columns = Column::ALL.map(|column| state.engine().figures(column));
        Statistics {
            columns: columns.to_vec(),
            block_cache_bytes: self.live.cache_bytes_used(),
            cached_records: state.hot.len() as u64,
            write_stopped: state.engine().write_stopped(),
        }
    }
}
