//! When an order is wanted, and what that means for the kitchen and the way.

use crate::limits::SLOT_MS;
use crate::time::{MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// When a customer wants to eat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum When {
    #[default]
    Asap,
    /// Delivered, or ready to be picked up, within the 15 minutes that begin then.
    Slot { start: Timestamp },
}

/// A stretch of time that was promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// How wide the promise of an order is that is wanted at once.
const ASAP_WINDOW_MS: i64 = 10 * MINUTE_MS;
/// Handing over at both ends.
const STOPS_MS: i64 = 3 * MINUTE_MS;
/// A courier takes so long for a metre as the crow flies, all streets and lights included.
const MS_PER_M: i64 = 250;

/// How long the way takes, as far as the log can know, in milliseconds.
pub fn travel_ms(distance_m: u32) -> i64 {
    STOPS_MS + i64::from(distance_m) * MS_PER_M
}

/// What follows from when an order is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What the customer is told.
    pub(crate) promised: Window,
    /// When the kitchen should begin.
    pub(crate) kitchen_at: Timestamp,
    /// When the food should be ready.
    pub(crate) ready_at: Timestamp,
}

/// Plans an order. `way_ms` is nothing for those who come themselves.
pub(crate) fn plan(now: Timestamp, when: When, preparation_ms: i64, way_ms: i64) -> Plan {
    match when {
        When::Asap => {
            let ready_at = now.plus_ms(preparation_ms);
            let from = ready_at.plus_ms(way_ms);
            let promised = Window { from, to: from.plus_ms(ASAP_WINDOW_MS) };
            Plan { promised, kitchen_at: now, ready_at }
        }
        When::Slot { start } => {
            let ready_at = start.plus_ms(-way_ms);
            let promised = Window { from: start, to: start.plus_ms(SLOT_MS) };
            Plan { promised, kitchen_at: ready_at.plus_ms(-preparation_ms).max(now), ready_at }
        }
    }
}
