use super::*;
use crate::order::Fulfilment;
use crate::time::{HOUR_MS, MINUTE_MS};
use jiff::civil::DateTime;
use proptest::prelude::*;
use std::sync::LazyLock;

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
    let always = WeeklyHours::always().state_at(moment("2026-03-28T23:30:00Z"), "Europe/Lisbon");
    assert_eq!(always, OpenState { open: true, next_change: None });
    let never = WeeklyHours::default().state_at(moment("2026-03-28T23:30:00Z"), "UTC");
    assert_eq!(never, OpenState { open: false, next_change: None });
    let round = every_day(&[(300, 300)]).state_at(moment("2026-03-28T23:30:00Z"), "UTC");
    assert_eq!(round, OpenState { open: true, next_change: None }, "24 hours from five to five");
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

/// The rule of the calendar said again, minute by minute: a range opens at the first minute whose
/// local time has reached its start, and closes at the last that shows its end, or after the last
/// that comes before it. Of what is open without a break, the last minutes take no orders.
struct Oracle {
    first: Timestamp,
    open: Vec<bool>,
}

/// The local time of every minute from the first on.
struct Minutes {
    first: Timestamp,
    local: Vec<DateTime>,
}

const BACK_DAYS: i64 = 5;
const AHEAD_DAYS: i64 = 40;
/// Days for which a range is asked for at most: nothing in the tests is moved farther.
const DAY: usize = 1440;

impl Minutes {
    fn around(at: Timestamp, zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let first = at.plus_ms(-BACK_DAYS * DAY_MS);
        let local = (0..(BACK_DAYS + AHEAD_DAYS) * 1440)
            .map(|minute| first.plus_ms(minute * MINUTE_MS))
            .map(|at| zone.to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap()))
            .collect();
        Self { first, local }
    }

    /// The minutes in which a range is open, if it starts so many minutes after this midnight.
    fn open(&self, date: Date, from: i64, to: i64) -> std::ops::Range<usize> {
        let midnight = date.at(0, 0, 0, 0);
        // Where that can be at all: a zone is at most a day off, and so is what is moved.
        let since = midnight.duration_since(self.local[0]).as_hours() / 24 - 2;
        let since = usize::try_from(since.max(0)).unwrap() * DAY;
        let until = (since + 6 * DAY).min(self.local.len());
        if since >= until {
            return 0..0;
        }
        let local = &self.local[since..until];
        let from = midnight.checked_add(from.minutes()).unwrap();
        let to = midnight.checked_add(to.minutes()).unwrap();
        let opens = local.iter().position(|at| *at >= from).unwrap_or(local.len());
        let reached = local.iter().rposition(|at| *at == to);
        let before = || local.iter().rposition(|at| *at < to).map_or(0, |n| n + 1);
        let closes = reached.unwrap_or_else(before);
        since + opens..since + closes.max(opens)
    }
}

impl Oracle {
    fn new(wish: &Wish, minutes: &Minutes) -> Self {
        let mut open = vec![false; minutes.local.len()];
        let mut date = minutes.local[0].date().checked_sub(4.days()).unwrap();
        while date <= minutes.local[minutes.local.len() - 1].date() {
            for range in wish.ranges(LocalDate(date)) {
                let length = if range.to > range.from { 0 } else { 1440 };
                let to = i64::from(range.to) + length;
                open[minutes.open(date, range.from.into(), to)].fill(true);
            }
            date = date.tomorrow().unwrap();
        }
        let mut last = 0;
        for minute in (0..open.len()).rev() {
            last = if open[minute] { last + 1 } else { 0 };
            // Of a run that goes on behind the end nobody knows.
            if last <= wish.last_order_minutes && open.len() - minute > DAY {
                open[minute] = false;
            }
        }
        Self { first: minutes.first, open }
    }

    fn state_at(&self, at: Timestamp) -> (bool, Option<Timestamp>) {
        let now = usize::try_from(at.ms_since(self.first) / MINUTE_MS).unwrap();
        let open = self.open[now];
        let known = now + 1..self.open.len() - DAY;
        let next = known.clone().find(|minute| self.open[*minute] != open);
        let next =
            next.map(|minute| self.first.plus_ms(i64::try_from(minute).unwrap() * MINUTE_MS));
        (open, next)
    }

    fn end(&self) -> Timestamp {
        self.first.plus_ms((BACK_DAYS + AHEAD_DAYS - 1) * DAY_MS)
    }
}

/// Everything that a restaurant can say of its hours, and the rule of days said again.
#[derive(Clone, Debug)]
struct Wish {
    hours: WeeklyHours,
    pickup_hours: Option<WeeklyHours>,
    holiday_hours: Option<Vec<Range>>,
    last_order_minutes: usize,
    dated: Vec<DatedHours>,
    holidays: BTreeSet<LocalDate>,
    fulfilment: Fulfilment,
}

impl Wish {
    fn ranges(&self, date: LocalDate) -> &[Range] {
        let of_date: Vec<&DatedHours> =
            self.dated.iter().filter(|dated| dated.from <= date && date <= dated.to).collect();
        if of_date.iter().any(|dated| dated.ranges.is_empty()) {
            return &[];
        }
        if let Some(special) = of_date.iter().max_by_key(|dated| (dated.from, dated.id)) {
            return &special.ranges;
        }
        match &self.holiday_hours {
            Some(ranges) if self.holidays.contains(&date) => return ranges,
            Some(_) | None => {}
        }
        let week = match (self.fulfilment, &self.pickup_hours) {
            (Fulfilment::Pickup, Some(hours)) => hours,
            (Fulfilment::Pickup, None) | (Fulfilment::Delivery, _) => &self.hours,
        };
        &week.0[date.weekday()]
    }

    fn calendar(&self, zone: &str) -> Calendar<'_> {
        let week = match (self.fulfilment, &self.pickup_hours) {
            (Fulfilment::Pickup, Some(hours)) => hours,
            (Fulfilment::Pickup, None) | (Fulfilment::Delivery, _) => &self.hours,
        };
        Calendar::new(
            week,
            self.holiday_hours.as_deref(),
            &self.dated,
            u16::try_from(self.last_order_minutes).unwrap(),
            &self.holidays,
            zone,
        )
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

// Coarse minutes often touch each other and the moved hour.
fn ranges() -> impl Strategy<Value = Vec<Range>> {
    let range =
        (0_u16..48, 0_u16..=48).prop_map(|(from, to)| Range { from: from * 30, to: to * 30 });
    proptest::collection::vec(range, 0..=3)
}

fn hours() -> impl Strategy<Value = WeeklyHours> {
    let full = Just(vec![Range { from: 0, to: 1440 }]);
    let day = prop_oneof![8 => ranges(), 1 => full, 2 => Just(Vec::new())];
    proptest::array::uniform7(day).prop_map(WeeklyHours)
}

/// Days around the night, as many before it as after it.
fn wish(night: LocalDate) -> impl Strategy<Value = Wish> {
    let day = move |days: i64| night.plus_days(days).unwrap();
    let dated = (-4_i64..12, 0_i64..30, ranges(), any::<[u8; 16]>()).prop_map(
        move |(from, length, ranges, id)| DatedHours {
            id: ClosingId(id),
            from: day(from),
            to: day(from + if ranges.is_empty() { length } else { length / 8 }),
            ranges,
            reason: None,
        },
    );
    (
        hours(),
        proptest::option::of(hours()),
        proptest::option::of(ranges()),
        prop_oneof![Just(0_usize), 0_usize..=240],
        proptest::collection::vec(dated, 0..4),
        proptest::collection::btree_set((-4_i64..20).prop_map(day), 0..4),
        any::<bool>(),
    )
        .prop_map(
            |(hours, pickup_hours, holiday_hours, last_order_minutes, dated, holidays, pickup)| {
                Wish {
                    hours,
                    pickup_hours,
                    holiday_hours,
                    last_order_minutes,
                    dated,
                    holidays,
                    fulfilment: if pickup { Fulfilment::Pickup } else { Fulfilment::Delivery },
                }
            },
        )
}

/// The minutes around each night: many wishes are judged by the same ones.
static MINUTES: LazyLock<Vec<Minutes>> = LazyLock::new(|| {
    NIGHTS.iter().map(|(zone, around)| Minutes::around(moment(around), zone)).collect()
});

fn night_and_wish() -> impl Strategy<Value = (usize, Wish)> {
    (0..NIGHTS.len()).prop_flat_map(|night| {
        let (zone, around) = NIGHTS[night];
        let date = LocalDate::of(moment(around), zone).unwrap();
        (Just(night), wish(date))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn equal_to_the_oracle(
        (night, wish) in night_and_wish(),
        minutes in proptest::collection::vec(
            prop_oneof![-3_000_i64..3_000, -200_i64..200, 0_i64..20_000],
            1..30,
        ),
    ) {
        let (zone, around) = NIGHTS[night];
        let around = moment(around);
        let oracle = Oracle::new(&wish, &MINUTES[night]);
        let calendar = wish.calendar(zone);
        for minute in minutes {
            let at = around.plus_ms(minute * MINUTE_MS);
            let state = calendar.state_at(at);
            let (open, change) = oracle.state_at(at);
            prop_assert_eq!(state.open, open, "{} at {}", zone, at);
            let soon = change.filter(|change| change.ms_since(at) <= 8 * DAY_MS);
            prop_assert_eq!(state.until, soon, "{} at {}", zone, at);
            let known = state.next_open.filter(|next| *next < oracle.end());
            prop_assert_eq!(known, change.filter(|_| !open), "{} at {}", zone, at);
            if let Some(next) = state.next_open {
                prop_assert!(calendar.state_at(next).open, "{} at {}", zone, at);
                prop_assert!(!calendar.state_at(next.plus_ms(-1)).open, "{} at {}", zone, at);
            }
            if let Some(until) = state.until.filter(|_| open) {
                prop_assert!(calendar.state_at(until.plus_ms(-1)).open, "{} at {}", zone, at);
                prop_assert!(!calendar.state_at(until).open, "{} at {}", zone, at);
            }
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

fn date(text: &str) -> LocalDate {
    text.parse().unwrap()
}

fn dated(number: u8, from: &str, to: &str, ranges: &[(u16, u16)]) -> DatedHours {
    DatedHours {
        id: ClosingId([number; 16]),
        from: date(from),
        to: date(to),
        ranges: ranges.iter().map(|(from, to)| Range { from: *from, to: *to }).collect(),
        reason: None,
    }
}

#[test]
fn a_closing_wins_over_a_special_day_and_that_over_a_holiday() {
    let wish = Wish {
        hours: every_day(&[(600, 1320)]),
        pickup_hours: None,
        holiday_hours: Some(vec![Range { from: 720, to: 900 }]),
        last_order_minutes: 0,
        dated: vec![
            dated(1, "2026-12-24", "2026-12-26", &[(600, 840)]),
            dated(2, "2026-12-25", "2026-12-25", &[]),
            dated(3, "2026-12-26", "2026-12-26", &[(660, 720)]),
        ],
        holidays: ["2026-12-25", "2026-12-26", "2027-01-01"].map(date).into(),
        fulfilment: Fulfilment::Delivery,
    };
    let calendar = wish.calendar("UTC");
    let of = |text: &str| {
        let (rule, ranges) = calendar.day(date(text));
        let rule = match rule {
            DayRule::Closing(_) => "closing",
            DayRule::Special(_) => "special",
            DayRule::Holiday => "holiday",
            DayRule::Week => "week",
        };
        (rule, ranges.first().map_or(0, |range| range.from))
    };
    assert_eq!(of("2026-12-23"), ("week", 600));
    assert_eq!(of("2026-12-24"), ("special", 600));
    assert_eq!(of("2026-12-25"), ("closing", 0));
    assert_eq!(of("2026-12-26"), ("special", 660), "the one that begins last");
    assert_eq!(of("2027-01-01"), ("holiday", 720));
}

#[test]
fn a_long_holiday_still_says_when_it_opens() {
    let mut wish = Wish {
        hours: every_day(&[(600, 1320)]),
        pickup_hours: None,
        holiday_hours: None,
        last_order_minutes: 0,
        dated: vec![dated(1, "2026-08-01", "2026-08-31", &[])],
        holidays: BTreeSet::new(),
        fulfilment: Fulfilment::Delivery,
    };
    let at = moment("2026-08-01T12:00:00Z");
    let state = wish.calendar("Europe/Lisbon").state_at(at);
    assert_eq!(state.next_open, Some(moment("2026-09-01T09:00:00Z")));
    assert_eq!((state.until, state.rule), (None, DayRule::Closing(wish.dated[0].id)));
    wish.hours = WeeklyHours::default();
    let never = wish.calendar("Europe/Lisbon").state_at(at);
    assert_eq!((never.open, never.next_open), (false, None));
}

#[test]
fn the_last_order_is_before_the_close_of_ranges_that_touch() {
    let wish = Wish {
        hours: every_day(&[(600, 840), (840, 1320)]),
        pickup_hours: Some(every_day(&[(600, 615)])),
        holiday_hours: None,
        last_order_minutes: 30,
        dated: Vec::new(),
        holidays: BTreeSet::new(),
        fulfilment: Fulfilment::Delivery,
    };
    let calendar = wish.calendar("UTC");
    assert!(calendar.state_at(moment("2026-03-02T13:45:00Z")).open, "they are one");
    let last = moment("2026-03-02T21:30:00Z");
    assert!(calendar.state_at(last.plus_ms(-1)).open);
    let state = calendar.state_at(last);
    assert_eq!((state.open, state.next_open), (false, Some(moment("2026-03-03T10:00:00Z"))));
    let pickup = Wish { fulfilment: Fulfilment::Pickup, ..wish.clone() };
    let state = pickup.calendar("UTC").state_at(last);
    assert_eq!((state.open, state.next_open), (false, None), "too short for any order");
}

#[test]
fn dates_can_be_counted() {
    let day = date("2028-02-28");
    assert_eq!(day.plus_days(2), Some(date("2028-03-01")));
    assert_eq!(date("2028-03-01").days_since(day), 2);
    assert_eq!(day.days_since(date("2028-03-01")), -2);
    assert_eq!(day.weekday(), 0);
    assert_eq!(day.begins("Europe/Lisbon"), Some(moment("2028-02-28T00:00:00Z")));
    let late = moment("2028-02-28T23:30:00Z");
    assert_eq!(LocalDate::of(late, "Europe/Berlin"), Some(date("2028-02-29")));
    assert!("2028-2-9".parse::<LocalDate>().is_err());
}
