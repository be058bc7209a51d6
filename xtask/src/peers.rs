//! Programs of others that tests talk to or break things with: a fake of Stripe, the reference for
//! webhook signatures, a fuzzer of APIs, a mail server, a broker, a packet filter, a tool for file
//! systems. They are no part of fd, so a machine without them can test everything else.
//!
//! Each Python one has an environment of its own below `peers` in the user's cache, with pinned
//! versions; tests look there (`peers/NAME/bin`) and say that they skip where it is missing. To add
//! one is to add a line.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::prepare::{cache, machine};
use crate::run;

/// Name of the folder, and what is installed into it.
const PYTHON: &[(&str, &[&str])] = &[
    ("localstripe", &["localstripe==1.15.10", "aiohttp==3.14.5", "python-dateutil==2.9.0.post0"]),
    ("standardwebhooks", &["standardwebhooks==1.1.0"]),
    ("schemathesis", &["schemathesis==4.32.5"]),
    ("aiosmtpd", &["aiosmtpd==1.4.6", "atpublic==9.0.0", "attrs==26.1.0"]),
];

/// Program, what makes it say its version, and the Debian package that brings it.
const DEBIAN: &[(&str, &str, &str)] = &[
    ("nats-server", "--version", "nats-server"),
    // The faults of `jepsen-style-tests`: dropped packets, and lost power.
    ("nft", "--version", "nftables"),
    ("xfs_io", "-V", "xfsprogs"),
];

/// Written last: what an environment holds.
const STAMP: &str = "installed";

/// Sees to all of them. What cannot be had is named, and the tests that want it skip.
pub(crate) fn install() {
    for (name, packages) in PYTHON {
        if let Err(why) = python(name, packages) {
            eprintln!("xtask: no {name}, tests that talk to it will skip: {why:#}");
        }
    }
    let missing = DEBIAN.iter().filter(|(program, version, _)| !run::works(program, &[version]));
    let packages: Vec<_> = missing.map(|(_, _, package)| *package).collect();
    if packages.is_empty() {
        return;
    }
    let installed = if machine::may_install() {
        machine::install(&packages)
    } else {
        Err(anyhow::anyhow!("only root on a Debian installs it by itself"))
    };
    if let Err(why) = installed {
        let names = packages.join(", ");
        eprintln!("xtask: no {names}, tests that talk to it will skip: {why:#}");
    }
}

fn python(name: &str, packages: &[&str]) -> Result<()> {
    let peers = cache::root()?.join("peers");
    fs::create_dir_all(&peers).with_context(|| format!("cannot create {}", peers.display()))?;
    let lock = File::create(peers.join("lock")).context("cannot create the lock file")?;
    lock.lock().context("cannot lock the peers")?;
    environment(&peers.join(name), packages, |folder, packages| {
        let mut venv = Command::new("python3");
        run::check(venv.args(["-m", "venv", "--clear"]).arg(folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
        run::check(&mut pip)
    })
}

/// Makes an environment unless it is there with just these packages. It names its own place inside,
/// so it cannot be built aside and moved: the stamp says that it is whole.
fn environment(
    folder: &Path,
    packages: &[&str],
    build: impl FnOnce(&Path, &[&str]) -> Result<()>,
) -> Result<()> {
    let (stamp, wanted) = (folder.join(STAMP), packages.join("\n"));
    if fs::read_to_string(&stamp).is_ok_and(|held| held == wanted) {
        return Ok(());
    }
    build(folder, packages)?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_built_once_for_each_set_of_versions() {
        let root = std::env::temp_dir().join(format!("xtask-peers-{}", std::process::id()));
        let built = |packages: &[&str]| {
            let mut built = false;
            let build = |folder: &Path, _: &[&str]| {
                built = true;
                Ok(fs::create_dir_all(folder)?)
            };
            environment(&root, packages, build).expect("a writable temporary folder");
            built
        };
        assert!(built(&["a==1"]));
        assert!(!built(&["a==1"]));
        assert!(built(&["a==2"]));
        let failed = environment(&root, &["a==3"], |_, _| anyhow::bail!("no network"));
        assert!(failed.is_err());
        assert!(built(&["a==3"]), "what failed is tried again");
        fs::remove_dir_all(root).expect("a writable temporary folder");
    }
}
