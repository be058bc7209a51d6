//! The customer comes for their food, and says the PIN that only they know.

use super::case::Case;
use super::ending::Ending;
use super::kitchen::at_the_stove;
use super::pin::{PinKind, Said};
use super::{Fulfilment, OrderStatus, Situation};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::delivery::ProofNeeded;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Hands a pickup order over. Staff of the restaurant; five tries, then an operator without a PIN.
///
/// A wrong PIN is a yes that counts it and moves nothing: see `order/pin.rs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HandOverOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
    /// Keyed hash of what the customer said. Operators who know the customer need none.
    pub pin: Option<Digest>,
}

pub(crate) fn hand_over_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: HandOverOrder,
) -> Result<Outcome, Unreadable> {
    let HandOverOrder { order_id, restaurant_id, pin } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    let moved_on = Outcome::rejected(Rejection::OrderMovedOn { state: status.state() });
    // What is brought leaves the kitchen with its courier.
    if case.order().fulfilment != Fulfilment::Pickup {
        return Ok(moved_on);
    }
    match status {
        OrderStatus::Ready => {}
        OrderStatus::Completed => return Ok(Outcome::unchanged(case.order().revision)),
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::HandedOff
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => return Ok(moved_on),
    }
    let trusted = is_operator(city, actor, OperatorRole::Support)?;
    match case.hear_pickup_pin(pin, trusted) {
        Ok(Said::Right) => {}
        Ok(Said::Wrong) => return Ok(case.yes()),
        Ok(Said::Again) => return Ok(Outcome::unchanged(case.order().revision)),
        Err(why) => return Ok(Outcome::rejected(why)),
    }
    case.end(city, Ending::Completed, Situation::Completed)?;
    Ok(case.yes())
}

impl Case {
    fn hear_pickup_pin(&mut self, pin: Option<Digest>, trusted: bool) -> Result<Said, Rejection> {
        match pin {
            None if trusted => Ok(Said::Right),
            // An order of the time before there were PINs.
            None if self.order().pins.pickup.is_none() => Ok(Said::Right),
            None => Err(Rejection::ProofMissing { needed: vec![ProofNeeded::Pin] }),
            Some(pin) => self.say(PinKind::Pickup, pin),
        }
    }
}
