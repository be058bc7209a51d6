//! What a calendar says of a moment.

use super::days::{DAY_MINUTES, Days};
use super::{DatedHours, LocalDate, Range, WeeklyHours};
use crate::ids::ClosingId;
use crate::time::{DAY_MS, MINUTE_MS, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::iter::Peekable;

/// How far ahead an end is looked for: what is open longer has none.
const HORIZON_MS: i64 = 8 * DAY_MS;
/// Ranges that touch are followed for so long: longer than an end is looked for, even if the last
/// orders are taken hours before it.
const FOLLOWED_MS: i64 = HORIZON_MS + DAY_MS;
/// The same in local minutes, whatever clocks do meanwhile.
const FOLLOWED_MINUTES: i32 = 10 * DAY_MINUTES;
/// Local days that matter for a moment: ranges run past midnight, and a clock that is put back at
/// midnight shows yesterday once more. A kitchen that is closed for the winter still says when it
/// opens; days are looked at one by one, so that only such a one pays for it.
const FIRST_DAY: i32 = -2;
const LAST_DAY: i32 = 370;

/// When orders are taken in one way, by the week, by holidays, and by the date.
#[derive(Clone, Debug)]
pub struct Calendar<'a> {
    week: &'a WeeklyHours,
    /// On a holiday; as on any day if absent.
    holiday_hours: Option<&'a [Range]>,
    holidays: &'a BTreeSet<LocalDate>,
    dated: &'a [DatedHours],
    last_order_ms: i64,
    zone: TimeZone,
}

/// What a calendar says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarState {
    /// Whether orders are taken.
    pub open: bool,
    /// When that changes; nothing if it does not within eight days.
    pub until: Option<Timestamp>,
    /// If it is closed: the next moment at which an order is taken, if there is one within a year.
    pub next_open: Option<Timestamp>,
    /// What holds on the local day.
    pub rule: DayRule,
}

/// Why a day has the hours it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayRule {
    /// The kitchen is closed on this date.
    Closing(ClosingId),
    /// It has other hours on this date.
    Special(ClosingId),
    /// It is a holiday, and the kitchen has hours for those.
    Holiday,
    /// A day like any other.
    Week,
}

impl<'a> Calendar<'a> {
    /// A week without any dates, read in an IANA time zone; an unknown one is UTC.
    pub(super) fn of_week(
        week: &'a WeeklyHours,
        holidays: &'a BTreeSet<LocalDate>,
        time_zone: &str,
    ) -> Self {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        Self { week, holiday_hours: None, holidays, dated: &[], last_order_ms: 0, zone }
    }

    /// All that a restaurant says. `holidays` are the city's; `time_zone` as above.
    pub(crate) fn new(
        week: &'a WeeklyHours,
        holiday_hours: Option<&'a [Range]>,
        dated: &'a [DatedHours],
        last_order_minutes: u16,
        holidays: &'a BTreeSet<LocalDate>,
        time_zone: &str,
    ) -> Self {
        let last_order_ms = i64::from(last_order_minutes) * MINUTE_MS;
        let week = Self::of_week(week, holidays, time_zone);
        Self { holiday_hours, dated, last_order_ms, ..week }
    }

    /// What holds on a day, and its ranges: a closing, else the special day that begins last, else
    /// the holiday, else the week.
    pub fn day(&self, day: LocalDate) -> (DayRule, &'a [Range]) {
        let mut special: Option<&DatedHours> = None;
        for dated in self.dated.iter().filter(|dated| dated.covers(day)) {
            if dated.ranges.is_empty() {
                return (DayRule::Closing(dated.id), &[]);
            }
            if special.is_none_or(|other| (other.from, other.id) < (dated.from, dated.id)) {
                special = Some(dated);
            }
        }
        if let Some(special) = special {
            return (DayRule::Special(special.id), &special.ranges);
        }
        if let Some(ranges) = self.holiday_hours
            && self.holidays.contains(&day)
        {
            return (DayRule::Holiday, ranges);
        }
        (DayRule::Week, &self.week.0[day.weekday()])
    }

    /// What this calendar says of a moment.
    pub fn state_at(&self, at: Timestamp) -> CalendarState {
        let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) else {
            return CalendarState {
                open: false,
                until: None,
                next_open: None,
                rule: DayRule::Week,
            };
        };
        let local = self.zone.to_datetime(moment);
        let (rule, _) = self.day(LocalDate(local.date()));
        let closed = |next_open: Option<Timestamp>| CalendarState {
            open: false,
            until: within_horizon(at, next_open),
            next_open,
            rule,
        };
        let now = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let days = Days { zone: &self.zone, today: local.date() };
        let mut spans = Spans::new(self, local.date(), now).peekable();
        while let Some(span) = spans.next() {
            let Some((opens, closes)) = times(&days, span, &mut spans, at) else {
                continue;
            };
            let last_order = closes.plus_ms(-self.last_order_ms);
            // It lies in a gap, or is too short for an order: that day it does not happen.
            if last_order <= at || last_order <= opens {
                continue;
            }
            if at < opens {
                return closed(Some(opens));
            }
            let until = within_horizon(at, Some(last_order));
            return CalendarState { open: true, until, next_open: None, rule };
        }
        closed(None)
    }

    /// The moment at which it has been open for so long, from `at` on; a kitchen that does not open
    /// any more is not waited for.
    pub(crate) fn after_open_ms(&self, at: Timestamp, open_ms: i64) -> Timestamp {
        let (mut at, mut left) = (at, open_ms);
        // Each round is one change of state; more of them than this is a calendar of crumbs.
        for _ in 0..50 {
            let state = self.state_at(at);
            if !state.open {
                let Some(next_open) = state.next_open else { return at };
                at = next_open;
                continue;
            }
            match state.until {
                Some(until) if until.ms_since(at) < left => {
                    left -= until.ms_since(at);
                    at = until;
                }
                Some(_) | None => return at.plus_ms(left),
            }
        }
        at
    }
}

fn within_horizon(at: Timestamp, change: Option<Timestamp>) -> Option<Timestamp> {
    change.filter(|change| change.ms_since(at) <= HORIZON_MS)
}

/// When a span opens and closes. Spans that touch only because a clock was moved are one as well.
/// Nothing if it is over, or beyond the end of calendars.
fn times(
    days: &Days<'_>,
    (from, to): (i32, i32),
    spans: &mut Peekable<Spans<'_>>,
    at: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let mut closes = days.closes(to)?;
    if closes <= at {
        return None;
    }
    let opens = days.opens(from)?;
    if closes <= opens {
        return None;
    }
    while closes.ms_since(opens.max(at)) <= FOLLOWED_MS
        && let Some((from, to)) = spans.peek().copied()
    {
        match (days.opens(from), days.closes(to)) {
            (Some(next_opens), Some(next_closes)) if next_opens <= closes => {
                closes = closes.max(next_closes);
                spans.next();
            }
            (Some(_) | None, Some(_) | None) => break,
        }
    }
    Some((opens, closes))
}

/// The ranges of the days around a moment as spans of local minutes from its midnight: in order,
/// and those that touch or overlap made one.
struct Spans<'a> {
    calendar: &'a Calendar<'a>,
    today: Date,
    now: i32,
    day: i32,
    ranges: &'a [Range],
    /// The range that was told last of this day: the next is the smallest after it.
    told: (i32, i32),
    /// One that was read already, and belongs to the next span.
    ahead: Option<(i32, i32)>,
}

impl<'a> Spans<'a> {
    fn new(calendar: &'a Calendar<'a>, today: Date, now: i32) -> Self {
        let (day, told) = (FIRST_DAY - 1, NONE_TOLD);
        Self { calendar, today, now, day, ranges: &[], told, ahead: None }
    }

    /// The next range, by its start.
    fn range(&mut self) -> Option<(i32, i32)> {
        loop {
            let rest = self.ranges.iter().map(|range| minutes(*range));
            if let Some(next) = rest.filter(|range| *range > self.told).min() {
                self.told = next;
                let midnight = self.day * DAY_MINUTES;
                return Some((midnight + next.0, midnight + next.1));
            }
            if self.day == LAST_DAY {
                return None;
            }
            self.day += 1;
            let date = self.today.checked_add(self.day.days()).ok()?;
            self.ranges = self.calendar.day(LocalDate(date)).1;
            self.told = NONE_TOLD;
        }
    }
}

/// Before every range of a day.
const NONE_TOLD: (i32, i32) = (-1, -1);

/// A range in minutes from the midnight of its day on.
fn minutes(range: Range) -> (i32, i32) {
    let from = i32::from(range.from).min(DAY_MINUTES);
    let to = i32::from(range.to).min(DAY_MINUTES);
    (from, if to <= from { to + DAY_MINUTES } else { to })
}

impl Iterator for Spans<'_> {
    type Item = (i32, i32);

    fn next(&mut self) -> Option<(i32, i32)> {
        loop {
            let (from, mut to) = match self.ahead.take() {
                Some(ahead) => ahead,
                None => self.range()?,
            };
            let enough = from.max(self.now) + FOLLOWED_MINUTES;
            while to < enough {
                match self.range() {
                    Some(next) if next.0 <= to => to = to.max(next.1),
                    next => {
                        self.ahead = next;
                        break;
                    }
                }
            }
            // No clock is moved by more than a day: what ended before that cannot matter any more.
            if to > self.now - DAY_MINUTES {
                return Some((from, to));
            }
        }
    }
}
