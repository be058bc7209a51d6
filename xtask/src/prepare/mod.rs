//! Prepares the machine, before cargo builds the rest.
//!
//! RocksDB's C++ is most of a cold build. It is built here once, three times as fast as file by
//! file, into a cache of the user, and serves every profile and checkout from there. Should any of
//! that fail, cargo builds RocksDB from the crate: slower, with the same result.

pub(crate) mod cache;
pub(crate) mod machine;
mod recipe;
mod unity;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::metadata::Metadata;
use crate::run;

/// What librocksdb-sys's build script asks for. `STATIC` alone means nothing.
const LIB_DIR: &str = "ROCKSDB_LIB_DIR";
const STATIC: &str = "ROCKSDB_STATIC";

/// Where a plain `cargo build` learns of the library; included by `.cargo/config.toml`, not in git.
const LOCAL_CONFIG: &str = ".cargo/local.toml";

/// A machine on which the workspace builds.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Where `librocksdb.a` lies; without it the crate builds its own.
    rocksdb: Option<PathBuf>,
}

impl Prepared {
    /// A cargo command that links the prepared library.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = run::cargo(args);
        match &self.rocksdb {
            Some(folder) => command.env(LIB_DIR, folder).env(STATIC, "1"),
            None => command.env_remove(LIB_DIR).env_remove(STATIC),
        };
        command
    }
}

/// Checks the machine and sees to the library. Nothing to do costs a tenth of a second.
pub(crate) fn prepare() -> Result<Prepared> {
    machine::check()?;
    if let Some(folder) = set_by_the_user()? {
        eprintln!("xtask: using the RocksDB of {LIB_DIR}={}", folder.display());
        return Ok(Prepared { rocksdb: Some(folder) });
    }
    // A broken manifest is no reason to give up the library: cargo could build nothing anyway.
    let graph = Metadata::resolved()?;
    let rocksdb = match library(&graph) {
        Ok(folder) => folder,
        Err(why) => {
            eprintln!("xtask: cargo builds RocksDB itself, which takes long: {why:#}");
            None
        }
    };
    write_local_config(&run::root()?.join(LOCAL_CONFIG), rocksdb.as_deref())?;
    Ok(Prepared { rocksdb })
}

/// A library of the user's own choice wins. Cargo hands us our own from the local file as well.
fn set_by_the_user() -> Result<Option<PathBuf>> {
    let Some(folder) = std::env::var_os(LIB_DIR).map(PathBuf::from) else { return Ok(None) };
    Ok((!folder.starts_with(cache::root()?)).then_some(folder))
}

/// The folder of the library, which is built first if it is not there; `None` if nobody needs it.
fn library(graph: &Metadata) -> Result<Option<PathBuf>> {
    let Some((version, rocksdb)) = graph.package("librocksdb-sys")? else { return Ok(None) };
    let (_, lz4) = graph.package("lz4-sys")?.context("RocksDB is built without lz4-sys")?;
    let features = graph.features("librocksdb-sys");
    let sources = recipe::Sources { version, features, rocksdb, lz4 };
    sources.check()?;

    let compiler = machine::compiler();
    let compiler_version = run::output(&compiler, &["--version"])?;
    let flags = recipe::Sources::portable_flags();
    let key = cache::key(&sources.version, &compiler_version, &flags);
    let folder = cache::folder(&key, |building| {
        eprintln!("xtask: building RocksDB {} once for this machine", sources.version);
        let started = Instant::now();
        let flags = sources.flags();
        let objects = building.join("objects");
        fs::create_dir(&objects)?;
        let build = unity::Build { compiler: &compiler, flags: &flags, folder: &objects };
        build.archive(&sources.units()?, &building.join(cache::LIBRARY))?;
        fs::remove_dir_all(&objects)?;
        eprintln!("xtask: RocksDB is ready after {} s", started.elapsed().as_secs());
        Ok(())
    })?;
    Ok(Some(folder))
}

fn write_local_config(path: &Path, rocksdb: Option<&Path>) -> Result<()> {
    let text = local_config(rocksdb);
    // Untouched when nothing changed, so that nobody wonders at its date.
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn local_config(rocksdb: Option<&Path>) -> String {
    let head = "# Written by `cargo xtask prepare` for this machine.\n";
    let Some(folder) = rocksdb else { return head.to_owned() };
    // A literal string: TOML reads no escapes in it.
    format!("{head}[env]\n{LIB_DIR} = '{}'\n{STATIC} = \"1\"\n", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_config_names_the_library_or_nothing() {
        let text = local_config(Some(Path::new("/c/rocksdb-1")));
        assert!(
            text.ends_with("[env]\nROCKSDB_LIB_DIR = '/c/rocksdb-1'\nROCKSDB_STATIC = \"1\"\n")
        );
        assert!(!local_config(None).contains("[env]"));
    }
}
