//! The money of an order: decided here, moved by a gateway that the leader asks.
//!
//! The leader asks what a [`Work`] says and proposes the answer; the gateway also calls by itself.
//! Both are [`GatewayFact`]s and go through one function (`fact.rs`), which applies them by the
//! state that they find and not by the order in which they come: what comes early waits in the
//! payment, what is known already changes nothing.

pub(crate) mod answer;
pub(crate) mod difference;
mod dispute;
pub(crate) mod fact;
pub(crate) mod inbox;
pub(crate) mod retry;
pub(crate) mod stuck;
pub(crate) mod tip;

pub use answer::{GatewayAnswer, RecordGatewayAnswer};
pub use difference::{Difference, DifferenceKind, RecordDifference, difference_key};
pub use fact::GatewayFact;
pub use inbox::{GatewayEvent, RecordGatewayEvent, gateway_event_key};
pub use retry::RetryPayment;
pub use tip::TipOrder;

use crate::entry::Stamp;
use crate::ids::{AccountId, OrderId, PaymentId, RefundId};
use crate::money::Money;
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One attempt at the money of an order, or a tip for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Also the key of every call to the gateway, so that a repeated call is harmless.
    pub id: PaymentId,
    /// What it pays for.
    pub order_id: OrderId,
    /// Who pays.
    pub customer_id: AccountId,
    /// The order itself, or a tip.
    #[serde(default)]
    pub purpose: Purpose,
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
    /// What the gateway is being asked about it, but for refunds, which know their own.
    #[serde(default)]
    pub work: Option<WorkId>,
    /// Where the customer confirms with their bank.
    #[serde(default)]
    pub action_url: Option<String>,
    /// Why the gateway would not.
    #[serde(default)]
    pub decline: Option<String>,
    /// What the gateway has said too early to mean anything yet.
    #[serde(default)]
    pub waiting: Vec<GatewayFact>,
    /// When somebody is told that it does not get on. Names the deadline `MoneyStuck`.
    #[serde(default)]
    pub stuck_at: Option<Timestamp>,
    /// The customer's bank has asked for the money back, at least once.
    #[serde(default)]
    pub dispute: Option<Dispute>,
    /// SHA-256 of the request that opened it, unless that was the order's own.
    #[serde(default)]
    pub request: Option<Digest>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The entry that opened it.
    #[serde(default)]
    pub created_index: u64,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What a payment is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Purpose {
    /// The order itself.
    #[default]
    Order,
    /// Thanks, after it.
    Tip { to: TipFor },
}

/// Whom a tip is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TipFor {
    Courier,
    Kitchen,
}

/// The customer's bank asks for the money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The gateway's name for it.
    pub id: String,
    /// What it is about: all of the payment, or some.
    pub amount: Money,
    /// When we learned of it.
    pub opened_at: Timestamp,
    /// How it ended and when; nothing while it is open.
    pub closed: Option<DisputeClosed>,
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DisputeClosed {
    pub won: bool,
    pub at: Timestamp,
}

impl Payment {
    /// A new attempt at an order's money, or a tip; nobody has been asked yet.
    pub(crate) fn open(
        id: PaymentId,
        order: (OrderId, AccountId),
        purpose: Purpose,
        method: Method,
        amount: Money,
        stamp: &Stamp,
    ) -> Self {
        let status = match method {
            _ if amount == Money::ZERO => PaymentStatus::None,
            Method::Cash => PaymentStatus::CashDue,
            Method::Card { .. } | Method::Wallet { .. } => PaymentStatus::Authorizing,
        };
        Self {
            id,
            order_id: order.0,
            customer_id: order.1,
            purpose,
            method,
            amount,
            to_capture: amount,
            refunded: Money::ZERO,
            refunding: Money::ZERO,
            status,
            gateway_ref: None,
            work: None,
            action_url: None,
            decline: None,
            waiting: Vec::new(),
            stuck_at: None,
            dispute: None,
            request: None,
            created_at: stamp.at,
            created_index: stamp.index,
            revision: stamp.index,
        }
    }
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
    Authorize {
        payment_id: PaymentId,
    },
    /// Ask until the customer has confirmed with their bank, or has not.
    Confirm {
        payment_id: PaymentId,
    },
    Capture {
        payment_id: PaymentId,
    },
    Void {
        payment_id: PaymentId,
    },
    Refund {
        payment_id: PaymentId,
        refund_id: RefundId,
    },
}

/// The entry that asked for it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WorkId {
    pub index: u64,
    pub number: u32,
}

impl Work {
    /// The payment that it is about.
    pub fn payment_id(&self) -> PaymentId {
        match self {
            Self::Authorize { payment_id }
            | Self::Confirm { payment_id }
            | Self::Capture { payment_id }
            | Self::Void { payment_id }
            | Self::Refund { payment_id, .. } => *payment_id,
        }
    }
}
