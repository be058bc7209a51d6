//! A gateway's side of things, in our words: what the reconciler compares, and what webhooks tell.

use domain::ids::{PaymentId, RefundId};
use domain::money::Money;
use domain::payment::GatewayFact;
use domain::time::Timestamp;

/// How a gateway sees money that was asked for once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Its name for it.
    pub gateway_ref: String,
    /// Ours, if it was asked for by us.
    pub payment_id: Option<PaymentId>,
    /// What was asked for.
    pub amount: Money,
    /// Where it stands.
    pub state: SightState,
    /// What was taken.
    pub captured: Money,
    /// What went back in all.
    pub refunded: Money,
    /// What went back, one by one; a list may leave them out.
    pub refunds: Vec<SightRefund>,
    /// What the customer's bank asks back.
    pub dispute: Option<SightDispute>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SightState {
    /// Not decided.
    Pending,
    /// The customer must confirm there.
    ActionRequired { url: String },
    /// No.
    Declined { reason: String },
    /// Set aside.
    Authorized,
    /// Taken.
    Captured,
    /// Let go.
    Voided,
}

impl SightState {
    /// As operators read it.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::ActionRequired { .. } => "action_required",
            Self::Declined { .. } => "declined",
            Self::Authorized => "authorized",
            Self::Captured => "captured",
            Self::Voided => "voided",
        }
    }
}

/// Money that went back, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SightRefund {
    /// Ours, if we asked for it.
    pub refund_id: Option<RefundId>,
    /// How much.
    pub amount: Money,
    /// Nothing while it is under way; whether it went.
    pub done: Option<bool>,
}

/// What a bank asks back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SightDispute {
    /// The gateway's name for it.
    pub dispute_id: String,
    /// How much.
    pub amount: Money,
    /// Nothing while it is open; whether we won.
    pub won: Option<bool>,
}

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// What is there.
    pub sights: Vec<Sight>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What a webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inbound {
    /// The gateway's name for the event, the same however often it is sent.
    pub event_id: String,
    /// What it is about; nothing if it is not ours.
    pub payment_id: Option<PaymentId>,
    /// What happened.
    pub fact: GatewayFact,
}
