//! Whatever kitchens and buyers do in whatever order, no portion is sold twice or lost.

use crate::ids::RestaurantId;
use crate::order::{Order, OrderState};
use crate::script::{MemoryCity, Script};
use crate::stock::{StockTarget, Supply};
use crate::{Event, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Everything that moves portions, with holes for an order's name and a number.
const LINES: [&str; 26] = [
    "stock r1: ramen {n}, gyoza {n}",
    "stock r1: tea {n}, side_gyoza {n}",
    "stock r1 reset: ramen {n}",
    "stock r1: gyoza out",
    "stock r1 until {t}: gyoza {n}, large hidden",
    "stock r1 until {t}: ramen out, tea {n}",
    "stock r1: ramen in, gyoza in, large {n}",
    "place {o} at r1 by alice cash: {n} ramen",
    "place {o} at r1 by bob cash: 1 ramen, 1 tea+large",
    "place {o} at r1 by alice: 2 combo+side_gyoza, 1 gyoza",
    "place {o} at r1 by alice cash: 1 combo+side_gyoza, 2 combo+side_tea",
    "place {o} at r1 by bob cash: {n} tea",
    "place {o} at r1 by bob slot 36:00: 1 gyoza",
    "pay {o}",
    "pay {o} declined",
    "accept {o} by r1",
    "accept {o} by r1",
    "reject {o} by r1",
    "has_none {o} by r1: 0",
    "start {o} by r1",
    "start {o} by r1",
    "ready {o} by r1",
    "cancel {o} by alice",
    "cancel {o} by bob",
    "cancel {o} by r1",
    "due -",
];

#[derive(Clone, Debug)]
struct Moment {
    later: i64,
    order: u32,
    number: u32,
    line: &'static str,
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let later = prop_oneof![5 => 0..60_i64, 1 => 60..900_i64];
    let line = (0..LINES.len()).prop_map(|place| LINES[place]);
    let moment = (later, 1..=12_u32, 0..5_u32, line)
        .prop_map(|(later, order, number, line)| Moment { later, order, number, line });
    proptest::collection::vec(moment, 1..120)
}

fn clock(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn live(life: &[Moment], mut look: impl FnMut(&MemoryCity)) -> Script {
    let mut script = Script::new();
    script.run("08:00 open r1\n08:00 combo r1");
    let mut second = 9 * 3600;
    for Moment { later, order, number, line } in life {
        second += later;
        let line = line
            .replace("{o}", &format!("o{order}"))
            .replace("{n}", &number.to_string())
            .replace("{t}", &clock(second + 300));
        script.line(&format!("{} {line}", clock(second)));
        look(&script.city);
    }
    // Two days on, every end that was set has come.
    script.line("81:00 due -");
    look(&script.city);
    script
}

/// Portions that open orders hold which the kitchen has not begun.
fn held(city: &MemoryCity) -> BTreeMap<(RestaurantId, StockTarget), u32> {
    let mut held = BTreeMap::new();
    for order in city.orders.values().filter(|order| waits_for_the_pan(order)) {
        for hold in &order.holds.stock {
            *held.entry((order.restaurant_id, hold.target)).or_default() += hold.quantity;
        }
    }
    held
}

fn waits_for_the_pan(order: &Order) -> bool {
    let waits = match order.status.state() {
        OrderState::Pending | OrderState::Placed | OrderState::Accepted => true,
        OrderState::Preparing
        | OrderState::Ready
        | OrderState::HandedOff
        | OrderState::Completed
        | OrderState::Rejected
        | OrderState::Expired
        | OrderState::Cancelled
        | OrderState::NoShow => false,
    };
    assert!(!waits || !order.holds.cooked, "{order:?}");
    waits
}

fn check_stock(city: &MemoryCity) {
    let held = held(city);
    for (key, stock) in &city.stocks {
        let counted = i64::from(stock.free) + i64::from(stock.reserved);
        assert_eq!(stock.added, counted + i64::try_from(stock.sold).unwrap(), "{stock:?}");
        assert_eq!(stock.reserved, held.get(key).copied().unwrap_or(0), "{stock:?}");
        let awaited = city.deadlines.iter().filter(|deadline| {
            deadline.due == crate::deadline::Due::StockReturns(stock.restaurant_id, stock.target)
        });
        let awaited: Vec<_> = awaited.map(|deadline| deadline.due_at).collect();
        assert_eq!(awaited, stock.returns_at.into_iter().collect::<Vec<_>>(), "{stock:?}");
        assert!(stock.supply != Supply::InStock || stock.returns_at.is_none());
    }
    assert!(held.keys().all(|key| city.stocks.contains_key(key)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_portion_is_sold_twice_or_lost(life in life()) {
        let first = live(&life, check_stock);
        let again = live(&life, |_| {});
        prop_assert_eq!(&first.outcomes, &again.outcomes);
        prop_assert_eq!(&first.city, &again.city);
        for stock in first.city.stocks.values() {
            prop_assert_eq!(stock.returns_at, None, "it did not come back: {:?}", stock);
        }
        for outcome in &first.outcomes {
            let told = outcome.events.iter().filter(|e| matches!(e, Event::StockChanged { .. }));
            prop_assert!(told.count() <= 1);
            if matches!(outcome.verdict, Verdict::No(_)) {
                prop_assert!(outcome.writes.is_empty());
            }
        }
    }
}
