//! Everything that a replica keeps, as one hash: equal on replicas that have applied the same log,
//! whatever they went through to get there. The audit chain says that they decided alike; this says
//! that they also kept what was decided.

use crate::column::Column;
use crate::error::Error;
use crate::query::CityView;
use crate::row::Row;
use domain::sealed::Digest;
use sha2::{Digest as _, Sha256};

impl CityView {
    /// SHA-256 over every column, key and value, in their order. Reads the whole state: some
    /// seconds for each gigabyte, and the files of this moment stay until it is done.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn fingerprint(&self) -> Result<Digest, Error> {
        let mut hash = Sha256::new();
        for column in Column::ALL {
            part(&mut hash, column.name().as_bytes());
            for row in self.rows(column, Row::empty(), None) {
                let (key, value) = row?;
                part(&mut hash, &key);
                part(&mut hash, &value);
            }
        }
        Ok(Digest(hash.finalize().into()))
    }
}

/// With its length, so that no two ways of cutting the same bytes are equal.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

#[cfg(test)]
mod tests {
    use crate::{Settings, open};

    fn fingerprint_of(positions: &[&str]) -> [u8; 32] {
        let dir = tempfile::tempdir().unwrap();
        let (writer, reader) = open(dir.path(), &Settings::default()).unwrap();
        for position in positions {
            let mut batch = writer.begin();
            batch.set_position(position.as_bytes().to_vec());
            batch.commit().unwrap();
        }
        reader.view().fingerprint().unwrap().0
    }

    #[test]
    fn what_is_kept_counts_and_not_how_it_came_there() {
        assert_eq!(fingerprint_of(&["a", "b"]), fingerprint_of(&["b"]));
        assert_ne!(fingerprint_of(&["a"]), fingerprint_of(&["b"]));
    }
}
