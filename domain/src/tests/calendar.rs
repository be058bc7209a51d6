//! When a kitchen takes orders, and for when.

use crate::calendar::LocalDate;
use crate::city::{CityTerms, Planned};
use crate::order::Fulfilment;
use crate::rejection::Rejection;
use crate::restaurant::{NotTaking, Restaurant};
use crate::script::{Script, check};
use crate::slot::{Sought, free_slots};
use crate::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::{Verdict, money::Money};
use expect_test::expect;
use std::collections::BTreeSet;
use std::sync::Arc;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The words of a script for a moment.
fn clock(at: Timestamp) -> String {
    let seconds = at.ms_since(moment("2026-03-02T00:00:00Z")) / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn set_zone(script: &mut Script, time_zone: &str) {
    let mut city = Arc::unwrap_or_clone(script.city.city.clone().unwrap());
    city.time_zone = time_zone.to_owned();
    script.city.city = Some(Arc::new(city));
}

fn set_holidays(script: &mut Script, days: &[&str]) {
    let city = script.city.city.clone().unwrap();
    let mut terms = CityTerms::founding(&city);
    terms.holidays = Planned::just(days.iter().map(|day| day.parse().unwrap()).collect());
    script.city.terms = Some(Arc::new(terms));
}

fn restaurant(script: &mut Script, name: &str) -> Arc<Restaurant> {
    let id = script.restaurant_id(name);
    script.city.restaurants[&id].clone()
}

/// What a customer is told at a moment: by the list of restaurants, by a quote, by an order. All
/// three say the same, whatever it is.
fn told_at(script: &Script, at: Timestamp, how: &str) -> Result<(), Option<Timestamp>> {
    let mut script = script.clone();
    let founded = script.city.city.clone().unwrap();
    let terms = crate::city::terms_of(&script.city, &founded).unwrap();
    let kitchen = restaurant(&mut script, "r1");
    let fulfilment = if how == "pickup" { Fulfilment::Pickup } else { Fulfilment::Delivery };
    let zone = &founded.time_zone;
    let shown = match kitchen.taking_orders(at, fulfilment, zone, terms.holidays.at(at)) {
        Ok(()) => Ok(()),
        Err(NotTaking::Closed { next_open }) => Err(next_open),
        Err(other) => panic!("{other:?}"),
    };
    for line in ["quote q1 at r1 by alice", "place o1 at r1 by alice"] {
        script.line(&format!("{} {line} {how}: 1 ramen", clock(at)));
        let said = match &script.outcomes.last().unwrap().verdict {
            Verdict::Yes { .. } => Ok(()),
            Verdict::No(Rejection::RestaurantClosed { next_open }) => Err(*next_open),
            Verdict::No(other) => panic!("{other:?}"),
        };
        assert_eq!(said, shown, "{line} at {at}");
    }
    shown
}

/// Stretches in which orders are taken, as one finds them minute by minute and at every last second.
fn stretches(script: &Script, from: &str, to: &str, how: &str) -> String {
    let (mut at, end) = (moment(from), moment(to));
    let mut told = String::new();
    let mut before = None;
    while at < end {
        let now = told_at(script, at, how);
        if before.is_some_and(|before| before != now.is_ok()) {
            told += &format!("{} {at}\n", if now.is_ok() { "opens " } else { "closes" });
            let last = at.plus_ms(-1_000);
            assert_eq!(told_at(script, last, how).is_ok(), now.is_err(), "a second before {at}");
        }
        if let Err(next) = now {
            assert!(next.is_some_and(|next| next > at), "at {at} it says {next:?}");
        }
        before = Some(now.is_ok());
        at = at.plus_ms(15 * MINUTE_MS);
    }
    told
}

#[test]
fn r7_browse_quote_and_order_agree_in_nights_when_clocks_are_moved() {
    let nights = [
        ("Europe/Lisbon", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
        ("Europe/Lisbon", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ("Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        ("Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
    ];
    let mut told = String::new();
    for (zone, from, to) in nights {
        let mut script = Script::new();
        set_zone(&mut script, zone);
        script.run("09:00 open r1 from 18:00 to 02:00");
        told += &format!("{zone}\n{}", stretches(&script, from, to, ""));
    }
    expect![[r#"
        Europe/Lisbon
        opens  2026-03-28T18:00:00.000Z
        closes 2026-03-29T01:00:00.000Z
        opens  2026-03-29T17:00:00.000Z
        closes 2026-03-30T01:00:00.000Z
        Europe/Lisbon
        opens  2026-10-24T17:00:00.000Z
        closes 2026-10-25T02:00:00.000Z
        opens  2026-10-25T18:00:00.000Z
        closes 2026-10-26T02:00:00.000Z
        Europe/Berlin
        opens  2026-03-28T17:00:00.000Z
        closes 2026-03-29T01:00:00.000Z
        Europe/Berlin
        opens  2026-10-24T16:00:00.000Z
        closes 2026-10-25T01:00:00.000Z
    "#]]
    .assert_eq(&told);
}

#[test]
fn r7_the_day_of_a_closing_never_slips() {
    let mut script = Script::new();
    script.run(
        "
        09:00 open    r1 from 18:00 to 02:00
        09:00 closing c1 at r1 on 2026-03-28
        ",
    );
    // The night that began on Friday goes on, the one of Saturday does not take place.
    expect![[r#"
        opens  2026-03-27T18:00:00.000Z
        closes 2026-03-28T02:00:00.000Z
        opens  2026-03-29T17:00:00.000Z
        closes 2026-03-30T01:00:00.000Z
    "#]]
    .assert_eq(&stretches(&script, "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z", ""));
}

#[test]
fn r17_a_page_left_open_and_the_api_are_refused_alike() {
    check(
        "
        09:00:00  open    r1 from 10:00 to 22:00
        21:58:00  quote   q1 at r1 by alice: 1 ramen
        22:00:00  place   o1 from q1 by alice
        22:00:00  place   o1 at r1 by alice: 1 ramen
        22:00:00  quote   q2 at r1 by alice: 1 ramen
        22:00:00  place   o2 at r1 by bob pickup: 1 ramen
        22:01:00  closing c1 at r1 on 2026-03-03
        22:02:00  place   o1 from q1 by alice
        22:02:00  quote   q2 at r1 by alice: 1 ramen
        22:02:00  place   o1 at r1 by alice slot 34:00: 1 ramen
        22:02:00  place   o1 at r1 by alice slot 58:00: 1 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            21:58:00 quote    q1   yes QuoteMade q1 r1
            22:00:00 place    o1   no  RestaurantClosed next_open=34:00:00
            22:00:00 place    o1   no  RestaurantClosed next_open=34:00:00
            22:00:00 quote    q2   no  RestaurantClosed next_open=34:00:00
            22:00:00 place    o2   no  RestaurantClosed next_open=34:00:00
            22:01:00 closing  c1   yes HoursChanged r1
            22:02:00 place    o1   no  RestaurantClosed next_open=58:00:00
            22:02:00 quote    q2   no  RestaurantClosed next_open=58:00:00
            22:02:00 place    o1   no  RestaurantClosed next_open=58:00:00
            22:02:00 place    o1   yes OrderPending o1 total=1598
        "#]],
    );
}

#[test]
fn r18_exactly_that_date_is_closed() {
    let mut script = Script::new();
    script.run(
        "
        09:00 open    r1
        09:00 closing c1 at r1 on 2026-03-29
        ",
    );
    // Round the clock but for one date, and that one has 23 hours.
    expect![[r#"
        closes 2026-03-29T00:00:00.000Z
        opens  2026-03-29T23:00:00.000Z
    "#]]
    .assert_eq(&stretches(&script, "2026-03-28T12:00:00Z", "2026-03-31T12:00:00Z", ""));
    script.run("10:00 hours r1: 11:00-14:00, 18:00-22:00");
    expect![[r#"
        opens  2026-03-28T11:00:00.000Z
        closes 2026-03-28T14:00:00.000Z
        opens  2026-03-28T18:00:00.000Z
        closes 2026-03-28T22:00:00.000Z
        opens  2026-03-30T10:00:00.000Z
        closes 2026-03-30T13:00:00.000Z
        opens  2026-03-30T17:00:00.000Z
        closes 2026-03-30T21:00:00.000Z
    "#]]
    .assert_eq(&stretches(&script, "2026-03-28T08:00:00Z", "2026-03-30T22:30:00Z", ""));
}

/// Free slots for a pickup from now on, as times of day.
fn free(script: &mut Script, at: &str) -> Vec<String> {
    let now = moment(at);
    let kitchen = restaurant(script, "r1");
    let founded = script.city.city.clone().unwrap();
    let terms = crate::city::terms_of(&script.city, &founded).unwrap();
    let sought = Sought {
        fulfilment: Fulfilment::Pickup,
        way_ms: 0,
        dishes: 1,
        money: Money(1),
        now,
        from: now,
        to: now.plus_ms(DAY_MS / 2),
        at_most: 1_000,
        looks: 1_000,
    };
    let free = free_slots(&script.city, &founded, &terms, &kitchen, &sought).unwrap();
    free.into_iter().map(|at| at.to_string()[11..16].to_owned()).collect()
}

#[test]
fn r18_the_lead_time_counts_once() {
    let mut script = Script::new();
    script.run("09:00 open r1 auto\n 09:00 hours r1: 11:00-12:00, 18:00-19:00");
    let both = ["11:00", "11:15", "11:30", "11:45", "18:00", "18:15", "18:30", "18:45"];
    assert_eq!(free(&mut script, "2026-03-02T10:30:00Z"), both);
    assert_eq!(free(&mut script, "2026-03-02T11:04:00Z"), [&["11:45"], &both[4..]].concat());
    script.run("11:04 busy r1 minutes 30 until 18:15");
    // 15 and 30 minutes: 11:45 is too soon, and the evening owes nothing for it.
    assert_eq!(free(&mut script, "2026-03-02T11:04:00Z"), both[4..]);
    let told = script.run(
        "
        11:05:00  place   o1 at r1 by alice cash: 1 ramen
        11:05:00  place   o2 at r1 by alice cash pickup slot 11:45: 1 ramen
        18:00:00  place   o3 at r1 by alice cash: 1 ramen
        18:15:00  due     -
        18:15:00  place   o4 at r1 by alice cash: 1 ramen
        ",
    );
    expect![[r#"
        11:05:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=11:10:00
                                   OrderAccepted o1 ready_at=11:50:00
                                   DeliveryOpened o1
        11:05:00 place    o2   no  SlotFull next=18:00:00 18:15:00 18:30:00
        18:00:00 place    o3   yes OrderPending o3 total=1598
                                   OrderPlaced o3 accept_by=18:05:00
                                   OrderAccepted o3 ready_at=18:45:00
                                   DeliveryOpened o3
        18:15:00 due      -    yes CourierMissing o1
        18:15:00 due      -    yes OrderCancelled o1 reason=NoCourier fault=Platform
                                   DeliveryCancelled o1
        18:15:00 due      -    yes AvailabilityChanged r1 mode=Open until=None
        18:15:00 place    o4   yes OrderPending o4 total=1598
                                   OrderPlaced o4 accept_by=18:20:00
                                   OrderAccepted o4 ready_at=18:30:00
                                   DeliveryOpened o4
    "#]]
    .assert_eq(&told);
}

#[test]
fn holidays_pickup_hours_and_last_orders() {
    let mut script = Script::new();
    set_holidays(&mut script, &["2026-03-03"]);
    script.run(
        "
        00:00 open  r1
        00:00 hours r1 pickup 12:00-13:00 holidays 12:00-14:00 last 30: 10:00-22:00
        ",
    );
    let days = ("2026-03-02T08:00:00Z", "2026-03-04T23:00:00Z");
    expect![[r#"
        opens  2026-03-02T10:00:00.000Z
        closes 2026-03-02T21:30:00.000Z
        opens  2026-03-03T12:00:00.000Z
        closes 2026-03-03T13:30:00.000Z
        opens  2026-03-04T10:00:00.000Z
        closes 2026-03-04T21:30:00.000Z
    "#]]
    .assert_eq(&stretches(&script, days.0, days.1, ""));
    expect![[r#"
        opens  2026-03-02T12:00:00.000Z
        closes 2026-03-02T12:30:00.000Z
        opens  2026-03-03T12:00:00.000Z
        closes 2026-03-03T13:30:00.000Z
        opens  2026-03-04T12:00:00.000Z
        closes 2026-03-04T12:30:00.000Z
    "#]]
    .assert_eq(&stretches(&script, days.0, days.1, "pickup"));
    script.run("00:00 hours r1 holidays none: 10:00-22:00");
    expect![[r#"
        opens  2026-03-02T10:00:00.000Z
        closes 2026-03-02T22:00:00.000Z
        opens  2026-03-04T10:00:00.000Z
        closes 2026-03-04T22:00:00.000Z
    "#]]
    .assert_eq(&stretches(&script, days.0, days.1, ""));
}

#[test]
fn who_may_say_when_it_is_open() {
    check(
        "
        09:00:00  put      r1 by bob
        09:00:00  approve  r1
        09:00:00  grant    ann at r1 kitchen
        09:00:00  grant    mia at r1 manager
        10:00:00  hours    r1 by ann: 11:00-14:00
        10:00:00  hours    r1 by eve: 11:00-14:00
        10:00:00  hours    r7 by op: 11:00-14:00
        10:00:00  hours    r1 by mia last 15 pickup 11:00-12:00 holidays none: 11:00-14:00
        10:00:00  again
        10:00:00  hours    r1 by mia: 24:00-14:00
        10:00:00  hours    r1 by mia pickup 11:00-25:00: 11:00-14:00
        10:00:00  hours    r1 by mia last 241: 11:00-14:00
        10:00:00  hours    r1 by mia: 1:00-2:00, 3:00-4:00, 5:00-6:00, 7:00-8:00, 9:00-10:00, 11:00-12:00, 13:00-14:00
        10:00:00  closing  c1 at r1 by ann on 2026-03-05
        10:00:00  closing  c1 at r1 by mia on 2026-03-05
        10:00:00  again
        10:00:00  closing  c1 at r1 by mia on 2026-03-06 to 2026-03-08 for Easter
        10:00:00  closing  c2 at r1 by mia on 2026-03-06 to 2026-03-05
        10:00:00  closing  c2 at r1 by mia on 2026-03-06 to 2027-03-07
        10:00:00  closing  c2 at r1 by mia on 2026-03-01
        10:00:00  closing  c2 at r1 by mia on 2026-03-09: 11:00-24:01
        10:00:00  reopen   c1 at r1 by ann
        10:00:00  reopen   c1 at r1 by mia
        10:00:00  again
        10:00:00  capacity r1 by ann orders 10
        10:00:00  capacity r1 by mia orders 10 dishes 40 money 90000
        10:00:00  again
        10:00:00  capacity r1 by mia orders 100001
        10:00:00  capacity r1 by mia money -1
        10:00:00  capacity r1 by mia none
        10:00:00  capacity r1 by mia
        ",
        expect![[r#"
            09:00:00 put      r1   yes RestaurantPut r1
                                       StaffGranted r1 bob
            09:00:00 approve  r1   yes RestaurantApproved r1
            09:00:00 grant    ann  yes StaffGranted r1 ann
            09:00:00 grant    mia  yes StaffGranted r1 mia
            10:00:00 hours    r1   no  Forbidden
            10:00:00 hours    r1   no  Forbidden
            10:00:00 hours    r7   no  RestaurantUnknown
            10:00:00 hours    r1   yes HoursChanged r1
            10:00:00 again         yes (unchanged)
            10:00:00 hours    r1   no  FieldInvalid /hours/0/0/from: a number from 0 to 1439
            10:00:00 hours    r1   no  FieldInvalid /pickup_hours/0/0/to: a number from 0 to 1440
            10:00:00 hours    r1   no  FieldInvalid /last_order_minutes: a number from 0 to 240
            10:00:00 hours    r1   no  FieldInvalid /hours/0: from 0 to 6 of them
            10:00:00 closing  c1   no  Forbidden
            10:00:00 closing  c1   yes HoursChanged r1
            10:00:00 again         yes (unchanged)
            10:00:00 closing  c1   yes HoursChanged r1
            10:00:00 closing  c2   no  FieldInvalid /to: from the first day on, at most 366 days in all
            10:00:00 closing  c2   no  FieldInvalid /to: from the first day on, at most 366 days in all
            10:00:00 closing  c2   no  FieldInvalid /to: a day that is not over
            10:00:00 closing  c2   no  FieldInvalid /ranges/0/to: a number from 0 to 1440
            10:00:00 reopen   c1   no  Forbidden
            10:00:00 reopen   c1   yes HoursChanged r1
            10:00:00 again         yes (unchanged)
            10:00:00 capacity r1   no  Forbidden
            10:00:00 capacity r1   yes CapacityChanged r1
            10:00:00 again         yes (unchanged)
            10:00:00 capacity r1   no  FieldInvalid /orders: a number from 0 to 100000
            10:00:00 capacity r1   no  FieldInvalid /money: an amount from 0 to 100000000
            10:00:00 capacity r1   yes CapacityChanged r1
            10:00:00 capacity r1   yes (unchanged)
        "#]],
    );
}

#[test]
fn a_profile_keeps_the_hours_that_it_does_not_name() {
    let mut script = Script::new();
    script.run(
        "
        09:00 open  r1
        09:00 hours r1 pickup 12:00-13:00 holidays none last 30: 10:00-22:00
        09:01 put   r1 from 09:00 to 21:00 fee 100
        ",
    );
    let profile = restaurant(&mut script, "r1").profile.clone();
    assert_eq!(profile.hours.0[0][0].from, 540);
    assert_eq!(profile.pickup_hours.unwrap().0[0][0].from, 720);
    assert_eq!((profile.holiday_hours, profile.last_order_minutes), (Some(Vec::new()), 30));
    assert!(script.line("09:02 put r1 from 09:00 to 21:00 fee 100").contains("unchanged"));
}

#[test]
fn closings_are_few_and_go_when_they_are_long_over() {
    let mut script = Script::new();
    script.run("09:00 open r1");
    for day in 0..200 {
        let date: LocalDate = "2026-03-02".parse().unwrap();
        let date = date.plus_days(day).unwrap();
        let told = script.line(&format!("09:00 closing c{day} at r1 on {date}"));
        assert!(told.contains("yes"), "{told}");
    }
    let told = script.line("09:00 closing c200 at r1 on 2027-03-02");
    assert!(told.contains("no  FieldInvalid /from: at most 200"), "{told}");
    // The first two are over for more than a month.
    let told = script.line(
        &format!("{} closing c200 at r1 on 2027-03-02", 33 * 24 + 9)
            .replace(" closing", ":00 closing"),
    );
    assert!(told.contains("yes"), "{told}");
    let kept = &restaurant(&mut script, "r1").dated_hours;
    assert_eq!((kept.len(), kept[0].from.to_string()), (199, "2026-03-04".to_owned()));
    assert_eq!(kept[198].from.to_string(), "2027-03-02");
}

#[test]
fn r21_an_order_for_another_day_is_told_at_placing_and_when_it_is_time() {
    let mut script = Script::new();
    let told = script.run(
        "
        09:00:00  open    r1 from 10:00 to 22:00
        12:00:00  place   o1 at r1 by alice cash slot 43:00: 1 ramen
        12:10:00  accept  o1 by r1
        12:10:00  show    o1
        12:11:00  start   o1 by r1
        42:36:59  due     -
        42:37:00  due     -
        42:37:00  show    o1
        42:38:00  start   o1 by r1
        ",
    );
    expect![[r#"
        09:00:00 open     r1   yes
        12:00:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=12:30:00
        12:10:00 accept   o1   yes OrderAccepted o1 ready_at=42:52:00
        12:10:00 show     o1   Accepted; CashDue 1598 of 1598; Waiting by nobody, fence 0
        12:11:00 start    o1   no  TooEarly from=42:07:00
        42:37:00 due      -    yes OrderKitchenDue o1
                                   DeliveryOpened o1
        42:37:00 show     o1   Accepted; CashDue 1598 of 1598; Unassigned by nobody, fence 0
        42:38:00 start    o1   yes OrderStarted o1
    "#]]
    .assert_eq(&told);
}

#[test]
fn r4_a_slot_of_ten_has_ten_orders() {
    let mut script = Script::new();
    script.run("09:00 open r1 from 10:00 to 20:00\n09:00 capacity r1 orders 10");
    let slot = "slot 19:30";
    let mut yes = 0;
    for buyer in 0..100 {
        let line = format!("12:00 place o{buyer} at r1 by buyer{buyer} cash {slot}: 1 ramen");
        let told = script.line(&line);
        match &script.outcomes.last().unwrap().verdict {
            Verdict::Yes { .. } => yes += 1,
            Verdict::No(Rejection::SlotFull { next }) => {
                // 19:45, and the two that are next tomorrow.
                let next: Vec<String> = next.iter().map(|at| at.to_string()).collect();
                let named = ["03-02T19:45", "03-03T10:00", "03-03T10:15"];
                let named = named.map(|at| format!("2026-{at}:00.000Z"));
                assert_eq!(next, named);
            }
            Verdict::No(other) => panic!("{other:?}: {told}"),
        }
    }
    assert_eq!(yes, 10);
    let slots: BTreeSet<u32> = script.city.slots.values().map(|slot| slot.orders).collect();
    assert_eq!(slots, BTreeSet::from([10]));
    // One that is given back is there for one more.
    let told = script.run(
        "
        12:01:00  cancel o3 by buyer3
        12:01:00  place  p1 at r1 by carol cash slot 19:30: 1 ramen
        12:01:00  place  p2 at r1 by dave cash slot 19:30: 1 ramen
        ",
    );
    expect![[r#"
        12:01:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                   DeliveryCancelled o3
        12:01:00 place    p1   yes OrderPending p1 total=1598
                                   OrderPlaced p1 accept_by=12:31:00
        12:01:00 place    p2   no  SlotFull next=19:45:00 34:00:00 34:15:00
    "#]]
    .assert_eq(&told);
}

#[test]
fn an_order_for_now_takes_the_slot_in_which_it_is_ready() {
    check(
        "
        09:00:00  open     r1 auto
        09:00:00  capacity r1 dishes 5
        12:00:00  place    o1 at r1 by alice cash: 4 ramen
        12:01:00  place    o2 at r1 by bob cash: 2 ramen
        12:01:00  place    o2 at r1 by bob cash: 1 ramen
        12:15:00  place    o3 at r1 by bob cash: 9 ramen
        12:15:00  place    o4 at r1 by bob cash: 1 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 capacity r1   yes CapacityChanged r1
            12:00:00 place    o1   yes OrderPending o1 total=5198
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:01:00 place    o2   no  SlotFull next=12:45:00 13:00:00 13:15:00
            12:01:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:06:00
                                       OrderAccepted o2 ready_at=12:16:00
                                       DeliveryOpened o2
            12:15:00 place    o3   yes OrderPending o3 total=11198
                                       OrderPlaced o3 accept_by=12:20:00
                                       OrderAccepted o3 ready_at=12:30:00
                                       DeliveryOpened o3
            12:15:00 place    o4   no  SlotFull next=12:45:00 13:00:00 13:15:00
        "#]],
    );
}

#[test]
fn an_order_for_later_is_answered_in_half_an_hour_of_opening_time() {
    check(
        "
        09:00:00  open    r1 from 10:00 to 22:00
        12:00:00  place   o1 at r1 by alice cash slot 20:00: 1 ramen
        12:00:00  place   o2 at r1 by alice cash slot 12:30: 1 ramen
        21:50:00  place   o3 at r1 by alice cash slot 44:00: 1 ramen
        23:00:00  place   o4 at r1 by alice cash slot 34:00: 1 ramen
        23:00:00  closing c1 at r1 on 2026-03-03
        23:01:00  place   o5 at r1 by alice cash slot 68:00: 1 ramen
        23:02:00  place   o6 at r1 by alice cash slot 23:31: 1 ramen
        23:02:00  place   o6 at r1 by alice cash slot 23:30: 1 ramen
        23:02:00  place   o6 at r1 by alice cash slot 167:15: 1 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:30:00
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:07:00
            21:50:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=34:20:00
            23:00:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=34:05:00
            23:00:00 closing  c1   yes HoursChanged r1
            23:01:00 place    o5   yes OrderPending o5 total=1598
                                       OrderPlaced o5 accept_by=58:30:00
            23:02:00 place    o6   no  FieldInvalid /when/slot: the start of a quarter of an hour
            23:02:00 place    o6   no  FieldInvalid /when/slot: from 30 minutes to 6 days ahead
            23:02:00 place    o6   no  FieldInvalid /when/slot: from 30 minutes to 6 days ahead
        "#]],
    );
}
