//! Kitchens: where they are, when they are open, and whether they take orders now.

pub(crate) mod approve;
pub(crate) mod pause;
pub(crate) mod put;

pub use approve::ApproveRestaurant;
pub use pause::PauseRestaurant;
pub use put::PutRestaurant;

use crate::calendar::WeeklyHours;
use crate::ids::RestaurantId;
use crate::money::Money;
use crate::position::Position;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One kitchen at one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restaurant {
    /// Its name in the log.
    pub id: RestaurantId,
    /// What it says of itself.
    pub profile: Profile,
    /// Whether the platform lets it sell.
    pub approved: bool,
    /// No orders until then.
    pub paused_until: Option<Timestamp>,
    /// The menu's version; 0 while there is none.
    pub menu_version: u64,
    /// Dishes on it.
    pub dish_count: u32,
    /// Sum of all stars.
    pub rating_sum: u64,
    /// How many gave stars.
    pub rating_count: u64,
    /// Orders in a row that it did not answer: the third pauses it.
    pub unanswered: u32,
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
    /// When it cooks.
    pub hours: WeeklyHours,
    /// How far it delivers, in metres as the crow flies.
    pub delivery_radius_m: u32,
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

impl Restaurant {
    /// Whether orders can be placed at this moment, and if not, why.
    pub fn taking_orders(&self, at: Timestamp, time_zone: &str) -> Result<(), NotTaking> {
        if !self.approved {
            return Err(NotTaking::NotApproved);
        }
        if let Some(until) = self.paused_until.filter(|until| at < *until) {
            return Err(NotTaking::Paused { until });
        }
        let state = self.profile.hours.state_at(at, time_zone);
        if state.open { Ok(()) } else { Err(NotTaking::Closed { next_open: state.next_change }) }
    }
}

/// Why a restaurant takes no orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaking {
    /// The platform has not let it in yet.
    NotApproved,
    /// It asked for a break.
    Paused {
        /// Until when.
        until: Timestamp,
    },
    /// It is closed.
    Closed {
        /// When it opens again, if it ever does.
        next_open: Option<Timestamp>,
    },
}
