//! Money back: a record of its own, so that a second click is the same refund.

pub(crate) mod answer;
pub(crate) mod make;

pub use make::{RefundOrder, RefundWhat};

use crate::claim::ClaimLine;
use crate::ids::{OrderId, PaymentId, RefundId};
use crate::money::Money;
use crate::order::Fault;
use crate::payment::WorkId;
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Money that goes back to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Derived from who asks and their key; also the key of the call to the gateway.
    pub id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// How much.
    pub amount: Money,
    /// What it is for, if it was asked for by lines: those are given back, and not once more.
    #[serde(default)]
    pub lines: Vec<ClaimLine>,
    /// Who bears it.
    pub fault: Fault,
    /// For operators and the audit.
    pub reason: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// What the gateway is being asked.
    #[serde(default)]
    pub work: Option<WorkId>,
    /// When it was asked for.
    pub made_at: Timestamp,
    /// The entry that made it.
    pub made_index: u64,
    /// SHA-256 of the request that made it.
    pub request: Digest,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// The gateway is being asked.
    Pending,
    /// The customer has it.
    Done,
    /// The gateway will not.
    Failed,
    /// It was paid in cash: somebody gives it back by hand.
    ByHand,
}
