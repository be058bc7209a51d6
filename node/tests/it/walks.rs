//! The walks of ARCHITECTURE.md, from socket to socket: an order, a search, a ping, a delivery, and
//! the death of a leader.

use crate::city::{City, until};
use crate::http::{Answer, Api};
use crate::live::{Phone, Stream};
use crate::people::{DOOR, KITCHEN, Kitchen, Person, Rider, order, point};
use api::codes::Code;
use serde_json::{Value, json};

/// (A) Placed at a follower, and there on every node for whoever asks after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_placed_at_a_follower_is_on_every_node() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let leader = city.leader().await;
    let follower = leader % 3 + 1;

    let placed = city.by(follower, &ana).post("/order", order(&kitchen, 2)).await;
    let index = placed.index();
    let receipt = placed.ok(201)["receipt"].clone();
    let id = placed.json()["order_id"].as_str().unwrap().to_owned();
    // 2 ramen and a gyoza, the way, the platform, the tip.
    let amounts = ["dishes", "delivery_fee", "service_fee", "tip", "total"];
    let amounts = amounts.map(|part| receipt[part]["amount"].as_i64().unwrap());
    assert_eq!(amounts, [3_090, 250, 99, 100, 3_539]);

    for node in 1..=3 {
        let answer = city.by(node, &ana).get(&format!("/v1/order/{id}?after={index}")).await;
        assert_eq!(answer.ok(200)["receipt"], receipt, "node {node}");
        assert!(answer.index() >= index, "node {node}");
    }
    // The gateway's yes is an entry of its own; then all nodes tell the same story.
    let authorized = state_is(&city.by(follower, &ana), &id, "placed").await;
    let stories = each_node(&city, &ana, &format!("/v1/order/{id}?after={authorized}")).await;
    assert_eq!(stories[0]["payment_state"], "authorized");
    assert_eq!(stories[0], stories[1]);
    assert_eq!(stories[1], stories[2]);
    let kitchens = city.by(leader, &kitchen.staff);
    let seen = kitchens.get(&format!("/restaurant/{}/orders?state=placed", kitchen.id)).await;
    assert_eq!(seen.ok(200)["data"][0]["order_id"], id);
    // The kitchen cooks; where it goes is not its business.
    assert_eq!(seen.json()["data"][0].get("address"), None);
    city.end().await;
}

/// (B) What an operator imports is found on each node by whoever asks after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_imported_menu_is_found_on_every_node() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Noodle Bar").await;
    let place = format!("lat={}&lng={}&after={}", DOOR.0, DOOR.1, kitchen.index);
    for node in 1..=3 {
        let browse = format!("/restaurants?{place}&cuisine=Ramen");
        let found = city.at(node).get(&browse).await.ok(200);
        assert_eq!(found["data"][0]["restaurant_id"], kitchen.id, "node {node}: {found}");
        assert_eq!(found["data"][0]["open"], true);
        let other = city.at(node).get(&format!("/restaurants?{place}&cuisine=pizza")).await;
        assert_eq!(other.ok(200)["data"], json!([]));

        // Waits a moment for the index and says when that was not enough.
        let found = until("the menu is searchable", async || {
            let search = format!("/v1/search?q=tonkotsu&{place}");
            let found = city.at(node).get(&search).await.ok(200);
            (found["stale"] == false && found["dishes"] != json!([])).then_some(found)
        })
        .await;
        assert_eq!(found["dishes"][0]["dish_id"], kitchen.ramen, "node {node}: {found}");
        assert_eq!(found["dishes"][0]["price"], json!({"amount": 1250, "currency": "EUR"}));
        let typo = city.at(node).get(&format!("/v1/search?q=tonkotzu&{place}")).await.ok(200);
        assert_eq!(typo["dishes"][0]["dish_id"], kitchen.ramen, "node {node}: {typo}");
        let begun = city.at(node).get(&format!("/v1/autocomplete?q=tonk&{place}")).await.ok(200);
        assert!(begun["suggestions"][0].as_str().unwrap().contains("onkotsu"), "{begun}");
        let far = "/v1/search?q=tonkotsu&lat=43.30&lng=-5.92";
        assert_eq!(city.at(node).get(far).await.ok(200)["dishes"], json!([]));
    }
    city.end().await;
}

/// (C, D) Accepted, declined by the nearest courier, taken by the next, carried, delivered, paid:
/// the phones of both couriers and of the customer see it happen.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_seen_by_all_phones() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let (near, far) = (city.rider(&founder).await, city.rider(&founder).await);
    let _near_rides = city.rides(1, &near, KITCHEN);
    let far_rides = city.rides(1, &far, DOOR);
    let mut phones = Vec::new();
    for (node, rider) in [(2, &near), (3, &far)] {
        phones.push(Phone::open(&city, node, rider).await);
    }
    let [near_phone, far_phone] = phones.as_mut_slice() else { unreachable!() };

    let placed = city.by(1, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    let mut map = Stream::open(&city.by(3, &ana), &format!("/v1/order/{id}/stream")).await;
    state_is(&city.by(1, &ana), &id, "placed").await;
    kitchen_says(&city, 2, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);

    // The nearest is asked first and says no; the next says yes.
    near_phone.offered(&id).await;
    courier_says(&city, 1, &near, &id, "declined").await.ok(200);
    let fence = far_phone.offered(&id).await["fence"].clone();
    let taken = json!({"status": "accepted", "fence": fence});
    let path = format!("/delivery/{}/order/{id}/status", far.courier_id);
    city.by(2, &far.person).patch(&path, taken).await.ok(200);
    let work = city.by(3, &far.person).get("/delivery/assignments").await.ok(200);
    let stops = work["deliveries"][0]["stops"].clone();
    assert_eq!((&stops[0]["kind"], &stops[1]["kind"]), (&json!("pickup"), &json!("drop")));
    assert_eq!(stops[1]["label"], "Calle Mayor 1, 2B");
    assert_eq!(near_phone.last_work().await["offers"], json!([]));

    // Pinged at node 1, seen at node 3.
    let seen = until("the courier is on the map", async || {
        let status = city.by(3, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        let courier = status["courier"].clone();
        courier["position"].is_object().then_some(courier)
    })
    .await;
    assert_eq!(seen["courier_id"], far.courier_id);
    assert_eq!(seen["position"], point(DOOR));
    assert!(seen["age_ms"].as_i64().unwrap() < 15_000 && seen["stale"] == false, "{seen}");

    let mut told = map.until_event("position").await;
    // The same through the socket, which also says what is wrong with a report.
    drop(far_rides);
    far_phone.say(json!({"point": point((95.0, 0.0))})).await;
    while far_phone.last()["errors"].is_null() {
        far_phone.next().await;
    }
    assert_eq!(far_phone.last()["errors"][0]["pointer"], "/point/lat", "{}", far_phone.last());
    far_phone.say(json!({"point": point(KITCHEN), "heading_deg": 90})).await;
    until("the courier has moved on the map", async || {
        let status = city.by(2, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["courier"]["position"] == point(KITCHEN)).then_some(())
    })
    .await;

    courier_says(&city, 3, &far, &id, "at_store").await.ok(200);
    let early = courier_says(&city, 3, &far, &id, "picked_up").await;
    assert_eq!(early.code(), Code::OutOfOrder, "food that is not ready cannot be picked up");
    for (node, status) in [(1, "preparing"), (3, "ready")] {
        kitchen_says(&city, node, &kitchen, &id, json!({"status": status})).await.ok(200);
    }
    courier_says(&city, 1, &far, &id, "picked_up").await.ok(200);
    // A tap from the kitchen is no delivery: it takes a photo from there.
    let far_away = courier_says(&city, 2, &far, &id, "delivered").await;
    assert_eq!(
        (far_away.code(), &far_away.json()["needed"]),
        (Code::ProofMissing, &json!(["photo"]))
    );
    far_phone.say(json!({"point": point(DOOR)})).await;
    until("the courier is at the door", async || {
        let status = city.by(3, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["courier"]["position"] == point(DOOR)).then_some(())
    })
    .await;
    for (node, status) in [(2, "at_door"), (3, "delivered")] {
        courier_says(&city, node, &far, &id, status).await.ok(200);
    }
    state_is(&city.by(2, &ana), &id, "completed").await;
    until("the payment is captured", async || {
        let status = city.by(1, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["payment_state"] == "captured").then_some(())
    })
    .await;

    told.extend(map.until_event("payment.captured").await);
    let (positions, told): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|frame| frame.event == "position");
    for frame in &positions {
        let known = [point(DOOR), point(KITCHEN)].contains(&frame.data["position"]);
        assert!(known && frame.id.is_empty(), "{frame:?}");
        assert_eq!(frame.data["courier_id"], far.courier_id);
    }
    assert!(told.is_sorted_by(|a, b| a.place() < b.place()), "{told:?}");
    let told: Vec<_> = told.iter().map(|frame| frame.event.as_str()).collect();
    expect_test::expect![[r#"
        order.pending
        payment.authorized
        order.placed
        order.accepted
        delivery.opened
        delivery.assigned
        delivery.at_store
        order.started
        order.ready
        delivery.picked_up
        order.handed_off
        delivery.at_door
        delivery.delivered
        order.completed
        payment.capturing
        payment.captured"#]]
    .assert_eq(&told.join("\n"));

    let rated = city.by(2, &ana).post(&format!("/rate/{}", kitchen.id), json!({"stars": 5})).await;
    assert_eq!(rated.ok(201)["order_id"], id);
    city.end().await;
}

/// (E) The leader stops; the others go on, and an old request gets its old answer.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_leader_the_city_goes_on() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let leader = city.leader().await;
    let body = order(&kitchen, 1);
    let first = city.by(leader, &ana).post_keyed("/order", "dinner", &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));

    city.stop_node(leader).await;
    let left = city.running();
    for node in &left {
        let again = until("somebody leads", async || {
            let again = city.by(*node, &ana).post_keyed("/order", "dinner", &body).await;
            (again.status != 503).then_some(again)
        })
        .await;
        assert_eq!(again.status, 201);
        assert_eq!(again.body, first.body, "node {node}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("fd-index"), first.header("fd-index"));
    }
    assert_ne!(city.leader().await, leader);
    // Its payment, which the dead leader may have begun, is finished by the next one.
    let id = first.json()["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(left[0], &ana), &id, "placed").await;
    let next = city.by(left[1], &ana).post("/order", order(&kitchen, 3)).await.ok(201);
    let found = city.by(left[0], &ana).get("/v1/orders").await.ok(200);
    let found: Vec<_> = found["data"].as_array().unwrap().iter().map(|o| &o["order_id"]).collect();
    assert_eq!(found, [&next["order_id"], &first.json()["order_id"]]);
    city.end().await;
}

/// Waits for an order's state, and answers at which index it was seen.
pub(crate) async fn state_is(api: &Api, order_id: &str, state: &str) -> u64 {
    until(&format!("the order is {state}"), async || {
        let status = api.get(&format!("/order/{order_id}/status")).await;
        (status.ok(200)["state"] == state).then(|| status.index())
    })
    .await
}

async fn each_node(city: &City, person: &Person, path: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for node in city.running() {
        answers.push(city.by(node, person).get(path).await.ok(200));
    }
    answers
}

pub(crate) async fn kitchen_says(
    city: &City,
    node: usize,
    kitchen: &Kitchen,
    order_id: &str,
    word: Value,
) -> Answer {
    let path = format!("/restaurant/{}/order/{order_id}/status", kitchen.id);
    city.by(node, &kitchen.staff).patch(&path, word).await
}

async fn courier_says(
    city: &City,
    node: usize,
    rider: &Rider,
    order_id: &str,
    status: &str,
) -> Answer {
    let path = format!("/delivery/me/order/{order_id}/status");
    city.by(node, &rider.person).patch(&path, json!({"status": status})).await
}
