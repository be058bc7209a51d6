//! Money back, and what calling off costs.

use crate::claims::LineCount;
use crate::wire::{Money, Time};
use domain::ids::RefundId;
use domain::order::{CancelReason, Fault};
use domain::refund::RefundStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/admin/order/{id}/refund`: an amount, or lines of the receipt.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// In minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 500)]
    pub amount: Option<i64>,
    /// By the stored receipt, with tax and coupon in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<LineCount>>,
    /// Who bears it.
    #[schema(value_type = String, example = "platform")]
    pub fault: Fault,
    /// For operators and the audit.
    #[schema(example = "cold food")]
    pub reason: String,
}

/// Money that goes back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Refund {
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    pub amount: Money,
    /// `pending`, `done`, `failed`, or `by_hand` for cash.
    #[schema(value_type = String, example = "pending")]
    pub state: RefundStatus,
    #[schema(value_type = String, example = "restaurant")]
    pub fault: Fault,
    pub made_at: Time,
}

/// What the end of an order cost, and whom.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Bill {
    /// What the customer pays of the receipt.
    pub customer_pays: Money,
    /// Whether the restaurant is paid for the dishes.
    pub restaurant_paid: bool,
    /// Whether the courier is paid for the way.
    pub courier_paid: bool,
    /// What the courier gets for coming in vain.
    pub callout: Money,
    /// Who bears what is missing; nobody where all went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "customer")]
    pub fault: Option<Fault>,
}

/// `POST /v1/admin/order/{id}/cancel`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminCancelRequest {
    /// Why.
    #[schema(value_type = String, example = "operator")]
    pub reason: CancelReason,
    /// Who bears it; as the reason says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "platform")]
    pub fault: Option<Fault>,
}
