//! Damage to the files of a node that is down: bits flip, ends get lost, old blocks come back. The
//! places are in the proof, so that anybody can look.

use crate::nemesis::{Damage, Store};
use crate::random::Random;
use anyhow::{Context, Result};
use serde::Serialize;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What a part that is rolled back is made of: a disk that lost a write has an old block there, and
/// the oldest one is empty.
const BLOCK: u64 = 4_096;

/// What was damaged, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wound {
    /// Below the node's data.
    pub file: PathBuf,
    /// How long it was.
    pub size: u64,
    /// Where the damage begins.
    pub offset: u64,
    /// How many bytes are not what they were.
    pub bytes: u64,
}

/// Damages one file of this sort below `data`, the one with the most in it.
///
/// # Errors
/// There is no such file, or it cannot be written.
pub fn wound(data: &Path, store: Store, damage: Damage, random: &mut Random) -> Result<Wound> {
    let mut files = files(data, store);
    if store == Store::Snapshot {
        // The names have a fixed width: the last folder is the newest one, which others get.
        let newest = files.iter().filter_map(|(_, path)| path.parent()).max().map(Path::to_owned);
        files.retain(|(_, path)| path.parent() == newest.as_deref());
    }
    files.sort();
    let (size, path) = files.pop().with_context(|| format!("there is no {store:?} to damage"))?;
    part_ways(&path).with_context(|| path.display().to_string())?;
    let file = File::options().read(true).write(true).open(&path);
    let file = file.with_context(|| path.display().to_string())?;
    let at = |limit: u64, random: &mut Random| {
        random.below(usize::try_from(limit).unwrap_or(usize::MAX)) as u64
    };
    let (offset, bytes) = match damage {
        Damage::Flip => {
            // In the middle half: neither a header nor a tail that was being written.
            let offset = size / 4 + at(size / 2, random);
            let mut byte = [0];
            file.read_exact_at(&mut byte, offset)?;
            byte[0] ^= 1 << random.below(8);
            file.write_all_at(&byte, offset)?;
            (offset, 1)
        }
        Damage::Truncate => {
            let offset = size / 2 + at(size / 4, random);
            file.set_len(offset)?;
            (offset, size - offset)
        }
        Damage::RollBack => {
            let blocks = (size / BLOCK).max(1);
            let offset = (blocks / 2 + at(blocks / 4, random)) * BLOCK;
            let bytes = BLOCK.min(size.saturating_sub(offset));
            file.write_all_at(&vec![0; usize::try_from(bytes)?], offset)?;
            (offset, bytes)
        }
    };
    file.sync_all()?;
    let file = path.strip_prefix(data).unwrap_or(&path).to_owned();
    Ok(Wound { file, size, offset, bytes })
}

/// A file of its own, with the same content: tables of a snapshot and of the live state are one
/// file under two names, and what is damaged must be one of them.
fn part_ways(path: &Path) -> io::Result<()> {
    let copy = path.with_extension("copy");
    fs::copy(path, &copy)?;
    fs::rename(&copy, path)
}

/// The files of a sort that hold something, with their sizes.
fn files(data: &Path, store: Store) -> Vec<(u64, PathBuf)> {
    let (mut found, mut folders) = (Vec::new(), vec![(data.to_owned(), false)]);
    while let Some((folder, in_snapshot)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            if meta.is_dir() {
                folders.push((entry.path(), in_snapshot || name.starts_with("snapshot-")));
            } else if meta.len() > 0 && belongs(&name, in_snapshot, store) {
                found.push((meta.len(), entry.path()));
            }
        }
    }
    found
}

fn belongs(name: &str, in_snapshot: bool, store: Store) -> bool {
    match store {
        Store::Snapshot => in_snapshot && name.ends_with(".sst"),
        Store::Wal => !in_snapshot && name.ends_with(".log"),
        Store::Table => !in_snapshot && name.ends_with(".sst"),
        Store::Manifest => !in_snapshot && name.starts_with("MANIFEST-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_its_file_with_the_live_state_is_damaged_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (live, spare) = (dir.path().join("state-1"), dir.path().join("snapshot-7"));
        let whole = vec![7_u8; 40_000];
        fs::create_dir(&live).expect("a folder");
        fs::create_dir(&spare).expect("a folder");
        fs::write(live.join("000009.sst"), &whole).expect("a file");
        for (store, hurt, sound) in
            [(Store::Snapshot, &spare, &live), (Store::Table, &live, &spare)]
        {
            let _ = fs::remove_file(spare.join("000009.sst"));
            fs::write(live.join("000009.sst"), &whole).expect("a file");
            fs::hard_link(live.join("000009.sst"), spare.join("000009.sst")).expect("a link");
            for damage in [Damage::Flip, Damage::Truncate, Damage::RollBack] {
                wound(dir.path(), store, damage, &mut Random::new(3)).expect("a wound");
                assert_eq!(fs::read(sound.join("000009.sst")).expect("a file"), whole);
                assert_ne!(fs::read(hurt.join("000009.sst")).expect("a file"), whole);
            }
        }
    }

    #[test]
    fn each_damage_is_where_it_says_and_nowhere_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let whole: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8 + 1).collect();
        for (store, name) in [
            (Store::Wal, "raft-log/000004.log"),
            (Store::Table, "state/000009.sst"),
            (Store::Manifest, "state/MANIFEST-000003"),
            (Store::Snapshot, "snapshots/snapshot-7/000009.sst"),
        ] {
            for damage in [Damage::Flip, Damage::Truncate, Damage::RollBack] {
                let path = dir.path().join(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(&path, &whole).expect("a file");
                let wound = wound(dir.path(), store, damage, &mut Random::new(3));
                let wound = wound.expect("a wound");
                assert_eq!(wound.file, Path::new(name));
                let now = fs::read(&path).expect("a file");
                let same = |at: &usize| now.get(*at) == whole.get(*at);
                let changed: Vec<_> = (0..whole.len()).filter(|at| !same(at)).collect();
                assert_eq!(changed.first().map(|at| *at as u64), Some(wound.offset));
                assert_eq!(changed.len() as u64, wound.bytes, "{damage:?} of {name}");
                fs::remove_file(&path).expect("it goes");
            }
            let none = wound(dir.path(), store, Damage::Flip, &mut Random::new(3));
            assert!(none.is_err(), "there is nothing to damage");
        }
    }
}
