//! A tablet has rung: nobody else need ring for it.

use super::kitchen::at_the_stove;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The alert about an order was seen. Staff of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SeenOrder {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
}

pub(crate) fn seen_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SeenOrder,
) -> Result<Outcome, Unreadable> {
    let SeenOrder { order_id, restaurant_id } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    // In any state: a tablet that was slow tells it of an order that has gone on, and that is no
    // mistake.
    if case.order().seen_at.is_some() {
        return Ok(Outcome::unchanged(case.order().revision));
    }
    case.order_mut().seen_at = Some(stamp.at);
    case.was_seen();
    case.event(Event::OrderSeen { order_id, restaurant_id });
    Ok(case.yes())
}
