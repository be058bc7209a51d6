//! Customers who come for their food: PINs at the counter, and nobody at the counter.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn the_pin_opens_the_counter() {
    check(
        "
        11:00:00  open    r1
        11:00:00  open    r9
        12:00:00  place   o1 at r1 by alice tip 100 pickup: 1 ramen
        12:00:00  pay     o1
        12:00:30  hand_over o1 by r1 pin 123456
        12:00:30  accept  o1 by r1 ready 12:20:00
        12:19:00  ready   o1 by r1
        12:20:00  hand_over o1 by r9 pin 123456
        12:20:00  hand_over o1 by alice pin 123456
        12:20:00  hand_over o1 by r1
        12:20:01  hand_over o1 by r1 pin 111111
        12:20:02  again   -
        12:20:03  hand_over o1 by r1 pin 123456
        12:20:04  again   -
        12:20:04  show    o1
        12:20:05  pay     o1
        12:20:05  show    o1
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 open     r9   yes
            12:00:00 place    o1   yes OrderPending o1 total=1399
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:30 hand_over o1   no  OrderMovedOn state=Placed
            12:00:30 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
            12:19:00 ready    o1   yes OrderReady o1
            12:20:00 hand_over o1   no  OrderUnknown
            12:20:00 hand_over o1   no  Forbidden
            12:20:00 hand_over o1   no  ProofMissing needed=Pin
            12:20:01 hand_over o1   yes PinWrong o1 tries_left=4
            12:20:02 again    -    yes (unchanged)
            12:20:03 hand_over o1   yes OrderCompleted o1
                                       PaymentCapturing o1 amount=1399
            12:20:04 again    -    yes (unchanged)
            12:20:04 show     o1   Completed; Capturing 1399 of 1399
            12:20:05 pay      o1   yes PaymentCaptured o1 amount=1399
            12:20:05 show     o1   Completed; Captured 1399 of 1399
        "#]],
    );
}

#[test]
fn five_wrong_pins_and_then_an_operator() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash pickup: 1 ramen
        12:00:00  accept  o1 by r1
        12:10:00  ready   o1 by r1
        12:20:01  hand_over o1 by r1 pin 111111
        12:20:02  hand_over o1 by r1 pin 222222
        12:20:03  hand_over o1 by r1 pin 111111
        12:20:04  hand_over o1 by r1 pin 333333
        12:20:05  hand_over o1 by r1 pin 444444
        12:20:06  hand_over o1 by r1 pin 555555
        12:20:07  hand_over o1 by r1 pin 123456
        12:20:08  show    o1
        12:20:09  hand_over o1 at r1 by op
        12:20:10  again   -
        12:20:10  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1299
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
            12:10:00 ready    o1   yes OrderReady o1
            12:20:01 hand_over o1   yes PinWrong o1 tries_left=4
            12:20:02 hand_over o1   yes PinWrong o1 tries_left=3
            12:20:03 hand_over o1   yes PinWrong o1 tries_left=2
            12:20:04 hand_over o1   yes PinWrong o1 tries_left=1
            12:20:05 hand_over o1   yes PinWrong o1 tries_left=0
            12:20:06 hand_over o1   no  PinWrong tries_left=0
            12:20:07 hand_over o1   no  PinWrong tries_left=0
            12:20:08 show     o1   Ready; CashDue 1299 of 1299
            12:20:09 hand_over o1   yes OrderCompleted o1
            12:20:10 again    -    yes (unchanged)
            12:20:10 show     o1   Completed; CashCollected 1299 of 1299
        "#]],
    );
}

#[test]
fn nobody_comes() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice tip 100 pickup: 1 ramen
        12:00:00  pay     o1
        12:00:00  place   o2 at r1 by alice cash pickup: 1 ramen
        12:00:00  place   o3 at r1 by bob pickup slot 18:00: 1 ramen
        12:00:00  pay     o3
        12:00:00  accept  o1 by r1
        12:00:00  accept  o2 by r1
        12:00:00  accept  o3 by r1
        12:10:00  no_show o1 by r1
        12:15:00  ready   o1 by r1
        12:15:00  ready   o2 by r1
        12:15:00  no_show o1 by r1
        12:54:59  due     -
        12:55:00  no_show o1 by r1
        12:55:00  again   -
        12:55:00  show    o1
        12:55:00  due     -
        12:55:00  show    o2
        12:55:01  hand_over o2 by r1 pin 123456
        12:56:00  place   o4 at r1 by alice cash pickup: 1 ramen
        17:45:00  due     -
        17:50:00  ready   o3 by r1
        18:44:59  no_show o3 by r1
        18:45:00  due     -
        18:45:00  show    o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1399
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 place    o2   yes OrderPending o2 total=1299
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 place    o3   yes OrderPending o3 total=1299
            12:00:00 pay      o3   yes PaymentAuthorized o3
                                       OrderPlaced o3 accept_by=12:30:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
            12:00:00 accept   o2   yes OrderAccepted o2 ready_at=12:15:00
            12:00:00 accept   o3   yes OrderAccepted o3 ready_at=18:00:00
            12:10:00 no_show  o1   no  OrderMovedOn state=Accepted
            12:15:00 ready    o1   yes OrderReady o1
            12:15:00 ready    o2   yes OrderReady o2
            12:15:00 no_show  o1   no  TooEarly from=12:55:00
            12:55:00 no_show  o1   yes OrderNoShow o1
                                       PaymentCapturing o1 amount=1200
            12:55:00 again    -    yes (unchanged)
            12:55:00 show     o1   NoShow; Capturing 1200 of 1399
            12:55:00 due      -    yes OrderNoShow o2
                                       DebtAdded alice o2 amount=1200
            12:55:00 show     o2   NoShow; None 0 of 1299
            12:55:01 hand_over o2   no  OrderMovedOn state=NoShow
            12:56:00 place    o4   no  CashBarred debt=1200
            17:45:00 due      -    yes PaymentStuck o1 status=Capturing
            17:45:00 due      -    yes OrderKitchenDue o3
            17:50:00 ready    o3   yes OrderReady o3
            18:44:59 no_show  o3   no  TooEarly from=18:45:00
            18:45:00 due      -    yes OrderNoShow o3
                                       PaymentCapturing o3 amount=1200
            18:45:00 show     o3   NoShow; Capturing 1200 of 1299
        "#]],
    );
}

#[test]
fn what_is_brought_is_not_handed_over_at_the_counter() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  hand_over o1 by r1 pin 123456
        14:00:00  no_show o1 by r1
        12:00:00  place   o2 at r1 by alice cash pickup: 1 ramen
        12:00:00  ready   o2 by r1
        12:00:00  offer   o2 to carl
        12:00:00  pick_up o2 by carl code 4321
        12:00:00  deliver o2 by carl pin 1234
        12:00:00  contact o2 by carl event e1
        12:00:00  direct  o2 lost by op
        12:00:00  cancel  o2 by alice
        12:00:00  show    o2
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 hand_over o1   no  OrderMovedOn state=Ready
            14:00:00 no_show  o1   no  OrderMovedOn state=Ready
            12:00:00 place    o2   yes OrderPending o2 total=1299
                                       OrderPlaced o2 accept_by=14:05:00
                                       OrderAccepted o2 ready_at=14:15:00
            12:00:00 ready    o2   yes OrderReady o2
            12:00:00 offer    o2   no  DeliveryUnknown
            12:00:00 pick_up  o2   no  OrderUnknown
            12:00:00 deliver  o2   no  OrderUnknown
            12:00:00 contact  o2   no  OrderUnknown
            12:00:00 direct   o2   no  DeliveryUnknown
            12:00:00 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DebtAdded alice o2 amount=1200
            12:00:00 show     o2   Cancelled; None 0 of 1299
        "#]],
    );
}

/// The PIN is the customer's: only its keyed hash and a closed copy are in the city.
#[test]
fn the_pins_are_kept_for_those_who_need_them() {
    let mut script = Script::new();
    script.run(
        "
        11:00:00  open    r1 auto
        12:00:00  place   o1 at r1 by alice cash pickup: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash pin: 1 ramen
        ",
    );
    let mut kept = |name: &str| {
        let order_id = script.order_id(name);
        let pins = &script.city.orders[&order_id].pins;
        [pins.pickup.is_some(), pins.door.is_some(), pins.handover.is_some()]
    };
    assert_eq!(kept("o1"), [true, false, false]);
    assert_eq!(kept("o2"), [false, false, true]);
    assert_eq!(kept("o3"), [false, true, true]);
}
