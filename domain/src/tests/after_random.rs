//! Random lives after placing: proposals, refunds, claims and cancellations in whatever order leave
//! the money and the portions exactly counted, and nobody waits for ever.

use crate::claim::ClaimStatus;
use crate::deadline::Due;
use crate::ids::RestaurantId;
use crate::limits::ORDER_REFUNDS;
use crate::money::Money;
use crate::order::{Order, OrderState};
use crate::payment::{Payment, PaymentStatus, Work};
use crate::refund::RefundStatus;
use crate::script::{MemoryCity, Script};
use crate::stock::StockTarget;
use crate::{Actor, Command, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

const START: &str = "
    08:00 open    r1
    08:00 grant   boss at r1 manager
    08:00 courier carl
    08:00 courier cora
    08:00 allergens r1: gyoza Milk
    08:00 stock   r1: ramen 9, gyoza 6, tea 9, large 3
";
const LINES: [&str; 44] = [
    "place {o} at r1 by alice: 2 ramen, 1 tea",
    "place {o} at r1 by alice or_substitute tip 100: 1 ramen, 2 tea+large",
    "place {o} at r1 by alice or_nothing cash: 3 ramen, 1 gyoza",
    "pay {o}",
    "pay {o}",
    "pay {o}",
    "pay {o} declined",
    "accept {o} by r1",
    "accept {o} by r1",
    "accept {o} by r1",
    "start {o} by r1",
    "ready {o} by r1",
    "ready {o} by r1",
    "propose {o} line {n} remove",
    "propose {o} line {n} fewer 1",
    "propose {o} line {n}: 1 gyoza",
    "propose {o} line {n}: 1 tea",
    "propose {o} line {n}: 2 tea+large",
    "answer {o} accept",
    "answer {o} accept seen {n}",
    "answer {o} refuse",
    "answer {o} cancel_line",
    "answer {o} cancel_order",
    "cancel {o} by alice",
    "cancel {o} by r1",
    "cancel {o} by op",
    "offer {o} to carl",
    "offer {o} to cora",
    "take {o} by carl",
    "take {o} by cora",
    "pick_up {o} by carl",
    "pick_up {o} by cora",
    "deliver {o} by carl",
    "deliver {o} by cora",
    "refund {o} as {o}r{n} amount 400",
    "refund {o} as {o}r{n}: 1 of {n}",
    "claim {o} as {o}c{n} missing: 1 of {n}",
    "claim {o} as {o}c{n} never_came",
    "claim {o} as {o}c{n} late",
    "concede {o}c{n} by boss",
    "contest {o}c{n} by boss",
    "settle {o}c{n} courier as {o}r{n} amount 300",
    "settle {o}c{n} amount 0",
    "due -",
];

#[derive(Clone, Debug)]
struct Moment {
    later: i64,
    order: u32,
    number: u32,
    /// Nothing: whatever brings the order on.
    line: Option<&'static str>,
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let line = prop_oneof![
        3 => Just(None),
        1 => (0..LINES.len()).prop_map(|place| Some(LINES[place])),
    ];
    let moment = (0..60_i64, 1..=3_u32, 0..3_u32, line)
        .prop_map(|(later, order, number, line)| Moment { later, order, number, line });
    proptest::collection::vec(moment, 1..120)
}

/// The next plain step of an order.
fn push(script: &mut Script, name: &str, number: u32) -> String {
    let order_id = script.order_id(name);
    let Some(order) = script.city.orders.get(&order_id) else {
        return format!("place {name} at r1 by alice: 2 ramen, 1 tea");
    };
    let delivery = order.delivery_id.map(|id| script.city.deliveries[&id].status);
    let free = delivery.is_none_or(|status| status.holder().is_none());
    match order.status.state() {
        OrderState::Pending => format!("pay {name}"),
        OrderState::Placed => format!("accept {name} by r1"),
        OrderState::Accepted if number == 0 => format!("start {name} by r1"),
        OrderState::Accepted | OrderState::Preparing if number == 1 => {
            format!("propose {name} line 0: 1 gyoza")
        }
        OrderState::Accepted | OrderState::Preparing => format!("ready {name} by r1"),
        OrderState::Ready if free && number == 0 => format!("take {name} by carl"),
        OrderState::Ready if free => format!("offer {name} to carl"),
        OrderState::Ready => format!("pick_up {name} by carl"),
        OrderState::HandedOff => format!("deliver {name} by carl"),
        OrderState::Completed
        | OrderState::Rejected
        | OrderState::Expired
        | OrderState::Cancelled
        | OrderState::NoShow => match number {
            0 => format!("pay {name}"),
            1 if order.claims.is_empty() => {
                format!("claim {name} as {name}c1 quality: 1 of 0")
            }
            1 => format!("concede {name}c1 by boss"),
            _ => format!("refund {name} as {name}r2 amount 250"),
        },
    }
}

fn live(life: &[Moment], mut look: impl FnMut(&MemoryCity)) -> Script {
    let mut script = Script::new();
    script.run(START);
    let mut second = 9 * 3600;
    for Moment { later, order, number, line } in life {
        second += later;
        let order = format!("o{order}");
        let line = match line {
            None => push(&mut script, &order, *number),
            Some(line) => line.replace("{o}", &order).replace("{n}", &number.to_string()),
        };
        let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        script.line(&format!("{clock} {line}"));
        look(&script.city);
    }
    script
}

fn check(city: &MemoryCity) {
    for order in city.orders.values() {
        let payment = &city.payments[&order.payment_id];
        check_receipt(order);
        check_money(order, payment);
        check_refunds(city, order, payment);
        check_claims(city, order, payment);
        check_deadlines(city, order);
    }
    check_portions(city);
    super::random::check_books(city);
    super::quality::check_quality(city);
}

/// Totals only fall, and each change of the receipt has its number.
fn check_receipt(order: &Order) {
    let first = order.placed_receipt();
    assert!(order.receipt.total <= first.total);
    assert_eq!(first.revision, 0);
    assert_eq!(order.first_receipt.is_some(), order.receipt.revision > 0);
    assert!(!order.receipt.lines.is_empty());
    let lines: i64 = order.receipt.lines.iter().map(|line| line.total.0).sum();
    assert_eq!(lines, order.receipt.dishes.0);
    if order.awaits_answer() {
        let state = order.status.state();
        assert!(matches!(state, OrderState::Accepted | OrderState::Preparing), "{state:?}");
    }
}

/// While an order is under way exactly its total will be taken.
fn check_money(order: &Order, payment: &Payment) {
    let total = order.receipt.total;
    match payment.status {
        PaymentStatus::Authorized | PaymentStatus::CashDue => assert_eq!(payment.to_capture, total),
        PaymentStatus::Capturing | PaymentStatus::Captured | PaymentStatus::CashCollected => {
            assert!(Money::ZERO < payment.to_capture && payment.to_capture <= total);
            assert_eq!(order.bill.map(|bill| bill.customer_pays), Some(payment.to_capture));
        }
        PaymentStatus::None
        | PaymentStatus::Authorizing
        | PaymentStatus::ActionRequired
        | PaymentStatus::Failed
        | PaymentStatus::Voiding
        | PaymentStatus::Voided
        | PaymentStatus::Disputed
        | PaymentStatus::Lost => {}
    }
}

/// The payment's sums are those of the refunds, and the gateway is asked once for each.
fn check_refunds(city: &MemoryCity, order: &Order, payment: &Payment) {
    let (mut going, mut gone, mut asked) = (0, 0, Vec::new());
    for refund in city.refunds.values().filter(|refund| refund.order_id == order.id) {
        assert!(order.refunds.contains(&refund.id) && refund.amount > Money::ZERO);
        match refund.status {
            RefundStatus::Pending => {
                going += refund.amount.0;
                asked.push(Work::Refund { payment_id: payment.id, refund_id: refund.id });
            }
            RefundStatus::Done | RefundStatus::ByHand => gone += refund.amount.0,
            RefundStatus::Failed => {}
        }
    }
    assert_eq!((payment.refunding.0, payment.refunded.0), (going, gone));
    assert!(going + gone <= payment.to_capture.0);
    assert!(order.refunds.len() <= ORDER_REFUNDS);
    let open = city.works.values().filter(|work| work.payment_id() == payment.id);
    let open: Vec<&Work> =
        open.map(AsRef::as_ref).filter(|work| matches!(work, Work::Refund { .. })).collect();
    if payment.status == PaymentStatus::Captured {
        assert_eq!(open.len(), asked.len());
        assert!(asked.iter().all(|work| open.contains(&work)));
    } else {
        assert!(open.is_empty(), "nothing goes back before it was taken");
    }
}

/// No line is claimed beyond what was bought, and what was settled was given.
fn check_claims(city: &MemoryCity, order: &Order, payment: &Payment) {
    let mut claimed = BTreeMap::<u32, u32>::new();
    for id in &order.claims {
        let claim = &city.claims[id];
        assert!(claim.asked <= payment.amount);
        for line in &claim.lines {
            *claimed.entry(line.line).or_default() += line.quantity;
        }
        match claim.status {
            ClaimStatus::Settled { amount, fault, refund_id } => {
                assert_eq!(refund_id.is_some(), amount > Money::ZERO);
                if let Some(id) = refund_id {
                    let refund = &city.refunds[&id];
                    assert_eq!((refund.amount, refund.fault), (amount, fault));
                }
            }
            ClaimStatus::Open { .. } | ClaimStatus::Contested | ClaimStatus::Refused => {}
        }
    }
    for (line, quantity) in claimed {
        assert!(quantity <= order.receipt.lines[line as usize].quantity);
    }
}

/// Exactly what is awaited has a deadline.
fn check_deadlines(city: &MemoryCity, order: &Order) {
    let answer_by = order.substitution.as_ref().map(|open| open.answer_by);
    let awaited = |due| {
        let found = city.deadlines.iter().filter(|it| it.due == due).map(|it| it.due_at);
        found.collect::<Vec<_>>()
    };
    let expected: Vec<_> = answer_by.into_iter().collect();
    assert_eq!(awaited(Due::SubstitutionBy(order.id)), expected);
    for id in &order.claims {
        let expected = match city.claims[id].status {
            ClaimStatus::Open { answer_by } => vec![answer_by],
            ClaimStatus::Contested | ClaimStatus::Settled { .. } | ClaimStatus::Refused => vec![],
        };
        assert_eq!(awaited(Due::ClaimAnswerBy(*id)), expected);
    }
}

/// Every portion is free, held by an order or a proposal, or in the pan.
fn check_portions(city: &MemoryCity) {
    let mut held = BTreeMap::<(RestaurantId, StockTarget), u32>::new();
    for order in city.orders.values() {
        let proposed = order.substitution.iter().flat_map(|open| &open.holds);
        let own = order.holds.stock.iter().filter(|_| !order.holds.cooked);
        for hold in own.chain(proposed) {
            *held.entry((order.restaurant_id, hold.target)).or_default() += hold.quantity;
        }
    }
    for (key, stock) in &city.stocks {
        let counted = i64::from(stock.free) + i64::from(stock.reserved);
        assert_eq!(stock.added, counted + i64::try_from(stock.sold).unwrap(), "{stock:?}");
        assert_eq!(stock.reserved, held.get(key).copied().unwrap_or(0), "{stock:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn money_and_portions_are_exact(life in life()) {
        let first = live(&life, check);
        let again = live(&life, |_| {});
        prop_assert_eq!(&first.outcomes, &again.outcomes);
        prop_assert_eq!(&first.city, &again.city);
        for outcome in &first.outcomes {
            if matches!(outcome.verdict, Verdict::No(_)) {
                prop_assert!(outcome.writes.is_empty() && outcome.events.is_empty());
            }
        }
    }

    /// Whatever is awaited leads on when its moment comes, and then nobody waits any more.
    #[test]
    fn every_deadline_leads_on(life in life()) {
        let mut script = live(&life, |_| {});
        for _ in 0..1_000 {
            let Some(deadline) = script.city.deadlines.first().copied() else { break };
            let at = deadline.due_at.max(script.city.at);
            let fired = script.propose(at, Actor::System, Command::FireDeadline(deadline));
            let led_on = matches!(fired.verdict, Verdict::Yes { changed: true, .. });
            prop_assert!(led_on, "{:?}: {:?}", deadline, fired);
            prop_assert!(!script.city.deadlines.contains(&deadline));
            check(&script.city);
        }
        for order in script.city.orders.values() {
            prop_assert!(!order.awaits_answer());
        }
        let open = |claim: &ClaimStatus| matches!(claim, ClaimStatus::Open { .. });
        prop_assert!(!script.city.claims.values().any(|claim| open(&claim.status)));
    }
}

/// Random lives would promise little if they never came far.
#[test]
fn lives_come_to_claims_refunds_and_answers() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut answered, mut replaced, mut settled, mut done) = (0, 0, 0, 0);
    for _ in 0..500 {
        let life = life().new_tree(&mut runner).expect("a life").current();
        let script = live(&life, |_| {});
        for order in script.city.orders.values() {
            answered += u32::from(order.last_answer.is_some());
            replaced += u32::from(order.receipt.revision > 0);
        }
        let claims = script.city.claims.values();
        settled += claims.filter(|it| matches!(it.status, ClaimStatus::Settled { .. })).count();
        let refunds = script.city.refunds.values();
        done += refunds.filter(|it| it.status == RefundStatus::Done).count();
    }
    let often = answered > 50 && replaced > 30 && settled > 20 && done > 20;
    assert!(often, "{answered} {replaced} {settled} {done}");
}
