//! A kitchen that cannot keep up takes a break, with an end.

use crate::account::StaffRole;
use crate::authority::works_at;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::RestaurantId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// No new orders until then; `None` opens again at once. Any staff, or an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PauseRestaurant {
    pub restaurant_id: RestaurantId,
    pub until: Option<Timestamp>,
}

pub(crate) fn pause_restaurant(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PauseRestaurant,
) -> Result<Outcome, Unreadable> {
    let PauseRestaurant { restaurant_id, until } = command;
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Kitchen)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if restaurant.paused_until == until {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    if until.is_some_and(|until| until <= stamp.at) {
        return Ok(Outcome::rejected(field::invalid("/until", "a moment that is yet to come")));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.paused_until = until;
    // Whoever opens by hand is there: the count of unanswered orders starts again.
    restaurant.unanswered = 0;
    restaurant.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.event(Event::RestaurantPaused { restaurant_id, until });
    Ok(changes.yes())
}
