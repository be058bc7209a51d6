//! Checkpoints: with RocksDB a directory of hard links to immutable files, made in milliseconds.

use crate::error::Error;
use crate::live::sync_dir;
use crate::state::State;
use std::fs::{self, File};
use std::path::Path;

/// Makes a checkpoint of everything committed in `to`, which must not exist, and makes it durable.
pub(crate) fn checkpoint(state: &State, to: &Path) -> Result<(), Error> {
    const DOING: &str = "make a checkpoint durable";
    state.engine().checkpoint(to)?;
    for file in fs::read_dir(to).map_err(Error::io(DOING))? {
        let path = file.map_err(Error::io(DOING))?.path();
        File::open(path).and_then(|file| file.sync_all()).map_err(Error::io(DOING))?;
    }
    sync_dir(to).map_err(Error::io(DOING))?;
    to.parent().map_or(Ok(()), sync_dir).map_err(Error::io(DOING))
}
