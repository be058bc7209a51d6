//! Addresses outside that are told what happens.

use crate::wire::Time;
use domain::Cursor;
use domain::ids::{RestaurantId, WebhookId};
use domain::webhook::OffReason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/webhooks`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// An https address of a public host, with port 443 or one from 1024 on.
    #[schema(example = "https://till.example.org/hooks/fd")]
    pub url: String,
    /// Which events; all of them if absent.
    #[serde(default)]
    #[schema(example = json!(["order.*", "stock.changed"]))]
    pub types: Vec<String>,
    /// Told what this restaurant may see; everything, for operators, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub restaurant_id: Option<RestaurantId>,
    /// Told what follows this event or log index; what happens from now on if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "812.0")]
    pub after: Option<String>,
}

/// `PATCH /v1/webhooks/{id}`: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"types": ["order.*"], "state": "on"}))]
pub struct WebhookChange {
    /// As in [`NewWebhook`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// As in [`NewWebhook`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// Turned on again, it goes on where it stood: what it missed comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<WebhookState>,
}

/// Whether a webhook is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum WebhookState {
    On,
    Off,
}

/// A webhook, and how far it has come.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its id.
    #[schema(value_type = String, example = "whk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub webhook_id: WebhookId,
    /// Whose events it is told; the whole city's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub restaurant_id: Option<RestaurantId>,
    /// Where.
    #[schema(example = "https://till.example.org/hooks/fd")]
    pub url: String,
    /// Which events; all of them if empty.
    #[schema(example = json!(["order.*", "stock.changed"]))]
    pub types: Vec<String>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Why it is off, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<WebhookOff>,
    /// Everything up to this event is done.
    #[schema(value_type = String, example = "812.0")]
    pub cursor: Cursor,
    /// The event that it did not take, if one waits to be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<WebhookFailing>,
    /// Events that wait to be sent once more.
    #[schema(example = 0)]
    pub waiting: usize,
    /// Events taken.
    #[schema(example = 1520)]
    pub delivered: u64,
    /// Attempts that failed.
    #[schema(example = 3)]
    pub failed: u64,
    /// Events not taken at the last attempt; they are in the feed.
    #[schema(example = 0)]
    pub given_up: u64,
    /// Times that the feed did not reach back far enough any more.
    #[schema(example = 0)]
    pub gaps: u64,
    /// When it last took something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success_at: Option<Time>,
    /// The secret before the present one signs as well until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<Time>,
    /// When it was made.
    pub made_at: Time,
    /// Raised by what people change.
    #[schema(example = 1)]
    pub version: u64,
}

/// A webhook with the secret that its requests are signed with. It is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// For the verifying library of Standard Webhooks.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    pub secret: String,
}

/// Why a webhook is off.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct WebhookOff {
    /// by_hand, failing (nothing taken for five days) or gone (it said 410).
    #[schema(value_type = String, example = "failing")]
    pub why: OffReason,
    pub at: Time,
}

/// An event that was not taken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct WebhookFailing {
    /// The others wait behind it.
    #[schema(value_type = String, example = "813.0")]
    pub event: Cursor,
    /// So far.
    #[schema(example = 2)]
    pub attempts: u32,
    pub since: Time,
    pub next_at: Time,
}

/// `POST /v1/webhooks/{id}/replay`: one of the two.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"after": "812.0"}))]
pub struct ReplayRequest {
    /// Everything behind this event or log index once more, in order; what lies before is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// This event alone, with one attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// One request to a webhook, or what stood in its way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookAttempt {
    /// The event; absent for a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "812.0")]
    pub event: Option<Cursor>,
    /// When it began.
    pub at: Time,
    /// How long it took.
    #[schema(example = 84)]
    pub took_ms: u32,
    /// Whether it was taken.
    pub taken: bool,
    /// The receiver's answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 204)]
    pub status: Option<u16>,
    /// timed_out, unreachable or address_refused, if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "timed_out")]
    pub problem: Option<String>,
}

/// `GET /v1/webhooks/{id}/attempts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookAttempts {
    /// The newest first, at most 100.
    pub data: Vec<WebhookAttempt>,
}

/// `GET /v1/webhooks`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webhooks {
    /// In the order in which they were made.
    pub data: Vec<Webhook>,
}
