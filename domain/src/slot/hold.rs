//! Orders take room in slots, and give it back.

use super::free::{Sought, free_slots, in_time};
use super::{Slot, SlotHold, slot_of};
use crate::city::{City, terms_of};
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::ids::RestaurantId;
use crate::limits::{SLOT_MS, SLOTS_LOOKED_AT};
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

/// How many free ones are named to somebody who came too late.
const NAMED: usize = 3;

/// Room in the slot that a customer has chosen, or in the one in which food for now is ready.
pub(crate) fn take(
    city: &impl View,
    founded: &City,
    restaurant: &Restaurant,
    wanted: &Wanted,
    plan: &Plan,
    receipt: &Receipt,
    now: Timestamp,
) -> Checked<Option<Taken>> {
    let way_ms = wanted.way_ms();
    let (start, in_time) = match wanted.when {
        When::Asap if restaurant.capacity_at(now).is_none() => return Ok(Ok(None)),
        When::Asap => (slot_of(plan.ready_at), true),
        When::Slot { start } => (start, in_time(restaurant, now, start, way_ms)),
    };
    let dishes = receipt.lines.iter().fold(0_u32, |sum, line| sum.saturating_add(line.quantity));
    let held = SlotHold { start, dishes, money: receipt.dishes };
    let before = city.slot(restaurant.id, start)?;
    let capacity = restaurant.capacity_at(now).unwrap_or_default();
    if !in_time || !capacity.has_room(before.as_deref(), &held) {
        let sought = Sought {
            fulfilment: wanted.fulfilment,
            way_ms,
            dishes,
            money: receipt.dishes,
            now,
            from: start.plus_ms(SLOT_MS),
            to: Timestamp(i64::MAX),
            at_most: NAMED,
            looks: SLOTS_LOOKED_AT,
        };
        let terms = terms_of(city, founded)?;
        let next = free_slots(city, founded, &terms, restaurant, &sought)?;
        return Ok(Err(Rejection::SlotFull { next }));
    }
    let before = before.map(Arc::unwrap_or_clone);
    Ok(Ok(Some(Taken { held, before, restaurant_id: restaurant.id })))
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
