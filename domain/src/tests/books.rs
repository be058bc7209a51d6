//! The books: who owes what to whom after each ending, and what payouts leave of it.

use crate::script::Script;
use expect_test::{Expect, expect};

fn told(setting: &str, lines: &str, expected: Expect) {
    let mut script = Script::new();
    script.run("11:00 open r1\n11:00 courier carl");
    script.run(setting);
    let told = script.run(lines);
    super::random::check_books(&script.city);
    expected.assert_eq(&told);
}

const CARRIED: &str = "
    12:00 accept  o1 by r1
    12:00 ready   o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
    12:00 pick_up o1 by carl
    12:00 deliver o1 by carl
";

#[test]
fn an_eaten_order_paid_by_card() {
    let setting =
        format!("12:00 place o1 at r1 by alice tip 200: 2 ramen, 1 tea\n12:00 pay o1\n{CARRIED}");
    told(
        &setting,
        "
        12:30 books  -
        12:31 pay    o1
        12:31 ledger o1
        12:32 refund o1 as ref1: 1 of 0
        12:32 pay    o1
        12:32 ledger o1
        12:33 books  -
        12:34 payout r1 as po1 amount 1
        12:34 payout r1 as po1 amount 1964
        12:34 books  -
        ",
        expect![[r#"
            12:30:00 books    -    platform -481, tax -281, alice +3298, r1 -1964, carl -572
            12:31:00 pay      o1   yes PaymentCaptured o1 amount=3298
            12:31:00 ledger   o1   OrderEnded: platform Commission -491, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -281, alice Dishes +2455, alice DeliveryFee +272, alice Fees +90, alice Tax +281, alice Tip +200, r1 Dishes -2455, r1 Commission +491, carl Tip -200, carl DeliveryBase -300, carl Distance -72
            12:31:00 ledger   o1   Captured: gateway Capture +3298, alice Capture -3298
            12:32:00 refund   o1   yes RefundPending ref1 o1 amount=1200 fault=Platform
            12:32:00 pay      o1   yes RefundDone ref1 o1 amount=1200
            12:32:00 ledger   o1   OrderEnded: platform Commission -491, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -281, alice Dishes +2455, alice DeliveryFee +272, alice Fees +90, alice Tax +281, alice Tip +200, r1 Dishes -2455, r1 Commission +491, carl Tip -200, carl DeliveryBase -300, carl Distance -72
            12:32:00 ledger   o1   Captured: gateway Capture +3298, alice Capture -3298
            12:32:00 ledger   o1   Refunded: gateway Refund -1200, platform Refund +1098, tax Refund +102
            12:33:00 books    -    gateway +2098, platform +617, tax -179, r1 -1964, carl -572
            12:34:00 payout   r1   no  VersionChanged version=17
            12:34:00 payout   r1   yes RestaurantPaidOut po1 r1 amount=1964
            12:34:00 books    -    gateway +2098, bank -1964, platform +617, tax -179, carl -572
        "#]],
    );
}

#[test]
fn cash_is_owed_by_who_took_it() {
    let setting = format!("12:00 place o1 at r1 by alice cash: 2 ramen, 1 tea\n{CARRIED}");
    told(
        &setting,
        "
        12:30 ledger o1
        12:31 refund o1 as ref1 amount 500
        12:31 ledger o1
        12:32 books  -
        12:33 payout carl courier as po1 amount -2726
        12:33 again
        12:33 payout carl courier as po1 amount -2725
        12:33 payout carl courier as po2 amount 0
        12:33 payout carl courier as po2 amount 0 by r1
        12:33 books  -
        ",
        expect![[r#"
            12:30:00 ledger   o1   OrderEnded: platform Commission -491, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -281, alice Dishes +2455, alice DeliveryFee +272, alice Fees +90, alice Tax +281, r1 Dishes -2455, r1 Commission +491, carl DeliveryBase -300, carl Distance -72
            12:30:00 ledger   o1   CashCollected: alice Cash -3098, cash of carl Cash +3098
            12:31:00 refund   o1   yes RefundByHand ref1 o1 amount=500 fault=Platform
            12:31:00 ledger   o1   OrderEnded: platform Commission -491, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -281, alice Dishes +2455, alice DeliveryFee +272, alice Fees +90, alice Tax +281, r1 Dishes -2455, r1 Commission +491, carl DeliveryBase -300, carl Distance -72
            12:31:00 ledger   o1   CashCollected: alice Cash -3098, cash of carl Cash +3098
            12:31:00 ledger   o1   RefundedByHand: till Refund -500, platform Refund +455, tax Refund +45
            12:32:00 books    -    till -500, platform -26, tax -236, r1 -1964, carl -372, cash of carl +3098
            12:33:00 payout   carl yes CourierPaidOut po1 carl amount=-2726
            12:33:00 again         yes (unchanged)
            12:33:00 payout   carl no  IdReused
            12:33:00 payout   carl no  FieldInvalid /amount: something to pay
            12:33:00 payout   carl no  Forbidden
            12:33:00 books    -    till +2226, platform -26, tax -236, r1 -1964
        "#]],
    );
}

#[test]
fn what_is_picked_up_is_paid_at_the_counter() {
    told(
        "
        12:00 place     o1 at r1 by alice pickup cash tip 100: 1 ramen
        12:01 accept    o1 by r1
        12:02 ready     o1 by r1
        12:03 hand_over o1 by op
        ",
        "
        12:10 ledger o1
        12:10 books  -
        ",
        expect![[r#"
            12:10:00 books    -
        "#]],
    );
}

#[test]
fn a_coupon_is_borne_by_who_pays_it() {
    let order = "place {o} at r1 by alice coupon {c}: 1 ramen";
    for (coupon, expected) in [
        (
            "OURS fixed 500",
            expect![[r#"
            12:30:00 ledger   o1   OrderEnded: platform Coupon +500, platform Commission -227, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -100, alice Dishes +636, alice DeliveryFee +272, alice Fees +90, alice Tax +100, r1 Dishes -636, r1 Coupon -500, r1 Commission +227, carl DeliveryBase -300, carl Distance -72
            12:30:00 books    -    platform +283, tax -100, alice +1098, r1 -909, carl -372
        "#]],
        ),
        (
            "THEIRS fixed 500 by_restaurant",
            expect![[r#"
            12:30:00 ledger   o1   OrderEnded: platform Commission -127, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -100, alice Dishes +636, alice DeliveryFee +272, alice Fees +90, alice Tax +100, r1 Dishes -636, r1 Commission +127, carl DeliveryBase -300, carl Distance -72
            12:30:00 books    -    platform -117, tax -100, alice +1098, r1 -509, carl -372
        "#]],
        ),
        (
            "WAY by_restaurant",
            expect![[r#"
            12:30:00 ledger   o1   OrderEnded: platform Coupon -299, platform Commission -218, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -118, alice Dishes +1091, alice Fees +90, alice Tax +118, r1 Dishes -1091, r1 Coupon +299, r1 Commission +218, carl DeliveryBase -300, carl Distance -72
            12:30:00 books    -    platform -235, tax -118, alice +1299, r1 -574, carl -372
        "#]],
        ),
        (
            "ALL fixed 5000",
            expect![[r#"
            12:30:00 ledger   o1   OrderEnded: platform Coupon +1200, platform Commission -240, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -36, alice DeliveryFee +272, alice Fees +90, alice Tax +36, r1 Coupon -1200, r1 Commission +240, carl DeliveryBase -300, carl Distance -72
            12:30:00 books    -    platform +970, tax -36, alice +398, r1 -960, carl -372
        "#]],
        ),
    ] {
        let code = coupon.split(' ').next().unwrap_or_default();
        let place = order.replace("{o}", "o1").replace("{c}", code);
        let setting = format!("11:30 coupon {coupon}\n12:00 {place}\n12:00 pay o1\n{CARRIED}");
        told(&setting, "12:30 ledger o1\n12:30 books -", expected);
    }
}

#[test]
fn every_other_ending() {
    let paid =
        "12:00 place o1 at r1 by alice tip 100: 1 ramen\n12:00 pay o1\n12:01 accept o1 by r1";
    let assigned = format!("{paid}\n12:02 offer o1 to carl\n12:02 take o1 by carl");
    let carried = format!("{assigned}\n12:03 ready o1 by r1\n12:04 pick_up o1 by carl");
    let endings = [
        (
            "rejected",
            "12:00 place o1 at r1 by alice: 1 ramen\n12:00 pay o1",
            "12:05 reject o1 by r1",
        ),
        ("early", &assigned, "12:05 cancel o1 by alice"),
        ("at the store", &assigned, "12:05 at_store o1 by carl\n12:06 cancel o1 by alice"),
        ("late", &assigned, "12:05 start o1 by r1\n12:06 cancel o1 by alice"),
        ("kitchen", &assigned, "12:05 start o1 by r1\n12:06 cancel o1 by r1"),
        ("platform", &assigned, "12:05 start o1 by r1\n12:06 cancel o1 by op operator"),
        (
            "courier",
            &assigned,
            "12:05 start o1 by r1\n12:06 cancel o1 by op operator courier_at_fault\n12:06 bill o1",
        ),
        ("damaged", &carried, "12:05 fail o1 by carl damaged\n12:06 direct o1 disposed by op"),
        ("refused", &carried, "12:05 fail o1 by carl refused\n12:06 direct o1 disposed by op"),
        ("lost", &carried, "12:05 direct o1 lost by op"),
    ];
    let mut all = String::new();
    for (name, setting, ending) in endings {
        let mut script = Script::new();
        script.run("11:00 open r1\n11:00 courier carl");
        script.run(setting);
        let bill = script
            .run(ending)
            .lines()
            .filter(|line| line.contains("fault Some"))
            .fold(String::new(), |told, line| told + line.trim() + "\n");
        super::random::check_books(&script.city);
        all += &format!(
            "{name}\n{bill}{}",
            script.run("12:30 pay o1\n12:30 ledger o1\n12:30 books -")
        );
    }
    expect![[r#"
        rejected
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 books    -
        early
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 books    -
        at the store
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: platform CallOut +300, carl CallOut -300
        12:30:00 books    -    platform +300, carl -300
        late
        12:30:00 pay      o1   yes PaymentCaptured o1 amount=1200
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform CallOut +300, tax Tax -109, alice Dishes +1091, alice Tax +109, r1 Dishes -1091, r1 Commission +218, carl CallOut -300
        12:30:00 ledger   o1   Captured: gateway Capture +1200, alice Capture -1200
        12:30:00 books    -    gateway +1200, platform +82, tax -109, r1 -873, carl -300
        kitchen
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: r1 CallOut +300, carl CallOut -300
        12:30:00 books    -    r1 +300, carl -300
        platform
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform CallOut +300, platform Loss +1091, r1 Commission +218, r1 Loss -1091, carl CallOut -300
        12:30:00 books    -    platform +1173, r1 -873, carl -300
        courier
        pays 0; kitchen paid; courier unpaid, call-out 0; fault Some(Courier)
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform Loss +1091, r1 Commission +218, r1 Loss -1091
        12:30:00 books    -    platform +873, r1 -873
        damaged
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform Loss +1091, r1 Commission +218, r1 Loss -1091
        12:30:00 books    -    platform +873, r1 -873
        refused
        12:30:00 pay      o1   yes PaymentCaptured o1 amount=1598
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform DeliveryFee -272, platform Fees -90, platform DeliveryBase +300, platform Distance +72, tax Tax -145, alice Dishes +1091, alice DeliveryFee +272, alice Fees +90, alice Tax +145, r1 Dishes -1091, r1 Commission +218, carl DeliveryBase -300, carl Distance -72
        12:30:00 ledger   o1   Captured: gateway Capture +1598, alice Capture -1598
        12:30:00 books    -    gateway +1598, platform -208, tax -145, r1 -873, carl -372
        lost
        12:30:00 pay      o1   yes PaymentVoided o1
        12:30:00 ledger   o1   OrderEnded: platform Commission -218, platform Loss +1091, r1 Commission +218, r1 Loss -1091
        12:30:00 books    -    platform +873, r1 -873
    "#]].assert_eq(&all);
}

#[test]
fn a_debt_is_paid_or_forgiven() {
    told(
        "
        12:00 place  o1 at r1 by alice cash: 1 ramen
        12:01 accept o1 by r1
        12:02 ready  o1 by r1
        12:03 cancel o1 by alice
        12:04 place  o2 at r1 by bob cash: 1 ramen
        12:05 accept o2 by r1
        12:06 ready  o2 by r1
        12:07 cancel o2 by bob
        ",
        "
        12:10 books -
        12:11 clear alice debt 1200
        12:12 clear bob debt 1200 forgiven
        12:12 again
        12:13 books -
        ",
        expect![[r#"
            12:10:00 books    -    platform -436, tax -218, alice +1200, bob +1200, r1 -1746
            12:11:00 clear    alice yes DebtCleared alice amount=1200
            12:12:00 clear    bob  yes DebtCleared bob amount=1200
            12:12:00 again         yes (unchanged)
            12:13:00 books    -    till +1200, platform +764, tax -218, r1 -1746
        "#]],
    );
}
