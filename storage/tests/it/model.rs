//! Storage against the domain's own city in memory: whatever happens in a city, in batches of
//! whatever size, over restarts and snapshots, both say the same afterwards.

use crate::city::{City, proposal};
use domain::deadline::Deadline;
use domain::delivery::DeliveryState;
use domain::script::{MemoryCity, Script};
use domain::time::Timestamp;
use domain::{Event, Outcome, Stamp, View};
use proptest::prelude::*;
use std::collections::BTreeSet;
use storage::{Cursor, PAGE, TASKS};

/// What can be said of an order; most of it is refused, depending on what was said before.
const WORDS: [&str; 26] = [
    "place o at r1 by alice: 2 ramen",
    "place o at r1 by bob tip 100: 1 ramen, 1 tea+large",
    "pay o",
    "pay o",
    "accept o by r1",
    "accept o by r1",
    "reject o by r1",
    "start o by r1",
    "ready o by r1",
    "cancel o by alice",
    "offer o to carl",
    "offer o to dora",
    "take o by carl",
    "take o by dora",
    "decline o by carl",
    "drop o by carl",
    "at_store o by carl",
    "pick_up o by carl",
    "at_door o by carl",
    "deliver o by carl",
    "rate o by alice stars 4",
    "due -",
    "address o of alice says home",
    "unaddress o of alice",
    "card o of alice says visa",
    "uncard o of alice",
];

#[derive(Clone, Debug)]
enum Between {
    Nothing,
    Reopen,
    Snapshot,
}

fn lines() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((0..WORDS.len(), 1..4u8), 20..120)
}

fn chunks() -> impl Strategy<Value = Vec<(usize, Between)>> {
    let between = prop_oneof![
        6 => Just(Between::Nothing),
        1 => Just(Between::Reopen),
        1 => Just(Between::Snapshot),
    ];
    prop::collection::vec((1..30usize, between), 1..8)
}

fn happened(lines: &[(usize, u8)]) -> Script {
    let mut script = Script::new();
    script.run("11:00:00 open r1\n11:00:00 courier carl\n11:00:00 courier dora");
    for (number, (word, order)) in lines.iter().enumerate() {
        let (minute, second) = (number / 4 % 60, number % 4 * 15);
        let words = WORDS[*word].replacen(" o", &format!(" o{order}"), 1);
        script.line(&format!("12:{minute:02}:{second:02} {words}"));
    }
    script
}

fn replay(city: &mut City, outcomes: &[Outcome]) {
    let mut batch = city.writer.begin();
    for outcome in outcomes {
        city.index += 1;
        let stamp = Stamp { index: city.index, at: Timestamp(city.index as i64) };
        batch.record(&stamp, b"entry", &proposal(), outcome.clone()).unwrap();
    }
    city.commit(batch);
}

/// Installs the city's own snapshot, as if it came from a leader that is as far.
fn through_snapshot(city: &City) {
    let snapshot = city.dir.path().join(format!("snapshot-{}", city.index));
    city.writer.checkpoint(&snapshot).unwrap();
    city.writer.install(&snapshot).unwrap();
    std::fs::remove_dir_all(snapshot).unwrap();
}

fn same_records(model: &MemoryCity, view: &impl View) {
    assert_eq!(model.city, view.city().unwrap());
    for (id, record) in &model.accounts {
        assert_eq!(Some(record), view.account(*id).unwrap().as_ref());
    }
    for (login, id) in &model.logins {
        assert_eq!(Some(*id), view.account_by_login(*login).unwrap());
    }
    for (id, record) in &model.restaurants {
        assert_eq!(Some(record), view.restaurant(*id).unwrap().as_ref());
    }
    for (id, record) in &model.menus {
        assert_eq!(Some(record), view.menu(*id).unwrap().as_ref());
    }
    for ((restaurant, id), record) in &model.dishes {
        assert_eq!(Some(record), view.dish(*restaurant, *id).unwrap().as_ref());
    }
    for (id, record) in &model.orders {
        assert_eq!(Some(record), view.order(*id).unwrap().as_ref());
    }
    for (id, record) in &model.payments {
        assert_eq!(Some(record), view.payment(*id).unwrap().as_ref());
    }
    for (id, record) in &model.deliveries {
        assert_eq!(Some(record), view.delivery(*id).unwrap().as_ref());
    }
    for (id, record) in &model.couriers {
        assert_eq!(Some(record), view.courier(*id).unwrap().as_ref());
    }
    for (id, record) in &model.ratings {
        assert_eq!(Some(record), view.rating(*id).unwrap().as_ref());
    }
    same_market(model, view);
}

fn same_market(model: &MemoryCity, view: &impl View) {
    assert_eq!(model.terms, view.terms().unwrap());
    for ((restaurant, target), record) in &model.stocks {
        assert_eq!(Some(record), view.stock(*restaurant, *target).unwrap().as_ref());
    }
    for ((restaurant, start), record) in &model.slots {
        assert_eq!(Some(record), view.slot(*restaurant, *start).unwrap().as_ref());
    }
    for (id, record) in &model.coupons {
        assert_eq!(Some(record), view.coupon(*id).unwrap().as_ref());
    }
    for ((coupon, account), record) in &model.coupon_uses {
        assert_eq!(Some(record), view.coupon_use(*coupon, *account).unwrap().as_ref());
    }
    for (id, record) in &model.tabs {
        assert_eq!(Some(record), view.tab(*id).unwrap().as_ref());
    }
    for (id, record) in &model.belongings {
        assert_eq!(Some(record), view.belongings(*id).unwrap().as_ref());
    }
    for (id, record) in &model.claims {
        assert_eq!(Some(record), view.claim(*id).unwrap().as_ref());
    }
    for (id, record) in &model.refunds {
        assert_eq!(Some(record), view.refund(*id).unwrap().as_ref());
    }
    for ((restaurant, dish), record) in &model.dish_scores {
        assert_eq!(Some(record), view.dish_score(*restaurant, *dish).unwrap().as_ref());
    }
}

fn same_lists(model: &MemoryCity, city: &City) {
    let due: BTreeSet<Deadline> =
        city.reader.deadlines_due(Timestamp(i64::MAX), TASKS).unwrap().into_iter().collect();
    assert_eq!(due, model.deadlines);
    let works: Vec<_> = model.works.iter().map(|(id, work)| (*id, (**work).clone())).collect();
    assert_eq!(city.reader.outbox(None, TASKS).unwrap(), works);
    let open = city.reader.open_deliveries(TASKS).unwrap();
    let open: BTreeSet<_> = open.into_iter().map(|delivery| delivery.id).collect();
    let unassigned = model.deliveries.values();
    let unassigned = unassigned.filter(|d| d.status.state() == DeliveryState::Unassigned);
    assert_eq!(open, unassigned.map(|delivery| delivery.id).collect());

    let view = city.reader.view();
    let listed = view.orders(&[], None, PAGE).unwrap().orders;
    assert_eq!(listed.len(), model.orders.len());
    for order in listed {
        let state = order.status.state();
        let lists = [
            view.orders(&[state], None, PAGE).unwrap(),
            view.orders_of_restaurant(order.restaurant_id, &[state], None, PAGE).unwrap(),
            view.orders_of_customer(order.customer_id, None, PAGE).unwrap(),
        ];
        assert!(lists.iter().all(|list| list.orders.contains(&order)), "{order:?}");
    }
    let unanswered = view.unanswered_orders(None, PAGE).unwrap().orders;
    let unanswered: BTreeSet<_> = unanswered.into_iter().map(|order| order.id).collect();
    let left = model.orders.values().filter(|order| order.unanswered_at.is_some());
    assert_eq!(unanswered, left.map(|order| order.id).collect());
    for id in model.restaurants.keys() {
        let staff = model.accounts.values().filter(|account| account.staff.contains_key(id));
        let staff: Vec<_> = staff.map(|account| account.id).collect();
        assert_eq!(view.staff_of(*id, PAGE).unwrap(), staff);
    }
    let operators = model.accounts.values().filter(|account| account.operator.is_some());
    let operators: Vec<_> = operators.map(|account| account.id).collect();
    assert_eq!(view.operators(PAGE).unwrap(), operators);
    let mut feed: Vec<((u64, u32), Event)> = Vec::new();
    let mut after = Cursor::START;
    loop {
        let page = view.feed(after, 7).unwrap();
        if page.events.is_empty() {
            break;
        }
        after = page.next;
        feed.extend(page.events.into_iter().map(|e| ((e.cursor.index, e.cursor.number), e.event)));
    }
    assert_eq!(feed, model.feed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn storage_says_what_the_city_in_memory_says(lines in lines(), chunks in chunks()) {
        let script = happened(&lines);
        let mut rest = script.outcomes.as_slice();
        let mut city = City::new();
        for (size, between) in chunks.iter().cycle() {
            let (now, later) = rest.split_at((*size).min(rest.len()));
            replay(&mut city, now);
            rest = later;
            match between {
                Between::Nothing => {}
                Between::Reopen => city = city.reopen(),
                Between::Snapshot => through_snapshot(&city),
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(city.index, script.city.index);
        same_records(&script.city, &city.reader.view());
        same_records(&script.city, &city.writer.begin());
        same_lists(&script.city, &city);
        let checked = city.reader.view().verify_audit(0, u64::MAX).unwrap().unwrap();
        prop_assert_eq!(checked.entries, script.city.index);
    }
}
