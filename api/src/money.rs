//! Money in the API: other attempts to pay, tips, earnings, the books, payouts.

use crate::orders::{Payment, TimelineStep};
use crate::receipts::Receipt;
use crate::reconcile::Attempt;
use crate::wire::{Money, Time};
use domain::ids::{AccountId, DeliveryId, OrderId, PaymentId, PayoutId};
use domain::ledger::{LedgerWhat, PostingKind};
use domain::payment::{PaymentStatus, TipFor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Rows of one answer with earnings, at most; `next_cursor` leads on.
pub const EARNINGS_MOST: usize = 2_000;

/// `POST /v1/order/{id}/payment`: another card, or cash, while the order waits for its money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RetryRequest {
    pub payment: Payment,
}

/// `POST /v1/order/{id}/tip`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TipRequest {
    /// In minor units.
    #[schema(example = 200)]
    pub amount: i64,
    /// `courier` or `kitchen`.
    #[schema(value_type = String, example = "courier")]
    pub to: TipFor,
    /// Card or wallet.
    pub payment: Payment,
}

/// One payment, as who pays sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PaymentShown {
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    #[schema(value_type = String, example = "authorizing")]
    pub state: PaymentStatus,
    pub amount: Money,
    /// Whom it thanks; absent for the order itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "courier")]
    pub tip_for: Option<TipFor>,
    /// Where you confirm it with your bank, while it waits for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://bank.example/confirm/17")]
    pub action_url: Option<String>,
    /// Why the bank would not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "card_declined")]
    pub decline: Option<String>,
    pub created_at: Time,
}

/// A part of an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Part {
    #[schema(value_type = String, example = "dishes")]
    pub kind: PostingKind,
    pub amount: Money,
}

/// What one fact about money has brought, or cost.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct EarningsRow {
    pub at: Time,
    #[schema(value_type = String, example = "order_ended")]
    pub what: LedgerWhat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    /// The sum of the parts: below nothing it was a cost, or was paid out.
    pub amount: Money,
    pub parts: Vec<Part>,
}

/// `GET /v1/restaurant/{id}/earnings`, `GET /v1/delivery/{id}/earnings`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Earnings {
    /// The oldest first.
    pub data: Vec<EarningsRow>,
    /// The sum of the rows of this answer, by kind.
    pub totals: Vec<Part>,
    /// What is owed to you now, over all time; below nothing you owe it.
    pub balance: Money,
    /// Cash that you have of the city's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4711.0")]
    pub next_cursor: Option<String>,
    pub has_more: bool,
}

/// One holder's part of an entry of the books.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PostingShown {
    /// `gateway`, `till`, `bank`, `platform`, `tax`, `disputed`, an id, or `cash:cou_..`.
    #[schema(example = "platform")]
    pub holder: String,
    #[schema(value_type = String, example = "commission")]
    pub kind: PostingKind,
    /// Above nothing: more is with them, or is owed by them.
    pub amount: Money,
}

/// An entry of the books. Its postings sum to nothing.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct LedgerRow {
    /// The log entry, and the number there.
    #[schema(example = "4711.0")]
    pub place: String,
    pub at: Time,
    #[schema(value_type = String, example = "order_ended")]
    pub what: LedgerWhat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
    pub postings: Vec<PostingShown>,
}

/// What a holder has of the city's money, or owes it; below nothing the city owes them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct BalanceRow {
    #[schema(example = "platform")]
    pub holder: String,
    pub amount: Money,
    /// Entries that it is the sum of.
    #[schema(example = 17)]
    pub entries: u64,
}

/// `POST /v1/admin/payouts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PayoutRequest {
    /// A restaurant or a courier.
    #[schema(example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub payee: String,
    /// What you saw to be owed, in minor units, cash kept: another amount now is refused with
    /// `version_changed`. Below nothing they pay it in.
    #[schema(example = 1964)]
    pub amount: i64,
    /// For the bank statement.
    #[serde(default)]
    #[schema(example = "week 12")]
    pub reason: String,
}

/// A payout that was made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PayoutShown {
    #[schema(value_type = String, example = "pot_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub payout_id: PayoutId,
    #[schema(example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub payee: String,
    pub amount: Money,
    /// The cash that was kept of what was earned.
    pub cash: Money,
    #[schema(example = "week 12")]
    pub reason: String,
    #[schema(value_type = String, example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub made_by: AccountId,
    pub made_at: Time,
}

/// `GET /v1/admin/payments/{id}/evidence`: what shows a bank that an order was wanted and came.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Evidence {
    pub payment: Attempt,
    /// The gateway's name for the dispute, if there is or was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "dp_17")]
    pub dispute_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<Money>,
    /// How it ended; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub won: Option<bool>,
    pub receipt: Receipt,
    pub timeline: Vec<TimelineStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub delivery_id: Option<DeliveryId>,
    /// What was shown at the door: `pin`, `photo`, `signature`.
    #[schema(example = json!(["pin"]))]
    pub proofs: Vec<String>,
    /// Calls and messages to the customer at the door.
    #[schema(example = 2)]
    pub contacts: usize,
    pub entries: Vec<LedgerRow>,
}
