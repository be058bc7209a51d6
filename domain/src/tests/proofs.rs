//! What shows that food came, what happens when it cannot, and phones that tell it late.

use crate::script::{Script, check};
use crate::{Rejection, Verdict};
use expect_test::expect;

#[test]
fn the_kitchens_number_takes_food_that_nobody_called_ready() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:05:00  at_store o1 by carl
        12:05:01  pick_up o1 by carl
        12:05:02  pick_up o1 by carl code 1111
        12:05:03  again   -
        12:05:04  show    o1
        12:05:05  pick_up o1 by carl code 4321
        12:05:06  again   -
        12:05:07  ready   o1 by r1
        12:05:08  show    o1
        12:06:00  place   o2 at r1 by alice cash: 1 ramen
        12:06:00  offer   o2 to carl
        12:06:00  take    o2 by carl
        12:06:01  pick_up o2 by carl code 1111
        12:06:02  pick_up o2 by carl code 2222
        12:06:03  pick_up o2 by carl code 3333
        12:06:04  pick_up o2 by carl code 4444
        12:06:05  pick_up o2 by carl code 5555
        12:06:06  pick_up o2 by carl code 4321
        12:06:07  ready   o2 by r1
        12:06:08  pick_up o2 by carl
        12:07:00  fail    o2 by carl refused
        12:07:01  return  o2 by carl
        12:07:02  returned o2 by carl
        12:07:02  returned o2 by carl code 4321
        12:07:03  direct  o2 returned by carl
        12:07:03  direct  o2 returned by op
        12:07:04  again   -
        12:07:05  show    o2
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:05:00 at_store o1   yes CourierAtStore o1 carl
            12:05:01 pick_up  o1   no  OutOfOrder state=AtStore
            12:05:02 pick_up  o1   yes PinWrong o1 tries_left=4
            12:05:03 again    -    yes (unchanged)
            12:05:04 show     o1   Accepted; CashDue 1598 of 1598; AtStore by carl, fence 1
            12:05:05 pick_up  o1   yes OrderReady o1 carl
                                       DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:05:06 again    -    yes (unchanged)
            12:05:07 ready    o1   no  OrderMovedOn state=HandedOff
            12:05:08 show     o1   HandedOff; CashDue 1598 of 1598; PickedUp by carl, fence 1
            12:06:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:11:00
                                       OrderAccepted o2 ready_at=12:21:00
                                       DeliveryOpened o2
            12:06:00 offer    o2   yes DeliveryOffered o2 carl expires_at=12:06:30 fence=1
            12:06:00 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:06:01 pick_up  o2   yes PinWrong o2 tries_left=4
            12:06:02 pick_up  o2   yes PinWrong o2 tries_left=3
            12:06:03 pick_up  o2   yes PinWrong o2 tries_left=2
            12:06:04 pick_up  o2   yes PinWrong o2 tries_left=1
            12:06:05 pick_up  o2   yes PinWrong o2 tries_left=0
            12:06:06 pick_up  o2   no  PinWrong tries_left=0
            12:06:07 ready    o2   yes OrderReady o2 carl
            12:06:08 pick_up  o2   yes DeliveryPickedUp o2 carl
                                       OrderHandedOff o2
            12:07:00 fail     o2   yes DeliveryFailed o2 carl reason=Refused
            12:07:01 return   o2   yes DeliveryReturning o2 carl
            12:07:02 returned o2   no  ProofMissing needed=Code
            12:07:02 returned o2   no  PinWrong tries_left=0
            12:07:03 direct   o2   no  Forbidden
            12:07:03 direct   o2   yes DeliveryReturned o2 carl
                                       OrderNoShow o2
                                       DebtAdded alice o2 amount=1598
            12:07:04 again    -    yes (unchanged)
            12:07:05 show     o2   NoShow; None 0 of 1598; Returned by carl, fence 1
        "#]],
    );
}

#[test]
fn a_pin_at_the_door() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  photo   p1 by carl for alice
        12:00:00  place   o1 at r1 by alice cash pin: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:10:00  deliver o1 by carl photo p1
        12:10:00  deliver o1 by carl pin 4321 metres 400
        12:10:01  deliver o1 by carl pin 1234 metres 400
        12:10:02  again   -
        12:10:03  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 photo    p1   yes ImagePut hash=f64551fcd6f07823cb87971cfb914464
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:10:00 deliver  o1   no  ProofMissing needed=Pin
            12:10:00 deliver  o1   yes PinWrong o1 tries_left=4
            12:10:01 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:10:02 again    -    yes (unchanged)
            12:10:03 show     o1   Completed; CashCollected 1598 of 1598; Delivered by carl, fence 1
        "#]],
    );
}

#[test]
fn five_wrong_pins_at_the_door_a_photo_and_an_operators_word() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  photo   p1 by carl for alice
        12:00:00  place   o1 at r1 by alice cash pin: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:10:00  at_door o1 by carl
        12:10:01  direct  o1 delivered by op
        12:10:01  deliver o1 by carl pin 0001
        12:10:02  deliver o1 by carl pin 0002
        12:10:03  deliver o1 by carl pin 0003
        12:10:04  deliver o1 by carl pin 0004
        12:10:05  deliver o1 by carl pin 0005
        12:10:06  deliver o1 by carl pin 1234
        12:10:07  direct  o1 delivered by op
        12:10:08  attach  o1 by carl photo p1
        12:10:09  direct  o1 delivered by carl
        12:10:09  direct  o1 delivered by op
        12:10:10  again   -
        12:10:11  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 photo    p1   yes ImagePut hash=f64551fcd6f07823cb87971cfb914464
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:10:00 at_door  o1   yes CourierAtDoor o1 carl
            12:10:01 direct   o1   no  OutOfOrder state=AtDoor
            12:10:01 deliver  o1   yes PinWrong o1 tries_left=4
            12:10:02 deliver  o1   yes PinWrong o1 tries_left=3
            12:10:03 deliver  o1   yes PinWrong o1 tries_left=2
            12:10:04 deliver  o1   yes PinWrong o1 tries_left=1
            12:10:05 deliver  o1   yes PinWrong o1 tries_left=0
            12:10:06 deliver  o1   no  PinWrong tries_left=0
            12:10:07 direct   o1   no  ProofMissing needed=Photo
            12:10:08 attach   o1   yes ProofAttached o1 carl
            12:10:09 direct   o1   no  Forbidden
            12:10:09 direct   o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:10:10 again    -    yes (unchanged)
            12:10:11 show     o1   Completed; CashCollected 1598 of 1598; Delivered by carl, fence 1
        "#]],
    );
}

#[test]
fn wine_takes_a_signature_and_a_look_at_the_age() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  menu    r1 by op: ramen 1200, wine 900
        11:00:00  courier carl
        11:00:00  photo   s1 by carl for alice
        12:00:00  place   o1 at r1 by alice cash contactless: 1 wine
        12:00:00  place   o2 at r1 by alice cash pin: 1 ramen, 1 wine
        12:00:00  ready   o1 by r1
        12:00:00  ready   o2 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  offer   o2 to carl
        12:00:00  take    o2 by carl
        12:00:00  pick_up o1 by carl
        12:00:00  pick_up o2 by carl
        12:10:00  deliver o1 by carl
        12:10:01  deliver o1 by carl age
        12:10:02  attach  o1 by carl signature s1
        12:10:03  deliver o1 by carl
        12:10:04  deliver o1 by carl age
        12:10:05  deliver o2 by carl pin 1234
        12:10:06  deliver o2 by carl pin 1234 age
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 menu     r1   yes MenuChanged r1 version=2
            11:00:00 courier  carl yes
            11:00:00 photo    s1   yes ImagePut hash=e8bc163c82eee18733288c7d4ac636db
            12:00:00 place    o1   yes OrderPending o1 total=1298
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 place    o2   yes OrderPending o2 total=2498
                                       OrderPlaced o2 accept_by=12:05:00
                                       OrderAccepted o2 ready_at=12:15:00
                                       DeliveryOpened o2
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 ready    o2   yes OrderReady o2
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 offer    o2   yes DeliveryOffered o2 carl expires_at=12:00:30 fence=1
            12:00:00 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:00:00 pick_up  o2   yes DeliveryPickedUp o2 carl
                                       OrderHandedOff o2
            12:10:00 deliver  o1   no  ProofMissing needed=[Signature =AgeCheck]
            12:10:01 deliver  o1   no  ProofMissing needed=Signature
            12:10:02 attach   o1   yes ProofAttached o1 carl
            12:10:03 deliver  o1   no  ProofMissing needed=AgeCheck
            12:10:04 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:10:05 deliver  o2   no  ProofMissing needed=AgeCheck
            12:10:06 deliver  o2   yes DeliveryDelivered o2 carl
                                       OrderCompleted o2
                                       CashCollected o2 carl
        "#]],
    );
}

#[test]
fn a_photo_is_the_couriers_own_and_not_for_everybody() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  courier cora
        11:00:00  photo   p1 by carl for alice
        11:00:00  photo   p2 by cora for alice
        11:00:00  photo   p3 by carl open
        11:00:00  photo   p4 by carl
        12:00:00  place   o1 at r1 by alice cash contactless: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  attach  o1 by carl photo p1
        12:00:00  pick_up o1 by carl
        12:10:00  deliver o1 by carl
        12:10:00  deliver o1 by carl photo p0
        12:10:00  deliver o1 by carl photo p2
        12:10:00  deliver o1 by carl photo p3
        12:10:00  deliver o1 by carl photo p4
        12:10:00  attach  o1 by carl photo p2
        12:10:00  attach  o1 by cora photo p2
        12:10:00  attach  o1 by carl photo p1 fence 0
        12:10:00  attach  o1 by carl photo p1
        12:10:00  again   -
        12:10:01  deliver o1 by carl
        12:10:02  attach  o1 by carl photo p1
        12:10:02  attach  o1 by carl photo p2
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            11:00:00 photo    p1   yes ImagePut hash=f64551fcd6f07823cb87971cfb914464
            11:00:00 photo    p2   yes ImagePut hash=3946ca64ff78d93ca61090a437cbb6b3
            11:00:00 photo    p3   yes ImagePut hash=43bb00d0ce7790a53b91256b370c887b
            11:00:00 photo    p4   yes ImagePut hash=ab71fc4c8a1c4d62b9202b36ee7c07dd
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 attach   o1   no  OutOfOrder state=Assigned
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:10:00 deliver  o1   no  ProofMissing needed=Photo
            12:10:00 deliver  o1   no  ImageUnknown
            12:10:00 deliver  o1   no  ImageUnknown
            12:10:00 deliver  o1   no  ImageUnknown
            12:10:00 deliver  o1   no  ImageUnknown
            12:10:00 attach   o1   no  ImageUnknown
            12:10:00 attach   o1   no  NotYours
            12:10:00 attach   o1   no  NotYours
            12:10:00 attach   o1   yes ProofAttached o1 carl
            12:10:00 again    -    yes (unchanged)
            12:10:01 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:10:02 attach   o1   yes (unchanged)
            12:10:02 attach   o1   no  OutOfOrder state=Delivered
        "#]],
    );
}

#[test]
fn a_tap_from_far_away_takes_a_photo_and_is_marked() {
    let mut script = Script::new();
    let told = script.run(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  photo   p1 by carl for alice
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  ready   o2 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  offer   o2 to carl
        12:00:00  take    o2 by carl
        12:00:00  pick_up o1 by carl
        12:00:00  pick_up o2 by carl
        12:10:00  deliver o1 by carl metres 151
        12:10:00  deliver o1 by carl metres 151 photo p1
        12:10:00  deliver o2 by carl metres 150
        ",
    );
    let told: Vec<_> = told.lines().filter(|line| line.contains("deliver ")).collect();
    expect![[r#"
        12:10:00 deliver  o1   no  ProofMissing needed=Photo
        12:10:00 deliver  o1   yes DeliveryDelivered o1 carl
        12:10:00 deliver  o2   yes DeliveryDelivered o2 carl
    "#]]
    .assert_eq(&(told.join("\n") + "\n"));
    let mut far = |name: &str| {
        let delivery_id = crate::ids::DeliveryId::of(script.order_id(name));
        script.city.deliveries[&delivery_id].proven.far
    };
    assert!(far("o1"));
    assert!(!far("o2"));
}

#[test]
fn an_operator_decides_what_becomes_of_food() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o1
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  direct  o1 lost by op
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:10:00  direct  o1 disposed by op
        12:10:00  at_door o1 by carl
        12:18:00  contact o1 by carl event c1
        12:18:00  contact o1 by carl event c2
        12:18:00  fail    o1 by carl absent
        12:19:00  direct  o1 resumed by r1
        12:19:00  direct  o1 resumed by op
        12:19:00  again   -
        12:20:00  at_door o1 by carl
        12:28:00  fail    o1 by carl absent
        12:28:00  contact o1 by carl event c3
        12:28:00  contact o1 by carl event c4
        12:28:00  fail    o1 by carl absent
        12:29:00  direct  o1 returning by op
        12:29:00  return  o1 by carl
        12:30:00  direct  o1 disposed by op
        12:30:00  again   -
        12:30:00  show    o1
        12:31:00  place   o2 at r1 by alice tip 100: 1 ramen
        12:31:00  pay     o2
        12:31:00  ready   o2 by r1
        12:31:00  offer   o2 to carl
        12:31:00  take    o2 by carl
        12:31:00  pick_up o2 by carl
        12:40:00  direct  o2 lost by op
        12:40:00  again   -
        12:40:00  show    o2
        12:41:00  offline carl by carl
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1698
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 direct   o1   no  OutOfOrder state=Offering
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:10:00 direct   o1   no  OutOfOrder state=PickedUp
            12:10:00 at_door  o1   yes CourierAtDoor o1 carl
            12:18:00 contact  o1   yes CustomerContacted o1 carl
            12:18:00 contact  o1   yes CustomerContacted o1 carl
            12:18:00 fail     o1   yes DeliveryFailed o1 carl reason=CustomerAbsent
            12:19:00 direct   o1   no  Forbidden
            12:19:00 direct   o1   yes DeliveryResumed o1 carl
            12:19:00 again    -    yes (unchanged)
            12:20:00 at_door  o1   yes CourierAtDoor o1 carl
            12:28:00 fail     o1   no  FieldInvalid /reason: absent: after 8 minutes at the door and 2 attempts to reach them
            12:28:00 contact  o1   yes CustomerContacted o1 carl
            12:28:00 contact  o1   yes CustomerContacted o1 carl
            12:28:00 fail     o1   yes DeliveryFailed o1 carl reason=CustomerAbsent
            12:29:00 direct   o1   yes DeliveryReturning o1 carl
            12:29:00 return   o1   yes (unchanged)
            12:30:00 direct   o1   yes DeliveryDisposed o1 carl
                                       OrderNoShow o1
                                       PaymentCapturing o1 amount=1598
            12:30:00 again    -    yes (unchanged)
            12:30:00 show     o1   NoShow; Capturing 1598 of 1698; Disposed by carl, fence 1
            12:31:00 place    o2   yes OrderPending o2 total=1698
            12:31:00 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=12:36:00
                                       OrderAccepted o2 ready_at=12:46:00
                                       DeliveryOpened o2
            12:31:00 ready    o2   yes OrderReady o2
            12:31:00 offer    o2   yes DeliveryOffered o2 carl expires_at=12:31:30 fence=1
            12:31:00 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:31:00 pick_up  o2   yes DeliveryPickedUp o2 carl
                                       OrderHandedOff o2
            12:40:00 direct   o2   yes DeliveryLost o2 carl
                                       OrderCancelled o2 reason=Undeliverable fault=Courier
                                       PaymentVoiding o2
            12:40:00 again    -    yes (unchanged)
            12:40:00 show     o2   Cancelled; Voiding 0 of 1698; Lost by carl, fence 1
            12:41:00 offline  carl yes CourierWentOffline carl
            99:00:00 due      -    yes PaymentStuck o1 status=Capturing
            99:00:00 due      -    yes PaymentStuck o2 status=Voiding
        "#]],
    );
}

#[test]
fn operators_hear_once_that_nobody_carries_an_order() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:29:59  due     -
        12:30:00  due     -
        12:31:00  delay   o1 by r1 ready 12:40
        12:56:00  due     -
        12:56:00  offer   o1 to carl
        12:56:00  take    o1 by carl
        12:57:00  drop    o1 by carl
        13:11:59  due     -
        13:12:00  due     -
        13:42:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:30:00 due      -    yes CourierMissing o1
            12:31:00 delay    o1   yes OrderDelayed o1 ready_at=12:40:00
            12:56:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:56:30 fence=1
            12:56:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:57:00 drop     o1   yes DeliveryUnassigned o1 carl
            13:12:00 due      -    yes CourierMissing o1
            13:42:00 due      -    yes OrderCancelled o1 reason=NoCourier fault=Platform
                                       DeliveryCancelled o1
        "#]],
    );
}

/// One delivery, and twenty couriers who answer.
#[test]
fn r5_one_delivery_has_one_holder_and_a_late_one_is_fenced() {
    let mut script = Script::new();
    script.run("11:00 open r1 auto");
    let couriers: Vec<String> = (1..=20).map(|number| format!("c{number}")).collect();
    for name in &couriers {
        script.line(&format!("11:00 courier {name}"));
    }
    script.run("12:00 place o1 at r1 by alice cash: 1 ramen\n12:00 ready o1 by r1");
    let delivery_id = crate::ids::DeliveryId::of(script.order_id("o1"));
    for (place, asked) in couriers.iter().take(3).enumerate() {
        script.line(&format!("12:0{place} offer o1 to {asked}"));
        let fence = script.city.deliveries[&delivery_id].fence;
        let answers: Vec<_> = couriers
            .iter()
            .filter(|name| {
                script.line(&format!("12:0{place} take o1 by {name} fence {fence}"));
                let answer = &script.outcomes.last().expect("an answer").verdict;
                match answer {
                    Verdict::Yes { .. } => true,
                    Verdict::No(why) => {
                        assert_eq!(*why, Rejection::OfferClosed);
                        false
                    }
                }
            })
            .collect();
        assert_eq!(answers, [asked]);
        if place < 2 {
            script.line(&format!("12:0{place} unassign o1 by op"));
            // The word of an old holder comes late, with the fence that was theirs.
            for step in ["at_store", "pick_up", "deliver", "drop"] {
                let told = script.line(&format!("12:0{place} {step} o1 by {asked} fence {fence}"));
                assert!(told.contains("NotYours") || told.contains("(unchanged)"), "{told}");
            }
        }
    }
    let holders = script.city.couriers.values().filter(|courier| !courier.carrying.is_empty());
    assert_eq!(holders.count(), 1);
    expect![[r#"
        12:03:00 show     o1   Ready; CashDue 1598 of 1598; Assigned by c3, fence 5
    "#]]
    .assert_eq(&script.line("12:03 show o1"));
}

#[test]
fn r6_what_was_not_picked_up_is_not_delivered() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  deliver o1 by carl
        12:00:00  offer   o1 to carl
        12:00:00  deliver o1 by carl
        12:00:00  take    o1 by carl
        12:00:00  deliver o1 by carl pin 1234 code 4321
        12:00:00  at_store o1 by carl
        12:00:00  deliver o1 by carl
        12:00:00  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 deliver  o1   no  NotYours
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 deliver  o1   no  NotYours
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 deliver  o1   no  OutOfOrder state=Assigned
            12:00:00 at_store o1   yes CourierAtStore o1 carl
            12:00:00 deliver  o1   no  OutOfOrder state=AtStore
            12:00:00 show     o1   Ready; CashDue 1598 of 1598; AtStore by carl, fence 1
        "#]],
    );
}

/// A phone without a network keeps what it did, and tells it when it can: late, twice, and the
/// second time after everything has moved on.
#[test]
fn r9_offline_completions_come_late_and_twice_and_count_once() {
    let mut script = Script::new();
    script.run(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  courier cora
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  ready   o2 by r1
        12:00:00  ready   o3 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  offer   o2 to carl
        12:00:00  take    o2 by carl
        12:00:00  offer   o3 to cora
        12:00:00  take    o3 by cora
        12:01:00  pick_up o1 by carl event e1
        12:01:00  pick_up o2 by carl event e2
        12:01:00  pick_up o3 by cora event e3
        ",
    );
    // The node sorts what one upload brings by its moments; this one lost its first half on the way.
    let told = script.run(
        "
        14:00:00  returned o1 by carl since 12:12:00 event e5
        14:00:00  deliver o2 by carl since 12:20:00 event e7
        14:00:01  pick_up o1 by carl since 12:01:00 event e1
        14:00:01  at_door o1 by carl since 12:10:00 event e4
        14:00:01  deliver o1 by carl since 12:11:00 event e6
        14:00:01  deliver o2 by carl since 12:20:00 event e7
        14:00:01  deliver o3 by cora since 12:15:00 event e8
        14:00:02  at_door o1 by carl since 12:10:00 event e4
        14:00:02  deliver o1 by carl since 12:11:00 event e6
        14:00:02  deliver o1 by carl since 12:11:00 event e9
        14:00:02  at_door o1 by carl since 12:10:00 event e10
        14:00:02  deliver o3 by cora since 12:15:00 event e8
        14:00:02  deliver o2 by carl since 12:20:00 event e7
        ",
    );
    expect![[r#"
        14:00:00 returned o1   no  OutOfOrder state=PickedUp
        14:00:00 deliver  o2   yes DeliveryDelivered o2 carl
                                   OrderCompleted o2
                                   CashCollected o2 carl
        14:00:01 pick_up  o1   yes (unchanged)
        14:00:01 at_door  o1   yes CourierAtDoor o1 carl
        14:00:01 deliver  o1   yes DeliveryDelivered o1 carl
                                   OrderCompleted o1
                                   CashCollected o1 carl
        14:00:01 deliver  o2   yes (unchanged)
        14:00:01 deliver  o3   yes DeliveryDelivered o3 cora
                                   OrderCompleted o3
                                   CashCollected o3 cora
        14:00:02 at_door  o1   yes (unchanged)
        14:00:02 deliver  o1   yes (unchanged)
        14:00:02 deliver  o1   yes
        14:00:02 at_door  o1   no  OutOfOrder state=Delivered
        14:00:02 deliver  o3   yes (unchanged)
        14:00:02 deliver  o2   yes (unchanged)
    "#]]
    .assert_eq(&told);
    let mut timeline = String::new();
    for name in ["o1", "o2", "o3"] {
        let order_id = script.order_id(name);
        for step in &script.city.orders[&order_id].timeline {
            if let Some(occurred_at) = step.occurred_at {
                timeline += &format!("{name} {:?} {occurred_at} told {}\n", step.what, step.at);
            }
        }
    }
    expect![[r#"
        o1 Delivery(AtDoor) 2026-03-02T12:10:00.000Z told 2026-03-02T14:00:01.000Z
        o1 Delivery(Delivered) 2026-03-02T12:11:00.000Z told 2026-03-02T14:00:01.000Z
        o1 Order(Completed) 2026-03-02T12:11:00.000Z told 2026-03-02T14:00:01.000Z
        o2 Delivery(Delivered) 2026-03-02T12:20:00.000Z told 2026-03-02T14:00:00.000Z
        o2 Order(Completed) 2026-03-02T12:20:00.000Z told 2026-03-02T14:00:00.000Z
        o3 Delivery(Delivered) 2026-03-02T12:15:00.000Z told 2026-03-02T14:00:01.000Z
        o3 Order(Completed) 2026-03-02T12:15:00.000Z told 2026-03-02T14:00:01.000Z
    "#]]
    .assert_eq(&timeline);
}

/// A picture is kept as long as it shows something: until another one takes its place, and until
/// whoever lives there leaves.
#[test]
fn pictures_of_a_door_go_when_nobody_needs_them() {
    let mut script = Script::new();
    script.run(
        "
        12:00:00  open    r1
        12:00:00  courier carl
        12:00:00  place   o1 at r1 by alice contactless: 1 ramen
        12:00:01  pay     o1
        12:00:02  accept  o1 by r1
        12:00:03  offer   o1 to carl
        12:00:04  take    o1 by carl
        12:10:00  ready   o1 by r1
        12:11:00  pick_up o1 by carl
        12:20:00  photo   p1 by carl for alice
        12:20:00  photo   p2 by carl for alice
        12:20:00  photo   s1 by carl for alice
        12:20:01  attach  o1 by carl photo p1
        12:20:02  attach  o1 by carl signature s1
        ",
    );
    let kept = |script: &Script| script.city.images.len();
    assert_eq!(kept(&script), 3);
    script.run("12:20:03 deliver o1 by carl photo p2\n 12:20:04 pay o1");
    assert_eq!(kept(&script), 2, "p1 is replaced");
    let said = script.run("12:30:00 erase alice by op for letter");
    assert!(said.contains("AccountErased"), "{said}");
    assert_eq!(kept(&script), 0);
    let delivery = script.city.deliveries.values().next().unwrap();
    assert_eq!((delivery.proven.photo, delivery.proven.signature), (None, None));
}
