//! The kitchen needs longer than it promised.

use super::kitchen::at_the_stove;
use super::{Order, OrderStatus, StepKind};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{OrderId, RestaurantId};
use crate::limits::{DELAY_MS, DELAYS};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Moves the promised moment. Staff of the restaurant, three times at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayOrder {
    /// Which order.
    pub order_id: OrderId,
    /// Who answers.
    pub restaurant_id: RestaurantId,
    /// The new moment.
    pub ready_at: Timestamp,
}

pub(crate) fn delay_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DelayOrder,
) -> Result<Outcome, Unreadable> {
    let DelayOrder { order_id, restaurant_id, ready_at } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Accepted | OrderStatus::Preparing => {
            if case.order().ready_at == Some(ready_at) {
                return Ok(Outcome::unchanged(case.order().revision));
            }
            if let Err(why) = check(case.order(), stamp.at, ready_at) {
                return Ok(Outcome::rejected(why));
            }
            case.order_mut().delays += 1;
            case.step(StepKind::Delayed);
            case.promise(ready_at);
            let courier_id = case.holder();
            case.event(Event::OrderDelayed { order_id, restaurant_id, ready_at, courier_id });
            case.yes()
        }
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

fn check(order: &Order, now: Timestamp, ready_at: Timestamp) -> Result<(), Rejection> {
    if order.delays >= DELAYS {
        return Err(field::invalid("/ready_at", format!("at most {DELAYS} delays")));
    }
    // A promise that was missed already is moved from now on, not from when it was missed.
    let promised = order.ready_at.unwrap_or(now).max(now);
    if !(1..=DELAY_MS).contains(&ready_at.ms_since(promised)) {
        return Err(field::invalid("/ready_at", "up to 30 minutes later than promised"));
    }
    Ok(())
}
