//! The suite on RocksDB.

use std::path::Path;
use storage::{Error, Reader, Settings, Writer};

pub(crate) fn open(dir: &Path) -> Result<(Writer, Reader), Error> {
    storage::open(dir, &Settings { block_cache_bytes: 8 << 20, cached_records: 1_000 })
}

/// RocksDB flushes what is left when it is closed.
pub(crate) fn close(writer: Writer, reader: Reader) {
    drop((writer, reader));
}
