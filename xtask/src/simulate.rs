//! `cargo xtask simulate`: builds the simulation and becomes it.
//!
//! Tokio draws its lots from a seed only under `--cfg tokio_unstable`. Flags are a part of every
//! artifact's name, so the simulation has a target folder of its own and disturbs no other build.

use std::process::Command;

use anyhow::Result;

use crate::metadata::Metadata;
use crate::prepare;
use crate::run;

const BUILD: &[&str] = &[
    "build",
    "--package",
    "jepsen-style-tests",
    "--bin",
    "fdsim",
    "--features",
    "simulation",
    "--profile",
    "simulation",
];

/// Passes its arguments on, and its exit code back.
pub(crate) fn simulate(args: &[&str]) -> Result<()> {
    let mut fdsim = built()?;
    match run::become_program(fdsim.args(args))? {}
}

fn built() -> Result<Command> {
    let folder = Metadata::members_only()?.target_directory()?.join("simulation");
    let prepared = prepare::prepare()?;
    let mut build = prepared.cargo(BUILD);
    build.arg("--target-dir").arg(&folder).env("RUSTFLAGS", "--cfg tokio_unstable");
    run::check(&mut build)?;
    Ok(Command::new(folder.join("simulation/fdsim")))
}
