//! Nobody came for the food.

use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Ends a pickup order whose customer did not come, once their time is over. Staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct NoShowOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
}

pub(crate) fn no_show_order(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: NoShowOrder,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

pub(crate) fn nobody_came(
    _city: &impl View,
    _stamp: &Stamp,
    _deadline: Deadline,
    _order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::NotDue)) // TODO-CONTRACT
}
