//! A kitchen says what it manages in 15 minutes.

use super::Capacity;
use crate::entry::{Actor, Stamp};
use crate::ids::RestaurantId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Sets the capacity of every slot; nothing is no bound. What was promised already stays promised.
/// Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetCapacity {
    pub restaurant_id: RestaurantId,
    pub capacity: Option<Capacity>,
}

pub(crate) fn set_capacity(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SetCapacity,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
