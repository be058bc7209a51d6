//! How well restaurants and couriers work, and what follows from it.

use crate::wire::Time;
use domain::quality::{QualityKind, Step};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How well somebody works, as seen now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// restaurant or courier.
    #[schema(value_type = String, example = "restaurant")]
    pub kind: QualityKind,
    /// Whose work.
    #[schema(example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub subject: String,
    /// From 0 to 1,000; absent before 20 orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 915)]
    pub score: Option<u32>,
    /// Orders of the window that were theirs to do: what others spoiled is left out.
    #[schema(example = 120)]
    pub orders: i64,
    /// How far back it looks, today among them.
    #[schema(example = 84)]
    pub window_days: i64,
    /// What points are lost for.
    pub parts: Vec<QualityPart>,
    /// What was done about it, if anything holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// An operator took a measure back: until then the score asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_until: Option<Time>,
}

/// How much is lost for one kind of flaw.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QualityPart {
    /// Of a restaurant unfulfilled, late, inaccurate, poor; of a courier failed, given_back, late,
    /// stars.
    #[schema(value_type = String, example = "unfulfilled")]
    pub part: domain::quality::Part,
    /// Orders with it; for stars, how many people gave some.
    #[schema(example = 3)]
    pub count: i64,
    /// Their share of all orders, in thousandths. What a restaurant never made counts in each part.
    #[schema(example = 25)]
    pub permille: i64,
    /// Points lost for it.
    #[schema(example = 40)]
    pub lost: u32,
    /// The most that can be.
    #[schema(example = 400)]
    pub at_most: u32,
}

/// What was done about somebody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    /// warn; limit: half of the orders at a time, or one delivery; pause: no orders, or off shift;
    /// hide: nobody finds it.
    #[schema(value_type = String, example = "pause")]
    pub action: Step,
    /// When it began.
    pub since: Time,
    /// When it ends; when somebody says so if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The score asked for it; else an operator did.
    #[schema(example = true)]
    pub by_score: bool,
    /// What the operator said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "mice in the kitchen")]
    pub reason: Option<String>,
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Action {
    Warn,
    Limit,
    Pause,
    Hide,
    Clear,
}

impl Action {
    /// The measure; `clear` takes back what there is.
    pub fn step(self) -> Option<Step> {
        match self {
            Self::Warn => Some(Step::Warn),
            Self::Limit => Some(Step::Limit),
            Self::Pause => Some(Step::Pause),
            Self::Hide => Some(Step::Hide),
            Self::Clear => None,
        }
    }
}

/// `POST /v1/admin/quality/{id}/action`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    /// warn, limit, pause, hide (restaurants only) or clear; it replaces what holds.
    #[schema(example = "pause")]
    pub action: Action,
    /// When it ends. Absent: a pause ends after 7 days, the others when somebody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Shown to whom it concerns, and kept in the audit chain.
    #[schema(example = "mice in the kitchen")]
    pub reason: String,
}
