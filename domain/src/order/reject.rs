//! The restaurant says no, with a reason.

use super::accept::answered;
use super::ending::Ending;
use super::kitchen::at_the_stove;
use super::{Fault, Order, OrderStatus, Situation};
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{DishId, OrderId, RestaurantId};
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
    /// With `OutOfStock`: places on the receipt of what is missing. It is not sold again until the
    /// morning.
    #[serde(default)]
    pub lines: Vec<u32>,
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

impl RejectReason {
    /// As the API and the audit chain have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosingEarly => "closing_early",
            Self::Busy => "busy",
            Self::OutOfStock => "out_of_stock",
            Self::TooFar => "too_far",
            Self::CannotReadNote => "cannot_read_note",
            Self::Equipment => "equipment",
            Self::Other => "other",
        }
    }
}

pub(crate) fn reject_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RejectOrder,
) -> Result<Outcome, Unreadable> {
    let RejectOrder { order_id, restaurant_id, reason, lines } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    Ok(match status {
        OrderStatus::Placed { .. } => {
            let missing = match missing(case.order(), reason, &lines) {
                Ok(missing) => missing,
                Err(why) => return Ok(Outcome::rejected(why)),
            };
            let situation = Situation::BeforeAccept(Fault::Restaurant);
            case.end(city, Ending::Rejected(reason), situation)?;
            case.run_out(city, missing)?;
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

/// The dishes of the lines that a kitchen has run out of.
fn missing(order: &Order, reason: RejectReason, lines: &[u32]) -> Result<Vec<DishId>, Rejection> {
    if reason != RejectReason::OutOfStock && !lines.is_empty() {
        return Err(field::invalid("/lines", "only with the reason out_of_stock"));
    }
    let dish = |line: &u32| {
        let found = usize::try_from(*line).ok().and_then(|line| order.receipt.lines.get(line));
        let rule = "the place of a line on the receipt, from 0";
        found.map(|line| line.dish_id).ok_or_else(|| field::invalid("/lines", rule))
    };
    lines.iter().map(dish).collect()
}
