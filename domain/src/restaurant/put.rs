//! A restaurant says who it is, or says it anew.

use super::hours::check_hours;
use super::{Availability, Profile, Restaurant, RestaurantTallies};
use crate::account::{OperatorRole, StaffRole};
use crate::authority::{is_operator, person, works_at};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::RestaurantId;
use crate::limits::{
    CUISINES, DELIVERY_RADIUS_M, NAME_LETTERS, READY_LATEST_MS, READY_SOONEST_MS, STAFF_OF,
};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Creates or replaces the profile. A new one by a person waits for approval and makes them its
/// owner; an operator's is approved at once. Staff must be managers to change it. What it does not
/// say of pickup, holidays and last orders stays as it is: `SetHours` takes that away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutRestaurant {
    pub restaurant_id: RestaurantId,
    pub profile: Profile,
}

pub(crate) fn put_restaurant(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutRestaurant,
) -> Result<Outcome, Unreadable> {
    let PutRestaurant { restaurant_id, profile } = command;
    let Some(account_id) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    let found = city.restaurant(restaurant_id)?;
    if found.is_some() && !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = check(&profile) {
        return Ok(Outcome::rejected(why));
    }
    let mut changes = Changes::new(stamp);
    changes.event(Event::RestaurantPut { restaurant_id });
    if let Some(restaurant) = found {
        let profile = with_hours_of(profile, &restaurant.profile);
        if restaurant.profile == profile {
            return Ok(Outcome::unchanged(restaurant.revision));
        }
        let mut restaurant = Arc::unwrap_or_clone(restaurant);
        restaurant.profile = profile;
        restaurant.revision = stamp.index;
        changes.write(Write::Restaurant(Arc::new(restaurant)));
        return Ok(changes.yes());
    }
    let approved = is_operator(city, actor, OperatorRole::Operator)?;
    if approved {
        changes.event(Event::RestaurantApproved { restaurant_id });
    } else {
        let Some(account) = city.account(account_id)? else {
            return Ok(Outcome::rejected(Rejection::AccountUnknown));
        };
        if account.staff.len() >= STAFF_OF {
            return Ok(Outcome::rejected(Rejection::Forbidden));
        }
        let mut account = Arc::unwrap_or_clone(account);
        account.staff.insert(restaurant_id, StaffRole::Owner);
        account.revision = stamp.index;
        changes.write(Write::Account(Arc::new(account)));
        changes.event(Event::StaffGranted { restaurant_id, account_id });
    }
    changes.write(Write::Restaurant(Arc::new(Restaurant {
        id: restaurant_id,
        profile,
        approved,
        availability: Availability::default(),
        capacity: None,
        dated_hours: Vec::new(),
        menu_version: 0,
        dish_count: 0,
        rating_sum: 0,
        rating_count: 0,
        tallies: RestaurantTallies::default(),
        unanswered: 0,
        ban: None,
        measure: None,
        alert_phone: None,
        revision: stamp.index,
    })));
    Ok(changes.yes())
}

/// A profile with the hours that it does not name: forms and imports that know only the week must
/// not wipe out what a manager has said of holidays.
fn with_hours_of(mut profile: Profile, before: &Profile) -> Profile {
    profile.pickup_hours = profile.pickup_hours.or_else(|| before.pickup_hours.clone());
    profile.holiday_hours = profile.holiday_hours.or_else(|| before.holiday_hours.clone());
    if profile.last_order_minutes == 0 {
        profile.last_order_minutes = before.last_order_minutes;
    }
    profile
}

fn check(profile: &Profile) -> Result<(), Rejection> {
    field::letters("/name", &profile.name, 1..=NAME_LETTERS)?;
    field::position("/position", profile.position)?;
    field::letters("/address", &profile.address, 0..=NAME_LETTERS)?;
    field::length("/cuisines", profile.cuisines.len(), 0..=CUISINES)?;
    for (place, cuisine) in profile.cuisines.iter().enumerate() {
        field::letters(&format!("/cuisines/{place}"), cuisine, 1..=NAME_LETTERS)?;
    }
    check_hours(profile)?;
    if let Some(area) = &profile.delivery_area {
        area.check("/delivery_area")?;
    }
    let radius = i64::from(profile.delivery_radius_m);
    field::number("/delivery_radius_m", radius, 0..=DELIVERY_RADIUS_M.into())?;
    field::amount("/delivery_fee", profile.delivery_fee)?;
    field::amount("/minimum", profile.minimum)?;
    let bounds = READY_SOONEST_MS..=READY_LATEST_MS;
    field::number("/preparation_ms", profile.preparation_ms, bounds)
}
