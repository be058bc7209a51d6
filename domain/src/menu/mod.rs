//! All that a restaurant sells: one flat graph of categories, dishes and choices.

mod check;
pub(crate) mod edit;
pub(crate) mod put;

pub use edit::EditMenu;
pub use put::PutMenu;

use crate::calendar::WeeklyHours;
use crate::ids::{CategoryId, DishId, OptionGroupId, OptionId, RestaurantId};
use crate::image::ImageHash;
use crate::money::Money;
use crate::order::Fulfilment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// When its dishes are sold; whenever the kitchen is open if absent.
    #[serde(default)]
    pub windows: Option<WeeklyHours>,
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
    /// What it costs, unless one of `prices` fits.
    pub price: Money,
    /// Other prices for certain fulfilments and hours; the first that fits holds.
    #[serde(default)]
    pub prices: Vec<ContextPrice>,
    /// How it is taxed; `standard` if absent.
    #[serde(default)]
    pub tax_class: Option<String>,
    /// What it looks like.
    #[serde(default)]
    pub image: Option<ImageHash>,
    /// What people can be allergic to.
    #[serde(default)]
    pub allergens: BTreeSet<Allergen>,
    /// For whom it is fit.
    #[serde(default)]
    pub diet: BTreeSet<Diet>,
    /// Energy in kilocalories.
    #[serde(default)]
    pub calories: Option<u32>,
    /// Whether there is alcohol in it.
    #[serde(default)]
    pub alcohol: bool,
    /// Years that a customer must have; nobody is asked if 0.
    #[serde(default)]
    pub min_age: u8,
    /// When it is sold; whenever the kitchen is open if absent.
    #[serde(default)]
    pub windows: Option<WeeklyHours>,
    /// The windows of its category, kept here so that selling a dish reads no menu. Set by `apply`.
    #[serde(default)]
    pub category_windows: Option<WeeklyHours>,
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
    /// So many of the answers cost nothing: the cheapest.
    #[serde(default)]
    pub free: u32,
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
    /// How often it can be chosen on one dish.
    #[serde(default = "one")]
    pub max_quantity: u32,
    /// Chosen unless the customer says otherwise.
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub allergens: BTreeSet<Allergen>,
    /// The dish of this menu that it is, whose stock it takes; its price here is the one above.
    #[serde(default)]
    pub dish_id: Option<DishId>,
}

fn one() -> u32 {
    1
}

/// A price that holds for one fulfilment, or in certain hours, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ContextPrice {
    /// Any if absent.
    pub fulfilment: Option<Fulfilment>,
    /// Always if absent.
    pub windows: Option<WeeklyHours>,
    pub price: Money,
}

/// The 14 that Annex II of Regulation (EU) No 1169/2011 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Allergen {
    Gluten,
    Crustaceans,
    Eggs,
    Fish,
    Peanuts,
    Soybeans,
    Milk,
    Nuts,
    Celery,
    Mustard,
    Sesame,
    Sulphites,
    Lupin,
    Molluscs,
}

/// For whom a dish is fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Diet {
    Vegan,
    Vegetarian,
    Halal,
    Kosher,
    GlutenFree,
    LactoseFree,
    LowSugar,
    Organic,
}
