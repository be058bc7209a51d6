//! Orders that the rules let through, hold or refuse, and what people make of it.

use crate::deadline::{Deadline, Due};
use crate::fraud::TraceKey;
use crate::script::month::{Kind, Month};
use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn an_order_that_looks_odd_waits_for_a_person() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce by alice if 0: account_orders_hour 2 40
        11:00:00  rules  enforce if 1: account_orders_hour 2 40
        11:00:00  rules  enforce if 0: account_orders_hour 0 40
        11:00:00  rules  enforce if 0: account_orders_hour 2 40, account_orders_hour 4 40
        11:00:00  again
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:00:02  place  o2 at r1 by alice cash: 1 ramen
        11:00:02  again
        11:00:03  place  o3 at r1 by alice: 1 ramen
        11:00:04  pay    o3
        11:00:04  show   o3
        11:00:05  place  o4 at r1 by alice cash: 1 ramen
        11:00:06  place  o5 at r1 by alice cash: 1 ramen
        11:00:07  show   o2
        11:00:07  case   o1
        11:00:07  case   o2
        11:00:07  case   o4
        11:00:07  case   o5
        11:01:00  decide o2 allow by alice
        11:01:00  decide o2 allow for friend
        11:01:00  again
        11:01:00  decide o2 deny
        11:01:00  show   o2
        11:02:00  decide o3 deny for stranger
        11:02:00  show   o3
        11:03:00  decide o1 allow
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce no  Forbidden
            11:00:00 rules    enforce no  VersionChanged version=0
            11:00:00 rules    enforce no  FieldInvalid /rules/0/at_least: a number from 1 to 9223372036854775807
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:00 again         yes (unchanged)
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:01
            11:00:02 place    o2   yes OrderPending o2 total=1598
                                       FraudCaseOpened fcs_0004e4gt913xtb4fjh32f5g910
            11:00:02 again         yes (unchanged)
            11:00:03 place    o3   yes OrderPending o3 total=1598
                                       FraudCaseOpened fcs_0007s20j2cqnfrr43ya26af98r
            11:00:04 pay      o3   yes PaymentAuthorized o3
            11:00:04 show     o3   Pending; Authorized 1598 of 1598; Waiting by nobody, fence 0
            11:00:05 place    o4   no  OrderDeclined
            11:00:06 place    o5   no  OrderDeclined
            11:00:07 show     o2   Pending; CashDue 1598 of 1598; Waiting by nobody, fence 0
            11:00:07 case     o1   nothing
            11:00:07 case     o2   Open, 40 points: account_orders_hour=2 for 40
            11:00:07 case     o4   Denied, 80 points: account_orders_hour=4 for 40, account_orders_hour=4 for 40
            11:00:07 case     o5   nothing
            11:01:00 decide   o2   no  Forbidden
            11:01:00 decide   o2   yes FraudCaseDecided fcs_0004e4gt913xtb4fjh32f5g910
                                       OrderPlaced o2 accept_by=11:06:00
            11:01:00 again         yes (unchanged)
            11:01:00 decide   o2   no  CaseClosed
            11:01:00 show     o2   Placed; CashDue 1598 of 1598; Waiting by nobody, fence 0
            11:02:00 decide   o3   yes FraudCaseDecided fcs_0007s20j2cqnfrr43ya26af98r
                                       OrderCancelled o3 reason=Fraud fault=Customer
                                       DeliveryCancelled o3
                                       PaymentVoiding o3
            11:02:00 show     o3   Cancelled; Voiding 0 of 1598; Cancelled by nobody, fence 0
            11:03:00 decide   o1   no  CaseUnknown
        "#]],
    );
}

/// R13 of the requirements has a second half here: paid for is not enough while somebody must look.
#[test]
fn the_kitchen_sees_a_held_order_when_it_is_paid_and_looked_at_whichever_comes_last() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: account_orders_hour 1 40
        11:00:01  place  o1 at r1 by alice: 1 ramen
        11:00:01  place  o2 at r1 by bob: 1 ramen
        11:00:01  place  o3 at r1 by carol: 1 ramen
        11:00:01  place  o4 at r1 by dave cash: 1 ramen
        11:00:02  pay    o1
        11:00:02  accept o1 by r1 ready 11:20:00
        11:01:00  decide o1 allow
        11:01:00  decide o2 allow
        11:01:00  show   o2
        11:01:01  pay    o2
        11:01:02  cancel o4 by dave
        11:01:02  case   o4
        11:01:02  decide o4 allow
        11:10:01  due
        11:10:01  show   o3
        11:10:01  case   o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:00:01 place    o2   yes OrderPending o2 total=1598
                                       FraudCaseOpened fcs_0004e4gt913xtb4fjh32f5g910
            11:00:01 place    o3   yes OrderPending o3 total=1598
                                       FraudCaseOpened fcs_0007s20j2cqnfrr43ya26af98r
            11:00:01 place    o4   yes OrderPending o4 total=1598
                                       FraudCaseOpened fcs_0006vvakch2mqagh5s1xb5ka4z
            11:00:02 pay      o1   yes PaymentAuthorized o1
            11:00:02 accept   o1   no  OrderUnknown
            11:01:00 decide   o1   yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
                                       OrderPlaced o1 accept_by=11:06:00
            11:01:00 decide   o2   yes FraudCaseDecided fcs_0004e4gt913xtb4fjh32f5g910
            11:01:00 show     o2   Pending; Authorizing 1598 of 1598; Waiting by nobody, fence 0
            11:01:01 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=11:06:01
            11:01:02 cancel   o4   yes FraudCaseDecided fcs_0006vvakch2mqagh5s1xb5ka4z
                                       OrderCancelled o4 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o4
            11:01:02 case     o4   Moot, 40 points: account_orders_hour=1 for 40
            11:01:02 decide   o4   no  CaseClosed
            11:10:01 due           yes OrderAlerted o1 step=Push
            11:10:01 due           yes OrderAlerted o2 step=Push
            11:10:01 due           yes OrderAlerted o1 step=Sms
            11:10:01 due           yes OrderAlerted o2 step=Sms
            11:10:01 due           yes OrderAlerted o1 step=Call
            11:10:01 due           yes OrderAlerted o2 step=Call
            11:10:01 due           yes OrderAlerted o1 step=Operators
            11:10:01 due           yes OrderAlerted o2 step=Operators
            11:10:01 due           yes OrderExpired o1
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            11:10:01 due           yes OrderExpired o2
                                       DeliveryCancelled o2
                                       PaymentVoiding o2
            11:10:01 due           yes FraudCaseDecided fcs_0007s20j2cqnfrr43ya26af98r
                                       OrderCancelled o3 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o3
            11:10:01 show     o3   Cancelled; Authorizing 0 of 1598; Cancelled by nobody, fence 0
            11:10:01 case     o3   Moot, 40 points: account_orders_hour=1 for 40
        "#]],
    );
}

/// Cash needs no bank, but it is no way around whoever must look at the order first.
#[test]
fn paying_in_cash_does_not_take_a_held_order_to_its_kitchen() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: account_orders_hour 1 40
        11:00:01  place  o1 at r1 by alice: 1 ramen
        11:00:01  place  o2 at r1 by bob: 1 ramen
        11:00:02  pay    o1 declined
        11:00:02  pay    o2 declined
        11:00:03  retry  o1 as p2 by alice cash
        11:00:03  retry  o2 as p3 by bob cash
        11:00:04  show   o1
        11:00:05  accept o1 by r1 ready 11:20:00
        11:01:00  decide o1 allow for friend
        11:01:01  accept o1 by r1 ready 11:20:00
        11:10:01  due
        11:10:01  show   o2
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:00:01 place    o2   yes OrderPending o2 total=1598
                                       FraudCaseOpened fcs_0004e4gt913xtb4fjh32f5g910
            11:00:02 pay      o1   yes PaymentFailed o1
            11:00:02 pay      o2   yes PaymentFailed o2
            11:00:03 retry    o1   yes PaymentOpened o1
            11:00:03 retry    o2   yes PaymentOpened o2
            11:00:04 show     o1   Pending; CashDue 1598 of 1598; Waiting by nobody, fence 0
            11:00:05 accept   o1   no  OrderUnknown
            11:01:00 decide   o1   yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
                                       OrderPlaced o1 accept_by=11:06:00
            11:01:01 accept   o1   yes OrderAccepted o1 ready_at=11:20:00
                                       DeliveryOpened o1
            11:10:01 due           yes FraudCaseDecided fcs_0004e4gt913xtb4fjh32f5g910
                                       OrderCancelled o2 reason=Fraud fault=Customer
                                       DeliveryCancelled o2
            11:10:01 show     o2   Cancelled; None 0 of 1598; Cancelled by nobody, fence 0
        "#]],
    );
}

#[test]
fn a_kitchen_that_is_banned_gets_no_order_by_cash_either() {
    check(
        "
        11:00:00  open   r1
        11:00:01  place  o1 at r1 by alice: 1 ramen
        11:00:02  pay    o1 declined
        11:00:03  ban    r1 restaurant for dirt
        11:00:04  retry  o1 as p2 by alice cash
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:01 place    o1   yes OrderPending o1 total=1598
            11:00:02 pay      o1   yes PaymentFailed o1
            11:00:03 ban      r1   yes RestaurantBanned r1 until=None
            11:00:04 retry    o1   yes PaymentOpened o1
                                       OrderCancelled o1 reason=RestaurantClosed fault=Restaurant
                                       DeliveryCancelled o1
        "#]],
    );
}

#[test]
fn a_city_may_let_go_on_what_nobody_looked_at() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce release if 0: account_orders_hour 1 40
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:10:01  due
        11:10:01  case   o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:10:01 due           yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
                                       OrderPlaced o1 accept_by=11:15:01
            11:10:01 case     o1   Allowed, 40 points: account_orders_hour=1 for 40
        "#]],
    );
}

#[test]
fn an_appeal_opens_the_door_for_a_day_and_refusals_leave_one_case_an_hour() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: account_orders_day 1 80
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:00:02  again
        11:00:03  place  o2 at r1 by alice cash: 1 ramen
        11:00:04  case   o1
        11:00:04  case   o2
        12:00:02  place  o3 at r1 by alice cash: 1 ramen
        12:00:03  case   o3
        12:01:00  decide o1 allow for mistake
        12:02:00  place  o4 at r1 by alice cash: 1 ramen
        36:02:00  place  o5 at r1 by alice cash: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   no  OrderDeclined
            11:00:02 again         no  OrderDeclined
            11:00:03 place    o2   no  OrderDeclined
            11:00:04 case     o1   Denied, 80 points: account_orders_day=1 for 80
            11:00:04 case     o2   nothing
            12:00:02 place    o3   no  OrderDeclined
            12:00:03 case     o3   Denied, 80 points: account_orders_day=1 for 80
            12:01:00 decide   o1   yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
            12:02:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=12:07:00
            36:02:00 place    o5   no  OrderDeclined
        "#]],
    );
}

#[test]
fn in_shadow_everything_goes_on_and_is_remembered() {
    check(
        "
        11:00:00  open   r1
        11:00:00  courier carl device phone
        11:00:01  place  o1 at r1 by alice device phone card visa throwaway: 20 ramen
        11:00:02  pay    o1 declined
        11:00:03  place  o2 at r1 by bob device phone card visa: 1 ramen
        11:00:04  ban    alice for fraud
        11:00:05  place  o3 at r1 by carol device tablet card visa door 9: 1 ramen
        11:00:06  unban  alice
        11:00:07  place  o4 at r1 by carol device tablet card visa door 9: 1 ramen
        11:00:08  judged o1
        11:00:08  judged o2
        11:00:08  judged o3
        11:00:08  judged o4
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:01 place    o1   yes OrderPending o1 total=24398
            11:00:02 pay      o1   yes PaymentFailed o1
            11:00:03 place    o2   yes OrderPending o2 total=1598
            11:00:04 ban      alice yes AccountBanned alice until=None
            11:00:05 place    o3   yes OrderPending o3 total=1598
            11:00:06 unban    alice yes AccountUnbanned alice
            11:00:07 place    o4   yes OrderPending o4 total=1598
            11:00:08 judged   o1   Deny, 100 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=1 card_orders_day=1 address_orders_hour=1 address_orders_day=1 device_accounts=2 card_accounts=1 address_accounts=1 new_account_total=24398 shares_device_with_courier=1 throwaway_mail=1
            11:00:08 judged   o2   Review, 40 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=2 device_orders_day=2 card_orders_hour=2 card_orders_day=2 address_orders_hour=2 address_orders_day=2 device_accounts=3 card_accounts=2 address_accounts=2 new_account_total=1598 declines_hour=1 declines_day=1 shares_device_with_courier=1
            11:00:08 judged   o3   Allow, 20 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=3 card_orders_day=3 address_orders_hour=1 address_orders_day=1 device_accounts=1 card_accounts=3 address_accounts=1 new_account_total=1598 declines_hour=1 declines_day=1 like_banned=1
            11:00:08 judged   o4   Allow, 0 points: account_orders_hour=2 account_orders_day=2 account_orders_week=2 device_orders_hour=2 device_orders_day=2 card_orders_hour=4 card_orders_day=4 address_orders_hour=2 address_orders_day=2 device_accounts=1 card_accounts=3 address_accounts=1 new_account_total=1598 declines_hour=1 declines_day=1
        "#]],
    );
}

#[test]
fn a_month_is_the_same_for_the_same_seed_and_every_kind_of_attack_is_found_in_it() {
    let month = Month { seed: 20_260_302, days: 12, people: 120, attacks: 3 };
    let told = month.live();
    assert_eq!(told, month.live());
    for (kind, found) in &told.kinds {
        assert_eq!(found.planted, 3, "{kind:?}");
        assert!(found.detected > 0, "{kind:?}");
    }
    assert_eq!(told.kinds.len(), Kind::ALL.len());
    let flagged = told.honest.review + told.honest.deny;
    assert!(flagged * 50 < told.honest.sum(), "one in fifty: {:?}", told.honest);
}

/// What is counted of somebody who orders a lot does not grow without end.
#[test]
fn traces_have_an_end() {
    let mut script = Script::new();
    script.run("00:00 open r1");
    for number in 0..600 {
        let (hour, person) = (number * 5, number % 40);
        let marks = format!("device phone card k{number} door {number}");
        let line = format!("{hour}:00 place o{number} at r1 by p{person} {marks} cash: 1 tea");
        assert!(script.line(&line).contains(" yes "), "{line}");
    }
    for trace in script.city.traces.values() {
        assert!(trace.links.len() <= crate::limits::TRACE_LINKS);
        assert!(trace.marks.len() <= crate::limits::TRACE_MARKS);
        assert!(trace.totals.len() <= crate::limits::TRACE_TOTALS);
    }
}

/// Fetched and brought within a minute, 1,200 metres away: a fact for operators, and a rule's
/// business where most of somebody's orders come like that.
#[test]
fn food_that_came_faster_than_anybody_rides() {
    let mut script = Script::new();
    script.run("00:00 open r1\n 00:00 courier carl\n 00:00 courier cora");
    script.run("00:00 rules shadow if 0: impossible_ride_permille 400 40");
    let quick = "H:20:00 pick_up O by C\nH:20:39 deliver O by C metres 10";
    let rides = [
        ("as fast as is believed", "H:20:00 pick_up O by C\nH:20:40 deliver O by C metres 10"),
        ("next door", quick),
        ("never", quick),
        ("once", "H:20:00 pick_up O by C\nH:20:10 at_door O by C\nH:20:50 deliver O by C"),
        ("offline", "H:20:00 pick_up O by C since H:12:00\nH:20:01 deliver O by C since H:19:00"),
        ("two clocks", "H:20:38 pick_up O by C since H:16:00\nH:20:39 deliver O by C metres 10"),
        (
            "sent on again",
            "H:20:00 pick_up O by C\nH:30:00 fail O refused by C\nH:31:00 direct O resumed
            H:31:10 deliver O by C metres 10",
        ),
        ("again", quick),
        ("and again", quick),
        ("most of them", quick),
    ];
    let mut told = String::new();
    for (hour, (what, way)) in (1..).zip(rides) {
        let courier = if hour % 2 == 0 { "cora" } else { "carl" };
        let far = if what == "next door" { "far 500" } else { "" };
        let before = format!(
            "
            H:00:00 place  O at r1 by alice device d1 {far} cash: 1 tea
            H:00:01 judged O
            H:00:02 accept O by r1
            H:00:03 offer  O to C
            H:00:04 take   O by C
            H:10:00 ready  O by r1
            "
        );
        let lines = (before + way).replace("H:", &format!("{hour}:"));
        let lines = lines.replace(" O", &format!(" o{hour}"));
        let said = script.run(&lines.replace(" C", &format!(" {courier}")));
        assert!(said.contains("OrderCompleted"), "{said}");
        let after = |mark: &str| {
            let found = said.split_once(mark).map(|(_, rest)| rest.lines().next().unwrap());
            found.map_or("-".to_owned(), str::to_owned)
        };
        let verdict = after("judged");
        let verdict = verdict.split_whitespace().nth(2).unwrap().to_owned();
        let (share, ride) = (after("impossible_ride_permille="), after("RideImpossible"));
        told += &format!("{what}: {verdict} {share}, {}\n", ride.trim());
    }
    expect![[r#"
        as fast as is believed: 0 -, -
        next door: 0 -, -
        never: 0 -, o3 carl distance_m=1200 took_ms=39000
        once: 0 -, o4 cora distance_m=1200 took_ms=10000
        offline: 0 -, -
        two clocks: 40 400, -
        sent on again: 0 333, -
        again: 0 285, o8 cora distance_m=1200 took_ms=39000
        and again: 0 375, o9 carl distance_m=1200 took_ms=39000
        most of them: 40 444, o10 cora distance_m=1200 took_ms=39000
    "#]]
    .assert_eq(&told);
}

/// Who ordered once and never again is not remembered for good; a ban is.
#[test]
fn what_nobody_touches_for_90_days_is_forgotten() {
    let mut script = Script::new();
    script.run(
        "
        00:00:00 open r1
        00:00:01 place o1 at r1 by alice device d1 card k1 door 1 cash: 1 tea
        00:00:02 place o2 at r1 by bob device d2 card k2 door 2 cash: 1 tea
        00:00:03 place o3 at r1 by bob device d3 card k3 door 2 cash: 1 tea
        00:00:04 cancel o1 by alice
        00:00:04 cancel o2 by bob
        00:00:04 cancel o3 by bob
        00:00:05 ban d3 device for fraud
        240:00:00 place o4 at r1 by bob device d2 card k2 door 2 cash: 1 tea
        240:00:01 cancel o4 by bob
        2159:59:59 due -
        ",
    );
    let known = |script: &Script| script.city.traces.len();
    assert_eq!(known(&script), 10, "alice and bob, three devices, three cards, two doors");
    // 90 days after each was written first. Bob's were touched ten days later.
    script.run("2160:00:10 due -");
    assert_eq!(known(&script), 5, "bob, d2, k2, door 2, and the banned d3");
    script.run("2399:59:59 due -");
    assert_eq!(known(&script), 5);
    script.run("2400:00:10 due -");
    assert_eq!(known(&script), 1, "d3");
    let due = |script: &Script| {
        let ends = |it: &&Deadline| matches!(it.due, Due::TraceEnds(_));
        script.city.deadlines.iter().filter(ends).count()
    };
    assert_eq!(due(&script), 1);
    script.run("2400:00:11 unban d3 device for mistake");
    script.run("4320:00:20 due -");
    assert_eq!((known(&script), due(&script)), (0, 0));
}

/// Whoever leaves takes their trace along, and nothing awaits its end.
#[test]
fn an_erased_person_has_no_trace() {
    let mut script = Script::new();
    script.run(
        "
        00:00:00 open r1
        00:00:01 place o1 at r1 by alice device d1 card k1 door 1 cash: 1 tea
        00:00:04 cancel o1 by alice
        00:00:05 erase alice by op for letter
        ",
    );
    let kept = script.city.traces.keys().filter(|key| matches!(key, TraceKey::Account(_))).count();
    assert_eq!(kept, 0);
    let awaited = script.city.deadlines.iter().filter_map(|it| {
        let Due::TraceEnds(key) = it.due else { return None };
        Some(key)
    });
    assert!(awaited.eq(script.city.traces.keys().copied()), "device, card and door");
}
