//! How RocksDB is tuned: for a state without a WAL, and for a raft log that is little else.

use crate::column::Column;
use domain::mutant::{Mutant, is_planted};
use rocksdb::{
    BlockBasedOptions, Cache, DBCompressionType, DBRecoveryMode, Options, SliceTransform,
};

/// Bytes of all memtables together before they are flushed.
const MEMTABLES: usize = 96 << 20;
/// Bytes of one column's memtable.
const MEMTABLE: usize = 32 << 20;
/// kind and owner: what every scan of `menus` and `index` stays inside of.
pub(super) const PREFIX: usize = 1 + 16;

/// Whether keys begin with a kind and an owner, by which files are filtered.
pub(super) fn has_prefixes(column: Column) -> bool {
    match column {
        Column::Menus | Column::Index => true,
        Column::Orders | Column::Accounts | Column::Quotes | Column::Queues => false,
        Column::Images | Column::Feed | Column::Audit | Column::Meta => false,
        Column::Log | Column::LogMeta => false,
    }
}

/// The database of the state.
pub(crate) fn state(create: bool) -> Options {
    let mut o = Options::default();
    o.create_if_missing(create);
    o.create_missing_column_families(true);
    o.set_atomic_flush(true); // what keeps the columns consistent without a WAL
    o.set_db_write_buffer_size(MEMTABLES);
    o.set_max_background_jobs(2);
    o.set_max_subcompactions(1);
    o.set_bytes_per_sync(1 << 20);
    o.set_avoid_unnecessary_blocking_io(true);
    o.set_allow_concurrent_memtable_write(false); // there is one writer
    o.set_enable_write_thread_adaptive_yield(false);
    o.set_auto_tuned_ratelimiter(64 << 20, 100_000, 10); // spare the fsync of the log
    o.set_keep_log_file_num(2);
    o.set_max_log_file_size(8 << 20);
    o.set_max_open_files(1024);
    o
}

/// A column of the state.
pub(crate) fn state_column(column: Column, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_format_version(6);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_optimize_filters_for_memory(true);
    let mut o = Options::default();
    o.set_write_buffer_size(MEMTABLE);
    o.set_max_write_buffer_number(4);
    o.set_compression_type(DBCompressionType::Lz4);
    o.set_level_compaction_dynamic_level_bytes(true);
    match column {
        Column::Orders | Column::Accounts | Column::Quotes => {
            table.set_bloom_filter(10.0, false);
            table.set_whole_key_filtering(true);
            o.set_memtable_whole_key_filtering(true);
            o.set_memtable_prefix_bloom_ratio(0.05);
        }
        Column::Images => {
            o.set_compression_type(DBCompressionType::None); // they are compressed already
            table.set_bloom_filter(10.0, false);
            table.set_whole_key_filtering(true);
        }
        Column::Menus | Column::Index => {
            o.set_prefix_extractor(SliceTransform::create_fixed_prefix(PREFIX));
            table.set_bloom_filter(10.0, false);
            o.set_memtable_prefix_bloom_ratio(0.1);
        }
        Column::Queues => {
            // What was done leaves a tombstone, and the next scan starts just there.
            o.add_compact_on_deletion_collector_factory(256, 128, 0.5);
        }
        Column::Feed | Column::Audit | Column::Meta | Column::Log | Column::LogMeta => {}
    }
    o.set_block_based_table_factory(&table);
    o
}

/// The database of the raft log.
pub(crate) fn log() -> Options {
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

/// The column of its entries.
pub(crate) fn log_column() -> Options {
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
