//! Places in the change feed. Records keep them where the outside world is told what happened.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// Where an event stands: the log entry, and its number there. Compared as two numbers. As text
/// `index.number`, or a bare index for "after all of that entry".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The place just before this one; nothing before the beginning.
    pub fn predecessor(self) -> Option<Self> {
        match self.number.checked_sub(1) {
            Some(number) => Some(Self { index: self.index, number }),
            None => self.index.checked_sub(1).map(Self::after_entry),
        }
    }

    /// Behind all events of an entry.
    pub fn after_entry(index: u64) -> Self {
        Self { index, number: u32::MAX }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            u32::MAX => write!(f, "{}", self.index),
            number => write!(f, "{}.{number}", self.index),
        }
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is kept of it; people see the text.
#[derive(Serialize, Deserialize)]
struct Stored {
    index: u64,
    number: u32,
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match to.is_human_readable() {
            true => to.collect_str(self),
            false => Stored { index: self.index, number: self.number }.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
            return text.parse().map_err(de::Error::custom);
        }
        let Stored { index, number } = Deserialize::deserialize(from)?;
        Ok(Self { index, number })
    }
}

/// That is no place in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a place in the feed is an event's id, as in 812.0, or a log index")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        // No signs, and nothing that one number has in two spellings.
        fn number<T: FromStr>(digits: &str) -> Result<T, NoCursor> {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| plain).ok_or(NoCursor)
        }
        match text.split_once('.') {
            None => number(text).map(Self::after_entry),
            Some((index, of_entry)) => {
                Ok(Self { index: number(index)?, number: number(of_entry)? })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let places = [Cursor::START, Cursor { index: 7, number: 2 }, Cursor::after_entry(7)];
        assert_eq!(places.map(|place| place.to_string()), ["0.0", "7.2", "7"]);
        for place in places {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "x", "1.", ".1", "1.2.3", "-1", "+1", "1.+2", "18446744073709551616"] {
            assert_eq!(wrong.parse::<Cursor>(), Err(NoCursor), "{wrong}");
        }
    }
}
