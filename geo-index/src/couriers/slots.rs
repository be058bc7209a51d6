//! One slot for each courier: the newest that is known. Slots are never moved, removed or reused.

use crate::GeoError;
use domain::{ids::CourierId, position::Position, time::Timestamp};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many couriers can be seen while a process lives.
pub const MAX_COURIERS: usize = CHUNKS * CHUNK;

/// Silence after which a courier is offline. Two pings farther apart than this are told apart by
/// their time and no more by their stamps, which wrap around.
pub const OFFLINE_MS: i64 = 10 * domain::time::MINUTE_MS;

const CHUNK: usize = 1 << 10;
const CHUNKS: usize = 1 << 8;

type Chunk = Box<[Mutex<Slot>]>;

/// Which of two pings of one courier is the newer. A connection counts its pings; a courier counts
/// its connections, and a higher connection takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The courier's connection, counted by the app. Wraps around.
    pub conn: u16,
    /// The ping within the connection. Wraps around.
    pub seq: u16,
}

impl Stamp {
    /// A stamp for a position that came without one, as in a plain HTTP request: made from the time
    /// at which it was taken, in steps of 20 ms. Within [`OFFLINE_MS`] these never wrap wrongly.
    pub fn of_time(conn: u16, taken_at: Timestamp) -> Self {
        // Cut to 16 bits on purpose: that is what wrapping around means.
        Self { conn, seq: taken_at.0.div_euclid(20) as u16 }
    }

    /// In serial numbers, half of the range lies ahead of each number.
    fn is_after(self, other: Self) -> bool {
        let ahead = |a: u16, b: u16| a != b && a.wrapping_sub(b) < 1 << 15;
        ahead(self.conn, other.conn) || (self.conn == other.conn && ahead(self.seq, other.seq))
    }
}

/// A position as it comes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ping {
    /// Whose.
    pub courier: CourierId,
    /// Which of two pings is the newer.
    pub stamp: Stamp,
    /// When the city received it: its age counts from here.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
    /// Metres a second, if the device knows.
    pub speed_mps: Option<f32>,
    /// Degrees clockwise from north, if the device knows.
    pub heading_deg: Option<u16>,
}

/// What became of a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the newest position of its courier now.
    Newest,
    /// As new or newer is known already; nothing changed.
    Stale,
}

/// A courier as a query sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Who.
    pub courier: CourierId,
    /// Where.
    pub position: Position,
    /// When the city received that.
    pub at: Timestamp,
    /// Milliseconds since then; never negative.
    pub age_ms: i64,
    /// Metres a second, if the device knows.
    pub speed_mps: Option<f32>,
    /// Degrees clockwise from north, if the device knows.
    pub heading_deg: Option<u16>,
    /// Metres from the place that was asked about.
    pub distance_m: f64,
}

/// The newest ping of one courier.
#[derive(Debug, Default)]
pub(super) struct Slot {
    ping: Option<Ping>,
    /// Off shift: the place is forgotten, the stamp is not.
    cleared: bool,
}

impl Slot {
    pub(super) fn is_older_than(&self, ping: &Ping) -> bool {
        let Some(known) = &self.ping else { return true };
        let later_ms = ping.at.ms_since(known.at);
        if later_ms.saturating_abs() > OFFLINE_MS {
            return later_ms > 0;
        }
        ping.stamp.is_after(known.stamp)
    }

    pub(super) fn take(&mut self, ping: &Ping) {
        *self = Self { ping: Some(*ping), cleared: false };
    }

    pub(super) fn clear(&mut self) {
        self.cleared = true;
        if let Some(ping) = &mut self.ping {
            // The place itself must not stay in memory; only the stamp and its time do.
            ping.position = Position { lat_e7: 0, lng_e7: 0 };
        }
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.ping.filter(|_| !self.cleared).map(|ping| ping.position)
    }

    pub(super) fn seen(&self, now: Timestamp, distance_m: f64) -> Option<Seen> {
        let ping = self.ping.filter(|_| !self.cleared)?;
        Some(Seen {
            courier: ping.courier,
            position: ping.position,
            at: ping.at,
            age_ms: now.ms_since(ping.at).max(0),
            speed_mps: ping.speed_mps,
            heading_deg: ping.heading_deg,
            distance_m,
        })
    }
}

/// All slots, by number, and the number of each courier. Reading a slot takes no lock but its own:
/// slots stand in chunks that are made once and stay.
#[derive(Debug)]
pub(super) struct Slots {
    numbers: RwLock<HashMap<CourierId, u32>>,
    chunks: Box<[OnceLock<Chunk>]>,
    len: AtomicUsize,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self {
            numbers: RwLock::default(),
            chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(),
            len: AtomicUsize::new(0),
        }
    }

    /// The slot of a courier that was seen before.
    pub(super) fn find(&self, courier: CourierId) -> Option<(u32, &Mutex<Slot>)> {
        let cid = self.numbers.read().get(&courier).copied()?;
        Some((cid, self.get(cid)?))
    }

    /// The slot of a courier, a new one if need be.
    pub(super) fn slot_for(&self, courier: CourierId) -> Result<(u32, &Mutex<Slot>), GeoError> {
        if let Some(found) = self.find(courier) {
            return Ok(found);
        }
        let mut numbers = self.numbers.write();
        let next = numbers.len();
        if next >= MAX_COURIERS && !numbers.contains_key(&courier) {
            return Err(GeoError::Full { limit: MAX_COURIERS });
        }
        let cid = *numbers.entry(courier).or_insert(next as u32);
        let chunk = self.chunks[cid as usize / CHUNK]
            .get_or_init(|| (0..CHUNK).map(|_| Mutex::default()).collect());
        self.len.store(numbers.len(), Ordering::Release);
        Ok((cid, &chunk[cid as usize % CHUNK]))
    }

    pub(super) fn get(&self, cid: u32) -> Option<&Mutex<Slot>> {
        self.chunks.get(cid as usize / CHUNK)?.get()?.get(cid as usize % CHUNK)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Mutex<Slot>> {
        (0..self.len()).map_while(|cid| self.get(cid as u32))
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_wrap_around() {
        let stamp = |conn, seq| Stamp { conn, seq };
        for (older, newer) in [
            (stamp(1, 1), stamp(1, 2)),
            (stamp(1, 65_535), stamp(1, 0)),
            (stamp(1, 65_535), stamp(2, 0)),
            (stamp(65_535, 9), stamp(0, 3)),
            (stamp(1, 0), stamp(1, 32_767)),
        ] {
            assert!(newer.is_after(older), "{newer:?} comes after {older:?}");
            assert!(!older.is_after(newer), "{older:?} comes before {newer:?}");
            assert!(!newer.is_after(newer));
        }
    }

    #[test]
    fn stamps_of_time_follow_the_clock_for_as_long_as_they_are_asked() {
        // Around a place where 16 bits wrap.
        let wrap = Timestamp(20 * 65_536 * 1_000);
        for start in [wrap, wrap.plus_ms(-OFFLINE_MS), wrap.plus_ms(-60_000), Timestamp(-1)] {
            for later_ms in [20, 1_000, OFFLINE_MS] {
                let (a, b) = (Stamp::of_time(7, start), Stamp::of_time(7, start.plus_ms(later_ms)));
                assert!(b.is_after(a) && !a.is_after(b), "{start:?} + {later_ms} ms");
            }
        }
    }
}
