//! The unity build: a few large translation units instead of hundreds of small ones.
//!
//! The compiler spends most of a file on headers that its neighbour needs too. Twelve files to a
//! unit take a third of the processor time of one by one.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// What one compiler process needs at its peak, generously.
const COMPILER_BYTES: u64 = 1_500_000_000;

#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub(crate) compiler: &'a str,
    pub(crate) flags: &'a [String],
    /// Objects and generated units go here; the caller removes it.
    pub(crate) folder: &'a Path,
}

impl Build<'_> {
    /// Compiles every unit and packs the objects into `archive`.
    pub(crate) fn archive(&self, units: &[Vec<PathBuf>], archive: &Path) -> Result<()> {
        let started = Instant::now();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let worker = || -> Result<Vec<PathBuf>> {
            let mut objects = Vec::new();
            while let Some(index) = claim(&next, units.len()) {
                objects.extend(self.unit(index, &units[index])?);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(done, units.len(), started);
            }
            Ok(objects)
        };
        let mut objects = Vec::new();
        thread::scope(|scope| -> Result<()> {
            let workers: Vec<_> = (0..jobs()).map(|_| scope.spawn(worker)).collect();
            for worker in workers {
                let Ok(compiled) = worker.join() else { bail!("a build thread panicked") };
                objects.extend(compiled?);
            }
            Ok(())
        })?;
        // In one order, whichever thread was faster: the same sources give the same archive.
        objects.sort();
        let status = Command::new("ar").arg("crs").arg(archive).args(&objects).status();
        if !status.context("cannot run `ar`")?.success() {
            bail!("`ar` failed");
        }
        Ok(())
    }

    /// One unit; where its sources do not go together, each for itself.
    fn unit(&self, index: usize, sources: &[PathBuf]) -> Result<Vec<PathBuf>> {
        let unit = self.folder.join(format!("unit-{index:02}.cc"));
        let include = |source: &PathBuf| format!("#include \"{}\"\n", source.display());
        fs::write(&unit, sources.iter().map(include).collect::<String>())?;
        let object = unit.with_extension("o");
        if self.compile(&unit, &object, Stdio::null())? {
            return Ok(vec![object]);
        }
        eprintln!("xtask: unit {index} does not compile as one, taking its files one by one");
        let mut objects = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let object = self.folder.join(format!("unit-{index:02}-{number:02}.o"));
            if !self.compile(source, &object, Stdio::inherit())? {
                bail!("{} does not compile", source.display());
            }
            objects.push(object);
        }
        Ok(objects)
    }

    fn compile(&self, source: &Path, object: &Path, errors: Stdio) -> Result<bool> {
        let mut command = Command::new(self.compiler);
        command.args(self.flags).arg("-c").arg(source).arg("-o").arg(object).stderr(errors);
        let status = command.status().with_context(|| format!("cannot run {}", self.compiler))?;
        Ok(status.success())
    }
}

fn claim(next: &AtomicUsize, len: usize) -> Option<usize> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    (index < len).then_some(index)
}

/// As many as there are cores, unless memory is the shorter of the two.
fn jobs() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let fitting = available_bytes(&meminfo).map(|bytes| bytes / COMPILER_BYTES);
    let fitting = fitting.and_then(|jobs| usize::try_from(jobs).ok()).unwrap_or(cores);
    cores.min(fitting).max(1)
}

fn available_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// One line that moves on a terminal; in a log, a line now and then.
fn progress(done: usize, of: usize, started: Instant) {
    let seconds = started.elapsed().as_secs();
    let line = format!("xtask: RocksDB {done}/{of} units, {}:{:02}", seconds / 60, seconds % 60);
    let mut stderr = std::io::stderr().lock();
    let end = if done == of { "\n" } else { "" };
    // A progress line that cannot be written is no reason to stop.
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r{line}{end}").and_then(|()| stderr.flush());
    } else if done.is_multiple_of(5) || done == of {
        let _ = writeln!(stderr, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_in_kib() {
        let meminfo = "MemTotal:  16 kB\nMemAvailable:    2048 kB\n";
        assert_eq!(available_bytes(meminfo), Some(2048 * 1024));
        assert_eq!(available_bytes("MemTotal: 16 kB\n"), None);
    }

    #[test]
    fn every_index_is_claimed_once() {
        let next = AtomicUsize::new(0);
        assert_eq!([(); 3].map(|()| claim(&next, 2)), [Some(0), Some(1), None]);
    }

    #[test]
    fn units_that_conflict_are_compiled_file_by_file() {
        let folder = std::env::temp_dir().join(format!("xtask-unity-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a writable temporary folder");
        let sources = ["a", "b"].map(|name| {
            let path = folder.join(name).with_extension("cc");
            let text = format!("static int same = 1;\nint {name}() {{ return same; }}\n");
            fs::write(&path, text).expect("a writable temporary folder");
            path
        });
        let archive = folder.join("libx.a");
        let build = Build { compiler: "c++", flags: &["-w".to_owned()], folder: &folder };
        build.archive(&[sources.to_vec()], &archive).expect("both files compile alone");
        assert!(archive.is_file());
        assert!(folder.join("unit-00-01.o").is_file());
        fs::remove_dir_all(&folder).expect("a writable temporary folder");
    }
}
