//! The same request many times is one thing, at whichever node it arrives.

use crate::city::City;
use crate::people::order;
use api::codes::Code;
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_repeats_over_three_nodes_are_one_order() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let body = order(&kitchen, 2);
    let repeats = (0..100).map(|repeat| {
        let (api, body) = (city.by(1 + repeat % 3, &ana), body.clone());
        async move { api.post_keyed("/order", "one-dinner", &body).await }
    });
    let answers = join_all(repeats).await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.header("idempotency-key"), Some("one-dinner"));
        assert_eq!(answer.header("fd-index"), answers[0].header("fd-index"));
    }
    let firsts = answers.iter().filter(|a| a.header("idempotency-replayed").is_none());
    assert_eq!(firsts.count(), 1, "one of them placed it");
    let orders = city.by(3, &ana).get("/v1/orders").await.ok(200);
    assert_eq!(orders["data"].as_array().unwrap().len(), 1);

    // Another wish under the same key is refused everywhere; another spelling is the same wish.
    let mut respelled = serde_json::Map::new();
    for (name, value) in body.as_object().unwrap().iter().rev() {
        respelled.insert(name.clone(), value.clone());
    }
    for node in 1..=3 {
        let api = city.by(node, &ana);
        let other = api.post_keyed("/order", "one-dinner", &order(&kitchen, 3)).await;
        assert_eq!(other.code(), Code::IdReused, "node {node}");
        let same = api.post_keyed("/v1/order", "one-dinner", &json!(respelled)).await;
        assert_eq!((same.status, &same.body), (201, &answers[0].body), "node {node}");
    }
    // A key is its customer's own.
    let ben = city.somebody().await;
    let his = city.by(2, &ben).post_keyed("/order", "one-dinner", &body).await.ok(201);
    assert_ne!(his["order_id"], answers[0].json()["order_id"]);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_and_refreshing_twice() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let again = json!({"name": "Ana", "phone": ana.login, "password": crate::people::PASSWORD});
    let repeat = city.at(3).post("/signup", again).await;
    assert_eq!(repeat.ok(201)["account_id"], ana.account_id);
    let other = json!({"name": "Ana", "phone": ana.login, "password": "another password"});
    assert_eq!(city.at(2).post("/signup", other).await.code(), Code::ContactTaken);

    // A refresh token is good once; its repeat a moment later gets the same next one.
    let token = repeat.json()["refresh_token"].clone();
    let refresh = |node: usize, token: &serde_json::Value| {
        let (api, body) = (city.at(node), json!({"refresh_token": token}));
        async move { api.post("/v1/token/refresh", body).await }
    };
    let next = refresh(1, &token).await.ok(200)["refresh_token"].clone();
    assert_eq!(refresh(2, &token).await.ok(200)["refresh_token"], next);
    let last = refresh(3, &next).await.ok(200)["refresh_token"].clone();
    // One that is two steps old is nobody's repeat: somebody has stolen it, or those after it.
    refresh(2, &last).await.ok(200);
    assert_eq!(refresh(1, &token).await.code(), Code::RefreshReused);
    assert_eq!(refresh(2, &last).await.code(), Code::CredentialsWrong);
    city.end().await;
}
