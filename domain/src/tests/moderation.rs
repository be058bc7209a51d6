//! Bans of everything that can be banned, and what follows from them.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn a_ban_has_a_reason_and_keeps_what_was_said_against_the_one_before() {
    check(
        "
        11:00:00  open   r1
        11:00:00  ban    alice for none
        11:00:00  ban    phone device for none
        11:00:00  ban    phone device for fraud
        11:00:01  appeal phone device note sorry
        11:00:02  ban    phone device for fraud until 12:00:00
        11:00:03  appeal phone device note sorry
        11:00:04  unban  phone device for none
        11:00:04  ban    alice for fraud
        11:00:04  unban  alice for none
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 ban      alice no  FieldInvalid /reason: from 1 to 2000 letters
            11:00:00 ban      phone no  FieldInvalid /reason: from 1 to 2000 letters
            11:00:00 ban      phone yes MarkBanned subject=Device(dmk_00040r1race38n48c6gj7484cr) until=None
            11:00:01 appeal   phone yes
            11:00:02 ban      phone yes MarkBanned subject=Device(dmk_00040r1race38n48c6gj7484cr) until=12:00:00
            11:00:03 appeal   phone yes (unchanged)
            11:00:04 unban    phone no  FieldInvalid /reason: from 1 to 2000 letters
            11:00:04 ban      alice yes AccountBanned alice until=None
            11:00:04 unban    alice no  FieldInvalid /reason: from 1 to 2000 letters
        "#]],
    );
}

/// One operator alone cannot lock the city: neither themselves nor the others out.
#[test]
fn operators_are_not_banned() {
    check(
        "
        11:00:00  open  r1
        11:00:00  ban   op for mistake
        11:00:00  ban   alice for spam
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 ban      op   no  OperatorNotBanned
            11:00:00 ban      alice yes AccountBanned alice until=None
        "#]],
    );
}

#[test]
fn a_restaurant_that_is_banned_sells_nothing_and_its_orders_are_refused() {
    check(
        "
        11:00:00  open    r1
        11:00:00  grant   mia at r1 manager
        11:00:00  courier carl
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  place   o2 at r1 by bob: 1 ramen
        11:00:00  place   o3 at r1 by carol cash: 1 ramen
        11:00:30  accept  o3 by r1 ready 11:20:00
        11:01:00  ban     r1 restaurant by alice
        11:01:00  ban     r9 restaurant
        11:01:00  ban     r1 restaurant for dirt until 12:00:00
        11:01:00  again
        11:01:00  accept  o1 by r1 ready 11:20:00
        11:01:00  due
        11:01:00  show    o1
        11:01:00  show    o2
        11:01:00  show    o3
        11:01:10  capacity r1 by mia orders 5
        11:01:10  place   o4 at r1 by alice cash: 1 ramen
        11:01:10  ready   o3 by r1
        11:02:00  appeal  r1 restaurant by alice note clean
        11:02:00  appeal  r1 restaurant note clean
        11:02:00  again
        12:00:00  due
        12:00:00  appeal  r1 restaurant note late
        12:00:01  place   o5 at r1 by alice cash: 1 ramen
        12:00:01  unban   r1 restaurant
        12:00:01  ban     r1 restaurant for dirt
        12:00:02  unban   r1 restaurant
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 grant    mia  yes StaffGranted r1 mia
            11:00:00 courier  carl yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 place    o2   yes OrderPending o2 total=1598
            11:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=11:05:00
            11:00:30 accept   o3   yes OrderAccepted o3 ready_at=11:20:00
                                       DeliveryOpened o3
            11:01:00 ban      r1   no  Forbidden
            11:01:00 ban      r9   no  RestaurantUnknown
            11:01:00 ban      r1   yes RestaurantBanned r1 until=12:00:00
            11:01:00 again         yes (unchanged)
            11:01:00 accept   o1   no  Banned
            11:01:00 due           yes OrderAlerted o1 step=Push
            11:01:00 due           yes OrderCancelled o2 reason=RestaurantClosed fault=Restaurant
                                       DeliveryCancelled o2
            11:01:00 due           yes OrderRejected o1 reason=Other
                                       DeliveryCancelled o1
            11:01:00 show     o1   Rejected; None 0 of 1598; Cancelled by nobody, fence 0
            11:01:00 show     o2   Cancelled; Authorizing 0 of 1598; Cancelled by nobody, fence 0
            11:01:00 show     o3   Accepted; CashDue 1598 of 1598; Unassigned by nobody, fence 0
            11:01:10 capacity r1   no  Forbidden
            11:01:10 place    o4   no  NotDeliverable
            11:01:10 ready    o3   yes OrderReady o3
            11:02:00 appeal   r1   no  Forbidden
            11:02:00 appeal   r1   yes
            11:02:00 again         yes (unchanged)
            12:00:00 due           yes CourierMissing o3
            12:00:00 due           yes OrderCancelled o3 reason=NoCourier fault=Platform
                                       DeliveryCancelled o3
            12:00:00 due           yes RestaurantUnbanned r1
            12:00:00 appeal   r1   no  BanUnknown
            12:00:01 place    o5   yes OrderPending o5 total=1598
                                       OrderPlaced o5 accept_by=12:05:01
            12:00:01 unban    r1   yes (unchanged)
            12:00:01 ban      r1   yes RestaurantBanned r1 until=None
            12:00:02 unban    r1   yes RestaurantUnbanned r1
        "#]],
    );
}

#[test]
fn a_courier_who_is_banned_may_carry_nothing_but_may_still_order() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  accept  o1 by r1 ready 11:10:00
        11:00:00  offer   o1 to carl
        11:00:01  take    o1 by carl
        11:00:02  place   o2 at r1 by bob cash: 1 ramen
        11:00:02  accept  o2 by r1 ready 11:10:00
        11:05:00  ready   o1 by r1
        11:06:00  at_store o1 by carl
        11:06:00  pick_up o1 by carl
        11:06:01  offer   o2 to carl
        11:06:02  ban     carl courier for speeding
        11:06:02  again
        11:06:03  at_door o1 by carl
        11:06:03  take    o2 by carl
        11:06:03  online  carl
        11:06:04  show    o1
        11:06:04  show    o2
        11:06:04  place   o3 at r1 by carl cash: 1 ramen
        11:07:00  unban   carl courier
        11:07:00  online  carl
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 accept   o1   yes OrderAccepted o1 ready_at=11:10:00
                                       DeliveryOpened o1
            11:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=11:00:30 fence=1
            11:00:01 take     o1   yes DeliveryAssigned o1 carl fence=1
            11:00:02 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=11:05:02
            11:00:02 accept   o2   yes OrderAccepted o2 ready_at=11:10:00
                                       DeliveryOpened o2
            11:05:00 ready    o1   yes OrderReady o1 carl
            11:06:00 at_store o1   yes CourierAtStore o1 carl
            11:06:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            11:06:01 offer    o2   yes DeliveryOffered o2 carl expires_at=11:06:31 fence=1
            11:06:02 ban      carl yes CourierBanned carl until=None
                                       DeliveryStranded o1 carl
                                       OfferWithdrawn o2 carl
                                       CourierWentOffline carl
            11:06:02 again         yes (unchanged)
            11:06:03 at_door  o1   no  Forbidden
            11:06:03 take     o2   no  Forbidden
            11:06:03 online   carl no  Banned
            11:06:04 show     o1   HandedOff; CashDue 1598 of 1598; PickedUp by carl, fence 1
            11:06:04 show     o2   Accepted; CashDue 1598 of 1598; Unassigned by nobody, fence 1
            11:06:04 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=11:11:04
            11:07:00 unban    carl yes CourierUnbanned carl
            11:07:00 online   carl yes CourierWentOnline carl
        "#]],
    );
}

#[test]
fn a_banned_device_or_card_buys_nothing_whoever_holds_it() {
    check(
        "
        11:00:00  open    r1
        11:00:00  ban     phone device for fraud until 12:00:00
        11:00:00  ban     visa card for fraud
        11:00:00  place   o1 at r1 by alice device phone: 1 ramen
        11:00:00  place   o2 at r1 by bob device other card visa: 1 ramen
        11:00:00  place   o3 at r1 by bob device other card amex: 1 ramen
        12:00:00  due
        12:00:00  place   o1 at r1 by alice device phone: 1 ramen
        12:00:00  unban   visa card
        12:00:00  again
        12:00:00  place   o4 at r1 by bob device other card visa: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 ban      phone yes MarkBanned subject=Device(dmk_00040r1race38n48c6gj7484cr) until=12:00:00
            11:00:00 ban      visa yes MarkBanned subject=Card(cmk_00061kzp70gx4bant6g5rw2xxk) until=None
            11:00:00 place    o1   no  OrderDeclined
            11:00:00 place    o2   no  OrderDeclined
            11:00:00 place    o3   yes OrderPending o3 total=1598
            12:00:00 due           yes OrderCancelled o3 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o3
            12:00:00 due           yes MarkUnbanned subject=Device(dmk_00040r1race38n48c6gj7484cr)
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 unban    visa yes MarkUnbanned subject=Card(cmk_00061kzp70gx4bant6g5rw2xxk)
            12:00:00 again         yes (unchanged)
            12:00:00 place    o4   yes OrderPending o4 total=1598
        "#]],
    );
}

#[test]
fn open_orders_go_on_unless_they_are_to_be_called_off() {
    check(
        "
        11:00:00  open    r1
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  accept  o1 by r1 ready 11:20:00
        11:00:00  place   o2 at r1 by bob cash: 1 ramen
        11:00:00  accept  o2 by r1 ready 11:20:00
        11:00:00  place   o3 at r1 by bob: 1 ramen
        11:01:00  ban     alice for spam
        11:01:00  ban     bob for spam cancel_open
        11:01:00  due
        11:01:00  show    o1
        11:01:00  show    o2
        11:01:00  show    o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 accept   o1   yes OrderAccepted o1 ready_at=11:20:00
                                       DeliveryOpened o1
            11:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=11:05:00
            11:00:00 accept   o2   yes OrderAccepted o2 ready_at=11:20:00
                                       DeliveryOpened o2
            11:00:00 place    o3   yes OrderPending o3 total=1598
            11:01:00 ban      alice yes AccountBanned alice until=None
            11:01:00 ban      bob  yes AccountBanned bob until=None
            11:01:00 due           yes OrderCancelled o2 reason=Operator fault=Customer
                                       DeliveryCancelled o2
            11:01:00 due           yes OrderCancelled o3 reason=Operator fault=Customer
                                       DeliveryCancelled o3
            11:01:00 show     o1   Accepted; CashDue 1598 of 1598; Unassigned by nobody, fence 0
            11:01:00 show     o2   Cancelled; None 0 of 1598; Cancelled by nobody, fence 0
            11:01:00 show     o3   Cancelled; Authorizing 0 of 1598; Cancelled by nobody, fence 0
        "#]],
    );
}

/// Exact sums are worth little if somebody who is banned has a say in them.
#[test]
fn stars_of_the_banned_count_again_once_they_are_back() {
    let mut script = Script::new();
    script.run(
        "
        11:00:00  open    r1
        11:00:00  place   o1 at r1 by alice pickup cash: 1 ramen
        11:00:00  accept  o1 by r1 ready 11:10:00
        11:10:00  ready   o1 by r1
        11:11:00  hand_over o1 by r1 pin 123456
        11:12:00  rate    o1 by alice stars 1
        ",
    );
    let restaurant_id = script.restaurant_id("r1");
    let mut sums = |lines: &str| {
        script.run(lines);
        let restaurant = &script.city.restaurants[&restaurant_id];
        (restaurant.rating_sum, restaurant.rating_count)
    };
    assert_eq!(sums(""), (1, 1));
    assert_eq!(sums("12:00:00 ban alice for spam"), (1, 1), "in the entries behind it");
    assert_eq!(sums("12:00:00 due"), (0, 0));
    assert_eq!(sums("12:00:00 due"), (0, 0));
    assert_eq!(sums("12:01:00 unban alice\n12:01:00 due"), (1, 1));
    assert_eq!(sums("12:02:00 ban alice for spam\n12:02:00 unban alice\n12:02:00 due"), (1, 1));
    assert_eq!(sums("12:03:00 ban alice for spam\n12:03:00 due"), (0, 0));
    // Changed before the entries behind the end of the ban had their turn.
    assert_eq!(sums("12:04:00 unban alice\n12:04:00 rate o1 by alice stars 5"), (5, 1));
    assert_eq!(sums("12:04:00 due"), (5, 1));
}

/// R30 of the requirements: from the index of a ban on nothing that the banned ask for happens.
#[test]
fn r30_no_write_of_the_banned_succeeds() {
    let mut script = Script::new();
    script.run(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  login   alice session s1 token t1
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  ban     alice for spam
        11:00:00  ban     carl for spam
        ",
    );
    for line in [
        "11:00:01 place  o2 at r1 by alice cash: 1 ramen",
        "11:00:01 quote  q1 at r1 by alice: 1 ramen",
        "11:00:01 cancel o1 by alice",
        "11:00:01 rate   o1 by alice stars 5",
        "11:00:01 login  alice session s2 token t2",
        "11:00:01 rotate s1 from t1 to t2",
        "11:00:01 online carl by carl",
    ] {
        let told = script.run(line);
        assert!(told.contains(" no  Banned"), "{told}");
    }
}
