//! Another card for an order that waits for its money.

use super::{Method, Payment, PaymentStatus, Purpose, Work};
use crate::authority::person;
use crate::deadline::Due;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::{Asked, FraudVerdict, Judged, Marks, judge, let_in};
use crate::ids::{OrderId, PaymentId};
use crate::limits::ORDER_ATTEMPTS;
use crate::order::case::{Case, torn};
use crate::order::place::{cash_allowed, check_method};
use crate::order::{Order, OrderStatus};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Tries another way to pay, one at a time, until `pay_by`. Customers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RetryPayment {
    pub order_id: OrderId,
    /// Derived from the customer and their key, so that a repeat names the same attempt.
    pub payment_id: PaymentId,
    pub method: Method,
    /// The card, and the device that it comes from.
    #[serde(default)]
    pub marks: Marks,
    pub request: Digest,
}

pub(crate) fn retry_payment(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RetryPayment,
) -> Result<Outcome, Unreadable> {
    let RetryPayment { order_id, payment_id, method, marks, request } = command;
    let order = city.order(order_id)?;
    let Some(order) = order.filter(|order| person(actor) == Some(order.customer_id)) else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    if let Some(payment) = city.payment(payment_id)? {
        let same = payment.order_id == order_id && payment.request == Some(request);
        return Ok(if same {
            Outcome::unchanged(payment.created_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let OrderStatus::Pending { pay_by } = order.status else {
        return Ok(Outcome::rejected(Rejection::OrderMovedOn { state: order.status.state() }));
    };
    if stamp.at >= pay_by {
        return Ok(Outcome::rejected(Rejection::TooLate));
    }
    let shape = check_method(&method)
        .and_then(|()| field::length("/attempts", order.attempts.len() + 1, 1..=ORDER_ATTEMPTS));
    if let Err(why) = shape {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = cash_allowed(city, order.customer_id, &method)? {
        return Ok(Outcome::rejected(why));
    }
    // What it came from before still counts: to say nothing now hides nothing.
    let marks = marks.or(order.marks);
    if let Err(why) = let_in(city, stamp, &marks)? {
        return Ok(Outcome::rejected(why));
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    if let Err(why) = case.give_up_attempt() {
        return Ok(Outcome::rejected(why));
    }
    let judged = look_again(city, stamp, &order, marks)?;
    if judged.verdict() == FraudVerdict::Deny {
        return judged.deny(city, stamp);
    }
    judged.keep(city, stamp, &mut case)?;
    case.hear_waiting(city)?;
    let whose = (order_id, order.customer_id);
    let amount = order.receipt.total;
    let mut attempt = Payment::open(payment_id, whose, Purpose::Order, method, amount, stamp);
    attempt.request = Some(request);
    case.begin_attempt(attempt);
    if case.payment().status == PaymentStatus::Authorizing {
        case.ask(Work::Authorize { payment_id });
        return Ok(case.yes());
    }
    // Cash, or nothing to pay: as good as paid, and no way around whoever must look at it first.
    case.paid(city)?;
    Ok(case.yes())
}

/// What the rules make of the order now that another card, or another device, stands behind it.
fn look_again(
    city: &impl View,
    stamp: &Stamp,
    order: &Order,
    marks: Marks,
) -> Result<Judged, Unreadable> {
    let founded = city.city()?.ok_or_else(|| torn("an order has no city"))?;
    let customer = city.account(order.customer_id)?.ok_or_else(|| torn("nobody pays"))?;
    let asked = Asked {
        order_id: order.id,
        customer: &customer,
        marks,
        destination: order.destination.as_ref(),
        total: order.receipt.total,
        coupon: order.holds.coupon.is_some(),
        before: Some(order),
    };
    judge(city, &founded, stamp, &asked)
}

impl Case {
    /// The attempt before is over, or is let go. One that the bank is thinking about is not.
    fn give_up_attempt(&mut self) -> Result<(), Rejection> {
        let status = self.payment().status;
        match status {
            PaymentStatus::Authorizing => Err(Rejection::PaymentOpen),
            PaymentStatus::ActionRequired => {
                self.let_go();
                Ok(())
            }
            PaymentStatus::Failed
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            // Taken while nothing was owed: it is on its way back.
            | PaymentStatus::Captured
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => Ok(()),
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing => Err(Rejection::PaymentMovedOn { status }),
        }
    }

    fn begin_attempt(&mut self, attempt: Payment) {
        let (payment_id, order_id) = (attempt.id, attempt.order_id);
        let before = self.payment().id;
        let order = self.order_mut();
        if order.attempts.is_empty() {
            order.attempts.push(before);
        }
        order.payment_id = payment_id;
        order.attempts.push(payment_id);
        self.next_payment(attempt);
        self.event(Event::PaymentOpened { payment_id, order_id });
    }

    /// Nobody waits for the money of a pending order any more.
    pub(crate) fn stop_waiting_for_money(&mut self) {
        let order_id = self.order().id;
        if let OrderStatus::Pending { pay_by } = self.order().status {
            self.drop_due(pay_by, Due::PayBy(order_id));
        }
    }
}
