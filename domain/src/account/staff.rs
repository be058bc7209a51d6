//! Who works where.

use super::StaffRole;
use crate::ids::{AccountId, RestaurantId};
use serde::{Deserialize, Serialize};

/// Gives somebody a role at a restaurant, or takes it (`role: None`). Its owner or an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GrantStaff {
    pub restaurant_id: RestaurantId,
    pub account_id: AccountId,
    pub role: Option<StaffRole>,
}
