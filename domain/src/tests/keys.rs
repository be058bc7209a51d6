//! Keys of programs, and who has which role at the platform.

use crate::script::check;
use expect_test::expect;

#[test]
fn a_key_opens_its_scopes_of_its_restaurant_and_nothing_else() {
    check(
        "
        10:00  open    r1
        10:00  open    r2
        10:00  grant   mia manager at r1
        10:00  grant   mia manager at r2
        10:00  grant   kim kitchen at r1
        10:01  key     k1 by kim for r1: orders
        10:01  key     k1 by mia for r9: orders
        10:01  key     k1 by mia: orders
        10:01  key     k1 by mia for r1
        10:01  key     k1 by mia for r1 until 09:00: orders
        10:01  key     k1 by mia for r1: orders
        10:01  again
        10:01  key     k1 by mia for r1 asks other: orders
        10:02  place   o1 at r1 by alice cash: 1 ramen
        10:02  place   o2 at r2 by alice cash: 1 ramen
        10:03  accept  o1 by k1 at r1 ready 10:20
        10:03  accept  o2 by k1 at r2 ready 10:20
        10:03  capacity r1 by k1
        10:03  place   o3 at r1 by k1 cash: 1 ramen
        10:03  key     k2 by k1 for r1: orders
        10:03  grant   kim manager at r1 by k1
        10:04  unkey   k1 by kim for r1
        10:04  unkey   k1 by mia for r1
        10:04  ready   o1 by k1 at r1
        10:04  unkey   k1 by mia for r1
        ",
        expect![[r#"
            10:00:00 open     r1   yes
            10:00:00 open     r2   yes
            10:00:00 grant    mia  yes StaffGranted r1 mia
            10:00:00 grant    mia  yes StaffGranted r2 mia
            10:00:00 grant    kim  yes StaffGranted r1 kim
            10:01:00 key      k1   no  Forbidden
            10:01:00 key      k1   no  RestaurantUnknown
            10:01:00 key      k1   no  Forbidden
            10:01:00 key      k1   no  FieldInvalid /scopes: names at least one scope
            10:01:00 key      k1   no  FieldInvalid /expires_at: lies in the future
            10:01:00 key      k1   yes KeyMade k1 r1
            10:01:00 again         yes (unchanged)
            10:01:00 key      k1   no  IdReused
            10:02:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=10:07:00
            10:02:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=10:07:00
            10:03:00 accept   o1   yes OrderAccepted o1 ready_at=10:20:00
                                       DeliveryOpened o1
            10:03:00 accept   o2   no  Forbidden
            10:03:00 capacity r1   no  ScopeMissing scope=Stock
            10:03:00 place    o3   no  ScopeMissing scope=None
            10:03:00 key      k2   no  ScopeMissing scope=None
            10:03:00 grant    kim  no  ScopeMissing scope=None
            10:04:00 unkey    k1   no  KeyUnknown
            10:04:00 unkey    k1   yes KeyRevoked k1 r1
            10:04:00 ready    o1   no  KeyInvalid
            10:04:00 unkey    k1   no  KeyUnknown
        "#]],
    );
}

#[test]
fn a_key_ends_with_its_time_its_maker_and_its_successor() {
    check(
        "
        10:00  open    r1
        10:00  grant   mia manager at r1
        10:00  grant   tom manager at r1
        10:00  place   o1 at r1 by alice cash: 1 ramen
        10:00  place   o2 at r1 by bob cash: 1 ramen
        10:00  place   o3 at r1 by carol cash: 1 ramen
        10:00  key     k1 by mia for r1 until 10:02: orders
        10:01  seen    o1 by k1 at r1
        10:02  accept  o1 by k1 at r1 ready 10:20
        10:02  key     k2 by mia for r1: orders
        10:02  key     k3 by mia for r1 replaces k9: orders
        10:02  key     k3 by mia for r1 replaces k2: orders
        10:03  accept  o1 by k2 at r1 ready 10:20
        10:03  accept  o2 by k3 at r1 ready 10:20
        10:03  key     k4 by tom for r1: orders
        10:03  seen    o3 by k4 at r1
        10:03  grant   tom none at r1
        10:04  accept  o3 by k4 at r1 ready 10:20
        10:04  ban     mia for spam
        10:04  ready   o2 by k3 at r1
        ",
        expect![[r#"
            10:00:00 open     r1   yes
            10:00:00 grant    mia  yes StaffGranted r1 mia
            10:00:00 grant    tom  yes StaffGranted r1 tom
            10:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=10:05:00
            10:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=10:05:00
            10:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=10:05:00
            10:00:00 key      k1   yes KeyMade k1 r1
            10:01:00 seen     o1   yes OrderSeen o1
            10:02:00 accept   o1   no  KeyInvalid
            10:02:00 key      k2   yes KeyMade k2 r1
            10:02:00 key      k3   no  KeyUnknown
            10:02:00 key      k3   yes KeyMade k3 r1
            10:03:00 accept   o1   yes OrderAccepted o1 ready_at=10:20:00
                                       DeliveryOpened o1
            10:03:00 accept   o2   yes OrderAccepted o2 ready_at=10:20:00
                                       DeliveryOpened o2
            10:03:00 key      k4   yes KeyMade k4 r1
            10:03:00 seen     o3   yes OrderSeen o3
            10:03:00 grant    tom  yes StaffGranted r1 tom
            10:04:00 accept   o3   no  Forbidden
            10:04:00 ban      mia  yes AccountBanned mia until=None
            10:04:00 ready    o2   no  Banned
        "#]],
    );
}

#[test]
fn the_highest_role_is_given_by_two_and_one_always_remains() {
    check(
        "
        10:00  role    sam support by alice
        10:00  role    sam support until 09:00
        10:00  role    sam support until 12:00
        10:00  again
        10:00  unrole  op
        10:00  role    op support
        10:01  role    sam operator
        10:01  role    tom operator
        10:01  again
        10:02  role    tom operator by sam
        10:02  role    tom operator until 20:00
        10:02  role    tom operator until 20:00 by sam
        10:03  unrole  op by sam
        10:03  role    op operator
        11:00  unrole  sam by tom
        20:00  due
        20:01  role    kim auditor by tom
        ",
        expect![[r#"
            10:00:00 role     sam  no  Forbidden
            10:00:00 role     sam  no  FieldInvalid /until: lies in the future
            10:00:00 role     sam  yes RoleGranted sam role=Support
            10:00:00 again         yes (unchanged)
            10:00:00 unrole   op   no  LastOperator
            10:00:00 role     op   no  LastOperator
            10:01:00 role     sam  yes RoleGranted sam role=Operator
            10:01:00 role     tom  yes RoleWished tom role=Operator
            10:01:00 again         yes (unchanged)
            10:02:00 role     tom  yes RoleGranted tom role=Operator
            10:02:00 role     tom  yes RoleWished tom role=Operator
            10:02:00 role     tom  yes RoleGranted tom role=Operator
            10:03:00 unrole   op   yes RoleTaken op
            10:03:00 role     op   no  Forbidden
            11:00:00 unrole   sam  no  LastOperator
            20:00:00 due           yes RoleTaken tom
            20:01:00 role     kim  no  Forbidden
        "#]],
    );
}
