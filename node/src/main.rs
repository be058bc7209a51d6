//! `fdnode --config FILE`: one node of a city.

use anyhow::Context;
use clap::Parser;
use cluster_config::{Config, LogFormat};
use node::node::Node;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The system's allocator took a sixth of the time of placing an order (measured by sampling).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One node of a city: orders, menus, couriers and payments, in one process.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The node's configuration; `fdctl config reference` explains every key.
    #[arg(long, env = "FD_CONFIG")]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            eprintln!("fdnode: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let args = Args::parse();
    #[cfg(feature = "mutants")]
    node::mutant::plant()?;
    let config = Config::load(&args.config).with_context(|| args.config.display().to_string())?;
    let filter = EnvFilter::try_new(&config.log.level).context("log.level")?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => logs.json().init(),
        LogFormat::Text => logs.init(),
    }
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let node = Node::start(config).await?;
    let failed = tokio::select! {
        _ = interrupted.recv() => None,
        _ = terminated.recv() => None,
        why = node.failed() => Some(why),
    };
    node.stop().await;
    failed.map_or(Ok(()), |why| Err(anyhow::anyhow!("this node has stopped: {why}")))
}
