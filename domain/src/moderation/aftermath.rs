//! What a ban means for orders that are there already, one order an entry.
//!
//! What must happen is read from the city when it happens, not from what was asked for: whoever is
//! let in again a moment later finds their stars counted, and a repeat finds nothing left to do.

use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::ids::{OrderId, RatingId};
use crate::limits::BAN_ORDERS;
use crate::order::cancel::situation;
use crate::order::case::Case;
use crate::order::ending::Ending;
use crate::order::{CancelReason, Fault, Order, OrderState, RejectReason, Situation};
use crate::outcome::{Changes, Outcome, Write};
use crate::rating::withdraw::{is_out_of_step, recount};
use crate::rejection::Rejection;
use crate::view::{OrdersOf, Unreadable, View};
use std::sync::Arc;

/// Lets what a ban, or its end, means for their newest orders happen at once after this entry.
pub(crate) fn follow_orders(
    city: &impl View,
    changes: &mut Changes,
    of: OrdersOf,
    cancel_open: bool,
) -> Result<(), Unreadable> {
    let due_at = changes.stamp().at;
    for order_id in city.newest_orders(of, BAN_ORDERS)? {
        let Some(order) = city.order(order_id)? else { continue };
        let open = match order.status.state() {
            OrderState::Pending | OrderState::Placed => {
                cancel_open || matches!(of, OrdersOf::Restaurant(_))
            }
            OrderState::Accepted | OrderState::Preparing | OrderState::Ready => cancel_open,
            OrderState::HandedOff
            | OrderState::Completed
            | OrderState::Rejected
            | OrderState::Expired
            | OrderState::Cancelled
            | OrderState::NoShow => false,
        };
        let rated =
            matches!(of, OrdersOf::Customer(_)) && city.rating(RatingId::of(order_id))?.is_some();
        if open || rated {
            changes.write(Write::Deadline(Deadline { due_at, due: Due::BanAftermath(order_id) }));
        }
    }
    Ok(())
}

/// Brings one order into line with the bans that hold now.
pub(crate) fn ban_aftermath(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(order) = city.order(order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let (Some(customer), Some(restaurant)) =
        (city.account(order.customer_id)?, city.restaurant(order.restaurant_id)?)
    else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if let Some(rating) = city.rating(RatingId::of(order_id))? {
        let out = customer.is_banned_at(stamp.at);
        let mut changes = Changes::new(stamp);
        changes.write(Write::DropDeadline(deadline));
        if is_out_of_step(&rating, out) {
            recount(city, &mut changes, Arc::unwrap_or_clone(rating), out)?;
        }
        return Ok(changes.yes());
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    case.write(Write::DropDeadline(deadline));
    let of_kitchen = restaurant.ban.as_ref().filter(|ban| ban.holds_at(stamp.at));
    let of_customer = customer.ban.as_ref().filter(|ban| ban.holds_at(stamp.at));
    let all_of_kitchen = of_kitchen.is_some_and(|ban| ban.cancel_open);
    let all_of_customer = of_customer.is_some_and(|ban| ban.cancel_open);
    let kitchen_ends = of_kitchen.is_some() && (all_of_kitchen || is_undecided(&order));
    if kitchen_ends && order.status.state() == OrderState::Placed {
        let situation = Situation::BeforeAccept(Fault::Restaurant);
        case.end(city, Ending::Rejected(RejectReason::Other), situation)?;
    } else if kitchen_ends || all_of_customer {
        let (reason, fault) = match kitchen_ends {
            true => (CancelReason::RestaurantClosed, Fault::Restaurant),
            false => (CancelReason::Operator, Fault::Customer),
        };
        // What cannot be called off any more goes on.
        if let Ok(situation) = situation(case.order(), case.delivery(), fault) {
            case.end(city, Ending::Cancelled(reason, fault), situation)?;
        }
    }
    Ok(case.yes())
}

/// The kitchen has not said yes to it.
fn is_undecided(order: &Order) -> bool {
    matches!(order.status.state(), OrderState::Pending | OrderState::Placed)
}
