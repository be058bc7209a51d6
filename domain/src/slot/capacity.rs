//! A kitchen says what it manages in 15 minutes.

use super::Capacity;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::RestaurantId;
use crate::limits::SLOT_CAPACITY;
use crate::money::Money;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::hours::managed;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sets the capacity of every slot; nothing is no bound. What was promised already stays promised.
/// Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetCapacity {
    pub restaurant_id: RestaurantId,
    pub capacity: Option<Capacity>,
}

pub(crate) fn set_capacity(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetCapacity,
) -> Result<Outcome, Unreadable> {
    let SetCapacity { restaurant_id, capacity } = command;
    let restaurant = match managed(city, actor, restaurant_id)? {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    // One that bounds nothing is none: slots need not be counted for it.
    let capacity = capacity.filter(|capacity| *capacity != Capacity::default());
    if restaurant.capacity == capacity {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    if let Some(capacity) = &capacity
        && let Err(why) = check(capacity)
    {
        return Ok(Outcome::rejected(why));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.capacity = capacity;
    restaurant.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.event(Event::CapacityChanged { restaurant_id });
    Ok(changes.yes())
}

fn check(capacity: &Capacity) -> Result<(), Rejection> {
    let bounds = 0..=i64::from(SLOT_CAPACITY);
    field::number("/orders", capacity.orders.unwrap_or(0).into(), bounds.clone())?;
    field::number("/dishes", capacity.dishes.unwrap_or(0).into(), bounds)?;
    field::amount("/money", capacity.money.unwrap_or(Money::ZERO))
}
