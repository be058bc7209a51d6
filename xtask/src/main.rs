//! `cargo xtask`: the project's only automation. See `USAGE` for the commands.
//!
//! It depends on nothing heavy, so that it compiles in seconds and can prepare the machine before
//! the rest is built.

mod metadata;
mod prepare;
mod run;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask <command>

  prepare           check the machine, build RocksDB into the user's cache
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<()> {
    match args {
        ["prepare"] => prepare::prepare().map(|_| ()),
        _ => {
            eprint!("{USAGE}");
            anyhow::bail!("unknown command")
        }
    }
}
