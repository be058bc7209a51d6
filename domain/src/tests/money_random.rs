//! Random lives of money: a gateway that answers late, twice and in any order, customers with many
//! cards, cash and tips, refunds and disputes. Whatever happens, the books are right, each order is
//! paid for once at most, and the gateway is asked exactly where an answer is waited for.

use crate::money::Money;
use crate::order::OrderState;
use crate::payment::{Payment, PaymentStatus, Purpose, Work};
use crate::script::{MemoryCity, Script};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const START: &str = "
    08:00 open    r1
    08:00 courier carl
    08:00 coupon  OURS fixed 300
    08:00 coupon  THEIRS percent 10 by_restaurant
";
const LINES: [&str; 40] = [
    "place {o} at r1 by alice coupon OURS tip 50: 1 ramen",
    "place {o} at r1 by alice pickup coupon THEIRS: 2 ramen",
    "place {o} at r1 by alice cash: 1 ramen, 1 tea",
    "pay {o} {p}",
    "pay {o} {p}",
    "pay {o} {p} declined",
    "pay {o} {p} action",
    "pay {o} {p} amount 1",
    "retry {o} as {n}",
    "retry {o} as {n}",
    "retry {o} as {n} cash",
    "tip {o} as {n} amount 120",
    "tip {o} as {n} kitchen amount 70",
    "calls {o} {p} event {e} authorized",
    "calls {o} {p} event {e} authorized",
    "calls {o} {p} event {e} action",
    "calls {o} {p} event {e} declined",
    "calls {o} {p} event {e} captured",
    "calls {o} {p} event {e} captured",
    "calls {o} {p} event {e} capture_failed",
    "calls {o} {p} event {e} voided",
    "calls {o} {p} event {e} void_failed",
    "calls {o} {p} event {e} refunded {o}r1",
    "calls {o} {p} event {e} unrefunded {o}r1",
    "calls {o} {p} event {e} disputed d1 amount 200",
    "calls {o} {p} event {e} disputed d2 amount 200",
    "calls {o} {p} event {e} won d1",
    "calls {o} {p} event {e} lost d1",
    "calls {o} {p} event {e} lost d1",
    "calls {o} {p} event {e} lost d2",
    "refund {o} as {o}r1 amount 300",
    "refund {o} as {o}r2 amount 111",
    "cancel {o} by alice",
    "cancel {o} by r1",
    "cancel {o} by op operator",
    "fail {o} by carl refused",
    "direct {o} disposed by op",
    "hand_over {o} by op",
    "clear alice debt 1598",
    "due -",
];

#[derive(Clone, Debug)]
struct Moment {
    later: i64,
    order: u32,
    payment: u32,
    event: u32,
    /// Nothing: whatever brings the order on.
    line: Option<&'static str>,
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let line = prop_oneof![
        3 => Just(None),
        2 => (0..LINES.len()).prop_map(|place| Some(LINES[place])),
    ];
    let moment = (0..90_i64, 1..=4_u32, 0..4_u32, 0..60_u32, line).prop_map(
        |(later, order, payment, event, line)| Moment { later, order, payment, event, line },
    );
    proptest::collection::vec(moment, 1..140)
}

/// The next plain step of an order.
fn push(script: &mut Script, name: &str, pick: u32) -> String {
    let order_id = script.order_id(name);
    let Some(order) = script.city.orders.get(&order_id) else {
        let cash = if pick.is_multiple_of(4) { " cash" } else { "" };
        return format!("place {name} at r1 by alice{cash}: 1 ramen");
    };
    let carried = order.delivery_id.map(|id| script.city.deliveries[&id].status);
    let asked = carried.is_some_and(|status| status.holder().is_some());
    let offered = script.city.couriers.values().any(|courier| courier.offered.is_some());
    match order.status.state() {
        OrderState::Pending if pick.is_multiple_of(4) => format!("pay {name} action"),
        OrderState::Pending => format!("pay {name}"),
        OrderState::Placed => format!("accept {name} by r1"),
        OrderState::Accepted | OrderState::Preparing => format!("ready {name} by r1"),
        OrderState::Ready if carried.is_none() => format!("hand_over {name} by op"),
        OrderState::Ready if asked => format!("pick_up {name} by carl"),
        OrderState::Ready if offered => format!("take {name} by carl"),
        OrderState::Ready => format!("offer {name} to carl"),
        OrderState::HandedOff => format!("deliver {name} by carl"),
        OrderState::Completed
        | OrderState::Rejected
        | OrderState::Expired
        | OrderState::Cancelled
        | OrderState::NoShow => match pick % 8 {
            0..5 => format!("pay {name}"),
            5 => format!("calls {name} event {pick} disputed d1 amount 200"),
            6 => format!("calls {name} event {pick} lost d1"),
            _ => format!("tip {name} as {name}p2 amount 90"),
        },
    }
}

fn live(life: &[Moment], mut look: impl FnMut(&MemoryCity)) -> Script {
    println!("--");
    let mut script = Script::new();
    script.run(START);
    let mut second = 9 * 3600;
    for Moment { later, order, payment, event, line } in life {
        second += later;
        let order = format!("o{order}");
        // The present attempt of the order, or one of three others that it may have.
        let named = format!("{order}p{payment}");
        let chosen = if *payment == 0 { String::new() } else { format!("of {named}") };
        let line = match line {
            None => push(&mut script, &order, *event),
            Some(line) => line
                .replace("{o}", &order)
                .replace("{p}", &chosen)
                .replace("{n}", &named)
                .replace("{e}", &format!("e{event}")),
        };
        let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        println!("{clock} {line}");
        script.line(&format!("{clock} {line}"));
        look(&script.city);
    }
    script
}

fn check(city: &MemoryCity) {
    super::random::check_books(city);
    for payment in city.payments.values() {
        check_payment(city, payment);
    }
}

fn check_payment(city: &MemoryCity, payment: &Payment) {
    let open: Vec<&Work> = city
        .works
        .values()
        .map(AsRef::as_ref)
        .filter(|work| work.payment_id() == payment.id && !matches!(work, Work::Refund { .. }))
        .collect();
    let payment_id = payment.id;
    let awaited = match payment.status {
        PaymentStatus::Authorizing => Some(Work::Authorize { payment_id }),
        PaymentStatus::ActionRequired => Some(Work::Confirm { payment_id }),
        PaymentStatus::Capturing => Some(Work::Capture { payment_id }),
        PaymentStatus::Voiding => Some(Work::Void { payment_id }),
        PaymentStatus::None
        | PaymentStatus::CashDue
        | PaymentStatus::CashCollected
        | PaymentStatus::Failed
        | PaymentStatus::Authorized
        | PaymentStatus::Captured
        | PaymentStatus::Voided
        | PaymentStatus::Disputed
        | PaymentStatus::Lost => None,
    };
    assert_eq!(open, awaited.iter().collect::<Vec<_>>(), "{payment:?}");
    assert_eq!(payment.work.is_some(), awaited.is_some(), "{payment:?}");
    assert!(payment.refunded.0 + payment.refunding.0 <= payment.to_capture.0, "{payment:?}");
    let order = &city.orders[&payment.order_id];
    let current = order.payment_id == payment.id;
    if payment.status == PaymentStatus::Authorized {
        assert!(current && !order.status.state().is_terminal(), "{payment:?}");
        assert_eq!(payment.purpose, Purpose::Order);
    }
    assert!(payment.refunded >= Money::ZERO && payment.refunding >= Money::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_books_are_right_whatever_the_gateway_says(life in life()) {
        let first = live(&life, check);
        let again = live(&life, |_| {});
        prop_assert_eq!(&first.city, &again.city);
    }
}

/// Random lives would promise little if they never came far.
#[test]
fn money_comes_to_every_state() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::<PaymentStatus, u32>::new();
    for _ in 0..200 {
        let life = life().new_tree(&mut runner).expect("a life").current();
        live(&life, |city| {
            for payment in city.payments.values() {
                *seen.entry(payment.status).or_default() += 1;
            }
        });
    }
    // Nothing costs nothing here; that state has no life.
    let rare: Vec<_> = PaymentStatus::ALL
        .iter()
        .filter(|status| **status != PaymentStatus::None)
        .filter(|status| seen.get(status).is_none_or(|count| *count < 20))
        .collect();
    assert!(rare.is_empty(), "{seen:?}");
}
