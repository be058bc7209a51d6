//! Thanks, in money: a payment of its own, after the order.

use super::{Method, Payment, Purpose, TipFor, Work};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{OrderId, PaymentId};
use crate::limits::{AMOUNT, ORDER_TIPS};
use crate::money::Money;
use crate::order::case::Case;
use crate::order::place::check_method;
use crate::order::{Order, OrderState};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Tips whoever carried or cooked a completed order, while the window is open. Customers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TipOrder {
    /// Derived from the customer and their key: the same tip twice is one.
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub amount: Money,
    pub to: TipFor,
    pub method: Method,
    pub request: Digest,
}

pub(crate) fn tip_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: TipOrder,
) -> Result<Outcome, Unreadable> {
    let TipOrder { payment_id, order_id, amount, to, method, request } = command;
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
    let state = order.status.state();
    if state != OrderState::Completed {
        return Ok(Outcome::rejected(Rejection::OrderMovedOn { state }));
    }
    if let Err(why) = check(&order, amount, to, &method) {
        return Ok(Outcome::rejected(why));
    }
    let whose = (order_id, order.customer_id);
    let mut tip = Payment::open(payment_id, whose, Purpose::Tip { to }, method, amount, stamp);
    tip.request = Some(request);
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let since = order.ended_at.map_or(0, |ended| stamp.at.ms_since(ended));
    if since > case.rules().tip_ms {
        return Ok(Outcome::rejected(Rejection::TooLate));
    }
    case.order_mut().tips.push(payment_id);
    case.next_payment(tip);
    case.ask(Work::Authorize { payment_id });
    case.event(Event::PaymentOpened { payment_id, order_id });
    Ok(case.yes())
}

fn check(order: &Order, amount: Money, to: TipFor, method: &Method) -> Result<(), Rejection> {
    field::number("/amount", amount.0, 1..=AMOUNT)?;
    field::length("/tips", order.tips.len() + 1, 1..=ORDER_TIPS)?;
    check_method(method)?;
    if *method == Method::Cash {
        return Err(field::invalid("/payment/method", "card or wallet"));
    }
    if to == TipFor::Courier && order.delivery_id.is_none() {
        return Err(field::invalid("/to", "kitchen, for what was picked up"));
    }
    Ok(())
}
