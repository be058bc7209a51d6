//! When a kitchen cooks: by the week, and by the date.

use super::{Profile, Restaurant};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::calendar::{DatedHours, LocalDate, Range, WeeklyHours};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{ClosingId, RestaurantId};
use crate::limits::{
    DATED_DAYS, DATED_HOURS, DATED_KEPT_DAYS, LAST_ORDER_MINUTES, NAME_LETTERS, RANGES_PER_DAY,
};
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Replaces the weekly hours. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetHours {
    pub restaurant_id: RestaurantId,
    pub hours: WeeklyHours,
    pub pickup_hours: Option<WeeklyHours>,
    pub holiday_hours: Option<Vec<Range>>,
    pub last_order_minutes: u16,
}

/// Keeps a closing or a special day; the same id again replaces it. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutDatedHours {
    pub restaurant_id: RestaurantId,
    pub dated: DatedHours,
}

/// Forgets one. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropDatedHours {
    pub restaurant_id: RestaurantId,
    pub closing_id: ClosingId,
}

/// A change of a kitchen's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum HoursCommand {
    Set(Box<SetHours>),
    PutDated(PutDatedHours),
    DropDated(DropDatedHours),
}

impl HoursCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Set(_) => "set_hours",
            Self::PutDated(_) => "put_dated_hours",
            Self::DropDated(_) => "drop_dated_hours",
        }
    }

    /// Whose kitchen.
    pub fn restaurant_id(&self) -> RestaurantId {
        match self {
            Self::Set(c) => c.restaurant_id,
            Self::PutDated(c) => c.restaurant_id,
            Self::DropDated(c) => c.restaurant_id,
        }
    }
}

pub(crate) fn apply_hours(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: HoursCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        HoursCommand::Set(wish) => set_hours(city, stamp, actor, *wish),
        HoursCommand::PutDated(wish) => put_dated_hours(city, stamp, actor, wish),
        HoursCommand::DropDated(wish) => drop_dated_hours(city, stamp, actor, wish),
    }
}

fn set_hours(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetHours,
) -> Result<Outcome, Unreadable> {
    let restaurant = match managed(city, actor, command.restaurant_id)? {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let SetHours { hours, pickup_hours, holiday_hours, last_order_minutes, .. } = command;
    let mut profile = restaurant.profile.clone();
    profile.hours = hours;
    profile.pickup_hours = pickup_hours;
    profile.holiday_hours = holiday_hours;
    profile.last_order_minutes = last_order_minutes;
    if restaurant.profile == profile {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    if let Err(why) = check_hours(&profile) {
        return Ok(Outcome::rejected(why));
    }
    Ok(changed(stamp, Restaurant { profile, ..Arc::unwrap_or_clone(restaurant) }))
}

fn put_dated_hours(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutDatedHours,
) -> Result<Outcome, Unreadable> {
    let PutDatedHours { restaurant_id, dated } = command;
    let restaurant = match managed(city, actor, restaurant_id)? {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if restaurant.dated_hours.contains(&dated) {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let today = LocalDate::of(stamp.at, &founded.time_zone);
    if let Err(why) = check_dated(&dated, today) {
        return Ok(Outcome::rejected(why));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    let kept = &mut restaurant.dated_hours;
    kept.retain(|other| other.id != dated.id && !long_past(other, today));
    if kept.len() >= DATED_HOURS {
        let rule = format!("at most {DATED_HOURS} closings and special days");
        return Ok(Outcome::rejected(field::invalid("/from", rule)));
    }
    kept.push(dated);
    kept.sort_unstable_by_key(|dated| (dated.from, dated.id));
    Ok(changed(stamp, restaurant))
}

fn drop_dated_hours(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DropDatedHours,
) -> Result<Outcome, Unreadable> {
    let DropDatedHours { restaurant_id, closing_id } = command;
    let restaurant = match managed(city, actor, restaurant_id)? {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    // Said twice it is still gone.
    if restaurant.dated_hours.iter().all(|dated| dated.id != closing_id) {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.dated_hours.retain(|dated| dated.id != closing_id);
    Ok(changed(stamp, restaurant))
}

/// The restaurant, if the actor may say when it is open.
pub(crate) fn managed(
    city: &impl View,
    actor: &Actor,
    restaurant_id: RestaurantId,
) -> Checked<Arc<Restaurant>> {
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Err(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Err(Rejection::Forbidden));
    }
    Ok(Ok(restaurant))
}

fn changed(stamp: &Stamp, mut restaurant: Restaurant) -> Outcome {
    restaurant.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.event(Event::HoursChanged { restaurant_id: restaurant.id });
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.yes()
}

/// The hours of a profile are hours.
pub(super) fn check_hours(profile: &Profile) -> Result<(), Rejection> {
    check_week("/hours", &profile.hours)?;
    if let Some(hours) = &profile.pickup_hours {
        check_week("/pickup_hours", hours)?;
    }
    if let Some(ranges) = &profile.holiday_hours {
        check_ranges("/holiday_hours", ranges)?;
    }
    let minutes = i64::from(profile.last_order_minutes);
    field::number("/last_order_minutes", minutes, 0..=LAST_ORDER_MINUTES.into())
}

fn check_week(pointer: &str, week: &WeeklyHours) -> Result<(), Rejection> {
    for (day, ranges) in week.0.iter().enumerate() {
        check_ranges(&format!("{pointer}/{day}"), ranges)?;
    }
    Ok(())
}

fn check_ranges(pointer: &str, ranges: &[Range]) -> Result<(), Rejection> {
    field::length(pointer, ranges.len(), 0..=RANGES_PER_DAY)?;
    for (place, range) in ranges.iter().enumerate() {
        field::number(&format!("{pointer}/{place}/from"), range.from.into(), 0..=1439)?;
        field::number(&format!("{pointer}/{place}/to"), range.to.into(), 0..=1440)?;
    }
    Ok(())
}

fn check_dated(dated: &DatedHours, today: Option<LocalDate>) -> Result<(), Rejection> {
    if !(0..DATED_DAYS).contains(&dated.to.days_since(dated.from)) {
        let rule = format!("from the first day on, at most {DATED_DAYS} days in all");
        return Err(field::invalid("/to", rule));
    }
    if today.is_some_and(|today| dated.to < today) {
        return Err(field::invalid("/to", "a day that is not over"));
    }
    check_ranges("/ranges", &dated.ranges)?;
    match &dated.reason {
        Some(reason) => field::letters("/reason", reason, 1..=NAME_LETTERS),
        None => Ok(()),
    }
}

/// Days that nobody asks about any more.
fn long_past(dated: &DatedHours, today: Option<LocalDate>) -> bool {
    today.is_some_and(|today| today.days_since(dated.to) > DATED_KEPT_DAYS)
}
