//! Who carries. Where they are is soft state and stands nowhere here.

pub(crate) mod approve;
pub(crate) mod online;
pub(crate) mod sign_up;

pub use approve::ApproveCourier;
pub use online::SetCourierOnline;
pub use sign_up::SignUpCourier;

use crate::ids::{AccountId, CourierId, DeliveryId};
use crate::limits::{COURIER_CAPACITY, LIMITED_CARRIES};
use crate::moderation::Ban;
use crate::quality::{Measure, Step};
use crate::rating::Tally;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A courier's hard state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Courier {
    /// Derived from the account.
    pub id: CourierId,
    /// The person.
    pub account_id: AccountId,
    /// What they ride.
    pub vehicle: Vehicle,
    /// Whether the platform lets them carry.
    pub approved: bool,
    /// Whether they want work now.
    pub online: bool,
    /// What they hold, from yes to the end.
    pub carrying: BTreeSet<DeliveryId>,
    /// What they are being asked, one at a time.
    pub offered: Option<DeliveryId>,
    /// Sum of all stars.
    pub rating_sum: u64,
    /// How many gave stars.
    pub rating_count: u64,
    /// The parts that people gave stars to.
    #[serde(default)]
    pub tallies: CourierTallies,
    /// Why they may not carry, if so. Whoever is banned as a person has it there.
    #[serde(default)]
    pub ban: Option<Ban>,
    /// What was done about how well they work.
    #[serde(default)]
    pub measure: Option<Measure>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl Courier {
    /// Whether the platform lets them carry.
    pub fn may_carry(&self) -> bool {
        self.approved && self.ban.is_none() && !self.is_held_to(Step::Pause)
    }

    /// How many deliveries they may hold at a time.
    pub fn capacity(&self) -> u32 {
        if self.is_held_to(Step::Limit) { LIMITED_CARRIES } else { COURIER_CAPACITY }
    }

    /// Whether what was done about them goes so far.
    fn is_held_to(&self, step: Step) -> bool {
        self.measure.as_ref().is_some_and(|measure| measure.step >= step)
    }
}

/// Stars for the parts of a courier's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CourierTallies {
    pub care: Tally,
    pub manner: Tally,
    pub speed: Tally,
}

/// What a courier rides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Vehicle {
    Foot,
    Bicycle,
    Scooter,
    Car,
}
