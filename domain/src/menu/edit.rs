//! A dish more, or a dish changed.

use super::{Dish, OptionGroup};
use crate::ids::{CategoryId, RestaurantId};
use serde::{Deserialize, Serialize};

/// Adds or replaces dishes and option groups by id, and leaves the rest as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMenu {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// New or changed dishes.
    pub dishes: Vec<Dish>,
    /// New or changed groups.
    pub option_groups: Vec<OptionGroup>,
    /// Where new dishes go; made, with no title, if it is not there.
    pub category_id: CategoryId,
}
