//! `fdsim`: the simulation from a command line. `cargo xtask simulate` builds and runs it.

use anyhow::Result;
use clap::Parser;
use jepsen_style_tests::simulation::sweep::{self, Arguments};
use std::process::ExitCode;

fn main() -> Result<ExitCode> {
    sweep::main(&Arguments::parse())
}
