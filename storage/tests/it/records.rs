//! Every kind of write, out through every getter: from the batch, from a reader, after a restart.

use crate::city::City;
use crate::samples;
use domain::payment::WorkId;
use domain::{View, Write};
use std::sync::Arc;

/// Asks a view for one record of each kind and tells which are there as they were written.
fn found(view: &impl View) -> Vec<&'static str> {
    let (account, restaurant) = (samples::account(), samples::restaurant());
    let (dish, group, work) = (samples::dish(), samples::option_group(), work_id());
    let (stock, slot) = (samples::stock(), samples::slot());
    let (used, score) = (samples::coupon_use(), samples::dish_score());
    let login = view.account_by_login(account.login).unwrap();
    [
        ("city", view.city().unwrap() == Some(Arc::new(samples::city()))),
        ("login", login == Some(account.id)),
        ("account", view.account(account.id).unwrap() == Some(Arc::new(account))),
        (
            "session",
            view.session(samples::session().id).unwrap() == Some(samples::session().into()),
        ),
        ("menu", view.menu(restaurant.id).unwrap() == Some(samples::menu().into())),
        ("dish", view.dish(restaurant.id, dish.id).unwrap() == Some(dish.into())),
        ("group", view.option_group(restaurant.id, group.id).unwrap() == Some(group.into())),
        ("restaurant", view.restaurant(restaurant.id).unwrap() == Some(restaurant.into())),
        ("quote", view.quote(samples::quote().id).unwrap() == Some(samples::quote().into())),
        ("order", view.order(samples::order().id).unwrap() == Some(samples::order().into())),
        (
            "payment",
            view.payment(samples::payment().id).unwrap() == Some(samples::payment().into()),
        ),
        (
            "delivery",
            view.delivery(samples::delivery().id).unwrap() == Some(samples::delivery().into()),
        ),
        (
            "courier",
            view.courier(samples::courier().id).unwrap() == Some(samples::courier().into()),
        ),
        ("rating", view.rating(samples::rating().id).unwrap() == Some(samples::rating().into())),
        ("terms", view.terms().unwrap() == Some(samples::terms().into())),
        ("stock", view.stock(stock.restaurant_id, stock.target).unwrap() == Some(stock.into())),
        ("slot", view.slot(slot.restaurant_id, slot.start).unwrap() == Some(slot.into())),
        ("coupon", view.coupon(samples::coupon().id).unwrap() == Some(samples::coupon().into())),
        (
            "coupon use",
            view.coupon_use(used.coupon_id, used.account_id).unwrap() == Some(used.into()),
        ),
        ("tab", view.tab(samples::tab().account_id).unwrap() == Some(samples::tab().into())),
        ("claim", view.claim(samples::claim().id).unwrap() == Some(samples::claim().into())),
        ("refund", view.refund(samples::refund().id).unwrap() == Some(samples::refund().into())),
        (
            "score",
            view.dish_score(score.restaurant_id, score.dish_id).unwrap() == Some(score.into()),
        ),
        (
            "preferences",
            view.preferences(samples::preferences().account_id).unwrap()
                == Some(samples::preferences().into()),
        ),
        (
            "belongings",
            view.belongings(samples::belongings().account_id).unwrap()
                == Some(samples::belongings().into()),
        ),
        ("notice", view.notice(samples::notice().id).unwrap() == Some(samples::notice().into())),
        ("notified", view.notified().unwrap() == Some(samples::notified().into())),
        ("image", view.image(samples::image().hash).unwrap() == Some(samples::image().into())),
        ("work", view.work(work).unwrap() == Some(samples::work().into())),
    ]
    .into_iter()
    .filter_map(|(name, there)| there.then_some(name))
    .collect()
}

const ALL: [&str; 29] = [
    "city",
    "login",
    "account",
    "session",
    "menu",
    "dish",
    "group",
    "restaurant",
    "quote",
    "order",
    "payment",
    "delivery",
    "courier",
    "rating",
    "terms",
    "stock",
    "slot",
    "coupon",
    "coupon use",
    "tab",
    "claim",
    "refund",
    "score",
    "preferences",
    "belongings",
    "notice",
    "notified",
    "image",
    "work",
];

fn work_id() -> WorkId {
    WorkId { index: 9, number: 1 }
}

fn one_of_each() -> Vec<Write> {
    vec![
        Write::City(samples::city().into()),
        Write::Account(samples::account().into()),
        Write::Session(samples::session().into()),
        Write::Restaurant(samples::restaurant().into()),
        Write::Menu(samples::menu().into()),
        Write::Dish(samples::dish().into()),
        Write::OptionGroup(samples::option_group().into()),
        Write::Quote(samples::quote().into()),
        Write::Order(samples::order().into()),
        Write::Payment(samples::payment().into()),
        Write::Delivery(samples::delivery().into()),
        Write::Courier(samples::courier().into()),
        Write::Rating(samples::rating().into()),
        Write::Terms(samples::terms().into()),
        Write::Stock(samples::stock().into()),
        Write::Slot(samples::slot().into()),
        Write::Coupon(samples::coupon().into()),
        Write::CouponUse(samples::coupon_use().into()),
        Write::Tab(samples::tab().into()),
        Write::Claim(samples::claim().into()),
        Write::Refund(samples::refund().into()),
        Write::DishScore(samples::dish_score().into()),
        Write::Preferences(samples::preferences().into()),
        Write::Belongings(samples::belongings().into()),
        Write::Notice(samples::notice().into()),
        Write::Notified(samples::notified().into()),
        Write::Image(samples::image().into()),
        Write::Work(work_id(), samples::work()),
    ]
}

#[test]
fn a_batch_sees_its_writes_and_others_see_them_with_the_commit() {
    let mut city = City::new();
    let mut batch = city.writer.begin();
    assert_eq!(found(&batch), Vec::<&str>::new());
    city.record(&mut batch, one_of_each(), []);
    assert_eq!(found(&batch), ALL, "through the overlay");
    assert_eq!(found(&city.reader.view()), Vec::<&str>::new(), "not committed");
    let before = city.reader.view();
    city.commit(batch);
    assert_eq!(found(&before), Vec::<&str>::new(), "a view is one moment");
    drop(before);
    assert_eq!(found(&city.reader.view()), ALL);
    assert_eq!(found(&city.writer.begin()), ALL, "from the cache");
    city.writer.flush().unwrap();
    let city = city.reopen();
    assert_eq!(found(&city.reader.view()), ALL, "from disk");
    assert_eq!(found(&city.writer.begin()), ALL, "from disk, by the writer");
}

#[test]
fn what_is_dropped_is_gone_everywhere() {
    let mut city = City::new();
    city.apply(one_of_each());
    let before = city.reader.view();
    let mut batch = city.writer.begin();
    let drops = [
        Write::DropSession(samples::session().id),
        Write::DropQuote(samples::quote().id),
        Write::DropSlot(samples::slot().restaurant_id, samples::slot().start),
        Write::DropBelongings(samples::belongings().account_id),
        Write::DropNotice(samples::notice().id),
        Write::DropWork(work_id()),
    ];
    city.record(&mut batch, drops, []);
    let left: Vec<_> = ALL
        .into_iter()
        .filter(|name| !["session", "quote", "slot", "belongings", "notice", "work"].contains(name))
        .collect();
    assert_eq!(found(&batch), left);
    city.commit(batch);
    assert_eq!(found(&city.reader.view()), left);
    assert_eq!(found(&city.writer.begin()), left);
    assert_eq!(found(&before), ALL, "a view is one moment, also for cached records");
}

#[test]
fn the_whole_menu_comes_at_once() {
    let mut city = City::new();
    let id = samples::restaurant().id;
    assert_eq!(city.reader.view().menu_graph(id).unwrap(), None);
    city.apply(one_of_each());
    let view = city.reader.view();
    let graph = view.menu_graph(id).unwrap().unwrap();
    assert_eq!(*graph.menu, samples::menu());
    assert_eq!(graph.dishes, [Arc::new(samples::dish())]);
    assert_eq!(graph.option_groups, [Arc::new(samples::option_group())]);
    let restaurants: Vec<_> = view.restaurants().map(Result::unwrap).collect();
    assert_eq!(restaurants, [Arc::new(samples::restaurant())]);
}

#[test]
fn couriers_come_in_pages_with_what_they_carry() {
    let mut city = City::new();
    for number in 0..5u8 {
        let mut courier = samples::courier();
        courier.id.0[15] = number;
        courier.carrying = [].into();
        courier.offered = None;
        city.apply([Write::Courier(courier.into())]);
    }
    let view = city.reader.view();
    let first = view.couriers(None, 3).unwrap();
    let second = view.couriers(first.last().map(|courier| courier.id), 3).unwrap();
    let ends: Vec<u8> = first.iter().chain(&second).map(|courier| courier.id.0[15]).collect();
    assert_eq!((first.len(), ends), (3, vec![0, 1, 2, 3, 4]));

    let mut carrying = samples::courier();
    carrying.offered = None;
    let id = carrying.id;
    city.apply([Write::Courier(carrying.into()), Write::Delivery(samples::delivery().into())]);
    let assignments = city.reader.view().assignments(id).unwrap().unwrap();
    assert_eq!(assignments.carrying, [Arc::new(samples::delivery())]);
    assert_eq!(assignments.offered, None);
}
