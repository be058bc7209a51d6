//! `opening_hours` of OpenStreetMap into our week of ranges.
//!
//! The syntax can say far more than a week: seasons, holidays, sunset, "by appointment". What a
//! week cannot say is approximated towards closed, since a kitchen that is shown open and is not
//! costs an order; and the reading says so, so that an import can tell how much it had to guess.
//! Public holidays have hours of their own; closings by the date cannot be carried, since the text
//! means every year and a closing one day of one year: they are left out and counted.

use domain::calendar::{Range, WeeklyHours};
use domain::limits::RANGES_PER_DAY;
use opening_hours_syntax::rules::day::{DaySelector, HolidayKind, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSpan};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleOperator, RuleSequence};
use opening_hours_syntax::{ExtendedTime, RuleKind};

/// The longest value that OpenStreetMap stores, in characters.
const VALUE_LETTERS: usize = 255;
const DAY: u16 = 1_440;
const WEEK: usize = 7 * DAY as usize;

/// What became of one `opening_hours`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The week.
    pub(crate) hours: WeeklyHours,
    /// On public holidays, if it says so; none is closed.
    pub(crate) holiday_hours: Option<Vec<Range>>,
    /// Nothing was left out but holidays and dates.
    pub(crate) whole: bool,
    /// Rules for school holidays, or for days around holidays, were left out.
    pub(crate) holidays: bool,
    /// Closings on certain dates were left out.
    pub(crate) dates: bool,
}

impl Reading {
    /// A week that nobody has written down.
    pub(crate) fn of_week(hours: WeeklyHours) -> Self {
        Self { hours, holiday_hours: None, whole: true, holidays: false, dates: false }
    }
}

/// Reads the text of the tag, or nothing where it is no such text or where nothing of it fits into
/// a week.
pub(crate) fn read(text: &str) -> Option<Reading> {
    if text.chars().count() > VALUE_LETTERS {
        return None;
    }
    let rules = opening_hours_syntax::parse(&as_meant(text)).ok()?;
    let mut week = Week::default();
    week.apply_all(&rules);
    let (hours, cut) = week.paint();
    let is_empty = hours.0.iter().all(Vec::is_empty);
    // "Closed" is an answer; "open, but only in a way that a week cannot say" is none.
    if is_empty && week.left_out {
        return None;
    }
    let Week { left_out, holidays, dates, public, .. } = week;
    let whole = !left_out && !cut && !dates;
    let holiday_hours = public.map(|spans| ranges_of(&spans));
    Some(Reading { hours, holiday_hours, whole, holidays, dates })
}

/// The text without what mappers often add by mistake: a `;` at the end, blanks in plenty, and a
/// blank in a list of days. `Fr, Sa 12:00-02:00` says by the letter of the syntax that Friday is
/// open around the clock; whoever writes it means both days.
fn as_meant(text: &str) -> String {
    const DAYS: [&str; 9] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "SH"];
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = words.trim_end_matches([';', ' ']).split(',');
    let mut meant = String::with_capacity(words.len());
    for part in parts {
        if !meant.is_empty() {
            meant.push(',');
        }
        let is_list = DAYS.iter().any(|day| meant.trim_end_matches([',', ' ']).ends_with(day))
            && DAYS.iter().any(|day| part.trim_start().starts_with(day));
        meant.push_str(if is_list { part.trim_start() } else { part });
    }
    meant
}

/// Spans by the day on which they start, in minutes after its midnight; they may end on the next.
#[derive(Debug, Default)]
struct Week {
    days: [Vec<Span>; 7],
    /// The same for a public holiday, once a rule speaks of one.
    public: Option<Vec<Span>>,
    left_out: bool,
    holidays: bool,
    dates: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

/// Which days a rule speaks of.
struct Days {
    /// By weekday, Monday first.
    on: [bool; 7],
    /// Only on some dates: a season, every second week, the first Monday of a month.
    dated: bool,
}

impl Week {
    fn apply_all(&mut self, expression: &OpeningHoursExpression) {
        for rule in &expression.rules {
            self.apply_public(rule);
        }
        // Seasons last: they narrow what holds for the whole year, wherever they stand.
        for seasons in [false, true] {
            for rule in &expression.rules {
                let Some(days) = self.days_of(&rule.day_selector) else { continue };
                if days.dated == seasons {
                    self.apply(rule, &days);
                }
            }
        }
    }

    /// What a rule says of public holidays. Days before or after one, and those of schools, are
    /// left out.
    fn apply_public(&mut self, rule: &RuleSequence) {
        let selector = &rule.day_selector;
        let mut named = false;
        for range in &selector.weekday {
            if let WeekDayRange::Holiday { kind, offset } = range {
                let is_the_day = *kind == HolidayKind::Public && *offset == 0;
                named |= is_the_day;
                self.holidays |= !is_the_day;
            }
        }
        if !named || rule.operator == RuleOperator::Fallback {
            return;
        }
        if is_dated(selector) {
            self.holidays = true;
            return;
        }
        match rule.kind {
            RuleKind::Open => {
                let spans = self.spans_of(&rule.time_selector.spans);
                let before = match rule.operator {
                    RuleOperator::Additional => self.public.take().unwrap_or_default(),
                    RuleOperator::Normal | RuleOperator::Fallback => Vec::new(),
                };
                self.public = Some([before, spans].concat());
            }
            // "PH 12:00-14:00 off" closes a part of a day whose rest nobody names.
            RuleKind::Closed if !is_whole_day(&rule.time_selector.spans) => self.holidays = true,
            RuleKind::Closed | RuleKind::Unknown => self.public = Some(Vec::new()),
        }
    }

    fn apply(&mut self, rule: &RuleSequence, days: &Days) {
        if rule.operator == RuleOperator::Fallback {
            self.left_out = true; // "|| by appointment"
            return;
        }
        match rule.kind {
            RuleKind::Open if !rule.comment.is_empty() && rule.is_constant() => {
                self.left_out = true; // only a remark, no hours
            }
            RuleKind::Open => {
                self.left_out |= !rule.comment.is_empty();
                let spans = self.spans_of(&rule.time_selector.spans);
                self.open(rule.operator, days, &spans);
            }
            RuleKind::Closed if days.dated => self.dates = true,
            RuleKind::Closed => {
                let spans = closed_spans(&rule.time_selector.spans);
                self.left_out |= spans.is_none();
                for (day, on) in self.days.iter_mut().zip(days.on) {
                    if on {
                        *day = spans.as_ref().map_or(Vec::new(), |spans| without(day, spans));
                    }
                }
            }
            RuleKind::Unknown => {
                self.left_out = true;
                self.open(rule.operator, days, &[]);
            }
        }
    }

    fn open(&mut self, operator: RuleOperator, days: &Days, spans: &[Span]) {
        self.left_out |= days.dated;
        for (day, on) in self.days.iter_mut().zip(days.on) {
            if !on {
                continue;
            }
            match (days.dated, operator) {
                // Open whenever both the year and the season say so.
                (true, RuleOperator::Normal) => *day = both(day, spans),
                (true, RuleOperator::Additional | RuleOperator::Fallback) => {}
                (false, RuleOperator::Normal) => *day = spans.to_vec(),
                (false, RuleOperator::Additional) => day.extend_from_slice(spans),
                (false, RuleOperator::Fallback) => {}
            }
        }
    }

    /// The days of a selector, or nothing if it speaks of holidays only.
    fn days_of(&mut self, selector: &DaySelector) -> Option<Days> {
        let mut dated = is_dated(selector);
        if selector.weekday.is_empty() {
            return Some(Days { on: [true; 7], dated });
        }
        let mut on = [false; 7];
        for range in &selector.weekday {
            match range {
                WeekDayRange::Holiday { .. } => {}
                WeekDayRange::Fixed { range, offset, nth_from_start, nth_from_end } => {
                    dated |= *offset != 0
                        || nth_from_start.contains(&false)
                        || nth_from_end.contains(&false);
                    let first = range.start().num_days_from_monday() as usize;
                    let last = range.end().num_days_from_monday() as usize;
                    for step in 0..=(last + 7 - first) % 7 {
                        on[(first + step) % 7] = true;
                    }
                }
            }
        }
        on.contains(&true).then_some(Days { on, dated })
    }

    /// The opening spans that a week can hold.
    fn spans_of(&mut self, spans: &[TimeSpan]) -> Vec<Span> {
        let mut out = Vec::with_capacity(spans.len());
        for span in spans {
            match fixed(span) {
                Some(fixed) => {
                    self.left_out |= span.open_end;
                    out.push(fixed);
                }
                None => self.left_out = true,
            }
        }
        out
    }

    /// The ranges, merged, each with the day it starts on; whether some did not fit.
    fn paint(&self) -> (WeeklyHours, bool) {
        let mut open = vec![false; WEEK];
        for (day, spans) in self.days.iter().enumerate() {
            for span in spans {
                for minute in span.from..span.to {
                    open[(day * usize::from(DAY) + usize::from(minute)) % WEEK] = true;
                }
            }
        }
        let mut hours = ranges(&open);
        let mut cut = false;
        for day in &mut hours.0 {
            cut |= day.len() > RANGES_PER_DAY;
            day.truncate(RANGES_PER_DAY);
        }
        (hours, cut)
    }
}

/// Whether a rule holds on some dates only.
fn is_dated(selector: &DaySelector) -> bool {
    !selector.year.is_empty() || !selector.monthday.is_empty() || !selector.week.is_empty()
}

fn is_whole_day(spans: &[TimeSpan]) -> bool {
    matches!(closed_spans(spans).as_deref(), Some([Span { from: 0, to }]) if *to >= DAY)
}

/// The spans of one day as ranges, in order, and no more than a day may have.
fn ranges_of(spans: &[Span]) -> Vec<Range> {
    let wrapped = |minute: u16| if minute > DAY { minute - DAY } else { minute };
    let range = |span: &Span| Range { from: span.from, to: wrapped(span.to) };
    let mut ranges: Vec<Range> = spans.iter().map(range).collect();
    ranges.sort_unstable();
    ranges.truncate(RANGES_PER_DAY);
    ranges
}

/// From and to in minutes, if both are fixed and it is clear when it ends.
fn fixed(span: &TimeSpan) -> Option<Span> {
    let (Time::Fixed(start), Time::Fixed(end)) = (span.range.start, span.range.end) else {
        return None; // sunset moves with the year
    };
    if span.repeats.is_some() || (span.open_end && end == ExtendedTime::MIDNIGHT_24) {
        return None; // "18:00+" does not say until when
    }
    let from = start.mins_from_midnight();
    if from >= DAY {
        return None;
    }
    let end = end.mins_from_midnight();
    let to = if end <= from { end + DAY } else { end };
    Some(Span { from, to: to.min(from + DAY) })
}

/// What a rule closes; nothing if it is not clear, which closes the day.
fn closed_spans(spans: &[TimeSpan]) -> Option<Vec<Span>> {
    let whole_day = |span: Span| match span {
        // "Sa off" takes the night that begins on Saturday with it.
        Span { from: 0, to } if to >= DAY => Span { from: 0, to: 2 * DAY },
        other => other,
    };
    spans.iter().map(|span| fixed(span).map(whole_day)).collect()
}

fn both(one: &[Span], other: &[Span]) -> Vec<Span> {
    let overlap = |a: &Span, b: &Span| {
        let span = Span { from: a.from.max(b.from), to: a.to.min(b.to) };
        (span.from < span.to).then_some(span)
    };
    one.iter().flat_map(|a| other.iter().filter_map(move |b| overlap(a, b))).collect()
}

fn without(open: &[Span], closed: &[Span]) -> Vec<Span> {
    let mut left = open.to_vec();
    for gap in closed {
        left = left
            .iter()
            .flat_map(|span| {
                let before = Span { from: span.from, to: span.to.min(gap.from) };
                let after = Span { from: span.from.max(gap.to), to: span.to };
                [before, after]
            })
            .filter(|span| span.from < span.to)
            .collect();
    }
    left
}

/// The runs of open minutes in a week that has no beginning.
fn ranges(open: &[bool]) -> WeeklyHours {
    let mut hours = WeeklyHours::default();
    let Some(first_closed) = open.iter().position(|open| !open) else {
        return WeeklyHours::always();
    };
    let mut run = 0;
    for step in 1..=WEEK {
        let minute = (first_closed + step) % WEEK;
        if open[minute] {
            run += 1;
        } else if run > 0 {
            push_run(&mut hours, (minute + WEEK - run) % WEEK, run);
            run = 0;
        }
    }
    for day in &mut hours.0 {
        day.sort_unstable();
    }
    hours
}

/// One run as ranges of at most 24 hours: whole days as such, the last one over midnight.
fn push_run(hours: &mut WeeklyHours, start: usize, length: usize) {
    let day_length = usize::from(DAY);
    let (mut start, mut left) = (start, length);
    while left > 0 {
        let (day, from) = (start / day_length % 7, start % day_length);
        let take = match left {
            left if from == 0 => left.min(day_length),
            left if left <= day_length => left,
            _ => day_length - from,
        };
        let to = if from + take <= day_length { from + take } else { from + take - day_length };
        // Both are below 1,441 here.
        hours.0[day].push(Range { from: from as u16, to: to as u16 });
        start += take;
        left -= take;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    /// A week in one line: days with the same ranges together.
    pub(crate) fn shown(hours: &WeeklyHours) -> String {
        const NAMES: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
        let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
        let text = |day: &Vec<Range>| match day.as_slice() {
            [] => "off".to_owned(),
            ranges => ranges
                .iter()
                .map(|r| format!("{}-{}", clock(r.from), clock(r.to)))
                .collect::<Vec<_>>()
                .join(","),
        };
        let mut parts = Vec::new();
        let mut day = 0;
        while day < 7 {
            let last = (day..7).take_while(|d| hours.0[*d] == hours.0[day]).last().unwrap();
            let days = if last == day {
                NAMES[day].to_owned()
            } else {
                format!("{}-{}", NAMES[day], NAMES[last])
            };
            parts.push(format!("{days} {}", text(&hours.0[day])));
            day = last + 1;
        }
        parts.join("; ")
    }

    fn holidays(ranges: &[Range]) -> String {
        let day = |_| ranges.to_vec();
        shown(&WeeklyHours(std::array::from_fn(day))).replacen("Mo-Su", "; PH", 1)
    }

    fn check(texts: &[&str], expected: Expect) {
        let mut out = String::new();
        for text in texts {
            let line = match read(text) {
                None => "no hours".to_owned(),
                Some(reading) => format!(
                    "{}{}{}{}{}",
                    if reading.whole { "" } else { "partly: " },
                    shown(&reading.hours),
                    reading.holiday_hours.map(|ranges| holidays(&ranges)).unwrap_or_default(),
                    if reading.holidays { " (holidays left out)" } else { "" },
                    if reading.dates { " (dates left out)" } else { "" },
                ),
            };
            out.push_str(&format!("{text}\n    {line}\n"));
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn weeks_are_read_whole() {
        check(
            &[
                "24/7",
                "Mo-Fr 12:00-15:00,19:00-23:00; Sa 19:00-02:00; Su off",
                "Tu-Su 12:00-15:00, Tu-Sa 19:00-23:30",
                "Fr-Mo 18:00-24:00",
                "10:00-22:00",
                "Mo-Su 20:00-04:00; We off",
                "Mo-Sa 10:00-26:00",
                "Mo-Fr 10:00-20:00; We 12:00-14:00 off",
                "Mo-Fr 10:00-14:00,14:00-20:00",
                "Fr 18:00-24:00; Sa 00:00-24:00",
                "closed",
                "Mo-Fr 09:00-18:00; PH off",
                "Mo-Sa,PH 09:00-18:00",
                "PH,Su 12:00-16:00; Mo-Sa 09:00-18:00",
                "Mo-Sa 10:00-22:00; PH 18:00-02:00, PH 10:00-14:00",
                "Mo-Sa 10:00-22:00; SH off",
                "Mo-Sa 10:00-22:00; PH -1 day 10:00-12:00",
                "Mo-Sa 10:00-22:00; Dec 24-26 off",
                "Mo-Th, Su 12:00-01:00; Fr, Sa 12:00-02:00",
                "Tu-Th 20:00-01:00, Fr-Su 20:00-02:00",
                "Tu-Sa  12:30-23:00;",
            ],
            expect![[r#"
                24/7
                    Mo-Su 00:00-24:00
                Mo-Fr 12:00-15:00,19:00-23:00; Sa 19:00-02:00; Su off
                    Mo-Fr 12:00-15:00,19:00-23:00; Sa 19:00-02:00; Su off
                Tu-Su 12:00-15:00, Tu-Sa 19:00-23:30
                    Mo off; Tu-Sa 12:00-15:00,19:00-23:30; Su 12:00-15:00
                Fr-Mo 18:00-24:00
                    Mo 18:00-24:00; Tu-Th off; Fr-Su 18:00-24:00
                10:00-22:00
                    Mo-Su 10:00-22:00
                Mo-Su 20:00-04:00; We off
                    Mo-Tu 20:00-04:00; We off; Th-Su 20:00-04:00
                Mo-Sa 10:00-26:00
                    Mo-Sa 10:00-02:00; Su off
                Mo-Fr 10:00-20:00; We 12:00-14:00 off
                    Mo-Tu 10:00-20:00; We 10:00-12:00,14:00-20:00; Th-Fr 10:00-20:00; Sa-Su off
                Mo-Fr 10:00-14:00,14:00-20:00
                    Mo-Fr 10:00-20:00; Sa-Su off
                Fr 18:00-24:00; Sa 00:00-24:00
                    Mo-Th off; Fr 18:00-24:00; Sa 00:00-24:00; Su off
                closed
                    Mo-Su off
                Mo-Fr 09:00-18:00; PH off
                    Mo-Fr 09:00-18:00; Sa-Su off; PH off
                Mo-Sa,PH 09:00-18:00
                    Mo-Sa 09:00-18:00; Su off; PH 09:00-18:00
                PH,Su 12:00-16:00; Mo-Sa 09:00-18:00
                    Mo-Sa 09:00-18:00; Su 12:00-16:00; PH 12:00-16:00
                Mo-Sa 10:00-22:00; PH 18:00-02:00, PH 10:00-14:00
                    Mo-Sa 10:00-22:00; Su off; PH 10:00-14:00,18:00-02:00
                Mo-Sa 10:00-22:00; SH off
                    Mo-Sa 10:00-22:00; Su off (holidays left out)
                Mo-Sa 10:00-22:00; PH -1 day 10:00-12:00
                    Mo-Sa 10:00-22:00; Su off (holidays left out)
                Mo-Sa 10:00-22:00; Dec 24-26 off
                    partly: Mo-Sa 10:00-22:00; Su off (dates left out)
                Mo-Th, Su 12:00-01:00; Fr, Sa 12:00-02:00
                    Mo-Th 12:00-01:00; Fr-Sa 12:00-02:00; Su 12:00-01:00
                Tu-Th 20:00-01:00, Fr-Su 20:00-02:00
                    Mo off; Tu-Th 20:00-01:00; Fr-Su 20:00-02:00
                Tu-Sa  12:30-23:00;
                    Mo off; Tu-Sa 12:30-23:00; Su off
            "#]],
        );
    }

    #[test]
    fn what_a_week_cannot_say_is_closed() {
        check(
            &[
                "Mo-Su 12:00-15:00,19:00+",
                "18:00-23:00+",
                "Mo-Fr 10:00-20:00; Jun-Aug Mo-Fr 09:00-18:00",
                "Jun-Aug 10:00-20:00",
                "Mo-Sa 10:00-22:00; Dec 25 off",
                "Mo-Su 10:00-sunset",
                "Mo-Fr 09:00-12:00 || \"by appointment\"",
                "\"by appointment\"",
                "Mo-Fr 09:00-18:00; Sa[1] 09:00-12:00",
                "Mo-Fr 10:00-18:00; Sa unknown",
            ],
            expect![[r#"
                Mo-Su 12:00-15:00,19:00+
                    partly: Mo-Su 12:00-15:00
                18:00-23:00+
                    partly: Mo-Su 18:00-23:00
                Mo-Fr 10:00-20:00; Jun-Aug Mo-Fr 09:00-18:00
                    partly: Mo-Fr 10:00-18:00; Sa-Su off
                Jun-Aug 10:00-20:00
                    no hours
                Mo-Sa 10:00-22:00; Dec 25 off
                    partly: Mo-Sa 10:00-22:00; Su off (dates left out)
                Mo-Su 10:00-sunset
                    no hours
                Mo-Fr 09:00-12:00 || "by appointment"
                    partly: Mo-Fr 09:00-12:00; Sa-Su off
                "by appointment"
                    no hours
                Mo-Fr 09:00-18:00; Sa[1] 09:00-12:00
                    partly: Mo-Fr 09:00-18:00; Sa-Su off
                Mo-Fr 10:00-18:00; Sa unknown
                    partly: Mo-Fr 10:00-18:00; Sa-Su off
            "#]],
        );
    }

    #[test]
    fn a_day_has_six_ranges_at_most() {
        let ranges: Vec<String> = (0..8).map(|n| format!("{n:02}:00-{n:02}:30")).collect();
        let reading = read(&format!("Mo {}", ranges.join(","))).unwrap();
        assert_eq!((reading.hours.0[0].len(), reading.whole), (RANGES_PER_DAY, false));
    }

    #[test]
    fn what_is_no_such_text_has_no_hours() {
        check(
            &["", "all day long", "Mo-Fr 25:99-26:00", "9-5", "Mo-Fr 10:00"],
            expect![[r#"

                no hours
            all day long
                no hours
            Mo-Fr 25:99-26:00
                no hours
            9-5
                no hours
            Mo-Fr 10:00
                no hours
        "#]],
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[MoTuWeFrSaSuPH0-9:;,+|/ \"off-]{0,40}") {
            if let Some(reading) = read(&text) {
                for day in reading.hours.0 {
                    prop_assert!(day.len() <= RANGES_PER_DAY);
                    for range in day {
                        prop_assert!(range.from < DAY && range.to <= DAY);
                    }
                }
            }
        }
    }
}
