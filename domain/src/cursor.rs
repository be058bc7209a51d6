//! Places in the change feed. Records keep them where the outside world is told what happened.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an event stands: the log entry, and its number there. Compared as two numbers.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Cursor {
    /// The log entry.
    pub index: u64,
    /// The number of the event in that entry, from 0.
    pub number: u32,
}

impl Cursor {
    /// Before every event: the log's first entry has none.
    pub const START: Self = Self { index: 0, number: 0 };

    /// The next place at which an event can stand.
    pub fn successor(self) -> Self {
        match self.number.checked_add(1) {
            Some(number) => Self { index: self.index, number },
            None => Self { index: self.index.saturating_add(1), number: 0 },
        }
    }

    /// Behind all events of an entry.
    pub fn after_entry(index: u64) -> Self {
        Self { index, number: u32::MAX }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.number)
    }
}
