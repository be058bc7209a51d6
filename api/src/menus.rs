//! Menus: one flat graph of categories, dishes and choices.

use crate::images::Picture;
use crate::restaurants::Hours;
use crate::stock::Stock;
use crate::wire::Money;
use domain::ids::{CategoryId, DishId, OptionGroupId, OptionId, RestaurantId};
use domain::menu::{Allergen, Diet};
use domain::order::Fulfilment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Words in one or more languages: `{"en": "Soup"}`.
pub type Words = BTreeMap<String, String>;

/// A menu, as customers and staff see it. Customers do not see what is hidden.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Menu {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// Raised by every change of the menu; not by what is sold out.
    #[schema(example = 7)]
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
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    #[schema(value_type = Vec<String>)]
    pub dish_ids: Vec<DishId>,
    /// When its dishes are sold; whenever the kitchen is open if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
}

/// A thing on the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Dish {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    #[schema(example = json!({"en": "Pork broth, egg, spring onion"}))]
    pub description: Words,
    /// What it costs, unless one of `prices_by` fits.
    pub price: Money,
    /// The first that fits holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices_by: Vec<PriceBy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "standard")]
    pub tax_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Picture>,
    /// Of the 14 that EU law names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["gluten", "soybeans"]))]
    pub allergens: BTreeSet<Allergen>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["vegan"]))]
    pub diet: BTreeSet<Diet>,
    /// In kilocalories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calories: Option<u32>,
    /// Whether there is alcohol in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alcohol: bool,
    /// Years that a customer must have; nobody is asked if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_age: u8,
    /// When it is sold; whenever the kitchen is open if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
    /// Whether its hours, those of its category and its stock allow to order it now.
    #[serde(default)]
    pub available_now: bool,
    #[serde(default)]
    pub stock: Stock,
    #[schema(value_type = Vec<String>)]
    pub option_group_ids: Vec<OptionGroupId>,
    pub hidden: bool,
}

/// A price that holds for one fulfilment, or in certain hours, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PriceBy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "pickup")]
    pub fulfilment: Option<Fulfilment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
    pub price: Money,
}

/// A question that comes with a dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OptionGroup {
    #[schema(value_type = String)]
    pub option_group_id: OptionGroupId,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    pub min: u32,
    pub max: u32,
    /// So many of the answers cost nothing: the cheapest.
    #[serde(default)]
    pub free: u32,
    pub options: Vec<DishOption>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct DishOption {
    #[schema(value_type = String)]
    pub option_id: OptionId,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    pub price: Money,
    /// How often it can be chosen on one dish.
    #[serde(default = "one")]
    pub max_quantity: u32,
    /// Chosen unless the customer says otherwise.
    #[serde(default)]
    pub default: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["eggs"]))]
    pub allergens: BTreeSet<Allergen>,
    /// The dish that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dish_id: Option<DishId>,
    #[serde(default)]
    pub stock: Stock,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(number: &u32) -> bool {
    *number == 0
}

/// `PUT /v1/restaurant/{id}/menu`, and the menu of an import: replaces everything.
///
/// Whoever writes a menu names its parts with keys of their own (`ref`), or with the ids that a
/// menu shows. The ids of new parts follow from the restaurant and the key, so that the same menu
/// twice is the same menu. Where a part is named, key or id will do.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryInput {
    /// The restaurant's own key.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "mains")]
    pub own_ref: Option<String>,
    /// In place of a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub category_id: Option<CategoryId>,
    /// By language.
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    /// The `ref`s or ids of its dishes, in order.
    #[schema(example = json!(["ramen", "gyoza"]))]
    pub dishes: Vec<String>,
    /// When its dishes are sold; whenever the kitchen is open if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
}

/// A dish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    /// By language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"en": "Pork broth, egg, spring onion"}))]
    pub description: Words,
    /// Minor units of the city's currency.
    #[schema(example = 1250, minimum = 0)]
    pub price: i64,
    /// Other prices for certain fulfilments and hours; the first that fits holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices_by: Vec<PriceByInput>,
    /// One of the city's tax classes; `standard` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "standard")]
    pub tax_class: Option<String>,
    /// The name of a picture, from `POST /v1/images`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "8f14e45fceea167a5a36dedd4bea2543")]
    pub image: Option<String>,
    /// What people can be allergic to, of the 14 that EU law names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["gluten", "soybeans"]))]
    pub allergens: BTreeSet<Allergen>,
    /// For whom it is fit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["vegan"]))]
    pub diet: BTreeSet<Diet>,
    /// In kilocalories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calories: Option<u32>,
    /// Whether there is alcohol in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alcohol: bool,
    /// Years that a customer must have; nobody is asked if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schema(maximum = 99)]
    pub min_age: u8,
    /// When it is sold; whenever the kitchen is open if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
    /// The `ref`s or ids of its option groups, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["size"]))]
    pub option_groups: Vec<String>,
    /// Neither shown nor sold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A price that holds for one fulfilment, or in certain hours, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PriceByInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "pickup")]
    pub fulfilment: Option<Fulfilment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Hours>,
    /// Minor units of the city's currency.
    #[schema(example = 1090, minimum = 0)]
    pub price: i64,
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OptionGroupInput {
    /// The restaurant's own key.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    /// In place of a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub option_group_id: Option<OptionGroupId>,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    #[serde(default)]
    pub min: u32,
    pub max: u32,
    /// So many of the answers cost nothing: the cheapest.
    #[serde(default, skip_serializing_if = "is_none")]
    pub free: u32,
    pub options: Vec<OptionInput>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OptionInput {
    /// The restaurant's own key.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    /// In place of a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub option_id: Option<OptionId>,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    /// Minor units of the city's currency; added to the dish.
    #[serde(default)]
    pub price: i64,
    /// How often it can be chosen on one dish.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schema(minimum = 1, maximum = 99)]
    pub max_quantity: u32,
    /// Chosen unless the customer says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["eggs"]))]
    pub allergens: BTreeSet<Allergen>,
    /// The `ref` or id of the dish of this menu that it is, whose stock it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "gyoza")]
    pub dish: Option<String>,
}

impl Default for OptionInput {
    fn default() -> Self {
        Self {
            own_ref: None,
            option_id: None,
            title: Words::new(),
            price: 0,
            max_quantity: one(),
            default: false,
            allergens: BTreeSet::new(),
            dish: None,
        }
    }
}

/// `POST /restaurant/{id}/menu`: one dish, or several and their questions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum MenuEdit {
    /// Several.
    Many(MenuEditMany),
    /// One.
    One(Box<DishInput>),
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

/// `PATCH /v1/restaurant/{id}/menu`, as RFC 7396 merges it: members by id (or by the `ref` of a
/// dish), each with only what changes of its input. `null` for a member's value takes it away;
/// `null` for a whole part takes that off the menu. Lists are replaced whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dishes": {"ramen": {"price": 1300, "calories": null}}}))]
pub struct MenuPatch {
    /// Parts of [`DishInput`], by id or `ref`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub dishes: BTreeMap<String, serde_json::Value>,
    /// Parts of [`OptionGroupInput`], by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub option_groups: BTreeMap<String, serde_json::Value>,
    /// Parts of [`CategoryInput`], by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub categories: BTreeMap<String, serde_json::Value>,
}

/// The answer to a change.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct MenuChanged {
    #[schema(example = 8)]
    pub version: u64,
    /// The dishes that were named, in order.
    #[schema(value_type = Vec<String>)]
    pub dish_ids: Vec<DishId>,
}
