//! The one place where this node looks at the clock. The log's time is the leader's stamp.

use domain::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, by this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
