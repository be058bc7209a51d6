//! The food waits for its courier.

use crate::ids::{OrderId, RestaurantId};
use serde::{Deserialize, Serialize};

/// The food is ready. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
}
