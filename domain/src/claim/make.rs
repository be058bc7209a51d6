//! A customer complains.

use super::{ClaimKind, ClaimLine};
use crate::entry::{Actor, Stamp};
use crate::ids::{ClaimId, OrderId};
use crate::image::ImageHash;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Makes a claim about an order that has ended, within 48 hours. Its customer only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakeClaim {
    pub claim_id: ClaimId,
    pub order_id: OrderId,
    pub kind: ClaimKind,
    pub lines: Vec<ClaimLine>,
    pub photos: Vec<ImageHash>,
    pub text: Sealed,
    pub request: Digest,
}

pub(crate) fn make_claim(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: MakeClaim,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
