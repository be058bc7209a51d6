//! All that a restaurant sells: one flat graph of categories, dishes and choices.

mod check;
pub(crate) mod edit;
pub(crate) mod put;

pub use edit::EditMenu;
pub use put::PutMenu;

use crate::ids::{CategoryId, DishId, OptionGroupId, OptionId, RestaurantId};
use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Words in one or more languages, by BCP 47 tag.
pub type Words = BTreeMap<String, String>;

/// The order of things on the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// Raised by every change.
    pub version: u64,
    /// In the order they are shown.
    pub categories: Vec<Category>,
    /// Every dish that is on the menu now, in the order of ids.
    pub dish_ids: Vec<DishId>,
    /// Every option group that is on the menu now, in the order of ids.
    pub option_group_ids: Vec<OptionGroupId>,
}

/// Some dishes under one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Category {
    pub id: CategoryId,
    pub title: Words,
    pub dish_ids: Vec<DishId>,
}

/// A thing on the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dish {
    /// Its name in the log.
    pub id: DishId,
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// The restaurant's own name for it.
    pub own_ref: Option<String>,
    /// What it is called.
    pub title: Words,
    /// What is in it.
    pub description: Words,
    /// What it costs, tax included.
    pub price: Money,
    /// Questions that come with it, in order.
    pub option_group_ids: Vec<OptionGroupId>,
    /// Not shown and not sold.
    pub hidden: bool,
    /// Left out of a later menu: kept for old receipts, not sold.
    pub archived: bool,
}

/// A question: pick at least `min` and at most `max` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OptionGroup {
    pub id: OptionGroupId,
    pub restaurant_id: RestaurantId,
    pub title: Words,
    pub min: u32,
    pub max: u32,
    pub options: Vec<DishOption>,
    /// Left out of a later menu.
    pub archived: bool,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DishOption {
    pub id: OptionId,
    pub title: Words,
    /// Added to the dish's price.
    pub price: Money,
}
