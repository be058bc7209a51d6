//! Kitchens: where they are, when they are open, and whether they take orders now.

pub(crate) mod approve;
pub(crate) mod availability;
pub(crate) mod hours;
pub(crate) mod put;

pub use approve::ApproveRestaurant;
pub use availability::{Mode, SetAvailability};
pub use hours::{DropDatedHours, HoursCommand, PutDatedHours, SetHours};
pub use put::PutRestaurant;

use crate::area::Polygon;
use crate::calendar::{Calendar, DatedHours, LocalDate, Range, WeeklyHours};
use crate::ids::RestaurantId;
use crate::limits::LIMITED_ORDERS;
use crate::moderation::Ban;
use crate::money::Money;
use crate::notice::AlertPhone;
use crate::order::Fulfilment;
use crate::position::Position;
use crate::quality::{Measure, Step};
use crate::rating::Tally;
use crate::slot::Capacity;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One kitchen at one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restaurant {
    /// Its name in the log.
    pub id: RestaurantId,
    /// What it says of itself.
    pub profile: Profile,
    /// Whether the platform lets it sell.
    pub approved: bool,
    /// Whether it takes orders beyond what its calendar says.
    #[serde(default)]
    pub availability: Availability,
    /// What it manages in 15 minutes; without one it is never full.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// Closings and special days, by date.
    #[serde(default)]
    pub dated_hours: Vec<DatedHours>,
    /// The menu's version; 0 while there is none.
    pub menu_version: u64,
    /// Dishes on it.
    pub dish_count: u32,
    /// Sum of all stars.
    pub rating_sum: u64,
    /// How many gave stars.
    pub rating_count: u64,
    /// The parts that people gave stars to.
    #[serde(default)]
    pub tallies: RestaurantTallies,
    /// Orders in a row that it did not answer: the third pauses it.
    pub unanswered: u32,
    /// Where it is called about orders that it does not react to; its owners are if absent.
    #[serde(default)]
    pub alert_phone: Option<AlertPhone>,
    /// Why it may not sell, if so.
    #[serde(default)]
    pub ban: Option<Ban>,
    /// What was done about how well it works.
    #[serde(default)]
    pub measure: Option<Measure>,
    /// The entry that wrote this record last: its revision.
    pub revision: u64,
}

/// What a restaurant says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// As it stands over the door.
    pub name: String,
    /// Its door.
    pub position: Position,
    /// Street and number, as printed.
    pub address: String,
    /// What it cooks, lower case.
    pub cuisines: Vec<String>,
    /// When it cooks, for delivery.
    pub hours: WeeklyHours,
    /// When it cooks for those who come; as for delivery if absent.
    #[serde(default)]
    pub pickup_hours: Option<WeeklyHours>,
    /// What it does on the city's holidays; as on any day if absent, closed if empty.
    #[serde(default)]
    pub holiday_hours: Option<Vec<Range>>,
    /// So many minutes before it closes it takes no more orders.
    #[serde(default)]
    pub last_order_minutes: u16,
    /// How far it delivers, in metres as the crow flies.
    pub delivery_radius_m: u32,
    /// Where it delivers; everywhere within the radius if absent.
    #[serde(default)]
    pub delivery_area: Option<Polygon>,
    /// What the customer pays for the way.
    pub delivery_fee: Money,
    /// The smallest basket.
    pub minimum: Money,
    /// What it promises when it does not say.
    pub preparation_ms: i64,
    /// Orders are accepted the moment they are placed.
    pub auto_accept: bool,
    /// Made by a generator, not by a kitchen.
    pub sample: bool,
}

/// Whether a restaurant takes orders, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// What it says.
    pub mode: Mode,
    /// When it is plainly open again. Names the deadline `AvailabilityEnds`.
    pub until: Option<Timestamp>,
    /// Whether it delivers at the moment.
    pub delivery: bool,
    /// Whether people can come and pick up.
    pub pickup: bool,
}

impl Default for Availability {
    fn default() -> Self {
        Self { mode: Mode::Open, until: None, delivery: true, pickup: true }
    }
}

impl Availability {
    /// What it says at a moment: what has an end ends then, deadline or not.
    pub fn mode_at(&self, at: Timestamp) -> Mode {
        if self.until.is_some_and(|until| at >= until) { Mode::Open } else { self.mode }
    }
}

/// Stars for the parts of a restaurant's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RestaurantTallies {
    pub food: Tally,
    pub packaging: Tally,
    pub accuracy: Tally,
}

impl Restaurant {
    /// Whether the platform lets it sell: if not, nobody finds it.
    pub fn may_sell(&self) -> bool {
        let hidden = self.measure.as_ref().is_some_and(|measure| measure.step == Step::Hide);
        self.approved && self.ban.is_none() && !hidden
    }

    /// What it may take in 15 minutes: half of what it manages, while it is limited.
    pub fn capacity_at(&self, at: Timestamp) -> Option<Capacity> {
        let limited = self.measure.as_ref().is_some_and(|it| it.is_at_least(Step::Limit, at));
        if !limited {
            return self.capacity;
        }
        let Some(Capacity { orders, dishes, money }) = self.capacity else {
            return Some(Capacity { orders: Some(LIMITED_ORDERS), ..Capacity::default() });
        };
        let half = |bound: u32| bound.div_ceil(2);
        Some(Capacity {
            orders: Some(orders.map_or(LIMITED_ORDERS, half)),
            dishes: dishes.map(half),
            money: money.map(|bound| Money(bound.0 - bound.0 / 2)),
        })
    }

    /// Until when it takes no orders, by its own word or by the platform's.
    pub fn paused_until(&self, at: Timestamp) -> Option<Timestamp> {
        let own = match self.availability.mode_at(at) {
            Mode::Paused => self.availability.until,
            Mode::Open | Mode::Busy { .. } => None,
        };
        let held = self.measure.as_ref().filter(|it| it.is_at_least(Step::Pause, at));
        own.max(held.and_then(|measure| measure.until))
    }

    /// Whether a ban holds at this moment.
    pub fn is_banned_at(&self, at: Timestamp) -> bool {
        self.ban.as_ref().is_some_and(|ban| ban.holds_at(at))
    }

    /// What it needs for an order that it begins at this moment, in milliseconds.
    pub fn preparation_ms_at(&self, at: Timestamp) -> i64 {
        let extra_ms = match self.availability.mode_at(at) {
            Mode::Busy { extra_ms } => extra_ms,
            Mode::Open | Mode::Paused => 0,
        };
        self.profile.preparation_ms.saturating_add(extra_ms)
    }

    /// When it takes orders in one way. Holidays are the city's, its time zone an IANA name.
    pub fn calendar<'a>(
        &'a self,
        fulfilment: Fulfilment,
        time_zone: &str,
        holidays: &'a BTreeSet<LocalDate>,
    ) -> Calendar<'a> {
        let profile = &self.profile;
        let week = match fulfilment {
            Fulfilment::Delivery => &profile.hours,
            Fulfilment::Pickup => profile.pickup_hours.as_ref().unwrap_or(&profile.hours),
        };
        let holiday_hours = profile.holiday_hours.as_deref();
        let last_order = profile.last_order_minutes;
        Calendar::new(week, holiday_hours, &self.dated_hours, last_order, holidays, time_zone)
    }

    /// Whether orders can be placed for this moment, and if not, why.
    pub fn taking_orders(
        &self,
        at: Timestamp,
        fulfilment: Fulfilment,
        time_zone: &str,
        holidays: &BTreeSet<LocalDate>,
    ) -> Result<(), NotTaking> {
        let hidden = self.measure.as_ref().is_some_and(|it| it.is_at_least(Step::Hide, at));
        if !self.approved || self.is_banned_at(at) || hidden {
            return Err(NotTaking::NotApproved);
        }
        if let Some(until) = self.paused_until(at) {
            return Err(NotTaking::Paused { until });
        }
        let offered = match fulfilment {
            Fulfilment::Delivery => self.availability.delivery,
            Fulfilment::Pickup => self.availability.pickup,
        };
        if !offered {
            return Err(NotTaking::FulfilmentOff);
        }
        let state = self.calendar(fulfilment, time_zone, holidays).state_at(at);
        if state.open { Ok(()) } else { Err(NotTaking::Closed { next_open: state.next_open }) }
    }
}

/// Why a restaurant takes no orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaking {
    /// The platform has not let it in yet, or has put it out.
    NotApproved,
    /// It asked for a break, or was given one.
    Paused {
        /// Until when.
        until: Timestamp,
    },
    /// It does not deliver, or nobody can come, at the moment.
    FulfilmentOff,
    /// It is closed.
    Closed {
        /// When it opens again, if it ever does.
        next_open: Option<Timestamp>,
    },
}
