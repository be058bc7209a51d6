//! The kitchen needs longer than it promised.

use crate::ids::{OrderId, RestaurantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Moves the promised moment. Staff of the restaurant, three times at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
    /// The new moment.
    pub ready_at: Timestamp,
}
