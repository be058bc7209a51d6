//! A kitchen that cannot keep up takes a break, with an end.

use crate::ids::RestaurantId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// No new orders until then; `None` opens again at once. Any staff, or an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PauseRestaurant {
    pub restaurant_id: RestaurantId,
    pub until: Option<Timestamp>,
}
