//! Somebody calls the order off, and somebody bears the loss.

use super::case::Case;
use super::ending::Ending;
use super::{Fault, OrderStatus};
use crate::account::{OperatorRole, StaffRole};
use crate::authority::{is_operator, is_system, person, works_at};
use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::OrderId;
use crate::money::Money;
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
    let CancelOrder { order_id, reason } = command;
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
    let fault = fault_of(side, reason);
    let dishes = case.order().receipt.dishes;
    let status = case.order().status;
    let owed = match status {
        // Before it says yes a kitchen rejects; that has reasons of its own.
        OrderStatus::Placed { .. } if side == Side::Kitchen => None,
        OrderStatus::Pending { .. } | OrderStatus::Placed { .. } | OrderStatus::Accepted => {
            Some(Money::ZERO)
        }
        OrderStatus::Preparing | OrderStatus::Ready => match side {
            Side::Customer => Some(dishes),
            Side::Kitchen | Side::Platform => Some(Money::ZERO),
        },
        OrderStatus::Cancelled { reason: said, .. } if said == reason => {
            return Ok(Outcome::unchanged(case.order().revision));
        }
        OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => None,
    };
    let Some(owed) = owed else {
        return Ok(Outcome::rejected(Rejection::OrderMovedOn { state: status.state() }));
    };
    case.end(Ending::Cancelled(reason, fault), owed);
    Ok(case.yes())
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
    case.end(Ending::Cancelled(CancelReason::PaymentFailed, Fault::Customer), Money::ZERO);
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
    if case.delivery().no_courier_at != Some(deadline.due_at) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    case.end(Ending::Cancelled(CancelReason::NoCourier, Fault::Platform), Money::ZERO);
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
        Side::Platform => match reason {
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
        },
    }
}
