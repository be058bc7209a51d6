//! How people want to be told, on what, and what could not be told.

use crate::wire::Time;
use domain::ids::{DeviceId, NoticeId, OrderId};
use domain::notice::{Channel, NoticeState, Topic};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// `GET PUT /v1/me/notifications`: by which channels, and when not. PUT replaces all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// BCP 47; the account's, else the city's, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pt")]
    pub language: Option<String>,
    /// Channels (push, sms, email) by topic: orders, work, offers. A topic that is absent goes its
    /// usual ways; nothing is sent about offers unless it is asked for.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"orders": ["push", "email"], "offers": []}))]
    pub channels: BTreeMap<Topic, BTreeSet<Channel>>,
    /// Only what is urgent is sent then; never, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

/// Local times of the city; an end that is not behind its beginning is on the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct QuietHours {
    #[schema(example = "22:00")]
    pub from: String,
    #[schema(example = "07:30")]
    pub to: String,
}

/// `POST /v1/me/devices`: an app that takes messages while this login lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// What the push provider calls it.
    #[schema(example = "fcm:dGhpcyBpcyBhIHRva2Vu")]
    pub token: String,
}

/// An app that takes messages. Its token is not shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Device {
    #[schema(value_type = String, example = "dev_00000000000000000000000000")]
    pub device_id: DeviceId,
    pub renewed_at: Time,
    /// Whether it belongs to the login that asks.
    #[schema(example = true)]
    pub this_login: bool,
}

/// `GET /v1/me/devices`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Devices {
    /// At most 10, the one that was renewed last at the end.
    pub devices: Vec<Device>,
}

/// `PUT /v1/restaurant/{id}/alert-phone`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertPhoneRequest {
    /// + and 7 to 15 digits. The owners' contacts are used if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+34600000001")]
    pub phone: Option<String>,
}

/// Where a restaurant is called that does not react to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertPhone {
    /// The last digits of its own phone; its owners are called if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0001")]
    pub phone_ends: Option<String>,
}

/// A message that waits, or was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Notice {
    #[schema(value_type = String, example = "ntc_00000000000000000000000000")]
    pub notice_id: NoticeId,
    #[schema(value_type = String, example = "failed")]
    pub state: NoticeState,
    /// What it says.
    #[schema(example = "order_cancelled")]
    pub kind: String,
    #[schema(value_type = String, example = "sms")]
    pub channel: Channel,
    /// The event that it tells of.
    #[schema(example = "1207.1")]
    pub event: String,
    /// When that was.
    pub at: Time,
    /// The account or restaurant that it is for.
    #[schema(example = "acc_00000000000000000000000000")]
    pub recipient: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<OrderId>,
    /// How often it was tried.
    #[schema(example = 3)]
    pub tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Time>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "no answer: 503")]
    pub error: Option<String>,
}

/// A message that went nowhere, since this city has no provider. Contacts are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OutboxRow {
    #[schema(value_type = String, example = "ntc_00000000000000000000000000")]
    pub notice_id: NoticeId,
    #[schema(value_type = String, example = "push")]
    pub channel: Channel,
    #[schema(example = "Casa Marisol")]
    pub title: String,
    #[schema(example = "Order K7P2 is at your door.")]
    pub text: String,
}

/// `GET /v1/admin/notices/outbox`: of the node that leads, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Outbox {
    pub messages: Vec<OutboxRow>,
}
