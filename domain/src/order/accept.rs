//! The restaurant says yes: the kitchen starts, and from now on we owe this order a courier.

use super::kitchen::at_the_stove;
use super::{Order, OrderStatus};
use crate::deadline::Due;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{OrderId, RestaurantId};
use crate::limits::{READY_LATEST_MS, READY_SOONEST_MS};
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kitchen takes the order. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
    /// When the food will be ready; the preparation rule decides if absent. Dispatch aims a courier
    /// at this moment, not at now.
    pub ready_at: Option<Timestamp>,
}

pub(crate) fn accept_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AcceptOrder,
) -> Result<Outcome, Unreadable> {
    let AcceptOrder { order_id, restaurant_id, ready_at } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Placed { accept_by } if stamp.at > accept_by => {
            Outcome::rejected(Rejection::TooLate)
        }
        // It is about to be refused in its name.
        OrderStatus::Placed { .. } if restaurant.is_banned_at(stamp.at) => {
            Outcome::rejected(Rejection::Banned)
        }
        OrderStatus::Placed { accept_by } => {
            let planned = case.planned_ready(&restaurant);
            if let Some(wanted) = ready_at
                && let Err(why) = check_promise(case.order(), stamp.at, wanted)
            {
                return Ok(Outcome::rejected(why));
            }
            let ready_at = ready_at.unwrap_or(planned);
            case.drop_due(accept_by, Due::AcceptBy(order_id));
            case.accept(ready_at);
            if let Some(answering) = answered(stamp, restaurant) {
                case.write(Write::Restaurant(Arc::new(answering)));
            }
            case.yes()
        }
        // The same yes again, because its first answer was lost on the way.
        OrderStatus::Accepted if ready_at.is_none() || ready_at == case.order().ready_at => {
            Outcome::unchanged(case.order().revision)
        }
        // Every other status is named here: a new one must not compile until it is decided.
        OrderStatus::Pending { .. }
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::Ready
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => {
            Outcome::rejected(Rejection::OrderMovedOn { state: status.state() })
        }
    })
}

/// From now, or from the moment at which the kitchen of a scheduled order should begin.
fn check_promise(order: &Order, now: Timestamp, ready_at: Timestamp) -> Result<(), Rejection> {
    let soonest = now.plus_ms(READY_SOONEST_MS);
    let latest = order.kitchen_at.max(now).plus_ms(READY_LATEST_MS);
    if (soonest..=latest).contains(&ready_at) {
        return Ok(());
    }
    Err(field::invalid("/ready_at", "a moment from 1 to 180 minutes ahead"))
}

/// The restaurant after it has answered an order, if that changes it: it is not asleep.
pub(crate) fn answered(stamp: &Stamp, restaurant: Arc<Restaurant>) -> Option<Restaurant> {
    if restaurant.unanswered == 0 {
        return None;
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.unanswered = 0;
    restaurant.revision = stamp.index;
    Some(restaurant)
}
