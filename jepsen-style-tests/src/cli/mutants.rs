//! `fdchaos mutants`: bugs are planted one after the other, and the harness must find each. A
//! harness that has never caught anything proves nothing.
//!
//! Each attempt is a run like any other, in a process of its own: what it finds, it finds without
//! knowing what to look for.

use super::{print, say};
use crate::nemesis::Kind;
use crate::report::HARNESS_FAILED;
use crate::workload::Workload;
use anyhow::{Context, Result, ensure};
use clap::Args;
use domain::mutant::Mutant;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::process::Command;

/// Tells a node which mistake to make.
const MUTANT: &str = "FD_MUTANT";
/// A promise was broken.
const BROKEN: i32 = 1;
/// A run proved nothing, because the harness failed.
const FAILED: i32 = HARNESS_FAILED as i32;

/// Which mistakes, and how long they are looked for.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only these; all that a city of processes can show if none is named.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = mutant)]
    only: Vec<Mutant>,
    /// How long things are broken in each attempt.
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
    /// Attempts for each, with another seed each time.
    #[arg(long, value_name = "N", default_value_t = 5)]
    tries: u64,
    /// The first attempt's seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where reports go.
    #[arg(long, value_name = "DIR", default_value = "target/chaos/mutants")]
    out: PathBuf,
    /// JSON to stdout instead of a table.
    #[arg(long)]
    json: bool,
}

/// What became of one mistake.
#[derive(Debug, Serialize)]
struct Hunt {
    mutant: &'static str,
    workload: &'static str,
    nemesis: &'static str,
    caught: bool,
    /// The promises that were seen broken.
    by: BTreeSet<String>,
    /// Until it was caught or given up, over all attempts, with starting and judging.
    seconds: f64,
    attempts: u64,
    /// Of the attempt that caught it.
    seed: u64,
    /// Attempts in which the harness itself failed, and why.
    failures: Vec<String>,
}

/// Where a mistake shows: what people must do, what must break, and which of its faults if not all.
#[derive(Clone, Copy, Debug)]
struct Ground {
    workload: Workload,
    kind: Kind,
    only: Option<&'static str>,
}

/// Nothing if only the simulation can break the right thing at the right moment.
fn hunting_ground(mutant: Mutant) -> Option<Ground> {
    let (workload, kind, only) = match mutant {
        // What a majority has synced outlives the others.
        Mutant::AckBeforeFsync => (Workload::Orders, Kind::Power, Some("All")),
        Mutant::StaleRead => (Workload::Register, Kind::Pause, Some("Pause(Leader)")),
        Mutant::ForgetfulSnapshot => (Workload::Orders, Kind::Membership, Some("Wipe")),
        Mutant::RefundTwice => (Workload::Money, Kind::Gateway, Some("AnswersLost")),
        Mutant::FeedSkips => (Workload::Feed, Kind::Kill, None),
        Mutant::LocalClock => (Workload::Register, Kind::Kill, None),
        Mutant::DoubleAssignment | Mutant::StockUnchecked | Mutant::KeyIgnored => {
            (Workload::Orders, Kind::Kill, None)
        }
        Mutant::RevocationCached => (Workload::Sessions, Kind::Kill, None),
        Mutant::EarlyTimer => (Workload::Orders, Kind::Pause, None),
        Mutant::ChecksumIgnored => (Workload::Register, Kind::Corruption, Some("Wal")),
        Mutant::VoteNotSynced => return None,
    };
    Some(Ground { workload, kind, only })
}

fn mutant(text: &str) -> Result<Mutant, String> {
    text.parse().map_err(|unknown: domain::mutant::NoSuchMutant| unknown.to_string())
}

pub(super) async fn mutants(options: Options, fdnode: Option<&Path>) -> Result<u8> {
    let fdnode = fdnode.context(
        "--fdnode names a node that can make mistakes; cargo xtask chaos mutants builds one",
    )?;
    let wanted = if options.only.is_empty() { Mutant::ALL.to_vec() } else { options.only.clone() };
    let mut hunts = Vec::new();
    for mutant in wanted {
        match hunting_ground(mutant) {
            Some(ground) => hunts.push(hunt(mutant, ground, &options, fdnode).await?),
            None => {
                say(&format!("{mutant}: only the simulation can show it (cargo xtask simulate)"))
            }
        }
    }
    ensure!(!hunts.is_empty(), "none of these shows in a city of processes");
    print(&match options.json {
        true => serde_json::to_string_pretty(&hunts)? + "\n",
        false => table(&hunts),
    })?;
    Ok(if hunts.iter().all(|hunt| hunt.caught) { 0 } else { 1 })
}

async fn hunt(mutant: Mutant, ground: Ground, options: &Options, fdnode: &Path) -> Result<Hunt> {
    let began = Instant::now();
    let Ground { workload, kind, only } = ground;
    let mut hunt = Hunt {
        mutant: mutant.name(),
        workload: workload.name(),
        nemesis: kind.name(),
        caught: false,
        by: BTreeSet::new(),
        seconds: 0.0,
        attempts: 0,
        seed: options.seed,
        failures: Vec::new(),
    };
    while !hunt.caught && hunt.attempts < options.tries {
        hunt.seed = options.seed + hunt.attempts;
        hunt.attempts += 1;
        say(&format!("{mutant}: {}, seed {}", hunt.cell(), hunt.seed));
        let mut run = Command::new(std::env::current_exe().context("where is this program?")?);
        run.arg("--fdnode").arg(fdnode).arg("run").env(MUTANT, mutant.name());
        run.args(["--workload", workload.name(), "--nemesis", kind.name(), "--json"]);
        run.args(["--seconds", &options.seconds.to_string(), "--seed", &hunt.seed.to_string()]);
        run.args(only.iter().flat_map(|word| ["--only", word]));
        run.arg("--out").arg(options.out.join(mutant.name())).kill_on_drop(true);
        let done = run.output().await.context("cannot start a run")?;
        hunt.caught = done.status.code() == Some(BROKEN);
        hunt.by = broken(&done.stdout);
        if done.status.code() == Some(FAILED) {
            let words = String::from_utf8_lossy(&done.stderr);
            let why = words.lines().last().unwrap_or_default().to_owned();
            say(&format!("{mutant}: the harness failed: {why}"));
            hunt.failures.push(why);
        }
    }
    hunt.seconds = began.elapsed().as_secs_f64();
    say(&format!("{mutant}: {}", hunt.word()));
    Ok(hunt)
}

impl Hunt {
    fn cell(&self) -> String {
        format!("{} \u{d7} {}", self.workload, self.nemesis)
    }

    fn word(&self) -> String {
        let by: Vec<_> = self.by.iter().map(String::as_str).collect();
        match self.caught {
            true => format!("caught in {:.0} s by {}", self.seconds, by.join(", ")),
            false => {
                let failed = self.failures.len();
                format!("NOT CAUGHT in {} attempts, {failed} of which failed", self.attempts)
            }
        }
    }
}

/// The promises that a run saw broken, of what it printed.
fn broken(json: &[u8]) -> BTreeSet<String> {
    let Ok(told) = serde_json::from_slice::<Value>(json) else { return BTreeSet::new() };
    let findings = told["findings"].as_array().into_iter().flatten();
    let invalid = findings.filter(|finding| finding["verdict"]["is"] == "invalid");
    let names = invalid.filter_map(|finding| Some(finding["invariant"].as_str()?.to_owned()));
    let trouble = told["trouble"].as_array().is_some_and(|trouble| !trouble.is_empty());
    names.chain(trouble.then(|| "trouble".to_owned())).collect()
}

fn table(hunts: &[Hunt]) -> String {
    let mut text = "| planted bug | cell | caught by | seconds | attempts | seed |\n\
                    |---|---|---|---|---|---|\n"
        .to_owned();
    for hunt in hunts {
        let by: Vec<_> = hunt.by.iter().map(String::as_str).collect();
        let by = if hunt.caught { by.join(", ") } else { "**nothing**".to_owned() };
        let Hunt { mutant, seconds, attempts, seed, .. } = hunt;
        let cell = hunt.cell();
        text += &format!("| {mutant} | {cell} | {by} | {seconds:.0} | {attempts} | {seed} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_saw_broken_is_read_from_what_it_prints() {
        let told = br#"{"findings": [
            {"invariant": "I1", "verdict": {"is": "invalid", "total": 1, "examples": []}},
            {"invariant": "I2", "verdict": {"is": "valid", "checked": 3}}
        ], "trouble": ["a node is not well"]}"#;
        assert_eq!(broken(told), BTreeSet::from(["I1".to_owned(), "trouble".to_owned()]));
        assert!(broken(b"").is_empty());
    }
}
