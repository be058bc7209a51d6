//! The first pan is on the fire.

use crate::ids::{OrderId, RestaurantId};
use serde::{Deserialize, Serialize};

/// The kitchen starts. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
}
