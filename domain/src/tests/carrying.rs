//! Who carries: offers, answers, fences, and phones that were offline.

use crate::script::check;
use expect_test::expect;

#[test]
fn one_courier_has_it_and_the_fence_keeps_the_others_out() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  courier cora
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  take    o1 by carl
        12:00:00  offer   o1 to carl
        12:00:01  offer   o1 to cora
        12:00:01  take    o1 by cora
        12:00:02  take    o1 by carl fence 0
        12:00:02  take    o1 by carl fence 1
        12:00:03  at_store o1 by cora
        12:00:03  at_store o1 by carl
        12:00:04  unassign o1 by op
        12:00:05  pick_up o1 by carl fence 1
        12:00:06  offer   o1 to carl
        12:00:06  offer   o1 to cora fence 1
        12:00:06  offer   o1 to cora
        12:00:07  take    o1 by cora
        12:00:08  pick_up o1 by carl
        12:00:09  deliver o1 by cora
        12:00:09  pick_up o1 by cora
        12:00:10  ready   o1 by r1
        12:00:11  pick_up o1 by cora fence 2
        12:00:11  pick_up o1 by cora fence 3
        12:00:12  drop    o1 by cora
        12:00:12  unassign o1 by op
        12:00:12  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 take     o1   no  OfferClosed
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:01 offer    o1   no  NotOfferable
            12:00:01 take     o1   no  OfferClosed
            12:00:02 take     o1   no  OfferClosed
            12:00:02 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:03 at_store o1   no  NotYours
            12:00:03 at_store o1   yes CourierAtStore o1 carl
            12:00:04 unassign o1   yes DeliveryUnassigned o1 carl
            12:00:05 pick_up  o1   no  NotYours
            12:00:06 offer    o1   no  NotOfferable
            12:00:06 offer    o1   no  NotOfferable
            12:00:06 offer    o1   yes DeliveryOffered o1 cora expires_at=12:00:36 fence=3
            12:00:07 take     o1   yes DeliveryAssigned o1 cora fence=3
            12:00:08 pick_up  o1   no  NotYours
            12:00:09 deliver  o1   no  OutOfOrder state=Assigned
            12:00:09 pick_up  o1   no  OutOfOrder state=Assigned
            12:00:10 ready    o1   yes OrderReady o1 cora
            12:00:11 pick_up  o1   no  NotYours
            12:00:11 pick_up  o1   yes DeliveryPickedUp o1 cora
                                       OrderHandedOff o1
            12:00:12 drop     o1   no  OutOfOrder state=PickedUp
            12:00:12 unassign o1   no  OutOfOrder state=PickedUp
            12:00:12 show     o1   HandedOff; CashDue 1598 of 1598; PickedUp by cora, fence 3
        "#]],
    );
}

#[test]
fn an_offer_is_one_question_to_somebody_free() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 1 ramen
        12:00:00  offer   o1 to carl by carl
        12:00:00  offer   o1 to nobody
        12:00:00  offer   o9 to carl
        12:00:00  offer   o1 to carl
        12:00:00  offer   o2 to carl
        12:00:10  take    o1 by carl
        12:00:10  offer   o2 to carl
        12:00:40  take    o2 by carl
        12:00:40  due     -
        12:00:40  offer   o2 to carl
        12:00:41  offer   o3 to carl
        12:00:42  take    o3 by carl
        12:01:00  place   o4 at r1 by alice cash: 1 ramen
        12:01:00  offer   o4 to carl
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:00
                                       OrderAccepted o2 ready_at=12:15:00
                                       DeliveryOpened o2
            12:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=12:05:00
                                       OrderAccepted o3 ready_at=12:15:00
                                       DeliveryOpened o3
            12:00:00 offer    o1   no  Forbidden
            12:00:00 offer    o1   no  CourierUnknown
            12:00:00 offer    o9   no  DeliveryUnknown
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:00 offer    o2   no  NotOfferable
            12:00:10 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:00:10 offer    o2   yes DeliveryOffered o2 carl expires_at=12:00:40 fence=1
            12:00:40 take     o2   no  OfferClosed
            12:00:40 due      -    yes OfferExpired o2 carl
            12:00:40 offer    o2   no  NotOfferable
            12:00:41 offer    o3   yes DeliveryOffered o3 carl expires_at=12:01:11 fence=1
            12:00:42 take     o3   yes DeliveryAssigned o3 carl fence=1
            12:01:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=12:06:00
                                       OrderAccepted o4 ready_at=12:16:00
                                       DeliveryOpened o4
            12:01:00 offer    o4   no  NotOfferable
        "#]],
    );
}

#[test]
fn off_shift_and_out_of_the_game() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 2 ramen
        12:00:00  offer   o1 to carl
        12:00:01  offline carl by carl
        12:00:01  show    o1
        12:00:02  offer   o1 to carl
        12:00:03  online  carl by cora
        12:00:03  online  carl by carl car
        12:00:04  offer   o1 to carl
        12:00:05  take    o1 by carl
        12:00:06  online  carl by carl foot
        12:00:07  ready   o1 by r1
        12:00:07  pick_up o1 by carl
        12:00:08  offer   o2 to carl
        12:00:09  take    o2 by carl
        12:00:10  ban     carl for cheating
        12:00:10  show    o1
        12:00:10  show    o2
        12:00:11  deliver o1 by carl
        12:00:12  unban   carl
        12:00:13  deliver o1 by carl
        12:00:13  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 place    o2   yes OrderPending o2 total=2798
                                       OrderPlaced o2 accept_by=12:05:00
                                       OrderAccepted o2 ready_at=12:15:00
                                       DeliveryOpened o2
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:01 offline  carl yes OfferWithdrawn o1 carl
                                       CourierWentOffline carl
            12:00:01 show     o1   Accepted; CashDue 1598 of 1598; Unassigned by nobody, fence 1
            12:00:02 offer    o1   no  NotOfferable
            12:00:03 online   carl no  Forbidden
            12:00:03 online   carl yes CourierWentOnline carl
            12:00:04 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:34 fence=2
            12:00:05 take     o1   yes DeliveryAssigned o1 carl fence=2
            12:00:06 online   carl no  CourierNotReady
            12:00:07 ready    o1   yes OrderReady o1 carl
            12:00:07 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:00:08 offer    o2   yes DeliveryOffered o2 carl expires_at=12:00:38 fence=1
            12:00:09 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:00:10 ban      carl yes AccountBanned carl until=None
                                       DeliveryStranded o1 carl
                                       DeliveryUnassigned o2 carl
                                       CourierWentOffline carl
            12:00:10 show     o1   HandedOff; CashDue 1598 of 1598; PickedUp by carl, fence 2
            12:00:10 show     o2   Accepted; CashDue 2798 of 2798; Unassigned by nobody, fence 2
            12:00:11 deliver  o1   no  Banned
            12:00:12 unban    carl yes AccountUnbanned carl
            12:00:13 deliver  o1   yes RideImpossible o1 carl distance_m=1200 took_ms=6000
                                       DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            12:00:13 show     o1   Completed; CashCollected 1598 of 1598; Delivered by carl, fence 2
        "#]],
    );
}

#[test]
fn a_phone_that_was_offline_is_believed_within_bounds() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        13:00:00  at_store o1 by carl since 00:59:00
        13:00:00  at_store o1 by carl since 13:05:01
        13:00:00  at_store o1 by carl since 12:10:00
        13:00:00  pick_up o1 by carl since 12:09:00
        13:00:00  pick_up o1 by carl since 12:12:00
        13:00:00  at_store o1 by carl since 12:10:00
        13:00:00  at_door o1 by carl since 12:25:00
        13:00:00  deliver o1 by carl since 12:26:00
        13:00:00  deliver o1 by carl since 12:26:00
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
            13:00:00 at_store o1   no  FieldInvalid /occurred_at: from 12 hours ago to 5 minutes ahead
            13:00:00 at_store o1   no  FieldInvalid /occurred_at: from 12 hours ago to 5 minutes ahead
            13:00:00 at_store o1   yes CourierAtStore o1 carl
            13:00:00 pick_up  o1   no  FieldInvalid /occurred_at: not before the step before it
            13:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            13:00:00 at_store o1   no  OutOfOrder state=PickedUp
            13:00:00 at_door  o1   yes CourierAtDoor o1 carl
            13:00:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       CashCollected o1 carl
            13:00:00 deliver  o1   yes (unchanged)
        "#]],
    );
}

/// Who says yes and does not come loses it after a while, and their later words are fenced.
#[test]
fn who_does_not_come_to_the_kitchen_loses_it() {
    check(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        11:00:00  courier cora
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  offer   o1 to carl
        12:00:10  take    o1 by carl
        12:25:09  due     -
        12:25:10  due     -
        12:25:11  at_store o1 by carl
        12:25:11  take    o1 by carl
        12:25:12  offer   o1 to carl
        12:25:12  offer   o1 to cora
        12:25:20  take    o1 by cora
        12:30:00  at_store o1 by cora
        12:50:20  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
                                       OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
            12:00:10 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:25:10 due      -    yes DeliveryUnassigned o1 carl
            12:25:11 at_store o1   no  NotYours
            12:25:11 take     o1   no  OfferClosed
            12:25:12 offer    o1   no  NotOfferable
            12:25:12 offer    o1   yes DeliveryOffered o1 cora expires_at=12:25:42 fence=3
            12:25:20 take     o1   yes DeliveryAssigned o1 cora fence=3
            12:30:00 at_store o1   yes CourierAtStore o1 cora
        "#]],
    );
}
