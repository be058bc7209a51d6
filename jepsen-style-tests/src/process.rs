//! A process of the city: a node, or the gateway outside. It dies when this value does, and nothing
//! that was not started here is ever touched.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Lines of a log that an error message carries.
const TAIL_LINES: usize = 20;
/// The signal that cannot be caught.
const SIGKILL: i32 = 9;

/// A process, running or not.
#[derive(Debug)]
pub(crate) struct Process {
    program: PathBuf,
    args: Vec<OsString>,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    /// Not started yet. What it prints goes to the end of `log`.
    pub(crate) fn new(program: PathBuf, args: Vec<OsString>, log: PathBuf) -> Self {
        Self { program, args, log, child: None }
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        if self.child.is_some() {
            bail!("{} runs already", self.program.display());
        }
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot open {}", self.log.display()))?;
        let mut command = Command::new(&self.program);
        command.args(&self.args).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn();
        self.child =
            Some(child.with_context(|| format!("cannot start {}", self.program.display()))?);
        Ok(())
    }

    /// SIGKILL now; gone when [`Self::buried`] returns. Two steps, so that several can be killed at
    /// the same moment.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let child = self.child.as_mut().context("it does not run")?;
        child.start_kill().context("cannot kill it")
    }

    /// Waits for the end that [`Self::kill`] brought. Another end is an error: a node that ended by
    /// itself was not tested.
    pub(crate) async fn buried(&mut self) -> Result<()> {
        let child = self.child.as_mut().context("it does not run")?;
        let status = child.wait().await?;
        self.child = None;
        if status.signal() != Some(SIGKILL) {
            bail!("it ended by itself: {status}\n{}", tail(&self.log));
        }
        Ok(())
    }

    pub(crate) fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// An error with the end of its log if it ended and nobody killed it.
    pub(crate) fn check_alive(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait()?
        {
            bail!("it ended by itself: {status}\n{}", tail(&self.log));
        }
        Ok(())
    }

    /// Lines of its log that speak of a panic: none of a healthy run.
    pub(crate) fn panics(&self) -> Vec<String> {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect()
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
