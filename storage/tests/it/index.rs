//! Lists follow the records: no stale key, newest first, in pages.

use crate::city::City;
use crate::samples;
use domain::Write;
use domain::ids::OrderId;
use domain::order::{Order, OrderState, OrderStatus};
use domain::time::Timestamp;
use proptest::prelude::*;
use storage::CityView;

fn order(number: u8, placed_at: i64, status: OrderStatus) -> Order {
    let mut order = samples::order();
    order.id = OrderId([number; 16]);
    order.placed_at = Timestamp(placed_at);
    order.status = status;
    order
}

fn numbers(orders: &[std::sync::Arc<Order>]) -> Vec<u8> {
    orders.iter().map(|order| order.id.0[0]).collect()
}

fn of_restaurant(view: &CityView, states: &[OrderState]) -> Vec<u8> {
    let id = samples::restaurant().id;
    numbers(&view.orders_of_restaurant(id, states, None, 100).unwrap().orders)
}

#[test]
fn an_order_moves_from_list_to_list() {
    let mut city = City::new();
    let placed = OrderStatus::Placed { accept_by: Timestamp(9) };
    city.apply([Write::Order(order(1, 10, placed).into())]);
    city.apply([Write::Order(order(2, 20, placed).into())]);
    city.apply([Write::Order(order(1, 10, OrderStatus::Accepted).into())]);
    let view = city.reader.view();
    assert_eq!(of_restaurant(&view, &[OrderState::Placed]), [2]);
    assert_eq!(of_restaurant(&view, &[OrderState::Accepted]), [1]);
    assert_eq!(of_restaurant(&view, &[OrderState::Accepted, OrderState::Placed]), [2, 1]);
    assert_eq!(of_restaurant(&view, &[]), [2, 1]);
    assert_eq!(of_restaurant(&view, &[OrderState::Expired]), [0u8; 0]);
    let city_wide = view.orders(&[OrderState::Accepted], None, 100).unwrap();
    assert_eq!(numbers(&city_wide.orders), [1]);
    let customer = view.orders_of_customer(samples::account().id, None, 100).unwrap();
    assert_eq!(numbers(&customer.orders), [2, 1]);
    let mut stranger = samples::account().id;
    stranger.0[0] = 0;
    assert_eq!(view.orders_of_customer(stranger, None, 100).unwrap().orders, []);
}

#[test]
fn ratings_of_a_restaurant_come_newest_first_and_only_once() {
    let mut city = City::new();
    let mut rating = samples::rating();
    city.apply([Write::Rating(rating.clone().into())]);
    rating.rated_at = Timestamp(300);
    city.apply([Write::Rating(rating.clone().into())]);
    let mut other = samples::rating();
    other.id.0[0] = 1;
    other.rated_at = Timestamp(250);
    city.apply([Write::Rating(other.clone().into())]);
    let view = city.reader.view();
    let first = view.ratings_of_restaurant(rating.restaurant_id, None, 1).unwrap();
    assert_eq!(first.ratings, [rating.clone().into()]);
    let second = view.ratings_of_restaurant(rating.restaurant_id, first.next, 1).unwrap();
    assert_eq!((second.ratings, second.next), (vec![other.into()], None));
}

fn any_status() -> impl Strategy<Value = OrderStatus> {
    prop::sample::select(vec![
        OrderStatus::Placed { accept_by: Timestamp(1) },
        OrderStatus::Accepted,
        OrderStatus::Ready,
        OrderStatus::Completed,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Any history, in batches of any size: paging through the list is sorting what is there.
    #[test]
    fn pages_are_the_sorted_whole(
        history in prop::collection::vec((0..12u8, 0..4i64, any_status()), 1..60),
        batch_size in 1..8usize,
        page in 1..5usize,
    ) {
        let mut city = City::new();
        let mut model = std::collections::BTreeMap::new();
        for chunk in history.chunks(batch_size) {
            let mut batch = city.writer.begin();
            for (number, at, status) in chunk {
                let order = order(*number, *at, *status);
                model.insert(*number, (*at, status.state()));
                city.record(&mut batch, [Write::Order(order.into())], []);
            }
            city.commit(batch);
        }
        let states = [OrderState::Placed, OrderState::Ready, OrderState::Completed];
        let mut expected: Vec<_> =
            model.iter().filter(|(_, (_, state))| states.contains(state)).collect();
        expected.sort_by_key(|(number, (at, _))| (-at, **number));
        let expected: Vec<u8> = expected.into_iter().map(|(number, _)| *number).collect();

        let view = city.reader.view();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let id = samples::restaurant().id;
            let found = view.orders_of_restaurant(id, &states, before, page).unwrap();
            prop_assert!(found.orders.len() <= page);
            seen.extend(numbers(&found.orders));
            before = found.next;
            if before.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen, expected);
    }
}
