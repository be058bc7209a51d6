//! Small libraries that are loaded before a node and stand between it and the system: its wall
//! clock and its disk do what a shared file says, live and without root. Their counters, in the
//! same file, are the proof that they did.

use crate::tools::{self, CC};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Words of a shared file, 8 bytes each.
const WORDS: usize = 16;
/// The speed of a clock that is right.
const RIGHT_SPEED: i64 = 1_000;

const CLOCK: &str = include_str!("../shims/clock.c");
const DISK: &str = include_str!("../shims/disk.c");

/// The words of the clock.
mod clock {
    pub(super) const ADD_NS: usize = 0;
    pub(super) const SPEED: usize = 1;
    pub(super) const SINCE_NS: usize = 2;
    pub(super) const WRONG_ANSWERS: usize = 8;
}

/// The words of the disk.
mod disk {
    pub(super) const MODE: usize = 0;
    pub(super) const SYNC_US: usize = 1;
}

/// What a disk does with what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskMode {
    /// All is well.
    Sound,
    /// It says that it has synced, and has not. No fault of a run: it is how the harness shows that
    /// it would notice.
    Lies,
    /// Writes and syncs fail with EIO.
    Broken,
    /// Writes fail with ENOSPC.
    Full,
    /// The next write stops half-way, and the process dies there.
    Torn,
}

/// What a disk has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct DiskCounts {
    /// Syncs that were not done although it said so.
    pub lied: i64,
    /// Calls that failed with EIO.
    pub eio: i64,
    /// Calls that failed with ENOSPC.
    pub enospc: i64,
    /// Syncs that took longer.
    pub slowed: i64,
    /// Bytes of a torn write that were written.
    pub torn_bytes: i64,
    /// Syncs that were done.
    pub synced: i64,
}

impl DiskCounts {
    /// What was counted since.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            lied: self.lied - before.lied,
            eio: self.eio - before.eio,
            enospc: self.enospc - before.enospc,
            slowed: self.slowed - before.slowed,
            torn_bytes: self.torn_bytes - before.torn_bytes,
            synced: self.synced - before.synced,
        }
    }
}

/// The compiled libraries.
#[derive(Clone, Debug)]
pub(crate) struct Libraries {
    clock: PathBuf,
    disk: PathBuf,
}

/// What one node's clock and disk are told.
#[derive(Debug)]
pub(crate) struct Control {
    clock: Words,
    disk: Words,
}

#[derive(Debug)]
struct Words {
    path: PathBuf,
    file: File,
}

/// Whether this machine has what it takes.
pub(crate) fn possible() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("clocks and disks are only steered on Linux".to_owned());
    }
    tools::present(&[CC])
}

impl Libraries {
    /// Compiles both into a folder.
    pub(crate) async fn compile(dir: &Path) -> Result<Self> {
        let mut made = Vec::new();
        for (name, source) in [("clock", CLOCK), ("disk", DISK)] {
            let (code, library) = (dir.join(format!("{name}.c")), dir.join(format!("{name}.so")));
            std::fs::write(&code, source).with_context(|| code.display().to_string())?;
            let (code, out) = (tools::text(&code), tools::text(&library));
            tools::run(CC, &["-shared", "-fPIC", "-O2", "-o", &out, &code, "-ldl"]).await?;
            made.push(library);
        }
        let disk = made.pop().context("two were made")?;
        Ok(Self { clock: made.pop().context("two were made")?, disk })
    }

    /// What a process needs in its environment to obey this.
    pub(crate) fn env(&self, control: &Control) -> Vec<(String, OsString)> {
        let both = format!("{}:{}", self.clock.display(), self.disk.display());
        vec![
            ("LD_PRELOAD".to_owned(), both.into()),
            ("FD_CLOCK_CONTROL".to_owned(), control.clock.path.clone().into_os_string()),
            ("FD_DISK_CONTROL".to_owned(), control.disk.path.clone().into_os_string()),
        ]
    }
}

impl Control {
    /// All is well, told by files in this folder whose names begin so.
    pub(crate) fn create(dir: &Path, name: &str) -> Result<Self> {
        let clock = Words::create(dir.join(format!("{name}.clock")))?;
        clock.set(clock::SPEED, RIGHT_SPEED)?;
        Ok(Self { clock, disk: Words::create(dir.join(format!("{name}.disk")))? })
    }

    /// The wall clock is so many seconds off.
    pub(crate) fn set_clock(&self, add_s: i64) -> Result<()> {
        self.clock.set(clock::ADD_NS, add_s.saturating_mul(1_000_000_000))
    }

    /// The wall clock runs so many thousandths of the right speed from now on.
    pub(crate) fn set_speed(&self, thousandths: u32) -> Result<()> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).context("after 1970")?;
        let since = i64::try_from(since.as_nanos()).context("before 2262")?;
        self.clock.set(clock::SINCE_NS, since)?;
        self.clock.set(clock::SPEED, i64::from(thousandths))
    }

    /// The wall clock is right again.
    pub(crate) fn right_clock(&self) -> Result<()> {
        self.clock.set(clock::SPEED, RIGHT_SPEED)?;
        self.clock.set(clock::ADD_NS, 0)
    }

    /// How often a wrong time was told.
    pub(crate) fn wrong_answers(&self) -> Result<i64> {
        self.clock.get(clock::WRONG_ANSWERS)
    }

    /// The disk does this from now on.
    pub(crate) fn set_disk(&self, mode: DiskMode) -> Result<()> {
        let mode = match mode {
            DiskMode::Sound => 0,
            DiskMode::Lies => 1,
            DiskMode::Broken => 2,
            DiskMode::Full => 3,
            DiskMode::Torn => 4,
        };
        self.disk.set(disk::MODE, mode)
    }

    /// Each sync takes so many milliseconds longer.
    pub(crate) fn set_sync_delay(&self, ms: u64) -> Result<()> {
        self.disk.set(disk::SYNC_US, i64::try_from(ms)?.saturating_mul(1_000))
    }

    /// What the disk has counted.
    pub(crate) fn disk_counts(&self) -> Result<DiskCounts> {
        let [lied, eio, enospc, slowed, torn_bytes, synced] =
            [8, 9, 10, 11, 12, 13].map(|word| self.disk.get(word));
        Ok(DiskCounts {
            lied: lied?,
            eio: eio?,
            enospc: enospc?,
            slowed: slowed?,
            torn_bytes: torn_bytes?,
            synced: synced?,
        })
    }
}

impl Words {
    fn create(path: PathBuf) -> Result<Self> {
        let mut options = File::options();
        let file = options.create(true).truncate(true).read(true).write(true).open(&path);
        let file = file.with_context(|| path.display().to_string())?;
        file.set_len(WORDS as u64 * 8)?;
        Ok(Self { path, file })
    }

    fn set(&self, word: usize, value: i64) -> Result<()> {
        let written = self.file.write_all_at(&value.to_ne_bytes(), word as u64 * 8);
        written.with_context(|| self.path.display().to_string())
    }

    fn get(&self, word: usize) -> Result<i64> {
        let mut bytes = [0; 8];
        let read = self.file.read_exact_at(&mut bytes, word as u64 * 8);
        read.with_context(|| self.path.display().to_string())?;
        Ok(i64::from_ne_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Output, Stdio};

    /// A folder with the libraries and a control file; nothing, with a word, where there is no
    /// compiler.
    async fn ready() -> Option<(tempfile::TempDir, Libraries, Control)> {
        if let Err(why) = possible() {
            eprintln!("skipped: {why}");
            return None;
        }
        let dir = tempfile::tempdir().expect("a folder");
        let libraries = Libraries::compile(dir.path()).await.expect("they compile");
        let control = Control::create(dir.path(), "n1").expect("a file");
        Some((dir, libraries, control))
    }

    fn shell(libraries: &Libraries, control: &Control, script: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).envs(libraries.env(control));
        command.output().expect("there is a shell")
    }

    fn said(output: &Output) -> String {
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[tokio::test]
    async fn a_clock_jumps_and_comes_back_and_what_it_said_is_counted() {
        let Some((_dir, libraries, control)) = ready().await else { return };
        let off = |control: &Control| -> i64 {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
            let told: i64 = said(&shell(&libraries, control, "date +%s")).parse().expect("a time");
            told - i64::try_from(now).expect("a time")
        };
        assert!(off(&control).abs() < 60);
        let before = control.wrong_answers().expect("a count");
        control.set_clock(-3_600).expect("it is told");
        assert!((off(&control) + 3_600).abs() < 60);
        assert!(control.wrong_answers().expect("a count") > before);
        control.right_clock().expect("it is told");
        control.set_speed(2_000).expect("it is told");
        assert!(off(&control).abs() < 60);
        control.right_clock().expect("it is told");
        assert!(off(&control).abs() < 60);
    }

    #[tokio::test]
    async fn a_disk_is_full_breaks_lies_and_tears() {
        let Some((dir, libraries, control)) = ready().await else { return };
        let file = dir.path().join("f");
        // A shell writes through standard output only, which is left alone.
        if let Err(why) = tools::present(&[("perl", "perl-base")]) {
            eprintln!("skipped: {why}");
            return;
        }
        let writes = |times: usize| {
            format!(
                "exec perl -MIO::Handle -e 'open(my $f, q(>), q({})) or exit 1; \
                 (syswrite($f, q(abcdef) x {times}) // 0) == 6 * {times} or exit 2; \
                 $f->sync or exit 3; print q(whole)'",
                file.display()
            )
        };
        let write = writes(1);
        let counts = |control: &Control| control.disk_counts().expect("counts");
        assert_eq!(said(&shell(&libraries, &control, &write)), "whole");
        assert_eq!(counts(&control), DiskCounts { synced: 1, ..DiskCounts::default() });

        control.set_disk(DiskMode::Full).expect("it is told");
        assert_eq!(said(&shell(&libraries, &control, &write)), "");
        control.set_disk(DiskMode::Broken).expect("it is told");
        assert_eq!(said(&shell(&libraries, &control, &write)), "");
        control.set_disk(DiskMode::Lies).expect("it is told");
        assert_eq!(said(&shell(&libraries, &control, &write)), "whole");
        let seen = counts(&control);
        assert!(seen.enospc >= 1 && seen.eio >= 1 && seen.lied == 1, "{seen:?}");

        control.set_disk(DiskMode::Torn).expect("it is told");
        // What lies in one sector is there or is not; of three sectors the first one is.
        assert_eq!(said(&shell(&libraries, &control, &write)), "whole");
        let torn = shell(&libraries, &control, &writes(256));
        assert_eq!(torn.status.signal(), Some(9));
        assert_eq!(std::fs::metadata(&file).expect("a file").len(), 512);
        assert_eq!(counts(&control).torn_bytes, 512);

        control.set_disk(DiskMode::Sound).expect("it is told");
        control.set_sync_delay(1).expect("it is told");
        assert_eq!(said(&shell(&libraries, &control, &write)), "whole");
        assert_eq!(counts(&control).slowed, 1);
    }
}
