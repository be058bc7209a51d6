//! Somebody calls the order off, and somebody bears the loss.

use super::case::Case;
use super::ending::Ending;
use super::{Bill, Fault, Order, OrderState, OrderStatus, Situation};
use crate::account::{OperatorRole, StaffRole};
use crate::authority::{is_operator, is_system, person, works_at};
use crate::city::Rules;
use crate::deadline::Deadline;
use crate::delivery::{Delivery, DeliveryState};
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::OrderId;
use crate::outcome::{Checked, Outcome};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Ends an order before hand-off. Its customer, its restaurant's staff, an operator, the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CancelOrder {
    pub order_id: OrderId,
    pub reason: CancelReason,
    /// Who bears it, if an operator knows better than the reason says.
    #[serde(default)]
    pub fault: Option<Fault>,
}

/// Why an order is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CancelReason {
    CustomerChangedMind,
    WrongAddress,
    TooSlow,
    OutOfStock,
    RestaurantClosed,
    NoCourier,
    PaymentFailed,
    Fraud,
    Undeliverable,
    Duplicate,
    Operator,
}

impl CancelReason {
    /// As the API and the audit chain have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerChangedMind => "customer_changed_mind",
            Self::WrongAddress => "wrong_address",
            Self::TooSlow => "too_slow",
            Self::OutOfStock => "out_of_stock",
            Self::RestaurantClosed => "restaurant_closed",
            Self::NoCourier => "no_courier",
            Self::PaymentFailed => "payment_failed",
            Self::Fraud => "fraud",
            Self::Undeliverable => "undeliverable",
            Self::Duplicate => "duplicate",
            Self::Operator => "operator",
        }
    }
}

/// On whose behalf an order is called off: that decides what it costs, and whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Customer,
    Kitchen,
    Platform,
}

pub(crate) fn cancel_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: CancelOrder,
) -> Result<Outcome, Unreadable> {
    let CancelOrder { order_id, reason, fault } = command;
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let side = match side(city, actor, &case)? {
        Ok(side) => side,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if side == Side::Customer && !is_customers(reason) {
        let rule = "a reason that customers have";
        return Ok(Outcome::rejected(field::invalid("/reason", rule)));
    }
    // Only the platform judges who is at fault; the others are themselves.
    if side != Side::Platform && fault.is_some() {
        return Ok(Outcome::rejected(field::invalid("/fault", "for operators only")));
    }
    let fault = fault.unwrap_or(fault_of(side, reason));
    match case.order().status {
        OrderStatus::Cancelled { reason: said, .. } if said == reason => {
            return Ok(Outcome::unchanged(case.order().revision));
        }
        // Before it says yes a kitchen rejects; that has reasons of its own.
        OrderStatus::Placed { .. } if side == Side::Kitchen => {
            let state = OrderState::Placed;
            return Ok(Outcome::rejected(Rejection::OrderMovedOn { state }));
        }
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::Ready
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => {}
    }
    let situation = match situation(case.order(), case.delivery(), fault) {
        Ok(situation) => situation,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    case.end(city, Ending::Cancelled(reason, fault), situation)?;
    Ok(case.yes())
}

/// What it would cost to call an order off now, without doing it.
///
/// # Errors
/// If it cannot be called off any more.
pub fn cancellation(
    order: &Order,
    delivery: Option<&Delivery>,
    fault: Fault,
    rules: &Rules,
) -> Result<Bill, Rejection> {
    let situation = situation(order, delivery, fault)?;
    Ok(Bill::of(order, situation, rules.callout_fee))
}

/// How far it has come decides what calling it off costs.
pub(crate) fn situation(
    order: &Order,
    delivery: Option<&Delivery>,
    fault: Fault,
) -> Result<Situation, Rejection> {
    let came = delivery.map(|delivery| delivery.status.state());
    let at_store = came == Some(DeliveryState::AtStore);
    let assigned = at_store || came == Some(DeliveryState::Assigned);
    let after_accept = |started: bool| match fault {
        Fault::Customer if started => Situation::CustomerLate { assigned },
        Fault::Customer => Situation::CustomerEarly { at_store },
        Fault::Restaurant => Situation::Restaurant { assigned },
        Fault::Courier | Fault::Platform => Situation::Platform { fault, started, assigned },
    };
    match order.status {
        OrderStatus::Pending { .. } | OrderStatus::Placed { .. } => {
            Ok(Situation::BeforeAccept(fault))
        }
        OrderStatus::Accepted => Ok(after_accept(false)),
        OrderStatus::Preparing | OrderStatus::Ready => Ok(after_accept(true)),
        OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => Err(Rejection::OrderMovedOn { state: order.status.state() }),
    }
}

/// Nobody paid in time.
pub(crate) fn nobody_paid(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if (case.order().status != OrderStatus::Pending { pay_by: deadline.due_at }) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let ending = Ending::Cancelled(CancelReason::PaymentFailed, Fault::Customer);
    case.end(city, ending, Situation::BeforeAccept(Fault::Customer))?;
    Ok(case.yes())
}

/// Nobody came to carry it.
pub(crate) fn nobody_carries(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let awaited = case.delivery().and_then(|delivery| delivery.no_courier_at);
    if awaited != Some(deadline.due_at) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let Ok(situation) = situation(case.order(), case.delivery(), Fault::Platform) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    case.end(city, Ending::Cancelled(CancelReason::NoCourier, Fault::Platform), situation)?;
    Ok(case.yes())
}

fn side(city: &impl View, actor: &Actor, case: &Case) -> Checked<Side> {
    let order = case.order();
    if is_system(actor) {
        return Ok(Ok(Side::Platform));
    }
    if person(actor) == Some(order.customer_id) {
        return Ok(Ok(Side::Customer));
    }
    // Before staff: operators may stand in for a kitchen, but they cancel as the platform.
    if is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Ok(Side::Platform));
    }
    let hidden = matches!(order.status, OrderStatus::Pending { .. });
    if !hidden && works_at(city, actor, order.restaurant_id, StaffRole::Kitchen)? {
        return Ok(Ok(Side::Kitchen));
    }
    Ok(Err(Rejection::OrderUnknown))
}

fn is_customers(reason: CancelReason) -> bool {
    match reason {
        CancelReason::CustomerChangedMind
        | CancelReason::WrongAddress
        | CancelReason::TooSlow
        | CancelReason::Duplicate => true,
        CancelReason::OutOfStock
        | CancelReason::RestaurantClosed
        | CancelReason::NoCourier
        | CancelReason::PaymentFailed
        | CancelReason::Fraud
        | CancelReason::Undeliverable
        | CancelReason::Operator => false,
    }
}

fn fault_of(side: Side, reason: CancelReason) -> Fault {
    match side {
        Side::Customer => Fault::Customer,
        Side::Kitchen => Fault::Restaurant,
        Side::Platform => fault_by_platform(reason),
    }
}

/// Who bears it if the platform calls an order off for this reason and says nothing else.
pub fn fault_by_platform(reason: CancelReason) -> Fault {
    match reason {
        CancelReason::CustomerChangedMind
        | CancelReason::WrongAddress
        | CancelReason::Duplicate
        | CancelReason::PaymentFailed
        | CancelReason::Fraud => Fault::Customer,
        CancelReason::TooSlow | CancelReason::OutOfStock | CancelReason::RestaurantClosed => {
            Fault::Restaurant
        }
        CancelReason::NoCourier | CancelReason::Undeliverable | CancelReason::Operator => {
            Fault::Platform
        }
    }
}
