//! The platform lets a restaurant in.

use crate::ids::RestaurantId;
use serde::{Deserialize, Serialize};

/// Lets a restaurant sell. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ApproveRestaurant {
    pub restaurant_id: RestaurantId,
}
