//! How far this replica has applied the log, for everybody who waits for it.

use crate::settings::WallClock;
use parking_lot::Mutex;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::{oneshot, watch};

/// Below this many waiters nobody looks for those that have given up.
const WAITERS_BEFORE_SWEEP: usize = 1024;

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
#[derive(Debug)]
pub(crate) struct Clock {
    wall: WallClock,
    last_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn new(wall: WallClock, last_ms: i64) -> Self {
        Self { wall, last_ms: AtomicI64::new(last_ms) }
    }

    /// An entry carried this time.
    pub(crate) fn observe(&self, at_ms: i64) {
        self.last_ms.fetch_max(at_ms, Ordering::Relaxed);
    }

    /// The time for a new entry, in milliseconds since 1970.
    pub(crate) fn stamp(&self) -> i64 {
        let now = self.wall.now_ms();
        self.last_ms.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn time_never_moves_back() {
        let clock = Clock::new(WallClock::default(), 0);
        let now = clock.stamp();
        clock.observe(now + 60_000);
        assert_eq!(clock.stamp(), now + 60_000);
        clock.observe(5);
        assert_eq!(clock.stamp(), now + 60_000);
    }
}
