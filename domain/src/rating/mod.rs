//! Stars and words, one per order: for the restaurant, the courier and each dish.

mod contact;
pub(crate) mod rate;
pub(crate) mod reply;
mod tally;
pub(crate) mod withdraw;

pub use contact::holds_contact;
pub use rate::RateOrder;
pub use reply::ReplyRating;

use crate::ids::{AccountId, CourierId, DishId, OrderId, RatingId, RestaurantId};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Of dishes on the receipt.
    #[serde(default)]
    pub dishes: BTreeMap<DishId, u8>,
    /// What they say, closed under their own key. Empty if nothing.
    #[serde(default)]
    pub words: Sealed,
    /// Whoever gave it is banned: it counts nowhere, and is shown to operators only.
    #[serde(default)]
    pub withdrawn: bool,
    /// What the restaurant said to it.
    #[serde(default)]
    pub reply: Option<Reply>,
    pub rated_at: Timestamp,
    pub revision: u64,
}

/// A restaurant's one public answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Reply {
    pub text: String,
    pub at: Timestamp,
}

/// 1 to 5 each; only the restaurant's is required, and may be 0 where the courier alone is rated. A
/// thumb is 5 or 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Stars {
    pub restaurant: u8,
    pub food: Option<u8>,
    pub packaging: Option<u8>,
    pub accuracy: Option<u8>,
    pub courier: Option<u8>,
    pub care: Option<u8>,
    pub manner: Option<u8>,
    pub speed: Option<u8>,
}

/// Stars added up, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tally {
    pub sum: u64,
    pub count: u64,
}

/// What people think of one dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DishScore {
    pub restaurant_id: RestaurantId,
    pub dish_id: DishId,
    pub tally: Tally,
    pub revision: u64,
}
