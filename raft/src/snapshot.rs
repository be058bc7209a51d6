//! The shelf of snapshots: directories that nobody writes into, each a checkpoint of the state with
//! a manifest. The newest one is sent to nodes that need it; the one before it may still be on its
//! way to somebody, so two are kept.

use crate::settings::{FREE_DISK_BYTES, SNAPSHOT_FILES};
use crate::types::{LogId, SnapshotMeta};
use crate::wire::{self, proto};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MANIFEST: &str = "SNAPSHOT.pb";
const FORMAT: u32 = 1;
const KEPT: usize = 2;
const READ_BYTES: usize = 1 << 20;

/// A snapshot on this disk. Its files do not change as long as the directory exists.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotDir {
    pub(crate) path: PathBuf,
    pub(crate) manifest: Arc<proto::SnapshotManifest>,
}

/// A snapshot and what openraft wants to know of it.
pub(crate) type Kept = (SnapshotMeta, SnapshotDir);

/// Where snapshots lie, and which one is the newest.
#[derive(Debug)]
pub(crate) struct Shelf {
    root: PathBuf,
    current: Mutex<Option<Kept>>,
    received: AtomicU64,
}

impl Shelf {
    /// Takes up the newest complete snapshot and removes what a crash left half done.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let mut newest: Option<Kept> = None;
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("received-") || name.ends_with(".part") {
                remove_dir(&entry.path())?;
            } else if name.starts_with("snapshot-") {
                match load(&entry.path()) {
                    Ok(kept) if newest.as_ref().is_none_or(|n| index(&n.0) < index(&kept.0)) => {
                        newest = Some(kept);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%name, %error, "a snapshot is incomplete and is removed");
                        remove_dir(&entry.path())?;
                    }
                }
            }
        }
        let received = AtomicU64::new(0);
        let shelf = Self { root: root.to_owned(), current: Mutex::new(newest), received };
        shelf.remove_old()?;
        Ok(shelf)
    }

    /// The newest one.
    pub(crate) fn current(&self) -> Option<Kept> {
        self.current.lock().clone()
    }

    /// A directory for a checkpoint, which does not exist yet.
    pub(crate) fn part(&self, meta: &SnapshotMeta) -> io::Result<PathBuf> {
        let path = self.root.join(format!("{}.part", name(meta)));
        remove_dir(&path)?;
        Ok(path)
    }

    /// A directory for a snapshot on its way in, which does not exist yet.
    pub(crate) fn inbox(&self) -> io::Result<PathBuf> {
        let nonce = self.received.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join(format!("received-{nonce}"));
        remove_dir(&path)?;
        Ok(path)
    }

    /// Makes a checkpoint into a snapshot: describes it, makes it durable and puts it on the shelf.
    /// Reads every file of it.
    pub(crate) fn put_checkpoint(&self, part: &Path, meta: &SnapshotMeta) -> io::Result<Kept> {
        let manifest = describe(part, meta)?;
        write_manifest(part, &manifest)?;
        self.adopt(SnapshotDir { path: part.to_owned(), manifest: Arc::new(manifest) }, meta)
    }

    /// Moves a complete directory to its place. If there is one of the same entry already, that is
    /// the same state, and it stays; the other is removed.
    pub(crate) fn adopt(&self, dir: SnapshotDir, meta: &SnapshotMeta) -> io::Result<Kept> {
        let path = self.root.join(name(meta));
        let mut current = self.current.lock();
        if let Some(kept) = current.as_ref().filter(|kept| kept.0.last_log_id == meta.last_log_id) {
            if kept.1.path != dir.path {
                remove_dir(&dir.path)?;
            }
            return Ok(kept.clone());
        }
        if dir.path != path {
            remove_dir(&path)?;
            fs::rename(&dir.path, &path)?;
        }
        sync_dir(&self.root)?;
        let kept = (meta.clone(), SnapshotDir { path, manifest: dir.manifest });
        // An older one can arrive late: a checkpoint that was overtaken by a received snapshot.
        if current.as_ref().is_none_or(|c| index(&c.0) < index(meta)) {
            *current = Some(kept.clone());
        }
        drop(current);
        self.remove_old()?;
        Ok(kept)
    }

    fn remove_old(&self) -> io::Result<()> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with("snapshot-") && !name.ends_with(".part") {
                names.insert(name);
            }
        }
        // Fixed width, so the order of the names is the order of the indexes.
        for name in names.iter().rev().skip(KEPT) {
            remove_dir(&self.root.join(name))?;
        }
        Ok(())
    }
}

/// What the manifest says, for openraft.
pub(crate) fn meta_of(manifest: &proto::SnapshotManifest) -> io::Result<SnapshotMeta> {
    if manifest.format != FORMAT {
        let what = format!("snapshot of format {}, this binary reads {FORMAT}", manifest.format);
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    let membership = manifest.last_membership.clone();
    let membership = membership.ok_or(wire::Malformed("manifest without membership"))?;
    Ok(SnapshotMeta {
        last_log_id: wire::to_log_id(manifest.last_log_id.as_ref()),
        last_membership: wire::to_stored(membership)?,
    })
}

/// Names that RocksDB gives to the files of a checkpoint. Anything else is refused on receipt: no
/// separator and no surprise can come in by a name.
pub(crate) fn is_checkpoint_file(name: &str) -> bool {
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    name == "CURRENT"
        || name.strip_suffix(".sst").is_some_and(number)
        || name.strip_prefix("MANIFEST-").is_some_and(number)
        || name.strip_prefix("OPTIONS-").is_some_and(number)
}

/// Free bytes of the file system that `path` lies on.
pub(crate) fn free_disk(path: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether less than this share of the disk is free, and less than is enough on any disk.
pub(crate) fn is_disk_full(path: &Path, percent: u64) -> io::Result<bool> {
    let stat = rustix::fs::statvfs(path)?;
    let total = stat.f_blocks.saturating_mul(stat.f_frsize);
    let wanted = (total / 100).saturating_mul(percent).min(FREE_DISK_BYTES);
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize) < wanted)
}

pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

pub(crate) fn remove_dir(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Writes the manifest last: a directory with a manifest is a complete one.
pub(crate) fn write_manifest(dir: &Path, manifest: &proto::SnapshotManifest) -> io::Result<()> {
    let path = dir.join(MANIFEST);
    fs::write(&path, wire::to_bytes(manifest))?;
    File::open(&path)?.sync_all()?;
    sync_dir(dir)
}

fn load(dir: &Path) -> io::Result<Kept> {
    let bytes = fs::read(dir.join(MANIFEST))?;
    let manifest: proto::SnapshotManifest = wire::from_bytes(bytes.as_slice())?;
    for file in &manifest.files {
        let size = fs::metadata(dir.join(&file.name))?.len();
        if size != file.size {
            let what = format!("{} has {size} bytes instead of {}", file.name, file.size);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
    }
    let meta = meta_of(&manifest)?;
    Ok((meta, SnapshotDir { path: dir.to_owned(), manifest: Arc::new(manifest) }))
}

fn describe(dir: &Path, meta: &SnapshotMeta) -> io::Result<proto::SnapshotManifest> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dir)? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    let checkpoint = names.into_iter().filter(|name| is_checkpoint_file(name));
    let files = checkpoint
        .map(|name| {
            let (size, crc32c) = checksum(&dir.join(&name))?;
            Ok(proto::SnapshotFile { name, size, crc32c })
        })
        .collect::<io::Result<Vec<_>>>()?;
    if files.len() > SNAPSHOT_FILES {
        return Err(io::Error::other(format!("a snapshot of {} files", files.len())));
    }
    Ok(proto::SnapshotManifest {
        format: FORMAT,
        last_log_id: wire::log_id(meta.last_log_id.as_ref()),
        last_membership: Some(wire::stored(&meta.last_membership)),
        files,
    })
}

/// Reads a file and makes sure that it is on the disk.
fn checksum(path: &Path) -> io::Result<(u64, u32)> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; READ_BYTES];
    let (mut size, mut crc) = (0, 0);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            file.sync_all()?;
            return Ok((size, crc));
        }
        size += count as u64;
        crc = crc32c::crc32c_append(crc, &buffer[..count]);
    }
}

fn index(meta: &SnapshotMeta) -> Option<u64> {
    meta.last_log_id.as_ref().map(LogId::index)
}

fn name(meta: &SnapshotMeta) -> String {
    format!("snapshot-{:020}", index(meta).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{StoredMembership, TypeConfig};
    use openraft::alias::LogIdOf;
    use openraft::impls::leader_id_adv::LeaderId;

    fn meta(index: u64) -> SnapshotMeta {
        let leader = LeaderId { term: 1, node_id: 1 };
        let last_log_id = Some(LogIdOf::<TypeConfig>::new(leader, index));
        SnapshotMeta { last_log_id, last_membership: StoredMembership::default() }
    }

    fn put(shelf: &Shelf, index: u64, content: &str) -> Kept {
        let part = shelf.part(&meta(index)).unwrap();
        fs::create_dir(&part).unwrap();
        fs::write(part.join("CURRENT"), content).unwrap();
        fs::write(part.join("000007.sst"), [7; 3000]).unwrap();
        fs::write(part.join("LOG"), "not of the checkpoint").unwrap();
        shelf.put_checkpoint(&part, &meta(index)).unwrap()
    }

    fn names(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root).unwrap();
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn two_are_kept_and_the_newest_is_found_again() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(root.path()).unwrap();
        assert!(shelf.current().is_none());
        for index in [10, 20, 30] {
            put(&shelf, index, "a");
        }
        assert_eq!(
            names(root.path()),
            ["snapshot-00000000000000000020", "snapshot-00000000000000000030"]
        );
        let (meta30, dir) = shelf.current().unwrap();
        assert_eq!(meta30, meta(30));
        let files: Vec<_> = dir.manifest.files.iter().map(|f| (&*f.name, f.size)).collect();
        assert_eq!(files, [("000007.sst", 3000), ("CURRENT", 1)]);

        fs::create_dir(root.path().join("received-3")).unwrap();
        fs::create_dir(root.path().join("snapshot-00000000000000000040.part")).unwrap();
        let again = Shelf::open(root.path()).unwrap();
        assert_eq!(again.current().unwrap().0, meta(30));
        assert_eq!(names(root.path()).len(), 2, "what was half done is gone");
    }

    #[test]
    fn an_incomplete_one_is_removed_and_the_one_before_it_used() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(root.path()).unwrap();
        put(&shelf, 10, "a");
        let (_, dir) = put(&shelf, 20, "a");
        fs::write(dir.path.join("000007.sst"), [7; 2999]).unwrap();
        let again = Shelf::open(root.path()).unwrap();
        assert_eq!(again.current().unwrap().0, meta(10));
        assert_eq!(names(root.path()).len(), 1);
    }

    #[test]
    fn an_older_one_does_not_replace_a_newer_one() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(root.path()).unwrap();
        put(&shelf, 20, "a");
        put(&shelf, 10, "late");
        assert_eq!(shelf.current().unwrap().0, meta(20));
    }

    #[test]
    fn names_of_files() {
        for name in ["CURRENT", "000012.sst", "MANIFEST-000004", "OPTIONS-000007"] {
            assert!(is_checkpoint_file(name), "{name}");
        }
        for name in ["", ".sst", "../000012.sst", "a/b.sst", "LOCK", "SNAPSHOT.pb", "MANIFEST-"] {
            assert!(!is_checkpoint_file(name), "{name}");
        }
    }
}
