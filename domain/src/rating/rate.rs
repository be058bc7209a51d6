//! A customer says how it was, or says it anew.

use super::Stars;
use crate::ids::{OrderId, RatingId};
use serde::{Deserialize, Serialize};

/// Rates an order that has ended and was paid for; its customer only. Editable for 7 days: the old
/// stars leave the sums in the same entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RateOrder {
    pub rating_id: RatingId,
    pub order_id: OrderId,
    pub stars: Stars,
    pub text: Option<String>,
}
