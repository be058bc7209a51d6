//! The whole menu at once.

use super::{Category, Dish, OptionGroup};
use crate::ids::RestaurantId;
use serde::{Deserialize, Serialize};

/// Replaces the menu; what it leaves out is archived. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutMenu {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// The version this replaces, if the caller saw one: another is `VersionChanged`.
    pub if_version: Option<u64>,
    /// In the order they are shown.
    pub categories: Vec<Category>,
    /// Every dish that a category names, and no dish twice.
    pub dishes: Vec<Dish>,
    /// Every group that a dish names.
    pub option_groups: Vec<OptionGroup>,
}
