//! A kitchen that does not react is told again, louder each time, and in the end operators are.
//!
//! One step is awaited at a time, so that an order that is answered at once costs one deadline.
//! Whoever sees the alert stops the ringing; an order that still waits for its answer is shown to
//! operators all the same, since a customer does not eat of being seen.

use super::OrderState;
use super::case::Case;
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::OrderId;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::time::{SECOND_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A step of the ladder, after the first ring that `order.placed` itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStep {
    /// The tablets and phones ring again.
    Push,
    /// A short message.
    Sms,
    /// A call by a machine.
    Call,
    /// Operators see that nobody reacts.
    Operators,
}

impl AlertStep {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Push, Self::Sms, Self::Call, Self::Operators];

    fn next(self) -> Option<Self> {
        match self {
            Self::Push => Some(Self::Sms),
            Self::Sms => Some(Self::Call),
            Self::Call => Some(Self::Operators),
            Self::Operators => None,
        }
    }
}

/// How long after the first ring each step comes, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct AlertTimes {
    pub push_ms: i64,
    pub sms_ms: i64,
    pub call_ms: i64,
    pub operators_ms: i64,
}

impl Default for AlertTimes {
    fn default() -> Self {
        Self {
            push_ms: 45 * SECOND_MS,
            sms_ms: 90 * SECOND_MS,
            call_ms: 150 * SECOND_MS,
            operators_ms: 180 * SECOND_MS,
        }
    }
}

impl AlertTimes {
    fn of(&self, step: AlertStep) -> i64 {
        match step {
            AlertStep::Push => self.push_ms,
            AlertStep::Sms => self.sms_ms,
            AlertStep::Call => self.call_ms,
            AlertStep::Operators => self.operators_ms,
        }
    }
}

/// The step of an order's ladder that is awaited. Names the deadline `Alert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// From when the steps count: the first ring, or the moment at which the kitchen opens.
    pub since: Timestamp,
    /// What comes next.
    pub step: AlertStep,
    /// When.
    pub due_at: Timestamp,
}

/// Takes the step that was awaited, and awaits the next one.
pub(crate) fn nobody_looks(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
    step: AlertStep,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let awaited = case.order().alert;
    let Some(Alert { since, .. }) =
        awaited.filter(|alert| alert.step == step && alert.due_at == deadline.due_at)
    else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    case.write(Write::DropDeadline(deadline));
    let restaurant_id = case.order().restaurant_id;
    case.event(Event::OrderAlerted { order_id, restaurant_id, step });
    match step.next() {
        Some(next) => case.await_step(since, next),
        None => {
            case.order_mut().alert = None;
            case.order_mut().unanswered_at = Some(stamp.at);
        }
    }
    Ok(case.yes())
}

impl Case {
    /// The kitchen was told; from `since` on it is told again until it reacts.
    pub(crate) fn ring(&mut self, since: Timestamp) {
        self.silence();
        self.await_step(since, AlertStep::Push);
    }

    /// The kitchen has decided: nothing more rings.
    pub(crate) fn silence(&mut self) {
        self.drop_step();
        if self.order().unanswered_at.is_some() {
            self.order_mut().unanswered_at = None;
        }
    }

    /// Somebody has seen the alert. What waits for an answer is still shown to operators.
    pub(crate) fn was_seen(&mut self) {
        if self.order().status.state() != OrderState::Placed {
            return self.silence();
        }
        let Some(Alert { since, .. }) = self.order().alert else { return };
        self.drop_step();
        self.await_step(since, AlertStep::Operators);
    }

    fn await_step(&mut self, since: Timestamp, step: AlertStep) {
        let order_id = self.order().id;
        let due_at = since.plus_ms(self.rules().alerts.of(step));
        self.order_mut().alert = Some(Alert { since, step, due_at });
        self.await_due(due_at, Due::Alert(order_id, step));
    }

    fn drop_step(&mut self) {
        let order_id = self.order().id;
        if let Some(Alert { step, due_at, .. }) = self.order().alert {
            self.order_mut().alert = None;
            self.drop_due(due_at, Due::Alert(order_id, step));
        }
    }
}
