//! Random lives: whatever is asked in whatever order, some things always hold.
//!
//! A life is a script of random lines over a few names, so that a failing one can be read and tried
//! by hand.

use crate::courier::Courier;
use crate::deadline::{Deadline, Due};
use crate::delivery::{Delivery, DeliveryState, DeliveryStatus};
use crate::ids::{CourierId, RefundId};
use crate::ledger::Holder;
use crate::limits::COURIER_CAPACITY;
use crate::money::Money;
use crate::order::{Order, OrderState, OrderStatus};
use crate::payment::{Payment, PaymentStatus, Purpose, Work};
use crate::refund::RefundStatus;
use crate::script::{MemoryCity, Script};
use crate::{Actor, Command, Event, Verdict};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};

const START: &str = "
    08:00 open    r1 minimum 500
    08:00 open    r2 auto
    08:00 courier carl
    08:00 courier cora
    08:00 courier conny
    08:00 courier carol
";
const COURIERS: [&str; 4] = ["carl", "cora", "conny", "carol"];

/// Everything that can be said of an order, with holes for its name and a courier's.
const LINES: [&str; 58] = [
    "place {o} at r1 by alice: 1 ramen",
    "place {o} at r1 by alice tip 100: 2 gyoza, 1 tea+large",
    "place {o} at r2 by bob: 1 gyoza",
    "place {o} at r2 by bob cash: 3 tea",
    "quote q1 at r1 by alice: 1 ramen",
    "place {o} from q1 by alice",
    "pay {o}",
    "pay {o}",
    "pay {o}",
    "pay {o} declined",
    "accept {o} by r1",
    "accept {o} by r1",
    "reject {o} by r1",
    "start {o} by r1",
    "start {o} by r2",
    "delay {o} by r1 ready 13:30",
    "ready {o} by r1",
    "ready {o} by r2",
    "cancel {o} by alice",
    "cancel {o} by bob",
    "cancel {o} by r1",
    "cancel {o} by op",
    "offer {o} to {c}",
    "offer {o} to {c}",
    "offer {o} to {c}",
    "take {o} by {c}",
    "take {o} by {c}",
    "take {o} by {c}",
    "decline {o} by {c}",
    "drop {o} by {c}",
    "unassign {o} by op",
    "at_store {o} by {c}",
    "pick_up {o} by {c}",
    "pick_up {o} by {c}",
    "at_door {o} by {c}",
    "deliver {o} by {c}",
    "fail {o} by {c} refused",
    "fail {o} by {c}",
    "return {o} by {c}",
    "returned {o} by {c}",
    "returned {o} by {c} code 4321",
    "returned {o} by {c} code 1111",
    "pick_up {o} by {c} code 4321",
    "pick_up {o} by {c} code 2222",
    "contact {o} by {c} event e1",
    "deliver {o} by {c} pin 1234 event e2",
    "deliver {o} by {c} metres 400",
    "direct {o} returning by op",
    "direct {o} returned by op",
    "direct {o} disposed by op",
    "direct {o} disposed by op",
    "direct {o} resumed by op",
    "direct {o} lost by op",
    "rate {o} by alice stars 4 courier 5",
    "rate {o} by bob stars 2",
    "offline {c} by {c}",
    "online {c} by {c}",
    "due -",
];
/// Rarer, because they end much.
const BLOWS: [&str; 6] = [
    "ban {c}",
    "unban {c}",
    "ban alice",
    "unban alice",
    "pause r1 by r1",
    "menu r1 by op: ramen 1300, tea 300, gyoza 600",
];

/// One thing that happens, so many seconds after the one before.
#[derive(Clone, Debug)]
struct Moment {
    later: i64,
    order: u32,
    courier: usize,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Whatever brings the order on; by chance alone few would ever be cooked.
    Push(u8),
    Say(&'static str),
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let what = prop_oneof![
        40 => any::<u8>().prop_map(What::Push),
        15 => (0..LINES.len()).prop_map(|place| What::Say(LINES[place])),
        1 => (0..BLOWS.len()).prop_map(|place| What::Say(BLOWS[place])),
    ];
    let moment = (0..20_i64, 1..=5_u32, 0..COURIERS.len(), what)
        .prop_map(|(later, order, courier, what)| Moment { later, order, courier, what });
    proptest::collection::vec(moment, 1..150)
}

fn live(life: &[Moment], mut look: impl FnMut(&MemoryCity)) -> Script {
    let mut script = Script::new();
    script.run(START);
    let mut second = 9 * 3600;
    for Moment { later, order, courier, what } in life {
        second += later;
        let order = format!("o{order}");
        let courier = COURIERS[*courier];
        let line = match what {
            What::Push(pick) => next_step(&mut script, &order, courier, *pick),
            What::Say(line) => line.replace("{o}", &order).replace("{c}", courier),
        };
        let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        script.line(&format!("{clock} {line}"));
        look(&script.city);
    }
    script
}

/// A step that the order can take where it stands.
fn next_step(script: &mut Script, name: &str, free: &str, pick: u8) -> String {
    let order_id = script.order_id(name);
    let Some(order) = script.city.orders.get(&order_id).cloned() else {
        let pay = if pick.is_multiple_of(2) { "cash" } else { "tip 50" };
        return format!("place {name} at r1 by alice {pay}: 1 ramen");
    };
    let delivery = script.city.deliveries[&order.delivery_id.unwrap()].clone();
    let asked = if let DeliveryStatus::Offering { courier_id, .. } = delivery.status {
        Some(courier_id)
    } else {
        delivery.status.holder()
    };
    let courier = asked.and_then(|id| script.named(&id.to_string())).unwrap_or(free).to_owned();
    let choose = |verbs: &[&str]| verbs[usize::from(pick) % verbs.len()].to_owned();
    let verb = match delivery.status.state() {
        DeliveryState::Waiting if order.status.state() == OrderState::Pending => choose(&["pay"]),
        DeliveryState::Waiting => choose(&["accept"]),
        DeliveryState::Unassigned => choose(&["offer", "offer", "ready"]),
        DeliveryState::Offering => choose(&["take", "take", "take", "decline"]),
        DeliveryState::Assigned => choose(&["at_store", "pick_up", "ready", "ready"]),
        DeliveryState::AtStore => choose(&["pick_up", "ready"]),
        DeliveryState::PickedUp => choose(&["at_door", "deliver", "fail", "fail"]),
        DeliveryState::AtDoor => choose(&["deliver", "deliver", "fail"]),
        DeliveryState::Failed => choose(&["return", "return", "disposed", "lost", "resumed"]),
        DeliveryState::Returning => choose(&["returned", "returned", "disposed", "lost"]),
        DeliveryState::Delivered
        | DeliveryState::Returned
        | DeliveryState::Disposed
        | DeliveryState::Cancelled
        | DeliveryState::Lost => choose(&["pay", "rate"]),
    };
    match verb.as_str() {
        "offer" => format!("offer {name} to {free}"),
        "accept" | "ready" => {
            let kitchen = script.named(&order.restaurant_id.to_string()).unwrap_or("r1");
            format!("{verb} {name} by {kitchen}")
        }
        "pay" => format!("pay {name}"),
        "returned" => format!("returned {name} by {courier} code 4321"),
        "disposed" | "lost" | "resumed" => format!("direct {name} {verb} by op"),
        "fail" if pick > 99 => format!("fail {name} by {courier} refused"),
        "rate" => format!("rate {name} by alice stars {} courier {}", pick % 5 + 1, pick % 3 + 1),
        _ => format!("{verb} {name} by {courier}"),
    }
}

fn check_city(city: &MemoryCity) {
    for order in city.orders.values() {
        let payment = &city.payments[&order.payment_id];
        let delivery = &city.deliveries[&order.delivery_id.unwrap()];
        check_money(order, payment);
        check_way(order, delivery);
        check_deadlines(city, order, delivery);
        check_work(city, payment);
    }
    for courier in city.couriers.values() {
        check_bag(city, courier);
    }
    check_stars(city);
    check_books(city);
}

/// Every entry sums to nothing, the balances are what a recount says, customers owe their debts
/// and what is being taken of them, and of each order's payments one is taken at most.
pub(super) fn check_books(city: &MemoryCity) {
    let mut counted = BTreeMap::<Holder, (i64, u64)>::new();
    for entry in city.ledger.values() {
        assert_eq!(entry.sum(), Money::ZERO, "{entry:?}");
        assert!(!entry.postings.is_empty());
        let holders: BTreeSet<Holder> = entry.postings.iter().map(|p| p.holder).collect();
        for posting in &entry.postings {
            counted.entry(posting.holder).or_default().0 += posting.amount.0;
        }
        for holder in holders {
            counted.entry(holder).or_default().1 += 1;
        }
    }
    let kept = city.balances.values().map(|b| (b.holder, (b.amount.0, b.entries)));
    assert_eq!(kept.collect::<BTreeMap<_, _>>(), counted);
    let mut owed = BTreeMap::<Holder, i64>::new();
    for tab in city.tabs.values() {
        *owed.entry(Holder::Customer(tab.account_id)).or_default() += tab.debt.0;
    }
    for payment in city.payments.values() {
        let customer = owed.entry(Holder::Customer(payment.customer_id)).or_default();
        if payment.status == PaymentStatus::Capturing && payment.purpose == Purpose::Order {
            *customer += payment.to_capture.0;
        }
        if let Some(refund) = city.refunds.get(&RefundId::of_unowed(payment.id)) {
            let back = refund.status == RefundStatus::Done;
            *customer -= if back { 0 } else { refund.amount.0 };
        }
    }
    for (holder, owed) in owed {
        let balance = city.balances.get(&holder).map_or(0, |balance| balance.amount.0);
        assert_eq!(balance, owed, "{holder}");
    }
    for order in city.orders.values() {
        check_captures(city, order);
    }
}

/// At most one payment of an order is taken, and for an eaten one exactly one, or cash, or a debt.
fn check_captures(city: &MemoryCity, order: &Order) {
    let taken = order.attempts.iter().filter(|id| {
        let payment = &city.payments[*id];
        let refund = city.refunds.get(&RefundId::of_unowed(payment.id));
        let unowed = refund.is_some_and(|refund| refund.amount == payment.to_capture);
        let taken = matches!(
            payment.status,
            PaymentStatus::Capturing
                | PaymentStatus::Captured
                | PaymentStatus::Disputed
                | PaymentStatus::Lost
                | PaymentStatus::CashCollected
        );
        taken && !unowed
    });
    let taken = taken.count();
    let pays = order.bill.as_ref().map_or(Money::ZERO, |bill| bill.customer_pays);
    assert!(taken <= 1, "{:?}", order.id);
    assert!(taken == 0 || pays > Money::ZERO, "{:?}", order.id);
    if pays > Money::ZERO && taken == 0 {
        let id = order.id;
        let owes = |event: &Event| {
            let debt = matches!(event, Event::DebtAdded { .. });
            debt && event.order_id() == Some(id)
        };
        let owes = city.feed.iter().any(|(_, event)| owes(event));
        assert!(owes, "{:?}", order.id);
    }
}

/// What is taken was set aside, and money never stays on a dead order.
fn check_money(order: &Order, payment: &Payment) {
    let receipt = &order.receipt;
    assert_eq!(payment.amount, receipt.total);
    assert!(Money::ZERO <= payment.to_capture && payment.to_capture <= payment.amount);
    let ended = order.status.state().is_terminal();
    assert!(!ended || payment.status != PaymentStatus::Authorized, "{order:?}");
    assert!(!ended || payment.status != PaymentStatus::CashDue, "{order:?}");
    match payment.status {
        PaymentStatus::Capturing | PaymentStatus::Captured => {
            assert!(ended && payment.to_capture > Money::ZERO);
        }
        PaymentStatus::Voiding | PaymentStatus::Voided => {
            assert!(ended && payment.to_capture == Money::ZERO);
        }
        // An order that waits for its money can wait for another card.
        PaymentStatus::Failed => {
            assert!(ended || matches!(order.status, OrderStatus::Pending { .. }));
            assert_eq!(payment.to_capture, Money::ZERO);
        }
        PaymentStatus::CashCollected => {
            assert_eq!(order.status, OrderStatus::Completed);
        }
        PaymentStatus::Authorized => assert_eq!(payment.to_capture, payment.amount),
        PaymentStatus::None
        | PaymentStatus::CashDue
        | PaymentStatus::Authorizing
        | PaymentStatus::ActionRequired
        | PaymentStatus::Disputed
        | PaymentStatus::Lost => {}
    }
}

/// The order and its delivery tell one story.
fn check_way(order: &Order, delivery: &Delivery) {
    use DeliveryState as D;
    let possible: &[D] = match order.status {
        OrderStatus::Pending { .. } | OrderStatus::Placed { .. } => &[D::Waiting],
        OrderStatus::Accepted | OrderStatus::Preparing | OrderStatus::Ready => {
            &[D::Unassigned, D::Offering, D::Assigned, D::AtStore]
        }
        OrderStatus::HandedOff => &[D::PickedUp, D::AtDoor, D::Failed, D::Returning],
        OrderStatus::Completed => &[D::Delivered],
        OrderStatus::Rejected { .. } | OrderStatus::Expired => &[D::Cancelled],
        OrderStatus::Cancelled { .. } => &[D::Cancelled, D::Returned, D::Disposed, D::Lost],
        OrderStatus::NoShow => &[D::Returned, D::Disposed],
    };
    let state = delivery.status.state();
    assert!(possible.contains(&state), "{:?} with {state:?}", order.status);
}

/// Exactly the moments that are awaited have a record.
fn check_deadlines(city: &MemoryCity, order: &Order, delivery: &Delivery) {
    let mut awaited = Vec::new();
    match order.status {
        OrderStatus::Pending { pay_by } => awaited.push((pay_by, Due::PayBy(order.id))),
        OrderStatus::Placed { accept_by } => awaited.push((accept_by, Due::AcceptBy(order.id))),
        OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::Ready
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => {}
    }
    if let DeliveryStatus::Offering { expires_at, .. } = delivery.status {
        awaited.push((expires_at, Due::OfferExpires(delivery.id, delivery.fence)));
    }
    let state = delivery.status.state();
    let searching = matches!(state, DeliveryState::Unassigned | DeliveryState::Offering);
    assert_eq!(searching, delivery.no_courier_at.is_some());
    if let Some(moment) = delivery.no_courier_at {
        awaited.push((moment, Due::NoCourier(order.id)));
    }
    assert!(searching || delivery.missing_at.is_none());
    if let Some(moment) = delivery.missing_at {
        awaited.push((moment, Due::CourierMissing(order.id)));
    }
    assert_eq!(state == DeliveryState::Assigned, delivery.no_progress_at.is_some());
    if let Some(moment) = delivery.no_progress_at {
        awaited.push((moment, Due::NoProgress(delivery.id, delivery.fence)));
    }
    let waits = order.status.state() == OrderState::Placed;
    assert!(waits || order.alert.is_none() && order.unanswered_at.is_none());
    assert!(!waits || order.alert.is_some() || order.unanswered_at.is_some());
    if let Some(alert) = order.alert {
        awaited.push((alert.due_at, Due::Alert(order.id, alert.step)));
    }
    awaited.sort_unstable();
    let about = [order.id.to_string(), delivery.id.to_string()];
    let kept: Vec<_> = city
        .deadlines
        .iter()
        .filter(|deadline| about.contains(&deadline.due.subject()))
        // Nobody waits for what a ban leads to: that is read from the city when it happens.
        .filter(|deadline| !matches!(deadline.due, Due::BanAftermath(_)))
        .map(|deadline| (deadline.due_at, deadline.due))
        .collect();
    assert_eq!(kept, awaited);
}

/// The gateway is asked exactly where an answer is waited for, and once.
fn check_work(city: &MemoryCity, payment: &Payment) {
    let payment_id = payment.id;
    let open: Vec<&Work> = city
        .works
        .values()
        .map(AsRef::as_ref)
        .filter(|work| work.payment_id() == payment_id)
        .collect();
    let awaited = match payment.status {
        PaymentStatus::Authorizing => vec![Work::Authorize { payment_id }],
        PaymentStatus::ActionRequired => vec![Work::Confirm { payment_id }],
        PaymentStatus::Capturing => vec![Work::Capture { payment_id }],
        PaymentStatus::Voiding => vec![Work::Void { payment_id }],
        PaymentStatus::None
        | PaymentStatus::CashDue
        | PaymentStatus::CashCollected
        | PaymentStatus::Failed
        | PaymentStatus::Authorized
        | PaymentStatus::Captured
        | PaymentStatus::Voided
        | PaymentStatus::Disputed
        | PaymentStatus::Lost => vec![],
    };
    assert_eq!(open, awaited.iter().collect::<Vec<_>>());
}

/// A courier's record and the deliveries say the same, so nothing has two holders.
fn check_bag(city: &MemoryCity, courier: &Courier) {
    let (mut carried, mut offered) = (Vec::new(), None);
    for delivery in city.deliveries.values() {
        if is_carried(delivery) == Some(courier.id) {
            carried.push(delivery.id);
        }
        if matches!(delivery.status,
            DeliveryStatus::Offering { courier_id, .. } if courier_id == courier.id)
        {
            assert_eq!(offered, None, "two offers at once");
            offered = Some(delivery.id);
        }
    }
    assert_eq!(courier.carrying.iter().copied().collect::<Vec<_>>(), carried);
    assert_eq!(courier.offered, offered);
    assert!(carried.len() <= COURIER_CAPACITY as usize);
    assert!(courier.online || courier.offered.is_none());
}

fn is_carried(delivery: &Delivery) -> Option<CourierId> {
    match delivery.status {
        DeliveryStatus::Assigned { courier_id }
        | DeliveryStatus::AtStore { courier_id }
        | DeliveryStatus::PickedUp { courier_id }
        | DeliveryStatus::AtDoor { courier_id }
        | DeliveryStatus::Failed { courier_id, .. }
        | DeliveryStatus::Returning { courier_id } => Some(courier_id),
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => None,
    }
}

/// Sums and counts are those of the ratings that there are, but for those of the banned.
fn check_stars(city: &MemoryCity) {
    let mut restaurants = BTreeMap::new();
    let mut couriers = BTreeMap::new();
    for rating in city.ratings.values().filter(|rating| !rating.withdrawn) {
        let entry = restaurants.entry(rating.restaurant_id).or_insert((0_u64, 0_u64));
        *entry = (entry.0 + u64::from(rating.stars.restaurant), entry.1 + 1);
        if let (Some(courier_id), Some(stars)) = (rating.courier_id, rating.stars.courier) {
            let entry = couriers.entry(courier_id).or_insert((0_u64, 0_u64));
            *entry = (entry.0 + u64::from(stars), entry.1 + 1);
        }
    }
    for restaurant in city.restaurants.values() {
        let counted = restaurants.get(&restaurant.id).copied().unwrap_or_default();
        assert_eq!((restaurant.rating_sum, restaurant.rating_count), counted);
    }
    for courier in city.couriers.values() {
        let counted = couriers.get(&courier.id).copied().unwrap_or_default();
        assert_eq!((courier.rating_sum, courier.rating_count), counted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_life_keeps_its_promises_and_replays_the_same(life in life()) {
        let first = live(&life, check_city);
        let again = live(&life, |_| {});
        prop_assert_eq!(&first.outcomes, &again.outcomes);
        prop_assert_eq!(&first.city, &again.city);
    }

    /// A no writes nothing, and a yes without a change neither.
    #[test]
    fn only_a_change_writes(life in life()) {
        let script = live(&life, |_| {});
        for (place, outcome) in script.outcomes.iter().enumerate() {
            let quiet = outcome.writes.is_empty() && outcome.events.is_empty();
            match outcome.verdict {
                Verdict::Yes { changed: true, index } => {
                    prop_assert!(!outcome.writes.is_empty());
                    prop_assert_eq!(index, place as u64 + 1);
                }
                Verdict::Yes { changed: false, index } => {
                    prop_assert!(quiet);
                    prop_assert!(index <= place as u64);
                }
                Verdict::No(_) => prop_assert!(quiet),
            }
        }
    }

    /// Time brings every life to its end: no record waits for ever, no deadline fires in vain.
    #[test]
    fn every_deadline_leads_on(life in life()) {
        let mut script = live(&life, |_| {});
        for _ in 0..1_000 {
            // A gateway that never answers is told of again and again; only its word ends that.
            let stuck = |d: &Deadline| matches!(d.due, Due::MoneyStuck(_));
            if script.city.deadlines.iter().all(stuck) {
                break;
            }
            let Some(deadline) = script.city.deadlines.first().copied() else { break };
            let at = deadline.due_at.max(script.city.at);
            let fired = script.propose(at, Actor::System, Command::FireDeadline(deadline));
            let led_on = matches!(fired.verdict, Verdict::Yes { changed: true, .. });
            prop_assert!(led_on, "{:?}: {:?}", deadline, fired);
            prop_assert!(!script.city.deadlines.contains(&deadline));
            check_city(&script.city);
        }
        for deadline in &script.city.deadlines {
            let waits = script.city.payments.values().any(|payment| {
                deadline.due == Due::MoneyStuck(payment.id)
                    && payment.stuck_at == Some(deadline.due_at)
                    && payment.work.is_some()
            });
            prop_assert!(waits, "{:?}", deadline);
        }
        for order in script.city.orders.values() {
            let state = order.status.state();
            let delivery = &script.city.deliveries[&order.delivery_id.unwrap()];
            let held = delivery.status.holder().is_some();
            prop_assert!(state.is_terminal() || held, "{state:?} waits for nobody");
        }
    }
}

/// Random lives would promise little if they never came far.
#[test]
fn lives_come_to_every_state() {
    let mut runner = TestRunner::deterministic();
    let mut orders = BTreeMap::<OrderState, u32>::new();
    let mut deliveries = BTreeMap::<DeliveryState, u32>::new();
    for _ in 0..200 {
        let life = life().new_tree(&mut runner).expect("a life").current();
        live(&life, |city| {
            for order in city.orders.values() {
                *orders.entry(order.status.state()).or_default() += 1;
            }
            for delivery in city.deliveries.values() {
                *deliveries.entry(delivery.status.state()).or_default() += 1;
            }
        });
    }
    let often = |count: Option<&u32>| count.is_some_and(|count| *count > 100);
    let rare: Vec<_> = OrderState::ALL.iter().filter(|s| !often(orders.get(s))).collect();
    assert!(rare.is_empty(), "{orders:?}");
    let rare: Vec<_> = DeliveryState::ALL.iter().filter(|s| !often(deliveries.get(s))).collect();
    assert!(rare.is_empty(), "{deliveries:?}");
}
