//! `fdchaos`: breaks a city of real processes on this machine, and says which promises it kept.

use jepsen_style_tests::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
