//! What the deciding costs, without log, disk or network: `domain::apply` of an order, on a city in
//! memory. It runs on every replica, one entry after the other, so it bounds the city's rate.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use domain::ids::OrderId;
use domain::money::Money;
use domain::order::{Goods, Order, Pins, PlaceOrder, Wanted};
use domain::pricing::{BasketLine, BasketOption, IfUnavailable};
use domain::script::{MemoryCity, Script};
use domain::sealed::{Digest, Sealed};
use domain::{Actor, Command, Proposal, Stamp, Verdict};

/// A city with a kitchen that cooks, and a customer who has ordered once.
fn city() -> (MemoryCity, Order) {
    let mut script = Script::new();
    let told = script.run(
        "
        12:00:00  open   r1
        12:00:01  place  o1 at r1 by alice: 2 ramen
        ",
    );
    let order = script.city.orders.values().next();
    let order = order.unwrap_or_else(|| panic!("the script placed no order:\n{told}"));
    let order = Order::clone(order);
    (script.city, order)
}

/// The same basket again, under another key.
fn proposal(city: &MemoryCity, like: &Order, order_id: OrderId, tip: i64) -> Proposal {
    let basket = like.receipt.lines.iter().map(|line| BasketLine {
        dish_id: line.dish_id,
        quantity: line.quantity,
        options: line
            .options
            .iter()
            .map(|option| BasketOption { option_id: option.option_id, quantity: option.quantity })
            .collect(),
        note: Sealed::default(),
        if_unavailable: IfUnavailable::default(),
    });
    let payment = &city.payments[&like.payment_id];
    let command = Command::PlaceOrder(Box::new(PlaceOrder {
        order_id,
        goods: Goods::Basket(Wanted {
            restaurant_id: like.restaurant_id,
            basket: basket.collect(),
            fulfilment: like.fulfilment,
            when: like.when,
            destination: like.destination.clone(),
            distance_m: like.distance_m,
            coupon_code: None,
        }),
        method: payment.method.clone(),
        tip: Money(tip),
        note: Sealed::default(),
        contactless: false,
        pin_at_door: false,
        pins: Pins::default(),
        marks: domain::fraud::Marks::default(),
        expected_total: None,
        request: Digest([7; 32]),
    }));
    let epoch = city.accounts[&like.customer_id].epoch;
    let actor = Actor::Account { account_id: like.customer_id, session_id: None, epoch };
    Proposal { actor, request_id: "req-bench".to_owned(), command }
}

fn place(criterion: &mut Criterion) {
    let (city, like) = city();
    let stamp = Stamp { index: city.index + 1, at: city.at };
    let new_id = OrderId::derive(like.id.city(), &[b"bench"]);
    let apply = |proposal| domain::apply(&city, &stamp, proposal).expect("memory is readable");

    let fresh = proposal(&city, &like, new_id, 0);
    let yes = apply(fresh.clone());
    assert!(matches!(yes.verdict, Verdict::Yes { changed: true, .. }), "{:?}", yes.verdict);
    criterion.bench_function("apply a new order", |bencher| {
        bencher.iter_batched(|| fresh.clone(), |p| black_box(apply(p)), BatchSize::SmallInput);
    });

    // The id is taken: found and refused without pricing.
    let taken = proposal(&city, &like, like.id, 0);
    let no = apply(taken.clone());
    assert!(matches!(no.verdict, Verdict::No(_)), "{:?}", no.verdict);
    criterion.bench_function("refuse a key that came with another request", |bencher| {
        bencher.iter_batched(|| taken.clone(), |p| black_box(apply(p)), BatchSize::SmallInput);
    });
}

criterion_group!(benches, place);
criterion_main!(benches);
