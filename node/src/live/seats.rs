//! How many streams there are: each costs memory, and somebody's browser may open them in a loop.

use crate::http::Fail;
use crate::metrics::Metrics;
use api::codes::Code;
use domain::ids::AccountId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Streams of one account at one node: some tablets, some tabs.
pub(crate) const OF_ACCOUNT: u32 = 64;
/// Streams at one node.
pub(crate) const OF_NODE: u32 = 50_000;
/// When to come again if there is no seat.
const AGAIN_MS: u64 = 5_000;

#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    metrics: Metrics,
}

#[derive(Debug, Default)]
struct Taken {
    all: u32,
    of: HashMap<AccountId, u32>,
}

/// The place of one stream, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    account: AccountId,
}

impl Seats {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { taken: Arc::default(), metrics }
    }

    pub(super) fn take(&self, account: AccountId) -> Result<Seat, Fail> {
        let mut taken = self.taken.lock();
        if taken.all >= OF_NODE {
            let why = "this node has as many streams as it can; try another";
            return Err(Fail::because(Code::Shedding, why).retry_after_ms(AGAIN_MS));
        }
        let own = taken.of.entry(account).or_default();
        if *own >= OF_ACCOUNT {
            let why = format!("you have {OF_ACCOUNT} streams at this node: close some");
            return Err(Fail::because(Code::RateLimited, why).retry_after_ms(AGAIN_MS));
        }
        *own += 1;
        taken.all += 1;
        self.metrics.streams_open(taken.all);
        Ok(Seat { seats: self.clone(), account })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        taken.all = taken.all.saturating_sub(1);
        self.seats.metrics.streams_open(taken.all);
        let left = taken.of.get(&self.account).map_or(0, |own| own.saturating_sub(1));
        match left {
            0 => taken.of.remove(&self.account),
            left => taken.of.insert(self.account, left),
        };
    }
}
