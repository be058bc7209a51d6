//! What the machine must have before cargo starts: a C++ compiler, and libclang for the bindings.
//!
//! Missing ones are installed where we may (root on a Debian), else named, with the command for
//! this machine: a build that fails after five minutes for want of a header helps nobody.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run;

/// Where libclang lies on the usual distributions, besides `LIBCLANG_PATH`.
const LIBRARY_FOLDERS: &[&str] = &[
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];

/// The C++ compiler to use, as the build scripts of the crates would choose it.
pub(crate) fn compiler() -> String {
    std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned())
}

/// Makes sure that both are there, or says what to do.
pub(crate) fn check() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if may_install() {
        eprintln!("xtask: installing {packages}");
        install(&missing)?;
        if self::missing().is_empty() {
            return Ok(());
        }
    }
    bail!(
        "this machine lacks: {packages}\n\
         Debian, Ubuntu:  sudo apt-get install {packages}\n\
         Fedora:          sudo dnf install gcc-c++ clang-devel\n\
         Arch:            sudo pacman -S gcc clang\n\
         A libclang elsewhere is found through LIBCLANG_PATH, a compiler through CXX."
    );
}

/// The Debian names of what is not there.
fn missing() -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !run::works(&compiler(), &["--version"]) {
        missing.push("g++");
    }
    if !library_folders().iter().any(|folder| holds_libclang(folder)) {
        missing.push("libclang-dev");
    }
    missing
}

/// Whether this is root on a Debian.
pub(crate) fn may_install() -> bool {
    run::output("id", &["-u"]).is_ok_and(|id| id.trim() == "0")
        && run::works("apt-get", &["--version"])
}

/// Has Debian install these.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        run::check(&mut command)
    };
    // The lists may be old or empty, as in most container images. A mirror that is down for one
    // source is not fatal by itself: the installation says so if it is.
    if let Err(error) = apt(&["update", "-q"]) {
        eprintln!("xtask: {error}");
    }
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

fn library_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("LIBCLANG_PATH").map(PathBuf::from).into_iter().collect();
    folders.extend(LIBRARY_FOLDERS.iter().map(PathBuf::from));
    // Debian keeps each version in a folder of its own: /usr/lib/llvm-14/lib.
    let versions = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let llvm = versions.filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm"));
    folders.extend(llvm.map(|entry| entry.path().join("lib")));
    folders
}

fn holds_libclang(folder: &Path) -> bool {
    // LIBCLANG_PATH may also name the file itself.
    if folder.is_file() {
        return true;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| is_libclang(&entry.file_name().to_string_lossy()))
}

/// `libclang.so`, `libclang-14.so`, `libclang.so.1`; but not its C++ sister `libclang-cpp.so`.
fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    let version = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let Some((before, after)) = rest.split_once(".so") else { return false };
    version(before.strip_prefix('-').unwrap_or(before)) && version(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libclang_is_told_from_its_sisters() {
        for name in ["libclang.so", "libclang-14.so", "libclang.so.1", "libclang-14.so.14.0.6"] {
            assert!(is_libclang(name), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclangAST.a", "libclang.a", "libLLVM.so"] {
            assert!(!is_libclang(name), "{name}");
        }
    }
}
