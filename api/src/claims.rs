//! Complaints, and what becomes of them.

use crate::wire::{Money, Time};
use domain::claim::{ClaimKind, ClaimState};
use domain::ids::{ClaimId, OrderId, RefundId, RestaurantId};
use domain::order::Fault;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// So many of one line of the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineCount {
    /// Its place on the receipt, from 0.
    #[schema(example = 0)]
    pub line: u32,
    /// How many of it.
    #[schema(minimum = 1, example = 1)]
    pub quantity: u32,
}

/// `POST /v1/order/{order_id}/claims`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// `missing`, `wrong`, `quality`, `allergy`: of the lines; `late`, `never_came`: of the order.
    #[schema(value_type = String, example = "missing")]
    pub kind: ClaimKind,
    /// What it is about; empty for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineCount>,
    /// Names of pictures that you have uploaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["0f343b0931126a20f133d67c2b018a3b"]))]
    pub photos: Vec<String>,
    /// In your words; stored closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "One bowl was not in the bag")]
    pub text: Option<String>,
}

/// A complaint, as it stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Claim {
    #[schema(value_type = String)]
    pub claim_id: ClaimId,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    #[schema(value_type = String, example = "missing")]
    pub kind: ClaimKind,
    pub lines: Vec<LineCount>,
    #[schema(example = json!(["0f343b0931126a20f133d67c2b018a3b"]))]
    pub photos: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "One bowl was not in the bag")]
    pub text: Option<String>,
    /// What it asks for, by the receipt.
    pub asked: Money,
    #[schema(value_type = String, example = "open")]
    pub state: ClaimState,
    /// While it is open: silence until then decides it for the customer, up to the city's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Time>,
    /// What the restaurant said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Both bowls were in the bag")]
    pub answer: Option<String>,
    /// What the operator said who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "the photo shows it")]
    pub decision: Option<String>,
    /// Once it is settled: what the customer gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Once it is settled: who bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "restaurant")]
    pub fault: Option<Fault>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<RefundId>,
    pub made_at: Time,
    /// Raised by every change.
    pub revision: u64,
}

/// `POST /v1/restaurant/{id}/claims/{claim_id}/answer`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerClaimRequest {
    /// True gives what is asked for; false lets an operator decide.
    pub accept: bool,
    /// Required with a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Both bowls were in the bag")]
    pub text: Option<String>,
}

/// `POST /v1/admin/claims/{id}/settle`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleClaimRequest {
    /// In minor units; 0 refuses the claim.
    #[schema(minimum = 0, example = 600)]
    pub amount: i64,
    /// Who bears it.
    #[schema(value_type = String, example = "restaurant")]
    pub fault: Fault,
    /// For the customer, the restaurant and the audit.
    #[schema(example = "the photo shows it")]
    pub reason: String,
}
