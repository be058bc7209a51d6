//! Pieces of a restaurant's capacity: 15 minutes each, in orders, dishes and money.

pub(crate) mod capacity;
pub(crate) mod free;
pub(crate) mod hold;

pub use capacity::SetCapacity;
pub use free::{Sought, free_slots};

use crate::ids::RestaurantId;
use crate::limits::SLOT_MS;
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a kitchen manages in 15 minutes; what is absent has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Capacity {
    pub orders: Option<u32>,
    pub dishes: Option<u32>,
    /// Of dishes, before coupons and fees.
    pub money: Option<Money>,
}

/// What has been promised for one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Slot {
    pub restaurant_id: RestaurantId,
    /// A multiple of 15 minutes.
    pub start: Timestamp,
    pub orders: u32,
    pub dishes: u32,
    pub money: Money,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What one order takes of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SlotHold {
    pub start: Timestamp,
    pub dishes: u32,
    pub money: Money,
}

/// The slot in which a moment lies. Every zone on Earth is a whole number of slots off UTC.
pub fn slot_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(SLOT_MS) * SLOT_MS)
}

impl Capacity {
    /// Whether the slot, as far as it is taken, has room for one more order of this size.
    pub fn has_room(&self, taken: Option<&Slot>, wanted: &SlotHold) -> bool {
        let (orders, dishes, money) =
            taken.map_or((0, 0, Money::ZERO), |slot| (slot.orders, slot.dishes, slot.money));
        let fits = |bound: Option<u32>, taken: u32, more: u32| {
            bound.is_none_or(|bound| u64::from(taken) + u64::from(more) <= u64::from(bound))
        };
        // One that is larger than any slot takes an empty one: else nobody could ever order it.
        let alone = orders == 0 && self.orders != Some(0);
        alone
            || (fits(self.orders, orders, 1)
                && fits(self.dishes, dishes, wanted.dishes)
                && self.money.is_none_or(|bound| {
                    money.checked_add(wanted.money).is_some_and(|sum| sum <= bound)
                }))
    }
}

impl Slot {
    /// The slot with one more order in it.
    pub(crate) fn with(mut self, held: &SlotHold, revision: u64) -> Self {
        self.orders = self.orders.saturating_add(1);
        self.dishes = self.dishes.saturating_add(held.dishes);
        self.money = Money(self.money.0.saturating_add(held.money.0));
        self.revision = revision;
        self
    }

    /// The slot with this order taken out of it.
    pub(crate) fn without(mut self, held: &SlotHold, revision: u64) -> Self {
        self.orders = self.orders.saturating_sub(1);
        self.dishes = self.dishes.saturating_sub(held.dishes);
        self.money = Money(self.money.0.saturating_sub(held.money.0));
        self.revision = revision;
        self
    }
}
