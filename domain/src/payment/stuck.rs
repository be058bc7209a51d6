//! Money that does not get on: somebody is told after an hour, and again until it does.

use super::{PaymentStatus, Purpose};
use crate::city::Rules;
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::PaymentId;
use crate::limits::{STUCK_AGAIN_MS, STUCK_MS};
use crate::money::Money;
use crate::order::case::Case;
use crate::outcome::{Outcome, Write};
use crate::payment::Payment;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};

impl Payment {
    /// How long it may stay as it is before somebody is told, in milliseconds. An order that waits
    /// for its money has a deadline of its own.
    pub(crate) fn patience(&self, rules: &Rules) -> Option<i64> {
        match (self.status, self.purpose) {
            (PaymentStatus::Capturing | PaymentStatus::Voiding, _) => Some(STUCK_MS),
            (PaymentStatus::Authorizing | PaymentStatus::ActionRequired, Purpose::Tip { .. }) => {
                Some(rules.pay_by_ms)
            }
            _ if self.refunding > Money::ZERO => Some(STUCK_MS),
            (
                PaymentStatus::None
                | PaymentStatus::CashDue
                | PaymentStatus::CashCollected
                | PaymentStatus::Authorizing
                | PaymentStatus::ActionRequired
                | PaymentStatus::Failed
                | PaymentStatus::Authorized
                | PaymentStatus::Captured
                | PaymentStatus::Voided
                | PaymentStatus::Disputed
                | PaymentStatus::Lost,
                _,
            ) => None,
        }
    }
}

/// Tells operators, and lets go of a tip that nobody has confirmed.
pub(crate) fn money_stuck(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    payment_id: PaymentId,
) -> Result<Outcome, Unreadable> {
    let payment = city.payment(payment_id)?;
    let Some(payment) = payment.filter(|p| p.stuck_at == Some(deadline.due_at)) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let Some(mut case) = Case::of_payment(city, stamp, payment)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let (order_id, status) = (case.order().id, case.payment().status);
    case.write(Write::DropDeadline(deadline));
    case.payment_mut().stuck_at = None;
    if status == PaymentStatus::ActionRequired {
        case.let_go();
        case.hear_waiting(city)?;
        return Ok(case.yes());
    }
    if status == PaymentStatus::Authorizing {
        // Its approval, if it ever comes, is not wanted any more.
        case.payment_mut().to_capture = Money::ZERO;
    }
    let again = stamp.at.plus_ms(STUCK_AGAIN_MS);
    case.payment_mut().stuck_at = Some(again);
    case.await_due(again, Due::MoneyStuck(payment_id));
    case.event(Event::PaymentStuck { payment_id, order_id, status });
    Ok(case.yes())
}
