//! Nobody came for the food.

use super::case::Case;
use super::ending::Ending;
use super::kitchen::at_the_stove;
use super::{Fulfilment, OrderStatus, Situation};
use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Ends a pickup order whose customer did not come, once their time is over. Staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct NoShowOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
}

pub(crate) fn no_show_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: NoShowOrder,
) -> Result<Outcome, Unreadable> {
    let NoShowOrder { order_id, restaurant_id } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    let moved_on = Outcome::rejected(Rejection::OrderMovedOn { state: status.state() });
    // A courier who finds nobody says so themselves.
    if case.order().fulfilment != Fulfilment::Pickup {
        return Ok(moved_on);
    }
    match status {
        OrderStatus::Ready => {}
        OrderStatus::NoShow => return Ok(Outcome::unchanged(case.order().revision)),
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. } => return Ok(moved_on),
    }
    if let Some(from) = case.order().no_show_at.filter(|from| stamp.at < *from) {
        return Ok(Outcome::rejected(Rejection::TooEarly { from }));
    }
    case.end(city, Ending::NoShow, Situation::PickupNoShow)?;
    Ok(case.yes())
}

/// The customer's time is over, and nobody said anything.
pub(crate) fn nobody_came(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if case.order().no_show_at != Some(deadline.due_at) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    case.end(city, Ending::NoShow, Situation::PickupNoShow)?;
    Ok(case.yes())
}
