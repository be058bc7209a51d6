//! A process of the city: a node, or the gateway outside. It dies when this value does, and nothing
//! that was not started here is ever touched.

use crate::leftovers::{MARK, mark};
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
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
    launch: Launch,
    child: Option<Child>,
}

/// How a process is started: by whom, and with what in its environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// A program and its words, which turns into the process.
    pub prefix: Vec<OsString>,
    /// Variables and their values.
    pub env: Vec<(String, OsString)>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub status: ExitStatus,
}

impl End {
    /// Whether it was not our SIGKILL.
    pub(crate) fn by_itself(self) -> bool {
        self.status.signal() != Some(SIGKILL)
    }
}

/// What the system says about a process at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// Its state: `R` runs, `S` sleeps, `T` is stopped.
    pub state: char,
    /// Processor time that it has had, in ticks of the system.
    pub ticks: u64,
    /// The number of the process.
    pub pid: u32,
}

impl Process {
    /// Not started yet. What it prints goes to the end of `log`.
    pub(crate) fn new(program: PathBuf, args: Vec<OsString>, log: PathBuf) -> Self {
        Self { program, args, log, launch: Launch::default(), child: None }
    }

    /// The same, started in another way.
    pub(crate) fn launched(self, launch: Launch) -> Self {
        Self { launch, ..self }
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        if self.child.is_some() {
            bail!("{} runs already", self.program.display());
        }
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot open {}", self.log.display()))?;
        let mut words = self.launch.prefix.iter().cloned();
        let mut command = match words.next() {
            Some(launcher) => {
                let mut command = Command::new(launcher);
                command.args(words).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(&self.args).env(MARK, mark()).kill_on_drop(true);
        command.envs(self.launch.env.iter().map(|(name, value)| (name, value)));
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
        let end = self.ended().await?;
        if end.by_itself() {
            bail!("it ended by itself: {}\n{}", end.status, tail(&self.log));
        }
        Ok(())
    }

    /// Waits for its end, whatever brings it.
    pub(crate) async fn ended(&mut self) -> Result<End> {
        let child = self.child.as_mut().context("it does not run")?;
        let status = child.wait().await?;
        self.child = None;
        Ok(End { status })
    }

    /// How it has ended, if it has.
    pub(crate) fn try_ended(&mut self) -> Result<Option<End>> {
        let Some(child) = self.child.as_mut() else { return Ok(None) };
        let ended = child.try_wait()?.map(|status| End { status });
        if ended.is_some() {
            self.child = None;
        }
        Ok(ended)
    }

    /// Any other signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        self::signal(self.pid()?, signal)
    }

    /// Its number while it runs.
    pub(crate) fn pid(&self) -> Result<u32> {
        self.child.as_ref().and_then(Child::id).context("it does not run")
    }

    /// How it is.
    pub(crate) fn pulse(&self) -> Result<Pulse> {
        let pid = self.pid()?;
        let file = format!("/proc/{pid}/stat");
        let text = std::fs::read_to_string(&file).with_context(|| file.clone())?;
        pulse(pid, &text).with_context(|| format!("{file} is strange: {text}"))
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

    /// The last lines of its log.
    pub(crate) fn last_words(&self) -> String {
        tail(&self.log)
    }
}

/// Lines of a log that speak of a panic: none of a healthy run.
pub(crate) fn panics(log: &Path) -> Vec<String> {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect()
}

/// Sends a signal to a process that was started here and is not waited for yet.
pub(crate) fn signal(pid: u32, signal: Signal) -> Result<()> {
    let target = Pid::from_raw(i32::try_from(pid)?).context("a process has a number")?;
    kill_process(target, signal).with_context(|| format!("cannot signal {pid}"))
}

/// The fields of `/proc/PID/stat` behind the name, which may contain anything.
fn pulse(pid: u32, stat: &str) -> Option<Pulse> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<_> = fields.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Pulse { state: fields.first()?.chars().next()?, ticks: ticks(11)? + ticks(12)?, pid })
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_is_read_whatever_the_process_is_called() {
        let stat = "77 (a) b (c)) T 1 77 77 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 1 0 5";
        assert_eq!(pulse(77, stat), Some(Pulse { state: 'T', ticks: 42, pid: 77 }));
        assert_eq!(pulse(77, "77 (x) R"), None);
    }
}
