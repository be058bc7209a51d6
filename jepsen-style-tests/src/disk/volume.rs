//! A disk of a node's own: a file system in a file, which can lose its power. What was not synced
//! is gone then, which no kill ever shows.

use crate::leftovers::name;
use crate::tools::{self, MKFS, MOUNT, XFS_IO};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Unmounts; it comes with its counterpart.
const UMOUNT: tools::Tool = ("umount", MOUNT.1);
/// Attempts to unmount, since a process that was killed needs a moment to let go.
const ATTEMPTS: u32 = 100;
/// Between two of them.
const ATTEMPT: Duration = Duration::from_millis(20);
/// Written right before power is lost, and never synced: it must be gone.
const CANARY: &str = "canary";
const NEVER_SYNCED: &[u8] = b"never synced";
/// What a volume that is full leaves free, in bytes: less than a page.
const FULL: u64 = 4_096;
/// Less than this, in bytes, is no room for a node that has something to write.
pub(crate) const NO_ROOM: u64 = FULL * 256;
/// The file that fills a volume.
const FILLER: &str = "filler";

/// A mounted file system.
#[derive(Debug)]
pub struct Volume {
    image: PathBuf,
    at: PathBuf,
    mounted: bool,
    before: BTreeMap<PathBuf, u64>,
}

/// What a power loss took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Whether what was written without a sync, just before, is gone.
    pub canary: bool,
    /// Bytes that files had before and have not any more.
    pub bytes: u64,
    /// Files that are gone, without the canary.
    pub files: usize,
}

/// Whether this machine has what it takes.
pub(crate) fn possible() -> Result<(), String> {
    tools::root()?;
    tools::present(&[MKFS, MOUNT, UMOUNT, XFS_IO])?;
    if !Path::new("/dev/loop-control").exists() {
        return Err("this kernel has no loop devices".to_owned());
    }
    Ok(())
}

impl Volume {
    /// Makes and mounts one of this size below `dir`.
    ///
    /// # Errors
    /// A tool is missing or fails.
    pub async fn create(dir: &Path, id: u64, bytes: u64) -> Result<Self> {
        possible().map_err(anyhow::Error::msg)?;
        let image = dir.join(format!("node{id}.img"));
        let at = dir.join(name(&format!("disk{id}")));
        std::fs::create_dir_all(&at).with_context(|| at.display().to_string())?;
        File::create(&image)?.set_len(bytes)?;
        // All of its tables at once: nothing writes to it in the background later.
        let eager = "lazy_itable_init=0,lazy_journal_init=0,nodiscard";
        tools::run(MKFS, &["-qF", "-m", "0", "-E", eager, &tools::text(&image)]).await?;
        let mut volume = Self { image, at, mounted: false, before: BTreeMap::new() };
        volume.mount().await?;
        Ok(volume)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Power is lost: from now on nothing reaches the disk, synced or not. Processes that use it
    /// should be killed next.
    ///
    /// # Errors
    /// A tool fails.
    pub async fn cut_power(&mut self) -> Result<()> {
        self.before = sizes(&self.at);
        self.leave_canary()?;
        tools::run(XFS_IO, &["-x", "-c", "shutdown", &tools::text(&self.at)]).await.map(drop)
    }

    fn leave_canary(&self) -> Result<()> {
        let canary = File::create(self.at.join(CANARY));
        canary.and_then(|mut file| file.write_all(NEVER_SYNCED)).context("the canary")
    }

    /// Power is back: what the disk really has. Nobody may use it any more.
    ///
    /// # Errors
    /// A tool fails, or somebody uses it.
    pub async fn restore_power(&mut self) -> Result<Lost> {
        self.unmount().await?;
        self.mount().await?;
        let after = sizes(&self.at);
        let canary = self.at.join(CANARY);
        // A sync of another file takes the name of this one along, but never its bytes.
        let survived = std::fs::read(&canary).is_ok_and(|bytes| !bytes.is_empty());
        if canary.exists() {
            std::fs::remove_file(&canary)?;
        }
        let kept = |path: &PathBuf| after.get(path).copied().unwrap_or(0);
        let before = std::mem::take(&mut self.before);
        Ok(Lost {
            canary: !survived,
            bytes: before.iter().map(|(path, had)| had.saturating_sub(kept(path))).sum(),
            files: before.keys().filter(|path| !after.contains_key(*path)).count(),
        })
    }

    /// Takes all the room that is left.
    ///
    /// # Errors
    /// There is still room.
    pub async fn fill(&self) -> Result<u64> {
        let filler = tools::text(&self.at.join(FILLER));
        let free = self.free()?;
        // Allocated, not written: at once, however large it is. Twice, since the file's own map
        // takes some of it, too.
        let tool = ("fallocate", "util-linux");
        for _ in 0..2 {
            let bytes = self.free()?.saturating_sub(FULL) / FULL * FULL;
            if bytes > 0 {
                let had = std::fs::metadata(&filler).map_or(0, |file| file.len());
                let (at, bytes) = (had.to_string(), bytes.to_string());
                tools::run(tool, &["-o", &at, "-l", &bytes, &filler]).await?;
            }
        }
        let left = self.free()?;
        ensure!(left < NO_ROOM, "there are still {left} bytes free");
        Ok(free - left)
    }

    /// Gives that room back.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn empty(&self) -> Result<()> {
        std::fs::remove_file(self.at.join(FILLER)).context("the filler")
    }

    /// Bytes that are left for whoever writes.
    ///
    /// # Errors
    /// The system does not say.
    pub fn free(&self) -> Result<u64> {
        let stat = rustix::fs::statvfs(&self.at)?;
        Ok(stat.f_bavail * stat.f_frsize)
    }

    async fn mount(&mut self) -> Result<()> {
        let (image, at) = (tools::text(&self.image), tools::text(&self.at));
        tools::run(MOUNT, &["-t", "ext4", "-o", "loop,noatime", &image, &at]).await?;
        self.mounted = true;
        Ok(())
    }

    async fn unmount(&mut self) -> Result<()> {
        let at = tools::text(&self.at);
        let mut failed = None;
        for _ in 0..ATTEMPTS {
            match tools::run(UMOUNT, &[&at]).await {
                Ok(_) => {
                    self.mounted = false;
                    return Ok(());
                }
                Err(error) => failed = Some(error),
            }
            tokio::time::sleep(ATTEMPT).await;
        }
        Err(failed.context("it was tried")?)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let at = tools::text(&self.at);
        let mut attempts = 0;
        while self.mounted && attempts < ATTEMPTS {
            self.mounted = !tools::run_blocking(UMOUNT, &[&at]);
            attempts += 1;
            if self.mounted {
                std::thread::sleep(ATTEMPT);
            }
        }
        if self.mounted {
            // The last resort: it goes when its last user does.
            tools::run_blocking(UMOUNT, &["-l", &at]);
        }
        // What remains is swept by the next run.
        std::fs::remove_file(&self.image).unwrap_or_default();
        std::fs::remove_dir(&self.at).unwrap_or_default();
    }
}

/// The sizes of all files below a folder.
fn sizes(dir: &Path) -> BTreeMap<PathBuf, u64> {
    let (mut sizes, mut folders) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                sizes.insert(entry.path(), meta.len());
            }
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 64 << 20;

    async fn volume(dir: &Path) -> Option<Volume> {
        match possible() {
            Ok(()) => Some(Volume::create(dir, 1, SIZE).await.expect("a volume")),
            Err(why) => {
                eprintln!("skipped: {why}");
                None
            }
        }
    }

    #[tokio::test]
    async fn only_what_was_synced_survives_a_power_loss() {
        let dir = tempfile::tempdir().expect("a folder");
        let Some(mut volume) = volume(dir.path()).await else { return };
        let synced = volume.path().join("synced");
        let mut file = File::create(&synced).expect("a file");
        file.write_all(b"kept").expect("room");
        file.sync_all().expect("it syncs");
        File::open(volume.path()).and_then(|dir| dir.sync_all()).expect("it syncs");
        file.write_all(b"lost").expect("room");
        std::fs::write(volume.path().join("unsynced"), b"gone").expect("room");
        drop(file);
        volume.cut_power().await.expect("it goes dark");
        let lost = volume.restore_power().await.expect("it comes back");
        assert_eq!(lost, Lost { canary: true, bytes: 8, files: 1 });
        assert_eq!(std::fs::read(&synced).expect("it was synced"), b"kept");
        let place = volume.path().to_owned();
        drop(volume);
        assert!(!place.exists(), "it clears away what it made");
    }

    #[tokio::test]
    async fn a_sync_of_another_file_saves_the_name_and_not_the_content() {
        let dir = tempfile::tempdir().expect("a folder");
        let Some(mut volume) = volume(dir.path()).await else { return };
        volume.leave_canary().expect("room");
        let file = File::create(volume.path().join("neighbour")).expect("a file");
        file.sync_all().expect("it syncs");
        drop(file);
        let at = tools::text(volume.path());
        tools::run(XFS_IO, &["-x", "-c", "shutdown", &at]).await.expect("it goes dark");
        let lost = volume.restore_power().await.expect("it comes back");
        assert!(lost.canary, "{lost:?}");
    }

    #[tokio::test]
    async fn a_full_volume_takes_nothing_until_it_is_emptied() {
        let dir = tempfile::tempdir().expect("a folder");
        let Some(volume) = volume(dir.path()).await else { return };
        volume.fill().await.expect("it fills");
        let more = volume.path().join("more");
        let full = std::fs::write(&more, vec![7; 2 << 20]).map_err(|error| error.kind());
        assert_eq!(full, Err(std::io::ErrorKind::StorageFull));
        volume.empty().expect("it empties");
        std::fs::write(&more, vec![7; 2 << 20]).expect("there is room");
    }
}
