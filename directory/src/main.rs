//! `fddirectory`: reads its file, serves until it is told to stop.

use anyhow::Context;
use clap::Parser;
use cluster_config::{DirectoryConfig, Log, LogFormat};
use directory::Directory;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Which city serves a place, and the way to its nodes.
#[derive(Debug, Parser)]
#[command(name = "fddirectory", version)]
struct Args {
    /// The configuration; every key is explained in cluster-config/directory.toml.
    #[arg(long, env = "FDDIRECTORY_CONFIG", default_value = "directory.toml")]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let config = DirectoryConfig::load(&args.config)
        .with_context(|| format!("{} is not a configuration", args.config.display()))?;
    start_log(&config.log)?;
    // Taken before anything starts: a signal that comes early must not kill us half-way.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let directory = Directory::start(config).await?;
    tracing::info!(at = %directory.address(), "the directory listens");
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    directory.serve(stop).await?;
    Ok(())
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level).context("log.level")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
