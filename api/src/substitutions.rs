//! Something is missing: what a kitchen proposes, and what the customer says; and orders again.

use crate::orders::ReceiptLine;
use crate::quotes::{BasketLine, Quote};
use crate::wire::{Money, Time};
use domain::ids::DishId;
use domain::menu::Allergen;
use domain::order::SubstitutionAnswer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/restaurant/{id}/order/{order_id}/substitution`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRequest {
    /// The line's place on the receipt, from 0.
    #[schema(example = 0)]
    pub line: u32,
    /// What the kitchen would do with it.
    pub instead: Instead,
}

/// `"remove"`, `{"fewer": {"quantity": 1}}` or `{"replace": {"dish_id": ".."}}`; never for more
/// money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Instead {
    Remove,
    Fewer { quantity: u32 },
    Replace(BasketLine),
}

/// `POST /v1/order/{order_id}/substitution`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// `accept`, `refuse`, `cancel_line` or `cancel_order`.
    #[schema(value_type = String, example = "accept")]
    pub answer: SubstitutionAnswer,
    /// The proposal's `revision`, so that this is no answer to a later one; `accept` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub revision: Option<u32>,
}

/// A proposal that waits for its answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Substitution {
    /// The line's place on the receipt, from 0.
    pub line: u32,
    /// The line as it would stand on the receipt; nothing if it would go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<ReceiptLine>,
    /// What the substitute has and the original had not: never accepted by default.
    #[schema(value_type = Vec<String>, example = json!(["milk"]))]
    pub new_allergens: Vec<Allergen>,
    /// When it was proposed.
    pub proposed_at: Time,
    /// Without an answer until then the line's own `if_unavailable` decides.
    pub answer_by: Time,
    /// Of the receipt: names this proposal in an answer.
    pub revision: u32,
}

/// The answer to `POST /v1/order/{order_id}/reorder`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Reorder {
    /// Good for one order.
    pub quote: Quote,
    /// What is not as it was.
    pub changes: Vec<Change>,
}

/// One dish that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Change {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[schema(example = "Tonkotsu ramen")]
    pub title: String,
    pub what: Changed,
    /// What one cost then.
    pub was: Money,
    /// What one costs now, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Money>,
}

/// How it is not as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Changed {
    /// Not on the menu any more, or not with these options.
    Gone,
    /// Not to be had at the moment.
    OutOfStock,
    /// For another price.
    Price,
}
