//! The customer comes for their food, and says the PIN that only they know.

use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Hands a pickup order over. Staff of the restaurant; five tries, then an operator without a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HandOverOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
    /// Keyed hash of what the customer said.
    pub pin: Option<Digest>,
}

pub(crate) fn hand_over_order(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: HandOverOrder,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
