//! Which slots can still be ordered for: one answer for the list that customers choose from, and
//! for the order that came too late.

use super::{SlotHold, slot_of};
use crate::city::{City, CityTerms};
use crate::limits::{SCHEDULED_MS, SLOT_MS};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::restaurant::{NotTaking, Restaurant};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};

/// What slots are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    /// Brought, or picked up.
    pub fulfilment: Fulfilment,
    /// How long the way takes, in milliseconds; 0 for pickup.
    pub way_ms: i64,
    /// What the order takes of a slot.
    pub dishes: u32,
    /// What it costs, before coupons and fees.
    pub money: Money,
    /// The moment of asking.
    pub now: Timestamp,
    /// Slots that start then or later ..
    pub from: Timestamp,
    /// .. and before this.
    pub to: Timestamp,
    /// No more than so many.
    pub at_most: usize,
    /// Open ones are looked at no more often than this.
    pub looks: usize,
}

/// Starts of the slots in which the kitchen is open, for which it has the time, and that have room.
///
/// # Errors
/// If the city cannot be read.
pub fn free_slots(
    city: &impl View,
    founded: &City,
    terms: &CityTerms,
    restaurant: &Restaurant,
    sought: &Sought,
) -> Result<Vec<Timestamp>, Unreadable> {
    let Sought { fulfilment, now, way_ms, .. } = *sought;
    let capacity = restaurant.capacity_at(now).unwrap_or_default();
    let mut start = at_or_after(sought.from.max(now.plus_ms(*SCHEDULED_MS.start())));
    let end = sought.to.min(now.plus_ms(*SCHEDULED_MS.end() + 1));
    let mut free = Vec::new();
    let mut looks = 0;
    while start < end && free.len() < sought.at_most && looks < sought.looks {
        let holidays = terms.holidays.at(start);
        let opens = match restaurant.taking_orders(start, fulfilment, &founded.time_zone, holidays)
        {
            Ok(()) => start,
            Err(
                NotTaking::Closed { next_open: Some(opens) } | NotTaking::Paused { until: opens },
            ) => opens,
            Err(
                NotTaking::Closed { next_open: None }
                | NotTaking::NotApproved
                | NotTaking::FulfilmentOff,
            ) => break,
        };
        if opens > start {
            start = at_or_after(opens);
            continue;
        }
        looks += 1;
        let held = SlotHold { start, dishes: sought.dishes, money: sought.money };
        if in_time(restaurant, now, start, way_ms)
            && capacity.has_room(city.slot(restaurant.id, start)?.as_deref(), &held)
        {
            free.push(start);
        }
        start = start.plus_ms(SLOT_MS);
    }
    Ok(free)
}

/// Whether a kitchen that begins now has the food ready, and there, when the slot starts. This is
/// the only lead time that there is: it is counted once, from now.
pub(crate) fn in_time(
    restaurant: &Restaurant,
    now: Timestamp,
    start: Timestamp,
    way_ms: i64,
) -> bool {
    start.ms_since(now) >= restaurant.preparation_ms_at(start).saturating_add(way_ms)
}

/// The first slot that starts then or later.
fn at_or_after(at: Timestamp) -> Timestamp {
    slot_of(at.plus_ms(SLOT_MS - 1))
}
