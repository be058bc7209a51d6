//! `cargo xtask simulate`: builds the simulation and becomes it.
//!
//! Tokio draws its lots from a seed only under `--cfg tokio_unstable`. Flags are a part of every
//! artifact's name, so the simulation has a target folder of its own and disturbs no other build.
//! It is built without RocksDB and without what only real processes need.

use std::process::Command;

use anyhow::Result;

use crate::metadata::Metadata;
use crate::run;

const BUILD: &[&str] = &[
    "build",
    "--package",
    "jepsen-style-tests",
    "--bin",
    "fdsim",
    "--no-default-features",
    "--features",
    "simulation",
    "--profile",
    "simulation",
];

/// About a minute on two cores.
const CI_SEEDS: &str = "40";

/// Passes its arguments on, and its exit code back.
pub(crate) fn simulate(args: &[&str]) -> Result<()> {
    let mut fdsim = built()?;
    match run::become_program(fdsim.args(args))? {}
}

/// What CI asks of it: these seeds keep every promise.
pub(crate) fn check() -> Result<()> {
    let mut fdsim = built()?;
    run::check(fdsim.args(["--seeds", CI_SEEDS]))
}

fn built() -> Result<Command> {
    let folder = Metadata::members_only()?.target_directory()?.join("simulation");
    let mut build = run::cargo(BUILD);
    build.arg("--target-dir").arg(&folder).env("RUSTFLAGS", "--cfg tokio_unstable");
    run::check(&mut build)?;
    Ok(Command::new(folder.join("simulation/fdsim")))
}
