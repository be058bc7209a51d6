//! What a kitchen sells, when, to whom, and for how much.

use crate::script::check;
use expect_test::expect;

#[test]
fn what_placing_refuses() {
    check(
        "
        09:00:00  put     r0 by bob
        09:00:00  open    r1 from 10:00 to 22:00 minimum 1000 radius 3000
        09:59:59  place   o1 at r1 by alice: 1 ramen
        12:00:00  place   o1 at r7 by alice: 1 ramen
        12:00:00  place   o1 at r0 by alice: 1 ramen
        12:00:00  place   o1 at r1 by alice far 3001: 1 ramen
        12:00:00  place   o1 at r1 by alice
        12:00:00  place   o1 at r1 by alice: 1 pizza
        12:00:00  place   o1 at r1 by alice: 0 ramen
        12:00:00  place   o1 at r1 by alice: 1 ramen+large
        12:00:00  place   o1 at r1 by alice: 1 tea+large+large
        12:00:00  place   o1 at r1 by alice: 1 tea
        12:00:00  place   o1 at r1 by alice seen 1000: 1 ramen
        12:00:00  place   o1 at r1 by alice tip -1: 1 ramen
        12:00:00  place   o1 at r1 by system: 1 ramen
        12:00:00  place   o1 at r1 by alice seen 1598: 1 ramen
        12:00:00  place   o1 at r1 by alice: 2 ramen
        12:00:00  place   o1 at r1 by bob: 1 ramen
        12:30:00  pause   r1 by r1 until 13:00:00
        12:30:00  place   o2 at r1 by alice: 1 ramen
        12:31:00  pause   r1 by r1
        21:59:59  place   o2 at r1 by alice: 1 ramen
        22:00:00  place   o3 at r1 by alice: 1 ramen
        34:00:00  place   o3 at r1 by alice: 1 ramen
        ",
        expect![[r#"
            09:00:00 put      r0   yes RestaurantPut r0
                                       StaffGranted r0 bob
            09:00:00 open     r1   yes
            09:59:59 place    o1   no  RestaurantClosed next_open=10:00:00
            12:00:00 place    o1   no  RestaurantUnknown
            12:00:00 place    o1   no  NotDeliverable
            12:00:00 place    o1   no  NotDeliverable
            12:00:00 place    o1   no  BasketInvalid line=0 problem=Empty
            12:00:00 place    o1   no  BasketInvalid line=0 problem=DishUnknown
            12:00:00 place    o1   no  BasketInvalid line=0 problem=Quantity
            12:00:00 place    o1   no  BasketInvalid line=0 problem=OptionUnknown
            12:00:00 place    o1   no  BasketInvalid line=0 problem=OptionTwice
            12:00:00 place    o1   no  BelowMinimum minimum=1000
            12:00:00 place    o1   no  PriceChanged total=1598
            12:00:00 place    o1   no  FieldInvalid /tip: an amount from 0 to 100000000
            12:00:00 place    o1   no  Forbidden
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 place    o1   no  IdReused
            12:00:00 place    o1   no  IdReused
            12:30:00 pause    r1   yes AvailabilityChanged r1 mode=Paused until=13:00:00
            12:30:00 place    o2   no  RestaurantPaused until=13:00:00
            12:31:00 pause    r1   yes AvailabilityChanged r1 mode=Open until=None
            21:59:59 place    o2   yes OrderPending o2 total=1598
            22:00:00 place    o3   no  RestaurantClosed next_open=34:00:00
            34:00:00 place    o3   yes OrderPending o3 total=1598
        "#]],
    );
}

#[test]
fn a_quote_holds_its_price_for_five_minutes_and_one_order() {
    check(
        "
        11:00:00  open    r1
        12:00:00  quote   q1 at r1 by alice: 2 ramen
        12:01:00  menu    r1 by op: ramen 1500, gyoza 600
        12:02:00  place   o1 from q1 by bob
        12:02:00  place   o1 from q1 by alice tip 50 seen 2848
        12:02:00  place   o2 from q1 by alice
        12:02:00  quote   q2 at r1 by alice: 2 ramen
        12:07:00  place   o2 from q2 by alice
        12:07:00  quote   q3 at r1 by alice: 1 ramen
        12:08:00  menu    r1 by op: gyoza 600
        12:08:00  place   o2 from q3 by alice
        12:08:00  quote   q2 at r1 by bob: 2 ramen
        12:08:00  quote   q9 at r1 by bob far 9000: 1 gyoza
        36:06:00  due     -
        36:07:00  due     -
        36:07:00  place   o2 from q1 by alice
        36:12:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 quote    q1   yes QuoteMade q1 r1
            12:01:00 menu     r1   yes MenuChanged r1 version=2
            12:02:00 place    o1   no  QuoteUnknown
            12:02:00 place    o1   yes OrderPending o1 total=2848
            12:02:00 place    o2   no  QuoteUsed o1
            12:02:00 quote    q2   yes QuoteMade q2 r1
            12:07:00 place    o2   no  QuoteExpired
            12:07:00 quote    q3   yes QuoteMade q3 r1
            12:08:00 menu     r1   yes MenuChanged r1 version=3
            12:08:00 place    o2   no  OutOfStock dishes=ramen options=
            12:08:00 quote    q2   no  IdReused
            12:08:00 quote    q9   no  NotDeliverable
            36:06:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
            36:06:00 due      -    yes
            36:07:00 due      -    yes
            36:07:00 place    o2   no  QuoteUnknown
            36:12:00 due      -    yes
        "#]],
    );
}

#[test]
fn menus_are_replaced_and_edited_by_those_who_may() {
    check(
        "
        11:00:00  put     r1 by bob
        11:00:00  put     r1 by eve
        11:00:00  put     r1 by bob fee 100
        11:00:00  approve r1 by bob
        11:00:00  approve r1 by op
        11:00:00  menu    r1 by eve: ramen 1200
        11:00:00  menu    r1 by bob: ramen 1200, tea 300
        11:00:00  menu    r1 by bob: ramen 1200, tea 300
        11:00:00  menu    r1 by bob if 0: ramen 1300
        11:00:00  menu    r1 by bob if 1: ramen 1300, secret 5
        11:00:00  menu    r1 by bob if 1: ramen 1300, secret 5
        11:00:00  menu    r1 by bob: ramen -1
        11:00:00  menu    r1 by bob: ramen 1, ramen 2
        11:01:00  place   o1 at r1 by alice: 1 tea
        11:01:00  place   o1 at r1 by alice: 1 secret
        11:01:00  place   o1 at r1 by alice: 1 ramen
        11:01:00  grant   ann at r1 kitchen by eve
        11:01:00  grant   ann at r1 kitchen by bob
        11:01:00  menu    r1 by ann: ramen 1
        11:01:00  pause   r1 by ann until 12:00:00
        11:01:00  grant   ann at r1 by bob
        11:01:00  pause   r1 by ann
        ",
        expect![[r#"
            11:00:00 put      r1   yes RestaurantPut r1
                                       StaffGranted r1 bob
            11:00:00 put      r1   no  Forbidden
            11:00:00 put      r1   yes RestaurantPut r1
            11:00:00 approve  r1   no  Forbidden
            11:00:00 approve  r1   yes RestaurantApproved r1
            11:00:00 menu     r1   no  Forbidden
            11:00:00 menu     r1   yes MenuChanged r1 version=1
            11:00:00 menu     r1   yes (unchanged)
            11:00:00 menu     r1   no  VersionChanged version=1
            11:00:00 menu     r1   yes MenuChanged r1 version=2
            11:00:00 menu     r1   yes (unchanged)
            11:00:00 menu     r1   no  FieldInvalid /dishes/0/price: an amount from 0 to 100000000
            11:00:00 menu     r1   no  FieldInvalid /dishes/1/dish_id: each dish once
            11:01:00 place    o1   no  BasketInvalid line=0 problem=DishUnknown
            11:01:00 place    o1   no  OutOfStock dishes=secret options=
            11:01:00 place    o1   yes OrderPending o1 total=1499
            11:01:00 grant    ann  no  Forbidden
            11:01:00 grant    ann  yes StaffGranted r1 ann
            11:01:00 menu     r1   no  Forbidden
            11:01:00 pause    r1   yes AvailabilityChanged r1 mode=Paused until=12:00:00
            11:01:00 grant    ann  yes StaffGranted r1 ann
            11:01:00 pause    r1   no  Forbidden
        "#]],
    );
}

#[test]
fn how_a_kitchen_may_say_later() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  delay   o1 by r1 ready 12:30:00
        12:00:00  accept  o1 by r1 ready 12:20:00
        12:10:00  delay   o1 by r1 ready 12:19:00
        12:10:00  delay   o1 by r1 ready 12:51:00
        12:10:00  delay   o1 by r1 ready 12:50:00
        13:00:00  delay   o1 by r1 ready 13:30:00
        13:00:00  delay   o1 by r1 ready 13:40:00
        13:00:00  delay   o1 by r1 ready 13:50:00
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 delay    o1   no  OrderMovedOn state=Placed
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:20:00
                                       DeliveryOpened o1
            12:10:00 delay    o1   no  FieldInvalid /ready_at: up to 30 minutes later than promised
            12:10:00 delay    o1   no  FieldInvalid /ready_at: up to 30 minutes later than promised
            12:10:00 delay    o1   yes OrderDelayed o1 ready_at=12:50:00
            13:00:00 delay    o1   yes OrderDelayed o1 ready_at=13:30:00
            13:00:00 delay    o1   yes OrderDelayed o1 ready_at=13:40:00
            13:00:00 delay    o1   no  FieldInvalid /ready_at: at most 3 delays
        "#]],
    );
}

#[test]
fn stars_are_counted_once_for_each_order() {
    let mut script = crate::script::Script::new();
    let told = script.run(
        "
        11:00:00  open    r1 auto
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  rate    o1 by alice stars 5
        12:00:00  ready   o1 by r1
        12:00:00  offer   o1 to carl
        12:00:00  take    o1 by carl
        12:00:00  pick_up o1 by carl
        12:10:00  deliver o1 by carl
        12:20:00  rate    o1 by bob stars 5
        12:20:00  rate    o1 by alice stars 6
        12:20:00  rate    o1 by alice stars 5 courier 3 text cold
        12:30:00  rate    o1 by alice stars 2 courier 4
        12:30:00  rate    o1 by alice stars 3
        180:21:00 rate    o1 by alice stars 1
        ",
    );
    expect![[r#"
        11:00:00 open     r1   yes
        11:00:00 courier  carl yes
        12:00:00 place    o1   yes OrderPending o1 total=1598
                                   OrderPlaced o1 accept_by=12:05:00
                                   OrderAccepted o1 ready_at=12:15:00
                                   DeliveryOpened o1
        12:00:00 rate     o1   no  NotRateable
        12:00:00 ready    o1   yes OrderReady o1
        12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
        12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
        12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                   OrderHandedOff o1
        12:10:00 deliver  o1   yes DeliveryDelivered o1 carl
                                   OrderCompleted o1
                                   CashCollected o1 carl
        12:20:00 rate     o1   no  OrderUnknown
        12:20:00 rate     o1   no  FieldInvalid /stars: a number from 1 to 5
        12:20:00 rate     o1   yes OrderRated o1 stars=5
        12:30:00 rate     o1   yes OrderRated o1 stars=2
        12:30:00 rate     o1   yes OrderRated o1 stars=3
        180:21:00 rate     o1   no  NotRateable
    "#]]
    .assert_eq(&told);
    let restaurant = script.city.restaurants.values().next().unwrap();
    assert_eq!((restaurant.rating_sum, restaurant.rating_count), (3, 1));
    let courier = script.city.couriers.values().next().unwrap();
    assert_eq!((courier.rating_sum, courier.rating_count), (0, 0));
}

#[test]
fn a_dish_more_leaves_the_rest_as_it_is() {
    let mut script = crate::script::Script::new();
    let told = script.run(
        "
        11:00:00  put     r1
        11:00:00  edit    r1: ramen 1200
        11:00:00  edit    r1: ramen 1200
        11:00:00  edit    r1 under soups: ramen 1300, pho 1100
        11:00:00  edit    r1 under soups: pho 1100
        11:00:00  menu    r1: tea 300
        11:00:00  edit    r1 under soups: pho 1100
        11:00:00  place   o1 at r1 by alice: 1 pho, 1 tea+large
        11:00:00  place   o2 at r1 by alice: 1 ramen
        11:00:00  edit    r1 by alice: pho 1
        ",
    );
    expect![[r#"
        11:00:00 put      r1   yes RestaurantPut r1
                                   RestaurantApproved r1
        11:00:00 edit     r1   yes MenuChanged r1 version=1
        11:00:00 edit     r1   yes (unchanged)
        11:00:00 edit     r1   yes MenuChanged r1 version=2
        11:00:00 edit     r1   yes (unchanged)
        11:00:00 menu     r1   yes MenuChanged r1 version=3
        11:00:00 edit     r1   yes MenuChanged r1 version=4
        11:00:00 place    o1   yes OrderPending o1 total=1848
        11:00:00 place    o2   no  BasketInvalid line=0 problem=DishUnknown
        11:00:00 edit     r1   no  Forbidden
    "#]]
    .assert_eq(&told);
    let menu = script.city.menus.values().next().unwrap();
    let shown: Vec<usize> = menu.categories.iter().map(|c| c.dish_ids.len()).collect();
    assert_eq!(shown, [1, 1], "tea where it was, pho in a category that was made for it");
    let restaurant = script.city.restaurants.values().next().unwrap();
    assert_eq!((restaurant.menu_version, restaurant.dish_count), (4, 2));
}
