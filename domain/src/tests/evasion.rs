//! What somebody tries to get past the rules, and whom the rules must not take for somebody else.

use crate::script::check;
use expect_test::expect;

/// The card that pays is the one that counts, not the one that was named first.
#[test]
fn another_card_is_looked_at_like_the_first() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: card_accounts 3 40, declines_hour 3 40
        11:00:01  place  o1 at r1 by alice card visa: 1 ramen
        11:00:01  place  o2 at r1 by bob card visa: 1 ramen
        11:00:02  place  o3 at r1 by carol device phone card own: 1 ramen
        11:00:03  pay    o3 declined
        11:00:04  judged o3
        11:00:05  retry  o3 as p3 by carol card visa
        11:00:05  again
        11:00:06  judged o3
        11:00:06  case   o3
        11:00:07  pay    o3 declined
        11:00:08  retry  o3 as p4 by carol card third
        11:00:09  pay    o3 declined
        11:00:10  retry  o3 as p5 by carol cash
        11:00:11  case   o3
        11:00:11  show   o3
        11:00:12  place  o4 at r1 by dave card visa: 1 ramen
        11:00:13  judged o4
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
            11:00:01 place    o2   yes OrderPending o2 total=1598
            11:00:02 place    o3   yes OrderPending o3 total=1598
            11:00:03 pay      o3   yes PaymentFailed o3
            11:00:04 judged   o3   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=1 card_orders_day=1 address_orders_hour=3 address_orders_day=3 device_accounts=1 card_accounts=1 address_accounts=3 new_account_total=1598
            11:00:05 retry    o3   yes FraudCaseOpened fcs_0007s20j2cqnfrr43ya26af98r
                                       PaymentOpened o3
            11:00:05 again         yes (unchanged)
            11:00:06 judged   o3   Review, 40 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=3 card_orders_day=3 address_orders_hour=3 address_orders_day=3 device_accounts=1 card_accounts=3 address_accounts=3 new_account_total=1598 declines_hour=1 declines_day=1
            11:00:06 case     o3   Open, 40 points: card_accounts=3 for 40
            11:00:07 pay      o3   yes PaymentFailed o3
            11:00:08 retry    o3   yes PaymentOpened o3
            11:00:09 pay      o3   yes PaymentFailed o3
            11:00:10 retry    o3   yes PaymentOpened o3
            11:00:11 case     o3   Open, 40 points: declines_hour=3 for 40
            11:00:11 show     o3   Pending; CashDue 1598 of 1598; Waiting by nobody, fence 0
            11:00:12 place    o4   yes OrderPending o4 total=1598
                                       FraudCaseOpened fcs_0006vvakch2mqagh5s1xb5ka4z
            11:00:13 judged   o4   Review, 40 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 card_orders_hour=4 card_orders_day=4 address_orders_hour=4 address_orders_day=4 card_accounts=4 address_accounts=4 new_account_total=1598 declines_hour=1 declines_day=1 no_device=1
        "#]],
    );
}

#[test]
fn another_card_can_be_refused() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: card_accounts 2 80
        11:00:01  place  o1 at r1 by alice card visa: 1 ramen
        11:00:02  place  o2 at r1 by bob card own: 1 ramen
        11:00:03  pay    o2 declined
        11:00:04  retry  o2 as p2 by bob card visa
        11:00:04  case   o2
        11:00:05  retry  o2 as p3 by bob card visa
        11:00:06  ban    own card for theft
        11:00:07  retry  o2 as p4 by bob cash
        11:10:01  due
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
            11:00:02 place    o2   yes OrderPending o2 total=1598
            11:00:03 pay      o2   yes PaymentFailed o2
            11:00:04 retry    o2   no  OrderDeclined
            11:00:04 case     o2   Denied, 80 points: card_accounts=2 for 80
            11:00:05 retry    o2   no  OrderDeclined
            11:00:06 ban      own  yes MarkBanned subject=Card(cmk_000792t1jdycgw1e8x62wtjxhr) until=None
            11:00:07 retry    o2   no  OrderDeclined
            11:10:01 due           yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
        "#]],
    );
}

/// Who was refused is known by what they used, and has bought nothing.
#[test]
fn a_refused_order_leaves_its_links_and_is_no_order() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: new_account_total 2000 80
        11:00:01  place  o1 at r1 by alice device phone card visa: 3 ramen
        11:00:02  place  o2 at r1 by alice device tablet card visa: 1 ramen
        11:00:03  judged o2
        11:00:04  ban    alice for fraud
        11:00:05  place  o3 at r1 by bob device phone card own door 9: 1 ramen
        11:00:06  judged o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   no  OrderDeclined
            11:00:02 place    o2   yes OrderPending o2 total=1598
            11:00:03 judged   o2   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=1 card_orders_day=1 address_orders_hour=1 address_orders_day=1 device_accounts=1 card_accounts=1 address_accounts=1 new_account_total=1598
            11:00:04 ban      alice yes AccountBanned alice until=None
            11:00:05 place    o3   yes OrderPending o3 total=1598
            11:00:06 judged   o3   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=1 card_orders_day=1 address_orders_hour=1 address_orders_day=1 device_accounts=2 card_accounts=1 address_accounts=1 new_account_total=1598 like_banned=1
        "#]],
    );
}

#[test]
fn whom_an_operator_has_let_through_is_believed_for_a_day() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: account_orders_week 1 40
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:01:00  decide o1 allow for friend
        11:02:00  place  o2 at r1 by alice cash: 1 ramen
        36:02:00  place  o3 at r1 by alice cash: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:01:00 decide   o1   yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
                                       OrderPlaced o1 accept_by=11:06:00
            11:02:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=11:07:00
            36:02:00 place    o3   yes OrderPending o3 total=1598
                                       FraudCaseOpened fcs_0007s20j2cqnfrr43ya26af98r
        "#]],
    );
}

/// The family and the neighbours of somebody banned have done nothing.
#[test]
fn to_be_like_somebody_banned_is_at_most_a_question() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: like_banned 1 20, like_banned 2 60, account_orders_hour 2 40
        11:00:01  place  o1 at r1 by alice device tablet card visa: 1 ramen
        11:00:02  ban    alice for fraud
        11:00:03  place  o2 at r1 by neighbour device own card own: 1 ramen
        11:00:04  judged o2
        11:00:05  place  o3 at r1 by brother device tablet card visa: 1 ramen
        11:00:06  case   o3
        11:00:07  place  o4 at r1 by brother device tablet card visa: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
            11:00:02 ban      alice yes AccountBanned alice until=None
            11:00:03 place    o2   yes OrderPending o2 total=1598
            11:00:04 judged   o2   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 card_orders_hour=1 card_orders_day=1 address_orders_hour=2 address_orders_day=2 device_accounts=1 card_accounts=1 address_accounts=2 new_account_total=1598
            11:00:05 place    o3   yes OrderPending o3 total=1598
                                       FraudCaseOpened fcs_0007s20j2cqnfrr43ya26af98r
            11:00:06 case     o3   Open, 80 points: like_banned=3 for 20, like_banned=3 for 60
            11:00:07 place    o4   no  OrderDeclined
        "#]],
    );
}

#[test]
fn not_to_name_a_device_is_seen_where_it_matters() {
    check(
        "
        11:00:00  open   r1
        11:00:00  coupon HELLO fixed 200
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:00:01  judged o1
        11:00:02  place  o2 at r1 by bob device phone cash: 1 ramen
        11:00:02  judged o2
        36:00:00  place  o3 at r1 by alice cash: 1 ramen
        36:00:00  judged o3
        36:00:01  place  o4 at r1 by alice cash coupon HELLO: 1 ramen
        36:00:01  judged o4
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 coupon   HELLO yes CouponPut HELLO version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:01
            11:00:01 judged   o1   Allow, 10 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 address_orders_hour=1 address_orders_day=1 address_accounts=1 new_account_total=1598 no_device=1
            11:00:02 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=11:05:02
            11:00:02 judged   o2   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=1 device_orders_hour=1 device_orders_day=1 address_orders_hour=2 address_orders_day=2 device_accounts=1 address_accounts=2 new_account_total=1598
            36:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=36:05:00
            36:00:00 judged   o3   Allow, 0 points: account_orders_hour=1 account_orders_day=1 account_orders_week=2 address_orders_hour=1 address_orders_day=1 address_accounts=2
            36:00:01 place    o4   yes OrderPending o4 total=1398
                                       CouponRedeemed HELLO o4 amount=200
                                       OrderPlaced o4 accept_by=36:05:01
            36:00:01 judged   o4   Allow, 10 points: account_orders_hour=2 account_orders_day=2 account_orders_week=3 address_orders_hour=2 address_orders_day=2 address_accounts=2 no_device=1
        "#]],
    );
}

/// What no number can ever reach is a mistake, and a decision has a reason.
#[test]
fn rules_can_strike_and_decisions_say_why() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: device_accounts 13 40
        11:00:00  rules  enforce if 0: like_banned 4 40
        11:00:00  rules  enforce if 0: account_orders_hour 1 40
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:00:02  decide o1 allow for none
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce no  FieldInvalid /rules/0/at_least: a number from 1 to 12
            11:00:00 rules    enforce no  FieldInvalid /rules/0/at_least: a number from 1 to 3
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:00:02 decide   o1   no  FieldInvalid /reason: from 1 to 2000 letters
        "#]],
    );
}

/// Nobody can say yes to an order that is shown behind a closed door.
#[test]
fn a_kitchen_that_closed_meanwhile_does_not_answer_for_the_review() {
    check(
        "
        11:00:00  open   r1
        11:00:00  rules  enforce if 0: account_orders_hour 1 40
        11:00:01  place  o1 at r1 by alice cash: 1 ramen
        11:01:00  pause  r1 today
        11:02:00  decide o1 allow for friend
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 rules    enforce yes FraudRulesChanged version=1
            11:00:01 place    o1   yes OrderPending o1 total=1598
                                       FraudCaseOpened fcs_0004bbc8vycvkpdcb6x72a2z7t
            11:01:00 pause    r1   yes AvailabilityChanged r1 mode=Paused until=24:00:00
            11:02:00 decide   o1   yes FraudCaseDecided fcs_0004bbc8vycvkpdcb6x72a2z7t
                                       OrderCancelled o1 reason=RestaurantClosed fault=Platform
                                       DeliveryCancelled o1
        "#]],
    );
}
