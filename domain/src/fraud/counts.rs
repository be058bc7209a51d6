//! How often something happened within an hour, a day, a week and 90 days: whole numbers in a few
//! pieces of time, so that a record has an end however much happens.
//!
//! A window is made of whole pieces: the hour of 5 minutes, the day and the week of hours, the 90
//! days of days. The piece under way counts as one of them.

use crate::pieces::{KINDS, Pieces};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// What is counted. The order is that of stored numbers: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum What {
    /// Orders placed, whatever became of them.
    Orders,
    /// Times that a bank said no.
    Declines,
    /// Sums given back.
    Refunds,
    Claims,
    /// Coupons redeemed.
    Coupons,
    /// Orders that ended at the customer's fault when the food was on its way.
    Refusals,
    /// Orders that came faster than anybody rides.
    ImpossibleRides,
    /// Pictures brought: no sign of anything, but a person has so many a day.
    Pictures,
}

// What has no place in a row would not be counted, and nobody would know.
const _: () = assert!((What::Pictures as usize) < KINDS);

/// How far back one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Within {
    Hour,
    Day,
    Week,
    Quarter,
}

/// What happened lately, at most 12 pieces of 5 minutes, 168 hours and 90 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    minutes: Pieces,
    hours: Pieces,
    days: Pieces,
}

/// The length of the shortest piece.
const SHORT_MS: i64 = 5 * MINUTE_MS;
/// Short pieces of an hour, hours of a day and of a week, days of a quarter.
const SHORTS: i64 = 12;
const HOURS_OF_DAY: i64 = 24;
const HOURS_OF_WEEK: i64 = 168;
const DAYS: i64 = 90;

impl Counts {
    /// One more.
    pub fn add(&mut self, what: What, at: Timestamp) {
        self.minutes.add(what as usize, at.0.div_euclid(SHORT_MS), SHORTS);
        self.hours.add(what as usize, at.0.div_euclid(HOUR_MS), HOURS_OF_WEEK);
        self.days.add(what as usize, at.0.div_euclid(DAY_MS), DAYS);
    }

    /// How often, as seen at this moment.
    pub fn count(&self, what: What, within: Within, at: Timestamp) -> i64 {
        let hour = at.0.div_euclid(HOUR_MS);
        match within {
            Within::Hour => self.minutes.sum(what as usize, at.0.div_euclid(SHORT_MS), SHORTS),
            Within::Day => self.hours.sum(what as usize, hour, HOURS_OF_DAY),
            Within::Week => self.hours.sum(what as usize, hour, HOURS_OF_WEEK),
            Within::Quarter => self.days.sum(what as usize, at.0.div_euclid(DAY_MS), DAYS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by counting every moment.
    fn counted(moments: &[i64], now: i64, piece_ms: i64, pieces: i64) -> i64 {
        let slot = now.div_euclid(piece_ms);
        let inside = |at: &&i64| (slot - pieces + 1..=slot).contains(&at.div_euclid(piece_ms));
        moments.iter().filter(inside).count() as i64
    }

    proptest! {
        #[test]
        fn windows_count_what_a_list_of_moments_says(
            gaps in prop::collection::vec(0..3 * DAY_MS, 0..120),
            wait in 0..10 * DAY_MS,
        ) {
            let mut counts = Counts::default();
            let (mut at, mut moments) = (0, Vec::new());
            for gap in gaps {
                // Most of what happens happens soon after something else.
                at += if gap % 3 == 0 { gap } else { gap % HOUR_MS };
                counts.add(What::Orders, Timestamp(at));
                moments.push(at);
            }
            let now = at + wait;
            let count = |within| counts.count(What::Orders, within, Timestamp(now));
            prop_assert_eq!(count(Within::Hour), counted(&moments, now, SHORT_MS, SHORTS));
            prop_assert_eq!(count(Within::Day), counted(&moments, now, HOUR_MS, HOURS_OF_DAY));
            prop_assert_eq!(count(Within::Week), counted(&moments, now, HOUR_MS, HOURS_OF_WEEK));
            prop_assert_eq!(count(Within::Quarter), counted(&moments, now, DAY_MS, DAYS));
            prop_assert!(counts.minutes.len() <= SHORTS as usize);
            prop_assert!(counts.hours.len() <= HOURS_OF_WEEK as usize);
            prop_assert!(counts.days.len() <= DAYS as usize);
            prop_assert_eq!(counts.count(What::Claims, Within::Quarter, Timestamp(now)), 0);
        }
    }
}
