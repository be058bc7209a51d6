//! What there is to sell, dish by dish and option by option.

use crate::menus::Words;
use crate::wire::Time;
use domain::ids::{DishId, OptionId};
use domain::stock::Supply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much there is of a dish or option, as customers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stock {
    /// `in_stock`, `out_of_stock`, `quantity` or `hidden`; the last is shown to staff only.
    #[schema(value_type = String, example = "in_stock")]
    pub state: Supply,
    /// With `quantity`: portions that anybody can buy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// When it is plainly in stock again, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl Default for Stock {
    fn default() -> Self {
        Self { state: Supply::InStock, left: None, until: None }
    }
}

/// `GET /v1/restaurant/{id}/stock`: every dish of the menu, then every option.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StockList {
    pub lines: Vec<StockLine>,
}

/// The stock of one dish or option. Always `added = left + reserved + sold`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StockLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dish_id: Option<DishId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub option_id: Option<OptionId>,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    #[schema(example = json!({"en": "Tonkotsu ramen"}))]
    pub title: Words,
    #[serde(flatten)]
    pub stock: Stock,
    /// Portions that orders hold which the kitchen has not begun.
    pub reserved: u32,
    /// Portions that were cooked since they are counted.
    pub sold: u64,
}

/// `PATCH /v1/restaurant/{id}/stock`: what is not named stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": [
    {"ref": "ramen", "state": "quantity", "quantity": 12},
    {"ref": "gyoza", "state": "out_of_stock", "until": "next_reset"}]}))]
pub struct StockPatch {
    /// Up to 500; each dish and option once.
    pub lines: Vec<StockChange>,
}

/// One dish or option, named by its id or, for a dish, by the restaurant's own key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct StockChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "dsh_00400000000000000000000000")]
    pub dish_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "opt_00400000000000000000000000")]
    pub option_id: Option<String>,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ramen")]
    pub own_ref: Option<String>,
    /// `in_stock`, `out_of_stock`, `quantity` or `hidden`.
    #[schema(value_type = String)]
    pub state: Supply,
    /// With `quantity`: so many can be sold from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1_000_000)]
    pub quantity: Option<u32>,
    /// When it is plainly in stock again: a moment within 31 days, or `next_reset` for the next
    /// 05:00 of the city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "next_reset")]
    pub until: Option<String>,
}

/// The answer: one result for each line, in order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StockResults {
    pub results: Vec<StockResult>,
}

/// What became of one line.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StockResult {
    /// As an HTTP status: 200, 404 for what the menu does not have, 422 for what cannot be.
    #[schema(example = 200)]
    pub status: u16,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "dish_unknown")]
    pub code: Option<String>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "there is no such dish or option on the menu")]
    pub detail: Option<String>,
}
