//! The file of wrapped keys: one slot for each person, changed in place.
//!
//! It is no database on purpose. A log, or a tree of immutable files, keeps what it has replaced
//! until some compaction; here a key that is destroyed is overwritten where it lies, before anybody
//! is told. What a disk or a file system keeps behind our back is told in docs/adr/0018-vault.md.
//!
//! ```text
//! 0   "fdk1"        8   name, 16      32  nonce, 12       92   zeros
//! 4   state, 1      24  wrapped by, 8 44  wrapped key, 48 124  check: SHA-256 of the rest, 4
//! ```

use super::wrapping::{WRAPPED_BYTES, Wrapped};
use domain::sealed::KeyName;
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// One person, in bytes. A slot lies within one sector, so that it is written whole or not at all.
const SLOT: usize = 128;
const MAGIC: &[u8; 4] = b"fdk1";
const HELD: u8 = 1;
const DESTROYED: u8 = 2;
/// Bytes that are read at once when the file is opened.
const CHUNK: usize = SLOT * 8_192;

/// What a slot says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is here.
    Held(u64),
    /// It was, and never will be again.
    Destroyed,
}

/// The file, and where everybody is in it.
#[derive(Debug)]
pub(super) struct Slots {
    file: File,
    index: HashMap<KeyName, Slot>,
    /// Slots in the file.
    count: u64,
}

impl Slots {
    /// Opens the file, or makes it; nobody else may have it open.
    ///
    /// # Errors
    /// The disk, or another node that uses the same file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = options?;
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => {
                let what = format!("{} is another node's", path.display());
                io::Error::new(io::ErrorKind::ResourceBusy, what)
            }
        })?;
        // The name of the file must be as durable as what is written into it.
        if let Some(dir) = path.parent() {
            File::open(dir)?.sync_all()?;
        }
        let count = file.metadata()?.len() / SLOT as u64;
        let mut slots = Self { file, index: HashMap::new(), count };
        slots.read_all()?;
        Ok(slots)
    }

    fn read_all(&mut self) -> io::Result<()> {
        let end = self.count * SLOT as u64;
        let mut chunk = vec![0; CHUNK];
        let mut at = 0;
        while at < end {
            let some = usize::try_from(end - at).map_or(CHUNK, |left| left.min(CHUNK));
            self.file.read_exact_at(&mut chunk[..some], at)?;
            for (place, slot) in (at / SLOT as u64..).zip(chunk[..some].chunks_exact(SLOT)) {
                // What a power cut has left half written was never acknowledged.
                let Some((name, state)) = head(slot) else { continue };
                let found = if state == HELD { Slot::Held(place) } else { Slot::Destroyed };
                // A destroyed key stays destroyed, whatever else names it.
                let known = self.index.entry(name).or_insert(found);
                if found == Slot::Destroyed {
                    *known = found;
                }
            }
            at += some as u64;
        }
        Ok(())
    }

    /// What is known of a key.
    pub(super) fn state(&self, name: KeyName) -> Option<Slot> {
        self.index.get(&name).copied()
    }

    /// Keys that are here.
    pub(super) fn held(&self) -> Vec<KeyName> {
        let held = self.index.iter().filter(|(_, slot)| matches!(slot, Slot::Held(_)));
        held.map(|(name, _)| *name).collect()
    }

    /// The wrapped key, if it is here.
    ///
    /// # Errors
    /// The disk.
    pub(super) fn get(&self, name: KeyName) -> io::Result<Option<Wrapped>> {
        let Some(Slot::Held(place)) = self.state(name) else { return Ok(None) };
        let mut slot = [0; SLOT];
        self.file.read_exact_at(&mut slot, place * SLOT as u64)?;
        if head(&slot) != Some((name, HELD)) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a slot of the vault is damaged",
            ));
        }
        let part = |from: usize, to: usize| &slot[from..to];
        Ok(Some(Wrapped {
            by: part(24, 32).try_into().expect("8 bytes"),
            nonce: part(32, 44).try_into().expect("12 bytes"),
            body: part(44, 44 + WRAPPED_BYTES).to_vec(),
        }))
    }

    /// Keeps wrapped keys, each in place of an earlier wrapping of it, and leaves out those that
    /// were destroyed: they are not kept again. Durable on return, all with one fsync.
    ///
    /// # Errors
    /// The disk; nothing is known of these keys then.
    pub(super) fn put(&mut self, keys: &[(KeyName, Wrapped)]) -> io::Result<()> {
        let (mut kept, mut end) = (HashMap::new(), self.count);
        for (name, wrapped) in keys {
            let place = match self.state(*name) {
                Some(Slot::Destroyed) => continue,
                Some(Slot::Held(place)) => place,
                None => *kept.entry(*name).or_insert_with(|| {
                    end += 1;
                    end - 1
                }),
            };
            if wrapped.body.len() != WRAPPED_BYTES {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a wrapped key"));
            }
            self.write(place, HELD, *name, |slot| {
                slot[24..32].copy_from_slice(&wrapped.by);
                slot[32..44].copy_from_slice(&wrapped.nonce);
                slot[44..44 + WRAPPED_BYTES].copy_from_slice(&wrapped.body);
            })?;
        }
        self.file.sync_data()?;
        self.count = end;
        self.index.extend(kept.into_iter().map(|(name, place)| (name, Slot::Held(place))));
        Ok(())
    }

    /// Overwrites a key where it lies, and remembers its name so that it cannot come back. Durable
    /// on return.
    ///
    /// # Errors
    /// The disk: the key may still be there.
    pub(super) fn destroy(&mut self, name: KeyName) -> io::Result<()> {
        let place = match self.state(name) {
            Some(Slot::Destroyed) => return Ok(()),
            Some(Slot::Held(place)) => place,
            None => self.count,
        };
        self.write(place, DESTROYED, name, |_| {})?;
        self.file.sync_data()?;
        self.count = self.count.max(place + 1);
        self.index.insert(name, Slot::Destroyed);
        Ok(())
    }

    fn write(
        &self,
        place: u64,
        state: u8,
        name: KeyName,
        fill: impl FnOnce(&mut [u8; SLOT]),
    ) -> io::Result<()> {
        let mut slot = [0; SLOT];
        slot[..4].copy_from_slice(MAGIC);
        slot[4] = state;
        slot[8..24].copy_from_slice(&name.0);
        fill(&mut slot);
        let check = check_of(&slot);
        slot[124..].copy_from_slice(&check);
        self.file.write_all_at(&slot, place * SLOT as u64)
    }
}

/// Whose slot it is and in which state; nothing if it is none.
fn head(slot: &[u8]) -> Option<(KeyName, u8)> {
    let whole = slot.len() == SLOT && slot[..4] == *MAGIC && slot[124..] == check_of(slot);
    let state = *slot.get(4)?;
    let known = state == HELD || state == DESTROYED;
    (whole && known).then(|| (KeyName(slot[8..24].try_into().expect("16 bytes")), state))
}

fn check_of(slot: &[u8]) -> [u8; 4] {
    let hash = digest(&SHA256, &slot[..124]);
    hash.as_ref()[..4].try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(fill: u8) -> Wrapped {
        Wrapped { by: [fill; 8], nonce: [fill; 12], body: vec![fill; WRAPPED_BYTES] }
    }

    #[test]
    fn kept_over_a_restart_and_overwritten_where_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault/keys");
        let (ana, bea, eva) = (KeyName([1; 16]), KeyName([2; 16]), KeyName([3; 16]));
        let mut slots = Slots::open(&path).unwrap();
        assert_eq!(slots.get(ana).unwrap(), None);
        slots.put(&[(ana, wrapped(0xaa)), (bea, wrapped(0xbb))]).unwrap();
        slots.put(&[(bea, wrapped(0xcc))]).unwrap();
        assert!(Slots::open(&path).is_err(), "one node at a time");
        drop(slots);

        let mut slots = Slots::open(&path).unwrap();
        assert_eq!(slots.get(ana).unwrap(), Some(wrapped(0xaa)));
        assert_eq!(slots.get(bea).unwrap(), Some(wrapped(0xcc)));
        slots.destroy(ana).unwrap();
        slots.destroy(eva).unwrap();
        assert_eq!(slots.get(ana).unwrap(), None);
        // Late copies change nothing, not even of a key that was never seen here.
        slots.put(&[(ana, wrapped(0xdd)), (eva, wrapped(0xdd))]).unwrap();
        assert_eq!((slots.get(ana).unwrap(), slots.get(eva).unwrap()), (None, None));
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(8).any(|some| some == [0xaa; 8]), "nothing of it is left");
        assert_eq!(bytes.len(), 3 * SLOT);
        drop(slots);

        let slots = Slots::open(&path).unwrap();
        assert_eq!(slots.state(ana), Some(Slot::Destroyed));
        assert_eq!(slots.held(), [bea]);
    }

    #[test]
    fn half_a_slot_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let mut slots = Slots::open(&path).unwrap();
        slots.put(&[(KeyName([1; 16]), wrapped(1)), (KeyName([2; 16]), wrapped(2))]).unwrap();
        drop(slots);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..SLOT + 60]).unwrap();
        let mut slots = Slots::open(&path).unwrap();
        assert_eq!(slots.held(), [KeyName([1; 16])]);
        slots.put(&[(KeyName([3; 16]), wrapped(3))]).unwrap();
        assert_eq!(slots.get(KeyName([3; 16])).unwrap(), Some(wrapped(3)));
    }
}
