//! Couriers from socket to socket: twenty who answer at once, phones that were offline, proofs.

use crate::city::{City, Setup, Turned, until};
use crate::http::{Answer, send};
use crate::people::{DOOR, KITCHEN, Kitchen, PASSWORD, Person, Rider, order};
use crate::walks::{kitchen_says, state_is};
use api::codes::Code;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// An order whose food waits, and nobody carries it.
async fn ready(city: &City, kitchen: &Kitchen, ana: &Person, body: Value) -> String {
    let placed = city.by(1, ana).post("/order", body).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(2, ana), &id, "placed").await;
    for (node, status) in [(3, "accepted"), (1, "preparing"), (2, "ready")] {
        kitchen_says(city, node, kitchen, &id, json!({"status": status})).await.ok(200);
    }
    id
}

async fn says(city: &City, node: usize, rider: &Rider, id: &str, word: Value) -> Answer {
    let path = format!("/delivery/me/order/{id}/status");
    city.by(node, &rider.person).patch(&path, word).await
}

/// Waits until this courier is asked, and says yes.
async fn takes(city: &City, rider: &Rider, id: &str) -> Value {
    let offered = until("the courier is asked", async || {
        let work = city.by(1, &rider.person).get("/delivery/assignments").await.ok(200);
        let offers = work["offers"].as_array().unwrap().clone();
        offers.into_iter().find(|offer| offer["order_id"] == id)
    })
    .await;
    let word = json!({"status": "accepted", "fence": offered["fence"]});
    says(city, 2, rider, id, word).await.ok(200);
    offered["fence"].clone()
}

async fn show(city: &City, by: &Person, id: &str) -> Value {
    city.by(3, by).get(&format!("/v1/order/{id}")).await.ok(200)
}

/// R5: one delivery and twenty couriers who answer at three nodes: one holder, the others are told
/// so; and when it is taken from the holder, a late word of theirs is fenced.
#[tokio::test(flavor = "multi_thread")]
async fn r5_twenty_couriers_answer_and_one_holds() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let mut riders = Vec::new();
    for _ in 0..20 {
        riders.push(city.rider(&founder).await);
    }
    let _rides: Vec<_> =
        riders.iter().enumerate().map(|(n, rider)| city.rides(n % 3 + 1, rider, KITCHEN)).collect();
    let id = ready(&city, &kitchen, &ana, order(&kitchen, 1)).await;
    let delivery = until("somebody is asked", async || {
        let order = show(&city, &founder, &id).await;
        (order["delivery_state"] == "offering").then_some(())
    });
    delivery.await;
    let answers = riders.iter().enumerate().map(|(place, rider)| {
        says(&city, place % 3 + 1, rider, &id, json!({"status": "accepted"}))
    });
    let answers = futures_util::future::join_all(answers).await;
    let mut holders = Vec::new();
    for (rider, answer) in riders.iter().zip(&answers) {
        if answer.status == 200 {
            holders.push(rider);
        } else {
            assert_eq!(answer.code(), Code::OfferClosed);
        }
    }
    let [holder] = holders.as_slice() else { panic!("{} hold it", holders.len()) };
    assert_eq!(show(&city, &founder, &id).await["courier_id"], holder.courier_id);
    // Everywhere the same, and only once in somebody's bag.
    let work = city.by(2, &holder.person).get("/delivery/assignments").await.ok(200);
    let (delivery_id, fence) =
        (work["deliveries"][0]["delivery_id"].clone(), work["deliveries"][0]["fence"].clone());
    let path = format!("/v1/admin/delivery/{}/unassign", delivery_id.as_str().unwrap());
    city.by(3, &founder).post(&path, json!({"reason": "no answer"})).await.ok(200);
    for status in ["at_store", "picked_up", "delivered"] {
        let late = says(&city, 1, holder, &id, json!({"status": status, "fence": fence})).await;
        assert_eq!(late.code(), Code::NotYours);
    }
    city.end().await;
}

/// R6: what was not picked up is not delivered, and nothing moves.
#[tokio::test(flavor = "multi_thread")]
async fn r6_what_was_not_picked_up_is_not_delivered() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let rider = city.rider(&founder).await;
    let _rides = city.rides(1, &rider, KITCHEN);
    let id = ready(&city, &kitchen, &ana, order(&kitchen, 1)).await;
    takes(&city, &rider, &id).await;
    let before = show(&city, &ana, &id).await;
    let refused = says(&city, 3, &rider, &id, json!({"status": "delivered"})).await;
    assert_eq!((refused.code(), &refused.json()["state"]), (Code::OutOfOrder, &json!("assigned")));
    assert_eq!(show(&city, &ana, &id).await, before);
    city.end().await;
}

/// R9: three steps that were taken offline, uploaded late, out of order and twice at two nodes:
/// right order, right times, once.
#[tokio::test(flavor = "multi_thread")]
async fn r9_offline_steps_come_late_and_twice_and_count_once() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (ana, bea) = (city.somebody().await, city.somebody().await);
    let rider = city.rider(&founder).await;
    let rides = city.rides(1, &rider, DOOR);
    let first = ready(&city, &kitchen, &ana, order(&kitchen, 1)).await;
    takes(&city, &rider, &first).await;
    let second = ready(&city, &kitchen, &bea, order(&kitchen, 2)).await;
    takes(&city, &rider, &second).await;
    drop(rides);
    for id in [&first, &second] {
        says(&city, 1, &rider, id, json!({"status": "picked_up"})).await.ok(200);
    }
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let at = |later: i64| domain::time::Timestamp(i64::try_from(now).unwrap() + later).to_string();
    let event = |name: &str, id: &str, status: &str, later: i64| {
        let occurred_at = at(later);
        json!({"event_id": name, "order_id": id, "status": status, "occurred_at": occurred_at})
    };
    // The phone's clock runs ahead a little, so these follow the pick-up by the city's clock.
    let events = json!({"events": [
        event("e3", &first, "delivered", 120_000),
        event("e2", &second, "delivered", 90_000),
        event("e1", &first, "at_door", 60_000),
        {"event_id": "e0", "order_id": first, "status": "returned", "occurred_at": at(150_000)},
    ]});
    let mut told = Vec::new();
    for node in [2, 3] {
        let path = "/v1/delivery/me/batch";
        told.push(city.by(node, &rider.person).post(path, events.clone()).await.ok(207));
    }
    for answer in &told {
        let results = answer["results"].as_array().unwrap();
        let said: Vec<_> = results.iter().map(|r| (&r["event_id"], &r["status"])).collect();
        let (ok, no) = (json!(200), json!(409));
        let names = [json!("e3"), json!("e2"), json!("e1"), json!("e0")];
        assert_eq!(said, [(&names[0], &ok), (&names[1], &ok), (&names[2], &ok), (&names[3], &no)]);
        assert_eq!(results[3]["problem"]["code"], "out_of_order");
    }
    let own = show(&city, &ana, &first).await;
    assert_eq!(own["state"], "completed");
    let steps = own["timeline"].as_array().unwrap().iter();
    let offline: Vec<_> = steps
        .filter(|step| step.get("occurred_at").is_some())
        .map(|step| (step["what"].as_str().unwrap(), step["occurred_at"].as_str().unwrap()))
        .collect();
    let (door, done) = (at(60_000), at(120_000));
    let wanted = [
        ("delivery.at_door", door.as_str()),
        ("delivery.delivered", done.as_str()),
        ("order.completed", done.as_str()),
    ];
    assert_eq!(offline, wanted);
    for (kind, times) in [("delivery.at_door", 1), ("delivery.delivered", 2)] {
        let told = city.by(1, &founder).get(&format!("/v1/events?types={kind}")).await.ok(200);
        assert_eq!(told["events"].as_array().unwrap().len(), times, "{told}");
    }
    city.end().await;
}

/// A PIN at the door, the kitchen's number for what is taken early and for what comes back, and an
/// operator who decides about the rest.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_operators_move_food() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let rider = city.rider(&founder).await;
    let _rides = city.rides(1, &rider, DOOR);
    let mut body = order(&kitchen, 1);
    body["pin_at_door"] = json!(true);
    let placed = city.by(1, &ana).post("/order", body).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(2, &ana), &id, "placed").await;
    kitchen_says(&city, 3, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);
    takes(&city, &rider, &id).await;
    let own = show(&city, &ana, &id).await;
    let pin = own["door_pin"].as_str().unwrap().to_owned();
    assert_eq!(own.get("handover_code"), None);
    let orders = format!("/restaurant/{}/orders", kitchen.id);
    let seen = city.by(2, &kitchen.staff).get(&orders).await.ok(200)["data"][0].clone();
    let code = seen["handover_code"].as_str().unwrap().to_owned();
    assert_eq!(seen.get("door_pin"), None);

    let say = async |node: usize, word: Value| says(&city, node, &rider, &id, word).await;
    assert_eq!(say(1, json!({"status": "picked_up"})).await.code(), Code::OutOfOrder);
    let other = |right: &str| if right == "0000" { "0001" } else { "0000" };
    let word = json!({"status": "picked_up", "proof": {"code": other(&code)}});
    assert_eq!(say(2, word).await.code(), Code::PinWrong);
    let word = json!({"status": "picked_up", "proof": {"code": code}});
    say(3, word).await.ok(200);
    assert_eq!(say(1, json!({"status": "delivered"})).await.code(), Code::ProofMissing);
    let wrong = json!({"status": "delivered", "proof": {"pin": other(&pin)}, "event_id": "e1"});
    for node in [2, 3] {
        let refused = say(node, wrong.clone()).await;
        assert_eq!((refused.code(), &refused.json()["tries_left"]), (Code::PinWrong, &json!(4)));
    }

    // Ana is not there: two attempts, but no 8 minutes; so she does not want it.
    for event_id in ["call-1", "call-1", "call-2"] {
        let path = format!("/v1/delivery/me/order/{id}/contact");
        city.by(1, &rider.person).post(&path, json!({"event_id": event_id})).await.ok(200);
    }
    let absent = json!({"status": "failed", "reason": "customer_absent"});
    assert_eq!(say(2, absent).await.code(), Code::FieldInvalid);
    say(2, json!({"status": "failed", "reason": "refused"})).await.ok(200);
    let work = city.by(3, &rider.person).get("/delivery/assignments").await.ok(200);
    let delivery_id = work["deliveries"][0]["delivery_id"].as_str().unwrap().to_owned();
    let direct = async |to: &str| {
        let path = format!("/v1/admin/delivery/{delivery_id}/direct");
        city.by(2, &founder).post(&path, json!({"to": to, "reason": "they called"})).await
    };
    direct("resumed").await.ok(200);
    direct("resumed").await.ok(200);
    say(1, json!({"status": "failed", "reason": "refused"})).await.ok(200);
    assert_eq!(direct("delivered").await.code(), Code::OutOfOrder);
    say(3, json!({"status": "returning"})).await.ok(200);
    assert_eq!(say(1, json!({"status": "returned"})).await.code(), Code::ProofMissing);
    say(2, json!({"status": "returned", "proof": {"code": code}})).await.ok(200);
    assert_eq!(show(&city, &ana, &id).await["state"], "no_show");
    city.end().await;
}

async fn shows(city: &City, node: usize, rider: &Rider, id: &str, kind: &str) -> Answer {
    let picture = image::RgbImage::from_fn(700, 300, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut bytes).encode_image(&picture).unwrap();
    let path = format!("/v1/delivery/me/order/{id}/proof?kind={kind}");
    let request = city.by(node, &rider.person).request(Method::POST, &path);
    send(request.header("content-type", "image/jpeg").body(bytes)).await
}

/// Food that is left at a door counts with a picture of it, which is not for everybody.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_at_a_door_is_shown_to_whom_it_concerns() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (ana, ben) = (city.somebody().await, city.somebody().await);
    let (rider, other) = (city.rider(&founder).await, city.rider(&founder).await);
    let _rides = city.rides(1, &rider, DOOR);
    let mut body = order(&kitchen, 1);
    body["contactless"] = json!(true);
    let id = ready(&city, &kitchen, &ana, body).await;
    takes(&city, &rider, &id).await;
    assert_eq!(shows(&city, 1, &rider, &id, "photo").await.code(), Code::OutOfOrder);
    says(&city, 2, &rider, &id, json!({"status": "picked_up"})).await.ok(200);
    let refused = says(&city, 3, &rider, &id, json!({"status": "delivered"})).await;
    assert_eq!(refused.code(), Code::ProofMissing);
    assert_eq!(refused.json()["needed"], json!(["photo"]));

    assert_eq!(shows(&city, 1, &other, &id, "photo").await.code(), Code::NotYours);
    assert_eq!(shows(&city, 1, &rider, &id, "poem").await.code(), Code::ParamInvalid);
    let taken = shows(&city, 1, &rider, &id, "photo").await.ok(200);
    let again = shows(&city, 2, &rider, &id, "photo").await.ok(200);
    assert_eq!(taken["hash"], again["hash"]);
    says(&city, 3, &rider, &id, json!({"status": "delivered"})).await.ok(200);
    state_is(&city.by(2, &ana), &id, "completed").await;

    let path = format!("/v1/order/{id}/proof/photo");
    for who in [&ana, &founder, &rider.person] {
        let seen = city.by(2, who).get(&format!("{path}?width=640")).await;
        assert_eq!((seen.status, seen.header("cache-control")), (200, Some("private, no-store")));
        assert_eq!(image::load_from_memory(&seen.body).unwrap().width(), 640);
    }
    for who in [&ben, &other.person] {
        assert_eq!(city.by(3, who).get(&path).await.code(), Code::OrderUnknown);
    }
    assert_eq!(city.by(1, &kitchen.staff).get(&path).await.code(), Code::Forbidden);
    assert_eq!(city.at(1).get(&path).await.code(), Code::TokenMissing);
    let signature = format!("/v1/order/{id}/proof/signature");
    assert_eq!(city.by(1, &ana).get(&signature).await.code(), Code::ImageUnknown);
    let hash = taken["hash"].as_str().unwrap();
    for path in [format!("/img/{hash}-320.jpg"), format!("/v1/images/{hash}")] {
        assert_eq!(city.by(1, &ana).get(&path).await.code(), Code::ImageUnknown);
    }

    // It shows her door: with her it goes, whoever took it.
    let own = format!("/v1/images/{hash}");
    assert_eq!(city.by(2, &rider.person).get(&own).await.status, 200);
    let again = shows(&city, 3, &rider, &id, "photo").await.ok(200);
    assert_eq!(again["hash"], taken["hash"], "a repeat, when all is over");
    let late = shows(&city, 1, &rider, &id, "signature").await;
    assert_eq!(late.code(), Code::OutOfOrder);
    let leave = json!({"password": PASSWORD});
    let erased = city.by(1, &ana).delete("/v1/me", leave).await.ok(200);
    let after = |path: &str| format!("{path}?after={}", erased["index"]);
    for node in 1..=3 {
        for who in [&founder, &rider.person] {
            assert_eq!(city.by(node, who).get(&after(&own)).await.code(), Code::ImageUnknown);
            assert_eq!(city.by(node, who).get(&after(&path)).await.code(), Code::ImageUnknown);
        }
    }
    city.end().await;
}

/// The stamps of a leader whose clock was ahead stay, and the city's time creeps on from there.
/// What couriers say meanwhile is as old as it is, and not an hour older.
#[tokio::test(flavor = "multi_thread")]
async fn couriers_are_asked_while_the_citys_time_is_ahead_of_every_clock() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let clock = Turned::default();
    let city = City::start_as(&Setup { clock: clock.clone(), ..Setup::default() }).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let rider = city.rider(&founder).await;
    clock.forward(HOUR);
    // Something is stamped.
    city.somebody().await;
    clock.back(HOUR);
    let _ride = city.rides(1, &rider, KITCHEN);
    let ana = city.somebody().await;
    let id = ready(&city, &kitchen, &ana, order(&kitchen, 1)).await;
    takes(&city, &rider, &id).await;
}
