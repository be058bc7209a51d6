//! The ladder of a kitchen that does not react.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn nobody_reacts_and_each_step_comes_once() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:44  due     -
        12:00:45  due     -
        12:00:45  due     -
        12:01:30  due     -
        12:02:30  due     -
        12:02:59  due     -
        12:03:00  due     -
        12:04:59  due     -
        12:05:00  due     -
        36:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:45 due      -    yes OrderAlerted o1 step=Push
            12:01:30 due      -    yes OrderAlerted o1 step=Sms
            12:02:30 due      -    yes OrderAlerted o1 step=Call
            12:03:00 due      -    yes OrderAlerted o1 step=Operators
            12:05:00 due      -    yes OrderExpired o1
                                       DeliveryCancelled o1
        "#]],
    );
}

#[test]
fn a_yes_a_no_and_a_change_of_mind_silence_it() {
    let mut script = Script::new();
    let told = script.run(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 1 ramen
        12:00:45  due     -
        12:00:50  accept  o1 by r1
        12:00:50  reject  o2 by r1
        12:00:50  cancel  o3 by alice
        12:10:00  due     -
        ",
    );
    expect![[r#"
        11:00:00 open     r1   yes
        12:00:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=12:05:00
        12:00:00 place    o2   yes OrderPending o2 total=1598
                                   OrderPlaced o2 accept_by=12:05:00
        12:00:00 place    o3   yes OrderPending o3 total=1598
                                   OrderPlaced o3 accept_by=12:05:00
        12:00:45 due      -    yes OrderAlerted o2 step=Push
        12:00:45 due      -    yes OrderAlerted o3 step=Push
        12:00:45 due      -    yes OrderAlerted o1 step=Push
        12:00:50 accept   o1   yes OrderAccepted o1 ready_at=12:15:50
                                   DeliveryOpened o1
        12:00:50 reject   o2   yes OrderRejected o2 reason=Busy
                                   DeliveryCancelled o2
        12:00:50 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                   DeliveryCancelled o3
    "#]]
    .assert_eq(&told);
    assert!(script.city.orders.values().all(|order| order.alert.is_none()));
}

#[test]
fn what_was_seen_does_not_ring_and_operators_learn_that_it_waits() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:45  due     -
        12:00:50  seen    o1 by r1
        12:02:59  due     -
        12:03:00  due     -
        12:03:01  seen    o1 by r1
        12:04:00  accept  o1 by r1
        12:30:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:45 due      -    yes OrderAlerted o1 step=Push
            12:00:50 seen     o1   yes OrderSeen o1
            12:03:00 due      -    yes OrderAlerted o1 step=Operators
            12:03:01 seen     o1   yes (unchanged)
            12:04:00 accept   o1   yes OrderAccepted o1 ready_at=12:19:00
                                       DeliveryOpened o1
        "#]],
    );
}

#[test]
fn an_order_for_later_rings_when_the_kitchen_is_open_and_when_it_is_time() {
    let mut script = Script::new();
    let told = script.run(
        "
        09:00:00  open    r1 from 10:00 to 22:00
        23:00:00  place   o1 at r1 by alice cash slot 43:00: 1 ramen
        23:30:00  due     -
        34:00:44  due     -
        34:00:45  due     -
        34:01:00  seen    o1 by r1
        34:01:10  accept  o1 by r1
        42:37:00  due     -
        42:37:45  due     -
        42:38:00  seen    o1 by r1
        42:50:00  due     -
        ",
    );
    expect![[r#"
        09:00:00 open     r1   yes
        23:00:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=34:30:00
        34:00:45 due      -    yes OrderAlerted o1 step=Push
        34:01:00 seen     o1   yes OrderSeen o1
        34:01:10 accept   o1   yes OrderAccepted o1 ready_at=42:52:00
        42:37:00 due      -    yes OrderKitchenDue o1
                                   DeliveryOpened o1
        42:37:45 due      -    yes OrderAlerted o1 step=Push
        42:38:00 seen     o1   yes OrderSeen o1
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_scheduled_order_that_is_begun_is_silent() {
    let mut script = Script::new();
    let told = script.run(
        "
        09:00:00  open    r1 auto from 10:00 to 22:00
        12:00:00  place   o1 at r1 by alice cash slot 18:00: 1 ramen
        17:37:00  due     -
        17:40:00  due     -
        17:40:01  start   o1 by r1
        17:50:00  due     -
        ",
    );
    expect![[r#"
        09:00:00 open     r1   yes
        12:00:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=12:30:00
                                   OrderAccepted o1 ready_at=17:52:00
        17:37:00 due      -    yes OrderKitchenDue o1
                                   DeliveryOpened o1
        17:40:00 due      -    yes OrderAlerted o1 step=Push
        17:40:00 due      -    yes OrderAlerted o1 step=Sms
        17:40:00 due      -    yes OrderAlerted o1 step=Call
        17:40:00 due      -    yes OrderAlerted o1 step=Operators
        17:40:01 start    o1   yes OrderStarted o1
    "#]]
    .assert_eq(&told);
    assert!(script.city.orders.values().all(|order| order.unanswered_at.is_none()));
}
