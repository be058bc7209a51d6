//! Money that goes back, and never twice.

use crate::script::check;
use expect_test::expect;

#[test]
fn r3_a_refund_that_is_clicked_twice_is_one_refund() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 2 ramen, 1 tea
        12:00:00  refund  o1 as ref1 amount 500
        12:00:01  pay     o1
        12:00:02  accept  o1 by r1
        12:00:02  refund  o1 as ref1 amount 500
        12:10:00  ready   o1 by r1
        12:10:00  offer   o1 to carl
        12:10:00  take    o1 by carl
        12:11:00  pick_up o1 by carl
        12:20:00  deliver o1 by carl
        12:20:01  pay     o1
        12:30:00  refund  o1 as ref1 by alice amount 500
        12:30:00  refund  o1 as ref1 amount 500
        12:30:00  again   -
        12:30:00  refund  o1 as ref1 amount 400
        12:30:00  bill    o1
        12:30:01  pay     o1
        12:30:01  pay     o1
        12:30:01  again   -
        12:31:00  refund  o1 as ref1 amount 500
        12:31:00  refund  o1 as ref2 amount 0
        12:31:00  refund  o1 as ref2 amount 2599
        12:31:00  refund  o1 as ref2 restaurant: 1 of 0
        12:31:00  refund  o1 as ref3: 3 of 0
        12:31:00  refund  o1 as ref3: 1 of 7
        12:31:00  refund  o1 as ref3 amount 1399
        12:31:01  pay     o1 declined
        12:31:01  bill    o1
        12:32:00  refund  o1 as ref3 amount 1398
        12:32:00  refund  o1 as ref4 amount 1
        12:32:00  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=3098
            12:00:00 refund   o1   no  PaymentMovedOn status=Authorizing
            12:00:01 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:01
            12:00:02 accept   o1   yes OrderAccepted o1 ready_at=12:15:02
                                       DeliveryOpened o1
            12:00:02 refund   o1   no  PaymentMovedOn status=Authorized
            12:10:00 ready    o1   yes OrderReady o1
            12:10:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:10:30 fence=1
            12:10:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:11:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:20:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       PaymentCapturing o1 amount=3098
            12:20:01 pay      o1   yes PaymentCaptured o1 amount=3098
            12:30:00 refund   o1   no  Forbidden
            12:30:00 refund   o1   yes RefundPending ref1 o1 amount=500 fault=Platform
            12:30:00 again    -    yes (unchanged)
            12:30:00 refund   o1   no  IdReused
            12:30:00 bill     o1   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Captured 3098, back 500 + 0
                                       pays 3098; kitchen paid; courier paid, call-out 0; fault None
            12:30:01 pay      o1   yes RefundDone ref1 o1 amount=500
            12:30:01 pay      o1   no  WorkUnknown
            12:30:01 again    -    no  WorkUnknown
            12:31:00 refund   o1   yes (unchanged)
            12:31:00 refund   o1   no  FieldInvalid /amount: a number from 1 to 100000000
            12:31:00 refund   o1   no  OverCaptured left=2598
            12:31:00 refund   o1   yes RefundPending ref2 o1 amount=1200 fault=Restaurant
            12:31:00 refund   o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:31:00 refund   o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:31:00 refund   o1   no  OverCaptured left=1398
            12:31:01 pay      o1   yes RefundFailed ref2 o1
            12:31:01 bill     o1   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Captured 3098, back 0 + 500
                                       pays 3098; kitchen paid; courier paid, call-out 0; fault None
            12:32:00 refund   o1   yes RefundPending ref3 o1 amount=1398 fault=Platform
            12:32:00 refund   o1   yes RefundPending ref4 o1 amount=1 fault=Platform
            12:32:00 show     o1   Completed; Captured 3098 of 3098; Delivered by carl, fence 1
        "#]],
    );
}

#[test]
fn a_refund_waits_until_the_money_was_taken() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:00:00  deliver o1 by carl
        12:01:00  refund  o1 as ref1 amount 100
        12:01:00  refund  o1 as ref2 amount 200
        12:02:00  pay     o1
        12:02:00  pay     o1
        12:02:00  pay     o1
        12:02:00  pay     o1
        12:02:00  bill    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:00:00 deliver  o1   yes RideImpossible o1 carl distance_m=1200 took_ms=0
                                       DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       PaymentCapturing o1 amount=1598
            12:01:00 refund   o1   yes RefundPending ref1 o1 amount=100 fault=Platform
            12:01:00 refund   o1   yes RefundPending ref2 o1 amount=200 fault=Platform
            12:02:00 pay      o1   yes PaymentCaptured o1 amount=1598
            12:02:00 pay      o1   yes RefundDone ref1 o1 amount=100
            12:02:00 pay      o1   yes RefundDone ref2 o1 amount=200
            12:02:00 pay      o1   no  WorkUnknown
            12:02:00 bill     o1   1 ramen 1200; total 1598 (revision 0); Captured 1598, back 0 + 300
                                       pays 1598; kitchen paid; courier paid, call-out 0; fault None
        "#]],
    );
}

#[test]
fn what_was_not_taken_is_not_given_back() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1
        12:00:00  start   o1 by r1
        12:00:00  cancel  o1 by alice
        12:01:00  refund  o1 as ref1 amount 100
        12:02:00  pay     o1 declined
        12:02:00  bill    o1
        12:03:00  refund  o1 as ref2 amount 100
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 start    o1   yes OrderStarted o1
            12:00:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       PaymentCapturing o1 amount=1200
            12:01:00 refund   o1   yes RefundPending ref1 o1 amount=100 fault=Platform
            12:02:00 pay      o1   yes RefundFailed ref1 o1
                                       PaymentFailed o1
                                       DebtAdded alice o1 amount=1200
            12:02:00 bill     o1   1 ramen 1200; total 1598 (revision 0); Failed 0, back 0 + 0
                                       pays 1200; kitchen paid; courier unpaid, call-out 0; fault Some(Customer)
            12:03:00 refund   o1   no  PaymentMovedOn status=Failed
        "#]],
    );
}

#[test]
fn cash_goes_back_by_hand() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  accept  o1 by r1
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:00:00  deliver o1 by carl
        12:01:00  refund  o1 as ref1 courier amount 1000
        12:01:00  again   -
        12:01:00  refund  o1 as ref2 amount 599
        12:01:00  bill    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:00:00 deliver  o1   yes RideImpossible o1 carl distance_m=1200 took_ms=0
                                       DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:01:00 refund   o1   yes RefundByHand ref1 o1 amount=1000 fault=Courier
            12:01:00 again    -    yes (unchanged)
            12:01:00 refund   o1   no  OverCaptured left=598
            12:01:00 bill     o1   1 ramen 1200; total 1598 (revision 0); CashCollected 1598, back 0 + 1000
                                       pays 1598; kitchen paid; courier paid, call-out 0; fault None
        "#]],
    );
}

/// Whoever is faster, a line is given back once: by an operator or by a claim.
#[test]
fn a_line_goes_back_once() {
    check(
        "
        11:00:00  open      r1
        12:00:00  place     o1 at r1 by alice cash pickup: 2 ramen, 1 gyoza
        12:01:00  accept    o1 by r1
        12:05:00  ready     o1 by r1
        12:06:00  hand_over o1 by r1 pin 123456
        12:07:00  claim     o1 as c1 missing: 1 of 1
        12:08:00  refund    o1 as ref1: 2 of 0
        12:09:00  refund    o1 as ref2: 1 of 0
        12:10:00  claim     o1 as c2 wrong: 1 of 0
        12:11:00  refund    o1 as ref3: 1 of 1
        12:12:00  concede   c1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=3099
                                       OrderPlaced o1 accept_by=12:05:00
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
            12:05:00 ready    o1   yes OrderReady o1
            12:06:00 hand_over o1   yes OrderCompleted o1
            12:07:00 claim    o1   yes ClaimMade c1 o1
            12:08:00 refund   o1   yes RefundByHand ref1 o1 amount=2400 fault=Platform
            12:09:00 refund   o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:10:00 claim    o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:11:00 refund   o1   yes RefundByHand ref3 o1 amount=600 fault=Platform
            12:12:00 concede  c1   no  OverCaptured left=0
        "#]],
    );
}
