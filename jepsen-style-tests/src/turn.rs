//! Runs of one machine take turns, since each of them wants all of it.

use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::Path;

/// Blocks until no other run is under way below this folder, in this process or another one.
pub(crate) async fn turn(root: &Path) -> Result<File> {
    std::fs::create_dir_all(root).with_context(|| root.display().to_string())?;
    let path = root.join("one-run-at-a-time");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    let waited = tokio::task::spawn_blocking(move || {
        flock(&file, FlockOperation::LockExclusive).map(|()| file)
    });
    waited.await?.context("waiting for another run")
}
