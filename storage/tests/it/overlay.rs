//! Entries of one batch see what the entries before them did, index keys included.

use crate::city::City;
use crate::samples;
use domain::order::OrderStatus;
use domain::{View, Write};

#[test]
fn a_later_entry_wins_and_leaves_no_trace_of_the_earlier() {
    let mut city = City::new();
    let mut batch = city.writer.begin();
    let mut order = samples::order();
    city.record(&mut batch, [Write::Order(order.clone().into())], []);
    order.status = OrderStatus::Accepted;
    city.record(&mut batch, [Write::Order(order.clone().into())], []);
    assert_eq!(batch.order(order.id).unwrap().unwrap().status, OrderStatus::Accepted);
    city.commit(batch);
    let view = city.reader.view();
    let page = view.orders_of_restaurant(order.restaurant_id, &[], None, 10).unwrap();
    assert_eq!(page.orders, [order.clone().into()], "one key, of the last state");
    assert_eq!(page.next, None);
}

#[test]
fn a_login_can_change_hands_within_a_batch() {
    let mut city = City::new();
    let (mut alice, mut bob) = (samples::account(), samples::account());
    let (first, second) = (samples::digest(1), samples::digest(2));
    alice.login = first;
    bob.id.0[15] = 0;
    bob.login = second;
    city.apply([Write::Account(alice.clone().into()), Write::Account(bob.clone().into())]);

    let mut batch = city.writer.begin();
    let third = samples::digest(3);
    alice.login = third;
    city.record(&mut batch, [Write::Account(alice.clone().into())], []);
    assert_eq!(batch.account_by_login(first).unwrap(), None, "free again");
    bob.login = first;
    city.record(&mut batch, [Write::Account(bob.clone().into())], []);
    assert_eq!(batch.account_by_login(first).unwrap(), Some(bob.id));
    city.commit(batch);

    let view = city.reader.view();
    let owner = |login| view.account_by_login(login).unwrap().map(|account| account.id);
    assert_eq!([first, second, third].map(owner), [Some(bob.id), None, Some(alice.id)]);
}

#[test]
fn a_batch_that_is_dropped_never_was() {
    let mut city = City::new();
    city.apply([Write::Order(samples::order().into())]);
    let mut batch = city.writer.begin();
    let mut order = samples::order();
    order.status = OrderStatus::Expired;
    city.record(&mut batch, [Write::Order(order.into())], []);
    drop(batch);
    let found = city.writer.begin().order(samples::order().id).unwrap();
    assert_eq!(found, Some(samples::order().into()));
}
