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

/// Fetched and brought within a minute, 1,200 metres away: a fact for operators, and from the third
/// on of one customer, device or card a rule's business. What the phone says of its moments counts,
/// not when it said it.
#[test]
fn food_that_came_faster_than_anybody_rides() {
    let mut script = Script::new();
    script.run("00:00 open r1\n 00:00 courier carl");
    let mut ride = |number: i64, place: &str, way: &str| {
        let order = format!("o{number}");
        let lines = format!(
            "
            {number}:00:00 place   {order} at r1 {place} cash: 1 tea
            {number}:00:01 judged  {order}
            {number}:00:02 accept  {order} by r1
            {number}:00:03 offer   {order} to carl
            {number}:00:04 take    {order} by carl
            {number}:10:00 ready   {order} by r1
            {way}
            "
        );
        let lines = lines.replace("NAME", &order);
        script.run(&lines).lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>()
    };
    let quick = |hour: i64| {
        format!("{hour}:20:00 pick_up NAME by carl\n{hour}:20:39 deliver NAME by carl metres 10")
    };
    let rode = ride(
        1,
        "by alice device d1",
        "1:20:00 pick_up NAME by carl\n1:20:40 deliver NAME by carl metres 10",
    );
    let next_door = ride(2, "by alice device d1 far 500", &quick(2));
    let own = ride(3, "by alice device d1", &quick(3));
    let door = ride(
        4,
        "by bob device d1",
        "4:20:00 pick_up NAME by carl\n4:20:10 at_door NAME by carl\n4:20:50 deliver NAME by carl",
    );
    let offline = ride(
        5,
        "by alice device d1",
        "5:20:00 pick_up NAME by carl since 5:12:00\n5:20:01 deliver NAME by carl since 5:19:00",
    );
    let third = ride(6, "by carol device d1", &quick(6));
    let seen = ride(7, "by dave device d1", &quick(7));
    expect![[r#"
        01:00:00 place    o1   yes OrderPending o1 total=698
                                   OrderPlaced o1 accept_by=01:05:00
        01:00:01 judged   o1   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 address_orders_hour=1 address_orders_day=1 device_accounts=1 address_accounts=1 new_account_total=698
        01:00:02 accept   o1   yes OrderAccepted o1 ready_at=01:15:02
                                   DeliveryOpened o1
        01:00:03 offer    o1   yes DeliveryOffered o1 carl expires_at=01:00:33 fence=1
        01:00:04 take     o1   yes DeliveryAssigned o1 carl fence=1
        01:10:00 ready    o1   yes OrderReady o1 carl
        01:20:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                   OrderHandedOff o1
        01:20:40 deliver  o1   yes DeliveryDelivered o1 carl
                                   OrderCompleted o1
                                   CashCollected o1 carl
        02:00:00 place    o2   yes OrderPending o2 total=698
                                   OrderPlaced o2 accept_by=02:05:00
        02:00:01 judged   o2   Allow, 0 points: account_orders_hour=1 account_orders_day=2 account_orders_week=2 device_orders_hour=1 device_orders_day=2 address_orders_hour=1 address_orders_day=2 device_accounts=1 address_accounts=1 new_account_total=698 same_courier_week=1
        02:00:02 accept   o2   yes OrderAccepted o2 ready_at=02:15:02
                                   DeliveryOpened o2
        02:00:03 offer    o2   yes DeliveryOffered o2 carl expires_at=02:00:33 fence=1
        02:00:04 take     o2   yes DeliveryAssigned o2 carl fence=1
        02:10:00 ready    o2   yes OrderReady o2 carl
        02:20:00 pick_up  o2   yes DeliveryPickedUp o2 carl
                                   OrderHandedOff o2
        02:20:39 deliver  o2   yes DeliveryDelivered o2 carl
                                   OrderCompleted o2
                                   CashCollected o2 carl
        03:00:00 place    o3   yes OrderPending o3 total=698
                                   OrderPlaced o3 accept_by=03:05:00
        03:00:01 judged   o3   Allow, 0 points: account_orders_hour=1 account_orders_day=3 account_orders_week=3 device_orders_hour=1 device_orders_day=3 address_orders_hour=1 address_orders_day=3 device_accounts=1 address_accounts=1 new_account_total=698 same_courier_week=2
        03:00:02 accept   o3   yes OrderAccepted o3 ready_at=03:15:02
                                   DeliveryOpened o3
        03:00:03 offer    o3   yes DeliveryOffered o3 carl expires_at=03:00:33 fence=1
        03:00:04 take     o3   yes DeliveryAssigned o3 carl fence=1
        03:10:00 ready    o3   yes OrderReady o3 carl
        03:20:00 pick_up  o3   yes DeliveryPickedUp o3 carl
                                   OrderHandedOff o3
        03:20:39 deliver  o3   yes RideImpossible o3 carl distance_m=1200 took_ms=39000
                                   DeliveryDelivered o3 carl
                                   OrderCompleted o3
                                   CashCollected o3 carl
        04:00:00 place    o4   yes OrderPending o4 total=698
                                   OrderPlaced o4 accept_by=04:05:00
        04:00:01 judged   o4   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=4 address_orders_hour=1 address_orders_day=4 device_accounts=2 address_accounts=2 new_account_total=698 impossible_rides=1
        04:00:02 accept   o4   yes OrderAccepted o4 ready_at=04:15:02
                                   DeliveryOpened o4
        04:00:03 offer    o4   yes DeliveryOffered o4 carl expires_at=04:00:33 fence=1
        04:00:04 take     o4   yes DeliveryAssigned o4 carl fence=1
        04:10:00 ready    o4   yes OrderReady o4 carl
        04:20:00 pick_up  o4   yes DeliveryPickedUp o4 carl
                                   OrderHandedOff o4
        04:20:10 at_door  o4   yes RideImpossible o4 carl distance_m=1200 took_ms=10000
                                   CourierAtDoor o4 carl
        04:20:50 deliver  o4   yes DeliveryDelivered o4 carl
                                   OrderCompleted o4
                                   CashCollected o4 carl
        05:00:00 place    o5   yes OrderPending o5 total=698
                                   OrderPlaced o5 accept_by=05:05:00
        05:00:01 judged   o5   Allow, 0 points: account_orders_hour=1 account_orders_day=4 account_orders_week=4 device_orders_hour=1 device_orders_day=5 address_orders_hour=1 address_orders_day=5 device_accounts=2 address_accounts=2 new_account_total=698 same_courier_week=3 impossible_rides=2
        05:00:02 accept   o5   yes OrderAccepted o5 ready_at=05:15:02
                                   DeliveryOpened o5
        05:00:03 offer    o5   yes DeliveryOffered o5 carl expires_at=05:00:33 fence=1
        05:00:04 take     o5   yes DeliveryAssigned o5 carl fence=1
        05:10:00 ready    o5   yes OrderReady o5 carl
        05:20:00 pick_up  o5   yes DeliveryPickedUp o5 carl
                                   OrderHandedOff o5
        05:20:01 deliver  o5   yes DeliveryDelivered o5 carl
                                   OrderCompleted o5
                                   CashCollected o5 carl
        06:00:00 place    o6   yes OrderPending o6 total=698
                                   OrderPlaced o6 accept_by=06:05:00
        06:00:01 judged   o6   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=6 address_orders_hour=1 address_orders_day=6 device_accounts=3 address_accounts=3 new_account_total=698 impossible_rides=2
        06:00:02 accept   o6   yes OrderAccepted o6 ready_at=06:15:02
                                   DeliveryOpened o6
        06:00:03 offer    o6   yes DeliveryOffered o6 carl expires_at=06:00:33 fence=1
        06:00:04 take     o6   yes DeliveryAssigned o6 carl fence=1
        06:10:00 ready    o6   yes OrderReady o6 carl
        06:20:00 pick_up  o6   yes DeliveryPickedUp o6 carl
                                   OrderHandedOff o6
        06:20:39 deliver  o6   yes RideImpossible o6 carl distance_m=1200 took_ms=39000
                                   DeliveryDelivered o6 carl
                                   OrderCompleted o6
                                   CashCollected o6 carl
        07:00:00 place    o7   yes OrderPending o7 total=698
                                   OrderPlaced o7 accept_by=07:05:00
        07:00:01 judged   o7   Deny, 80 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=7 address_orders_hour=1 address_orders_day=7 device_accounts=4 address_accounts=4 new_account_total=698 impossible_rides=3
        07:00:02 accept   o7   yes OrderAccepted o7 ready_at=07:15:02
                                   DeliveryOpened o7
        07:00:03 offer    o7   yes DeliveryOffered o7 carl expires_at=07:00:33 fence=1
        07:00:04 take     o7   yes DeliveryAssigned o7 carl fence=1
        07:10:00 ready    o7   yes OrderReady o7 carl
        07:20:00 pick_up  o7   yes DeliveryPickedUp o7 carl
                                   OrderHandedOff o7
        07:20:39 deliver  o7   yes RideImpossible o7 carl distance_m=1200 took_ms=39000
                                   DeliveryDelivered o7 carl
                                   OrderCompleted o7
                                   CashCollected o7 carl
    "#]].assert_eq(&[rode, next_door, own, door, offline, third, seen].concat());
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
