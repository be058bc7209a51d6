//! Programs of the system that faults are made with: found or missed by name, run with their words,
//! and told apart from what they say when they fail.

use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// No tool takes longer than this, or it hangs.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// Where tools for administrators lie, whether the path of a user says so or not.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/// A program, and the package of a Debian that brings it.
pub(crate) type Tool = (&'static str, &'static str);

/// Configures interfaces and network namespaces.
pub(crate) const IP: Tool = ("ip", "iproute2");
/// Shapes what leaves an interface.
pub(crate) const TC: Tool = ("tc", "iproute2");
/// Drops packets.
pub(crate) const NFT: Tool = ("nft", "nftables");
/// Enters a namespace.
pub(crate) const NSENTER: Tool = ("nsenter", "util-linux");
/// Makes a file system.
pub(crate) const MKFS: Tool = ("mkfs.ext4", "e2fsprogs");
/// Mounts it.
pub(crate) const MOUNT: Tool = ("mount", "mount");
/// Shuts a file system down as a power loss does.
pub(crate) const XFS_IO: Tool = ("xfs_io", "xfsprogs");
/// Compiles what is loaded before a node.
pub(crate) const CC: Tool = ("cc", "gcc");

/// Where a program lies; nothing if it is not there.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether all of these are there.
///
/// # Errors
/// Which are not, and how they come.
pub(crate) fn present(tools: &[Tool]) -> Result<(), String> {
    let missing: Vec<_> = tools.iter().filter(|(program, _)| find(program).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let programs: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
    let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    let (programs, packages) = (programs.join(", "), packages.join(" "));
    Err(format!("{programs} is missing: apt-get install {packages}"))
}

/// Whether this process may do what only root may.
///
/// # Errors
/// It may not.
pub(crate) fn root() -> Result<(), String> {
    match rustix::process::geteuid().is_root() {
        true => Ok(()),
        false => Err("only root may do that".to_owned()),
    }
}

/// Runs a tool to its end; what it printed.
///
/// # Errors
/// It is not there, fails, or takes too long; what it said is in the text.
pub(crate) async fn run<S: AsRef<OsStr>>(tool: Tool, args: &[S]) -> Result<String> {
    feed(tool, args, "").await
}

/// As [`run`], with something to read on its standard input.
///
/// # Errors
/// As [`run`].
pub(crate) async fn feed<S: AsRef<OsStr>>(tool: Tool, args: &[S], input: &str) -> Result<String> {
    let mut command = command(tool)?;
    command.args(args).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let words = words(tool, args);
    let mut child = command.spawn().with_context(|| words.clone())?;
    let mut stdin = child.stdin.take().context("its input is ours")?;
    // A tool that does not want it closes its end, and says by its status whether all is well.
    stdin.write_all(input.as_bytes()).await.unwrap_or_default();
    drop(stdin);
    let Ok(output) = timeout(ENDS_WITHIN, child.wait_with_output()).await else {
        bail!("{words}: no end after {} s", ENDS_WITHIN.as_secs());
    };
    let output = output.with_context(|| words.clone())?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{words}: {}: {}", output.status, said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// As [`run`], for a destructor: it blocks, and whether it worked is all that it says.
pub(crate) fn run_blocking<S: AsRef<OsStr>>(tool: Tool, args: &[S]) -> bool {
    let Some(program) = find(tool.0) else { return false };
    let mut command = std::process::Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn command((program, package): Tool) -> Result<Command> {
    let found = find(program);
    let found = found.with_context(|| format!("{program} is missing: package {package}"))?;
    Ok(Command::new(found))
}

fn words<S: AsRef<OsStr>>((program, _): Tool, args: &[S]) -> String {
    let args = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned());
    std::iter::once(program.to_owned()).chain(args).collect::<Vec<_>>().join(" ")
}

/// What a path is called in the words of a tool.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
