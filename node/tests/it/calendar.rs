//! When a kitchen takes orders, from socket to socket: hours, closings, breaks, slots.

use crate::city::City;
use crate::http::Api;
use crate::people::{DOOR, KITCHEN, Kitchen, Person, order, point, profile};
use api::codes::Code;
use domain::calendar::{LocalDate, next_local_minute};
use domain::time::{MINUTE_MS, Timestamp};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const ZONE: &str = "Europe/Madrid";

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

/// The minute of the day that clocks in the city show.
fn local_minute(at: Timestamp) -> u16 {
    let before = at.plus_ms(-MINUTE_MS);
    (0..1440).find(|minute| next_local_minute(before, *minute, ZONE) <= at).unwrap()
}

fn range(from: u16, to: u16) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute % 1440 / 60, minute % 60);
    format!("{}-{}", clock(from), clock(to))
}

fn every_day(ranges: &[String]) -> Value {
    let days =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].into_iter();
    days.map(|day| (day.to_owned(), json!(ranges))).collect::<serde_json::Map<_, _>>().into()
}

fn today() -> LocalDate {
    LocalDate::of(now(), ZONE).unwrap()
}

async fn delete(api: &Api, path: &str) -> crate::http::Answer {
    crate::http::send(api.request(reqwest::Method::DELETE, path)).await
}

fn own(kitchen: &Kitchen, rest: &str) -> String {
    format!("/v1/restaurant/{}/{rest}", kitchen.id)
}

/// A page that was left open past closing, and the API instead of the page: the same refusal at
/// every node, with the moment at which one may come back.
#[tokio::test(flavor = "multi_thread")]
async fn r17_a_page_left_open_past_closing() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let mut basket = order(&kitchen, 1);
    for only_with_the_order in ["payment", "tip"] {
        basket.as_object_mut().unwrap().remove(only_with_the_order);
    }
    let quote = city.by(1, &ana).post("/v1/quotes", basket.clone()).await.ok(201);

    // It was open for an hour, and has closed within the last minute.
    let minute = local_minute(now());
    let hours = json!({"hours": every_day(&[range(minute + 1440 - 60, minute)])});
    let staff = city.by(2, &kitchen.staff);
    let changed = staff.put(&own(&kitchen, "hours"), hours).await;
    let index = changed.index();
    assert_eq!(changed.ok(200)["days"].as_array().unwrap().len(), 14);

    let shown = format!("/v1/restaurants/{}?after={index}", kitchen.id);
    let shown = city.at(3).get(&shown).await.ok(200);
    let next_open = shown["next_open"].clone();
    assert_eq!((&shown["open"], &shown["delivery"]["reason"]), (&json!(false), &json!("closed")));
    assert!(next_open.is_string(), "{shown}");
    let by_quote = json!({"quote_id": quote["quote_id"], "payment": {"method": "cash"}});
    for node in 1..=3 {
        let place = format!("/restaurants?lat={}&lng={}&after={index}", DOOR.0, DOOR.1);
        let listed = city.at(node).get(&place).await.ok(200);
        let listed = &listed["data"][0];
        assert_eq!((&listed["open"], &listed["next_open"]), (&json!(false), &next_open));
        let asks = city.by(node, &ana);
        let refusals = [
            asks.post("/order", by_quote.clone()).await,
            asks.post("/order", order(&kitchen, 1)).await,
            asks.post("/v1/quotes", basket.clone()).await,
        ];
        for refused in refusals {
            assert_eq!(refused.code(), Code::RestaurantClosed, "node {node}");
            assert_eq!(refused.json()["next_open"], next_open, "node {node}");
        }
    }
    city.end().await;
}

/// Hours, a closing, a special day: what the answer shows is what customers see, at every node.
#[tokio::test(flavor = "multi_thread")]
async fn closings_are_shown_and_taken_back() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let staff = city.by(1, &kitchen.staff);
    let (path, date) = (own(&kitchen, "closings"), today());

    let wish = json!({"from": date, "reason": "a wedding"});
    let closed = staff.post_keyed(&path, "k1", &wish).await;
    let again = city.by(2, &kitchen.staff).post_keyed(&path, "k1", &wish).await;
    assert!(again.header("idempotency-replayed").is_some(), "{:?}", again.headers);
    assert_eq!(closed.ok(201)["closing_id"], again.ok(201)["closing_id"]);
    let day = &closed.json()["days"][0];
    assert_eq!(
        (&day["rule"], &day["ranges"], &day["reason"]),
        (&json!("closing"), &json!([]), &json!("a wedding"))
    );
    assert_eq!(closed.json()["days"][1]["rule"], "week");
    let shown = format!("/v1/restaurants/{}?after={}", kitchen.id, closed.index());
    for node in 1..=3 {
        let shown = city.at(node).get(&shown).await.ok(200);
        assert_eq!(
            (&shown["open"], &shown["delivery"]["reason"]),
            (&json!(false), &json!("closing"))
        );
        let opens = date.plus_days(1).unwrap().begins(ZONE).unwrap().to_string();
        assert_eq!(shown["next_open"], opens);
        assert_eq!(shown["closings"][0]["closing_id"], closed.json()["closing_id"]);
    }
    let id = closed.json()["closing_id"].as_str().unwrap().to_owned();
    let gone = delete(&city.by(3, &kitchen.staff), &format!("{path}/{id}")).await;
    assert_eq!(gone.ok(200)["days"][0]["rule"], "week");
    delete(&staff, &format!("{path}/{id}")).await.ok(200);
    let shown = format!("/v1/restaurants/{}?after={}", kitchen.id, gone.index());
    let shown = city.at(1).get(&shown).await.ok(200);
    assert_eq!((&shown["open"], &shown["closings"]), (&json!(true), &json!([])));

    // What cannot be, and who may not.
    let wrong = staff.post(&path, json!({"from": date, "ranges": ["10-12"]})).await;
    assert_eq!(
        (wrong.code(), &wrong.json()["errors"][0]["pointer"]),
        (Code::FieldInvalid, &json!("/ranges/0"))
    );
    let wrong = staff.post(&path, json!({"from": "2020-01-01"})).await;
    assert_eq!(wrong.code(), Code::FieldInvalid);
    let ana = city.somebody().await;
    assert_eq!(city.by(1, &ana).post(&path, wish).await.code(), Code::Forbidden);
    let week = json!({"hours": {"monday": ["10:00-25:00"]}});
    let wrong = staff.put(&own(&kitchen, "hours"), week).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/hours/monday/0");
    city.end().await;
}

/// Busy, paused, one way switched off, and open again.
#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_says_how_it_is() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (staff, ana) = (city.by(1, &kitchen.staff), city.somebody().await);
    let path = own(&kitchen, "availability");
    let says = async |word: Value| staff.put(&path, word).await.ok(200)["index"].clone();
    let shown = async |index: Value| {
        let path = format!("/v1/restaurants/{}?after={index}", kitchen.id);
        city.at(3).get(&path).await.ok(200)
    };
    let until = now().plus_ms(30 * MINUTE_MS).to_string();

    let busy = says(json!({"mode": "busy", "extra_minutes": 20, "until": until})).await;
    let busy = shown(busy).await;
    assert_eq!((&busy["open"], &busy["busy_minutes"]), (&json!(true), &json!(20)));

    let paused = says(json!({"mode": "paused", "until": until})).await;
    let paused = shown(paused).await;
    assert_eq!(
        (&paused["next_open"], &paused["delivery"]["reason"]),
        (&json!(until), &json!("paused"))
    );
    let refused = city.by(2, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!((refused.code(), &refused.json()["until"]), (Code::RestaurantPaused, &json!(until)));

    let only_pickup = says(json!({"mode": "open", "delivery": false})).await;
    let only_pickup = shown(only_pickup).await;
    assert_eq!(
        (&only_pickup["delivery"]["reason"], &only_pickup["pickup"]["open"]),
        (&json!("off"), &json!(true))
    );
    let near = format!("lat={}&lng={}&open_now=true", DOOR.0, DOOR.1);
    let listed = |fulfilment| format!("/restaurants?{near}&fulfilment={fulfilment}");
    assert_eq!(city.at(3).get(&listed("delivery")).await.ok(200)["data"], json!([]));
    let found = city.at(3).get(&listed("pickup")).await.ok(200);
    assert_eq!(found["data"][0]["restaurant_id"], kitchen.id);
    let refused = city.by(2, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refused.code(), Code::FulfilmentOff);

    says(json!({"mode": "open"})).await;
    city.by(2, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    for wrong in [json!({"mode": "busy"}), json!({"mode": "open", "extra_minutes": 5})] {
        let wrong = staff.put(&path, wrong).await;
        assert_eq!(wrong.json()["errors"][0]["pointer"], "/extra_minutes");
    }
    city.end().await;
}

/// Slots by day: none on a closed date, none too soon, and only as far as orders are taken.
#[tokio::test(flavor = "multi_thread")]
async fn free_slots_are_listed_by_day() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let staff = city.by(1, &kitchen.staff);
    let tomorrow = today().plus_days(1).unwrap();
    let closed = staff.post(&own(&kitchen, "closings"), json!({"from": tomorrow})).await;
    let closed = closed.index();
    let slots = format!("/v1/restaurants/{}/slots?after={closed}", kitchen.id);
    for node in 1..=3 {
        let asked = now();
        let path = format!("{slots}&fulfilment=pickup");
        let free: api::hours::Slots =
            serde_json::from_value(city.at(node).get(&path).await.ok(200)).unwrap();
        let days: Vec<LocalDate> = free.days.iter().map(|day| day.date).collect();
        assert!(!days.contains(&tomorrow), "{days:?}");
        assert!(days.contains(&today().plus_days(2).unwrap()), "{days:?}");
        let first = free.days[0].slots[0];
        assert!(first.from.0.ms_since(asked) >= 30 * MINUTE_MS);
        assert_eq!(first.to.0.ms_since(first.from.0), 15 * MINUTE_MS);
        let last = free.days.last().unwrap().slots.last().unwrap().from.0;
        assert!(last.ms_since(now()) <= 6 * 24 * 60 * MINUTE_MS, "{last}");
    }
    let near = format!("{slots}&lat={}&lng={}&days=7", DOOR.0, DOOR.1);
    assert_ne!(city.at(2).get(&near).await.ok(200)["days"], json!([]));
    for wrong in ["days=8", "lat=1", "fulfilment=drone"] {
        let wrong = city.at(1).get(&format!("{slots}&{wrong}")).await;
        assert_eq!(wrong.code(), Code::ParamInvalid);
    }
    city.end().await;
}

/// A hundred wishes for one slot of ten, at three nodes at once: exactly ten orders.
#[tokio::test(flavor = "multi_thread")]
async fn r4_a_slot_of_ten_takes_ten_of_a_hundred() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let staff = city.by(1, &kitchen.staff);
    // Food for now is ready in the middle of a slot, however long this takes.
    let minute = now().0 / MINUTE_MS;
    let preparation = (5..20).find(|minutes| (minute + minutes) % 15 == 5).unwrap();
    let mut profile = profile("Casa Marisol");
    profile["preparation_minutes"] = json!(preparation);
    staff.put(&format!("/v1/restaurant/{}", kitchen.id), profile).await.ok(200);
    staff.put(&own(&kitchen, "capacity"), json!({"orders": 10})).await.ok(200);

    let mut buyers: Vec<Person> = Vec::new();
    for _ in 0..5 {
        buyers.push(city.somebody().await);
    }
    let mut wishes = tokio::task::JoinSet::new();
    for number in 0..100 {
        let asks = city.by(1 + number % 3, &buyers[number % buyers.len()]);
        let wish = order(&kitchen, 1);
        wishes.spawn(async move { asks.post_keyed("/order", &format!("k{number}"), &wish).await });
    }
    let answers = wishes.join_all().await;
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.code(), Code::SlotFull);
        let next = refused.json()["slots"].clone();
        assert_eq!(next.as_array().map(Vec::len), Some(3), "{}", refused.text());
    }
    assert_eq!(placed, 10);
    let orders = format!("/restaurant/{}/orders?limit=100", kitchen.id);
    let seen = staff.get(&orders).await.ok(200);
    assert!(seen["data"].as_array().unwrap().len() <= 10, "{seen}");
    city.end().await;
}

/// A profile that names an area and pickup hours shows them, and browsing keeps to the area.
#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_delivers_to_its_area_only() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (staff, ana) = (city.by(1, &kitchen.staff), city.somebody().await);
    let mut wish = profile("Casa Marisol");
    let corner = |north: f64, east: f64| point((KITCHEN.0 + north, KITCHEN.1 + east));
    wish["delivery_area"] =
        json!([corner(-0.001, -0.001), corner(-0.001, 0.001), corner(0.001, 0.001)]);
    wish["holiday_hours"] = json!([]);
    let path = format!("/v1/restaurant/{}", kitchen.id);
    let index = staff.put(&path, wish.clone()).await.index();
    let shown = format!("/v1/restaurants/{}?after={index}", kitchen.id);
    let shown = city.at(2).get(&shown).await.ok(200);
    assert_eq!(shown["delivery_area"].as_array().unwrap().len(), 3);
    assert_eq!(shown["holiday_hours"], json!([]));
    let listed = format!("/restaurants?lat={}&lng={}&after={index}", DOOR.0, DOOR.1);
    assert_eq!(city.at(3).get(&listed).await.ok(200)["data"], json!([]));
    let refused = city.by(1, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refused.code(), Code::NotDeliverable);
    wish["delivery_area"] = json!([corner(0.0, 0.0)]);
    assert_eq!(staff.put(&path, wish).await.code(), Code::FieldInvalid);
    city.end().await;
}
