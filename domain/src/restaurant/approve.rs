//! The platform lets a restaurant in.

use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::RestaurantId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lets a restaurant sell. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ApproveRestaurant {
    pub restaurant_id: RestaurantId,
}

pub(crate) fn approve_restaurant(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ApproveRestaurant,
) -> Result<Outcome, Unreadable> {
    let ApproveRestaurant { restaurant_id } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if restaurant.approved {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.approved = true;
    restaurant.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.event(Event::RestaurantApproved { restaurant_id });
    Ok(changes.yes())
}
