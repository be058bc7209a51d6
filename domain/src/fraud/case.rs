//! Something that a person should look at, and what they made of it.

use super::counts::What;
use super::rules::{Hit, Unreviewed};
use super::{Marks, RuleSet, Trace, TraceKey};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::city::terms_of;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, CaseId, OrderId};
use crate::limits::{FRAUD_PASS_MS, TEXT_LETTERS};
use crate::money::Money;
use crate::order::case::{Case, torn};
use crate::order::ending::Ending;
use crate::order::sale::takes_orders;
use crate::order::schedule::When;
use crate::order::{CancelReason, Fault, OrderStatus, Situation};
use crate::outcome::{Outcome, Write};
use crate::payment::{PaymentStatus, Purpose};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the rules found, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FraudCase {
    /// Derived from what it is about.
    pub id: CaseId,
    /// That.
    pub about: CaseAbout,
    /// The device and the card.
    pub marks: Marks,
    /// What the order costs.
    pub total: Money,
    /// What the rules made of it.
    pub points: u32,
    /// Which, and of what.
    pub hits: Vec<Hit>,
    /// The rules that held; 0 are the defaults.
    pub rules_version: u64,
    /// Since when.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub status: CaseStatus,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CaseAbout {
    /// One that waits, or one that was not taken.
    Order { order_id: OrderId, customer_id: AccountId },
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CaseStatus {
    /// Somebody must look at it until then.
    Open { decide_by: Timestamp },
    /// It was let through, by an operator, or because nobody looked.
    Allowed { by: Option<AccountId>, reason: String, at: Timestamp },
    /// It was not; nobody stands for the rules.
    Denied { by: Option<AccountId>, reason: String, at: Timestamp },
    /// The order ended before anybody had looked.
    Moot { at: Timestamp },
}

/// A status without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CaseState {
    Open,
    Allowed,
    Denied,
    Moot,
}

impl CaseState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Allowed, Self::Denied, Self::Moot];
}

impl CaseStatus {
    /// Without its particulars.
    pub fn state(&self) -> CaseState {
        match self {
            Self::Open { .. } => CaseState::Open,
            Self::Allowed { .. } => CaseState::Allowed,
            Self::Denied { .. } => CaseState::Denied,
            Self::Moot { .. } => CaseState::Moot,
        }
    }

    pub(crate) fn denied_by_rules(at: Timestamp) -> Self {
        Self::Denied { by: None, reason: String::new(), at }
    }
}

/// What a person makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The order goes on, or may be placed again, and the customer is believed for a day.
    Allow,
    /// The order is called off, and what was set aside is let go.
    Deny,
}

/// Decides a case that is open, or an appeal against one that was denied. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DecideCase {
    pub case_id: CaseId,
    pub decision: Decision,
    pub reason: String,
}

pub(crate) fn decide_case(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DecideCase,
) -> Result<Outcome, Unreadable> {
    let DecideCase { case_id, decision, reason } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(found) = city.fraud_case(case_id)? else {
        return Ok(Outcome::rejected(Rejection::CaseUnknown));
    };
    if let Err(why) = field::letters("/reason", &reason, 1..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let (by, at) = (person(actor), stamp.at);
    let decided = match decision {
        Decision::Allow => CaseStatus::Allowed { by, reason, at },
        Decision::Deny => CaseStatus::Denied { by, reason, at },
    };
    match (&found.status, decision) {
        (CaseStatus::Allowed { .. }, Decision::Allow)
        | (CaseStatus::Denied { .. }, Decision::Deny) => Ok(Outcome::unchanged(found.revision)),
        (CaseStatus::Open { .. }, _) => end_review(city, stamp, &found, decided),
        (CaseStatus::Denied { .. }, Decision::Allow) => believe(city, stamp, &found, decided),
        (CaseStatus::Allowed { .. } | CaseStatus::Moot { .. }, _) => {
            Ok(Outcome::rejected(Rejection::CaseClosed))
        }
    }
}

/// Nobody has looked in time: what the city wants for that happens.
pub(crate) fn nobody_reviewed(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let found = city.fraud_case(CaseId::of(order_id))?;
    let awaited = CaseStatus::Open { decide_by: deadline.due_at };
    let Some(found) = found.filter(|case| case.status == awaited) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let rules = city.fraud_rules()?;
    let unreviewed = rules.map_or(RuleSet::default().unreviewed, |rules| rules.set.unreviewed);
    let (by, reason, at) = (None, "nobody looked in time".to_owned(), stamp.at);
    let decided = match unreviewed {
        Unreviewed::Cancel => CaseStatus::Denied { by, reason, at },
        Unreviewed::Release => CaseStatus::Allowed { by, reason, at },
    };
    end_review(city, stamp, &found, decided)
}

/// The order goes to its kitchen, or is called off.
fn end_review(
    city: &impl View,
    stamp: &Stamp,
    found: &FraudCase,
    decided: CaseStatus,
) -> Result<Outcome, Unreadable> {
    let CaseAbout::Order { order_id, customer_id } = found.about;
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    // Whatever brought it further without us: what is cooked or carried is not called off here.
    if !matches!(case.order().status, OrderStatus::Pending { .. }) {
        case.decide(found, CaseStatus::Moot { at: stamp.at });
        return Ok(case.yes());
    }
    let state = decided.state();
    if let CaseStatus::Allowed { by: Some(_), .. } = decided {
        // Somebody has looked: the same would otherwise hold everything that they order next.
        let (key, until) = (TraceKey::Account(customer_id), stamp.at.plus_ms(FRAUD_PASS_MS));
        case.traces().change(city, key, |trace| trace.pass_until = Some(until))?;
    }
    case.decide(found, decided);
    if state == CaseState::Allowed {
        case.let_go_on(city)?;
    } else {
        let ending = Ending::Cancelled(CancelReason::Fraud, Fault::Customer);
        case.end(city, ending, Situation::BeforeAccept(Fault::Customer))?;
    }
    Ok(case.yes())
}

/// An appeal was right: they may order again, and are looked at again only tomorrow.
fn believe(
    city: &impl View,
    stamp: &Stamp,
    found: &FraudCase,
    decided: CaseStatus,
) -> Result<Outcome, Unreadable> {
    let CaseAbout::Order { customer_id, .. } = found.about;
    let key = TraceKey::Account(customer_id);
    let mut trace = Trace::load(city, key)?;
    trace.pass_until = Some(stamp.at.plus_ms(FRAUD_PASS_MS));
    let mut changes = crate::outcome::Changes::new(stamp);
    trace.save(&mut changes);
    let case = FraudCase { status: decided, revision: stamp.index, ..found.clone() };
    changes.event(Event::FraudCaseDecided { case_id: case.id });
    changes.write(Write::FraudCase(Arc::new(case)));
    Ok(changes.yes())
}

impl Case {
    /// The kitchen does not see it before somebody has looked at it.
    pub(crate) fn hold(&mut self, case: FraudCase, decide_by: Timestamp) {
        let order_id = self.order().id;
        self.order_mut().held_until = Some(decide_by);
        self.await_due(decide_by, Due::ReviewBy(order_id));
        self.event(Event::FraudCaseOpened { case_id: case.id });
        self.write(Write::FraudCase(Arc::new(case)));
    }

    /// Nobody waits for a person any more.
    fn decide(&mut self, found: &FraudCase, status: CaseStatus) {
        let order_id = self.order().id;
        if let Some(decide_by) = self.order().held_until {
            self.drop_due(decide_by, Due::ReviewBy(order_id));
            self.order_mut().held_until = None;
        }
        let case = FraudCase { status, revision: self.revision(), ..found.clone() };
        self.event(Event::FraudCaseDecided { case_id: case.id });
        self.write(Write::FraudCase(Arc::new(case)));
    }

    /// The order ends, looked at or not.
    pub(crate) fn end_review(&mut self, city: &impl View) -> Result<(), Unreadable> {
        if self.order().held_until.is_none() {
            return Ok(());
        }
        if let Some(found) = city.fraud_case(CaseId::of(self.order().id))? {
            self.decide(&found, CaseStatus::Moot { at: self.at() });
        }
        Ok(())
    }

    /// It is paid for, or need not be: the kitchen sees it. If the money is still awaited, that
    /// will show it.
    fn let_go_on(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let settled = match self.payment().status {
            PaymentStatus::None | PaymentStatus::CashDue | PaymentStatus::Authorized => true,
            PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => false,
        };
        if !settled || !matches!(self.order().status, OrderStatus::Pending { .. }) {
            return Ok(());
        }
        if self.came_too_late(city)? {
            let fault = Fault::Platform;
            let ending = Ending::Cancelled(CancelReason::RestaurantClosed, fault);
            return self.end(city, ending, Situation::BeforeAccept(fault));
        }
        self.show(city)
    }

    /// The kitchen took orders when this one was placed, and takes none any more: that it was not
    /// shown earlier is not the kitchen's doing.
    fn came_too_late(&self, city: &impl View) -> Result<bool, Unreadable> {
        let order = self.order();
        if order.when != When::Asap {
            return Ok(false);
        }
        let founded = city.city()?.ok_or_else(|| torn("an order has no city"))?;
        let restaurant = city.restaurant(order.restaurant_id)?;
        let restaurant = restaurant.ok_or_else(|| torn("an order has no restaurant"))?;
        if restaurant.is_banned_at(self.at()) {
            return Ok(false);
        }
        let terms = terms_of(city, &founded)?;
        let now = takes_orders(&restaurant, &founded, &terms, order.fulfilment, self.at());
        Ok(now.is_err())
    }

    /// It goes to its kitchen, if that may still sell.
    pub(crate) fn show(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let founded = city.city()?.ok_or_else(|| torn("an order has no city"))?;
        let restaurant = city.restaurant(self.order().restaurant_id)?;
        let restaurant = restaurant.ok_or_else(|| torn("an order has no restaurant"))?;
        if restaurant.is_banned_at(self.at()) {
            let fault = Fault::Restaurant;
            let ending = Ending::Cancelled(CancelReason::RestaurantClosed, fault);
            return self.end(city, ending, Situation::BeforeAccept(fault));
        }
        let terms = terms_of(city, &founded)?;
        self.show_to_kitchen(&founded, &terms, &restaurant);
        Ok(())
    }

    /// One more of what the customer, their device and their card are known for.
    pub(crate) fn count(&mut self, city: &impl View, what: What) -> Result<(), Unreadable> {
        let marks = self.order().marks;
        let of_marks = match what {
            // A tip may come from another card, which says nothing of the order's.
            What::Declines => self.payment().purpose == Purpose::Order,
            What::ImpossibleRides => true,
            What::Orders
            | What::Refunds
            | What::Claims
            | What::Coupons
            | What::Refusals
            | What::Pictures => false,
        };
        let at = self.at();
        let account = TraceKey::Account(self.order().customer_id);
        let keys = std::iter::once(account).chain(marks.keys().filter(|_| of_marks));
        for key in keys.collect::<Vec<_>>() {
            self.traces().change(city, key, |trace| trace.counts.add(what, at))?;
        }
        Ok(())
    }
}
