//! Running other programs: every command is printed before it starts, so that a person can repeat
//! it by hand.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

/// The root of the workspace: xtask's own folder is directly below it.
pub(crate) fn root() -> Result<PathBuf> {
    // Set by cargo for the program it runs; the compiled-in value may be another checkout's.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let root = PathBuf::from(manifest).parent().map(PathBuf::from);
    root.context("xtask is not inside a workspace")
}

/// The cargo that started us, or the one on the path.
pub(crate) fn cargo_path() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(cargo_path());
    command.args(args);
    command
}

/// Runs to the end, from the root of the workspace; a failure is an error.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Becomes the program: its exit code is ours and Ctrl-C is its own to handle.
pub(crate) fn become_program(command: &mut Command) -> Result<Infallible> {
    eprintln!("xtask: {}", shown(command));
    let error = command.current_dir(root()?).exec();
    Err(error).with_context(|| format!("cannot run `{}`", shown(command)))
}

fn status(command: &mut Command) -> Result<ExitStatus> {
    eprintln!("xtask: {}", shown(command));
    let command = command.current_dir(root()?);
    command.status().with_context(|| format!("cannot run `{}`", shown(command)))
}

/// Whether the program is there and says it is well.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// What the program prints on stdout; what it prints on stderr is shown if it fails.
pub(crate) fn output(program: &str, args: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    let output = command.args(args).current_dir(root()?).output();
    let output = output.with_context(|| format!("cannot run `{}`", shown(&command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("`{}` failed: {said}", shown(&command));
    }
    String::from_utf8(output.stdout).context("a program printed something that is no text")
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name();
    let parts = program.into_iter().chain(command.get_args());
    parts.map(|part| part.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
