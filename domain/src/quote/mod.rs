//! A priced basket with an expiry, good for one order.

pub(crate) mod make;

pub use make::MakeQuote;

use crate::ids::{AccountId, OrderId, QuoteId, RestaurantId};
use crate::order::{Destination, Fulfilment, Wanted, When, Window};
use crate::pricing::{BasketLine, Receipt};
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What was promised for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Quote {
    pub id: QuoteId,
    pub customer_id: AccountId,
    pub restaurant_id: RestaurantId,
    pub basket: Vec<BasketLine>,
    #[serde(default)]
    pub fulfilment: Fulfilment,
    #[serde(default)]
    pub when: When,
    pub destination: Option<Destination>,
    /// Metres from the kitchen to the door, measured before the log; 0 for pickup.
    #[serde(default)]
    pub distance_m: u32,
    /// As it was typed.
    #[serde(default)]
    pub coupon_code: Option<String>,
    /// What the customer would be told.
    #[serde(default)]
    pub promised: Window,
    /// Priced without a tip.
    pub receipt: Receipt,
    pub made_at: Timestamp,
    pub made_index: u64,
    /// From this moment on nobody can order by it, timer or not.
    pub expires_at: Timestamp,
    /// The order that used it.
    pub used_by: Option<OrderId>,
    pub request: Digest,
}

impl Quote {
    /// What was asked for.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            restaurant_id: self.restaurant_id,
            basket: self.basket.clone(),
            fulfilment: self.fulfilment,
            when: self.when,
            destination: self.destination.clone(),
            distance_m: self.distance_m,
            coupon_code: self.coupon_code.clone(),
        }
    }
}
