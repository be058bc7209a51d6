//! `fdload`: the living demo and the order benches. `cargo xtask demo` and `cargo xtask bench`
//! build the programs and start this one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use benches::bench::{events, failover, flood, orders};
use benches::cluster::Setup;
use benches::demo;
use benches::stop::Stop;
use clap::{Parser, Subcommand};

/// A city under load, on this machine.
#[derive(Debug, Parser)]
#[command(name = "fdload", version, about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Three nodes, a directory, and simulated people until Ctrl-C; counts every order at the end.
    Demo(demo::Options),
    /// Measures.
    Bench {
        /// Keep the nodes' data in this folder, on the disk that is to be measured.
        #[arg(long, global = true, value_name = "DIR")]
        data: Option<PathBuf>,
        #[command(subcommand)]
        bench: Bench,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Acknowledged orders per second, and their latency.
    Orders(orders::Options),
    /// Time from an order to those who follow the feed at other nodes.
    Events(events::Options),
    /// Time to the next acknowledged order after the leader was killed.
    Failover(failover::Options),
    /// Orders while somebody hammers at the door with wrong passwords.
    Flood(flood::Options),
}

/// Orders outlast a measurement: nobody cooks, and none may expire while it runs.
const PATIENT_S: u32 = 3_600;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(args.command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fdload: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    let (data, bench) = match command {
        Command::Demo(options) => return demo::run(&options).await,
        Command::Bench { data, bench } => (data, bench),
    };
    let setup = Setup { data, accept_s: Some(PATIENT_S), ..Setup::default() };
    let mut stop = Stop::listen()?;
    let measured = async {
        match &bench {
            Bench::Orders(options) => orders::run(options, &setup).await,
            Bench::Events(options) => events::run(options, &setup).await,
            Bench::Failover(options) => failover::run(options, &setup).await,
            Bench::Flood(options) => flood::run(options, &setup).await,
        }
    };
    tokio::select! {
        measured = measured => measured,
        // Dropping the run kills what it started.
        () = stop.asked() => anyhow::bail!("stopped"),
    }
}
