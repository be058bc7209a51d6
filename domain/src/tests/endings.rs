//! Every way in which an order can end, and where its money goes.

use crate::script::check;
use expect_test::expect;

#[test]
fn the_kitchen_says_no() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:01  accept  o1 by r1
        12:00:01  pay     o1
        12:02:00  reject  o1 by r1
        12:02:00  show    o1
        12:02:01  pay     o1
        12:02:01  show    o1
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:01 accept   o1   no  OrderUnknown
            12:00:01 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:01
            12:02:00 reject   o1   yes OrderRejected o1 reason=Busy
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            12:02:00 show     o1   Rejected; Voiding 0 of 1598; Cancelled by nobody, fence 0
            12:02:01 pay      o1   yes PaymentVoided o1
            12:02:01 show     o1   Rejected; Voided 0 of 1598; Cancelled by nobody, fence 0
        "#]],
    );
}

#[test]
fn the_kitchen_says_nothing_and_the_third_time_it_is_paused() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  pay     o1
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 2 ramen
        12:04:59  due     -
        12:05:00  due     -
        12:05:00  show    o1
        12:05:00  show    o2
        12:05:01  accept  o1 by r1
        12:10:00  place   o4 at r1 by alice cash: 1 ramen
        12:35:00  place   o4 at r1 by alice cash: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 place    o3   yes OrderPending o3 total=2798
                                       OrderPlaced o3 accept_by=12:05:00
            12:04:59 due      -    yes OrderAlerted o2 step=Push
            12:04:59 due      -    yes OrderAlerted o3 step=Push
            12:04:59 due      -    yes OrderAlerted o1 step=Push
            12:04:59 due      -    yes OrderAlerted o2 step=Sms
            12:04:59 due      -    yes OrderAlerted o3 step=Sms
            12:04:59 due      -    yes OrderAlerted o1 step=Sms
            12:04:59 due      -    yes OrderAlerted o2 step=Call
            12:04:59 due      -    yes OrderAlerted o3 step=Call
            12:04:59 due      -    yes OrderAlerted o1 step=Call
            12:04:59 due      -    yes OrderAlerted o2 step=Operators
            12:04:59 due      -    yes OrderAlerted o3 step=Operators
            12:04:59 due      -    yes OrderAlerted o1 step=Operators
            12:05:00 due      -    yes OrderExpired o2
                                       DeliveryCancelled o2
            12:05:00 due      -    yes OrderExpired o3
                                       DeliveryCancelled o3
            12:05:00 due      -    yes OrderExpired o1
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
                                       AvailabilityChanged r1 mode=Paused until=12:35:00
            12:05:00 show     o1   Expired; Voiding 0 of 1598; Cancelled by nobody, fence 0
            12:05:00 show     o2   Expired; None 0 of 1598; Cancelled by nobody, fence 0
            12:05:01 accept   o1   no  OrderMovedOn state=Expired
            12:10:00 place    o4   no  RestaurantPaused until=12:35:00
            12:35:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=12:40:00
        "#]],
    );
}

#[test]
fn an_answer_in_between_starts_the_count_again() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:05:00  due     -
        12:06:00  place   o3 at r1 by alice cash: 1 ramen
        12:06:00  accept  o3 by r1
        12:07:00  place   o4 at r1 by alice cash: 1 ramen
        12:12:00  due     -
        12:12:00  place   o5 at r1 by alice cash: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:00
            12:05:00 due      -    yes OrderAlerted o2 step=Push
            12:05:00 due      -    yes OrderAlerted o1 step=Push
            12:05:00 due      -    yes OrderAlerted o2 step=Sms
            12:05:00 due      -    yes OrderAlerted o1 step=Sms
            12:05:00 due      -    yes OrderAlerted o2 step=Call
            12:05:00 due      -    yes OrderAlerted o1 step=Call
            12:05:00 due      -    yes OrderAlerted o2 step=Operators
            12:05:00 due      -    yes OrderAlerted o1 step=Operators
            12:05:00 due      -    yes OrderExpired o2
                                       DeliveryCancelled o2
            12:05:00 due      -    yes OrderExpired o1
                                       DeliveryCancelled o1
            12:06:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=12:11:00
            12:06:00 accept   o3   yes OrderAccepted o3 ready_at=12:21:00
                                       DeliveryOpened o3
            12:07:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=12:12:00
            12:12:00 due      -    yes OrderAlerted o4 step=Push
            12:12:00 due      -    yes OrderAlerted o4 step=Sms
            12:12:00 due      -    yes OrderAlerted o4 step=Call
            12:12:00 due      -    yes OrderAlerted o4 step=Operators
            12:12:00 due      -    yes OrderExpired o4
                                       DeliveryCancelled o4
            12:12:00 place    o5   yes OrderPending o5 total=1598
                                       OrderPlaced o5 accept_by=12:17:00
        "#]],
    );
}

#[test]
fn a_late_yes_is_a_no_and_a_repeated_yes_is_a_yes() {
    check(
        "
        11:00:00  open    r1
        11:00:00  open    r9
        12:00:00  place   o1 at r1 by alice cash: 2 ramen
        12:02:00  accept  o1 by r1 ready 12:02:30
        12:02:00  accept  o1 by r1 ready 16:02:30
        12:02:00  accept  o1 by r9 ready 12:20:00
        12:02:00  accept  o1 at r1 by r9 ready 12:20:00
        12:02:00  accept  o1 by r1 ready 12:20:00
        12:02:05  accept  o1 by r1 ready 12:20:00
        12:02:05  accept  o1 by r1 ready 12:21:00
        12:03:00  place   o2 at r1 by alice cash: 2 ramen
        12:08:01  accept  o2 by r1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 open     r9   yes
            12:00:00 place    o1   yes OrderPending o1 total=2798
                                       OrderPlaced o1 accept_by=12:05:00
            12:02:00 accept   o1   no  FieldInvalid /ready_at: a moment from 1 to 180 minutes ahead
            12:02:00 accept   o1   no  FieldInvalid /ready_at: a moment from 1 to 180 minutes ahead
            12:02:00 accept   o1   no  OrderUnknown
            12:02:00 accept   o1   no  Forbidden
            12:02:00 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
                                       DeliveryOpened o1
            12:02:05 accept   o1   yes (unchanged)
            12:02:05 accept   o1   no  OrderMovedOn state=Accepted
            12:03:00 place    o2   yes OrderPending o2 total=2798
                                       OrderPlaced o2 accept_by=12:08:00
            12:08:01 accept   o2   no  TooLate
        "#]],
    );
}

#[test]
fn nobody_pays() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  place   o2 at r1 by alice: 1 ramen
        12:00:05  pay     o1 declined
        12:00:05  show    o1
        12:09:59  due     -
        12:10:00  due     -
        12:10:00  show    o2
        12:11:00  pay     o2
        12:11:01  pay     o2
        12:11:01  show    o2
        12:12:00  place   o3 at r1 by alice: 1 ramen
        12:12:00  cancel  o3 by alice
        12:12:01  pay     o3 declined
        12:12:01  show    o3
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 place    o2   yes OrderPending o2 total=1598
            12:00:05 pay      o1   yes PaymentFailed o1
            12:00:05 show     o1   Pending; Failed 0 of 1598; Waiting by nobody, fence 0
            12:10:00 due      -    yes OrderCancelled o2 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o2
            12:10:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
            12:10:00 show     o2   Cancelled; Authorizing 0 of 1598; Cancelled by nobody, fence 0
            12:11:00 pay      o2   yes PaymentVoiding o2
            12:11:01 pay      o2   yes PaymentVoided o2
            12:11:01 show     o2   Cancelled; Voided 0 of 1598; Cancelled by nobody, fence 0
            12:12:00 place    o3   yes OrderPending o3 total=1598
            12:12:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o3
            12:12:01 pay      o3   yes PaymentFailed o3
            12:12:01 show     o3   Cancelled; Failed 0 of 1598; Cancelled by nobody, fence 0
        "#]],
    );
}

#[test]
fn what_a_cancellation_costs() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o1
        12:00:00  cancel  o1 by alice
        12:00:00  show    o1
        12:00:00  place   o2 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o2
        12:00:00  accept  o2 by r1
        12:00:00  cancel  o2 by alice
        12:00:00  show    o2
        12:00:00  place   o3 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o3
        12:00:00  accept  o3 by r1
        12:00:00  start   o3 by r1
        12:00:00  offer   o3 to carl
        12:00:00  take    o3 by carl
        12:00:00  cancel  o3 by alice
        12:00:00  show    o3
        12:00:00  pay     o3
        12:00:00  show    o3
        12:00:00  place   o4 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o4
        12:00:00  cancel  o4 by r1 out_of_stock
        12:00:00  accept  o4 by r1
        12:00:00  ready   o4 by r1
        12:00:00  offer   o4 to carl
        12:00:00  cancel  o4 by r1 out_of_stock
        12:00:00  show    o4
        12:00:00  place   o5 at r1 by alice cash: 1 ramen
        12:00:00  cancel  o5 by bob
        12:00:00  cancel  o5 by alice operator
        12:00:00  cancel  o5 by op operator
        12:00:00  show    o5
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1698
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            12:00:00 show     o1   Cancelled; Voiding 0 of 1698; Cancelled by nobody, fence 0
            12:00:00 place    o2   yes OrderPending o2 total=1698
            12:00:00 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 accept   o2   yes OrderAccepted o2 ready_at=12:15:00
                                       DeliveryOpened o2
            12:00:00 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o2
                                       PaymentVoiding o2
            12:00:00 show     o2   Cancelled; Voiding 0 of 1698; Cancelled by nobody, fence 0
            12:00:00 place    o3   yes OrderPending o3 total=1698
            12:00:00 pay      o3   yes PaymentAuthorized o3
                                       OrderPlaced o3 accept_by=12:05:00
            12:00:00 accept   o3   yes OrderAccepted o3 ready_at=12:15:00
                                       DeliveryOpened o3
            12:00:00 start    o3   yes OrderStarted o3
            12:00:00 offer    o3   yes DeliveryOffered o3 carl expires_at=12:00:30 fence=1
            12:00:00 take     o3   yes DeliveryAssigned o3 carl fence=1
            12:00:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                       DeliveryUnassigned o3 carl
                                       DeliveryCancelled o3
                                       PaymentCapturing o3 amount=1200
            12:00:00 show     o3   Cancelled; Capturing 1200 of 1698; Cancelled by nobody, fence 1
            12:00:00 pay      o3   yes PaymentCaptured o3 amount=1200
            12:00:00 show     o3   Cancelled; Captured 1200 of 1698; Cancelled by nobody, fence 1
            12:00:00 place    o4   yes OrderPending o4 total=1698
            12:00:00 pay      o4   yes PaymentAuthorized o4
                                       OrderPlaced o4 accept_by=12:05:00
            12:00:00 cancel   o4   no  OrderMovedOn state=Placed
            12:00:00 accept   o4   yes OrderAccepted o4 ready_at=12:15:00
                                       DeliveryOpened o4
            12:00:00 ready    o4   yes OrderReady o4
            12:00:00 offer    o4   yes DeliveryOffered o4 carl expires_at=12:00:30 fence=1
            12:00:00 cancel   o4   yes OrderCancelled o4 reason=OutOfStock fault=Restaurant
                                       OfferWithdrawn o4 carl
                                       DeliveryCancelled o4
                                       PaymentVoiding o4
            12:00:00 show     o4   Cancelled; Voiding 0 of 1698; Cancelled by nobody, fence 1
            12:00:00 place    o5   yes OrderPending o5 total=1598
                                       OrderPlaced o5 accept_by=12:05:00
            12:00:00 cancel   o5   no  OrderUnknown
            12:00:00 cancel   o5   no  FieldInvalid /reason: a reason that customers have
            12:00:00 cancel   o5   yes OrderCancelled o5 reason=Operator fault=Platform
                                       DeliveryCancelled o5
            12:00:00 show     o5   Cancelled; None 0 of 1598; Cancelled by nobody, fence 0
        "#]],
    );
}

#[test]
fn no_courier_is_found() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1 ready 12:20:00
        12:10:00  offer   o1 to carl
        12:10:30  due     -
        12:10:31  take    o1 by carl
        12:10:31  offer   o1 to carl
        12:20:00  delay   o1 by r1 ready 12:30:00
        12:34:00  ready   o1 by r1
        13:18:59  due     -
        13:19:00  due     -
        13:19:00  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
                                       DeliveryOpened o1
            12:10:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:10:30 fence=1
            12:10:30 due      -    yes OfferExpired o1 carl
            12:10:31 take     o1   no  OfferClosed
            12:10:31 offer    o1   no  NotOfferable
            12:20:00 delay    o1   yes OrderDelayed o1 ready_at=12:30:00
            12:34:00 ready    o1   yes OrderReady o1
            13:18:59 due      -    yes CourierMissing o1
            13:19:00 due      -    yes OrderCancelled o1 reason=NoCourier fault=Platform
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            13:19:00 show     o1   Cancelled; Voiding 0 of 1598; Cancelled by nobody, fence 1
        "#]],
    );
}

#[test]
fn food_that_comes_back() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice tip 100: 1 ramen
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:00:00  fail    o1 by carl absent
        12:10:00  at_door o1 by carl
        12:11:00  contact o1 by carl event c1
        12:11:00  again   -
        12:17:59  fail    o1 by carl absent
        12:18:00  fail    o1 by carl absent
        12:18:00  contact o1 by carl event c2
        12:18:00  fail    o1 by carl absent
        12:18:00  cancel  o1 by alice
        12:18:00  cancel  o1 by op operator
        12:18:00  returned o1 by carl
        12:20:00  return  o1 by carl
        12:30:00  returned o1 by carl
        12:30:00  returned o1 by carl code 4321
        12:30:00  show    o1
        12:40:00  place   o2 at r1 by alice tip 100: 1 ramen
        12:40:00  pay     o2
        12:40:00  accept  o2 by r1
        12:40:00  ready   o2 by r1
        12:40:00  offer   o2 to carl
        12:40:00  take    o2 by carl
        12:40:00  pick_up o2 by carl
        12:50:00  fail    o2 by carl
        12:50:00  return  o2 by carl
        12:50:00  returned o2 by carl code 4321
        12:50:00  show    o2
        12:50:00  rate    o2 by alice stars 1
        12:50:00  rate    o1 by alice stars 1
        12:50:00  rate    o1 by bob stars 1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1698
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:00:00 fail     o1   no  FieldInvalid /reason: absent: after 8 minutes at the door and 2 attempts to reach them
            12:10:00 at_door  o1   yes CourierAtDoor o1 carl
            12:11:00 contact  o1   yes CustomerContacted o1 carl
            12:11:00 again    -    yes (unchanged)
            12:17:59 fail     o1   no  FieldInvalid /reason: absent: after 8 minutes at the door and 2 attempts to reach them
            12:18:00 fail     o1   no  FieldInvalid /reason: absent: after 8 minutes at the door and 2 attempts to reach them
            12:18:00 contact  o1   yes CustomerContacted o1 carl
            12:18:00 fail     o1   yes DeliveryFailed o1 carl reason=CustomerAbsent
            12:18:00 cancel   o1   no  OrderMovedOn state=HandedOff
            12:18:00 cancel   o1   no  OrderMovedOn state=HandedOff
            12:18:00 returned o1   no  OutOfOrder state=Failed
            12:20:00 return   o1   yes DeliveryReturning o1 carl
            12:30:00 returned o1   no  ProofMissing needed=Code
            12:30:00 returned o1   yes DeliveryReturned o1 carl
                                       OrderNoShow o1
                                       PaymentCapturing o1 amount=1598
            12:30:00 show     o1   NoShow; Capturing 1598 of 1698; Returned by carl, fence 1
            12:40:00 place    o2   yes OrderPending o2 total=1698
            12:40:00 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=12:45:00
            12:40:00 accept   o2   yes OrderAccepted o2 ready_at=12:55:00
                                       DeliveryOpened o2
            12:40:00 ready    o2   yes OrderReady o2
            12:40:00 offer    o2   yes DeliveryOffered o2 carl expires_at=12:40:30 fence=1
            12:40:00 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:40:00 pick_up  o2   yes DeliveryPickedUp o2 carl
                                       OrderHandedOff o2
            12:50:00 fail     o2   yes DeliveryFailed o2 carl reason=Damaged
            12:50:00 return   o2   yes DeliveryReturning o2 carl
            12:50:00 returned o2   yes DeliveryReturned o2 carl
                                       OrderCancelled o2 reason=Undeliverable fault=Courier
                                       PaymentVoiding o2
            12:50:00 show     o2   Cancelled; Voiding 0 of 1698; Returned by carl, fence 1
            12:50:00 rate     o2   no  NotRateable
            12:50:00 rate     o1   yes OrderRated o1 stars=1
            12:50:00 rate     o1   no  OrderUnknown
        "#]],
    );
}

#[test]
fn cash_at_the_door() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:10:00  deliver o1 by carl
        12:10:00  show    o1
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 ready    o1   yes OrderReady o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:10:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:10:00 show     o1   Completed; CashCollected 1598 of 1598; Delivered by carl, fence 1
        "#]],
    );
}
