//! A kitchen that cannot keep up says so, with an end.

use super::Availability;
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::RestaurantId;
use crate::limits::{BUSY_MS, UNTIL_MS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a kitchen says of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It takes orders when its calendar says so.
    Open,
    /// It takes them, and needs so much longer for each.
    Busy {
        /// Longer than the preparation rule says.
        extra_ms: i64,
    },
    /// It takes none.
    Paused,
}

/// Says whether a restaurant takes orders. Any staff, or an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetAvailability {
    pub restaurant_id: RestaurantId,
    pub mode: Mode,
    /// Until when, for `Busy` and `Paused`; the end of the local day if absent.
    pub until: Option<Timestamp>,
    pub delivery: bool,
    pub pickup: bool,
}

pub(crate) fn set_availability(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetAvailability,
) -> Result<Outcome, Unreadable> {
    let SetAvailability { restaurant_id, mode, until, delivery, pickup } = command;
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Kitchen)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let until = match mode {
        Mode::Open => None,
        Mode::Busy { .. } | Mode::Paused => {
            // Without an end a break lasts until the day is over, and not until somebody remembers.
            let midnight = || crate::calendar::next_local_minute(stamp.at, 0, &founded.time_zone);
            Some(until.unwrap_or_else(midnight))
        }
    };
    let wanted = Availability { mode, until, delivery, pickup };
    if restaurant.availability == wanted {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    if let Err(why) = check(stamp.at, &wanted) {
        return Ok(Outcome::rejected(why));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    // Whoever says so by hand is there: the count of unanswered orders starts again.
    restaurant.unanswered = 0;
    let mut changes = Changes::new(stamp);
    make_available(&mut changes, restaurant, wanted);
    Ok(changes.yes())
}

fn check(now: Timestamp, wanted: &Availability) -> Result<(), Rejection> {
    if let Some(until) = wanted.until
        && !(1..=UNTIL_MS).contains(&until.ms_since(now))
    {
        return Err(field::invalid("/until", "a moment that is yet to come, within 31 days"));
    }
    if let Mode::Busy { extra_ms } = wanted.mode {
        field::number("/extra_minutes", extra_ms, BUSY_MS)?;
    }
    Ok(())
}

/// Writes a restaurant with another availability, and moves the deadline of its end along.
pub(crate) fn make_available(
    changes: &mut Changes,
    mut restaurant: super::Restaurant,
    wanted: Availability,
) {
    let restaurant_id = restaurant.id;
    let due = Due::AvailabilityEnds(restaurant_id);
    if let Some(due_at) = restaurant.availability.until {
        changes.write(Write::DropDeadline(Deadline { due_at, due }));
    }
    if let Some(due_at) = wanted.until {
        changes.write(Write::Deadline(Deadline { due_at, due }));
    }
    restaurant.availability = wanted;
    restaurant.revision = changes.stamp().index;
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    let Availability { mode, until, .. } = wanted;
    changes.event(Event::AvailabilityChanged { restaurant_id, mode, until });
}

/// The break is over, or the rush is.
pub(crate) fn availability_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    restaurant_id: RestaurantId,
) -> Result<Outcome, Unreadable> {
    let found = city.restaurant(restaurant_id)?;
    let found = found.filter(|found| found.availability.until == Some(deadline.due_at));
    let Some(restaurant) = found else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let restaurant = Arc::unwrap_or_clone(restaurant);
    let Availability { delivery, pickup, .. } = restaurant.availability;
    let mut changes = Changes::new(stamp);
    let open = Availability { mode: Mode::Open, until: None, delivery, pickup };
    make_available(&mut changes, restaurant, open);
    Ok(changes.yes())
}
