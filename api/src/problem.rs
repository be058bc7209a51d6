//! Refusals on the wire: problem documents (RFC 9457) with a stable code.

use crate::codes::Code;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Why a request was refused. Programs read `code`; people read `detail`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "type": "/docs/errors/restaurant_closed", "title": "The restaurant is closed", "status": 409,
    "detail": "it opens again at 18:00", "instance": "/order", "code": "restaurant_closed",
    "retryable": false, "request_id": "0190f0a4-7cb2-7d8e-9f00-0123456789ab",
    "next_open": "2026-03-02T18:00:00.000Z"
}))]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words; the same for each case.
    pub title: String,
    /// The HTTP status, again.
    pub status: u16,
    /// What is special about this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The path that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Stable: never changes its meaning.
    pub code: String,
    /// Whether the same request may be sent again, with the same key, and may then succeed.
    pub retryable: bool,
    /// How long to wait before, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The request's name, as in logs and audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Which fields are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Members that only some codes have, as `state`, `next_open` or `order_id`.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: Map<String, Value>,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// Stable.
    pub code: String,
    /// What it should be.
    pub detail: String,
}

impl Problem {
    /// What is the same for every case of a code.
    pub fn new(code: Code) -> Self {
        Self {
            kind: format!("/docs/errors/{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: None,
            instance: None,
            code: code.as_str().to_owned(),
            retryable: code.retryable(),
            retry_after_ms: None,
            request_id: None,
            errors: Vec::new(),
            extra: Map::new(),
        }
    }
}
