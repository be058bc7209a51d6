//! Doors that somebody has food brought to.

use super::{Belongings, Step, room};
use crate::entry::Stamp;
use crate::field;
use crate::ids::AddressId;
use crate::limits::SAVED_ADDRESSES;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use serde::{Deserialize, Serialize};

/// A door that can be named instead of being described.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedAddress {
    /// Derived from the person and their key.
    pub id: AddressId,
    /// Label, place, lines and note, closed together.
    pub contents: Sealed,
    /// Of the request that added it: the same again is a repeat, whatever was changed since.
    pub request: Digest,
    /// Of the request that said last what it is.
    pub said: Digest,
    /// The entry that said so.
    pub revision: u64,
}

/// Keeps one more. The same request again is a yes; at most 20.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AddAddress {
    pub address_id: AddressId,
    /// Closed.
    pub contents: Sealed,
    pub request: Digest,
}

/// Says anew what it is, all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ChangeAddress {
    pub address_id: AddressId,
    /// Closed.
    pub contents: Sealed,
    pub request: Digest,
}

/// Keeps it no longer. Orders that went there stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropAddress {
    pub address_id: AddressId,
}

impl AddAddress {
    pub(super) fn apply(self, stamp: &Stamp, all: &mut Belongings) -> Result<Step, Rejection> {
        let Self { address_id, contents, request } = self;
        if let Some(there) = all.address(address_id) {
            return match there.request == request {
                true => Ok(Step::Was(there.revision)),
                false => Err(Rejection::IdReused),
            };
        }
        field::sealed("/lines", &contents)?;
        room(all.addresses.len(), SAVED_ADDRESSES)?;
        all.addresses.push(SavedAddress {
            id: address_id,
            contents,
            request,
            said: request,
            revision: stamp.index,
        });
        Ok(Step::Changed)
    }
}

impl ChangeAddress {
    pub(super) fn apply(self, stamp: &Stamp, all: &mut Belongings) -> Result<Step, Rejection> {
        let Self { address_id, contents, request } = self;
        let found = all.addresses.iter_mut().find(|address| address.id == address_id);
        let address = found.ok_or(Rejection::AddressUnknown)?;
        if address.said == request {
            return Ok(Step::Was(address.revision));
        }
        field::sealed("/lines", &contents)?;
        address.contents = contents;
        address.said = request;
        address.revision = stamp.index;
        Ok(Step::Changed)
    }
}

impl DropAddress {
    pub(super) fn apply(self, all: &mut Belongings) -> Result<Step, Rejection> {
        let before = all.addresses.len();
        all.addresses.retain(|address| address.id != self.address_id);
        match all.addresses.len() == before {
            true => Err(Rejection::AddressUnknown),
            false => Ok(Step::Changed),
        }
    }
}
