//! How often things happened in pieces of time of one length: whole numbers, and a record that has
//! an end however much happens.

use serde::{Deserialize, Deserializer, Serialize};

/// How many kinds of things one row counts. May grow: a stored row that is shorter still reads.
pub(crate) const KINDS: usize = 8;

/// A piece of time, by how many of its length lie before it since 1970, and how often each kind of
/// thing happened in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Piece(i64, #[serde(deserialize_with = "row")] [u32; KINDS]);

/// Kinds that came later did not happen before.
fn row<'a, D: Deserializer<'a>>(from: D) -> Result<[u32; KINDS], D::Error> {
    let stored = Vec::<u32>::deserialize(from)?;
    if stored.len() > KINDS {
        return Err(serde::de::Error::invalid_length(stored.len(), &"at most as many as kinds"));
    }
    let mut row = [0; KINDS];
    row.iter_mut().zip(stored).for_each(|(now, before)| *now = before);
    Ok(row)
}

/// Pieces of one length, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Pieces(Vec<Piece>);

impl Pieces {
    /// One more of a kind in this piece; what is not among the last `keep` pieces is forgotten.
    pub(crate) fn add(&mut self, kind: usize, piece: i64, keep: i64) {
        self.0.retain(|old| old.0 > piece - keep);
        // Time never moves back, so it is the last one or a new one.
        if self.0.last().is_none_or(|last| last.0 < piece) {
            self.0.push(Piece(piece, [0; KINDS]));
        }
        let last = self.0.iter_mut().rfind(|it| it.0 == piece);
        if let Some(count) = last.and_then(|it| it.1.get_mut(kind)) {
            *count = count.saturating_add(1);
        }
    }

    /// How often a kind of thing happened in the last `pieces` pieces, this one included.
    pub(crate) fn sum(&self, kind: usize, piece: i64, pieces: i64) -> i64 {
        let inside = self.0.iter().filter(|it| it.0 > piece - pieces && it.0 <= piece);
        inside.filter_map(|it| it.1.get(kind)).map(|count| i64::from(*count)).sum()
    }

    /// Pieces that are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
