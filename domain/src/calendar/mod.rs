//! Opening hours: one function answers browse, checkout and quote alike.
//!
//! Ranges are local minutes of a day; one that ends at or before its start runs past midnight and
//! belongs to the day it starts. A time that a spring night skips means the first instant after the
//! gap; in the autumn a range opens at the first and closes at the second occurrence.
//!
//! What holds on a day: a closing, else a special day, else the city's holiday, else the week.

mod days;
mod state;

pub use state::{Calendar, CalendarState, DayRule};

use crate::ids::ClosingId;
use crate::time::{DAY_MS, Timestamp};
use days::{DAY_MINUTES, Days};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// A day as people write it down, without a zone: `2026-12-24`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LocalDate(Date);

/// The text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date looks like 2026-12-24")]
pub struct LocalDateError;

impl std::str::FromStr for LocalDate {
    type Err = LocalDateError;

    fn from_str(text: &str) -> Result<Self, LocalDateError> {
        // Only the plain form: what one person writes, everybody else must read.
        if text.len() != 10 {
            return Err(LocalDateError);
        }
        text.parse().map(Self).map_err(|_| LocalDateError)
    }
}

impl TryFrom<String> for LocalDate {
    type Error = LocalDateError;

    fn try_from(text: String) -> Result<Self, LocalDateError> {
        text.parse()
    }
}

impl From<LocalDate> for String {
    fn from(date: LocalDate) -> Self {
        date.to_string()
    }
}

impl LocalDate {
    /// The day on which a moment lies in an IANA time zone; an unknown zone is UTC.
    pub fn of(at: Timestamp, time_zone: &str) -> Option<Self> {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let moment = jiff::Timestamp::from_millisecond(at.0).ok()?;
        Some(Self(zone.to_datetime(moment).date()))
    }

    /// So many days later, or earlier; nothing beyond the end of calendars.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        self.0.checked_add(days.days()).ok().map(Self)
    }

    /// Days from `earlier` to this one; negative if it is later.
    pub fn days_since(self, earlier: Self) -> i64 {
        // Both are days without a time of day, so the difference is whole days.
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// Monday is 0.
    pub fn weekday(self) -> usize {
        usize::try_from(self.0.weekday().to_monday_zero_offset()).unwrap_or(0)
    }

    /// The moment at which it begins in an IANA time zone; an unknown zone is UTC.
    pub fn begins(self, time_zone: &str) -> Option<Timestamp> {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        Days { zone: &zone, today: self.0 }.opens(0)
    }
}

impl std::fmt::Display for LocalDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for LocalDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Other hours on certain dates: a closing if there are no ranges, else a special opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedHours {
    /// Its name.
    pub id: ClosingId,
    /// The first local day.
    pub from: LocalDate,
    /// The last local day.
    pub to: LocalDate,
    /// What holds on each of them instead of the week's.
    pub ranges: Vec<Range>,
    /// Shown to customers.
    pub reason: Option<String>,
}

impl DatedHours {
    /// Whether it holds on this day.
    pub fn covers(&self, day: LocalDate) -> bool {
        self.from <= day && day <= self.to
    }
}

/// The first moment after `at` at which local clocks show this minute of the day.
pub fn next_local_minute(at: Timestamp, minute: u16, time_zone: &str) -> Timestamp {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) else {
        return at;
    };
    let days = Days { zone: &zone, today: zone.to_datetime(moment).date() };
    let on = |day: i32| days.opens(day * DAY_MINUTES + i32::from(minute));
    (0..=2).filter_map(on).find(|then| *then > at).unwrap_or(at.plus_ms(DAY_MS))
}

/// The minute of the day that local clocks show at a moment, in an IANA time zone; an unknown zone
/// is UTC.
pub fn local_minute(at: Timestamp, time_zone: &str) -> u16 {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) else { return 0 };
    let time = zone.to_datetime(moment).time();
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// What a week says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenState {
    /// Whether it is open.
    pub open: bool,
    /// When that changes next; nothing if it does not, or only later than in a week.
    pub next_change: Option<Timestamp>,
}

/// Whether this is a zone that calendars can be read in.
pub fn is_known_zone(time_zone: &str) -> bool {
    TimeZone::get(time_zone).is_ok()
}

impl WeeklyHours {
    /// Open around the clock.
    pub fn always() -> Self {
        Self(std::array::from_fn(|_| vec![Range { from: 0, to: 1440 }]))
    }

    /// What this week says of a moment, read in an IANA time zone; an unknown one is UTC. Windows
    /// of dishes and peaks know neither dates nor holidays.
    pub fn state_at(&self, at: Timestamp, time_zone: &str) -> OpenState {
        let no_holidays = BTreeSet::new();
        let state = Calendar::of_week(self, &no_holidays, time_zone).state_at(at);
        OpenState { open: state.open, next_change: state.until }
    }
}

#[cfg(test)]
mod tests;
