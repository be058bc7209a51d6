//! The user's cache of built libraries: one folder per version, compiler and flags.
//!
//! A folder appears whole or not at all (built aside, then renamed), and one builder at a time
//! works: a second one waits and finds the first one's result.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) const LIBRARY: &str = "librocksdb.a";

/// `$XDG_CACHE_HOME/fd` or `~/.cache/fd`.
pub(crate) fn root() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let root = cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("fd");
    // The linker is told this path, from whatever folder it runs in.
    std::path::absolute(&root).with_context(|| format!("cannot resolve {}", root.display()))
}

/// All that the library depends on, short enough for a folder's name.
pub(crate) fn key(version: &str, compiler: &str, flags: &[String]) -> String {
    // The build metadata after the plus is the same fact again.
    let version = version.split('+').next().unwrap_or(version);
    let parts = [compiler.lines().next().unwrap_or_default(), std::env::consts::ARCH];
    let parts = parts.into_iter().chain(flags.iter().map(String::as_str));
    let text = parts.collect::<Vec<_>>().join("\n");
    format!("{version}-{:016x}", fnv1a(text.as_bytes()))
}

/// The folder for `key`; `build` fills it first where it does not exist.
pub(crate) fn folder(key: &str, build: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    folder_in(&root()?, key, build)
}

fn folder_in(root: &Path, key: &str, build: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = root.join(format!("rocksdb-{key}"));
    if folder.join(LIBRARY).is_file() {
        return Ok(folder);
    }
    fs::create_dir_all(root).with_context(|| format!("cannot create {}", root.display()))?;
    let lock = File::create(root.join("lock")).context("cannot create the lock file")?;
    if lock.try_lock().is_err() {
        eprintln!("xtask: somebody else builds RocksDB just now, waiting");
        lock.lock().context("cannot lock the cache")?;
    }
    if folder.join(LIBRARY).is_file() {
        return Ok(folder);
    }
    // Leftovers of a builder that was killed, or of a folder whose library somebody removed.
    let aside = root.join(format!("building-{key}"));
    for leftover in [&aside, &folder] {
        if leftover.exists() {
            fs::remove_dir_all(leftover)?;
        }
    }
    fs::create_dir(&aside)?;
    let built = build(&aside).and_then(|()| Ok(fs::rename(&aside, &folder)?));
    if built.is_err() {
        // The reason is in `built`; that the leftovers stay until the next run is no second one.
        let _ = fs::remove_dir_all(&aside);
    }
    built.map(|()| folder)
}

/// Stable across compilers and versions, unlike the standard library's hasher.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("xtask-cache-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a writable temporary folder");
        path
    }

    #[test]
    fn builds_once_and_then_finds_it() {
        let root = scratch("once");
        let build = |folder: &Path| Ok(fs::write(folder.join(LIBRARY), "!<arch>\n")?);
        let built = folder_in(&root, "k", build).expect("the build succeeds");
        assert!(built.join(LIBRARY).is_file());
        let again = folder_in(&root, "k", |_: &Path| panic!("it is there already"));
        assert_eq!(again.expect("found"), built);
        fs::remove_dir_all(root).expect("a writable temporary folder");
    }

    #[test]
    fn a_failed_build_leaves_nothing_behind() {
        let root = scratch("failed");
        let failed = folder_in(&root, "k", |_| anyhow::bail!("no compiler"));
        assert!(failed.is_err());
        assert!(!root.join("rocksdb-k").exists() && !root.join("building-k").exists());
        fs::remove_dir_all(root).expect("a writable temporary folder");
    }

    #[test]
    fn the_key_follows_each_of_its_parts() {
        let flags = ["-O2".to_owned()];
        let base = key("0.19.0+11.8.1", "g++ 12.2.0\nCopyright", &flags);
        assert!(base.starts_with("0.19.0-"));
        assert_eq!(base, key("0.19.0+11.8.1", "g++ 12.2.0", &flags));
        assert_ne!(base, key("0.19.0+11.8.1", "g++ 13.1.0", &flags));
        assert_ne!(base, key("0.19.0+11.8.1", "g++ 12.2.0", &["-O3".to_owned()]));
    }
}
