//! Bans and the rules against fraud, on every node.

use crate::city::{City, until};
use crate::http::{Api, send};
use crate::people::{KITCHEN, Kitchen, Person, order};
use api::codes::Code;
use reqwest::Method;
use serde_json::{Value, json};

const BANS: &str = "/v1/admin/bans";
const RULES: &str = "/v1/admin/fraud/rules";

/// Whether a kitchen is among those that people find.
async fn is_found(api: &Api, kitchen: &Kitchen, after: u64) -> bool {
    let (lat, lng) = KITCHEN;
    let path = format!("/restaurants?lat={lat}&lng={lng}&after={after}");
    let found = api.get(&path).await.ok(200);
    let rows = found["data"].as_array().unwrap();
    rows.iter().any(|row| row["restaurant_id"] == kitchen.id.as_str())
}

async fn place_with(city: &City, node: usize, by: &Person, kitchen: &Kitchen, key: &str) -> Code {
    let device = city.by(node, by).request(Method::POST, "/order").header("Fd-Device", "phone-7");
    send(device.header("Idempotency-Key", key).json(&order(kitchen, 1))).await.code()
}

/// R30: from the moment that a ban is acknowledged, no node lets the banned write anything.
#[tokio::test(flavor = "multi_thread")]
async fn r30_nobody_banned_writes_anything_at_any_node() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let rider = city.rider(&founder).await;
    for banning in 1..=3 {
        let eve = city.somebody().await;
        city.by(1 + banning % 3, &eve).post("/order", order(&kitchen, 1)).await.ok(201);
        let ban = json!({"account_id": eve.account_id, "reason": "spam"});
        city.by(banning, &founder).post(BANS, ban).await.ok(200);
        // At once, and with another order: nothing waits for a replica to catch up.
        for node in 1..=3 {
            let refused = city.by(node, &eve).post("/order", order(&kitchen, 2)).await;
            assert_eq!(refused.code(), Code::Banned, "banned at {banning}, asked at {node}");
        }
    }
    let courier = json!({"courier_id": rider.courier_id, "reason": "speeding"});
    city.by(2, &founder).post(BANS, courier).await.ok(200);
    for node in 1..=3 {
        let online = json!({"online": true});
        let own = city.by(node, &rider.person);
        let refused = own.put("/v1/delivery/me/online", online).await;
        assert!(matches!(refused.code(), Code::Forbidden | Code::Banned), "node {node}");
        own.post("/order", order(&kitchen, 1)).await.ok(201);
    }
    city.end().await;
}

/// R30 for what is not a person: a restaurant, and what was ordered there.
#[tokio::test(flavor = "multi_thread")]
async fn r30_a_ban_holds_on_every_node() {
    let city = City::start().await;
    let founder = city.founder().await;
    let (kitchen, other) =
        (city.kitchen(&founder, "Casa Marisol").await, city.kitchen(&founder, "Noodle Bar").await);
    let ana = city.somebody().await;
    let placed = city.by(1, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();

    let ban = json!({"restaurant_id": kitchen.id, "reason": "dirt"});
    let index = city.by(1, &founder).post(BANS, ban).await.ok(200)["index"].as_u64().unwrap();
    for node in 1..=3 {
        assert!(!is_found(&city.by(node, &ana), &kitchen, index).await, "node {node}");
        assert!(is_found(&city.by(node, &ana), &other, index).await, "node {node}");
        let refused = city.by(node, &ana).post("/order", order(&kitchen, 2)).await;
        assert_eq!(refused.code(), Code::NotDeliverable, "node {node}");
    }
    until("what it had not said yes to is refused", async || {
        let status = city.by(2, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        matches!(status["state"].as_str(), Some("rejected" | "cancelled")).then_some(())
    })
    .await;
    let note = json!({"subject": kitchen.id, "note": "clean again"});
    let founder_at = city.by(3, &founder);
    founder_at.patch(BANS, note).await.ok(200);
    let bans = founder_at.get(&format!("{BANS}?kind=restaurant")).await.ok(200);
    assert_eq!(bans["data"][0]["subject"], kitchen.id.as_str());
    assert_eq!(bans["data"][0]["appeal"], "clean again");
    let lift = json!({"restaurant_id": kitchen.id, "reason": "clean"});
    let lifted = send(founder_at.request(Method::DELETE, BANS).json(&lift)).await;
    let index = lifted.ok(200)["index"].as_u64().unwrap();
    assert!(is_found(&city.by(1, &ana), &kitchen, index).await);
    let two = json!({"account_id": ana.account_id, "restaurant_id": kitchen.id, "reason": "x"});
    assert_eq!(founder_at.post(BANS, two).await.code(), Code::FieldInvalid);
    city.end().await;
}

/// Rules by version, a dry run, an order that waits, a decision; and the device behind it.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_look_odd_wait_and_are_decided() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let desk = city.by(1, &founder);
    let mut set = desk.get(RULES).await.ok(200)["set"].clone();
    assert_eq!(set["mode"], "shadow");
    set["mode"] = json!("enforce");
    set["rules"] = json!([
        {"signal": "device_orders_hour", "at_least": 1, "points": 40},
        {"signal": "device_orders_hour", "at_least": 2, "points": 40},
    ]);
    let put = async |version: Option<u64>, query: &str| {
        let request = desk.request(Method::PUT, &format!("{RULES}{query}")).json(&set);
        send(match version {
            Some(version) => request.header("If-Match", format!("\"{version}\"")),
            None => request,
        })
        .await
    };
    assert_eq!(put(None, "").await.code(), Code::IfMatchMissing);
    assert_eq!(put(Some(7), "").await.code(), Code::VersionChanged);
    put(Some(0), "").await.ok(200);

    let paid = {
        let device = city.by(2, &ana).request(Method::POST, "/order");
        let request = device.header("Fd-Device", "phone-7").json(&order(&kitchen, 1));
        send(request).await.ok(201)
    };
    assert_eq!(paid["state"], "pending");
    let id = paid["order_id"].as_str().unwrap().to_owned();
    assert_eq!(place_with(&city, 3, &ana, &kitchen, "again").await, Code::OrderDeclined);

    let cases = desk.get("/v1/admin/fraud/cases").await.ok(200)["data"].clone();
    let states: Vec<&str> =
        cases.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["denied", "open"]);
    let open: &Value = &cases[1];
    assert_eq!(open["order_id"], id.as_str());
    assert_eq!(open["hits"][0]["signal"], "device_orders_hour");
    let decide = format!("/v1/admin/fraud/cases/{}/decide", open["case_id"].as_str().unwrap());
    let allow = json!({"decision": "allow", "reason": "known to the kitchen"});
    assert_eq!(desk.post(&decide, allow.clone()).await.ok(200)["state"], "allowed");
    desk.post(&decide, allow).await.ok(200);
    let deny = json!({"decision": "deny", "reason": "x"});
    assert_eq!(desk.post(&decide, deny).await.code(), Code::CaseClosed);
    until("the kitchen sees it", async || {
        let status = city.by(3, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["state"] == "placed").then_some(())
    })
    .await;

    let archive = city.by(3, &ana).get("/v1/me/export").await.ok(200);
    let told = |review: &Value| {
        let of_this = review["order_id"] == id.as_str();
        (of_this, review["state"].clone(), review["by_person"].clone(), review["reason"].clone())
    };
    let reviews: Vec<_> = archive["reviews"].as_array().unwrap().iter().map(told).collect();
    let denied = (false, json!("denied"), json!(false), Value::Null);
    let allowed = (true, json!("allowed"), json!(true), json!("known to the kitchen"));
    assert_eq!(reviews, [denied, allowed], "what was decided, and not by which rule");

    let tried = put(Some(1), "?dry_run=true").await.ok(200)["dry_run"].clone();
    assert_eq!(tried["orders"], 1);
    assert_eq!(tried["now"]["review"], 1);
    assert_eq!(desk.get(RULES).await.ok(200)["version"], 1);

    let ban = json!({"device": open["device"], "reason": "fraud"});
    desk.post(BANS, ban).await.ok(200);
    let eve = city.somebody().await;
    for node in 1..=3 {
        let key = format!("eve-{node}");
        let code = place_with(&city, node, &eve, &kitchen, &key).await;
        assert_eq!(code, Code::OrderDeclined, "node {node}");
    }
    city.end().await;
}
