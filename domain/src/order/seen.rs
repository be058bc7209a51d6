//! A tablet has rung: nobody else need ring for it.

use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The alert about an order was seen. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SeenOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
}

pub(crate) fn seen_order(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SeenOrder,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
