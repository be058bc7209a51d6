//! How well restaurants and couriers work, over HTTP.

use crate::city::{City, until};
use crate::people::{Kitchen, Person, order};
use api::codes::Code;
use serde_json::{Value, json};

/// One order that the kitchen refuses.
async fn refused(city: &City, kitchen: &Kitchen, ana: &Person, number: usize) {
    let node = 1 + number % 3;
    let mut wish = order(kitchen, 1);
    wish["payment"] = json!({"method": "cash"});
    let placed = city.by(node, ana).post("/order", wish).await.ok(201);
    let id = placed["order_id"].as_str().unwrap();
    let path = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    let refusal = json!({"status": "rejected", "reason": "busy"});
    city.by(node, &kitchen.staff).patch(&path, refusal).await.ok(200);
}

fn part<'a>(quality: &'a Value, name: &str) -> &'a Value {
    let parts = quality["parts"].as_array().unwrap();
    parts.iter().find(|part| part["part"] == name).unwrap()
}

/// A kitchen that refuses everything is paused, is told so, and is let in again by a person alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_restaurant_is_paused_by_its_score_and_let_in_by_an_operator() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let other = city.kitchen(&founder, "Noodle Bar").await;
    let ana = city.somebody().await;
    let own = format!("/v1/restaurant/{}/quality", kitchen.id);
    let new = city.by(2, &kitchen.staff).get(&own).await.ok(200);
    assert_eq!((&new["orders"], new.get("score"), new.get("measure")), (&json!(0), None, None));

    for number in 0..20 {
        refused(&city, &kitchen, &ana, number).await;
    }
    let paused = until("the score pauses it", async || {
        let now = city.by(3, &kitchen.staff).get(&own).await.ok(200);
        now.get("measure").is_some().then_some(now)
    })
    .await;
    assert_eq!((&paused["score"], &paused["orders"]), (&json!(0), &json!(20)));
    assert_eq!(part(&paused, "unfulfilled")["count"], 20);
    assert_eq!(part(&paused, "unfulfilled")["lost"], 400);
    assert_eq!(paused["measure"]["action"], "pause");
    assert_eq!(paused["measure"]["by_score"], true);
    let refusal = city.by(1, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refusal.code(), Code::RestaurantPaused);

    // Its own word does not open it, nor is its score anybody else's business.
    let open = format!("/v1/restaurant/{}/availability", kitchen.id);
    city.by(1, &kitchen.staff).put(&open, json!({"mode": "open"})).await.ok(200);
    let refusal = city.by(1, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refusal.code(), Code::RestaurantPaused);
    assert_eq!(city.by(1, &other.staff).get(&own).await.status, 403);
    assert_eq!(city.by(1, &ana).get("/v1/admin/quality").await.status, 403);

    let desk = city.by(2, &founder);
    let listed = desk.get("/v1/admin/quality").await.ok(200);
    assert_eq!(listed["data"][0]["subject"], kitchen.id.as_str());
    let texts = ["takes no orders for now", "was paused by its quality score"];
    until("its manager and the operators are told", async || {
        let mut said = String::new();
        for node in 1..=3 {
            let outbox = city.by(node, &founder).get("/v1/admin/notices/outbox").await.ok(200);
            said += &outbox.to_string();
        }
        texts.iter().all(|text| said.contains(text)).then_some(())
    })
    .await;

    let act = format!("/v1/admin/quality/{}/action", kitchen.id);
    let clear = json!({"action": "clear", "reason": "new staff"});
    let cleared = desk.post(&act, clear.clone()).await.ok(200);
    assert_eq!(cleared.get("measure"), None);
    assert!(cleared["trusted_until"].is_string());
    desk.post(&act, clear).await.ok(200);
    refused(&city, &kitchen, &ana, 20).await;
    city.by(1, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    city.end().await;
}

/// Operators do to couriers what they do to restaurants; couriers see it themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_courier_sees_what_was_done_about_them() {
    let city = City::start().await;
    let founder = city.founder().await;
    let rider = city.rider(&founder).await;
    let act = format!("/v1/admin/quality/{}/action", rider.courier_id);
    let desk = city.by(1, &founder);
    let hide = json!({"action": "hide", "reason": "rude"});
    assert_eq!(desk.post(&act, hide).await.code(), Code::FieldInvalid);
    let pause = json!({"action": "pause", "reason": "rude"});
    desk.post(&act, pause).await.ok(200);
    let own = city.by(2, &rider.person);
    let seen = until("they see it", async || {
        let seen = own.get("/v1/delivery/me/quality").await.ok(200);
        seen.get("measure").is_some().then_some(seen)
    })
    .await;
    assert_eq!(seen["measure"]["action"], "pause");
    assert_eq!(seen["measure"]["reason"], "rude");
    assert!(seen["measure"]["until"].is_string());
    let online = own.put("/v1/delivery/me/online", json!({"online": true})).await;
    assert_eq!(online.code(), Code::CourierPaused);
    desk.post(&act, json!({"action": "clear", "reason": "sorry"})).await.ok(200);
    own.put("/v1/delivery/me/online", json!({"online": true})).await.ok(200);
    let unknown = desk.get("/v1/admin/quality/res_00000000000000000000000000").await;
    assert_eq!(unknown.code(), Code::RestaurantUnknown);
    city.end().await;
}
