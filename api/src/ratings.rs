//! Stars and words.

use crate::wire::Time;
use domain::ids::{DishId, OrderId, RatingId, RestaurantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// `POST /rate/{restaurant_id}`; all stars are from 1 to 5, and a thumb is 5 or 1.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RateRequest {
    /// 1 to 5, for the restaurant.
    #[schema(minimum = 1, maximum = 5)]
    pub stars: u8,
    /// Your newest unrated order there if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub food: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub packaging: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub accuracy: Option<u8>,
    /// 1 to 5, for the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub courier: Option<u8>,
    /// By dish of the order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, u8>,
        example = json!({"dsh_0004hnq5w1k60vy4q8d3j2m7zc": 5}))]
    pub dishes: BTreeMap<DishId, u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hot and quick")]
    pub text: Option<String>,
}

/// `POST /v1/rate/order/{order_id}`: all at once. What is left out is taken back, if it was said.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RateOrderRequest {
    pub restaurant: RestaurantStars,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<CourierStars>,
    /// By dish of the order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, u8>,
        example = json!({"dsh_0004hnq5w1k60vy4q8d3j2m7zc": 5}))]
    pub dishes: BTreeMap<DishId, u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hot and quick")]
    pub text: Option<String>,
}

/// For a restaurant, 1 to 5 each.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RestaurantStars {
    #[schema(minimum = 1, maximum = 5)]
    pub stars: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub food: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packaging: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<u8>,
}

/// For a courier, 1 to 5 each.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CourierStars {
    #[schema(minimum = 1, maximum = 5)]
    pub stars: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manner: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
}

/// `POST /v1/rate/courier/{courier_id}`: what you said of the restaurant stays as it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RateCourierRequest {
    #[schema(minimum = 1, maximum = 5)]
    pub stars: u8,
    /// Your newest order that they carried if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manner: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
}

/// The rating as it stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Rated {
    #[schema(value_type = String)]
    pub rating_id: RatingId,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// The restaurant's; 0 where only the courier was rated.
    pub stars: u8,
}

/// `GET /v1/restaurants/{id}/reviews`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Reviews {
    /// The Bayesian mean; nothing until five people have spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 4.61)]
    pub rating: Option<f64>,
    /// How many gave stars.
    pub rating_count: u64,
    /// Newest first.
    pub data: Vec<Review>,
    /// What to ask the next page with; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "AAABnK8JEQA")]
    pub next_cursor: Option<String>,
    /// Whether there is more.
    pub has_more: bool,
}

/// What somebody said of a restaurant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Review {
    #[schema(value_type = String)]
    pub rating_id: RatingId,
    pub stars: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub food: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packaging: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<u8>,
    /// Not shown while it holds contact data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hot and quick")]
    pub text: Option<String>,
    pub rated_at: Time,
    /// What the restaurant said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Thank you, come again")]
    pub reply: Option<String>,
}

/// `POST /v1/restaurant/{id}/reviews/{rating_id}/reply`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyRequest {
    /// In public, and once.
    #[schema(example = "Thank you, come again")]
    pub text: String,
}
