//! The restaurant says no, with a reason.

use super::OrderStatus;
use super::accept::answered;
use super::ending::Ending;
use super::kitchen::at_the_stove;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::money::Money;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kitchen refuses the order. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RejectOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
    pub reason: RejectReason,
}

/// Why a kitchen says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RejectReason {
    ClosingEarly,
    Busy,
    OutOfStock,
    TooFar,
    CannotReadNote,
    Equipment,
    Other,
}

pub(crate) fn reject_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RejectOrder,
) -> Result<Outcome, Unreadable> {
    let RejectOrder { order_id, restaurant_id, reason } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Placed { .. } => {
            case.end(Ending::Rejected(reason), Money::ZERO);
            let restaurant = city.restaurant(restaurant_id)?;
            if let Some(answering) = restaurant.and_then(|found| answered(stamp, found)) {
                case.write(Write::Restaurant(Arc::new(answering)));
            }
            case.yes()
        }
        OrderStatus::Rejected { reason: said } if said == reason => {
            Outcome::unchanged(case.order().revision)
        }
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
