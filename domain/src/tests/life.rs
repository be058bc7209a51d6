//! The plain path of an order, and the same with every word said twice.

use crate::script::check;
use expect_test::expect;

#[test]
fn an_order_is_placed_cooked_carried_and_rated() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice tip 100: 2 ramen, 1 tea+large
        12:00:01  pay     o1
        12:02:00  accept  o1 by r1 ready 12:20:00
        12:03:00  start   o1 by r1
        12:04:00  offer   o1 to carl
        12:04:10  take    o1 by carl
        12:15:00  delay   o1 by r1 ready 12:25:00
        12:18:00  at_store o1 by carl
        12:24:00  ready   o1 by r1
        12:25:00  pick_up o1 by carl
        12:35:00  at_door o1 by carl
        12:36:00  deliver o1 by carl
        12:36:01  pay     o1
        12:36:01  show    o1
        13:00:00  rate    o1 by alice stars 4 courier 5
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=3248
            12:00:01 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:01
            12:02:00 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
                                       DeliveryOpened o1
            12:03:00 start    o1   yes OrderStarted o1
            12:04:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:04:30 fence=1
            12:04:10 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:15:00 delay    o1   yes OrderDelayed o1 ready_at=12:25:00 carl
            12:18:00 at_store o1   yes CourierAtStore o1 carl
            12:24:00 ready    o1   yes OrderReady o1 carl
            12:25:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:35:00 at_door  o1   yes CourierAtDoor o1 carl
            12:36:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       PaymentCapturing o1 amount=3248
            12:36:01 pay      o1   yes PaymentCaptured o1 amount=3248
            12:36:01 show     o1   Completed; Captured 3248 of 3248; Delivered by carl, fence 1
            13:00:00 rate     o1   yes OrderRated o1 stars=4
        "#]],
    );
}

#[test]
fn every_word_can_be_said_twice() {
    check(
        "
        11:00:00  put     r1
        11:00:00  again   -
        11:00:00  menu    r1
        11:00:00  again   -
        11:00:00  grant   r1 at r1 kitchen
        11:00:00  again   -
        11:00:00  courier carl
        11:00:00  again   -
        11:59:00  quote   q1 at r1 by alice: 2 ramen
        11:59:00  again   -
        12:00:00  place   o1 from q1 by alice
        12:00:00  again   -
        12:00:01  pay     o1
        12:00:01  again   -
        12:02:00  accept  o1 by r1 ready 12:20:00
        12:02:00  again   -
        12:03:00  start   o1 by r1
        12:03:00  again   -
        12:04:00  offer   o1 to carl fence 0
        12:04:00  again   -
        12:04:10  decline o1 by carl
        12:04:10  again   -
        12:05:00  courier cora
        12:05:00  offer   o1 to cora
        12:05:10  take    o1 by cora
        12:05:10  again   -
        12:06:00  drop    o1 by cora
        12:06:00  again   -
        12:07:00  courier carol
        12:07:00  offer   o1 to carol
        12:07:10  take    o1 by carol
        12:07:20  unassign o1 by op
        12:07:20  again   -
        12:08:00  courier conny
        12:08:00  offer   o1 to conny
        12:08:10  take    o1 by conny
        12:15:00  delay   o1 by r1 ready 12:25:00
        12:15:00  again   -
        12:18:00  at_store o1 by conny
        12:18:00  again   -
        12:24:00  ready   o1 by r1
        12:24:00  again   -
        12:25:00  pick_up o1 by conny
        12:25:00  again   -
        12:35:00  at_door o1 by conny
        12:35:00  again   -
        12:36:00  fail    o1 by conny refused
        12:36:00  again   -
        12:37:00  return  o1 by conny
        12:37:00  again   -
        12:50:00  returned o1 by conny code 4321
        12:50:00  again   -
        13:00:00  rate    o1 by alice stars 2
        13:00:00  again   -
        13:00:00  place   o2 at r1 by alice: 1 tea
        13:00:00  cancel  o2 by alice
        13:00:00  again   -
        13:00:00  place   o3 at r1 by alice cash: 1 tea
        13:00:00  reject  o3 by r1
        13:00:00  again   -
        13:00:00  pause   r1 by r1 until 14:00:00
        13:00:00  again   -
        13:00:00  offline conny by conny
        13:00:00  again   -
        13:00:00  ban     conny by op for cheating
        13:00:00  again   -
        13:00:00  unban   conny by op
        13:00:00  again   -
        ",
        expect![[r#"
            11:00:00 put      r1   yes RestaurantPut r1
                                       RestaurantApproved r1
            11:00:00 again    -    yes (unchanged)
            11:00:00 menu     r1   yes MenuChanged r1 version=1
            11:00:00 again    -    yes (unchanged)
            11:00:00 grant    r1   yes StaffGranted r1 r1
            11:00:00 again    -    yes (unchanged)
            11:00:00 courier  carl yes
            11:00:00 again    -    yes
            11:59:00 quote    q1   yes QuoteMade q1 r1
            11:59:00 again    -    yes (unchanged)
            12:00:00 place    o1   yes OrderPending o1 total=2798
            12:00:00 again    -    yes (unchanged)
            12:00:01 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:01
            12:00:01 again    -    no  WorkUnknown
            12:02:00 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
                                       DeliveryOpened o1
            12:02:00 again    -    yes (unchanged)
            12:03:00 start    o1   yes OrderStarted o1
            12:03:00 again    -    yes (unchanged)
            12:04:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:04:30 fence=1
            12:04:00 again    -    yes (unchanged)
            12:04:10 decline  o1   yes OfferDeclined o1 carl
            12:04:10 again    -    yes (unchanged)
            12:05:00 courier  cora yes
            12:05:00 offer    o1   yes DeliveryOffered o1 cora expires_at=12:05:30 fence=2
            12:05:10 take     o1   yes DeliveryAssigned o1 cora fence=2
            12:05:10 again    -    yes (unchanged)
            12:06:00 drop     o1   yes DeliveryUnassigned o1 cora
            12:06:00 again    -    yes (unchanged)
            12:07:00 courier  carol yes
            12:07:00 offer    o1   yes DeliveryOffered o1 carol expires_at=12:07:30 fence=4
            12:07:10 take     o1   yes DeliveryAssigned o1 carol fence=4
            12:07:20 unassign o1   yes DeliveryUnassigned o1 carol
            12:07:20 again    -    yes (unchanged)
            12:08:00 courier  conny yes
            12:08:00 offer    o1   yes DeliveryOffered o1 conny expires_at=12:08:30 fence=6
            12:08:10 take     o1   yes DeliveryAssigned o1 conny fence=6
            12:15:00 delay    o1   yes OrderDelayed o1 ready_at=12:25:00 conny
            12:15:00 again    -    yes (unchanged)
            12:18:00 at_store o1   yes CourierAtStore o1 conny
            12:18:00 again    -    yes (unchanged)
            12:24:00 ready    o1   yes OrderReady o1 conny
            12:24:00 again    -    yes (unchanged)
            12:25:00 pick_up  o1   yes DeliveryPickedUp o1 conny
                                       OrderHandedOff o1
            12:25:00 again    -    yes (unchanged)
            12:35:00 at_door  o1   yes CourierAtDoor o1 conny
            12:35:00 again    -    yes (unchanged)
            12:36:00 fail     o1   yes DeliveryFailed o1 conny reason=Refused
            12:36:00 again    -    yes (unchanged)
            12:37:00 return   o1   yes DeliveryReturning o1 conny
            12:37:00 again    -    yes (unchanged)
            12:50:00 returned o1   yes DeliveryReturned o1 conny
                                       OrderNoShow o1
                                       PaymentCapturing o1 amount=2798
            12:50:00 again    -    yes (unchanged)
            13:00:00 rate     o1   yes OrderRated o1 stars=2
            13:00:00 again    -    yes (unchanged)
            13:00:00 place    o2   yes OrderPending o2 total=698
            13:00:00 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o2
            13:00:00 again    -    yes (unchanged)
            13:00:00 place    o3   yes OrderPending o3 total=698
                                       OrderPlaced o3 accept_by=13:05:00
            13:00:00 reject   o3   yes OrderRejected o3 reason=Busy
                                       DeliveryCancelled o3
            13:00:00 again    -    yes (unchanged)
            13:00:00 pause    r1   yes AvailabilityChanged r1 mode=Paused until=14:00:00
            13:00:00 again    -    yes (unchanged)
            13:00:00 offline  conny yes CourierWentOffline conny
            13:00:00 again    -    yes (unchanged)
            13:00:00 ban      conny yes AccountBanned conny until=None
            13:00:00 again    -    yes (unchanged)
            13:00:00 unban    conny yes AccountUnbanned conny
            13:00:00 again    -    yes (unchanged)
        "#]],
    );
}
