//! The first pan is on the fire.

use super::OrderStatus;
use super::kitchen::at_the_stove;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The kitchen starts. Staff of the restaurant.
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
