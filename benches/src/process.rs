//! One started program. It dies with us, whatever way we go: asked politely at a normal end, killed
//! when this value is dropped, and, where `setpriv` is installed, killed by the kernel even after
//! our own SIGKILL.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// Asked to stop, a program has this long before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);

/// How to start it, any number of times.
#[derive(Clone, Debug)]
pub struct Program {
    /// For people.
    pub name: String,
    /// The binary.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// What it prints goes to the end of this file.
    pub log: PathBuf,
}

/// A program that runs, or did.
#[derive(Debug)]
pub struct Process {
    program: Program,
    child: Child,
    pid: Pid,
}

impl Process {
    /// Starts it, in a process group of its own: a Ctrl-C at the terminal is for us alone, and the
    /// nodes live on until we have counted the orders.
    ///
    /// # Errors
    /// The log cannot be opened or the program not be started.
    pub fn start(program: &Program) -> Result<Self> {
        let log = File::options().create(true).append(true).open(&program.log);
        let log = log.with_context(|| format!("cannot open {}", program.log.display()))?;
        let mut command = match leash() {
            Some(leash) => {
                let mut command = Command::new(leash);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&program.path);
                command
            }
            None => Command::new(&program.path),
        };
        command.args(&program.args);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.process_group(0).kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("cannot start {}", program.path.display()))?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let pid = pid.context("the program ended while it started")?;
        Ok(Self { program: program.clone(), child, pid })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.program.name
    }

    /// Whether it still runs. A program that ended by itself is an error worth its log.
    ///
    /// # Errors
    /// It ended: with its exit status and the end of its log.
    pub fn check_alive(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let name = self.name();
            anyhow::bail!("{name} ended: {status}\n{}", tail(&self.program.log));
        }
        Ok(())
    }

    /// SIGKILL, and gone when this returns.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("cannot kill {}", self.program.name))
    }

    /// Starts it again as it was started before.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> Result<()> {
        *self = Self::start(&self.program)?;
        Ok(())
    }

    /// SIGTERM; SIGKILL after [`GRACE`].
    pub async fn stop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // Our own child, not yet waited for: the number cannot belong to anybody else.
        let asked = kill_process(self.pid, Signal::TERM).is_ok();
        if !asked || tokio::time::timeout(GRACE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    /// Processor time used so far, in seconds; nothing if it ended.
    pub fn cpu_s(&self) -> Option<f64> {
        cpu_s(&format!("/proc/{}/stat", self.pid.as_raw_nonzero()))
    }
}

/// Processor time of this process itself, in seconds.
pub fn own_cpu_s() -> Option<f64> {
    cpu_s("/proc/self/stat")
}

/// Processor time that the whole machine has spent on anything but idling, in seconds.
pub fn machine_cpu_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let fields = text.lines().next()?.split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guests are counted within user already.
    let busy = ticks.iter().take(8).sum::<u64>() - ticks.get(3)? - ticks.get(4)?;
    Some(busy as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// User and system time are the 14th and 15th field; the 2nd may hold spaces and ends with ')'.
fn cpu_s(stat: &str) -> Option<f64> {
    let text = std::fs::read_to_string(stat).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// `setpriv --pdeathsig KILL` has the kernel kill the program when our main thread ends, which
/// without `unsafe` we cannot ask for ourselves.
fn leash() -> Option<&'static Path> {
    static LEASH: std::sync::OnceLock<Option<PathBuf>> = std::sync::OnceLock::new();
    let find = || {
        let mut trial = std::process::Command::new("setpriv");
        trial.args(["--pdeathsig", "KILL", "--", "true"]);
        trial.stdout(Stdio::null()).stderr(Stdio::null());
        trial.status().is_ok_and(|status| status.success()).then(|| PathBuf::from("setpriv"))
    };
    LEASH.get_or_init(find).as_deref()
}

/// The last lines of a log, for an error message.
pub fn tail(log: &Path) -> String {
    const LINES: usize = 12;
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let first = lines.len().saturating_sub(LINES);
    lines[first..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(dir: &Path) -> Program {
        Program {
            name: "sleeper".to_owned(),
            path: "sleep".into(),
            args: vec!["600".to_owned()],
            log: dir.join("sleeper.log"),
        }
    }

    fn exists(pid: Pid) -> bool {
        Path::new(&format!("/proc/{}", pid.as_raw_nonzero())).exists()
    }

    #[tokio::test]
    async fn a_program_is_killed_started_again_and_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = Process::start(&sleeper(dir.path())).unwrap();
        let first = process.pid;
        assert!(process.check_alive().is_ok());
        assert!(process.cpu_s().is_some());
        process.kill().await.unwrap();
        assert!(!exists(first));
        assert!(process.check_alive().is_err());
        process.restart().unwrap();
        let second = process.pid;
        assert!(exists(second));
        process.stop().await;
        assert!(!exists(second));
    }

    #[test]
    fn our_own_time_is_known() {
        let own = own_cpu_s().unwrap();
        assert!((0.0..machine_cpu_s().unwrap()).contains(&own));
    }
}
