//! `cargo xtask chaos`: builds the programs and becomes `fdchaos`, which starts a city of them,
//! breaks it and says which promises it kept.

use std::process::Command;

use anyhow::Result;

use crate::metadata::Metadata;
use crate::{prepare, run};

/// `fdnode`, `fdsandbox`, `fdctl` and `fdchaos`: what a city under test consists of.
const PROGRAMS: &[&str] = &["-p", "node", "-p", "cli", "-p", "jepsen-style-tests"];

/// Builds for debugging, unless `--release` is among the arguments; the rest goes to `fdchaos`.
pub(crate) fn chaos(args: &[&str]) -> Result<()> {
    let (profile, rest): (Vec<&str>, Vec<&str>) =
        args.iter().copied().partition(|arg| *arg == "--release");
    let prepared = prepare::prepare()?;
    let build = [&["build", "--bins"], PROGRAMS, profile.as_slice()].concat();
    run::check(&mut prepared.cargo(&build))?;
    let folder = if profile.is_empty() { "debug" } else { "release" };
    let target = Metadata::members_only()?.target_directory()?;
    let mut fdchaos = Command::new(target.join(folder).join("fdchaos"));
    fdchaos.args(rest);
    match run::become_program(&mut fdchaos)? {}
}
