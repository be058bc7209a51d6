//! The food waits for its courier.

use super::OrderStatus;
use super::kitchen::at_the_stove;
use super::start::not_too_early;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The food is ready. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
}

pub(crate) fn ready_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ReadyOrder,
) -> Result<Outcome, Unreadable> {
    let ReadyOrder { order_id, restaurant_id } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Accepted | OrderStatus::Preparing => {
            if case.order().awaits_answer() {
                return Ok(Outcome::rejected(Rejection::ProposalOpen));
            }
            if let Err(why) = not_too_early(case.order(), stamp.at) {
                return Ok(Outcome::rejected(why));
            }
            case.begin(city)?;
            case.move_order(OrderStatus::Ready);
            case.promise(stamp.at);
            case.await_customer();
            let courier_id = case.holder();
            case.event(Event::OrderReady { order_id, restaurant_id, courier_id });
            case.yes()
        }
        OrderStatus::Ready => Outcome::unchanged(case.order().revision),
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
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
