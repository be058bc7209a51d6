//! The restaurant says yes: the kitchen starts, and from now on we owe this order a courier.

use crate::ids::{OrderId, RestaurantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The kitchen takes the order. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
    /// When the food will be ready; the preparation rule decides if absent. Dispatch aims a courier
    /// at this moment, not at now.
    pub ready_at: Option<Timestamp>,
}
