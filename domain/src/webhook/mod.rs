//! Addresses outside that are told what happens, each in the order of the feed.
//!
//! ```text
//!            a failure:  wait, try again          5 days without a yes, or 410
//!           ┌───────────┐                        ┌──────────────────────────────► off
//!   on ─────┤  failing  ├────────────────────────┘                                 │
//!    ▲      └─────┬─────┘                                                          │
//!    │            │ a yes, or the last try: the next event                         │
//!    └────────────┴──────────────────── somebody turns it on again ────────────────┘
//! ```
//!
//! The log decides how far each of them has come and when the next try is due; only the sending is
//! the leader's. A new leader goes on where the log stands, so what was sent and not recorded is
//! sent again, under the same name.

mod change;
pub(crate) mod command;
mod drop;
mod put;
mod record;
mod replay;
mod rotate;

pub use change::ChangeWebhook;
pub use command::WebhookCommand;
pub use drop::DropWebhook;
pub use put::PutWebhook;
pub use record::{DeliveryEnd, RecordDeliveries};
pub use replay::{Replay, ReplayWebhook};
pub use rotate::RotateWebhook;

use crate::account::{OperatorRole, StaffRole};
use crate::authority::{is_operator, works_at};
use crate::cursor::Cursor;
use crate::entry::Actor;
use crate::field;
use crate::ids::{AccountId, RestaurantId, WebhookId};
use crate::limits::{
    WEBHOOK_TYPE_LETTERS, WEBHOOK_TYPES, WEBHOOKS_OF_CITY, WEBHOOKS_OF_RESTAURANT,
};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The wait before each attempt at one event, in milliseconds: about 71 hours together.
pub const ATTEMPTS_AFTER_MS: [i64; 12] = [
    0,
    5 * SECOND_MS,
    30 * SECOND_MS,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    24 * HOUR_MS,
    24 * HOUR_MS,
];

/// An address that is told of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name.
    pub id: WebhookId,
    /// For whom it was made: it is told what they may see.
    pub owner: WebhookOwner,
    /// Who made it. What is closed here is closed under their name.
    pub made_by: AccountId,
    /// Where; closed, because addresses hold secrets.
    pub url: Sealed,
    /// Which events: `order.placed`, `order.*`, `*`. All of them if empty.
    pub types: Vec<String>,
    /// What requests are signed with.
    pub secret: Sealed,
    /// The secret before it signs as well, for a while.
    pub previous: Option<PreviousSecret>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Everything up to here is done: delivered, not wanted, or given up.
    pub cursor: Cursor,
    /// The event that it did not take, if it is waiting to be told again.
    pub failing: Option<Failing>,
    /// The first failure since it last took something.
    pub failing_since: Option<Timestamp>,
    /// Events that somebody wants delivered once more, out of order.
    pub again: Vec<Cursor>,
    /// What was done so far.
    pub counts: WebhookCounts,
    /// When it last took something.
    pub last_success_at: Option<Timestamp>,
    /// The newest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it was made.
    pub made_at: Timestamp,
    /// What was asked for, to tell a repeat from another request.
    pub request: Digest,
    /// The rotation that made the present secret.
    pub rotation: Option<Digest>,
    /// Raised by what people change, and not by deliveries.
    pub version: u64,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// For whom a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookOwner {
    /// Operators: told everything.
    City,
    /// Its managers: told what the restaurant may see.
    Restaurant(RestaurantId),
}

impl WebhookOwner {
    /// The restaurant, if it is one.
    pub fn restaurant_id(self) -> Option<RestaurantId> {
        match self {
            Self::City => None,
            Self::Restaurant(id) => Some(id),
        }
    }

    /// How many it may have.
    pub fn at_most(self) -> usize {
        match self {
            Self::City => WEBHOOKS_OF_CITY,
            Self::Restaurant(_) => WEBHOOKS_OF_RESTAURANT,
        }
    }
}

/// All that one owner has, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WebhooksOf {
    pub owner: WebhookOwner,
    pub ids: Vec<WebhookId>,
    pub revision: u64,
}

/// A secret that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PreviousSecret {
    pub secret: Sealed,
    /// It signs before this moment.
    pub until: Timestamp,
}

/// Whether a webhook is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum WebhookState {
    On,
    Off { why: OffReason, at: Timestamp },
}

/// Why a webhook is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffReason {
    /// Somebody turned it off.
    ByHand,
    /// It took nothing for five days.
    Failing,
    /// It said 410: gone.
    Gone,
}

/// An event that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Failing {
    pub event: Cursor,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next is due.
    pub next_at: Timestamp,
    /// The first of them.
    pub since: Timestamp,
}

/// What a webhook was told so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WebhookCounts {
    /// Events taken.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Events not taken at the last attempt.
    pub given_up: u64,
    /// Times that the feed did not reach back far enough any more.
    pub gaps: u64,
}

/// One request, or what stood in its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Attempt {
    pub event: Cursor,
    /// When it began, by the leader's clock.
    pub at: Timestamp,
    pub took_ms: u32,
    pub answer: WebhookAnswer,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookAnswer {
    /// An HTTP status. 200 to 299 is a yes; 410 turns the webhook off.
    Status(u16),
    /// Nothing in time.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
    /// The address is one that nothing is sent to.
    AddressRefused,
}

impl WebhookAnswer {
    /// Whether the event was taken.
    pub fn is_yes(self) -> bool {
        match self {
            Self::Status(status) => (200..300).contains(&status),
            Self::TimedOut | Self::Unreachable | Self::AddressRefused => false,
        }
    }
}

impl Webhook {
    /// Whether it asks for events of this type.
    pub fn wants(&self, name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| covers(wanted, name))
    }

    /// Whether it is told anything.
    pub fn is_on(&self) -> bool {
        self.state == WebhookState::On
    }

    /// The secrets that sign at this moment, the newest first.
    pub fn secrets_at(&self, now: Timestamp) -> impl Iterator<Item = &Sealed> {
        let previous = self.previous.iter().filter(move |previous| now < previous.until);
        std::iter::once(&self.secret).chain(previous.map(|previous| &previous.secret))
    }
}

/// Whether a pattern covers a type: `order.placed`, `order.*`, `*`.
pub fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

/// The webhook, if this person may decide about it. A stranger's is as unknown as none.
fn managed(city: &impl View, actor: &Actor, id: WebhookId) -> Checked<Webhook> {
    let Some(webhook) = city.webhook(id)? else {
        return Ok(Err(Rejection::WebhookUnknown));
    };
    if !may_manage(city, actor, webhook.owner)? {
        return Ok(Err(Rejection::WebhookUnknown));
    }
    Ok(Ok(Webhook::clone(&webhook)))
}

fn may_manage(city: &impl View, actor: &Actor, owner: WebhookOwner) -> Result<bool, Unreadable> {
    match owner {
        WebhookOwner::City => is_operator(city, actor, OperatorRole::Operator),
        WebhookOwner::Restaurant(id) => works_at(city, actor, id, StaffRole::Manager),
    }
}

fn check_types(types: &[String]) -> Result<(), Rejection> {
    field::length("/types", types.len(), 0..=WEBHOOK_TYPES)?;
    for (place, pattern) in types.iter().enumerate() {
        let name = pattern.strip_suffix('*').unwrap_or(pattern);
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        if pattern.is_empty() || pattern.len() > WEBHOOK_TYPE_LETTERS || !plain {
            let rule = "a type of the feed, as in order.placed, order.* or *";
            return Err(field::invalid(format!("/types/{place}"), rule));
        }
    }
    Ok(())
}
