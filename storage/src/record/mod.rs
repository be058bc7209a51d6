//! Stored records: one kind, one file. Each says which column and key hold it, and which keys of
//! other columns lead to it. The value is the domain's own type, through `codec`.

pub(crate) mod account;
mod api_keys;
mod attempts;
pub(crate) mod audit;
pub(crate) mod balance;
pub(crate) mod ban;
mod belongings;
mod city;
pub(crate) mod claim;
pub(crate) mod coupon;
mod coupon_use;
mod courier;
pub(crate) mod deadline;
pub(crate) mod delivery;
pub(crate) mod difference;
mod dish;
pub(crate) mod dish_score;
pub(crate) mod event;
pub(crate) mod fraud_case;
mod fraud_rules;
mod gateway_event;
mod image;
pub(crate) mod ledger;
mod menu;
pub(crate) mod notice;
mod notified;
mod option_group;
pub(crate) mod order;
mod payment;
pub(crate) mod payout;
mod preferences;
pub(crate) mod quality;
mod quote;
pub(crate) mod rating;
mod refund;
mod restaurant;
mod roster;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod session;
pub(crate) mod slot;
pub(crate) mod stock;
mod tab;
mod terms;
mod trace;
mod variant;
pub(crate) mod webhook;
mod webhooks_of;
pub(crate) mod work;

use crate::cache::{Hot, Shelf};
use crate::column::Column;
use crate::row::{Parts, Row};
use domain::time::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::hash::Hash;

pub(crate) use account::{ACCOUNTS, login_row};
pub(crate) use courier::COURIERS;
pub(crate) use restaurant::RESTAURANTS;

/// A kind of stored record.
pub(crate) trait Record:
    Serialize + DeserializeOwned + Debug + Send + Sync + 'static
{
    /// What it is asked for by.
    type Key: Copy + Eq + Hash + Debug + Send + Sync;

    /// Where it lies.
    const COLUMN: Column;
    /// Whether `index` has anything to say; if not, a change need not look at what was there.
    const INDEXED: bool = false;

    /// Its key there.
    fn row(key: Self::Key) -> Row;

    /// The other keys that lead to it, as it is now. A commit writes the difference.
    fn index(&self, _into: &mut Vec<IndexRow>) {}

    /// Where decoded ones are kept.
    fn shelf(hot: &Hot) -> &Shelf<Self>
    where
        Self: Sized;
}

/// A key that leads to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IndexRow {
    pub(crate) column: Column,
    pub(crate) row: Row,
    /// Empty where the key says it all.
    pub(crate) value: Row,
}

impl IndexRow {
    pub(crate) fn new(column: Column, row: Row) -> Self {
        Self { column, row, value: Row::empty() }
    }
}

/// The moment and the name at the end of a key of a list that is newest first.
pub(crate) fn tail(row: &[u8]) -> Option<(Timestamp, [u8; 16])> {
    let start = row.len().checked_sub(8 + 16)?;
    let mut parts = Parts(row.get(start..)?);
    Some((parts.time_backwards()?, parts.array()?))
}

/// Proves in a test that a record comes back as it was stored, and shows its bytes.
#[cfg(test)]
pub(crate) fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let bytes = crate::codec::encode(value);
    assert_eq!(&crate::codec::decode::<T>(&bytes).unwrap(), value);
    shown(&bytes)
}

/// The bytes of what [`shown`] has shown. Lines may be indented: none may begin with a space that
/// is one of the bytes.
#[cfg(test)]
pub(crate) fn unshown(text: &str) -> Vec<u8> {
    let text: String = text.lines().map(str::trim_start).collect();
    let mut parts = text.split('\\');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (byte, letters) = part.split_at(2);
        bytes.push(u8::from_str_radix(byte, 16).unwrap());
        bytes.extend_from_slice(letters.as_bytes());
    }
    bytes
}

/// Bytes as text: what is a letter stays one, so that field names can be read.
#[cfg(test)]
pub(crate) fn shown(bytes: &[u8]) -> String {
    use std::fmt::Write;
    const WIDTH: usize = 80;
    let (mut text, mut line) = (String::new(), 0);
    for byte in bytes {
        let before = text.len();
        match byte {
            b' '..=b'~' if *byte != b'\\' => text.push(char::from(*byte)),
            _ => write!(text, "\\{byte:02x}").unwrap(),
        }
        line += text.len() - before;
        if line > WIDTH {
            text.push('\n');
            line = 0;
        }
    }
    text + "\n"
}
