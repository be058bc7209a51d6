//! The suite on the engine in memory.

use std::path::Path;
use std::sync::LazyLock;
use storage::{Error, MemoryDisk, Reader, Settings, Writer};

/// One disk for all tests of a process: each has a directory of its own.
static DISK: LazyLock<MemoryDisk> = LazyLock::new(|| MemoryDisk::new(1));

pub(crate) fn settings() -> Settings {
    Settings { block_cache_bytes: 0, cached_records: 1_000 }
}

pub(crate) fn open(dir: &Path) -> Result<(Writer, Reader), Error> {
    storage::open_in_memory(&DISK, dir, &settings())
}

/// Dropping alone is a crash.
pub(crate) fn close(writer: Writer, reader: Reader) {
    writer.flush().unwrap();
    drop((writer, reader));
}
