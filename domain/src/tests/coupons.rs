//! Codes that lower a total, and everything that keeps them from being eaten up.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn an_operator_makes_a_coupon_and_changes_it() {
    check(
        "
        09:00  coupon  HELLO fixed 500 by alice
        09:00  coupon  HELLO fixed 500
        09:00  coupon  HELLO fixed 500
        09:01  coupon  HELLO fixed 400 if 0
        09:01  coupon  HELLO fixed 400 if 1
        09:02  again   -
        09:02  used    hello
        09:03  coupon  NEW fixed 400 if 1
        09:03  coupon  NEW fixed 400 if 0
        09:04  coupon  hello fixed 400
        ",
        expect![[r#"
            09:00:00 coupon   HELLO no  Forbidden
            09:00:00 coupon   HELLO yes CouponPut HELLO version=1
            09:00:00 coupon   HELLO yes (unchanged)
            09:01:00 coupon   HELLO no  VersionChanged version=1
            09:01:00 coupon   HELLO yes CouponPut HELLO version=2
            09:02:00 again    -    yes (unchanged)
            09:02:00 used     hello version 2, used 0, spent 0
            09:03:00 coupon   NEW  no  VersionChanged version=0
            09:03:00 coupon   NEW  yes CouponPut NEW version=1
            09:04:00 coupon   hello yes CouponPut HELLO version=3
        "#]],
    );
}

#[test]
fn a_coupon_that_says_nothing_sensible_is_refused() {
    check(
        "
        09:00  coupon  HI fixed 500
        09:00  coupon  HEL/LO fixed 500
        09:00  coupon  HELLO fixed 0
        09:00  coupon  HELLO percent 101
        09:00  coupon  HELLO percent 0
        09:00  coupon  HELLO percent 10 up_to 0
        09:00  coupon  HELLO from 12:00 until 12:00
        09:00  coupon  HELLO each 0
        09:00  coupon  HELLO total 0
        09:00  coupon  HELLO budget 0
        09:00  coupon  HELLO minimum -1
        ",
        expect![[r#"
            09:00:00 coupon   HI   no  FieldInvalid /code: from 3 to 40 letters
            09:00:00 coupon   HEL/LO no  FieldInvalid /code: letters, digits, - and _
            09:00:00 coupon   HELLO no  FieldInvalid /gives/fixed/amount: a number from 1 to 100000000
            09:00:00 coupon   HELLO no  FieldInvalid /gives/percent/millionths: a number from 1 to 1000000
            09:00:00 coupon   HELLO no  FieldInvalid /gives/percent/millionths: a number from 1 to 1000000
            09:00:00 coupon   HELLO no  FieldInvalid /gives/percent/up_to: a number from 1 to 100000000
            09:00:00 coupon   HELLO no  FieldInvalid /until: after its beginning
            09:00:00 coupon   HELLO no  FieldInvalid /per_person: a number from 1 to 4294967295
            09:00:00 coupon   HELLO no  FieldInvalid /total: a number from 1 to 4294967295
            09:00:00 coupon   HELLO no  FieldInvalid /budget: a number from 1 to 100000000
            09:00:00 coupon   HELLO no  FieldInvalid /minimum: an amount from 0 to 100000000
        "#]],
    );
}

#[test]
fn each_reason_for_a_no() {
    check(
        "
        09:00  open    r1
        09:00  open    r2
        09:00  coupon  LUNCH fixed 200 from 12:00 until 13:00
        09:00  coupon  AWAY fixed 200 only r2
        09:00  coupon  BIG fixed 200 minimum 1000
        09:00  coupon  ONCE fixed 200 each 1
        09:00  coupon  ONE fixed 200 total 1
        09:00  coupon  POOR fixed 200 budget 399
        09:00  coupon  OFF fixed 200 disabled
        09:00  coupon  BRING
        11:59  place   o1 at r1 by alice coupon NONE cash: 1 gyoza
        11:59  place   o1 at r1 by alice coupon LUNCH cash: 1 gyoza
        13:00  place   o1 at r1 by alice coupon LUNCH cash: 1 gyoza
        13:00  place   o1 at r1 by alice coupon AWAY cash: 1 gyoza
        13:00  place   o1 at r1 by alice coupon BIG cash: 1 gyoza
        13:00  place   o1 at r1 by alice coupon OFF cash: 1 gyoza
        13:00  place   o1 at r1 by alice coupon BRING pickup cash: 1 gyoza
        13:01  place   o1 at r1 by alice coupon ONCE cash: 1 gyoza
        13:01  place   o2 at r1 by alice coupon ONCE cash: 1 gyoza
        13:01  place   o2 at r1 by bob coupon ONCE cash: 1 gyoza
        13:02  place   o3 at r1 by alice coupon ONE cash: 1 gyoza
        13:02  place   o4 at r1 by bob coupon ONE cash: 1 gyoza
        13:03  place   o4 at r1 by alice coupon POOR cash: 1 gyoza
        13:03  place   o5 at r1 by bob coupon POOR cash: 1 gyoza
        13:04  place   o5 at r1 by bob coupon BRING cash: 1 gyoza
        13:04  receipt o5
        13:04  used    ONCE
        13:04  used    POOR
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 open     r2   yes
            09:00:00 coupon   LUNCH yes CouponPut LUNCH version=1
            09:00:00 coupon   AWAY yes CouponPut AWAY version=1
            09:00:00 coupon   BIG  yes CouponPut BIG version=1
            09:00:00 coupon   ONCE yes CouponPut ONCE version=1
            09:00:00 coupon   ONE  yes CouponPut ONE version=1
            09:00:00 coupon   POOR yes CouponPut POOR version=1
            09:00:00 coupon   OFF  yes CouponPut OFF version=1
            09:00:00 coupon   BRING yes CouponPut BRING version=1
            11:59:00 place    o1   no  CouponRefused problem=Unknown
            11:59:00 place    o1   no  CouponRefused problem=NotYet
            13:00:00 place    o1   no  CouponRefused problem=Over
            13:00:00 place    o1   no  CouponRefused problem=Elsewhere
            13:00:00 place    o1   no  CouponRefused problem=BelowMinimum
            13:00:00 place    o1   no  CouponRefused problem=Over
            13:00:00 place    o1   no  CouponRefused problem=Nothing
            13:01:00 place    o1   yes OrderPending o1 total=798
                                       CouponRedeemed ONCE o1 amount=200
                                       OrderPlaced o1 accept_by=13:06:00
            13:01:00 place    o2   no  CouponRefused problem=UsedByPerson
            13:01:00 place    o2   yes OrderPending o2 total=798
                                       CouponRedeemed ONCE o2 amount=200
                                       OrderPlaced o2 accept_by=13:06:00
            13:02:00 place    o3   yes OrderPending o3 total=798
                                       CouponRedeemed ONE o3 amount=200
                                       OrderPlaced o3 accept_by=13:07:00
            13:02:00 place    o4   no  CouponRefused problem=UsedUp
            13:03:00 place    o4   yes OrderPending o4 total=798
                                       CouponRedeemed POOR o4 amount=200
                                       OrderPlaced o4 accept_by=13:08:00
            13:03:00 place    o5   no  CouponRefused problem=UsedUp
            13:04:00 place    o5   yes OrderPending o5 total=699
                                       CouponRedeemed BRING o5 amount=299
                                       OrderPlaced o5 accept_by=13:09:00
            13:04:00 receipt  o5   dishes 600, delivery 299, delivery_discount 299, service 99, tax_included 64, standard 64 of 699 = 699, terms 0
            13:04:00 used     ONCE version 1, used 2, spent 400, alice 1, bob 1
            13:04:00 used     POOR version 1, used 1, spent 200, alice 1
        "#]],
    );
}

#[test]
fn case_does_not_matter() {
    check(
        "
        09:00  open    r1
        09:00  coupon  Hello percent 10 each 1
        12:00  place   o1 at r1 by alice coupon hELLo cash: 1 ramen
        12:00  receipt o1
        12:00  place   o2 at r1 by alice coupon HELLO cash: 1 ramen
        12:00  used    hello
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 coupon   Hello yes CouponPut HELLO version=1
            12:00:00 place    o1   yes OrderPending o1 total=1478
                                       CouponRedeemed HELLO o1 amount=120
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 receipt  o1   dishes 1200, discount 120, delivery 299, service 99, tax_included 134, standard 134 of 1478 = 1478, terms 0
            12:00:00 place    o2   no  CouponRefused problem=UsedByPerson
            12:00:00 used     hello version 1, used 1, spent 120, alice 1
        "#]],
    );
}

#[test]
fn a_coupon_comes_back_if_nothing_is_charged() {
    check(
        "
        09:00  open    r1
        09:00  coupon  HELLO fixed 200 each 1 total 1 budget 200
        12:00  place   o1 at r1 by alice coupon HELLO: 1 gyoza
        12:01  used    HELLO
        12:01  cancel  o1 by alice
        12:01  used    HELLO
        12:02  place   o2 at r1 by alice coupon HELLO: 1 gyoza
        12:02  pay     o2 declined
        12:12  due     -
        12:12  used    HELLO
        12:13  place   o3 at r1 by alice coupon HELLO cash: 1 gyoza
        12:14  reject  o3 by r1
        12:14  used    HELLO
        12:15  place   o4 at r1 by alice coupon HELLO cash: 1 gyoza
        12:16  accept  o4 by r1
        12:17  start   o4 by r1
        12:18  cancel  o4 by r1
        12:18  used    HELLO
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 coupon   HELLO yes CouponPut HELLO version=1
            12:00:00 place    o1   yes OrderPending o1 total=798
                                       CouponRedeemed HELLO o1 amount=200
            12:01:00 used     HELLO version 1, used 1, spent 200, alice 1
            12:01:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       CouponReturned HELLO o1 amount=200
            12:01:00 used     HELLO version 1, used 0, spent 0, alice 0
            12:02:00 place    o2   yes OrderPending o2 total=798
                                       CouponRedeemed HELLO o2 amount=200
            12:02:00 pay      o2   yes PaymentFailed o2
            12:12:00 due      -    yes OrderCancelled o2 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o2
                                       CouponReturned HELLO o2 amount=200
            12:12:00 used     HELLO version 1, used 0, spent 0, alice 0
            12:13:00 place    o3   yes OrderPending o3 total=798
                                       CouponRedeemed HELLO o3 amount=200
                                       OrderPlaced o3 accept_by=12:18:00
            12:14:00 reject   o3   yes OrderRejected o3 reason=Busy
                                       DeliveryCancelled o3
                                       CouponReturned HELLO o3 amount=200
            12:14:00 used     HELLO version 1, used 0, spent 0, alice 0
            12:15:00 place    o4   yes OrderPending o4 total=798
                                       CouponRedeemed HELLO o4 amount=200
                                       OrderPlaced o4 accept_by=12:20:00
            12:16:00 accept   o4   yes OrderAccepted o4 ready_at=12:31:00
                                       DeliveryOpened o4
            12:17:00 start    o4   yes OrderStarted o4
            12:18:00 cancel   o4   yes OrderCancelled o4 reason=CustomerChangedMind fault=Restaurant
                                       DeliveryCancelled o4
                                       CouponReturned HELLO o4 amount=200
            12:18:00 used     HELLO version 1, used 0, spent 0, alice 0
        "#]],
    );
}

#[test]
fn and_does_not_if_something_is() {
    check(
        "
        09:00  open    r1
        09:00  coupon  HELLO fixed 200 each 1
        12:00  place   o1 at r1 by alice coupon HELLO cash: 1 gyoza
        12:00  again   -
        12:01  accept  o1 by r1
        12:02  start   o1 by r1
        12:03  cancel  o1 by alice
        12:03  used    HELLO
        12:04  place   o2 at r1 by alice coupon HELLO: 1 gyoza
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 coupon   HELLO yes CouponPut HELLO version=1
            12:00:00 place    o1   yes OrderPending o1 total=798
                                       CouponRedeemed HELLO o1 amount=200
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 again    -    yes (unchanged)
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
                                       DeliveryOpened o1
            12:02:00 start    o1   yes OrderStarted o1
            12:03:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       DebtAdded alice o1 amount=400
            12:03:00 used     HELLO version 1, used 1, spent 200, alice 1
            12:04:00 place    o2   no  CouponRefused problem=UsedByPerson
        "#]],
    );
}

#[test]
fn what_a_coupon_paid_in_full_is_used_up_by_eating() {
    check(
        "
        09:00  open    r1
        09:00  courier carl
        09:00  coupon  GIFT percent 100 each 1
        09:00  terms   fees base 0
        12:00  place   o1 at r1 by alice coupon GIFT: 1 gyoza
        12:00  receipt o1
        12:01  accept  o1 by r1
        12:02  ready   o1 by r1
        12:03  offer   o1 to carl
        12:03  take    o1 by carl
        12:04  pick_up o1 by carl
        12:05  deliver o1 by carl
        12:05  used    GIFT
        12:06  place   o2 at r1 by alice coupon GIFT: 1 gyoza
        12:07  place   o3 at r1 by bob coupon GIFT: 1 gyoza
        12:07  cancel  o3 by bob
        12:07  used    GIFT
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 courier  carl yes
            09:00:00 coupon   GIFT yes CouponPut GIFT version=1
            09:00:00 terms    fees yes TermsChanged version=1
            12:00:00 place    o1   yes OrderPending o1 total=0
                                       CouponRedeemed GIFT o1 amount=600
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 receipt  o1   dishes 600, discount 600 = 0, terms 1
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
                                       DeliveryOpened o1
            12:02:00 ready    o1   yes OrderReady o1
            12:03:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:03:30 fence=1
            12:03:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:04:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:05:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
            12:05:00 used     GIFT version 1, used 1, spent 600, alice 1
            12:06:00 place    o2   no  CouponRefused problem=UsedByPerson
            12:07:00 place    o3   yes OrderPending o3 total=0
                                       CouponRedeemed GIFT o3 amount=600
                                       OrderPlaced o3 accept_by=12:12:00
            12:07:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o3
                                       CouponReturned GIFT o3 amount=600
            12:07:00 used     GIFT version 1, used 1, spent 600, alice 1, bob 0
        "#]],
    );
}

#[test]
fn a_first_order_is_one_before_anything_was_charged() {
    check(
        "
        09:00  open    r1
        09:00  coupon  FIRST fixed 200 first
        12:00  place   o1 at r1 by alice cash: 1 gyoza
        12:01  cancel  o1 by alice
        12:02  place   o2 at r1 by alice cash: 1 gyoza
        12:02  accept  o2 by r1
        12:03  start   o2 by r1
        12:04  cancel  o2 by alice
        12:05  place   o3 at r1 by alice coupon FIRST: 1 gyoza
        12:05  place   o3 at r1 by bob coupon FIRST: 1 gyoza
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 coupon   FIRST yes CouponPut FIRST version=1
            12:00:00 place    o1   yes OrderPending o1 total=998
                                       OrderPlaced o1 accept_by=12:05:00
            12:01:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            12:02:00 place    o2   yes OrderPending o2 total=998
                                       OrderPlaced o2 accept_by=12:07:00
            12:02:00 accept   o2   yes OrderAccepted o2 ready_at=12:17:00
                                       DeliveryOpened o2
            12:03:00 start    o2   yes OrderStarted o2
            12:04:00 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o2
                                       DebtAdded alice o2 amount=600
            12:05:00 place    o3   no  CouponRefused problem=FirstOrderOnly
            12:05:00 place    o3   yes OrderPending o3 total=798
                                       CouponRedeemed FIRST o3 amount=200
        "#]],
    );
}

#[test]
fn a_quote_promises_what_the_coupon_gives_and_not_that_it_lasts() {
    check(
        "
        09:00  open    r1
        09:00  coupon  HELLO fixed 200 total 1
        12:00  quote   q1 at r1 by alice coupon HELLO: 1 gyoza
        12:00  quote   q2 at r1 by bob coupon HELLO: 1 gyoza
        12:01  coupon  HELLO fixed 100 total 1
        12:02  place   o1 from q1 by alice
        12:02  receipt o1
        12:03  place   o2 from q2 by bob
        12:03  used    HELLO
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 coupon   HELLO yes CouponPut HELLO version=1
            12:00:00 quote    q1   yes QuoteMade q1 r1
            12:00:00 quote    q2   yes QuoteMade q2 r1
            12:01:00 coupon   HELLO yes CouponPut HELLO version=2
            12:02:00 place    o1   yes OrderPending o1 total=798
                                       CouponRedeemed HELLO o1 amount=200
            12:02:00 receipt  o1   dishes 600, discount 200, delivery 299, service 99, tax_included 72, standard 72 of 798 = 798, terms 0
            12:03:00 place    o2   no  CouponRefused problem=UsedUp
            12:03:00 used     HELLO version 2, used 1, spent 200, alice 1
        "#]],
    );
}

#[test]
fn a_coupon_for_ten_and_a_hundred_at_once() {
    for limit in ["total 10", "budget 2099"] {
        let mut script = Script::new();
        script.run("09:00 open r1");
        script.line(&format!("09:00 coupon TEN fixed 200 {limit}"));
        let told: Vec<String> = (0..100)
            .map(|n| script.line(&format!("12:00 place o{n} at r1 by b{n} coupon ten: 1 ramen")))
            .collect();
        let redeemed = told.iter().filter(|told| told.contains("CouponRedeemed")).count();
        let refused = told.iter().filter(|told| told.contains("problem=UsedUp")).count();
        assert_eq!((redeemed, refused), (10, 90), "{limit}");
        let coupon = script.city.coupons.values().next().unwrap();
        assert_eq!((coupon.used, coupon.spent.0), (10, 2_000));
        script.line("12:01 cancel o3 by b3");
        let told = script.line("12:01 place o200 at r1 by b99 coupon TEN: 1 ramen");
        assert!(told.contains("CouponRedeemed"), "{told}");
    }
}

/// Orders that are under way are not charged yet; one of them is the first all the same.
#[test]
fn a_first_order_is_one_of_those_under_way() {
    check(
        "
        11:00:00  open   r1
        11:00:00  coupon NEW fixed 100 first
        12:00:00  place  o1 at r1 by alice cash coupon NEW: 1 ramen
        12:00:01  place  o2 at r1 by alice cash coupon NEW: 1 ramen
        12:00:02  cancel o1 by alice
        12:00:03  place  o2 at r1 by alice cash coupon NEW: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 coupon   NEW  yes CouponPut NEW version=1
            12:00:00 place    o1   yes OrderPending o1 total=1498
                                       CouponRedeemed NEW o1 amount=100
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:01 place    o2   no  CouponRefused problem=FirstOrderOnly
            12:00:02 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       CouponReturned NEW o1 amount=100
            12:00:03 place    o2   yes OrderPending o2 total=1498
                                       CouponRedeemed NEW o2 amount=100
                                       OrderPlaced o2 accept_by=12:05:03
        "#]],
    );
}
