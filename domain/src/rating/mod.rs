//! Stars and words, one per order.

pub(crate) mod rate;

pub use rate::RateOrder;

use crate::ids::{AccountId, CourierId, OrderId, RatingId, RestaurantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a customer thought of an order, its restaurant and its courier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Rating {
    /// Derived from the order.
    pub id: RatingId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
    pub restaurant_id: RestaurantId,
    pub courier_id: Option<CourierId>,
    pub stars: Stars,
    pub text: Option<String>,
    pub rated_at: Timestamp,
    pub revision: u64,
}

/// 1 to 5 each; only the restaurant's is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Stars {
    pub restaurant: u8,
    pub food: Option<u8>,
    pub packaging: Option<u8>,
    pub courier: Option<u8>,
}
