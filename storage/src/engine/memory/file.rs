//! The file of a checkpoint: every row of every column, then a checksum. It has the name of one of
//! RocksDB's files, since those are the ones that raft sends.

use super::Tables;
use crate::column::Column;
use std::fs;
use std::io;
use std::path::Path;

const NAME: &str = "000001.sst";
const MAGIC: &[u8] = b"fd rows in memory 1\n";
const SUM: usize = 4;

/// Writes all rows into a new directory.
pub(super) fn write(dir: &Path, tables: &Tables) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    for column in Column::ALL {
        for (key, value) in tables.of(column).iter() {
            bytes.push(column as u8);
            for part in [key, value] {
                bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
                bytes.extend_from_slice(part);
            }
        }
    }
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    fs::create_dir(dir)?;
    fs::write(dir.join(NAME), bytes)
}

/// Reads them again.
pub(super) fn read(dir: &Path) -> io::Result<Tables> {
    let bytes = fs::read(dir.join(NAME))?;
    parse(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

fn parse(bytes: &[u8]) -> Option<Tables> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    if crc32c::crc32c(body).to_be_bytes() != sum {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut tables = Tables::default();
    while let Some((column, behind)) = rest.split_first() {
        let column = Column::ALL.into_iter().find(|known| *known as u8 == *column)?;
        let (key, behind) = part(behind)?;
        let (value, behind) = part(behind)?;
        tables.put(column, key, value);
        rest = behind;
    }
    Some(tables)
}

/// A length and so many bytes, and what is behind them.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, behind) = bytes.split_first_chunk()?;
    behind.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Tables {
        let mut tables = Tables::default();
        tables.put(Column::Orders, b"one", b"1");
        tables.put(Column::Meta, b"two", b"");
        tables
    }

    #[test]
    fn a_checkpoint_comes_back_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("checkpoint");
        write(&dir, &some()).unwrap();
        let again = read(&dir).unwrap();
        for column in Column::ALL {
            assert!(again.of(column).iter().eq(some().of(column).iter()), "{column:?}");
        }
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("checkpoint");
        write(&dir, &some()).unwrap();
        let good = fs::read(dir.join(NAME)).unwrap();
        assert!(parse(&good).is_some());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(parse(&bad).is_none(), "byte {at}");
            assert!(parse(&good[..at]).is_none(), "{at} bytes");
        }
    }
}
