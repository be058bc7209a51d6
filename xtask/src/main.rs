//! `cargo xtask`: the project's only automation. See `USAGE` for the commands.
//!
//! It depends on nothing heavy, so that it compiles in seconds and can prepare the machine before
//! the rest is built.

mod chaos;
mod commands;
mod doctests;
mod metadata;
mod peers;
mod prepare;
mod run;
mod simulate;
mod started;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <command>

  demo [args]       a city on this machine: builds, starts it, shows it; Ctrl-C stops all of it
  test [args]       every test; arguments go to the test runner
  ci                what CI checks: format, clippy, tidy, licences, tests, simulation; never writes
  fix [--bless]     put right what a machine can; with --bless, what the tests expect too
  bench <name>      a measurement of the running system; `criterion` for single functions
  chaos [args]      breaks a city of real processes and says which promises it kept
  simulate [args]   cities in one thread, where a seed decides everything; `--help` says more
  tidy              the rules of the house
  prepare           check the machine, build RocksDB into the user's cache
  peers             install the programs of others that some tests talk to
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
        ["demo", rest @ ..] => commands::demo(rest),
        ["test", rest @ ..] => commands::test(rest),
        ["ci", rest @ ..] => commands::ci(rest),
        ["fix", rest @ ..] => commands::fix(rest),
        ["bench", rest @ ..] => commands::bench(rest),
        ["chaos", rest @ ..] => chaos::chaos(rest),
        ["simulate", rest @ ..] => simulate::simulate(rest),
        ["tidy"] => tidy::run(),
        ["prepare"] => prepare::prepare().map(|_| ()),
        ["peers"] => {
            peers::install();
            Ok(())
        }
        [] | ["help" | "--help" | "-h"] => {
            eprint!("{USAGE}");
            Ok(())
        }
        [command, ..] => {
            eprint!("{USAGE}");
            bail!("no command `{command}` with these arguments")
        }
    }
}
