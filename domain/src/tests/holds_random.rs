//! Whatever is placed, cooked, called off and forgotten in whatever order: slots hold what was
//! promised, coupons what was redeemed, tabs what was charged and is owed, and receipts add up.

use crate::ids::{AccountId, CouponId, RestaurantId};
use crate::money::Money;
use crate::order::Order;
use crate::script::{MemoryCity, Script};
use crate::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

const START: &str = "
    07:00 open     r1
    07:00 open     r2 auto
    07:00 courier  carl
    07:00 coupon   TEN percent 10 each 3 total 6
    07:00 coupon   WAY
    07:00 coupon   FEW fixed 250 budget 900
    07:00 coupon   NEW fixed 100 first
    07:00 capacity r1 orders 3 dishes 8
";

/// Everything that takes and gives back, with holes for an order, a person and a number.
const LINES: [&str; 39] = [
    "place {o} at r1 by {p} cash: {n} ramen",
    "place {o} at r1 by {p} coupon TEN: 1 ramen, {n} tea+large",
    "place {o} at r2 by {p} coupon ten cash: 2 ramen",
    "place {o} at r1 by {p} coupon WAY: {n} gyoza",
    "place {o} at r2 by {p} coupon FEW tip 100: 1 gyoza",
    "place {o} at r1 by {p} coupon NEW cash: 1 ramen",
    "place {o} at r1 by {p} pickup cash: {n} gyoza",
    "place {o} at r1 by {p} pickup coupon FEW: 2 ramen",
    "place {o} at r1 by {p} slot 19:00 cash: {n} tea",
    "place {o} at r1 by {p} slot 19:00 coupon TEN: 1 ramen",
    "place {o} at r2 by {p} slot 19:15 pickup: 3 tea",
    "quote q{n} at r1 by {p} coupon TEN: 2 ramen",
    "place {o} from q{n} by {p} cash",
    "pay {o}",
    "pay {o}",
    "pay {o}",
    "pay {o} declined",
    "accept {o} by r1",
    "accept {o} by r1",
    "reject {o} by r1",
    "start {o} by r1",
    "ready {o} by r1",
    "ready {o} by r2",
    "hand_over {o} by r1 pin 123456",
    "offer {o} to carl",
    "take {o} by carl",
    "pick_up {o} by carl",
    "deliver {o} by carl",
    "fail {o} by carl refused",
    "return {o} by carl",
    "returned {o} by carl code 4321",
    "cancel {o} by {p}",
    "cancel {o} by r1",
    "cancel {o} by op",
    "propose {o} line 0 remove",
    "answer {o} cancel_line by {p}",
    "capacity r1 orders {n}",
    "due -",
    "terms fees service {n} bag {n} small_below 900 small_fee 30",
];
const PEOPLE: [&str; 3] = ["alice", "bob", "eve"];

#[derive(Clone, Debug)]
struct Moment {
    later: i64,
    order: u32,
    person: usize,
    number: u32,
    line: &'static str,
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let later = prop_oneof![8 => 0..40_i64, 1 => 60..1_200_i64];
    let line = (0..LINES.len()).prop_map(|place| LINES[place]);
    let moment = (later, 1..=10_u32, 0..PEOPLE.len(), 1..5_u32, line).prop_map(
        |(later, order, person, number, line)| Moment { later, order, person, number, line },
    );
    proptest::collection::vec(moment, 1..140)
}

fn live(life: &[Moment], mut look: impl FnMut(&MemoryCity)) -> Script {
    let mut script = Script::new();
    script.run(START);
    let mut second = 9 * 3600;
    for Moment { later, order, person, number, line } in life {
        second += later;
        let line = line
            .replace("{o}", &format!("o{order}"))
            .replace("{p}", PEOPLE[*person])
            .replace("{n}", &number.to_string());
        let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        script.line(&format!("{clock} {line}"));
        look(&script.city);
    }
    // A week on, every moment that was awaited has come.
    script.line("180:00 due -");
    look(&script.city);
    script
}

/// Counts what stands in the orders, and compares it with what stands in the records.
fn recount(city: &MemoryCity) {
    let mut slots: BTreeMap<(RestaurantId, Timestamp), (u32, u32, i64)> = BTreeMap::new();
    let mut coupons: BTreeMap<CouponId, (u32, i64)> = BTreeMap::new();
    let mut uses: BTreeMap<(CouponId, AccountId), u32> = BTreeMap::new();
    let mut tabs: BTreeMap<AccountId, u32> = BTreeMap::new();
    for order in city.orders.values() {
        assert_eq!(order.receipt.checks(), Ok(()), "{:?}", order.receipt);
        assert_eq!(order.placed_receipt().checks(), Ok(()));
        assert!(order.receipt.total <= order.placed_receipt().total, "totals only fall");
        if let Some(held) = &order.holds.slot {
            let slot = slots.entry((order.restaurant_id, held.start)).or_default();
            *slot = (slot.0 + 1, slot.1 + held.dishes, slot.2 + held.money.0);
        }
        if let Some(held) = order.holds.coupon {
            let coupon = coupons.entry(held.coupon_id).or_default();
            *coupon = (coupon.0 + 1, coupon.1 + held.amount.0);
            *uses.entry((held.coupon_id, order.customer_id)).or_default() += 1;
        }
        if charged(order) {
            *tabs.entry(order.customer_id).or_default() += 1;
        }
    }
    for (key, slot) in &city.slots {
        let counted = slots.remove(key).unwrap_or_default();
        assert_eq!((slot.orders, slot.dishes, slot.money.0), counted, "{slot:?}");
    }
    // Those that are over are forgotten, and nothing else is.
    assert!(slots.keys().all(|(_, start)| start.plus_ms(crate::time::DAY_MS) <= city.at));
    for (id, coupon) in &city.coupons {
        let counted = coupons.get(id).copied().unwrap_or_default();
        assert_eq!((coupon.used, coupon.spent.0), counted, "{coupon:?}");
        let terms = &coupon.terms;
        assert!(terms.total.is_none_or(|total| coupon.used <= total), "{coupon:?}");
        assert!(terms.budget.is_none_or(|budget| coupon.spent <= budget), "{coupon:?}");
    }
    for ((coupon_id, account_id), used) in &city.coupon_uses {
        let counted = uses.get(&(*coupon_id, *account_id)).copied().unwrap_or(0);
        assert_eq!(used.count, counted, "{used:?}");
        let bound = city.coupons[coupon_id].terms.per_person;
        assert!(bound.is_none_or(|bound| used.count <= bound), "{used:?}");
    }
    for (account_id, tab) in &city.tabs {
        let counted = tabs.get(account_id).copied().unwrap_or(0);
        assert_eq!(tab.charged_orders, counted, "{tab:?}");
        assert!(tab.debt >= Money::ZERO);
    }
}

fn charged(order: &Order) -> bool {
    order.bill.is_some_and(|bill| bill.customer_pays > Money::ZERO)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_is_held_is_what_was_promised(life in life()) {
        let first = live(&life, recount);
        let again = live(&life, |_| {});
        prop_assert_eq!(&first.outcomes, &again.outcomes);
        prop_assert_eq!(&first.city, &again.city);
    }
}
