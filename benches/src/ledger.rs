//! Every order that was acknowledged to a customer. At the end each must be found on each node.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// What a customer was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The order's id.
    pub order_id: String,
    /// Which of the generator's customers placed it.
    pub customer: usize,
    /// The log index of the entry that placed it, if the answer named one.
    pub index: Option<u64>,
}

/// The list, and when it grew.
#[derive(Debug)]
pub struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    orders: Vec<Acknowledged>,
    last: Option<Instant>,
    longest_gap: Duration,
    highest_index: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        let inner =
            Inner { orders: Vec::new(), last: None, longest_gap: Duration::ZERO, highest_index: 0 };
        Self { inner: Mutex::new(inner) }
    }
}

impl Ledger {
    /// An answer said yes.
    pub fn acknowledge(&self, order: Acknowledged) {
        self.acknowledge_at(order, Instant::now());
    }

    fn acknowledge_at(&self, order: Acknowledged, now: Instant) {
        let mut inner = self.inner.lock();
        if let Some(last) = inner.last {
            inner.longest_gap = inner.longest_gap.max(now.saturating_duration_since(last));
        }
        inner.last = Some(now);
        inner.highest_index = inner.highest_index.max(order.index.unwrap_or(0));
        inner.orders.push(order);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.inner.lock().orders.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The longest time between one acknowledged order and the next.
    pub fn longest_gap(&self) -> Duration {
        self.inner.lock().longest_gap
    }

    /// The log index that includes all of them.
    pub fn highest_index(&self) -> u64 {
        self.inner.lock().highest_index
    }

    /// All of them.
    pub fn orders(&self) -> Vec<Acknowledged> {
        self.inner.lock().orders.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_between_two_yeses() {
        let ledger = Ledger::default();
        let start = Instant::now();
        for (at_ms, index) in [(0, Some(7)), (100, None), (1_600, Some(9)), (1_700, Some(8))] {
            let order = Acknowledged { order_id: format!("ord_{at_ms}"), customer: 0, index };
            ledger.acknowledge_at(order, start + Duration::from_millis(at_ms));
        }
        assert_eq!(ledger.longest_gap(), Duration::from_millis(1_500));
        assert_eq!((ledger.len(), ledger.highest_index()), (4, 9));
    }
}
