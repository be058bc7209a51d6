//! What operators decide for the whole city, and debts that they settle.

use crate::script::check;
use expect_test::expect;

#[test]
fn terms_change_at_once_or_when_planned() {
    check(
        "
        09:00  open    r1
        09:00  terms   fees base 200 by alice
        09:00  terms   fees base 200 service 50
        09:00  again   -
        09:01  terms   fees base 300 if 0
        09:01  terms   fees base 300 if 1 effective 12:00
        09:01  again   -
        11:59  place   o1 at r1 by alice cash: 1 ramen
        11:59  receipt o1
        12:00  place   o2 at r1 by alice cash: 1 ramen
        12:00  receipt o2
        12:01  terms   taxes effective 12:30: standard 200000
        12:02  terms   fees base 400 effective 13:00
        12:03  terms   fees base 300
        13:00  place   o3 at r1 by alice cash: 1 ramen
        13:00  receipt o3
        13:01  terms   fees base 300
        13:01  terms   fees base 300 effective 9000:00
        13:01  terms   fees base 500 effective 12:00
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 terms    fees no  Forbidden
            09:00:00 terms    fees yes TermsChanged version=1
            09:00:00 again    -    yes (unchanged)
            09:01:00 terms    fees no  VersionChanged version=1
            09:01:00 terms    fees yes TermsChanged version=2
            09:01:00 again    -    yes (unchanged)
            11:59:00 place    o1   yes OrderPending o1 total=1450
                                       OrderPlaced o1 accept_by=12:04:00
            11:59:00 receipt  o1   dishes 1200, delivery 200, service 50, tax_included 132, standard 132 of 1450 = 1450, terms 2
            12:00:00 place    o2   yes OrderPending o2 total=1500
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 receipt  o2   dishes 1200, delivery 300, tax_included 136, standard 136 of 1500 = 1500, terms 2
            12:01:00 terms    taxes yes TermsChanged version=3
            12:02:00 terms    fees yes TermsChanged version=4
            12:03:00 terms    fees yes TermsChanged version=5
            13:00:00 place    o3   yes OrderPending o3 total=1500
                                       OrderPlaced o3 accept_by=13:05:00
            13:00:00 receipt  o3   dishes 1200, delivery 300, tax_included 250, standard 250 of 1500 = 1500, terms 5
            13:01:00 terms    fees yes (unchanged)
            13:01:00 terms    fees no  FieldInvalid /effective_from: within a year
            13:01:00 terms    fees yes TermsChanged version=6
        "#]],
    );
}

#[test]
fn a_plan_that_has_come_is_what_the_next_change_builds_on() {
    check(
        "
        09:00  open    r1
        09:00  terms   fees base 300 effective 10:00
        11:00  terms   fees base 400 effective 12:00
        11:01  place   o1 at r1 by alice cash: 1 ramen
        11:01  receipt o1
        12:00  place   o2 at r1 by alice cash: 1 ramen
        12:00  receipt o2
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 terms    fees yes TermsChanged version=1
            11:00:00 terms    fees yes TermsChanged version=2
            11:01:00 place    o1   yes OrderPending o1 total=1500
                                       OrderPlaced o1 accept_by=11:06:00
            11:01:00 receipt  o1   dishes 1200, delivery 300, tax_included 136, standard 136 of 1500 = 1500, terms 2
            12:00:00 place    o2   yes OrderPending o2 total=1600
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 receipt  o2   dishes 1200, delivery 400, tax_included 145, standard 145 of 1600 = 1600, terms 2
        "#]],
    );
}

#[test]
fn zones_say_where_and_for_how_much() {
    check(
        "
        09:00  open    r1
        09:00  terms   zones: there 500
        09:01  place   o1 at r1 by alice cash: 1 ramen
        09:01  place   o1 at r1 by alice cash pickup: 1 ramen
        09:02  terms   zones: there 500, here 150
        09:03  place   o2 at r1 by alice cash far 2000: 1 ramen
        09:03  receipt o2
        09:04  terms   zones: here 150, here 200
        09:05  terms   zones
        09:05  place   o3 at r1 by alice cash: 1 ramen
        09:05  receipt o3
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 terms    zones yes TermsChanged version=1
            09:01:00 place    o1   no  NotDeliverable
            09:01:00 place    o1   yes OrderPending o1 total=1299
                                       OrderPlaced o1 accept_by=09:06:00
            09:02:00 terms    zones yes TermsChanged version=2
            09:03:00 place    o2   yes OrderPending o2 total=1449
                                       OrderPlaced o2 accept_by=09:08:00
            09:03:00 receipt  o2   dishes 1200, delivery 150, service 99, tax_included 132, standard 132 of 1449 = 1449, terms 2, zone here
            09:04:00 terms    zones no  FieldInvalid /zones/1/zone_id: each zone once
            09:05:00 terms    zones yes TermsChanged version=3
            09:05:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=09:10:00
            09:05:00 receipt  o3   dishes 1200, delivery 299, service 99, tax_included 145, standard 145 of 1598 = 1598, terms 3
        "#]],
    );
}

#[test]
fn taxes_are_in_it_or_on_it() {
    check(
        "
        09:00  open    r1
        09:00  terms   taxes: food 130000
        09:00  terms   taxes fees drinks: standard 230000
        09:00  terms   taxes: standard 1000001
        09:00  terms   taxes added fees fees: standard 100000, fees 200000
        09:01  place   o1 at r1 by alice cash tip 100: 1 ramen
        09:01  receipt o1
        09:02  accept  o1 by r1
        09:03  start   o1 by r1
        09:04  cancel  o1 by alice
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            09:00:00 terms    taxes no  FieldInvalid /classes: standard among them
            09:00:00 terms    taxes no  FieldInvalid /fees_class: one of the classes
            09:00:00 terms    taxes no  FieldInvalid /classes/standard: a number from 0 to 1000000
            09:00:00 terms    taxes yes TermsChanged version=1
            09:01:00 place    o1   yes OrderPending o1 total=1898
                                       OrderPlaced o1 accept_by=09:06:00
            09:01:00 receipt  o1   dishes 1200, delivery 299, service 99, tax_added 200, tip 100, fees 80 of 398, standard 120 of 1200 = 1898, terms 1
            09:02:00 accept   o1   yes OrderAccepted o1 ready_at=09:17:00
                                       DeliveryOpened o1
            09:03:00 start    o1   yes OrderStarted o1
            09:04:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       DebtAdded alice o1 amount=1320
        "#]],
    );
}

#[test]
fn fees_and_rules_have_bounds() {
    check(
        "
        09:00  terms   fees base -1
        09:00  terms   fees peak 201
        09:00  terms   fees peak 99
        09:00  terms   fees share 1000001
        09:00  terms   fees bag 100000001
        09:00  terms   rules accept 9999
        09:00  terms   rules accept 60000
        09:00  open    r1
        09:00  place   o1 at r1 by alice cash: 1 ramen
        09:01  due     -
        09:02  terms   holidays: 2026-12-24, 2026-12-25
        ",
        expect![[r#"
            09:00:00 terms    fees no  FieldInvalid /delivery/base: an amount from 0 to 100000000
            09:00:00 terms    fees no  FieldInvalid /peaks/0/factor_millionths: a number from 1000000 to 2000000
            09:00:00 terms    fees no  FieldInvalid /peaks/0/factor_millionths: a number from 1000000 to 2000000
            09:00:00 terms    fees no  FieldInvalid /service_millionths: a number from 0 to 1000000
            09:00:00 terms    fees no  FieldInvalid /bag: an amount from 0 to 100000000
            09:00:00 terms    rules no  FieldInvalid /accept_ms: a number from 10000 to 86400000
            09:00:00 terms    rules yes TermsChanged version=1
            09:00:00 open     r1   yes
            09:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=09:01:00
            09:01:00 due      -    yes OrderAlerted o1 step=Push
            09:01:00 due      -    yes OrderExpired o1
                                       DeliveryCancelled o1
            09:02:00 terms    holidays yes TermsChanged version=2
        "#]],
    );
}

#[test]
fn a_debt_bars_cash_until_it_is_cleared() {
    check(
        "
        09:00  open    r1
        12:00  place   o1 at r1 by alice cash: 1 ramen
        12:01  accept  o1 by r1
        12:02  start   o1 by r1
        12:03  cancel  o1 by alice
        12:04  place   o2 at r1 by alice cash: 1 ramen
        12:04  place   o2 at r1 by alice: 1 ramen
        12:05  clear   alice debt 1200 by alice
        12:05  clear   alice debt 100
        12:05  clear   alice debt 1200
        12:05  clear   alice debt 1200
        12:05  clear   bob debt 0
        12:06  place   o3 at r1 by alice cash: 1 ramen
        ",
        expect![[r#"
            09:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:00
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
                                       DeliveryOpened o1
            12:02:00 start    o1   yes OrderStarted o1
            12:03:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       DebtAdded alice o1 amount=1200
            12:04:00 place    o2   no  CashBarred debt=1200
            12:04:00 place    o2   yes OrderPending o2 total=1598
            12:05:00 clear    alice no  Forbidden
            12:05:00 clear    alice no  VersionChanged version=10
            12:05:00 clear    alice yes DebtCleared alice amount=1200
            12:05:00 clear    alice yes (unchanged)
            12:05:00 clear    bob  yes (unchanged)
            12:06:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=12:11:00
        "#]],
    );
}
