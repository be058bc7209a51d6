//! Values and commands as bytes: `[format][schema]`, then MessagePack with field names.
//!
//! The domain's types are the stored types (docs/adr/0003-storage-encoding.md). MessagePack names
//! each field, so a newer binary adds fields with `serde(default)` and an older one skips them.
//! Ids and digests are raw bytes. The encoding of one value is always the same bytes.

use crate::error::Error;
use serde::{Serialize, de::DeserializeOwned};

/// How the two bytes in front and the body behind them are written.
pub const FORMAT: u8 = 1;
/// Raised when a field changes its meaning; a field more does not raise it.
pub const SCHEMA: u8 = 1;
const HEADER: usize = 2;
/// Most records fit, so that most encodings allocate once.
const USUAL_BYTES: usize = 512;

/// The bytes of a value: stored, or sent in the log.
///
/// # Panics
/// Never for the domain's types: they hold nothing that MessagePack has no form for. A type that
/// does (a map with an unknown length, say) is a defect that its first test finds.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    try_encode(value).expect("the domain's types have a form in MessagePack")
}

pub(crate) fn try_encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    encode_into(value, &mut bytes)?;
    Ok(bytes)
}

/// The same, into a buffer that is used again and again.
pub(crate) fn encode_into<T: Serialize>(value: &T, bytes: &mut Vec<u8>) -> Result<(), Error> {
    bytes.clear();
    bytes.extend_from_slice(&[FORMAT, SCHEMA]);
    rmp_serde::encode::write_named(bytes, value)
        .map_err(|e| Error::Unencodable { what: std::any::type_name::<T>(), detail: e.to_string() })
}

/// The value of these bytes.
///
/// # Errors
/// `NewerFormat` if a newer binary wrote them, `Corrupt` if they are no such value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let what = std::any::type_name::<T>();
    let Some((header, body)) = bytes.split_at_checked(HEADER) else {
        return Err(Error::Corrupt { what, detail: format!("only {} bytes", bytes.len()) });
    };
    for (found, supported) in [(header[0], FORMAT), (header[1], SCHEMA)] {
        if found > supported {
            return Err(Error::NewerFormat { what, found, supported });
        }
        if found == 0 {
            return Err(Error::Corrupt { what, detail: "format 0 was never written".to_owned() });
        }
    }
    // Borrowed, not through a reader: strings and bytes are copied once, into the value itself.
    T::deserialize(&mut rmp_serde::Deserializer::from_read_ref(body))
        .map_err(|e| Error::Corrupt { what, detail: e.to_string() })
}
