//! What a run that was killed itself could not clear away: each run marks what it makes with its
//! own process number, and the next one removes what belongs to a number that is gone. Nothing else
//! is touched.

use crate::tools::{self, IP, MOUNT};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// The variable in the environment of every process of a run; its value says which run.
pub(crate) const MARK: &str = "FD_CHAOS_RUN";
/// Names of this run's namespaces, interfaces and folders begin with it and its number.
const PREFIX: &str = "fdchaos";
/// Unmounts; its package is that of `mount`.
const UMOUNT: tools::Tool = ("umount", MOUNT.1);

/// The number of this run.
pub(crate) fn mark() -> String {
    std::process::id().to_string()
}

/// A name of this run.
pub(crate) fn name(what: &str) -> String {
    format!("{PREFIX}{}{what}", std::process::id())
}

/// Removes what runs left behind that are gone. Returns what it removed, for the run's log.
pub fn sweep() -> Vec<String> {
    let mut removed = processes();
    if tools::root().is_ok() {
        // Mounts after the processes that used them; namespaces last.
        removed.extend(mounts());
        removed.extend(groups());
        removed.extend(namespaces());
    }
    removed
}

/// Processes with the mark of a run that is gone.
fn processes() -> Vec<String> {
    let mut killed = Vec::new();
    for pid in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = pid.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // Those of other users are not ours, and cannot be read.
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment);
        let mut marks = environment.split('\0').filter_map(|entry| entry.strip_prefix(MARK));
        let run = marks.next().and_then(|value| value.strip_prefix('=')?.parse().ok());
        if run.is_some_and(|run| !lives(run))
            && let Some(target) = Pid::from_raw(pid)
            && kill_process(target, Signal::KILL).is_ok()
        {
            killed.push(format!("process {pid}"));
        }
    }
    killed
}

fn mounts() -> Vec<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let dead = places.filter(|place| place.split('/').any(is_dead));
    let removed = dead.filter(|place| tools::run_blocking(UMOUNT, &["-l", place]));
    removed.map(|place| format!("mount {place}")).collect()
}

/// Control groups; their processes are gone by now.
fn groups() -> Vec<String> {
    let mut removed = Vec::new();
    for folder in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"] {
        for name in dead_names(folder) {
            if std::fs::remove_dir(Path::new(folder).join(&name)).is_ok() {
                removed.push(format!("control group {name}"));
            }
        }
    }
    removed
}

/// What lies in a folder under the name of a run that is gone.
fn dead_names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(folder)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_dead(name)).collect()
}

fn namespaces() -> Vec<String> {
    let mut removed = Vec::new();
    for name in dead_names("/run/netns") {
        if tools::run_blocking(IP, &["netns", "del", &name]) {
            removed.push(format!("namespace {name}"));
        }
    }
    for name in dead_names("/sys/class/net") {
        if tools::run_blocking(IP, &["link", "del", &name]) {
            removed.push(format!("interface {name}"));
        }
    }
    removed
}

/// Whether it is a name of a run that is gone.
fn is_dead(name: &str) -> bool {
    let number = name.strip_prefix(PREFIX).map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse::<u32>()
    });
    matches!(number, Some(Ok(run)) if !lives(run))
}

fn lives(run: u32) -> bool {
    Path::new(&format!("/proc/{run}")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_runs_that_are_gone_are_dead() {
        assert!(!is_dead(&name("n1")), "this run lives");
        assert!(is_dead("fdchaos4294967290n1"));
        assert!(!is_dead("fdchaosn1"));
        assert!(!is_dead("eth0"));
        assert!(!is_dead("my-fdchaos4294967290"));
    }
}
