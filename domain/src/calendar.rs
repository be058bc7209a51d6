//! Opening hours: one function answers browse, checkout and quote alike.
//!
//! Ranges are local minutes of a weekday; one that ends at or before its start runs past midnight
//! and belongs to the day it starts. A time that a spring night skips means the first instant
//! after the gap; in the autumn a range opens at the first and closes at the second occurrence.

use crate::time::{DAY_MS, Timestamp};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};
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

/// How far ahead a change is looked for.
const HORIZON_MS: i64 = 8 * DAY_MS;
/// Local days that matter for a moment: ranges run past midnight, and a clock that is put back at
/// midnight shows yesterday once more.
const FIRST_DAY: i32 = -2;
const LAST_DAY: i32 = 9;
/// Minutes in a local day, as calendars count them.
const DAY_MINUTES: i32 = 1440;

/// Whether this is a zone that calendars can be read in.
pub fn is_known_zone(time_zone: &str) -> bool {
    TimeZone::get(time_zone).is_ok()
}

impl WeeklyHours {
    /// What this calendar says of a moment, read in an IANA time zone; an unknown one is UTC.
    pub fn state_at(&self, at: Timestamp, time_zone: &str) -> OpenState {
        let closed = OpenState { open: false, next_change: None };
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) else {
            return closed;
        };
        let local = zone.to_datetime(moment);
        let days = Days { zone: &zone, today: local.date() };
        let now = i32::from(local.hour()) * 60 + i32::from(local.minute());
        // No clock is moved by more than a day: what ended before that cannot matter any more.
        let weekday = i32::from(local.date().weekday().to_monday_zero_offset());
        let mut spans = self.spans(weekday).into_iter().filter(|(_, to)| *to > now - DAY_MINUTES);
        while let Some((from, to)) = spans.next() {
            let Some(mut closes) = days.closes(to) else {
                return closed;
            };
            if closes <= at {
                continue;
            }
            let Some(opens) = days.opens(from) else {
                return closed;
            };
            if at < opens {
                return OpenState { open: false, next_change: within_horizon(at, opens) };
            }
            // Ranges that touch only because a clock was moved are one as well.
            for (from, to) in spans {
                match (days.opens(from), days.closes(to)) {
                    (Some(next_opens), Some(next_closes)) if next_opens <= closes => {
                        closes = closes.max(next_closes);
                    }
                    (Some(_) | None, Some(_) | None) => break,
                }
            }
            return OpenState { open: true, next_change: within_horizon(at, closes) };
        }
        closed
    }

    /// The ranges around a day as spans of local minutes from its midnight: in order, and those
    /// that touch or overlap made one.
    fn spans(&self, weekday: i32) -> Vec<(i32, i32)> {
        let mut all = Vec::with_capacity(32);
        for day in FIRST_DAY..=LAST_DAY {
            let place = usize::try_from((weekday + day).rem_euclid(7)).unwrap_or(0);
            for range in &self.0[place] {
                let from = i32::from(range.from).min(DAY_MINUTES);
                let to = i32::from(range.to).min(DAY_MINUTES);
                let past_midnight = if to <= from { DAY_MINUTES } else { 0 };
                all.push((day * DAY_MINUTES + from, day * DAY_MINUTES + to + past_midnight));
            }
        }
        all.sort_unstable();
        let mut merged: Vec<(i32, i32)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                Some(_) | None => merged.push((from, to)),
            }
        }
        merged
    }
}

fn within_horizon(at: Timestamp, change: Timestamp) -> Option<Timestamp> {
    Some(change).filter(|change| change.ms_since(at) <= HORIZON_MS)
}

/// Local minutes, counted from today's midnight, as moments.
struct Days<'a> {
    zone: &'a TimeZone,
    today: Date,
}

impl Days<'_> {
    /// When a range that starts then opens: the first of two, and the end of a gap.
    fn opens(&self, minute: i32) -> Option<Timestamp> {
        self.moment(minute, |before, _| before)
    }

    /// When a range that ends then closes: the second of two, and the end of a gap.
    fn closes(&self, minute: i32) -> Option<Timestamp> {
        self.moment(minute, |_, after| after)
    }

    fn moment(
        &self,
        minute: i32,
        choose: impl FnOnce(jiff::Timestamp, jiff::Timestamp) -> jiff::Timestamp,
    ) -> Option<Timestamp> {
        let day = self.today.checked_add(minute.div_euclid(DAY_MINUTES).days()).ok()?;
        let minute = minute.rem_euclid(DAY_MINUTES);
        let hour = i8::try_from(minute / 60).ok()?;
        let local: DateTime = day.at(hour, i8::try_from(minute % 60).ok()?, 0, 0);
        let moment = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok()?,
            // The clock jumps from before the gap to behind it: that is the moment.
            AmbiguousOffset::Gap { before, .. } => {
                let inside = before.to_timestamp(local).ok()?;
                let mut jumps = self.zone.preceding(inside + SignedDuration::from_nanos(1));
                jumps.next()?.timestamp()
            }
            AmbiguousOffset::Fold { before, after } => {
                choose(before.to_timestamp(local).ok()?, after.to_timestamp(local).ok()?)
            }
        };
        Some(Timestamp(moment.as_millisecond()))
    }
}
