//! The newest position of each courier, and who is nearest: exact at every moment.
//!
//! A tree cannot take 100,000 moves a second, so it does not: positions live in slots that are
//! cheap to write, and the tree is a *snapshot* of them, built anew about once a second by
//! [`Couriers::rebuild`]. Answers are exact all the same, because of two promises:
//!
//! - a courier that moved more than [`SNAPSHOT_DRIFT_M`] since the snapshot, or is not in it,
//!   stands
//!   in the snapshot's *strays*, and every query looks at all strays;
//! - so whoever is not a stray is within that drift of where the tree believes, and a query that
//!   walks the tree that much farther, and reads the slots, misses nobody.
//!
//! A query sees every ping whose [`Couriers::moved`] returned before the query began. The lock of a
//! slot orders a ping against the sweep of a rebuild: whichever comes second sees the other. A
//! bound
//! on how fast couriers are assumed to be would break on every GPS jump and every reconnect.

mod slots;
mod snapshot;

pub use slots::{MAX_COURIERS, OFFLINE_MS, Ping, Seen, Stamp, Taken};
pub use snapshot::SNAPSHOT_DRIFT_M;

use crate::{Area, GeoError, area::plane_distance};
use arc_swap::ArcSwap;
use domain::{ids::CourierId, position::Position, time::Timestamp};
use parking_lot::Mutex;
use slots::Slots;
use snapshot::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most couriers that one question for the nearest can return.
pub const MAX_NEAREST: usize = 1_000;

/// Single precision in the largest city box rounds twice by less than this, in metres.
const ROUNDING_M: f32 = 0.1;

/// A snapshot is due when more than one courier in so many has strayed from it.
const STRAYS_DUE: usize = 100;

/// What a rebuild did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many couriers are in the new tree.
    pub couriers: usize,
    /// How many had strayed from the old one.
    pub strays_before: usize,
}

/// Everybody's newest position.
#[derive(Debug)]
pub struct Couriers {
    area: Area,
    slots: Slots,
    /// What queries read.
    current: ArcSwap<Snapshot>,
    /// What pings must be told to: the current snapshot and, during a rebuild, the next.
    told: ArcSwap<Vec<Arc<Snapshot>>>,
    /// One rebuild at a time.
    building: Mutex<()>,
}

impl Couriers {
    /// Nobody yet, in this city.
    pub fn new(area: Area) -> Self {
        let empty = Arc::new(Snapshot::build(Vec::new()));
        Self {
            area,
            slots: Slots::new(),
            current: ArcSwap::new(Arc::clone(&empty)),
            told: ArcSwap::from_pointee(vec![empty]),
            building: Mutex::new(()),
        }
    }

    /// Takes a position, if it is newer than what is known of that courier. Repeats and latecomers
    /// change nothing, so a ping may come over several ways.
    ///
    /// # Errors
    /// [`GeoError::OutsideCity`], and [`GeoError::Full`] for the first ping of a courier too many.
    pub fn moved(&self, ping: &Ping) -> Result<Taken, GeoError> {
        if !self.area.contains(ping.position) {
            return Err(GeoError::OutsideCity);
        }
        let (cid, slot) = self.slots.slot_for(ping.courier)?;
        let mut slot = slot.lock();
        if !slot.is_older_than(ping) {
            return Ok(Taken::Stale);
        }
        slot.take(ping);
        // The slot stays locked until the snapshots know: see the module's text.
        let metres = self.area.metres(ping.position);
        for snapshot in self.told.load().iter() {
            snapshot.note(cid, metres);
        }
        Ok(Taken::Newest)
    }

    /// Drops what is known of where a courier is, as when a shift ends. A ping from before that
    /// arrives late is still told apart from a new one.
    pub fn forget(&self, courier: CourierId) {
        if let Some((_, slot)) = self.slots.find(courier) {
            // The tree may still point at the slot; it holds no position, so nobody finds it.
            slot.lock().clear();
        }
    }

    /// Where a courier is, with a distance of zero.
    pub fn get(&self, courier: CourierId, now: Timestamp) -> Option<Seen> {
        let (_, slot) = self.slots.find(courier)?;
        let slot = slot.lock();
        slot.seen(now, 0.0)
    }

    /// The `count` couriers nearest to a place that `counts` says yes to; at most [`MAX_NEAREST`].
    /// Nearest first, equal distances by id. `counts` decides who is free, online and fresh.
    pub fn nearest(
        &self,
        place: Position,
        count: usize,
        now: Timestamp,
        mut counts: impl FnMut(&Seen) -> bool,
    ) -> Vec<Seen> {
        let count = count.min(MAX_NEAREST);
        if count == 0 {
            return Vec::new();
        }
        let origin = self.area.metres(place);
        let snapshot = self.current.load_full();
        let strays = snapshot.strays();
        let mut best: BTreeSet<ByDistance> = BTreeSet::new();
        let mut offer = |best: &mut BTreeSet<ByDistance>, cid: u32| {
            let Some(seen) = self.live(cid, origin, now) else { return };
            let farther = best.len() >= count
                && best
                    .last()
                    .is_some_and(|last| ByDistance::key(&seen) > ByDistance::key(&last.0));
            if !farther && counts(&seen) {
                best.insert(ByDistance(seen));
                if best.len() > count {
                    best.pop_last();
                }
            }
        };
        for cid in &strays {
            offer(&mut best, *cid);
        }
        for (cid, believed_m) in snapshot.nearest(origin) {
            let enough = best.len() >= count
                && best.last().is_some_and(|last| {
                    f64::from(believed_m - SNAPSHOT_DRIFT_M - ROUNDING_M) > last.0.distance_m
                });
            if enough {
                break;
            }
            if !strays.contains(&cid) {
                offer(&mut best, cid);
            }
        }
        best.into_iter().map(|entry| entry.0).collect()
    }

    /// Every courier within so many metres of a place that `counts` says yes to, nearest first,
    /// equal distances by id.
    pub fn within(
        &self,
        place: Position,
        radius_m: f64,
        now: Timestamp,
        mut counts: impl FnMut(&Seen) -> bool,
    ) -> Vec<Seen> {
        // Not a number, or behind us: nobody is that near.
        if radius_m.is_nan() || radius_m < 0.0 {
            return Vec::new();
        }
        let origin = self.area.metres(place);
        let snapshot = self.current.load_full();
        let strays = snapshot.strays();
        let reach = radius_m as f32 + SNAPSHOT_DRIFT_M + ROUNDING_M;
        let near = snapshot.within(origin, reach).filter(|cid| !strays.contains(cid));
        let mut found: Vec<ByDistance> = strays
            .iter()
            .copied()
            .chain(near)
            .filter_map(|cid| self.live(cid, origin, now))
            .filter(|seen| seen.distance_m <= radius_m && counts(seen))
            .map(ByDistance)
            .collect();
        found.sort();
        found.into_iter().map(|entry| entry.0).collect()
    }

    /// Builds a new tree from the newest positions and puts it in the place of the old. Pings and
    /// questions go on meanwhile. To be called about once a second, by one background task.
    pub fn rebuild(&self) -> Rebuilt {
        let _one_at_a_time = self.building.lock();
        let old = self.current.load_full();
        let metres = self.slots.iter().map(|slot| {
            let position = slot.lock().position();
            position.map(|position| self.area.metres(position))
        });
        let next = Arc::new(Snapshot::build(metres.collect()));

        // From here on every ping is told to both.
        self.told.store(Arc::new(vec![Arc::clone(&old), Arc::clone(&next)]));
        // A ping between the copy and the line above was told to the old one only.
        for (cid, slot) in (0..).zip(self.slots.iter()) {
            let slot = slot.lock();
            if let Some(position) = slot.position() {
                next.note(cid, self.area.metres(position));
            }
        }
        let rebuilt = Rebuilt { couriers: next.len(), strays_before: old.strays_len() };
        self.current.store(Arc::clone(&next));
        self.told.store(Arc::new(vec![next]));
        rebuilt
    }

    /// Whether so many have strayed from the tree that questions become slow before the next
    /// regular [`rebuild`](Self::rebuild).
    pub fn rebuild_due(&self) -> bool {
        self.current.load().strays_len() * STRAYS_DUE > self.slots.len()
    }

    /// How many couriers were ever seen; never shrinks while the process lives.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no courier was ever seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn live(&self, cid: u32, origin: [f32; 2], now: Timestamp) -> Option<Seen> {
        let slot = self.slots.get(cid)?.lock();
        let position = slot.position()?;
        slot.seen(now, f64::from(plane_distance(origin, self.area.metres(position))))
    }
}

/// Orders what was seen by distance, then by id.
#[derive(Debug)]
struct ByDistance(Seen);

impl ByDistance {
    /// Distances are never negative and never NaN: their bits sort as they do.
    fn key(seen: &Seen) -> (u64, CourierId) {
        (seen.distance_m.to_bits(), seen.courier)
    }
}

impl PartialEq for ByDistance {
    fn eq(&self, other: &Self) -> bool {
        Self::key(&self.0) == Self::key(&other.0)
    }
}

impl Eq for ByDistance {}

impl PartialOrd for ByDistance {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByDistance {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        Self::key(&self.0).cmp(&Self::key(&other.0))
    }
}

#[cfg(test)]
mod tests;
