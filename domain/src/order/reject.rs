//! The restaurant says no, with a reason.

use crate::ids::{OrderId, RestaurantId};
use serde::{Deserialize, Serialize};

/// The kitchen refuses the order. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RejectOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
    pub reason: RejectReason,
}

/// Why a kitchen says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RejectReason {
    ClosingEarly,
    Busy,
    OutOfStock,
    TooFar,
    CannotReadNote,
    Equipment,
    Other,
}
