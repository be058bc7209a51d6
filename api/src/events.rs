//! The change feed.

use crate::wire::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/events`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// The cursor for the next page: also where nothing on the way there was for you.
    #[schema(example = "1021.3")]
    pub next: String,
    /// The log index that this node has reached.
    #[schema(example = 1021)]
    pub head: u64,
    /// The first cursor that can be asked with: what lies before it is not kept any more.
    #[schema(example = "0.0")]
    pub oldest: String,
}

/// A fact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// `<index>.<number>`, compared as two numbers. Also a cursor.
    #[schema(example = "812.0")]
    pub id: String,
    /// As `order.placed`.
    #[serde(rename = "type")]
    #[schema(example = "order.placed")]
    pub kind: String,
    /// When it happened.
    pub at: Time,
    /// The city's number.
    pub city: u16,
    /// What it is about.
    #[schema(example = "ord_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub subject: Option<String>,
    /// Ids and amounts; never personal data.
    pub data: serde_json::Value,
}
