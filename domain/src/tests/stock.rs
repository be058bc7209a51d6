//! What is there is sold, once; what is not comes back when it was said to.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn r4_one_portion_and_a_hundred_buyers() {
    let mut script = Script::new();
    script.run("09:00 open r1\n09:00 stock r1: ramen 1");
    let told: Vec<String> = (0..100)
        .map(|buyer| script.line(&format!("12:00 place o{buyer} at r1 by b{buyer} cash: 1 ramen")))
        .collect();
    let sold = told.iter().filter(|told| told.contains("yes OrderPending")).count();
    let refused = told.iter().filter(|told| told.contains("no  OutOfStock dishes=ramen")).count();
    assert_eq!((sold, refused), (1, 99));
    let counted = script.line("12:01 count r1");
    assert_eq!(counted, "12:01:00 count    r1   ramen Quantity 1 = 0 + 1 + 0\n");
}

#[test]
fn r4_the_last_portions_through_options_that_are_dishes() {
    check(
        "
        09:00:00  open    r1
        09:00:00  combo   r1
        09:00:00  stock   r1: gyoza 3, side_tea 1, tea 5
        12:00:00  place   o1 at r1 by alice: 1 combo+side_gyoza, 2 gyoza
        12:00:00  count   r1
        12:00:00  place   o2 at r1 by bob: 1 combo+side_gyoza
        12:00:00  place   o2 at r1 by bob: 2 combo+side_tea
        12:00:00  place   o2 at r1 by bob: 1 combo+side_tea
        12:00:00  count   r1
        12:00:00  place   o3 at r1 by eve: 1 combo+side_tea, 1 gyoza
        12:00:00  cancel  o1 by alice
        12:00:00  place   o3 at r1 by eve: 1 gyoza
        12:00:00  count   r1
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 combo    r1   yes MenuChanged r1 version=2
            09:00:00 stock    r1   yes StockChanged gyoza side_tea tea
            12:00:00 place    o1   yes OrderPending o1 total=2598
            12:00:00 count    r1   gyoza Quantity 3 = 0 + 3 + 0
                                       side_tea Quantity 1 = 1 + 0 + 0
                                       tea Quantity 5 = 5 + 0 + 0
            12:00:00 place    o2   no  OutOfStock dishes=gyoza options=
            12:00:00 place    o2   no  OutOfStock dishes= options=side_tea
            12:00:00 place    o2   yes OrderPending o2 total=1398
            12:00:00 count    r1   gyoza Quantity 3 = 0 + 3 + 0
                                       side_tea Quantity 1 = 0 + 1 + 0
                                       tea Quantity 5 = 4 + 1 + 0
            12:00:00 place    o3   no  OutOfStock dishes=gyoza options=side_tea
            12:00:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            12:00:00 place    o3   yes OrderPending o3 total=998
            12:00:00 count    r1   gyoza Quantity 3 = 2 + 1 + 0
                                       side_tea Quantity 1 = 0 + 1 + 0
                                       tea Quantity 5 = 4 + 1 + 0
        "#]],
    );
}

#[test]
fn r12_a_dish_that_ran_out_comes_back_on_time_and_once() {
    check(
        "
        09:00:00  open    r1
        12:00:00  stock   r1 until 14:00: ramen out
        12:00:00  again   -
        13:44:59  place   o1 at r1 by alice: 1 ramen
        13:59:59  due     -
        14:00:00  place   o1 at r1 by alice: 1 ramen
        14:00:01  due     -
        14:00:01  due     -
        14:00:02  place   o2 at r1 by alice: 1 ramen
        14:00:02  count   r1
        15:00:00  stock   r1 reset: ramen out
        15:00:00  stock   r1 until 15:30: ramen out
        15:30:00  due     -
        15:31:00  stock   r1 reset: ramen hidden, gyoza 2
        28:59:59  due     -
        29:00:00  due     -
        29:00:00  count   r1
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            12:00:00 stock    r1   yes StockChanged ramen
            12:00:00 again    -    yes (unchanged)
            13:44:59 place    o1   no  OutOfStock dishes=ramen options=
            14:00:00 place    o1   yes OrderPending o1 total=1598
            14:00:01 due      -    yes StockChanged ramen
            14:00:02 place    o2   yes OrderPending o2 total=1598
            14:00:02 count    r1   ramen InStock 0 = 0 + 0 + 0
            15:00:00 stock    r1   yes StockChanged ramen
            15:00:00 stock    r1   yes StockChanged ramen
            15:30:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
            15:30:00 due      -    yes OrderCancelled o2 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o2
            15:30:00 due      -    yes StockChanged ramen
            15:31:00 stock    r1   yes StockChanged ramen gyoza
            29:00:00 due      -    yes StockChanged gyoza
            29:00:00 due      -    yes StockChanged ramen
            29:00:00 count    r1   gyoza InStock 2 = 2 + 0 + 0
                                       ramen InStock 0 = 0 + 0 + 0
        "#]],
    );
}

#[test]
fn r12_busy_mode_ends_on_time_and_once() {
    check(
        "
        09:00:00  open    r1
        12:00:00  busy    r1 minutes 20 until 12:30
        12:00:00  again   -
        12:29:59  due     -
        12:29:59  place   o1 at r1 by alice cash: 1 ramen
        12:29:59  accept  o1 by r1
        12:30:00  place   o2 at r1 by alice cash: 1 ramen
        12:30:00  accept  o2 by r1
        12:30:01  due     -
        12:30:01  due     -
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            12:00:00 busy     r1   yes AvailabilityChanged r1 mode=Busy { extra_ms: 1200000 } until=12:30:00
            12:00:00 again    -    yes (unchanged)
            12:29:59 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:34:59
            12:29:59 accept   o1   yes OrderAccepted o1 ready_at=13:04:59
                                       DeliveryOpened o1
            12:30:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:35:00
            12:30:00 accept   o2   yes OrderAccepted o2 ready_at=12:45:00
                                       DeliveryOpened o2
            12:30:01 due      -    yes AvailabilityChanged r1 mode=Open until=None
        "#]],
    );
}

#[test]
fn a_kitchen_that_has_none_sells_none_until_the_morning() {
    check(
        "
        09:00:00  open    r1
        09:00:00  stock   r1: gyoza 5
        12:00:00  place   o1 at r1 by alice cash: 1 ramen, 2 gyoza
        12:00:30  has_none o1 by r1: 7
        12:01:00  has_none o1 by r1: 0, 1, 0
        12:01:00  again   -
        12:02:00  place   o2 at r1 by bob cash: 1 ramen
        12:02:00  count   r1
        12:03:00  place   o3 at r1 by bob cash: 1 tea
        12:04:00  stock   r1: tea out
        12:05:00  has_none o3 by r1: 0
        12:05:00  count   r1
        29:00:00  due     -
        29:00:00  count   r1
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 stock    r1   yes StockChanged gyoza
            12:00:00 place    o1   yes OrderPending o1 total=2798
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:30 has_none o1   no  FieldInvalid /lines: the place of a line on the receipt, from 0
            12:01:00 has_none o1   yes OrderRejected o1 reason=OutOfStock
                                       DeliveryCancelled o1
                                       StockChanged gyoza ramen
            12:01:00 again    -    yes (unchanged)
            12:02:00 place    o2   no  OutOfStock dishes=ramen options=
            12:02:00 count    r1   gyoza OutOfStock until 29:00:00 5 = 5 + 0 + 0
                                       ramen OutOfStock until 29:00:00 0 = 0 + 0 + 0
            12:03:00 place    o3   yes OrderPending o3 total=698
                                       OrderPlaced o3 accept_by=12:08:00
            12:04:00 stock    r1   yes StockChanged tea
            12:05:00 has_none o3   yes OrderRejected o3 reason=OutOfStock
                                       DeliveryCancelled o3
            12:05:00 count    r1   gyoza OutOfStock until 29:00:00 5 = 5 + 0 + 0
                                       ramen OutOfStock until 29:00:00 0 = 0 + 0 + 0
                                       tea OutOfStock 0 = 0 + 0 + 0
            29:00:00 due      -    yes StockChanged gyoza
            29:00:00 due      -    yes StockChanged ramen
            29:00:00 count    r1   gyoza InStock 5 = 5 + 0 + 0
                                       ramen InStock 0 = 0 + 0 + 0
                                       tea OutOfStock 0 = 0 + 0 + 0
        "#]],
    );
}

#[test]
fn portions_come_back_unless_they_are_in_the_pan() {
    check(
        "
        09:00:00  open    r1
        09:00:00  stock   r1: ramen 4
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 1 ramen
        12:00:00  place   o4 at r1 by alice: 1 ramen
        12:00:00  count   r1
        12:01:00  accept  o1 by r1
        12:01:00  accept  o2 by r1
        12:02:00  start   o2 by r1
        12:03:00  cancel  o1 by alice
        12:03:00  cancel  o2 by alice
        12:03:00  count   r1
        12:05:00  due     -
        12:05:00  count   r1
        12:10:00  due     -
        12:10:00  count   r1
        12:11:00  place   o5 at r1 by bob cash: 4 ramen
        12:11:00  place   o5 at r1 by bob cash: 3 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 stock    r1   yes StockChanged ramen
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=12:05:00
            12:00:00 place    o4   yes OrderPending o4 total=1598
            12:00:00 count    r1   ramen Quantity 4 = 0 + 4 + 0
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
                                       DeliveryOpened o1
            12:01:00 accept   o2   yes OrderAccepted o2 ready_at=12:16:00
                                       DeliveryOpened o2
            12:02:00 start    o2   yes OrderStarted o2
            12:03:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            12:03:00 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o2
                                       DebtAdded alice o2 amount=1200
            12:03:00 count    r1   ramen Quantity 4 = 1 + 2 + 1
            12:05:00 due      -    yes OrderAlerted o3 step=Push
            12:05:00 due      -    yes OrderAlerted o3 step=Sms
            12:05:00 due      -    yes OrderAlerted o3 step=Call
            12:05:00 due      -    yes OrderAlerted o3 step=Operators
            12:05:00 due      -    yes OrderExpired o3
                                       DeliveryCancelled o3
            12:05:00 count    r1   ramen Quantity 4 = 2 + 1 + 1
            12:10:00 due      -    yes OrderCancelled o4 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o4
            12:10:00 count    r1   ramen Quantity 4 = 3 + 0 + 1
            12:11:00 place    o5   no  OutOfStock dishes=ramen options=
            12:11:00 place    o5   yes OrderPending o5 total=3998
                                       OrderPlaced o5 accept_by=12:16:00
        "#]],
    );
}

#[test]
fn five_are_left_said_twice_brings_nothing_back() {
    check(
        "
        09:00:00  open    r1
        09:00:00  stock   r1 request a: ramen 5
        12:00:00  place   o1 at r1 by alice: 2 ramen
        12:00:01  stock   r1 request a: ramen 5
        12:00:01  count   r1
        12:00:02  stock   r1 request b: ramen 3
        12:00:02  place   o2 at r1 by alice: 1 ramen
        12:00:02  stock   r1 request b: ramen 3
        12:00:02  count   r1
        12:00:03  stock   r1 request c: ramen 5
        12:00:03  count   r1
        12:00:04  stock   r1 request d: ramen 0
        12:00:04  count   r1
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 stock    r1   yes StockChanged ramen
            12:00:00 place    o1   yes OrderPending o1 total=2798
            12:00:01 stock    r1   yes (unchanged)
            12:00:01 count    r1   ramen Quantity 5 = 3 + 2 + 0
            12:00:02 stock    r1   yes
            12:00:02 place    o2   yes OrderPending o2 total=1598
            12:00:02 stock    r1   yes (unchanged)
            12:00:02 count    r1   ramen Quantity 5 = 2 + 3 + 0
            12:00:03 stock    r1   yes StockChanged ramen
            12:00:03 count    r1   ramen Quantity 8 = 5 + 3 + 0
            12:00:04 stock    r1   yes StockChanged ramen
            12:00:04 count    r1   ramen Quantity 3 = 0 + 3 + 0
        "#]],
    );
}

#[test]
fn who_may_say_what_is_there_and_how() {
    check(
        "
        09:00:00  stock   r9: ramen 5
        09:00:00  open    r1
        09:00:00  stock   r1 by alice: ramen 5
        09:00:00  stock   r1 by system: ramen 5
        09:00:00  stock   r1
        09:00:00  stock   r1: ramen 5, tea out, ramen in
        09:00:00  stock   r1: ramen 5, pho 5
        09:00:00  stock   r1: ramen 5, side_tea 5
        09:00:00  stock   r1: ramen 5, tea 1000001
        09:00:00  stock   r1 until 10:00: ramen in
        09:00:00  stock   r1 until 09:00: ramen out
        09:00:00  stock   r1 until 753:00:01: ramen out
        09:00:00  count   r1
        09:00:00  stock   r1 until 753:00: ramen out, large hidden
        09:00:00  stock   r1 by op: ramen out
        09:00:00  count   r1
        09:00:00  place   o1 at r1 by alice: 1 tea+large, 1 ramen
        09:00:00  menu    r1: tea 300
        09:00:00  stock   r1: ramen in
        09:00:00  menu    r1: tea 300, ramen 1300
        09:00:00  place   o1 at r1 by alice: 1 ramen
        ",
        expect![[r#"
            09:00:00 stock    r9   no  RestaurantUnknown
            09:00:00 open     r1   yes
            09:00:00 stock    r1   no  Forbidden
            09:00:00 stock    r1   no  Forbidden
            09:00:00 stock    r1   no  FieldInvalid /lines: from 1 to 500 of them
            09:00:00 stock    r1   no  FieldInvalid /lines/2: each dish or option once
            09:00:00 stock    r1   no  FieldInvalid /lines/1: a dish or option of the menu
            09:00:00 stock    r1   no  FieldInvalid /lines/1: a dish or option of the menu
            09:00:00 stock    r1   no  FieldInvalid /lines/1/quantity: a number from 0 to 1000000
            09:00:00 stock    r1   no  FieldInvalid /lines/0/until: nothing: it is in stock already
            09:00:00 stock    r1   no  FieldInvalid /lines/0/until: a moment that is yet to come, within 31 days
            09:00:00 stock    r1   no  FieldInvalid /lines/0/until: a moment that is yet to come, within 31 days
            09:00:00 count    r1
            09:00:00 stock    r1   yes StockChanged ramen large
            09:00:00 stock    r1   yes StockChanged ramen
            09:00:00 count    r1   large Hidden until 753:00:00 0 = 0 + 0 + 0
                                       ramen OutOfStock 0 = 0 + 0 + 0
            09:00:00 place    o1   no  OutOfStock dishes=ramen options=large
            09:00:00 menu     r1   yes MenuChanged r1 version=2
            09:00:00 stock    r1   no  FieldInvalid /lines/0: a dish or option of the menu
            09:00:00 menu     r1   yes MenuChanged r1 version=3
            09:00:00 place    o1   no  OutOfStock dishes=ramen options=
        "#]],
    );
}

#[test]
fn what_is_back_before_the_kitchen_begins_is_there() {
    check(
        "
        09:00:00  open    r1
        09:00:00  stock   r1 until 14:00: ramen out
        12:00:00  place   o1 at r1 by alice slot 14:00: 1 ramen
        12:00:00  place   o1 at r1 by alice slot 18:00: 1 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 stock    r1   yes StockChanged ramen
            12:00:00 place    o1   no  OutOfStock dishes=ramen options=
            12:00:00 place    o1   yes OrderPending o1 total=1598
        "#]],
    );
}
