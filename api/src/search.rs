//! Finding restaurants and dishes by words.

use crate::restaurants::RestaurantSummary;
use crate::wire::Money;
use domain::ids::DishId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/search`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SearchAnswer {
    /// Found by their name, cuisine or area.
    pub restaurants: Vec<RestaurantSummary>,
    /// The best dish of each restaurant that has one.
    pub dishes: Vec<DishFound>,
    /// How far the question was relaxed: 1 not at all, 2 typos, 3 words left out.
    pub rung: u8,
    /// The words that were left out.
    #[schema(example = json!(["dsh_0004hnq5w1k60vy4q8d3j2m7zc"]))]
    pub left_out: Vec<String>,
    /// Whether there was more than was looked at.
    pub truncated: bool,
    /// Whether the index is behind what `after` asked for.
    pub stale: bool,
}

/// A dish that was found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct DishFound {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[schema(example = "Ramen")]
    pub title: String,
    pub price: Money,
    /// What there is of it.
    #[serde(default)]
    pub stock: crate::stock::Stock,
    pub restaurant: RestaurantSummary,
    /// How many more of its dishes match.
    pub more: u32,
}

/// `GET /v1/autocomplete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Suggestions {
    #[schema(example = json!(["ramen"]))]
    pub suggestions: Vec<String>,
}
