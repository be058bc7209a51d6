//! Opening hours: one function answers browse, checkout and quote alike.
//!
//! Ranges are local minutes of a weekday; one that ends at or before its start runs past midnight
//! and belongs to the day it starts. A time that a spring night skips means the first instant
//! after the gap; in the autumn a range opens at the first and closes at the second occurrence.

use crate::ids::ClosingId;
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
            // It lies in a gap: that day it does not happen.
            if closes <= opens {
                continue;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR_MS, MINUTE_MS};
    use proptest::prelude::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn every_day(ranges: &[(u16, u16)]) -> WeeklyHours {
        WeeklyHours(std::array::from_fn(|_| {
            ranges.iter().map(|(from, to)| Range { from: *from, to: *to }).collect()
        }))
    }

    /// Where it is open from, in UTC, if one follows the changes from a moment on.
    fn changes(hours: &WeeklyHours, from: &str, zone: &str, count: usize) -> Vec<String> {
        let mut at = moment(from);
        let mut told = Vec::new();
        for _ in 0..count {
            let state = hours.state_at(at, zone);
            let Some(next) = state.next_change else { break };
            told.push(format!("{} {next}", if state.open { "open until" } else { "closed until" }));
            at = next;
        }
        told
    }

    #[test]
    fn past_midnight_belongs_to_the_day_it_starts() {
        let mut hours = WeeklyHours::default();
        hours.0[4] = vec![Range { from: 18 * 60, to: 2 * 60 }];
        assert_eq!(
            changes(&hours, "2026-03-02T12:00:00Z", "UTC", 3),
            [
                "closed until 2026-03-06T18:00:00.000Z",
                "open until 2026-03-07T02:00:00.000Z",
                "closed until 2026-03-13T18:00:00.000Z",
            ]
        );
        let last = moment("2026-03-07T02:00:00Z").plus_ms(-1);
        assert!(hours.state_at(last, "UTC").open, "a second before it closes it is open");
    }

    #[test]
    fn ranges_that_touch_are_one_and_always_has_no_end() {
        let hours = every_day(&[(600, 840), (840, 1320)]);
        assert_eq!(
            changes(&hours, "2026-03-02T11:00:00Z", "UTC", 1),
            ["open until 2026-03-02T22:00:00.000Z"]
        );
        let always =
            WeeklyHours::always().state_at(moment("2026-03-28T23:30:00Z"), "Europe/Lisbon");
        assert_eq!(always, OpenState { open: true, next_change: None });
        let never = WeeklyHours::default().state_at(moment("2026-03-28T23:30:00Z"), "UTC");
        assert_eq!(never, OpenState { open: false, next_change: None });
        let round = every_day(&[(300, 300)]).state_at(moment("2026-03-28T23:30:00Z"), "UTC");
        assert_eq!(
            round,
            OpenState { open: true, next_change: None },
            "24 hours from five to five"
        );
    }

    #[test]
    fn nights_when_the_clock_is_moved() {
        // Berlin: at 01:00Z on 2026-03-29 the clock jumps from 02:00 to 03:00.
        let spring = every_day(&[(30, 150)]);
        assert_eq!(
            changes(&spring, "2026-03-28T23:00:00Z", "Europe/Berlin", 2),
            ["closed until 2026-03-28T23:30:00.000Z", "open until 2026-03-29T01:00:00.000Z"]
        );
        let inside = every_day(&[(135, 165)]);
        assert_eq!(
            changes(&inside, "2026-03-29T00:00:00Z", "Europe/Berlin", 1),
            ["closed until 2026-03-30T00:15:00.000Z"],
            "a range that lies in the gap does not happen"
        );
        // At 01:00Z on 2026-10-25 it is put back from 03:00 to 02:00.
        let autumn = every_day(&[(150, 170)]);
        assert_eq!(
            changes(&autumn, "2026-10-25T00:00:00Z", "Europe/Berlin", 2),
            ["closed until 2026-10-25T00:30:00.000Z", "open until 2026-10-25T01:50:00.000Z"]
        );
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        let hours = every_day(&[(600, 660)]);
        assert!(hours.state_at(moment("2026-03-02T10:30:00Z"), "Mars/Olympus").open);
        assert!(!is_known_zone("Mars/Olympus"));
        assert!(is_known_zone("Europe/Lisbon"));
    }

    /// The rule of the calendar said again, minute by minute: a range opens at the first minute
    /// whose local time has reached its start, and closes at the last that shows its end, or after
    /// the last that comes before it.
    struct Oracle {
        first: Timestamp,
        open: Vec<bool>,
    }

    impl Oracle {
        const BACK_MS: i64 = 4 * DAY_MS;
        const AHEAD_MS: i64 = 11 * DAY_MS;

        fn new(hours: &WeeklyHours, at: Timestamp, zone: &str) -> Self {
            let zone = TimeZone::get(zone).unwrap();
            let first = at.plus_ms(-Self::BACK_MS);
            let count = usize::try_from((Self::BACK_MS + Self::AHEAD_MS) / MINUTE_MS).unwrap();
            let local: Vec<DateTime> = (0_i64..)
                .take(count)
                .map(|minute| first.plus_ms(minute * MINUTE_MS))
                .map(|at| zone.to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap()))
                .collect();
            let mut open = vec![false; count];
            let today = local[count / 2].date();
            for day in -10_i32..=10 {
                let date = today.checked_add(day.days()).unwrap();
                let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
                for range in &hours.0[weekday] {
                    let length = if range.to > range.from { 0 } else { 1440 };
                    let midnight = date.at(0, 0, 0, 0);
                    let from = midnight.checked_add(i64::from(range.from).minutes()).unwrap();
                    let to =
                        midnight.checked_add((i64::from(range.to) + length).minutes()).unwrap();
                    let opens = local.iter().position(|at| *at >= from).unwrap_or(count);
                    let reached = local.iter().rposition(|at| *at == to);
                    let before = || local.iter().rposition(|at| *at < to).map_or(0, |n| n + 1);
                    let closes = reached.unwrap_or_else(before);
                    open[opens..closes.max(opens)].fill(true);
                }
            }
            Self { first, open }
        }

        fn state_at(&self, at: Timestamp) -> OpenState {
            let now = usize::try_from(at.ms_since(self.first) / MINUTE_MS).unwrap();
            let open = self.open[now];
            let next = (now + 1..self.open.len()).find(|minute| self.open[*minute] != open);
            let next =
                next.map(|minute| self.first.plus_ms(i64::try_from(minute).unwrap() * MINUTE_MS));
            OpenState { open, next_change: next.filter(|next| next.ms_since(at) <= HORIZON_MS) }
        }
    }

    /// Around nights when clocks are moved: by an hour at two, at midnight, by half an hour.
    const NIGHTS: [(&str, &str); 9] = [
        ("Europe/Berlin", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("America/New_York", "2026-03-08T07:00:00Z"),
        ("America/Havana", "2026-03-08T05:00:00Z"),
        ("America/Havana", "2026-11-01T05:00:00Z"),
        ("Atlantic/Azores", "2026-10-25T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
        ("Africa/Cairo", "2026-04-23T22:00:00Z"),
    ];

    fn hours() -> impl Strategy<Value = WeeklyHours> {
        // Coarse minutes often touch each other and the moved hour.
        let range =
            (0_u16..48, 0_u16..=48).prop_map(|(from, to)| Range { from: from * 30, to: to * 30 });
        let day = proptest::collection::vec(range, 0..=3);
        proptest::array::uniform7(day).prop_map(WeeklyHours)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn equal_to_the_oracle(
            hours in hours(),
            night in 0..NIGHTS.len(),
            minutes in proptest::collection::vec(
                prop_oneof![-3_000_i64..3_000, -200_i64..200],
                1..30,
            ),
        ) {
            let (zone, around) = NIGHTS[night];
            let around = moment(around);
            let oracle = Oracle::new(&hours, around, zone);
            for minute in minutes {
                let at = around.plus_ms(minute * MINUTE_MS);
                prop_assert_eq!(hours.state_at(at, zone), oracle.state_at(at), "{} at {}", zone, at);
            }
        }
    }

    #[test]
    fn the_change_is_a_change() {
        let hours = every_day(&[(600, 840), (1080, 120)]);
        let mut at = moment("2026-10-20T00:00:00Z");
        let end = moment("2026-11-01T00:00:00Z");
        let mut before = hours.state_at(at, "Europe/Lisbon");
        while at < end {
            at = at.plus_ms(HOUR_MS / 4);
            let now = hours.state_at(at, "Europe/Lisbon");
            let passed = before.next_change.is_some_and(|change| change <= at);
            assert_eq!(now.open != before.open, passed, "at {at}");
            before = now;
        }
    }
}
