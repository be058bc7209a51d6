//! `raft-log.mark`: what this node has promised to remember, beside the log that must remember it.
//!
//! RocksDB recovers the log up to the first damaged record and drops what is behind it without a
//! word, votes included. A node that comes back with such a log can elect a leader that lacks
//! acknowledged entries. So after each fsync, and before anybody is told of it, the end of the log
//! and the count of votes are written here: one `pwrite` of 64 bytes, no fsync of its own. The mark
//! is never ahead of the log, at worst older. A log that is behind its mark is quarantined.

use crate::error::Error;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: [u8; 4] = *b"fdmk";
const FORMAT: u8 = 1;
/// One disk sector holds it, so that a power cut leaves the old mark or the new one.
const BYTES: usize = 64;
const DOING: &str = "the mark of the raft log";

/// How far the log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The index behind the last entry; 0 if there has never been one.
    pub(crate) end: u64,
    /// How many votes have been stored. Votes only grow, so a lost one is a lower count: the mark
    /// need not understand what raft writes into a vote.
    pub(crate) votes: u64,
}

#[derive(Debug)]
pub(crate) struct Mark {
    file: File,
}

impl Mark {
    /// Opens the mark, or makes one beside an empty log; also says what it promises.
    ///
    /// # Errors
    /// `Quarantined` if the log that was found does not reach as far as the mark.
    pub(crate) fn open(path: &Path, found: Reach) -> Result<(Self, Reach), Error> {
        let existing = OpenOptions::new().read(true).write(true).open(path);
        let file = match existing {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if found != Reach::default() {
                    let detail = format!("the log has {found:?}, and its mark is missing");
                    return Err(Error::Quarantined { detail });
                }
                let made = Self::create(path).map_err(Error::io(DOING))?;
                return Ok((made, Reach::default()));
            }
            Err(e) => return Err(Error::io(DOING)(e)),
        };
        let mut bytes = [0; BYTES];
        file.read_exact_at(&mut bytes, 0).map_err(Error::io(DOING))?;
        let promised = decode(&bytes)?;
        if found.end < promised.end || found.votes < promised.votes {
            let detail = format!("promised {promised:?}, found {found:?}");
            return Err(Error::Quarantined { detail });
        }
        Ok((Self { file }, promised))
    }

    fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        file.write_all_at(&encode(Reach::default()), 0)?;
        file.sync_all()?;
        if let Some(parent) = path.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(Self { file })
    }

    /// After an fsync of the log: it reaches this far.
    pub(crate) fn raise(&self, reach: Reach) -> io::Result<()> {
        self.file.write_all_at(&encode(reach), 0)
    }

    /// Before the log is shortened on purpose. Durable on return: a mark that came back higher
    /// than the log would quarantine a sound node.
    pub(crate) fn lower(&self, reach: Reach) -> io::Result<()> {
        self.raise(reach)?;
        self.file.sync_data()
    }
}

fn encode(reach: Reach) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = FORMAT;
    bytes[8..16].copy_from_slice(&reach.end.to_be_bytes());
    bytes[16..24].copy_from_slice(&reach.votes.to_be_bytes());
    let sum = crc32c::crc32c(&bytes[..BYTES - 4]);
    bytes[BYTES - 4..].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn decode(bytes: &[u8; BYTES]) -> Result<Reach, Error> {
    let sum = crc32c::crc32c(&bytes[..BYTES - 4]);
    if bytes[..4] != MAGIC || bytes[BYTES - 4..] != sum.to_be_bytes() {
        // Nobody knows what was promised, and a node in doubt stays out.
        return Err(Error::Quarantined { detail: "its mark is damaged".to_owned() });
    }
    if bytes[4] > FORMAT {
        return Err(Error::NewerFormat { what: DOING, found: bytes[4], supported: FORMAT });
    }
    let number = |at: usize| {
        bytes[at..at + 8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte))
    };
    Ok(Reach { end: number(8), votes: number(16) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let bytes = encode(Reach { end: 0x0102, votes: 3 });
        let lines = bytes
            .chunks(32)
            .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n");
        let text: String = lines.collect();
        expect_test::expect![[r#"
            66646d6b01000000000000000000010200000000000000030000000000000000
            000000000000000000000000000000000000000000000000000000001f2ee42a
        "#]]
        .assert_eq(&text);
        assert_eq!(decode(&bytes).unwrap(), Reach { end: 0x0102, votes: 3 });
    }

    #[test]
    fn a_log_behind_its_mark_is_quarantined() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        let reach = |end, votes| Reach { end, votes };
        let (mark, _) = Mark::open(&path, reach(0, 0)).unwrap();
        mark.raise(reach(10, 2)).unwrap();
        drop(mark);
        let cases = [(10, 2, true), (11, 2, true), (9, 2, false), (10, 1, false), (0, 0, false)];
        for (end, votes, sound) in cases {
            let opened = Mark::open(&path, reach(end, votes));
            let quarantined = matches!(opened, Err(Error::Quarantined { .. }));
            assert_eq!(opened.is_ok(), sound, "{end} {votes}");
            assert_eq!(quarantined, !sound, "{end} {votes}");
        }
        Mark::open(&path, reach(10, 2)).unwrap().0.lower(reach(5, 2)).unwrap();
        assert!(Mark::open(&path, reach(5, 2)).is_ok());
    }

    #[test]
    fn a_damaged_or_missing_mark_is_doubt() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        Mark::open(&path, Reach::default()).unwrap().0.raise(Reach { end: 4, votes: 1 }).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[12] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let found = Reach { end: 4, votes: 1 };
        assert!(matches!(Mark::open(&path, found), Err(Error::Quarantined { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(Mark::open(&path, found), Err(Error::Quarantined { .. })));
    }
}
