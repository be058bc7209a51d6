//! A customer asks what it would cost.

use crate::ids::{QuoteId, RestaurantId};
use crate::order::Destination;
use crate::pricing::BasketLine;
use crate::sealed::Digest;
use serde::{Deserialize, Serialize};

/// Prices a basket and holds the price for a while. Customers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakeQuote {
    pub quote_id: QuoteId,
    pub restaurant_id: RestaurantId,
    pub basket: Vec<BasketLine>,
    pub destination: Destination,
    /// Metres from the kitchen to the door, measured before the log.
    pub distance_m: u32,
    pub request: Digest,
}
