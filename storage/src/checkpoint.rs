//! Checkpoints: a directory of hard links to immutable files, made in milliseconds, and copies of
//! such a directory that a database may be opened on.

use crate::error::Error;
use crate::live::sync_dir;
use crate::state::State;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes a checkpoint of everything committed in `to`, which must not exist, and makes it durable.
pub(crate) fn checkpoint(state: &State, to: &Path) -> Result<(), Error> {
    const DOING: &str = "make a checkpoint durable";
    state.checkpoint(to)?;
    for file in fs::read_dir(to).map_err(Error::io(DOING))? {
        let path = file.map_err(Error::io(DOING))?.path();
        File::open(path).and_then(|file| file.sync_all()).map_err(Error::io(DOING))?;
    }
    sync_dir(to).map_err(Error::io(DOING))?;
    to.parent().map_or(Ok(()), sync_dir).map_err(Error::io(DOING))
}

/// Turns a checkpoint into a directory that may be opened for writing, and leaves the checkpoint
/// as it was: SST files are immutable and linked, the other files of RocksDB are copied (opening
/// rewrites them), and what is not RocksDB's stays behind.
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
