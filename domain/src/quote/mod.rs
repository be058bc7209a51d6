//! A priced basket with an expiry, good for one order.

pub(crate) mod make;

pub use make::MakeQuote;

use crate::ids::{AccountId, OrderId, QuoteId, RestaurantId};
use crate::order::Destination;
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
    pub destination: Destination,
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
