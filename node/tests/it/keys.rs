//! Keys of programs, roles at the platform, and a node that may not know of a ban.

use crate::city::{City, Setup, until};
use crate::people::{Kitchen, order};
use api::codes::Code;
use serde_json::{Value, json};

const KEYS: &str = "/v1/keys";

async fn key_for(city: &City, founder: &crate::people::Person, kitchen: &Kitchen) -> Value {
    let new = json!({
        "label": "till",
        "scopes": ["orders", "stock", "events"],
        "restaurant_id": kitchen.id,
    });
    city.by(1, founder).post(KEYS, new).await.ok(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_a_kitchen_at_every_node_until_it_is_revoked() {
    let city = City::start().await;
    let founder = city.founder().await;
    let (casa, other) = (city.kitchen(&founder, "Casa").await, city.kitchen(&founder, "Due").await);
    let made = key_for(&city, &founder, &casa).await;
    let bearer = made["bearer"].as_str().unwrap();
    assert!(bearer.starts_with("fdk_"));
    let ana = city.somebody().await;
    let placed = city.by(2, &ana).post("/order", order(&casa, 1)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap();
    for node in 1..=3 {
        let till = city.at(node).with(bearer);
        until("the kitchen sees the order, which is paid for", async || {
            let orders = till.get(&format!("/restaurant/{}/orders", casa.id)).await.ok(200);
            (orders["data"][0]["order_id"] == id).then_some(())
        })
        .await;
        let events = till.get("/v1/events?types=order.*").await.ok(200);
        assert!(!events["events"].as_array().unwrap().is_empty());
        let theirs = till.get(&format!("/restaurant/{}/orders", other.id)).await;
        assert_eq!(theirs.code(), Code::Forbidden);
        let theirs = till.get(&format!("/v1/events?restaurant_id={}", other.id)).await;
        assert_eq!(theirs.code(), Code::Forbidden);
        let menu = till.get(&format!("/v1/restaurant/{}/menu", casa.id)).await;
        assert_eq!(menu.code(), Code::ScopeMissing);
        for nobodys in ["/v1/me", "/v1/orders", "/v1/admin/orders", KEYS, "/v1/me/export"] {
            assert_eq!(till.get(nobodys).await.code(), Code::ScopeMissing, "{nobodys}");
        }
    }
    let step = format!("/restaurant/{}/order/{id}/status", casa.id);
    let till = city.at(3).with(bearer);
    till.patch(&step, json!({"status": "accepted"})).await.ok(200);
    let listed = city.by(2, &founder).get(&format!("{KEYS}?restaurant_id={}", casa.id)).await;
    let listed = listed.ok(200).to_string();
    assert!(listed.contains("till") && !listed.contains("fdk_"), "{listed}");
    let audit = city.by(1, &founder).get("/v1/admin/audit?limit=200").await.ok(200).to_string();
    assert!(audit.contains(made["key"]["key_id"].as_str().unwrap()));
    assert!(!audit.contains("fdk_"));

    let key_id = made["key"]["key_id"].as_str().unwrap();
    let path = format!("{KEYS}/{key_id}?restaurant_id={}", casa.id);
    assert_eq!(city.by(2, &ana).delete(&path, json!({})).await.code(), Code::KeyUnknown);
    city.by(2, &founder).delete(&path, json!({})).await.ok(200);
    for node in 1..=3 {
        let till = city.at(node).with(bearer);
        let refused = till.patch(&step, json!({"status": "ready"})).await;
        assert_eq!(refused.code(), Code::KeyInvalid, "node {node}");
    }
    let forged = format!("{}A", &bearer[..bearer.len() - 1]);
    for wrong in [forged.as_str(), "fdk_", "fdk_AAAA"] {
        let refused = city.at(1).with(wrong).get(&format!("/restaurant/{}/orders", casa.id)).await;
        assert_eq!(refused.code(), Code::KeyInvalid, "{wrong}");
    }
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_asked_for_twice_is_shown_once_and_has_a_bucket_of_its_own() {
    let tables = "[limits]\nloopback = true\nper_address = 1000000\nlogins_per_address = 1000000
        logins_per_account = 1000\nper_account = 1000000\nper_key = 5";
    let setup = Setup { tables: tables.to_owned(), ..Setup::default() };
    let city = City::start_as(&setup).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa").await;
    let new = json!({"label": "till", "scopes": ["orders"], "restaurant_id": kitchen.id});
    let first = city.by(1, &founder).post_keyed(KEYS, "k", &new).await.ok(201);
    let again = city.by(2, &founder).post_keyed(KEYS, "k", &new).await.ok(201);
    assert_eq!((&first["key"], &again["bearer"]), (&again["key"], &Value::Null));
    let till = city.at(3).with(first["bearer"].as_str().unwrap());
    let path = format!("/restaurant/{}/orders", kitchen.id);
    let mut last = till.get(&path).await;
    assert_eq!(last.header("ratelimit-policy"), Some("\"key\";q=5;w=60"));
    for _ in 0..5 {
        last = till.get(&path).await;
    }
    assert_eq!(last.code(), Code::RateLimited);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_by_two_operators_and_hold_at_every_node() {
    let city = City::start().await;
    let founder = city.founder().await;
    let (sam, tom) = (city.somebody().await, city.somebody().await);
    let role_of = |who: &crate::people::Person| format!("/v1/admin/roles/{}", who.account_id);
    let operator = json!({"role": "operator", "reason": "second one"});
    assert_eq!(
        city.by(1, &sam).put(&role_of(&sam), operator.clone()).await.code(),
        Code::Forbidden
    );
    // The only one there is decides alone; from then on it takes two.
    city.by(1, &founder).put(&role_of(&sam), operator.clone()).await.ok(200);
    let wished = city.by(2, &founder).put(&role_of(&tom), operator.clone()).await.ok(202);
    assert_eq!(wished["holds"], false);
    city.by(3, &founder).put(&role_of(&tom), operator.clone()).await.ok(202);
    assert_eq!(city.by(1, &tom).get("/v1/admin/orders").await.code(), Code::Forbidden);
    city.by(3, &sam).put(&role_of(&tom), operator).await.ok(200);
    for node in 1..=3 {
        city.by(node, &tom).get("/v1/admin/orders").await.ok(200);
    }
    let looks = json!({"role": "auditor", "reason": "yearly"});
    city.by(1, &founder).put(&role_of(&tom), looks).await.ok(200);
    let outbox = city.by(2, &tom).get("/v1/admin/notices/outbox").await;
    assert_eq!(outbox.code(), Code::Forbidden, "it holds codes");
    let gone = json!({"reason": "has left"});
    city.by(2, &sam).delete(&role_of(&founder), gone.clone()).await.ok(200);
    assert_eq!(city.by(1, &sam).delete(&role_of(&sam), gone).await.code(), Code::LastOperator);
    let all = city.by(3, &sam).get("/v1/admin/roles").await.ok(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    city.end().await;
}

/// A replica that is cut off does not know of a ban: after a second it answers nobody what is
/// private. Following one's own order goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_shows_nothing_private_but_the_way_of_an_order() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa").await;
    let ana = city.somebody().await;
    let placed = city.by(3, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    let status = format!("/order/{}/status", placed["order_id"].as_str().unwrap());
    city.by(3, &ana).get("/v1/me").await.ok(200);
    city.stop_node(1).await;
    city.stop_node(2).await;
    let alone = city.by(3, &ana);
    until("the last node says that it is cut off", async || {
        let refused = alone.get("/v1/me").await;
        (refused.status == 503 && refused.code() == Code::Behind).then_some(())
    })
    .await;
    for private in ["/v1/orders?read=stale", "/v1/me/export?read=stale", "/v1/me/sessions"] {
        assert_eq!(alone.get(private).await.status, 503, "{private}");
    }
    assert_eq!(alone.get(&status).await.ok(200)["stale"], true);
    city.end().await;
}
