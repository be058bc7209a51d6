//! Payments as operators look into them: ours beside the gateway's.

use crate::refunds::Refund;
use crate::wire::{Money, Time};
use domain::ids::{AccountId, OrderId, PaymentId, RefundId};
use domain::payment::{DifferenceKind, PaymentStatus, TipFor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Rows of `GET /v1/admin/payments/unsettled`, at most.
pub const UNSETTLED_MOST: usize = 500;

/// One attempt at the money of an order, or a tip.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Attempt {
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub customer_id: AccountId,
    /// Whom it thanks; absent for the order itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "courier")]
    pub tip_for: Option<TipFor>,
    #[schema(value_type = String, example = "capturing")]
    pub state: PaymentStatus,
    pub amount: Money,
    /// What was or will be taken.
    pub to_capture: Money,
    pub refunded: Money,
    /// What is on its way back.
    pub refunding: Money,
    /// The gateway's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ch_17")]
    pub gateway_ref: Option<String>,
    /// Why the gateway would not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "card_declined")]
    pub decline: Option<String>,
    /// What the gateway has said too early to mean anything yet.
    #[schema(example = 0)]
    pub waiting_facts: usize,
    pub created_at: Time,
}

/// `GET /v1/admin/payments/unsettled`: what somebody must still hear from the gateway about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Unsettled {
    /// The oldest first.
    pub data: Vec<Attempt>,
    /// Whether there is more than this list holds.
    pub has_more: bool,
}

/// `GET /v1/admin/payments/{id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PaymentCase {
    pub ours: Attempt,
    pub refunds: Vec<Refund>,
    /// The gateway's side, all that it has under this payment's name. Empty for the embedded one.
    pub theirs: Vec<GatewayView>,
    /// Why the gateway's side is missing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "the gateway cannot be reached")]
    pub silence: Option<String>,
}

/// How the gateway sees a payment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct GatewayView {
    #[schema(example = "ch_17")]
    pub gateway_ref: String,
    /// pending, action_required, declined, authorized, captured or voided.
    #[schema(example = "captured")]
    pub state: String,
    pub amount: Money,
    pub captured: Money,
    pub refunded: Money,
    pub refunds: Vec<GatewayRefund>,
    /// What the customer's bank asks back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<Money>,
    pub created_at: Time,
}

/// Money that went back, by the gateway.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct GatewayRefund {
    /// Absent: somebody gave it back at the gateway's own pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<RefundId>,
    pub amount: Money,
    /// Absent while it is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
}

/// `POST /v1/admin/payments/reconcile`
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRequest {
    /// Look at what changed in the last so many seconds: an hour if absent, 30 days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_592_000, example = 3600)]
    pub since_s: Option<u32>,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a look at the gateway's side has found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct ReconcileReport {
    /// The gateway's payments that were compared with ours.
    #[schema(example = 1200)]
    pub checked: u64,
    /// What we had missed, and know now.
    pub repaired: Vec<RepairedFact>,
    /// Approvals that nobody stood behind, by the gateway's names: they are let go.
    #[schema(example = json!(["ch_17"]))]
    pub let_go: Vec<String>,
    /// What people must look at.
    pub differences: Vec<Differs>,
    /// Found, and neither done nor recorded: ask again.
    #[schema(example = 0)]
    pub left: u64,
    /// False: there was no time for all of it. The node's own looks have more.
    pub complete: bool,
}

/// Something at the gateway that we had missed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct RepairedFact {
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    #[schema(example = "ch_17")]
    pub gateway_ref: String,
    /// What had happened, in one word.
    #[schema(example = "captured")]
    pub fact: String,
}

/// Where the two sides say different things.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Differs {
    #[schema(example = "ch_17")]
    pub gateway_ref: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
    /// `only_theirs`, `only_ours`, `status`, `captured` or `refunded`.
    #[schema(value_type = String, example = "captured")]
    pub kind: DifferenceKind,
    #[schema(example = "1250")]
    pub ours: String,
    #[schema(example = "900")]
    pub theirs: String,
}

/// `POST /v1/admin/payments/{id}/retry`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    /// What was asked and what came of it, a line each; empty if nothing is open.
    #[schema(example = json!(["capture: done"]))]
    pub asked: Vec<String>,
}
