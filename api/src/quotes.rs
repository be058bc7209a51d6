//! Baskets and what they cost.

use crate::orders::{Address, Receipt};
use crate::wire::Time;
use domain::ids::{DishId, OptionId, QuoteId, RestaurantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of a basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BasketLine {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 99)]
    pub quantity: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<BasketOption>,
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BasketOption {
    #[schema(value_type = String)]
    pub option_id: OptionId,
    #[serde(default = "one")]
    pub quantity: u32,
}

fn one() -> u32 {
    1
}

/// `POST /v1/quotes`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct QuoteRequest {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    pub basket: Vec<BasketLine>,
    pub address: Address,
    /// As it was typed; case is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "WELCOME10")]
    pub coupon_code: Option<String>,
}

/// A priced basket.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Quote {
    #[schema(value_type = String)]
    pub quote_id: QuoteId,
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    pub receipt: Receipt,
    /// Good until then, for one order.
    pub expires_at: Time,
}
