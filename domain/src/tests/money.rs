//! The saga of a payment: facts in whatever order, attempts, confirmations, tips, disputes.

use crate::script::{Script, check};
use expect_test::expect;

const START: &str = "
    11:00 open    r1
    11:00 courier carl
";
/// An order that was carried to its door.
const DELIVERED: &str = "
    12:00 accept  o1 by r1
    12:00 ready   o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
    12:00 pick_up o1 by carl
    12:00 deliver o1 by carl
";

/// R13: only the gateway's word opens the kitchen's door, whoever says that it was paid.
#[test]
fn r13_a_client_that_says_paid_is_not_believed() {
    check(
        "
        11:00  open   r1
        12:00  place  o1 at r1 by alice: 1 ramen
        12:00  calls  o1 event e1 authorized by alice
        12:00  pay    o1 by alice
        12:00  accept o1 by r1
        12:01  pay    o1 declined
        12:02  calls  o1 event e1 authorized by r1
        12:02  accept o1 by r1
        12:02  show   o1
        12:10  due    -
        12:10  accept o1 by r1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 calls    o1   no  Forbidden
            12:00:00 pay      o1   no  Forbidden
            12:00:00 accept   o1   no  OrderUnknown
            12:01:00 pay      o1   yes PaymentFailed o1
            12:02:00 calls    o1   no  Forbidden
            12:02:00 accept   o1   no  OrderUnknown
            12:02:00 show     o1   Pending; Failed 0 of 1598; Waiting by nobody, fence 0
            12:10:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
            12:10:00 accept   o1   no  OrderMovedOn state=Cancelled
        "#]],
    );
}

/// R15: the last portion belongs to one of two buyers, and the other one is not charged.
#[test]
fn r15_the_last_portion_while_a_card_is_confirmed() {
    check(
        "
        11:00    open   r1
        11:00    stock  r1: ramen 1
        12:00    place  o1 at r1 by alice: 1 ramen
        12:00    pay    o1 action
        12:01    place  o2 at r1 by bob: 1 ramen
        12:10    due    -
        12:10:01 place  o3 at r1 by bob: 1 ramen
        12:10:02 calls  o1 event e1 authorized
        12:10:03 pay    o3
        12:10:04 pay    o1
        12:10:05 show   o1
        12:10:05 show   o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 stock    r1   yes StockChanged ramen
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentActionRequired o1
            12:01:00 place    o2   no  OutOfStock dishes=ramen options=
            12:10:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            12:10:01 place    o3   yes OrderPending o3 total=1598
            12:10:02 calls    o1   yes
            12:10:03 pay      o3   yes PaymentAuthorized o3
                                       OrderPlaced o3 accept_by=12:15:03
            12:10:04 pay      o1   yes PaymentVoided o1
            12:10:05 show     o1   Cancelled; Voided 0 of 1598; Cancelled by nobody, fence 0
            12:10:05 show     o3   Placed; Authorized 1598 of 1598; Waiting by nobody, fence 0
        "#]],
    );
}

/// R16: several cards, one capture. The bank's late word on the first card is let go.
#[test]
fn r16_of_several_attempts_one_is_captured_and_the_rest_let_go() {
    let mut script = Script::new();
    script.run(START);
    let told = script.run(
        "
        12:00 place  o1 at r1 by alice: 1 ramen
        12:00 retry  o1 as p2
        12:00 pay    o1 action
        12:01 retry  o1 as p2
        12:01 again
        12:01 retry  o1 as p2 token tok_third
        12:01 pay    o1 of p2 declined
        12:02 retry  o1 as p3 by bob
        12:02 retry  o1 as p3
        12:02 pay    o1 of p3
        12:02 retry  o1 as p4
        12:02 calls  o1 event e2 of p2 authorized
        12:02 pay    o1 of p2
        ",
    );
    expect![[r#"
        12:00:00 place    o1   yes OrderPending o1 total=1598
        12:00:00 retry    o1   no  PaymentOpen
        12:00:00 pay      o1   yes PaymentActionRequired o1
        12:01:00 retry    o1   yes PaymentVoiding o1
                                   PaymentOpened o1
        12:01:00 again         yes (unchanged)
        12:01:00 retry    o1   no  IdReused
        12:01:00 pay      o1   yes PaymentFailed o1
        12:02:00 retry    o1   no  OrderUnknown
        12:02:00 retry    o1   yes PaymentOpened o1
        12:02:00 pay      o1   yes PaymentAuthorized o1
                                   OrderPlaced o1 accept_by=12:07:00
        12:02:00 retry    o1   no  OrderMovedOn state=Placed
        12:02:00 calls    o1   yes PaymentVoiding o1
        12:02:00 pay      o1   yes PaymentVoided o1
    "#]]
    .assert_eq(&told);
    let rest = script.run(DELIVERED) + &script.run("12:30 pay o1\n12:31 ledger o1\n12:31 books -");
    expect![[r#"
        12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:17:00
                                   DeliveryOpened o1
        12:00:00 ready    o1   yes OrderReady o1
        12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:02:30 fence=1
        12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
        12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                   OrderHandedOff o1
        12:00:00 deliver  o1   yes RideImpossible o1 carl distance_m=1200 took_ms=0
                                   DeliveryDelivered o1 carl
                                   OrderCompleted o1
                                   PaymentCapturing o1 amount=1598
        12:30:00 pay      o1   yes PaymentCaptured o1 amount=1598
        12:31:00 ledger   o1   OrderEnded: platform Commission -218, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -145, alice Dishes +1091, alice DeliveryFee +272, alice Fees +90, alice Tax +145, r1 Dishes -1091, r1 Commission +218, carl DeliveryBase -300, carl Distance -72
        12:31:00 ledger   o1   Captured: gateway Capture +1598, alice Capture -1598
        12:31:00 books    -    gateway +1598, platform -208, tax -145, r1 -873, carl -372
    "#]].assert_eq(&rest);
    let captured = script
        .city
        .ledger
        .values()
        .filter(|entry| entry.what == crate::ledger::LedgerWhat::Captured);
    assert_eq!(captured.count(), 1);
}

/// R11: what the gateway calls about before we know of it waits, and twice is once.
#[test]
fn r11_early_facts_wait_and_repeats_are_nothing() {
    let mut script = Script::new();
    script.run(START);
    let told = script.run(
        "
        12:00 place  o1 at r1 by alice: 1 ramen
        12:00 calls  o1 event e2 captured
        12:00 again
        12:00 calls  o1 event e4 won d1
        12:00 calls  o1 event e1 authorized
        12:00 again
        12:00 pay    o1
        12:00 calls  o1 event e3 disputed d1 amount 700
        ",
    );
    expect![[r#"
        12:00:00 place    o1   yes OrderPending o1 total=1598
        12:00:00 calls    o1   yes
        12:00:00 again         yes (unchanged)
        12:00:00 calls    o1   yes
        12:00:00 calls    o1   yes PaymentAuthorized o1
                                   OrderPlaced o1 accept_by=12:05:00
        12:00:00 again         yes (unchanged)
        12:00:00 pay      o1   no  WorkUnknown
        12:00:00 calls    o1   yes
    "#]]
    .assert_eq(&told);
    let rest = script.run(DELIVERED) + &script.run("12:31 show o1\n12:31 ledger o1\n12:31 books -");
    expect![[r#"
        12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                   DeliveryOpened o1
        12:00:00 ready    o1   yes OrderReady o1
        12:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:30 fence=1
        12:00:00 take     o1   yes DeliveryAssigned o1 carl fence=1
        12:00:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                   OrderHandedOff o1
        12:00:00 deliver  o1   yes RideImpossible o1 carl distance_m=1200 took_ms=0
                                   DeliveryDelivered o1 carl
                                   OrderCompleted o1
                                   PaymentCapturing o1 amount=1598
                                   PaymentCaptured o1 amount=1598
                                   PaymentDisputed o1 amount=700
                                   DisputeClosed o1 won=true
        12:31:00 show     o1   Completed; Captured 1598 of 1598; Delivered by carl, fence 1
        12:31:00 ledger   o1   OrderEnded: platform Commission -218, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -145, alice Dishes +1091, alice DeliveryFee +272, alice Fees +90, alice Tax +145, r1 Dishes -1091, r1 Commission +218, carl DeliveryBase -300, carl Distance -72
        12:31:00 ledger   o1   Captured: gateway Capture +1598, alice Capture -1598
        12:31:00 ledger   o1   DisputeOpened: gateway Dispute -700, disputed Dispute +700
        12:31:00 ledger   o1   DisputeWon: gateway Dispute +700, disputed Dispute -700
        12:31:00 books    -    gateway +1598, platform -208, tax -145, r1 -873, carl -372
    "#]].assert_eq(&rest);
    assert!(script.city.works.is_empty());
}

#[test]
fn a_bank_that_wants_a_word_with_the_customer() {
    check(
        "
        11:00    open   r1
        12:00    place  o1 at r1 by alice: 1 ramen
        12:00    place  o2 at r1 by alice: 1 ramen
        12:00    place  o3 at r1 by alice: 1 ramen
        12:00:05 pay    o1 action
        12:00:05 pay    o2 action
        12:00:05 pay    o3 action
        12:00:06 calls  o1 event e1 action
        12:02    pay    o1
        12:02    pay    o2 declined
        12:02    show   o2
        12:10    due    -
        12:10    pay    o3
        12:11    calls  o3 event e9 authorized
        12:11    pay    o3
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 place    o2   yes OrderPending o2 total=1598
            12:00:00 place    o3   yes OrderPending o3 total=1598
            12:00:05 pay      o1   yes PaymentActionRequired o1
            12:00:05 pay      o2   yes PaymentActionRequired o2
            12:00:05 pay      o3   yes PaymentActionRequired o3
            12:00:06 calls    o1   yes
            12:02:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:07:00
            12:02:00 pay      o2   yes PaymentFailed o2
            12:02:00 show     o2   Pending; Failed 0 of 1598; Waiting by nobody, fence 0
            12:10:00 due      -    yes OrderAlerted o1 step=Push
            12:10:00 due      -    yes OrderAlerted o1 step=Sms
            12:10:00 due      -    yes OrderAlerted o1 step=Call
            12:10:00 due      -    yes OrderAlerted o1 step=Operators
            12:10:00 due      -    yes OrderExpired o1
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            12:10:00 due      -    yes OrderCancelled o2 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o2
            12:10:00 due      -    yes OrderCancelled o3 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o3
                                       PaymentVoiding o3
            12:10:00 pay      o3   yes PaymentVoided o3
            12:11:00 calls    o3   yes PaymentVoiding o3
            12:11:00 pay      o3   yes PaymentVoided o3
        "#]],
    );
}

#[test]
fn less_than_the_total_is_not_enough() {
    check(
        "
        11:00 open   r1
        12:00 place  o1 at r1 by alice: 1 ramen
        12:00 pay    o1 amount 1597
        12:00 show   o1
        12:01 retry  o1 as p2
        12:01 pay    o1
        12:01 show   o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 pay      o1   yes PaymentVoiding o1
            12:00:00 show     o1   Pending; Voiding 0 of 1598; Waiting by nobody, fence 0
            12:01:00 retry    o1   yes PaymentOpened o1
            12:01:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:06:00
            12:01:00 show     o1   Placed; Authorized 1598 of 1598; Waiting by nobody, fence 0
        "#]],
    );
}

#[test]
fn a_capture_that_is_refused_for_good_is_a_debt() {
    let mut script = Script::new();
    script.run(START);
    script.run("12:00 place o1 at r1 by alice: 1 ramen\n12:00 pay o1");
    script.run(DELIVERED);
    let told = script.run(
        "
        13:00 due    -
        36:00 due    -
        36:00 pay    o1 declined
        36:00 books  -
        36:01 place  o2 at r1 by alice cash: 1 ramen
        36:02 clear  alice debt 1598
        36:02 books  -
        36:03 calls  o1 event e1 captured amount 1598
        36:03 books  -
        36:04 pay    o1
        36:04 books  -
        ",
    );
    expect![[r#"
        13:00:00 due      -    yes PaymentStuck o1 status=Capturing
        36:00:00 due      -    yes PaymentStuck o1 status=Capturing
        36:00:00 pay      o1   yes PaymentFailed o1
                                   DebtAdded alice o1 amount=1598
        36:00:00 books    -    platform -208, tax -145, alice +1598, r1 -873, carl -372
        36:01:00 place    o2   no  CashBarred debt=1598
        36:02:00 clear    alice yes DebtCleared alice amount=1598
        36:02:00 books    -    till +1598, platform -208, tax -145, r1 -873, carl -372
        36:03:00 calls    o1   yes PaymentCaptured o1 amount=1598
                                   RefundPending ref_0007pzy6ytkdx5stz75t7j20ef o1 amount=1598 fault=Platform
        36:03:00 books    -    gateway +1598, till +1598, platform -208, tax -145, alice -1598, r1 -873, carl -372
        36:04:00 pay      o1   yes RefundDone ref_0007pzy6ytkdx5stz75t7j20ef o1 amount=1598
        36:04:00 books    -    till +1598, platform -208, tax -145, r1 -873, carl -372
    "#]].assert_eq(&told);
}

#[test]
fn tips_after_the_order() {
    let mut script = Script::new();
    script.run(START);
    script.run("12:00 place o1 at r1 by alice cash: 1 ramen");
    let early = script.run("12:00 tip o1 as t0 amount 100");
    script.run(DELIVERED);
    let told = early
        + &script.run(
            "
            12:30 tip    o1 as t1 amount 200
            12:30 again
            12:30 tip    o1 as t1 amount 300
            12:30 tip    o1 as t2 amount 300 by bob
            12:30 tip    o1 as t2 amount 0
            12:30 tip    o1 as t2 amount 300 cash
            12:31 pay    o1 of t1
            12:31 pay    o1 of t1
            12:31 tip    o1 as t2 kitchen amount 150
            12:31 calls  o1 event e1 of t2 action
            12:32 calls  o1 event e2 of t2 authorized
            12:32 calls  o1 event e3 of t2 captured
            12:33 tip    o1 as t3
            12:33 calls  o1 event e4 of t3 action
            12:34 tip    o1 as t4
            12:34 tip    o1 as t5
            12:34 pay    o1 of t5 declined
            12:35 tip    o1 as t6
            12:44 due    -
            12:44 pay    o1 of t4
            12:45 books  -
            36:01 tip    o1 as t7
            ",
        );
    expect![[r#"
        12:00:00 tip      o1   no  OrderMovedOn state=Placed
        12:30:00 tip      o1   yes PaymentOpened o1
        12:30:00 again         yes (unchanged)
        12:30:00 tip      o1   no  IdReused
        12:30:00 tip      o1   no  OrderUnknown
        12:30:00 tip      o1   no  FieldInvalid /amount: a number from 1 to 100000000
        12:30:00 tip      o1   no  FieldInvalid /payment/method: card or wallet
        12:31:00 pay      o1   yes PaymentAuthorized o1
                                   PaymentCapturing o1 amount=200
        12:31:00 pay      o1   yes PaymentCaptured o1 amount=200
                                   CourierTipped o1 amount=200 carl
        12:31:00 tip      o1   yes PaymentOpened o1
        12:31:00 calls    o1   yes PaymentActionRequired o1
        12:32:00 calls    o1   yes PaymentAuthorized o1
                                   PaymentCapturing o1 amount=150
        12:32:00 calls    o1   yes PaymentCaptured o1 amount=150
                                   KitchenTipped o1 amount=150
        12:33:00 tip      o1   yes PaymentOpened o1
        12:33:00 calls    o1   yes PaymentActionRequired o1
        12:34:00 tip      o1   yes PaymentOpened o1
        12:34:00 tip      o1   yes PaymentOpened o1
        12:34:00 pay      o1   yes PaymentFailed o1
        12:35:00 tip      o1   no  FieldInvalid /tips: from 1 to 5 of them
        12:44:00 due      -    yes PaymentVoiding o1
        12:44:00 due      -    yes PaymentStuck o1 status=Authorizing
        12:44:00 pay      o1   yes PaymentVoiding o1
        12:45:00 books    -    gateway +350, platform -208, tax -145, r1 -1023, carl -572, cash of carl +1598
        36:01:00 tip      o1   no  FieldInvalid /tips: from 1 to 5 of them
    "#]].assert_eq(&told);
}

#[test]
fn disputes_and_refunds_that_come_back() {
    let mut script = Script::new();
    script.run(START);
    script.run("12:00 place o1 at r1 by alice tip 100: 2 ramen, 1 tea\n12:00 pay o1");
    script.run(DELIVERED);
    script.run("12:30 pay o1");
    let told = script.run(
        "
        13:00 refund o1 as ref1 amount 1000
        13:00 pay    o1
        13:00 books  -
        13:01 calls  o1 event e1 unrefunded ref1
        13:01 books  -
        13:02 calls  o1 event e2 refunded ref1
        13:03 calls  o1 event e3 disputed d1 amount 3198
        13:03 refund o1 as ref2 amount 100
        13:03 calls  o1 event e4 disputed d2 amount 50
        13:03 books  -
        13:04 calls  o1 event e5 won d1
        13:05 calls  o1 event e6 lost d2
        13:05 calls  o1 event e7 won d2
        13:05 books  -
        13:05 show   o1
        ",
    );
    expect![[r#"
        13:00:00 refund   o1   yes RefundPending ref1 o1 amount=1000 fault=Platform
        13:00:00 pay      o1   yes RefundDone ref1 o1 amount=1000
        13:00:00 books    -    gateway +2198, platform +432, tax -194, r1 -1964, carl -472
        13:01:00 calls    o1   yes RefundFailed ref1 o1
        13:01:00 books    -    gateway +3198, platform -481, tax -281, r1 -1964, carl -472
        13:02:00 calls    o1   yes
        13:03:00 calls    o1   yes PaymentDisputed o1 amount=3198
        13:03:00 refund   o1   no  PaymentMovedOn status=Disputed
        13:03:00 calls    o1   yes
        13:03:00 books    -    platform -481, tax -281, disputed +3198, r1 -1964, carl -472
        13:04:00 calls    o1   yes DisputeClosed o1 won=true
                                   PaymentDisputed o1 amount=50
        13:05:00 calls    o1   yes DisputeClosed o1 won=false
        13:05:00 calls    o1   yes
        13:05:00 books    -    gateway +3148, platform -431, tax -281, r1 -1964, carl -472
        13:05:00 show     o1   Completed; Lost 3198 of 3198; Delivered by carl, fence 1
    "#]]
    .assert_eq(&told);
}

#[test]
fn an_old_call_is_forgotten() {
    check(
        "
        11:00   open   r1
        12:00   place  o1 at r1 by alice: 1 ramen
        12:00   calls  o1 event e1 declined
        12:10   due    -
        1452:00 due    -
        1452:01 calls  o1 event e1 declined
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 calls    o1   yes PaymentFailed o1
            12:10:00 due      -    yes OrderCancelled o1 reason=PaymentFailed fault=Customer
                                       DeliveryCancelled o1
            1452:00:00 due      -    yes
            1452:01:00 calls    o1   yes
        "#]],
    );
}
