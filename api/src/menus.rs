//! Menus: one flat graph of categories, dishes and choices.

use crate::wire::Money;
use domain::ids::{CategoryId, DishId, OptionGroupId, OptionId, RestaurantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Words in one or more languages: `{"en": "Soup"}`.
pub type Words = BTreeMap<String, String>;

/// A menu, as customers and staff see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Menu {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// Raised by every change.
    pub version: u64,
    pub categories: Vec<Category>,
    pub dishes: Vec<Dish>,
    pub option_groups: Vec<OptionGroup>,
}

/// Dishes under one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Category {
    #[schema(value_type = String)]
    pub category_id: CategoryId,
    pub title: Words,
    #[schema(value_type = Vec<String>)]
    pub dish_ids: Vec<DishId>,
}

/// A thing on the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Dish {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub own_ref: Option<String>,
    pub title: Words,
    pub description: Words,
    pub price: Money,
    #[schema(value_type = Vec<String>)]
    pub option_group_ids: Vec<OptionGroupId>,
    pub hidden: bool,
}

/// A question that comes with a dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OptionGroup {
    #[schema(value_type = String)]
    pub option_group_id: OptionGroupId,
    pub title: Words,
    pub min: u32,
    pub max: u32,
    pub options: Vec<DishOption>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct DishOption {
    #[schema(value_type = String)]
    pub option_id: OptionId,
    pub title: Words,
    pub price: Money,
}

/// `PUT /v1/restaurant/{id}/menu`, and the menu of an import: replaces everything.
///
/// Whoever writes a menu names its parts with keys of their own (`ref`); the ids follow from the
/// restaurant and the key, so that the same menu twice is the same menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct MenuInput {
    pub categories: Vec<CategoryInput>,
    pub dishes: Vec<DishInput>,
    #[serde(default)]
    pub option_groups: Vec<OptionGroupInput>,
}

/// Dishes under one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryInput {
    /// The restaurant's own key.
    #[serde(rename = "ref")]
    #[schema(example = "mains")]
    pub own_ref: String,
    /// By language.
    pub title: Words,
    /// The `ref`s of its dishes, in order.
    pub dishes: Vec<String>,
}

/// A dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DishInput {
    /// The restaurant's own key. Left out when editing by `dish_id`.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    /// To edit a dish that has no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dish_id: Option<DishId>,
    /// By language.
    pub title: Words,
    /// By language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub description: Words,
    /// Minor units of the city's currency.
    #[schema(example = 1250, minimum = 0)]
    pub price: i64,
    /// The `ref`s of its option groups, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option_groups: Vec<String>,
    /// Neither shown nor sold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OptionGroupInput {
    /// The restaurant's own key.
    #[serde(rename = "ref")]
    pub own_ref: String,
    pub title: Words,
    #[serde(default)]
    pub min: u32,
    pub max: u32,
    pub options: Vec<OptionInput>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OptionInput {
    /// The restaurant's own key.
    #[serde(rename = "ref")]
    pub own_ref: String,
    pub title: Words,
    /// Minor units of the city's currency; added to the dish.
    #[serde(default)]
    pub price: i64,
}

/// `POST /restaurant/{id}/menu`: one dish, or several and their questions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum MenuEdit {
    /// Several.
    Many(MenuEditMany),
    /// One.
    One(DishInput),
}

/// Several dishes and their questions; the rest of the menu stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct MenuEditMany {
    pub dishes: Vec<DishInput>,
    #[serde(default)]
    pub option_groups: Vec<OptionGroupInput>,
}

/// The answer to a change.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct MenuChanged {
    pub version: u64,
    /// The dishes that were named, in order.
    #[schema(value_type = Vec<String>)]
    pub dish_ids: Vec<DishId>,
}
