//! An operator decides what becomes of food that could not be handed over.

use crate::entry::{Actor, Stamp};
use crate::ids::DeliveryId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Moves a delivery that is stuck. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DirectDelivery {
    pub delivery_id: DeliveryId,
    pub to: Direction,
    pub reason: String,
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Back to the kitchen.
    Returning,
    /// The kitchen has it, code or not.
    Returned,
    /// Thrown away.
    Disposed,
    /// Another try at the door.
    Resumed,
    /// Courier and food are gone.
    Lost,
}

pub(crate) fn direct_delivery(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: DirectDelivery,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
