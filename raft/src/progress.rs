//! How far this replica has applied the log, for everybody who waits for it.

use crate::settings::WallClock;
use parking_lot::Mutex;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::AtomicU64;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// Below this many waiters nobody looks for those that have given up.
const WAITERS_BEFORE_SWEEP: usize = 1024;
/// A clock that is no further behind than this is waited for, in milliseconds.
const BEHIND_MS: i64 = 2_000;
/// How fast time goes on that is further ahead of the clock, in tenths of real time.
const CREEP_TENTHS: i64 = 9;

/// The applied index, those who wait for an index, and what has gathered since the last snapshot.
#[derive(Debug)]
pub(crate) struct Progress {
    applied: watch::Sender<u64>,
    waiters: Mutex<Waiters>,
    /// Entries and bytes applied since the last snapshot.
    pub(crate) entries_since_snapshot: AtomicU64,
    pub(crate) bytes_since_snapshot: AtomicU64,
}

/// A heap instead of everybody watching the index: a change wakes only those that it concerns.
#[derive(Debug, Default)]
struct Waiters {
    heap: BinaryHeap<Waiter>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Waiter {
    index: Reverse<u64>,
    done: oneshot::Sender<u64>,
}

impl Progress {
    pub(crate) fn new(applied: u64) -> Self {
        Self {
            applied: watch::Sender::new(applied),
            waiters: Mutex::default(),
            entries_since_snapshot: AtomicU64::new(0),
            bytes_since_snapshot: AtomicU64::new(0),
        }
    }

    pub(crate) fn applied(&self) -> u64 {
        *self.applied.borrow()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.applied.subscribe()
    }

    /// The state reflects everything up to `index`, and readers can see it.
    pub(crate) fn advance(&self, index: u64) {
        let mut waiters = self.waiters.lock();
        self.applied.send_replace(index);
        while waiters.heap.peek().is_some_and(|w| w.index.0 <= index) {
            let waiter = waiters.heap.pop().expect("just seen");
            let _ = waiter.done.send(index); // it may have given up
        }
    }

    /// Resolves with the applied index once that is `index` or more.
    pub(crate) fn reaches(&self, index: u64) -> oneshot::Receiver<u64> {
        let (done, receiver) = oneshot::channel();
        let mut waiters = self.waiters.lock(); // before looking, so that no advance is missed
        let applied = self.applied();
        if applied >= index {
            let _ = done.send(applied);
        } else {
            waiters.push(Waiter { index: Reverse(index), done });
        }
        receiver
    }
}

impl Waiters {
    fn push(&mut self, waiter: Waiter) {
        self.heap.push(waiter);
        if self.heap.len() > self.sweep_at.max(WAITERS_BEFORE_SWEEP) {
            self.heap.retain(|w| !w.done.is_closed());
            self.sweep_at = self.heap.len() * 2;
        }
    }
}

impl PartialEq for Waiter {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Waiter {}

impl PartialOrd for Waiter {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiter {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}

/// The city's time as the leader stamps it: the clock, but never earlier than what any entry that
/// this node knows of already carries. A leader with a slow clock cannot turn the city's time back.
///
/// Nor can it stop it: behind a leader whose clock was an hour ahead, everything that waits for its
/// time would wait an hour. Where the clock is far behind, time creeps on by itself, a little
/// slower than real time, until the clock has caught up.
#[derive(Debug)]
pub(crate) struct Clock {
    wall: WallClock,
    latest: Mutex<Latest>,
}

#[derive(Debug)]
struct Latest {
    /// The latest time that anybody has told, and since when it is known.
    at_ms: i64,
    since: Instant,
    /// That, or how far it has crept on.
    reached_ms: i64,
}

impl Latest {
    fn new(at_ms: i64) -> Self {
        Self { at_ms, since: Instant::now(), reached_ms: at_ms }
    }

    fn creep(&mut self) {
        let elapsed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let crept = self.at_ms.saturating_add(elapsed.saturating_mul(CREEP_TENTHS) / 10);
        self.reached_ms = self.reached_ms.max(crept);
    }
}

impl Clock {
    pub(crate) fn new(wall: WallClock, last_ms: i64) -> Self {
        Self { wall, latest: Mutex::new(Latest::new(last_ms)) }
    }

    /// An entry carried this time.
    pub(crate) fn observe(&self, at_ms: i64) {
        let mut latest = self.latest.lock();
        if at_ms > latest.reached_ms {
            *latest = Latest::new(at_ms);
        }
    }

    /// The time for a new entry, in milliseconds since 1970.
    pub(crate) fn stamp(&self) -> i64 {
        let now = self.now();
        self.observe(now);
        now
    }

    /// What a new entry would be stamped with. To look changes nothing: a clock that is wrong for a
    /// moment takes the city's time with it only if something is written at that moment.
    pub(crate) fn now(&self) -> i64 {
        let wall = self.wall.now_ms();
        let mut latest = self.latest.lock();
        if latest.reached_ms - wall > BEHIND_MS {
            latest.creep();
        }
        latest.reached_ms.max(wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn wakes_those_whom_it_concerns() {
        let progress = Progress::new(5);
        assert_eq!(progress.reaches(5).await, Ok(5));
        let (seven, mut nine) = (progress.reaches(7), progress.reaches(9));
        progress.advance(6);
        progress.advance(8);
        assert_eq!(seven.await, Ok(8));
        assert!(nine.try_recv().is_err());
        progress.advance(9);
        assert_eq!(nine.await, Ok(9));
        assert_eq!(progress.applied(), 9);
    }

    #[test]
    fn those_who_gave_up_are_forgotten() {
        let progress = Progress::new(0);
        for _ in 0..10 * WAITERS_BEFORE_SWEEP {
            drop(progress.reaches(1));
        }
        assert!(progress.waiters.lock().heap.len() <= WAITERS_BEFORE_SWEEP);
    }

    const HOUR_MS: i64 = 3_600_000;

    #[tokio::test(start_paused = true)]
    async fn time_never_moves_back() {
        let clock = Clock::new(WallClock::of(|| 7), 0);
        assert_eq!(clock.stamp(), 7);
        clock.observe(60_000);
        assert_eq!(clock.stamp(), 60_000);
        clock.observe(5);
        assert_eq!(clock.stamp(), 60_000);
    }

    #[tokio::test(start_paused = true)]
    async fn time_does_not_stand_still_behind_a_clock_that_was_ahead() {
        let began = Instant::now();
        let wall =
            WallClock::of(move || i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX));
        let clock = Clock::new(wall, 0);
        clock.observe(HOUR_MS);
        tokio::time::advance(Duration::from_secs(600)).await;
        assert_eq!(clock.stamp(), HOUR_MS + 540_000);
        // As often as it is asked: small steps are not rounded away.
        for _ in 0..1_000 {
            tokio::time::advance(Duration::from_millis(1)).await;
            clock.stamp();
        }
        assert_eq!(clock.stamp(), HOUR_MS + 540_900);
        // The clock catches up, and is what counts again.
        tokio::time::advance(Duration::from_secs(36_000)).await;
        let now = i64::try_from(began.elapsed().as_millis()).unwrap();
        assert_eq!(clock.stamp(), now);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_a_moment_behind_is_waited_for() {
        let clock = Clock::new(WallClock::of(|| 1_000), 0);
        clock.observe(2_500);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(clock.stamp(), 2_500);
    }
}
