//! A restaurant says who it is, or says it anew.

use super::Profile;
use crate::ids::RestaurantId;
use serde::{Deserialize, Serialize};

/// Creates or replaces the profile. A new one by a person waits for approval and makes them its
/// owner; an operator's is approved at once. Staff must be managers to change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutRestaurant {
    pub restaurant_id: RestaurantId,
    pub profile: Profile,
}
