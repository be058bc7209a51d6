//! Stars and words.

use domain::ids::{OrderId, RatingId, RestaurantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /rate/{restaurant_id}`
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
    /// 1 to 5, for the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub courier: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
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
    pub stars: u8,
}
