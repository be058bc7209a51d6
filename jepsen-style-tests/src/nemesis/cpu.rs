//! Too little processor time: a control group with a quota, which the kernel enforces and counts.

use crate::leftovers::name;
use crate::tools;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the groups of both versions lie.
const VERSION_1: &str = "/sys/fs/cgroup/cpu";
const VERSION_2: &str = "/sys/fs/cgroup";
/// Microseconds over which a quota counts.
const PERIOD_US: u64 = 100_000;

/// A group with one process in it. It goes with this value, and the process is free again.
#[derive(Debug)]
pub(crate) struct Starved {
    group: PathBuf,
    pid: u32,
}

/// Whether this machine has what it takes.
pub(crate) fn possible() -> Result<(), String> {
    tools::root()?;
    root().map(drop)
}

/// Where groups are made, and whether they are of the second version.
fn root() -> Result<(PathBuf, bool), String> {
    let controllers = fs::read_to_string(Path::new(VERSION_2).join("cgroup.subtree_control"));
    if controllers.is_ok_and(|text| text.split_whitespace().any(|word| word == "cpu")) {
        return Ok((PathBuf::from(VERSION_2), true));
    }
    match Path::new(VERSION_1).join("cpu.cfs_quota_us").exists()
        || Path::new(VERSION_1).join("cgroup.procs").exists()
    {
        true => Ok((PathBuf::from(VERSION_1), false)),
        false => Err("there is no control group for processor time".to_owned()),
    }
}

impl Starved {
    /// From now on a process gets so many hundredths of one processor.
    pub(crate) fn begin(pid: u32, percent: u8) -> Result<Self> {
        let (root, second) = root().map_err(anyhow::Error::msg)?;
        let group = root.join(name(&format!("cpu{pid}")));
        fs::create_dir(&group).with_context(|| group.display().to_string())?;
        let starved = Self { group, pid };
        let quota = PERIOD_US * u64::from(percent.max(1)) / 100;
        if second {
            starved.write("cpu.max", &format!("{quota} {PERIOD_US}"))?;
        } else {
            starved.write("cpu.cfs_period_us", &PERIOD_US.to_string())?;
            starved.write("cpu.cfs_quota_us", &quota.to_string())?;
        }
        starved.write("cgroup.procs", &pid.to_string())?;
        Ok(starved)
    }

    /// How often it had to wait because its share was used up.
    pub(crate) fn throttled(&self) -> Result<u64> {
        let text = fs::read_to_string(self.group.join("cpu.stat"))?;
        let count = text.lines().find_map(|line| line.strip_prefix("nr_throttled "));
        count.context("the kernel counts it")?.trim().parse().context("a count")
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let file = self.group.join(file);
        fs::write(&file, text).with_context(|| file.display().to_string())
    }
}

impl Drop for Starved {
    fn drop(&mut self) {
        // Into the group above; a process that is gone needs no group.
        if let Some(above) = self.group.parent() {
            fs::write(above.join("cgroup.procs"), self.pid.to_string()).unwrap_or_default();
        }
        // One that is not empty yet is swept by the next run.
        fs::remove_dir(&self.group).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[tokio::test]
    async fn a_starved_process_waits_and_is_free_again() {
        if let Err(why) = possible() {
            eprintln!("skipped: {why}");
            return;
        }
        let mut busy = Command::new("sh");
        busy.args(["-c", "while :; do :; done"]).stdin(Stdio::null());
        let mut busy = busy.spawn().expect("there is a shell");
        let starved = Starved::begin(busy.id(), 5).expect("it is starved");
        let waits = crate::cluster::until(crate::cluster::READY_WITHIN, "it to wait", async || {
            starved.throttled().ok().filter(|count| *count > 0)
        });
        let waited = waits.await;
        let group = starved.group.clone();
        drop(starved);
        busy.kill().expect("it runs");
        busy.wait().expect("it ended");
        assert!(waited.is_ok() && !group.exists());
    }
}
