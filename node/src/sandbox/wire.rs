//! What the sandbox and its callers say to each other. Amounts are minor units, times are Unix
//! milliseconds.

use serde::{Deserialize, Serialize};

/// The header of a webhook's signature (`crate::signature`).
pub const SIGNATURE_HEADER: &str = "sandbox-signature";

/// A card token that starts with this is declined.
pub const DECLINED_TOKENS: &str = "tok_declined";
/// A token that starts with this is taken, and its money cannot be given back.
pub const UNREFUNDABLE_TOKENS: &str = "tok_norefund";
/// A token that starts with this is approved, and cannot be charged later.
pub const UNCAPTURABLE_TOKENS: &str = "tok_nocapture";
/// A token that starts with this needs a word of its owner, at the charge's `url`.
pub const CONFIRMED_TOKENS: &str = "tok_3ds";
/// A token that starts with this is approved some seconds after it was asked about.
pub const LATE_TOKENS: &str = "tok_late";

/// Money that was asked for once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The sandbox's name for it.
    pub id: String,
    /// The caller's name for it; not unique, as at other gateways.
    pub reference: String,
    /// The test card.
    pub token: String,
    /// What was asked for.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where it stands.
    pub state: ChargeState,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where its owner confirms it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was taken.
    pub captured: i64,
    /// What went back.
    pub refunds: Vec<Refund>,
    /// What the owner's bank asks back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute: Option<Dispute>,
    /// When it was asked for.
    pub created_ms: i64,
    /// When a late approval comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_ms: Option<i64>,
    /// When it changed last.
    pub changed_ms: i64,
    /// The journal's line that changed it last: the cursor of lists.
    pub changed: u64,
}

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeState {
    /// Not decided yet.
    Pending,
    /// Its owner must confirm it.
    ActionRequired,
    /// No.
    Declined,
    /// Set aside.
    Authorized,
    /// Taken.
    Captured,
    /// Let go.
    Voided,
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The caller's name for it.
    pub reference: String,
    /// How much.
    pub amount: i64,
    /// Whether it went.
    pub done: bool,
}

/// A bank asks for money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The sandbox's name for it.
    pub id: String,
    /// How much.
    pub amount: i64,
    /// Nothing while it is open; whether we won.
    pub won: Option<bool>,
}

/// `POST /v1/charges`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Authorize {
    pub reference: String,
    pub token: String,
    pub amount: i64,
    pub currency: String,
}

/// `POST /v1/charges/{id}/capture`; no more than was set aside, the rest is let go.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Capture {
    pub amount: i64,
}

/// `POST /v1/charges/{id}/refunds`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct MakeRefund {
    pub reference: String,
    pub amount: i64,
}

/// `POST /confirm/{id}`, and `POST /v1/charges/{id}/dispute/close` (`yes`: we won).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Decide {
    pub yes: bool,
}

/// `GET /v1/charges?after=&since_ms=`: in the order of their last change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Charges {
    pub data: Vec<Charge>,
    /// Whether there is more behind the last one's `changed`.
    pub has_more: bool,
}

/// A webhook's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The same however often it is sent.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    pub at_ms: i64,
    /// The refund that it is about, by the caller's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// The charge after it.
    pub charge: Charge,
}

/// What webhooks tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EventKind {
    #[serde(rename = "charge.authorized")]
    Authorized,
    #[serde(rename = "charge.action_required")]
    ActionRequired,
    #[serde(rename = "charge.declined")]
    Declined,
    #[serde(rename = "charge.captured")]
    Captured,
    #[serde(rename = "charge.voided")]
    Voided,
    #[serde(rename = "refund.done")]
    Refunded,
    #[serde(rename = "refund.failed")]
    RefundFailed,
    #[serde(rename = "dispute.opened")]
    DisputeOpened,
    #[serde(rename = "dispute.closed")]
    DisputeClosed,
}

/// `POST /messages`, and what `GET /messages` lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The same key again is the same message.
    pub key: String,
    /// As `sms`, `email`, `push`, `voice`.
    pub channel: String,
    /// Whom it goes to.
    pub to: String,
    /// What stands above it, if anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it says.
    pub text: String,
}

/// `GET /messages`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Messages {
    pub data: Vec<Message>,
    pub has_more: bool,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Refused {
    pub error: String,
}
