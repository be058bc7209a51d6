//! How many proposals may be under way on this node at once.

use crate::error::Refusal;
use crate::settings::Limits;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;

/// Counts what is under way; refuses what is too much, and everything once it is closed.
#[derive(Debug)]
pub(crate) struct Gate {
    most_proposals: usize,
    most_bytes: usize,
    inside: Mutex<Inside>,
    /// Proposals under way, for those who wait until the last one is out.
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inside {
    proposals: usize,
    bytes: usize,
    closed: bool,
    disk_full: bool,
}

/// A place inside; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    gate: Arc<Gate>,
    proposals: usize,
    bytes: usize,
}

impl Gate {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            most_proposals: limits.proposals_in_flight,
            most_bytes: limits.bytes_in_flight,
            inside: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    pub(crate) fn enter(
        self: &Arc<Self>,
        proposals: usize,
        bytes: usize,
    ) -> Result<Place, Refusal> {
        let mut inside = self.inside.lock();
        if inside.closed {
            return Err(Refusal::Stopped);
        }
        let full = inside.disk_full
            || inside.proposals + proposals > self.most_proposals
            || inside.bytes + bytes > self.most_bytes;
        if full {
            return Err(Refusal::Overloaded);
        }
        inside.proposals += proposals;
        inside.bytes += bytes;
        self.count.send_replace(inside.proposals);
        Ok(Place { gate: self.clone(), proposals, bytes })
    }

    pub(crate) fn close(&self) {
        self.inside.lock().closed = true;
    }

    /// Nothing enters until the disk has room again; what is inside goes on.
    pub(crate) fn set_disk_full(&self, full: bool) {
        self.inside.lock().disk_full = full;
    }

    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Resolves when nobody is inside.
    pub(crate) async fn empty(&self) {
        let mut count = self.count.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = count.wait_for(|count| *count == 0).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock();
        inside.proposals -= self.proposals;
        inside.bytes -= self.bytes;
        self.gate.count.send_replace(inside.proposals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn refuses_what_is_too_much_and_lets_in_again() {
        let limits = Limits { proposals_in_flight: 2, bytes_in_flight: 100, ..Limits::default() };
        let gate = Arc::new(Gate::new(&limits));
        let first = gate.enter(1, 60).unwrap();
        assert_eq!(gate.enter(1, 60).unwrap_err(), Refusal::Overloaded, "bytes");
        let second = gate.enter(1, 10).unwrap();
        assert_eq!(gate.enter(1, 10).unwrap_err(), Refusal::Overloaded, "proposals");
        drop(first);
        let third = gate.enter(1, 60).unwrap();
        assert_eq!(gate.count(), 2);
        drop(third);
        gate.set_disk_full(true);
        assert_eq!(gate.enter(1, 1).unwrap_err(), Refusal::Overloaded, "disk");
        gate.set_disk_full(false);
        let third = gate.enter(1, 1).unwrap();
        gate.close();
        drop(second);
        assert_eq!(gate.enter(1, 1).unwrap_err(), Refusal::Stopped);
        drop(third);
        gate.empty().await;
    }
}
