//! Baskets and what they cost.

use crate::orders::{Address, EtaWindow, Receipt, When};
use crate::wire::Time;
use domain::ids::{AddressId, DishId, OptionId, QuoteId, RestaurantId};
use domain::order::Fulfilment;
use domain::pricing::IfUnavailable;
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
    /// For the kitchen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "no onions")]
    pub note: Option<String>,
    /// What happens if it turns out to be missing: `remove`, `substitute` or `cancel_order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "remove")]
    pub if_unavailable: Option<IfUnavailable>,
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
    /// For what is brought; or `address_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// One of `GET /v1/me/addresses`, in place of `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub address_id: Option<AddressId>,
    /// Brought, or picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "delivery")]
    pub fulfilment: Option<Fulfilment>,
    /// At once, or in a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
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
    #[schema(value_type = String, example = "delivery")]
    pub fulfilment: Fulfilment,
    pub when: When,
    /// When it would be at the door, or ready at the counter.
    pub promised: EtaWindow,
    pub receipt: Receipt,
    /// Good until then, for one order.
    pub expires_at: Time,
}
