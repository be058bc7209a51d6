//! Many seeds one after the other, or one seed in every detail.
//!
//! Data goes to stdout, progress and traces to stderr. Exit codes: 0 all is well, 1 a violation, 2
//! the harness failed.

use super::plan::{Plan, Scenario, Trouble};
use super::{Report, run};
use anyhow::Result;
use domain::mutant::Mutant;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

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

    /// The command that does the same again.
    fn again(&self, seed: u64) -> String {
        let mut command = format!("cargo xtask simulate --seed {seed}");
        if let Some(scenario) = self.scenario {
            command += &format!(" --scenario {}", scenario.name());
        }
        if let Some(mutant) = self.mutant {
            command += &format!(" --mutant {mutant}");
        }
        if let Some(Troubles(troubles)) = &self.troubles {
            let names: Vec<_> = troubles.iter().map(|trouble| trouble.name()).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(",") };
            command += &format!(" --troubles {names}");
        }
        command
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
    if arguments.trace {
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new("info,raft=debug,jepsen_style_tests=debug"));
        let told = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        told.without_time().init();
    }
    let report = lived(arguments, seed);
    if let (Some(path), Ok(report)) = (&arguments.history, &report) {
        write_history(path, report)?;
    }
    let mut out = io::stdout().lock();
    match &report {
        Ok(report) if arguments.json => writeln!(out, "{}", as_json(report))?,
        Ok(report) => tell(&mut out, report)?,
        Err(error) => eprintln!("fdsim: seed {seed}: the harness failed: {error:#}"),
    }
    Ok(code([report]))
}

fn write_history(path: &Path, report: &Report) -> Result<()> {
    let mut file = io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "{}", serde_json::to_string(&report.history.header)?)?;
    for line in &report.history.lines {
        writeln!(file, "{}", serde_json::to_string(line)?)?;
    }
    Ok(file.flush()?)
}

/// One life, or two that must be the same.
fn lived(arguments: &Arguments, seed: u64) -> Result<Report> {
    let plan = arguments.plan(seed);
    if !arguments.twice {
        return run(plan, &arguments.root);
    }
    let (mut first, told) = told_to(&plan, &arguments.root)?;
    let (second, told_again) = told_to(&plan, &arguments.root)?;
    if first.digest != second.digest || told != told_again {
        let at = differs(&told, &told_again);
        first.violations.push(format!("two lives of one seed are not the same: {at}"));
    }
    Ok(first)
}

/// A life, and every line that was told of it.
fn told_to(plan: &Plan, root: &Path) -> Result<(Report, Vec<String>)> {
    let told = Told::default();
    // What the wire carries holds hyper's `Date`, which is the real one.
    let filter = EnvFilter::new("trace,turmoil=info,h2=info,hyper=info,tower=info");
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(told.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let report = tracing::subscriber::with_default(subscriber, || run(plan.clone(), root))?;
    Ok((report, told.lines()))
}

/// Keeps what is told.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Told {
    fn lines(&self) -> Vec<String> {
        let all = self.0.lock().expect("nobody panics with it in hand");
        String::from_utf8_lossy(&all).lines().map(without_moments).collect()
    }
}

/// openraft tells moments in the words of the machine's calendar: they are none of ours.
fn without_moments(line: &str) -> String {
    let word = |word: &str| {
        let bytes = word.as_bytes();
        let dated = bytes.windows(11).any(|w| {
            w[..4].iter().all(u8::is_ascii_digit) && w[4] == b'-' && w[7] == b'-' && w[10] == b'T'
        });
        if dated { "(moment)".to_owned() } else { word.to_owned() }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics with it in hand").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Told {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn differs(one: &[String], two: &[String]) -> String {
    let place = one.iter().zip(two).position(|(one, two)| one != two);
    match place {
        Some(place) => format!("line {place}:\n  {}\n  {}", one[place], two[place]),
        None => format!("{} and {} lines", one.len(), two.len()),
    }
}

fn many(arguments: &Arguments) -> Result<ExitCode> {
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(arguments.from));
    let end = arguments.from + arguments.seeds;
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    // A mistake is the whole process's.
    let jobs = jobs.filter(|_| arguments.mutant.is_none());
    let (sender, lives) = mpsc::channel();
    // A panic is a violation that the report tells of.
    std::panic::set_hook(Box::new(|_| {}));
    let workers: Vec<_> = (0..jobs.unwrap_or(1))
        .map(|_| {
            let (arguments, next, sender) = (arguments.clone(), next.clone(), sender.clone());
            std::thread::spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || sender.send((seed, lived(&arguments, seed))).is_err() {
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

/// What all seeds come to.
struct Sum {
    lived: u64,
    bad: Vec<u64>,
    simulated: Duration,
    took: Duration,
    slowest: Duration,
    entries: usize,
    asked: usize,
    answered: usize,
    snapshots: u64,
    faults: BTreeMap<&'static str, u64>,
    code: ExitCode,
    broken: u64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            lived: 0,
            bad: Vec::new(),
            simulated: Duration::ZERO,
            took: Duration::ZERO,
            slowest: Duration::ZERO,
            entries: 0,
            asked: 0,
            answered: 0,
            snapshots: 0,
            faults: BTreeMap::new(),
            code: ExitCode::SUCCESS,
            broken: 0,
        }
    }
}

impl Sum {
    fn failed(&self) -> bool {
        !self.bad.is_empty() || self.broken > 0
    }

    fn add(
        &mut self,
        arguments: &Arguments,
        seed: u64,
        report: Result<Report>,
        elapsed: Duration,
    ) -> Result<()> {
        self.lived += 1;
        let mut out = io::stdout().lock();
        match &report {
            Ok(report) => {
                if arguments.json {
                    writeln!(out, "{}", as_json(report))?;
                } else if !report.violations.is_empty() {
                    clear_progress();
                    tell(&mut out, report)?;
                    writeln!(out, "  again: {}", arguments.again(seed))?;
                }
                self.count(seed, report);
            }
            Err(error) => {
                clear_progress();
                eprintln!("fdsim: seed {seed}: the harness failed: {error:#}");
                self.broken += 1;
            }
        }
        if self.broken > 0 {
            self.code = ExitCode::from(2);
        } else if !self.bad.is_empty() {
            self.code = ExitCode::from(1);
        }
        if io::stderr().is_terminal() || self.lived.is_multiple_of(25) {
            let (lived, bad) = (self.lived, self.bad.len());
            let rate = lived as f64 / elapsed.as_secs_f64();
            let all = arguments.seeds;
            let line = format!("{lived} of {all} seeds, {bad} bad, {rate:.1} a second");
            if io::stderr().is_terminal() {
                eprint!("\r{line}  ");
            } else {
                eprintln!("{line}");
            }
        }
        Ok(())
    }

    fn count(&mut self, seed: u64, report: &Report) {
        if !report.violations.is_empty() {
            self.bad.push(seed);
        }
        self.simulated += report.simulated;
        self.took += report.took;
        self.slowest = self.slowest.max(report.took);
        self.entries += report.committed;
        self.asked += report.asked;
        self.answered += report.answered;
        self.snapshots += report.snapshots;
        for (fault, count) in &report.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }

    fn tell(&self, elapsed: Duration) -> Result<()> {
        clear_progress();
        let mut err = io::stderr().lock();
        let each = self.took.as_secs_f64() / self.lived.max(1) as f64;
        writeln!(
            err,
            "{} seeds in {:.0} s, {each:.2} s each, the slowest {:.1} s; {:.1} simulated hours",
            self.lived,
            elapsed.as_secs_f64(),
            self.slowest.as_secs_f64(),
            self.simulated.as_secs_f64() / 3_600.0
        )?;
        writeln!(
            err,
            "{} entries committed, {} of {} questions answered for sure, {} snapshots",
            self.entries, self.answered, self.asked, self.snapshots
        )?;
        let faults: Vec<_> = self.faults.iter().map(|(what, n)| format!("{what} {n}")).collect();
        writeln!(err, "faults: {}", faults.join(", "))?;
        match self.bad.as_slice() {
            [] => writeln!(err, "no violation")?,
            bad => writeln!(err, "violations in {} seeds: {bad:?}", bad.len())?,
        }
        Ok(())
    }
}

fn clear_progress() {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

fn tell(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let seed = report.plan.seed;
    writeln!(out, "seed {seed}: {}", report.plan)?;
    writeln!(
        out,
        "  {} entries, terms to {}, {} of {} questions answered for sure, {} snapshots",
        report.committed, report.terms, report.answered, report.asked, report.snapshots
    )?;
    let faults: Vec<_> = report.faults.iter().map(|(what, n)| format!("{what} {n}")).collect();
    let (simulated, took) = (report.simulated.as_secs_f64(), report.took.as_secs_f64());
    writeln!(out, "  {simulated:.1} s simulated in {took:.2} s; {}", faults.join(", "))?;
    writeln!(out, "  digest {}", report.digest)?;
    for violation in &report.violations {
        writeln!(out, "  VIOLATION {violation}")?;
    }
    Ok(())
}

fn as_json(report: &Report) -> serde_json::Value {
    let troubles: Vec<_> = report.plan.troubles.iter().map(|trouble| trouble.name()).collect();
    json!({
        "seed": report.plan.seed,
        "scenario": report.plan.scenario.name(),
        "troubles": troubles,
        "violations": report.violations,
        "entries": report.committed,
        "terms": report.terms,
        "snapshots": report.snapshots,
        "asked": report.asked,
        "answered": report.answered,
        "faults": report.faults,
        "simulated_ms": u64::try_from(report.simulated.as_millis()).unwrap_or(u64::MAX),
        "took_ms": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        "digest": report.digest,
    })
}

fn code(reports: impl IntoIterator<Item = Result<Report>>) -> ExitCode {
    let mut code = 0;
    for report in reports {
        code = code.max(match report {
            Err(_) => 2,
            Ok(report) if report.violations.is_empty() => 0,
            Ok(_) => 1,
        });
    }
    ExitCode::from(code)
}
