//! What operators make of the signals: whole points, added up.

use super::signal::{Signal, Values};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::limits::{
    FRAUD_POINTS, FRAUD_RULES, REVIEW_MS, TEXT_LETTERS, TRACE_COURIERS, TRACE_LINKS,
};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::MINUTE_MS;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// So many points from a number on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Rule {
    pub signal: Signal,
    pub at_least: i64,
    pub points: u32,
}

/// A rule that struck, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Hit {
    pub rule: Rule,
    pub value: i64,
}

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FraudVerdict {
    /// It goes on.
    Allow,
    /// It waits for a person to look at it.
    Review,
    /// It is not taken.
    Deny,
}

/// Whether verdicts mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulesMode {
    /// They are kept with the order, and every order goes on.
    Shadow,
    /// They hold.
    Enforce,
}

/// What becomes of an order that nobody has looked at in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Unreviewed {
    Cancel,
    Release,
}

/// All rules of a city. One version at a time holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Every one that strikes gives its points.
    pub rules: Vec<Rule>,
    /// From so many points on a person must look.
    pub review_from: u32,
    /// From so many points on an order is not taken.
    pub deny_from: u32,
    /// Whether verdicts mean anything.
    pub mode: RulesMode,
    /// How long an order waits to be looked at, in milliseconds.
    pub review_ms: i64,
    /// What becomes of it then.
    pub unreviewed: Unreviewed,
}

/// The rules that hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FraudRules {
    /// 1 when first written; 0 are the defaults.
    pub version: u64,
    /// They.
    pub set: RuleSet,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl Default for RuleSet {
    /// In shadow: what is usual in a city is known only once it has lived for a while.
    fn default() -> Self {
        use Signal as S;
        let rule = |(signal, at_least, points)| Rule { signal, at_least, points };
        let rules = [
            (S::AccountOrdersHour, 5, 40),
            (S::AccountOrdersDay, 12, 40),
            (S::DeviceOrdersHour, 6, 40),
            (S::CardOrdersHour, 6, 40),
            (S::AddressOrdersHour, 20, 20),
            (S::DeviceAccounts, 4, 40),
            (S::DeviceAccounts, 6, 40),
            (S::CardAccounts, 4, 40),
            (S::CardAccounts, 6, 40),
            (S::AddressAccounts, 12, 20),
            (S::NewAccountTotal, 15_000, 40),
            (S::NewAccountTotal, 40_000, 40),
            (S::CouponByOthers, 2, 40),
            (S::CouponByOthers, 5, 40),
            (S::DeclinesHour, 3, 40),
            (S::DeclinesDay, 6, 40),
            (S::RefundPermille, 400, 20),
            (S::ClaimPermille, 400, 20),
            (S::RefundPermille, 700, 40),
            (S::TotalPercentOfMedian, 600, 40),
            (S::RefusedOnTheWay, 2, 40),
            (S::RefusedOnTheWay, 4, 40),
            (S::SameCourierWeek, 6, 40),
            (S::SharesDeviceWithCourier, 1, 40),
            (S::LikeBanned, 1, 20),
            (S::LikeBanned, 2, 60),
            (S::ThrowawayMail, 1, 20),
            (S::NoDevice, 1, 10),
            // Now and then it is a courier who says both things at the door.
            (S::ImpossibleRidePermille, 600, 40),
        ];
        Self {
            rules: rules.map(rule).to_vec(),
            review_from: 40,
            deny_from: 80,
            mode: RulesMode::Shadow,
            review_ms: 10 * MINUTE_MS,
            unreviewed: Unreviewed::Cancel,
        }
    }
}

impl RuleSet {
    /// Numbers that can be reached, points that can be added.
    ///
    /// # Errors
    /// Names the first that is not right.
    pub fn check(&self) -> Result<(), Rejection> {
        let set = self;
        field::length("/rules", set.rules.len(), 0..=FRAUD_RULES)?;
        for (place, rule) in set.rules.iter().enumerate() {
            // From 0 on everybody would be struck.
            let name = |part: &str| format!("/rules/{place}/{part}");
            field::number(&name("at_least"), rule.at_least, 1..=most_of(rule.signal))?;
            field::number(&name("points"), rule.points.into(), 1..=FRAUD_POINTS.into())?;
        }
        field::number("/review_from", set.review_from.into(), 1..=FRAUD_POINTS.into())?;
        let deny_from = i64::from(set.review_from)..=i64::from(FRAUD_POINTS);
        field::number("/deny_from", set.deny_from.into(), deny_from)?;
        field::number("/review_ms", set.review_ms, REVIEW_MS)
    }

    /// The rules that these numbers strike, in their order.
    pub fn hits(&self, values: &Values) -> Vec<Hit> {
        let hit = |rule: &Rule| Hit { rule: *rule, value: values.get(rule.signal) };
        let struck = self.rules.iter().map(hit).filter(|hit| hit.value >= hit.rule.at_least);
        struck.collect()
    }

    /// What these numbers come to.
    pub fn points(&self, values: &Values) -> u32 {
        let struck = self.rules.iter().filter(|rule| values.get(rule.signal) >= rule.at_least);
        struck.fold(0, |sum, rule| sum.saturating_add(rule.points))
    }

    /// What they mean. To be like somebody banned is no deed: by itself it is never more than a
    /// question to a person.
    pub fn verdict(&self, values: &Values) -> FraudVerdict {
        let verdict = self.verdict_of(self.points(values));
        if verdict < FraudVerdict::Deny {
            return verdict;
        }
        let likeness = |rule: &&Rule| rule.signal == Signal::LikeBanned;
        let struck = self.rules.iter().filter(|rule| values.get(rule.signal) >= rule.at_least);
        let deeds = struck.filter(|rule| !likeness(rule));
        let deeds = deeds.fold(0_u32, |sum, rule| sum.saturating_add(rule.points));
        if deeds < self.review_from { FraudVerdict::Review } else { verdict }
    }

    fn verdict_of(&self, points: u32) -> FraudVerdict {
        match points {
            points if points >= self.deny_from => FraudVerdict::Deny,
            points if points >= self.review_from => FraudVerdict::Review,
            _ => FraudVerdict::Allow,
        }
    }
}

/// Replaces the rules. Operators only, and only over the version that they saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutFraudRules {
    pub set: RuleSet,
    pub if_version: u64,
    /// For the audit chain, if somebody says.
    #[serde(default)]
    pub reason: String,
}

pub(crate) fn put_fraud_rules(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutFraudRules,
) -> Result<Outcome, Unreadable> {
    let PutFraudRules { set, if_version, reason } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let before = city.fraud_rules()?;
    if let Some(rules) = before.as_ref().filter(|rules| rules.set == set) {
        return Ok(Outcome::unchanged(rules.revision));
    }
    let version = before.map_or(0, |rules| rules.version);
    if version != if_version {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    let shape = field::letters("/reason", &reason, 0..=TEXT_LETTERS).and_then(|()| set.check());
    if let Err(why) = shape {
        return Ok(Outcome::rejected(why));
    }
    let version = version + 1;
    let mut changes = Changes::new(stamp);
    let rules = FraudRules { version, set, revision: stamp.index };
    changes.write(Write::FraudRules(Arc::new(rules)));
    changes.event(Event::FraudRulesChanged { version });
    Ok(changes.yes())
}

/// The most that a signal can say: a rule beyond that would never strike, and nobody would know.
fn most_of(signal: Signal) -> i64 {
    match signal {
        // As many people as a trace remembers.
        Signal::DeviceAccounts
        | Signal::CardAccounts
        | Signal::AddressAccounts
        | Signal::SharesDeviceWithCourier => i64::try_from(TRACE_LINKS).unwrap_or(i64::MAX),
        Signal::SameCourierWeek => i64::try_from(TRACE_COURIERS).unwrap_or(i64::MAX),
        Signal::LikeBanned => 3,
        Signal::ThrowawayMail | Signal::NoDevice => 1,
        Signal::AccountOrdersHour
        | Signal::AccountOrdersDay
        | Signal::AccountOrdersWeek
        | Signal::DeviceOrdersHour
        | Signal::DeviceOrdersDay
        | Signal::CardOrdersHour
        | Signal::CardOrdersDay
        | Signal::AddressOrdersHour
        | Signal::AddressOrdersDay
        | Signal::NewAccountTotal
        | Signal::CouponByOthers
        | Signal::DeclinesHour
        | Signal::DeclinesDay
        | Signal::RefundPermille
        | Signal::ClaimPermille
        | Signal::TotalPercentOfMedian
        | Signal::RefusedOnTheWay
        | Signal::ImpossibleRidePermille => i64::MAX,
    }
}
