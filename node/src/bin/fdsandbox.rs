//! `fdsandbox`: a payment gateway and a receiver of messages for tests, in a process of its own.

use anyhow::{Context, bail};
use clap::Parser;
use node::sandbox::{Faults, Sandbox, Setup};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// A gateway that moves no money, obeys test cards, and misbehaves as told.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Where it keeps its journal; what is there is taken up again.
    #[arg(long)]
    dir: PathBuf,
    /// Where it serves. Port 0: the system chooses, and the first line on stdout says what.
    #[arg(long, default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Serve other machines too. It has no limits on who asks how much: for tests only.
    #[arg(long)]
    anywhere: bool,
    /// A file with what callers must send as bearer token.
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// A file with what webhooks are signed with.
    #[arg(long)]
    webhook_secret_file: PathBuf,
    /// Where webhooks go, as `http://127.0.0.1:8081/v1/gateway/sandbox`; several take turns.
    #[arg(long = "webhook")]
    webhook_urls: Vec<String>,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How it misbehaves, as `{"lost": 50, "twice": 100}`: thousandths; also `PUT /settings`.
    #[arg(long, default_value = "{}")]
    faults: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fdsandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    if !args.listen.ip().is_loopback() && !args.anywhere {
        bail!("{} is not this machine alone: say --anywhere if that is meant", args.listen);
    }
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path);
        text.map(|text| text.trim().to_owned()).with_context(|| path.display().to_string())
    };
    let faults: Faults = serde_json::from_str(&args.faults).context("--faults")?;
    let setup = Setup {
        listen: args.listen,
        dir: args.dir,
        key: args.key_file.as_ref().map(read).transpose()?,
        webhook_secret: read(&args.webhook_secret_file)?.into_bytes(),
        webhook_urls: args.webhook_urls,
        seed: args.seed,
        faults,
    };
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let sandbox = Sandbox::start(setup).await?;
    writeln!(std::io::stdout(), "http://{}", sandbox.address)?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    sandbox.stop().await;
    Ok(())
}
