//! The one place where this node looks at the clock. The log's time is the leader's stamp.

use domain::time::Timestamp;
use raft::{City, WallClock};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, by this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The clock of what the leader waits for: the city's own, as entries are stamped, so that what is
/// due by a stamp is due by this. Tests turn it; it is the machine's otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Clock(WallClock);

impl Clock {
    /// The clock of this city.
    pub(crate) fn of(city: &City) -> Self {
        let city = city.clone();
        Self(WallClock::of(move || city.now_ms()))
    }

    /// Now, by it.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.0.now_ms())
    }
}
