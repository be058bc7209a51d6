//! The one place where this node looks at the clock. The log's time is the leader's stamp.

use domain::time::Timestamp;
use raft::{City, WallClock};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, by this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The two clocks of the leader's tasks. Tests turn them; they are the machine's otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    city: City,
    outside: WallClock,
}

impl Clock {
    /// The clocks of this city.
    pub(crate) fn of(city: &City, outside: WallClock) -> Self {
        Self { city: city.clone(), outside }
    }

    /// The city's own time, as entries are stamped: what is due by a stamp is due by this.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.city.now_ms())
    }

    /// The time of those who know nothing of stamps: phones that tell positions, receivers of
    /// webhooks, gateways. The city's time may be ahead of it for hours.
    pub(crate) fn outside(&self) -> Timestamp {
        Timestamp(self.outside.now_ms())
    }
}
