//! Orders that a person should look at, and the rules that find them.

use crate::wire::{Money, Time};
use domain::fraud::{CaseState, Decision, FraudVerdict, RulesMode, Signal, Unreviewed};
use domain::ids::{AccountId, CardMark, CaseId, DeviceMark, OrderId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order that waits to be looked at, or that was not taken.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Case {
    #[schema(value_type = String)]
    pub case_id: CaseId,
    /// open, allowed, denied, or moot if the order ended before anybody had looked.
    #[schema(value_type = String, example = "open")]
    pub state: CaseState,
    /// There is no such order if it was not taken.
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub account_id: AccountId,
    /// Bans and other cases name the same device so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "dmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub device: Option<DeviceMark>,
    /// Bans and other cases name the same card so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "cmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub card: Option<CardMark>,
    pub total: Money,
    #[schema(example = 60)]
    pub points: u32,
    /// The rules that struck.
    pub hits: Vec<Hit>,
    /// 0 are the defaults.
    #[schema(example = 2)]
    pub rules_version: u64,
    pub opened_at: Time,
    /// While it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide_by: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Time>,
    /// Absent if the rules decided, or time did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub decided_by: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "known to the kitchen")]
    pub reason: Option<String>,
}

/// A rule that struck, and on what.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Hit {
    #[schema(value_type = String, example = "account_orders_hour")]
    pub signal: Signal,
    #[schema(example = 5)]
    pub at_least: i64,
    #[schema(example = 40)]
    pub points: u32,
    /// What the signal said.
    #[schema(example = 6)]
    pub value: i64,
    /// The signal in words.
    #[schema(example = "orders of this person within an hour, this one too")]
    pub what: String,
}

/// So many points from a number on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FraudRule)] // the document has one space of names, and hours have rules too
pub struct Rule {
    /// Its name.
    #[schema(value_type = String, example = "account_orders_hour")]
    pub signal: Signal,
    /// The smallest number that strikes.
    #[schema(example = 5)]
    pub at_least: i64,
    /// Added up over all rules that strike.
    #[schema(example = 40)]
    pub points: u32,
}

/// `POST /v1/admin/fraud/cases/{id}/decide`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// `allow` lets the order go on; after an order was not taken it lets its customer order again.
    /// `deny` calls it off.
    #[schema(value_type = String, example = "allow")]
    pub decision: Decision,
    /// For the audit chain.
    #[schema(example = "known to the kitchen")]
    pub reason: String,
}

/// The rules that hold, or are to hold.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Every one that strikes gives its points.
    pub rules: Vec<Rule>,
    /// From so many points on an order waits for a person.
    #[schema(example = 40)]
    pub review_from: u32,
    /// From so many points on it is not taken.
    #[schema(example = 80)]
    pub deny_from: u32,
    /// `enforce`, or `shadow`: points are kept with every order and nothing follows.
    #[schema(value_type = String, example = "shadow")]
    pub mode: RulesMode,
    /// How long an order waits for a person.
    #[schema(example = 600)]
    pub review_s: i64,
    /// What becomes of it then: `cancel` or `release`.
    #[schema(value_type = String, example = "cancel")]
    pub unreviewed: Unreviewed,
}

/// `GET /v1/admin/fraud/rules`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Rules {
    /// 0 are the defaults.
    #[schema(example = 2)]
    pub version: u64,
    /// They.
    pub set: RuleSet,
}

/// `PUT /v1/admin/fraud/rules`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesPut {
    /// The version that holds now.
    #[schema(example = 3)]
    pub version: u64,
    /// What they would have done, if that was asked for; then nothing has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<RulesTried>,
}

/// What rules would have made of the orders of the last 7 days.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesTried {
    /// Orders that were looked at, the newest first.
    #[schema(example = 4_200)]
    pub orders: u64,
    /// There were more than a dry run looks at.
    pub truncated: bool,
    /// As the new rules have it.
    pub now: Verdicts,
    /// As the rules had it that held when each was placed.
    pub then: Verdicts,
    /// How often each rule strikes, in their order.
    pub rules: Vec<RuleHits>,
}

/// How many orders came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Verdicts {
    #[schema(example = 4_100)]
    pub allow: u64,
    #[schema(example = 90)]
    pub review: u64,
    #[schema(example = 10)]
    pub deny: u64,
}

impl Verdicts {
    /// One more.
    pub fn add(&mut self, verdict: FraudVerdict) {
        match verdict {
            FraudVerdict::Allow => self.allow += 1,
            FraudVerdict::Review => self.review += 1,
            FraudVerdict::Deny => self.deny += 1,
        }
    }
}

/// How often a rule strikes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct RuleHits {
    #[schema(value_type = String, example = "account_orders_hour")]
    pub signal: Signal,
    #[schema(example = 5)]
    pub at_least: i64,
    #[schema(example = 40)]
    pub points: u32,
    /// Orders that it strikes.
    #[schema(example = 12)]
    pub orders: u64,
}
