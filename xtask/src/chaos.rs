//! `cargo xtask chaos`: builds the programs and becomes `fdchaos`, which starts a city of them,
//! breaks it and says which promises it kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::metadata::Metadata;
use crate::prepare::Prepared;
use crate::{prepare, run};

/// What a city under test consists of. Of the whole workspace, so that what was built for its tests
/// is good for this, too.
const PROGRAMS: &[&str] = &["--bin", "fdnode", "--bin", "fdsandbox", "--bin", "fdctl"];
/// Who breaks it.
const FDCHAOS: &[&str] = &["--bin", "fdchaos"];

/// Builds for debugging, unless `--release` is among the arguments; the rest goes to `fdchaos`.
pub(crate) fn chaos(args: &[&str]) -> Result<()> {
    let (profile, rest): (Vec<&str>, Vec<&str>) =
        args.iter().copied().partition(|arg| *arg == "--release");
    let prepared = prepare::prepare()?;
    let folder = if profile.is_empty() { "debug" } else { "release" };
    let folder = Metadata::members_only()?.target_directory()?.join(folder);
    let wants_mutants = rest.first() == Some(&"mutants");
    let mutants = wants_mutants.then(|| mutants(&prepared, &profile, &folder)).transpose()?;
    build(&prepared, &[PROGRAMS, FDCHAOS, &profile].concat())?;
    let mut fdchaos = Command::new(folder.join("fdchaos"));
    if let Some(fdnode) = mutants {
        fdchaos.arg("--fdnode").arg(fdnode);
    }
    fdchaos.args(rest);
    match run::become_program(&mut fdchaos)? {}
}

/// A node that can make mistakes, beside the one that cannot.
fn mutants(prepared: &Prepared, profile: &[&str], folder: &Path) -> Result<PathBuf> {
    build(prepared, &[&["--bin", "fdnode", "--features", "node/mutants"], profile].concat())?;
    let able = folder.join("fdnode-mutants");
    fs::copy(folder.join("fdnode"), &able).with_context(|| able.display().to_string())?;
    Ok(able)
}

fn build(prepared: &Prepared, words: &[&str]) -> Result<()> {
    run::check(&mut prepared.cargo(&[&["build", "--workspace"], words].concat()))
}
