//! The programs that a city under test consists of: those that were built beside this one.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Another `fdnode` than the built one, for every city of this process from now on. The first word
/// counts.
pub(crate) fn use_fdnode(program: PathBuf) {
    let _ = FDNODE.set(program);
}

static FDNODE: OnceLock<PathBuf> = OnceLock::new();

pub(crate) fn fdnode() -> Result<PathBuf> {
    match FDNODE.get() {
        Some(program) => Ok(program.clone()),
        None => built("fdnode"),
    }
}

/// A program of the workspace: tests lie in a folder below it.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("where am I?")?;
    let folders = own.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| {
        format!("{name} is not built beside {}: run `cargo xtask test`", own.display())
    })
}

pub(crate) async fn fdctl(verb: &str, dir: &Path, args: &[&str]) -> Result<()> {
    let mut command = tokio::process::Command::new(built("fdctl")?);
    command.args(["config", verb]).arg(dir).args(args).kill_on_drop(true);
    let output = command.output().await.context("cannot run fdctl")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "fdctl config {verb}: {}\n{said}", output.status);
    Ok(())
}
