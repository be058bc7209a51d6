//! The kitchen begins to cook.

use super::kitchen::at_the_stove;
use super::schedule::When;
use super::{Order, OrderStatus};
use crate::deadline::Due;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::limits::START_EARLY_MS;
use crate::order::case::Case;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The kitchen has begun. Staff of the restaurant; a scheduled order not too early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
}

pub(crate) fn start_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: StartOrder,
) -> Result<Outcome, Unreadable> {
    let StartOrder { order_id, restaurant_id } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Accepted => {
            if let Err(why) = not_too_early(case.order(), stamp.at) {
                return Ok(Outcome::rejected(why));
            }
            case.begin(city)?;
            case.move_order(OrderStatus::Preparing);
            case.event(Event::OrderStarted { order_id, restaurant_id });
            case.yes()
        }
        OrderStatus::Preparing => Outcome::unchanged(case.order().revision),
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
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

/// Food for the evening that is cooked at noon is cold.
pub(super) fn not_too_early(order: &Order, now: Timestamp) -> Result<(), Rejection> {
    let from = order.kitchen_at.plus_ms(-START_EARLY_MS);
    match order.when {
        When::Slot { .. } if now < from => Err(Rejection::TooEarly { from }),
        When::Slot { .. } | When::Asap => Ok(()),
    }
}

impl Case {
    /// The kitchen has begun, perhaps before the moment of a scheduled order has come.
    pub(crate) fn begin(&mut self, city: &impl View) -> Result<(), Unreadable> {
        if self.order().kitchen_awaited {
            let order_id = self.order().id;
            self.drop_due(self.order().kitchen_at, Due::KitchenAt(order_id));
            self.order_mut().kitchen_awaited = false;
            self.open_search();
        }
        self.silence();
        self.cook(city)
    }
}
