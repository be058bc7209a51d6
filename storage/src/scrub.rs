//! Reads everything once, a little at a time, so that damage shows before somebody needs what is
//! damaged. Every block of a file has a checksum, which only a read compares.
//!
//! A disk that loses or turns bits says nothing of it. Two whole copies are left as long as it is
//! noticed; once a second one is damaged too, at other places, the city may have none.

use crate::Writer;
use crate::column::Column;
use crate::engine::Engine;
use crate::error::Error;

/// The columns of the raft log, which is read before the state.
const OF_LOG: [Column; 2] = [Column::LogMeta, Column::Log];

/// How far everything was read. What is written meanwhile may be left out: it was checked when it
/// was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrub {
    columns_done: usize,
    next: Vec<u8>,
    /// Rows that were read.
    pub rows: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
}

impl Scrub {
    /// Whether everything was read.
    pub fn is_done(&self) -> bool {
        self.columns_done == OF_LOG.len() + Column::ALL.len()
    }

    fn column(&self) -> Option<(Column, bool)> {
        let of_state = || Column::ALL.get(self.columns_done - OF_LOG.len()).map(|it| (*it, false));
        OF_LOG.get(self.columns_done).map(|it| (*it, true)).or_else(of_state)
    }

    fn read_on(&mut self, engine: &Engine, column: Column, limit: u64) -> Result<(), Error> {
        let moment = engine.moment();
        for row in moment.rows_once(column, &self.next) {
            let (key, value) = row?;
            self.rows += 1;
            self.bytes += (key.len() + value.len()) as u64;
            if self.bytes >= limit {
                self.next.clear();
                self.next.extend_from_slice(&key);
                // The first key behind it.
                self.next.push(0);
                return Ok(());
            }
        }
        self.next.clear();
        self.columns_done += 1;
        Ok(())
    }
}

impl Writer {
    /// Reads on, some `bytes` more. Takes the disk's time: call it where that may block.
    ///
    /// # Errors
    /// `Corrupt`: what lies on the disk is not what was written. `Io`: the disk does not give it
    /// back, or something that passes; [`Writer::damage`] tells the one from the other.
    pub fn scrub(&self, scrub: &mut Scrub, bytes: u64) -> Result<(), Error> {
        let limit = scrub.bytes + bytes;
        while scrub.bytes < limit
            && let Some((column, of_log)) = scrub.column()
        {
            if of_log {
                scrub.read_on(self.log.engine(), column, limit)?;
            } else {
                scrub.read_on(self.reader.live.state().engine(), column, limit)?;
            }
        }
        Ok(())
    }

    /// The first damage that any read has met, of the log or of the live state: other bytes than
    /// were written, or a place that the disk refuses to read. With the file, where that is known.
    pub fn damage(&self) -> Option<String> {
        let of_log = self.log.engine().damage().map(str::to_owned);
        of_log.or_else(|| self.reader.live.state().engine().damage().map(str::to_owned))
    }
}

#[cfg(all(test, feature = "rocks"))]
#[allow(clippy::unwrap_used)] // in what tests share, too
mod tests {
    use super::*;
    use crate::{Settings, open};
    use std::fs;
    use std::os::unix::fs::FileExt;
    use std::path::{Path, PathBuf};

    const STEP: u64 = 20_000;

    fn everything(writer: &Writer) -> Result<Scrub, Error> {
        let mut scrub = Scrub::default();
        while !scrub.is_done() {
            writer.scrub(&mut scrub, STEP)?;
        }
        Ok(scrub)
    }

    /// Some state in files, of bytes that cannot be compressed away.
    fn fill(dir: &Path) -> u64 {
        let (writer, _reader) = open(dir, &Settings::default()).unwrap();
        let mut lot: u32 = 7;
        for row in 0..40_u32 {
            let noise = (0..5_000).map(|_| {
                lot = lot.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (lot >> 24) as u8
            });
            let noise: Vec<u8> = noise.collect();
            let mut changes = crate::engine::Changes::default();
            changes.put(Column::Images, row.to_be_bytes(), noise);
            writer.reader.live.state().write(&changes).unwrap();
        }
        writer.flush().unwrap();
        everything(&writer).unwrap().rows
    }

    fn largest_table(dir: &Path) -> PathBuf {
        let folders = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let folders = folders.filter(|path| path.is_dir());
        let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
        let tables = files.map(|entry| entry.unwrap().path());
        let tables = tables.filter(|path| path.extension().is_some_and(|end| end == "sst"));
        tables.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
    }

    #[test]
    fn a_turned_bit_that_nobody_asked_for_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let rows = fill(dir.path());
        {
            let (writer, _reader) = open(dir.path(), &Settings::default()).unwrap();
            let scrub = everything(&writer).unwrap();
            assert_eq!((scrub.rows, writer.damage()), (rows, None));
            assert!(scrub.bytes > 200_000, "{scrub:?}");
        }
        let table = largest_table(dir.path());
        let file = fs::File::options().read(true).write(true).open(&table).unwrap();
        let (middle, mut byte) = (file.metadata().unwrap().len() / 2, [0]);
        file.read_exact_at(&mut byte, middle).unwrap();
        file.write_all_at(&[byte[0] ^ 4], middle).unwrap();
        let (writer, reader) = open(dir.path(), &Settings::default()).unwrap();
        assert_eq!(writer.damage(), None, "nobody has read it");
        assert!(matches!(everything(&writer), Err(Error::Corrupt { .. })));
        assert!(writer.damage().is_some());
        assert!(reader.view().fingerprint().is_err());
    }

    #[test]
    fn damage_that_a_reader_meets_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path());
        let table = largest_table(dir.path());
        let file = fs::File::options().write(true).open(&table).unwrap();
        let middle = file.metadata().unwrap().len() / 2;
        file.write_all_at(&[0; 4_096], middle).unwrap();
        let (writer, reader) = open(dir.path(), &Settings::default()).unwrap();
        assert!(reader.view().fingerprint().is_err());
        assert!(writer.damage().is_some_and(|damage| damage.contains("corrupt")));
    }
}
