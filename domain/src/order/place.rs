//! The tap on "order": one entry checks and reserves everything, or nothing.

use super::Destination;
use crate::ids::{OrderId, QuoteId, RestaurantId};
use crate::money::Money;
use crate::payment::Method;
use crate::pricing::BasketLine;
use crate::sealed::{Digest, Sealed};
use serde::{Deserialize, Serialize};

/// Places an order. Customers only; the customer is the actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// Derived from the customer and their key, so that a repeat names the same order.
    pub order_id: OrderId,
    /// What is bought.
    pub goods: Goods,
    /// Metres from the kitchen to the door, measured before the log.
    pub distance_m: u32,
    /// How it is paid.
    pub method: Method,
    /// For the courier.
    pub tip: Money,
    /// For the kitchen, closed.
    pub note: Sealed,
    /// What the customer saw; another total is `PriceChanged`.
    pub expected_total: Option<Money>,
    /// SHA-256 of the request: the same id with another request is `IdReused`.
    pub request: Digest,
}

/// A basket that was priced before, or one that is priced now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Goods {
    Quote(QuoteId),
    Basket { restaurant_id: RestaurantId, basket: Vec<BasketLine>, destination: Destination },
}
