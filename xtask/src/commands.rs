//! The commands that build, check and test. Each is the list of programs it runs, in order.

use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::metadata::Metadata;
use crate::prepare::{self, Prepared};
use crate::{doctests, peers, run, simulate, started, tidy};

/// Packages whose tests start the real programs, so that these must be built first.
const STARTS_PROGRAMS: &[&str] = &["jepsen-style-tests", "benches", "node", "directory", "cli"];

/// The packages behind `fdnode`, `fdsandbox`, `fddirectory`, `fdctl` and `fdload`.
const PROGRAMS: &[&str] = &["-p", "node", "-p", "directory", "-p", "cli", "-p", "benches"];

/// `cargo xtask test`: what a person runs, and the whole of what CI runs after its checks.
pub(crate) fn test(args: &[&str]) -> Result<()> {
    test_prepared(&prepare::prepare()?, args, false)
}

fn test_prepared(prepared: &Prepared, args: &[&str], bless: bool) -> Result<()> {
    peers::install();
    build_for_tests(prepared, args)?;
    let all: &[&str] = if names_a_package(args) { &[] } else { &["--workspace"] };
    let runner: &[&str] = if run::works(&run::cargo_path(), &["nextest", "--version"]) {
        &["nextest", "run"]
    } else {
        eprintln!("xtask: cargo-nextest is not installed, using `cargo test`");
        &["test"]
    };
    let mut command = prepared.cargo(&[runner, all, args].concat());
    if bless {
        command.env("UPDATE_EXPECT", "1");
    }
    run::check(&mut command)?;
    // `cargo test` runs them by itself; a narrowed run asked for something else.
    let whole = args.iter().all(|arg| ["--no-fail-fast", "--release"].contains(arg));
    if runner[0] == "nextest" && whole && doctests::any()? {
        run::check(&mut prepared.cargo(&["test", "--doc", "--workspace"]))?;
    }
    Ok(())
}

/// Tests find the programs next to themselves in the target folder, so those come first. Built
/// together with the tests, because apart cargo would resolve other features and build twice.
fn build_for_tests(prepared: &Prepared, args: &[&str]) -> Result<()> {
    let release = args.iter().any(|arg| ["--release", "-r"].contains(arg));
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    if !names_a_package(args) {
        let build = &["build", "--workspace", "--bins", "--tests"];
        return run::check(&mut prepared.cargo(&[build, profile].concat()));
    }
    if args.iter().any(|arg| STARTS_PROGRAMS.iter().any(|package| arg.ends_with(package))) {
        let build = &[&["build", "--bins"], PROGRAMS].concat();
        return run::check(&mut prepared.cargo(&[build, profile].concat()));
    }
    Ok(())
}

fn names_a_package(args: &[&str]) -> bool {
    args.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

/// `cargo xtask ci`: the quick checks first. It never writes to the checkout.
pub(crate) fn ci(args: &[&str]) -> Result<()> {
    run::check(&mut run::cargo(&["fmt", "--all", "--check"]))?;
    tidy::run()?;
    let prepared = prepare::prepare()?;
    run::check(&mut prepared.cargo(&[CLIPPY, &["--", "-D", "warnings"]].concat()))?;
    deny()?;
    let tested = test_prepared(&prepared, args, false);
    // Whoever fixes one of the two wants to know about the other.
    simulate::check().and(tested)
}

const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets"];

/// Licences, sources and duplicates need no network; advisories need a database fetched before.
fn deny() -> Result<()> {
    if !run::works(&run::cargo_path(), &["deny", "--version"]) {
        eprintln!("xtask: skipped `cargo deny`, it is not installed");
        return Ok(());
    }
    let mut args = vec!["deny", "--offline", "check", "bans", "licenses", "sources"];
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    // A fetch that failed leaves the folder, with no database in it.
    let fetched = home.is_ok_and(|home| {
        let databases = std::fs::read_dir(std::path::Path::new(&home).join("advisory-dbs"));
        databases.is_ok_and(|all| all.flatten().any(|entry| entry.path().is_dir()))
    });
    if fetched {
        args.push("advisories");
    } else {
        eprintln!("xtask: skipped the advisories, run `cargo deny fetch` once for them");
    }
    run::check(&mut run::cargo(&args))
}

/// `cargo xtask fix`: what a machine can put right. With `--bless`, tests rewrite what they expect.
pub(crate) fn fix(args: &[&str]) -> Result<()> {
    let prepared = prepare::prepare()?;
    let fix = ["--fix", "--allow-dirty", "--allow-staged"];
    run::check(&mut prepared.cargo(&[CLIPPY, &fix].concat()))?;
    run::check(&mut run::cargo(&["fmt", "--all"]))?;
    match args {
        [] => Ok(()),
        ["--bless", narrowed @ ..] => test_prepared(&prepared, narrowed, true),
        [unknown, ..] => anyhow::bail!("fix takes `--bless`, not `{unknown}`"),
    }
}

/// `cargo xtask demo`: from a bare machine to a living city; the load generator takes over.
pub(crate) fn demo(args: &[&str]) -> Result<()> {
    load_generator("demo", args)
}

/// `cargo xtask bench`: a named comparison, or criterion's measurements of single functions.
pub(crate) fn bench(args: &[&str]) -> Result<()> {
    if let ["criterion", rest @ ..] = args {
        let prepared = prepare::prepare()?;
        return run::check(&mut prepared.cargo(&[&["bench", "--workspace"], rest].concat()));
    }
    load_generator("bench", args)
}

/// Builds the programs as they ship and becomes `fdload`, which starts and stops them itself.
fn load_generator(command: &str, args: &[&str]) -> Result<()> {
    let started = started::started();
    let prepared = prepare::prepare()?;
    run::check(&mut prepared.cargo(&[&["build", "--release"], PROGRAMS].concat()))?;
    let program = Metadata::members_only()?.target_directory()?.join("release/fdload");
    let seconds = started.elapsed().unwrap_or_default().as_secs();
    eprintln!("xtask: built and ready to start, {seconds} s after the command");

    let started = started.duration_since(SystemTime::UNIX_EPOCH);
    let started_ms = started.context("the clock stands before 1970")?.as_millis();
    let mut fdload = Command::new(program);
    fdload.arg(command).args(args);
    // So that it can say how long the whole took, from the bare machine to the living city.
    fdload.env("FD_DEMO_STARTED_MS", started_ms.to_string());
    match run::become_program(&mut fdload)? {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_package_narrows_the_run() {
        for args in [["-p", "domain"], ["--package", "domain"], ["--package=domain", "x"]] {
            assert!(names_a_package(&args));
        }
        assert!(!names_a_package(&["--no-fail-fast", "place_order"]));
    }
}
