//! Orders take room in slots, and give it back.

use super::{Slot, SlotHold, slot_of};
use crate::city::City;
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::ids::RestaurantId;
use crate::limits::SLOT_MS;
use crate::money::Money;
use crate::order::place::Wanted;
use crate::order::schedule::{Plan, When};
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::pricing::Receipt;
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::time::{DAY_MS, Timestamp};
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// Room that an order takes, and the slot as it was before.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) held: SlotHold,
    before: Option<Slot>,
    restaurant_id: RestaurantId,
}

impl Taken {
    /// The slot with the order in it; a new one is forgotten a day after it is over.
    pub(crate) fn write(self, changes: &mut Changes) {
        let Self { held, before, restaurant_id } = self;
        let start = held.start;
        let slot = before.unwrap_or_else(|| {
            let due = Due::SlotGone(restaurant_id, start);
            let due_at = start.plus_ms(DAY_MS);
            changes.write(Write::Deadline(Deadline { due_at, due }));
            Slot { restaurant_id, start, orders: 0, dishes: 0, money: Money::ZERO, revision: 0 }
        });
        let revision = changes.stamp().index;
        changes.write(Write::Slot(Arc::new(slot.with(&held, revision))));
    }
}

/// How many slots are looked at for one that has room.
const LOOK_AHEAD: i64 = 96;
/// How many are named.
const NAMED: usize = 3;

/// Room in the slot that a customer has chosen, or in the one in which food for now is ready.
pub(crate) fn take(
    city: &impl View,
    founded: &City,
    restaurant: &Restaurant,
    wanted: &Wanted,
    plan: &Plan,
    receipt: &Receipt,
) -> Checked<Option<Taken>> {
    let start = match wanted.when {
        When::Asap if restaurant.capacity.is_none() => return Ok(Ok(None)),
        When::Asap => slot_of(plan.ready_at),
        When::Slot { start } => start,
    };
    let dishes = receipt.lines.iter().fold(0_u32, |sum, line| sum.saturating_add(line.quantity));
    let held = SlotHold { start, dishes, money: receipt.dishes };
    let before = city.slot(restaurant.id, start)?;
    let capacity = restaurant.capacity.unwrap_or_default();
    if !capacity.has_room(before.as_deref(), &held) {
        let next = next_free(city, founded, restaurant, wanted, &held)?;
        return Ok(Err(Rejection::SlotFull { next }));
    }
    let before = before.map(Arc::unwrap_or_clone);
    Ok(Ok(Some(Taken { held, before, restaurant_id: restaurant.id })))
}

/// The next slots that have room while the kitchen is open.
fn next_free(
    city: &impl View,
    founded: &City,
    restaurant: &Restaurant,
    wanted: &Wanted,
    held: &SlotHold,
) -> Result<Vec<Timestamp>, Unreadable> {
    let terms = crate::city::terms_of(city, founded)?;
    let capacity = restaurant.capacity.unwrap_or_default();
    let mut free = Vec::with_capacity(NAMED);
    for number in 1..=LOOK_AHEAD {
        let start = held.start.plus_ms(number * SLOT_MS);
        let holidays = terms.holidays.at(start);
        let zone = &founded.time_zone;
        if restaurant.taking_orders(start, wanted.fulfilment, zone, holidays).is_err() {
            continue;
        }
        let taken = city.slot(restaurant.id, start)?;
        if capacity.has_room(taken.as_deref(), held) {
            free.push(start);
            if free.len() == NAMED {
                break;
            }
        }
    }
    Ok(free)
}

/// A slot that is over need not be known any more.
pub(crate) fn slot_gone(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    restaurant_id: RestaurantId,
    start: Timestamp,
) -> Result<Outcome, Unreadable> {
    let ours = deadline.due_at == start.plus_ms(DAY_MS);
    if !ours || city.slot(restaurant_id, start)?.is_none() {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropSlot(restaurant_id, start));
    changes.write(Write::DropDeadline(deadline));
    Ok(changes.yes())
}
