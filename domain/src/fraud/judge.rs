//! The verdict about an order, in the entry that places it: some records read, some numbers added.

use super::case::{CaseAbout, CaseStatus, FraudCase};
use super::counts::{What, Within};
use super::rules::{FraudVerdict, RuleSet, RulesMode};
use super::signal::{Signal, Values};
use super::{Marks, Trace, TraceKey};
use crate::account::Account;
use crate::city::City;
use crate::entry::Stamp;
use crate::ids::{AccountId, CaseId, OrderId};
use crate::limits::DENIED_CASE_MS;
use crate::money::Money;
use crate::order::case::Case;
use crate::order::{Destination, Order};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::{DAY_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// From so many orders on a share of them means something.
const ORDERS_OF_A_SHARE: i64 = 5;
/// And from so many totals on their median.
const TOTALS_OF_A_MEDIAN: usize = 5;

/// What was known of an order when it was placed, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// What every signal said; rules that come later can be tried on it.
    pub values: Values,
    /// What the rules made of it.
    pub points: u32,
    /// What that means, whether it was acted on or not.
    pub verdict: FraudVerdict,
    /// The rules that held; 0 are the defaults.
    pub rules_version: u64,
    /// Nothing followed from it.
    pub shadow: bool,
}

/// What somebody wants, as far as it is looked at.
pub(crate) struct Asked<'a> {
    pub(crate) order_id: OrderId,
    pub(crate) customer: &'a Account,
    pub(crate) marks: Marks,
    pub(crate) destination: Option<&'a Destination>,
    pub(crate) total: Money,
    pub(crate) coupon: bool,
    /// The order itself, if it is there already and only wants to be paid in another way.
    pub(crate) before: Option<&'a Order>,
}

/// An order that was looked at: what is known now of everything that it comes from.
pub(crate) struct Judged {
    pub(crate) assessment: Assessment,
    pub(crate) set: RuleSet,
    traces: BTreeMap<TraceKey, Trace>,
    links: Links,
    order_id: OrderId,
    marks: Marks,
    total: Money,
}

/// Who uses what and where, as an order tells it.
struct Links {
    customer_id: AccountId,
    /// They carry for the platform.
    carries: bool,
    /// What this order has not told of before.
    fresh: Vec<TraceKey>,
}

/// Looks at an order and counts it.
pub(crate) fn judge(
    city: &impl View,
    founded: &City,
    stamp: &Stamp,
    asked: &Asked<'_>,
) -> Result<Judged, Unreadable> {
    let rules = city.fraud_rules()?;
    let rules_version = rules.as_ref().map_or(0, |rules| rules.version);
    let set = rules.map_or_else(RuleSet::default, |rules| rules.set.clone());
    let account = TraceKey::Account(asked.customer.id);
    let door = asked.destination.map(|it| TraceKey::door(founded.number, it.position));
    let mut traces = BTreeMap::new();
    for key in std::iter::once(account).chain(asked.marks.keys()).chain(door) {
        traces.insert(key, Trace::load(city, key)?);
    }
    let pass = traces.get(&account).and_then(|trace| trace.pass_until);
    // The median is of what they bought before.
    let median = traces.get(&account).and_then(|trace| median(&trace.totals));
    let links = Links {
        customer_id: asked.customer.id,
        carries: asked.customer.courier.is_some(),
        fresh: traces.keys().copied().filter(|key| asked.is_new(*key)).collect(),
    };
    for trace in traces.values_mut() {
        links.tell(trace, stamp.at);
    }
    count_order(&mut traces, stamp.at, asked, &links.fresh);
    let mut values = values(&traces, stamp.at, asked, median);
    if let Some(known) = asked.before.and_then(|order| order.assessment.as_ref()) {
        // By now the median counts the order itself.
        let share = Signal::TotalPercentOfMedian;
        values.set(share, known.values.get(share));
    }
    let points = set.points(&values);
    let believed = pass.is_some_and(|until| stamp.at < until);
    let verdict = if believed { FraudVerdict::Allow } else { set.verdict(&values) };
    let shadow = set.mode == RulesMode::Shadow;
    let assessment = Assessment { values, points, verdict, rules_version, shadow };
    let (order_id, marks, total) = (asked.order_id, asked.marks, asked.total);
    Ok(Judged { assessment, set, traces, links, order_id, marks, total })
}

impl Asked<'_> {
    /// Whether the order has not been counted there yet.
    fn is_new(&self, key: TraceKey) -> bool {
        let Some(order) = self.before else { return true };
        match key {
            TraceKey::Account(_) | TraceKey::Address(_) => false,
            TraceKey::Device(_) | TraceKey::Card(_) => !order.marks.keys().any(|it| it == key),
        }
    }
}

impl Links {
    /// Lets a trace know of it.
    fn tell(&self, trace: &mut Trace, at: Timestamp) {
        let own = trace.key;
        match own {
            TraceKey::Account(_) => {
                self.fresh.iter().filter(|key| **key != own).for_each(|key| trace.used(*key));
            }
            TraceKey::Device(_) | TraceKey::Card(_) | TraceKey::Address(_) => {
                if self.fresh.contains(&own) {
                    trace.link(self.customer_id, self.carries, at);
                }
            }
        }
    }
}

/// Everything that the order comes from has one more.
fn count_order(
    traces: &mut BTreeMap<TraceKey, Trace>,
    at: Timestamp,
    asked: &Asked<'_>,
    fresh: &[TraceKey],
) {
    for trace in traces.values_mut().filter(|trace| fresh.contains(&trace.key)) {
        trace.counts.add(What::Orders, at);
        if asked.coupon {
            trace.counts.add(What::Coupons, at);
        }
        if matches!(trace.key, TraceKey::Account(_)) {
            trace.paid(asked.total);
        }
    }
}

/// The middle of what somebody's latest orders cost.
fn median(totals: &[Money]) -> Option<Money> {
    if totals.len() < TOTALS_OF_A_MEDIAN {
        return None;
    }
    let mut sorted = totals.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

fn values(
    traces: &BTreeMap<TraceKey, Trace>,
    at: Timestamp,
    asked: &Asked<'_>,
    median: Option<Money>,
) -> Values {
    let mut values = Values::default();
    for trace in traces.values() {
        let orders = |within| trace.counts.count(What::Orders, within, at);
        let people = i64::try_from(trace.links_at(at).count()).unwrap_or(i64::MAX);
        match trace.key {
            TraceKey::Account(_) => of_account(&mut values, trace, at, asked.total, median),
            TraceKey::Device(_) => {
                values.set(Signal::DeviceOrdersHour, orders(Within::Hour));
                values.set(Signal::DeviceOrdersDay, orders(Within::Day));
                values.set(Signal::DeviceAccounts, people);
                let others = trace.links_at(at).filter(|link| link.account_id != asked.customer.id);
                let couriers = others.filter(|link| link.courier).count();
                values.set(Signal::SharesDeviceWithCourier, couriers.try_into().unwrap_or(1));
            }
            TraceKey::Card(_) => {
                values.set(Signal::CardOrdersHour, orders(Within::Hour));
                values.set(Signal::CardOrdersDay, orders(Within::Day));
                values.set(Signal::CardAccounts, people);
            }
            TraceKey::Address(_) => {
                values.set(Signal::AddressOrdersHour, orders(Within::Hour));
                values.set(Signal::AddressOrdersDay, orders(Within::Day));
                values.set(Signal::AddressAccounts, people);
            }
        }
    }
    let young = at.ms_since(asked.customer.created_at) < DAY_MS;
    if young {
        values.set(Signal::NewAccountTotal, asked.total.0);
    }
    // Whoever does not say what they order from is not seen by any rule about devices.
    let unnamed = asked.marks.device.is_none() && (young || asked.coupon);
    values.set(Signal::NoDevice, unnamed.into());
    values.set(Signal::ThrowawayMail, asked.marks.throwaway_mail.into());
    across(&mut values, traces, at, asked);
    values
}

/// How often something happened in 1,000 of the orders before this one, if they are enough.
fn permille(trace: &Trace, what: What, at: Timestamp) -> Option<i64> {
    let count = |what| trace.counts.count(what, Within::Quarter, at);
    let orders = count(What::Orders) - 1;
    (orders >= ORDERS_OF_A_SHARE).then(|| count(what) * 1_000 / orders)
}

/// What the customer's own trace says.
fn of_account(
    values: &mut Values,
    trace: &Trace,
    at: Timestamp,
    total: Money,
    median: Option<Money>,
) {
    let count = |what, within| trace.counts.count(what, within, at);
    values.set(Signal::AccountOrdersHour, count(What::Orders, Within::Hour));
    values.set(Signal::AccountOrdersDay, count(What::Orders, Within::Day));
    values.set(Signal::AccountOrdersWeek, count(What::Orders, Within::Week));
    for (signal, what) in
        [(Signal::RefundPermille, What::Refunds), (Signal::ClaimPermille, What::Claims)]
    {
        values.set(signal, permille(trace, what, at).unwrap_or(0));
    }
    values.set(Signal::RefusedOnTheWay, count(What::Refusals, Within::Quarter));
    if let Some(median) = median.filter(|median| *median > Money::ZERO) {
        values.set(Signal::TotalPercentOfMedian, total.0.saturating_mul(100) / median.0);
    }
    let lately = trace.couriers.iter().filter(|it| at.ms_since(it.at) < 7 * DAY_MS);
    let mut by_courier = BTreeMap::new();
    lately.for_each(|it| *by_courier.entry(it.courier_id).or_insert(0) += 1);
    values.set(Signal::SameCourierWeek, by_courier.into_values().max().unwrap_or(0));
}

/// What person, device, card and door say together.
fn across(
    values: &mut Values,
    traces: &BTreeMap<TraceKey, Trace>,
    at: Timestamp,
    asked: &Asked<'_>,
) {
    let customer = TraceKey::Account(asked.customer.id);
    // Doors are shared by neighbours, whose cards are nobody else's business.
    let own = || traces.values().filter(|trace| !matches!(trace.key, TraceKey::Address(_)));
    let most =
        |what, within| own().map(|trace| trace.counts.count(what, within, at)).max().unwrap_or(0);
    values.set(Signal::DeclinesHour, most(What::Declines, Within::Hour));
    values.set(Signal::DeclinesDay, most(What::Declines, Within::Day));
    let rides = own().filter_map(|trace| permille(trace, What::ImpossibleRides, at)).max();
    values.set(Signal::ImpossibleRidePermille, rides.unwrap_or(0));
    if asked.coupon {
        let quarter = |trace: &Trace| trace.counts.count(What::Coupons, Within::Quarter, at);
        let own = traces.get(&customer).map_or(0, quarter);
        values.set(Signal::CouponByOthers, most(What::Coupons, Within::Quarter) - own);
    }
    let is_like = |trace: &&Trace| {
        trace.links_at(at).any(|link| link.banned && link.account_id != asked.customer.id)
    };
    let (doors, own): (Vec<&Trace>, Vec<&Trace>) =
        traces.values().filter(is_like).partition(|it| matches!(it.key, TraceKey::Address(_)));
    // Next door to somebody banned lives somebody else: a door says something only with the rest.
    let like = if own.is_empty() { 0 } else { own.len() + doors.len() };
    values.set(Signal::LikeBanned, like.try_into().unwrap_or(i64::MAX));
}

impl Judged {
    /// What is done about it: in shadow, nothing.
    pub(crate) fn verdict(&self) -> FraudVerdict {
        if self.assessment.shadow { FraudVerdict::Allow } else { self.assessment.verdict }
    }

    /// A case about it, for operators.
    fn case(&self, stamp: &Stamp, status: CaseStatus) -> FraudCase {
        FraudCase {
            id: CaseId::of(self.order_id),
            about: CaseAbout::Order {
                order_id: self.order_id,
                customer_id: self.links.customer_id,
            },
            marks: self.marks,
            total: self.total,
            points: self.assessment.points,
            hits: self.set.hits(&self.assessment.values),
            rules_version: self.assessment.rules_version,
            opened_at: stamp.at,
            status,
            revision: stamp.index,
        }
    }

    /// No, and nothing is reserved. A case is left for operators, and it is remembered who tried
    /// with what; once an hour for each person, so that nobody can fill the store with that.
    pub(crate) fn deny(self, city: &impl View, stamp: &Stamp) -> Result<Outcome, Unreadable> {
        let why = Rejection::OrderDeclined;
        let own = TraceKey::Account(self.links.customer_id);
        let before = self.traces.get(&own).and_then(|trace| trace.denied_at);
        if before.is_some_and(|at| stamp.at.ms_since(at) < DENIED_CASE_MS) {
            return Ok(Outcome::rejected(why));
        }
        let mut changes = Changes::new(stamp);
        let case = self.case(stamp, CaseStatus::denied_by_rules(stamp.at));
        // An order that is there may have one: what people made of that stays.
        if city.fraud_case(case.id)?.is_none() {
            changes.event(crate::Event::FraudCaseOpened { case_id: case.id });
            changes.write(Write::FraudCase(Arc::new(case)));
        }
        for key in self.traces.into_keys() {
            // As they were: what is not taken is known of, and counts as no order.
            let mut trace = Trace::load(city, key)?;
            self.links.tell(&mut trace, stamp.at);
            if key == own {
                trace.denied_at = Some(stamp.at);
            }
            trace.save(&mut changes);
        }
        Ok(changes.no(why))
    }

    /// Yes, or not yet: what is known of it is kept with the order that it became.
    pub(crate) fn keep(
        self,
        city: &impl View,
        stamp: &Stamp,
        case: &mut Case,
    ) -> Result<(), Unreadable> {
        if self.verdict() == FraudVerdict::Review {
            self.hold(city, stamp, case)?;
        }
        let order = case.order_mut();
        order.marks = self.marks;
        order.assessment = Some(Box::new(self.assessment));
        for trace in self.traces.into_values() {
            case.traces().put(trace);
        }
        Ok(())
    }

    /// A person must look at it. Where they must already, they see what it is now.
    fn hold(&self, city: &impl View, stamp: &Stamp, case: &mut Case) -> Result<(), Unreadable> {
        if case.order().held_until.is_none() {
            let decide_by = stamp.at.plus_ms(self.set.review_ms);
            case.hold(self.case(stamp, CaseStatus::Open { decide_by }), decide_by);
            return Ok(());
        }
        if let Some(open) = city.fraud_case(CaseId::of(self.order_id))? {
            let now = self.case(stamp, open.status.clone());
            let now = FraudCase { opened_at: open.opened_at, ..now };
            case.write(Write::FraudCase(Arc::new(now)));
        }
        Ok(())
    }
}
