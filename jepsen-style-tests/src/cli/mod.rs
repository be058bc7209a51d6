//! The commands of `fdchaos`. Data goes to stdout, what people read meanwhile to stderr.
//!
//! The process ends with 0 if every promise was kept, 1 if one was not, 2 if the harness itself
//! failed, and 3 if the run proves nothing, as when a fault did not happen.

mod check;
mod list;
mod matrix;
mod mutants;
mod power;
mod run;

use crate::nemesis::Kind;
use crate::report::HARNESS_FAILED;
use crate::transport::Choice;
use crate::workload::Workload;
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long things are broken, in seconds, if nothing is said.
const SECONDS: u64 = 30;

/// Breaks a city on this machine, and says which promises it kept.
#[derive(Debug, Parser)]
#[command(name = "fdchaos", version, about, after_help = EXITS)]
struct Line {
    /// Another fdnode than the one beside this program.
    #[arg(long, global = true, value_name = "FILE")]
    fdnode: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const EXITS: &str = "Exit codes: 0 every promise was kept; 1 one was not; 2 the harness failed; \
                     3 the run proves nothing.";

#[derive(Debug, Subcommand)]
enum Command {
    /// One workload against one nemesis.
    Run(run::Options),
    /// Every useful pair of workload and nemesis, one after the other.
    Matrix(matrix::Options),
    /// Power losses of one, two and all nodes while orders come in.
    Power(power::Options),
    /// Bugs that are planted on purpose: each must be caught.
    Mutants(mutants::Options),
    /// Workloads, nemeses, what this machine can do, and promises.
    List(list::Options),
    /// Judges a history again.
    Check(check::Options),
    /// The same workload, nemesis and seed as a run before.
    Replay(run::Replay),
}

/// What every run needs to know.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// How long things are broken.
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    seconds: Option<u64>,
    /// The same in minutes.
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// What chance begins with; printed, so that a run can be repeated.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What lies between the nodes: auto, proxy, namespaces or direct.
    #[arg(long, value_name = "WHICH", default_value = "auto", value_parser = transport)]
    transport: Between,
    /// Where reports go.
    #[arg(long, value_name = "DIR", default_value = "target/chaos")]
    out: PathBuf,
    /// JSON to stdout instead of a table.
    #[arg(long)]
    json: bool,
}

/// A transport, or whichever fits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between(Option<Choice>);

impl Common {
    fn length(&self) -> Duration {
        match (self.seconds, self.minutes) {
            (Some(seconds), _) => Duration::from_secs(seconds),
            (None, Some(minutes)) => Duration::from_secs_f64(minutes.max(0.0) * 60.0),
            (None, None) => Duration::from_secs(SECONDS),
        }
    }

    fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::from(now.subsec_nanos())
        })
    }
}

fn transport(text: &str) -> Result<Between, String> {
    let all = [Choice::Direct, Choice::Proxy, Choice::Namespaces];
    match all.into_iter().find(|choice| choice.name() == text) {
        Some(choice) => Ok(Between(Some(choice))),
        None if text == "auto" => Ok(Between(None)),
        None => Err("there are auto, proxy, namespaces and direct".to_owned()),
    }
}

fn workload(text: &str) -> Result<Workload, String> {
    text.parse()
}

fn nemesis(text: &str) -> Result<Kind, String> {
    text.parse()
}

/// Parses the command line and does it.
pub fn main() -> ExitCode {
    let line = Line::parse();
    let fdnode = line.fdnode;
    if let Some(fdnode) = fdnode.clone() {
        crate::programs::use_fdnode(fdnode);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            let asked = dispatch(line.command, fdnode.as_deref());
            // What a run has started goes with it.
            tokio::select! {
                code = asked => code,
                stopped = tokio::signal::ctrl_c() => {
                    stopped.context("waiting for Ctrl-C")?;
                    anyhow::bail!("stopped by Ctrl-C; what was started is ended and removed")
                }
            }
        })
    });
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("fdchaos: {error:#}");
            ExitCode::from(HARNESS_FAILED)
        }
    }
}

async fn dispatch(command: Command, fdnode: Option<&Path>) -> Result<u8> {
    match command {
        Command::Run(options) => Box::pin(run::run(options)).await,
        Command::Replay(options) => Box::pin(run::replay(options)).await,
        Command::Matrix(options) => Box::pin(matrix::matrix(options)).await,
        Command::Power(options) => Box::pin(power::power(options)).await,
        Command::Mutants(options) => mutants::mutants(options, fdnode).await,
        Command::List(options) => list::list(&options),
        Command::Check(options) => check::check(&options),
    }
}

/// The only place that writes to stdout.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("writing to stdout"),
    }
}

/// What goes on, with the time since the program began.
pub(crate) fn say(what: &str) {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    eprintln!("{:7.1} s  {what}", began.elapsed().as_secs_f64());
}
