//! The money of an order: decided here, moved by a gateway that the leader asks.

pub(crate) mod answer;

pub use answer::{GatewayAnswer, RecordGatewayAnswer};

use crate::ids::{AccountId, OrderId, PaymentId, RefundId};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One attempt at the money of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Also the key of every call to the gateway, so that a repeated call is harmless.
    pub id: PaymentId,
    /// What it pays for.
    pub order_id: OrderId,
    /// Who pays.
    pub customer_id: AccountId,
    /// How.
    pub method: Method,
    /// The receipt's total.
    pub amount: Money,
    /// What was or will be taken: the amount, or less after a late cancellation.
    pub to_capture: Money,
    /// What went back to the customer.
    #[serde(default)]
    pub refunded: Money,
    /// What is on its way back.
    #[serde(default)]
    pub refunding: Money,
    /// Where it stands now.
    pub status: PaymentStatus,
    /// The gateway's name for it.
    pub gateway_ref: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// How an order is paid. Card numbers never come here: only what the gateway calls them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Method {
    Card { token: String },
    Wallet { token: String },
    Cash,
}

/// The payment's states; the diagram stands at the top of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Nothing to pay.
    None,
    /// The courier takes it at the door.
    CashDue,
    /// The courier has it.
    CashCollected,
    /// The gateway is being asked.
    Authorizing,
    /// The customer must confirm with their bank.
    ActionRequired,
    /// The gateway said no.
    Failed,
    /// The money is set aside.
    Authorized,
    /// The money is being taken.
    Capturing,
    /// The money is ours.
    Captured,
    /// The money is being let go.
    Voiding,
    /// The money was let go.
    Voided,
    /// The customer's bank asks for it back.
    Disputed,
    /// The bank took it back.
    Lost,
}

impl PaymentStatus {
    /// Every state, in the order of a plain life.
    pub const ALL: [Self; 13] = [
        Self::None,
        Self::CashDue,
        Self::CashCollected,
        Self::Authorizing,
        Self::ActionRequired,
        Self::Failed,
        Self::Authorized,
        Self::Capturing,
        Self::Captured,
        Self::Voiding,
        Self::Voided,
        Self::Disputed,
        Self::Lost,
    ];
}

/// Something the leader must ask of the gateway. The key of the call is the payment's id and the
/// kind of work, so that asking twice is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Work {
    Authorize { payment_id: PaymentId },
    Capture { payment_id: PaymentId },
    Void { payment_id: PaymentId },
    Refund { payment_id: PaymentId, refund_id: RefundId },
}

/// The entry that asked for it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WorkId {
    pub index: u64,
    pub number: u32,
}
