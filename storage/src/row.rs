//! The bytes of one key, on the stack: keys are made for every read and are never longer than this.

use crate::column::Kind;
use domain::time::Timestamp;

/// A key, built from left to right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    bytes: [u8; Row::LONGEST],
    len: u8,
}

impl Row {
    /// The longest key is kind, owner, state, time, id.
    pub(crate) const LONGEST: usize = 1 + 16 + 1 + 8 + 16 + 6;

    pub(crate) fn new(kind: Kind) -> Self {
        Self::empty().byte(kind as u8)
    }

    /// Without a kind: the column holds nothing else.
    pub(crate) fn empty() -> Self {
        Self { bytes: [0; Self::LONGEST], len: 0 }
    }

    pub(crate) fn byte(self, byte: u8) -> Self {
        self.bytes(&[byte])
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        let (start, end) = (usize::from(self.len), usize::from(self.len) + bytes.len());
        self.bytes[start..end].copy_from_slice(bytes);
        self.len = u8::try_from(end).expect("the longest is below 256");
        self
    }

    pub(crate) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn short(self, number: u32) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Earlier moments first, also those before 1970.
    pub(crate) fn time(self, at: Timestamp) -> Self {
        self.number(at.0 as u64 ^ (1 << 63))
    }

    /// Later moments first.
    pub(crate) fn time_backwards(self, at: Timestamp) -> Self {
        self.number(!(at.0 as u64 ^ (1 << 63)))
    }

    /// The first key behind every key that starts with this one; nothing if that is the end.
    pub(crate) fn behind(self) -> Option<Vec<u8>> {
        let mut end = self.as_ref().to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Some(end);
            }
        }
        None
    }
}

impl AsRef<[u8]> for Row {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_ref().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_ref().cmp(other.as_ref())
    }
}

/// Reads a key from left to right. `None` at the end of the bytes: a key of another shape.
#[derive(Debug)]
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl Parts<'_> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn short(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn time(&mut self) -> Option<Timestamp> {
        self.number().map(|number| Timestamp((number ^ (1 << 63)) as i64))
    }

    pub(crate) fn time_backwards(&mut self) -> Option<Timestamp> {
        self.number().map(|number| Timestamp((!number ^ (1 << 63)) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_order_as_times_do(a: i64, b: i64) {
            let row = |at| Row::new(Kind::Deadline).time(Timestamp(at));
            let back = |at| Row::new(Kind::Deadline).time_backwards(Timestamp(at));
            prop_assert_eq!(row(a).cmp(&row(b)), a.cmp(&b));
            prop_assert_eq!(back(a).cmp(&back(b)), b.cmp(&a));
            let (forth, back) = (row(a), back(a));
            prop_assert_eq!(Parts(&forth.as_ref()[1..]).time(), Some(Timestamp(a)));
            prop_assert_eq!(Parts(&back.as_ref()[1..]).time_backwards(), Some(Timestamp(a)));
        }

        #[test]
        fn behind_is_behind_every_longer_key(owner: [u8; 16], rest: [u8; 8]) {
            let row = Row::new(Kind::OrderOfRestaurant).bytes(&owner);
            let behind = row.behind().unwrap();
            prop_assert!(row.bytes(&rest).as_ref() < behind.as_slice());
            prop_assert!(row.bytes(&[u8::MAX; 8]).as_ref() < behind.as_slice());
        }
    }
}
