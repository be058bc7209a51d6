//! What a plan is made from. The caller takes the facts from storage at one log index, and the
//! positions from the courier map.

use domain::courier::Vehicle;
use domain::ids::{CourierId, DeliveryId, OrderId};
use domain::position::Position;
use domain::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::collections::BTreeSet;

/// A city at one moment. The order of the lists does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The moment.
    pub now: Timestamp,
    /// Deliveries that are open or on offer. Those that somebody holds count in
    /// [`Courier::carrying`].
    pub jobs: Vec<Job>,
    /// Couriers who want work and may have it, with a known position.
    pub couriers: Vec<Courier>,
}

/// A delivery that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// When the food is ready, as far as anybody knows.
    pub ready_at: Timestamp,
    /// Which.
    pub delivery: DeliveryId,
    /// Its fence; an offer carries it, so that one planned on older facts is refused.
    pub fence: u32,
    /// What is carried.
    pub order: OrderId,
    /// The kitchen's door.
    pub pickup: Position,
    /// The customer's door.
    pub drop: Position,
    /// Who does not want it.
    pub declined_by: BTreeSet<CourierId>,
    /// Whether somebody is being asked.
    pub state: JobState,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Nobody is being asked.
    Open,
    /// One courier is being asked.
    Offered {
        /// Who.
        courier: CourierId,
    },
}

/// Somebody who could carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Courier {
    /// Who.
    pub id: CourierId,
    /// Where they can set off: their own position, or their last stop when they carry.
    pub position: Position,
    /// How old their own position is, in milliseconds.
    pub position_age_ms: i64,
    /// When they can set off; in the past when they are free.
    pub free_at: Timestamp,
    /// How many deliveries they hold.
    pub carrying: u32,
    /// How many they may hold.
    pub capacity: u32,
    /// What they ride.
    pub vehicle: Vehicle,
}

/// What is believed of the city, and what is wanted. Every city can set its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// An offer goes out so long before the latest useful moment: time for an answer, for a no, and
    /// for a kitchen that is early. Too early is better than too late: where kitchen times are
    /// uncertain, six minutes saved most of what uncertainty costs (measured on public instances).
    pub lead_ms: i64,
    /// A position that is older is nobody's.
    pub stale_after_ms: i64,
    /// How far away a courier may be, in metres, ring by ring, rising. A wider ring is looked at
    /// when nobody in the narrower ones comes in time.
    pub rings_m: [i64; 3],
    /// So long after the food is ready still counts as in time.
    pub patience_ms: i64,
    /// From the street to the counter.
    pub walk_in_ms: i64,
    /// At the counter.
    pub hand_over_ms: i64,
    /// From the street to the customer's door.
    pub door_in_ms: i64,
    /// Length of streets per length of a straight line, in thousandths.
    pub detour_permille: i64,
    /// Speeds in metres an hour.
    pub foot_m_per_h: i64,
    /// See [`foot_m_per_h`](Self::foot_m_per_h).
    pub bicycle_m_per_h: i64,
    /// See [`foot_m_per_h`](Self::foot_m_per_h).
    pub scooter_m_per_h: i64,
    /// See [`foot_m_per_h`](Self::foot_m_per_h).
    pub car_m_per_h: i64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            lead_ms: 6 * MINUTE_MS,
            stale_after_ms: 15 * SECOND_MS,
            rings_m: [2_000, 4_000, 7_000],
            patience_ms: 2 * MINUTE_MS,
            walk_in_ms: 2 * MINUTE_MS,
            hand_over_ms: 2 * MINUTE_MS,
            door_in_ms: 2 * MINUTE_MS,
            detour_permille: 1_400,
            foot_m_per_h: 5_000,
            bicycle_m_per_h: 15_000,
            scooter_m_per_h: 22_000,
            car_m_per_h: 20_000,
        }
    }
}

impl Weights {
    /// Milliseconds for so many metres in a straight line, rounded up. The caller needs it too, to
    /// say when somebody who carries can set off.
    pub fn travel_ms(&self, metres: i64, vehicle: Vehicle) -> i64 {
        let metres_per_hour = match vehicle {
            Vehicle::Foot => self.foot_m_per_h,
            Vehicle::Bicycle => self.bicycle_m_per_h,
            Vehicle::Scooter => self.scooter_m_per_h,
            Vehicle::Car => self.car_m_per_h,
        };
        let thousandths = i128::from(metres.max(0)) * i128::from(self.detour_permille.max(0));
        let metres_per_hour = i128::from(metres_per_hour.max(1));
        let ms = (thousandths * 3_600 + metres_per_hour - 1) / metres_per_hour;
        i64::try_from(ms).unwrap_or(i64::MAX)
    }

    /// The widest ring, in metres.
    pub(crate) fn reach_m(&self) -> i64 {
        self.rings_m.into_iter().max().unwrap_or(0)
    }
}
