//! A life in a process of its own: [`run`](super::run) says why. Several may be under way at once,
//! and each may make its own mistake.

use super::Report;
use super::sweep::Arguments;
use super::twice::{FOLDER_FOR_WORDS, differs};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, Stdio};

/// One life of a seed; all that can be told of it goes to `told`.
///
/// # Errors
/// The harness failed.
pub(super) fn once(arguments: &Arguments, seed: u64, told: Option<&Path>) -> Result<Report> {
    let program = std::env::current_exe().context("this program is not to be found")?;
    let mut life = Command::new(program);
    life.args(arguments.of_one(seed)).arg("--json").arg("--root").arg(&arguments.root);
    if let Some(path) = told {
        life.arg("--tell").arg(path);
    }
    let output = life.stdin(Stdio::null()).output().context("starting a life")?;
    let lived = matches!(output.status.code(), Some(0 | 1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(lived, "{}: {}", output.status, complaint.trim());
    serde_json::from_slice(&output.stdout).context("a life has left no report")
}

/// Two lives of a seed. The report is the first one's; that the second one was another one is a
/// violation.
///
/// # Errors
/// The harness failed.
pub(super) fn twice(arguments: &Arguments, seed: u64) -> Result<Report> {
    let folder = tempfile::Builder::new().prefix(FOLDER_FOR_WORDS).tempdir_in(&arguments.root);
    let folder = folder.context("making a folder for what is told")?;
    let (told, told_again) = (folder.path().join("first"), folder.path().join("second"));
    let mut first = once(arguments, seed, Some(&told))?;
    let second = once(arguments, seed, Some(&told_again))?;
    if let Some(place) = differs(&told, &told_again)? {
        first.violations.push(format!("two lives of one seed are not the same: {place}"));
    } else if first.digest != second.digest {
        first.violations.push("two lives of one seed have not answered the same".to_owned());
    }
    first.took_ms += second.took_ms;
    Ok(first)
}
