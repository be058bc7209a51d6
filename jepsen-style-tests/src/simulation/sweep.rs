//! Many seeds one after the other, or one seed in every detail.
//!
//! Data goes to stdout, progress and traces to stderr. Exit codes: 0 all is well, 1 a violation, 2
//! the harness failed.

use super::plan::{Plan, Scenario, Trouble};
use super::sum::{self, Sum};
use super::{Report, life, run, twice};
use crate::history::History;
use anyhow::Result;
use domain::mutant::Mutant;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;
use tracing_subscriber::EnvFilter;

/// Lives of simulated cities: the same seed is the same life.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "fdsim", version)]
pub struct Arguments {
    /// Live through this one seed only, and tell more of it.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    pub seed: Option<u64>,
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    pub seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    pub from: u64,
    /// How many at once; all processors by default.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Tell everything on stderr. `RUST_LOG` says what everything is.
    #[arg(long)]
    pub trace: bool,
    /// Live through each seed twice, and compare every byte that was told.
    #[arg(long)]
    pub twice: bool,
    /// Tell everything that can be told into this file.
    #[arg(long, hide = true, requires = "seed", conflicts_with_all = ["twice", "trace"])]
    pub tell: Option<PathBuf>,
    /// Only this scenario: register, transactions, orders, money, feed or sessions.
    #[arg(long, value_parser = scenario)]
    pub scenario: Option<Scenario>,
    /// Exactly these troubles, separated by commas; `none` for nothing.
    #[arg(long, value_parser = troubles)]
    pub troubles: Option<Troubles>,
    /// Write the history of a life of registers here, for `fdchaos check`. With `--seed` only.
    #[arg(long, requires = "seed")]
    pub history: Option<PathBuf>,
    /// Make this mistake on purpose, and stop at the first seed that catches it: `stale_read`,
    /// `ack_before_fsync` and what else `domain::mutant` has.
    #[arg(long)]
    pub mutant: Option<Mutant>,
    /// Stop at the first seed that fails.
    #[arg(long)]
    pub first: bool,
    /// One line of JSON for each seed.
    #[arg(long)]
    pub json: bool,
    /// Where the nodes have their files: a file system in memory is fastest.
    #[arg(long, default_value_os_t = in_memory())]
    pub root: PathBuf,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub struct Troubles(Vec<Trouble>);

fn in_memory() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() }
}

fn scenario(name: &str) -> Result<Scenario, String> {
    let found = Scenario::ALL.into_iter().find(|it| it.name() == name);
    found.ok_or_else(|| format!("one of {}", Scenario::ALL.map(Scenario::name).join(", ")))
}

fn troubles(names: &str) -> Result<Troubles, String> {
    if names == "none" {
        return Ok(Troubles(Vec::new()));
    }
    let one = |name: &str| {
        let found = Trouble::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| format!("some of {}", Trouble::ALL.map(Trouble::name).join(", ")))
    };
    names.split(',').map(one).collect::<Result<_, _>>().map(Troubles)
}

impl Arguments {
    fn plan(&self, seed: u64) -> Plan {
        let mut plan = Plan { mutant: self.mutant, ..Plan::of(seed) };
        if let Some(scenario) = self.scenario {
            plan.scenario = scenario;
        }
        if let Some(Troubles(troubles)) = &self.troubles {
            plan.troubles.clone_from(troubles);
        }
        plan
    }

    /// The command line of one of these lives.
    pub(super) fn of_one(&self, seed: u64) -> Vec<String> {
        let mut words = vec!["--seed".to_owned(), seed.to_string()];
        let mut say = |option: &str, value: String| words.extend([option.to_owned(), value]);
        if let Some(scenario) = self.scenario {
            say("--scenario", scenario.name().to_owned());
        }
        if let Some(mutant) = self.mutant {
            say("--mutant", mutant.to_string());
        }
        if let Some(Troubles(troubles)) = &self.troubles {
            let names: Vec<_> = troubles.iter().map(|trouble| trouble.name()).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(",") };
            say("--troubles", names);
        }
        words
    }

    /// The command that does the same again.
    pub(super) fn again(&self, seed: u64) -> String {
        let twice = if self.twice { " --twice" } else { "" };
        format!("cargo xtask simulate {}{twice}", self.of_one(seed).join(" "))
    }
}

/// What the command line asks for.
///
/// # Errors
/// Nothing could be told to whoever asked.
pub fn main(arguments: &Arguments) -> Result<ExitCode> {
    match arguments.seed {
        Some(seed) => one(arguments, seed),
        None => many(arguments),
    }
}

fn one(arguments: &Arguments, seed: u64) -> Result<ExitCode> {
    let report = match arguments.twice {
        true => life::twice(arguments, seed),
        false => here(arguments, seed),
    };
    let mut out = io::stdout().lock();
    Ok(match report {
        Ok(report) => {
            match arguments.json {
                true => writeln!(out, "{}", serde_json::to_string(&report)?)?,
                false => sum::tell(&mut out, &report)?,
            }
            ExitCode::from(u8::from(!report.violations.is_empty()))
        }
        Err(error) => {
            eprintln!("fdsim: seed {seed}: the harness failed: {error:#}");
            ExitCode::from(2)
        }
    })
}

/// The one life of this process.
fn here(arguments: &Arguments, seed: u64) -> Result<Report> {
    let mut told = None;
    if let Some(path) = &arguments.tell {
        told = Some(twice::tell_all(path)?);
    } else if arguments.trace {
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new("info,raft=debug,jepsen_style_tests=debug"));
        let told = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        told.without_time().init();
    } else if arguments.json {
        // A panic is a violation that the report tells of.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let (report, history) = run(&arguments.plan(seed), &arguments.root)?;
    if let Some(mut told) = told {
        told.flush()?;
    }
    if let Some(path) = &arguments.history {
        write_history(path, &history)?;
    }
    Ok(report)
}

fn write_history(path: &Path, history: &History) -> Result<()> {
    let mut file = io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "{}", serde_json::to_string(&history.header)?)?;
    for line in &history.lines {
        writeln!(file, "{}", serde_json::to_string(line)?)?;
    }
    Ok(file.flush()?)
}

fn many(arguments: &Arguments) -> Result<ExitCode> {
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(arguments.from));
    let end = arguments.from + arguments.seeds;
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let (sender, lives) = mpsc::channel();
    let workers: Vec<_> = (0..jobs.unwrap_or(1))
        .map(|_| {
            let (arguments, next, sender) = (arguments.clone(), next.clone(), sender.clone());
            std::thread::spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let report = match arguments.twice {
                        true => life::twice(&arguments, seed),
                        false => life::once(&arguments, seed, None),
                    };
                    if sender.send((seed, report)).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    drop(sender);
    let mut sum = Sum::default();
    for (seed, report) in lives {
        sum.add(arguments, seed, report, began.elapsed())?;
        if (arguments.first || arguments.mutant.is_some()) && sum.failed() {
            next.store(end, Ordering::Relaxed);
        }
    }
    for worker in workers {
        worker.join().map_err(|_| anyhow::anyhow!("a worker has panicked"))?;
    }
    sum.tell(began.elapsed())?;
    if let Some(mutant) = arguments.mutant {
        let (lives, seconds) = (sum.lived, began.elapsed().as_secs());
        let caught = if sum.bad.is_empty() { "NOT caught" } else { "caught" };
        eprintln!("{mutant}: {caught}, {lives} seeds, {seconds} s");
    }
    Ok(sum.code)
}
