//! What shows that the food came to its door.

use crate::entry::{Actor, Stamp};
use crate::ids::{CourierId, OrderId};
use crate::image::ImageHash;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// What a courier shows with a step. Whatever is absent is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Keyed hash of the PIN that the customer said at the door.
    pub pin: Option<Digest>,
    /// Keyed hash of the hand-over code that the kitchen said, at pick-up or at a return.
    pub code: Option<Digest>,
    /// A photo that was uploaded before.
    pub photo: Option<ImageHash>,
    /// A signature that was uploaded before.
    pub signature: Option<ImageHash>,
    /// The courier has seen that the customer is old enough.
    pub age_checked: bool,
    /// Metres from the courier's last position to the door, measured before the log; absent if
    /// nobody knows where they are.
    pub door_distance_m: Option<u32>,
}

/// What is kept of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Proven {
    pub pin: bool,
    pub photo: Option<ImageHash>,
    pub signature: Option<ImageHash>,
    pub age_checked: bool,
    /// The tap came from too far away: a question for fraud.
    pub far: bool,
}

/// Binds an uploaded photo or signature to a delivery, before the last step. The holder only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AttachProof {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
    pub photo: Option<ImageHash>,
    pub signature: Option<ImageHash>,
}

/// What is missing before a delivery counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ProofNeeded {
    Pin,
    Photo,
    Signature,
    AgeCheck,
    Code,
}

pub(crate) fn attach_proof(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: AttachProof,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
