//! The change feed.

use crate::wire::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/events`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// The cursor for the next page.
    pub next: String,
    /// The log index that this node has reached.
    pub head: u64,
}

/// A fact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// `<index>.<number>`, compared as two numbers. Also a cursor.
    #[schema(example = "812.0")]
    pub id: String,
    /// As `order.placed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub at: Time,
    /// The city's number.
    pub city: u16,
    /// What it is about.
    pub subject: Option<String>,
    /// Ids and amounts; never personal data.
    pub data: serde_json::Value,
}
