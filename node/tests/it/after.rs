//! What becomes of an order after placing: refunds, proposals, complaints and stars, over three
//! nodes.

use crate::city::{City, until};
use crate::people::{Kitchen, Person, order};
use api::codes::Code;
use serde_json::{Value, json};

/// Places an order and brings it to the stove.
async fn cooking(city: &City, kitchen: &Kitchen, ana: &Person) -> String {
    let placed = city.by(1, ana).post("/order", order(kitchen, 2)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    until("the kitchen sees it", async || {
        let seen = city.by(1, ana).get(&format!("/v1/order/{id}")).await.ok(200);
        (seen["state"] == "placed").then_some(())
    })
    .await;
    let path = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    let staff = city.by(2, &kitchen.staff);
    staff.patch(&path, json!({"status": "accepted"})).await.ok(200);
    staff.patch(&path, json!({"status": "preparing"})).await.ok(200);
    id
}

/// Called off at the stove: the dishes are charged, and the order has ended.
pub(crate) async fn charged(city: &City, kitchen: &Kitchen, ana: &Person) -> String {
    let id = cooking(city, kitchen, ana).await;
    let own = city.by(3, ana);
    let path = format!("/v1/order/{id}/cancel");
    let body = json!({"reason": "customer_changed_mind"});
    let cost = own.post(&format!("{path}?dry_run=true"), body.clone()).await.ok(200);
    assert_eq!(cost["customer_pays"]["amount"], 3_090, "the dishes and nothing else: {cost}");
    assert_eq!((&cost["fault"], &cost["restaurant_paid"]), (&json!("customer"), &json!(true)));
    own.post(&path, body).await.ok(200);
    let order = until("the money is taken", async || {
        let order = own.get(&format!("/v1/order/{id}")).await.ok(200);
        (order["payment_state"] == "captured").then_some(order)
    })
    .await;
    assert_eq!(order["bill"]["customer_pays"]["amount"], 3_090);
    id
}

/// Fetched and paid for: eaten, as far as anybody knows.
async fn fetched(city: &City, kitchen: &Kitchen, ana: &Person) -> String {
    let mut wish = order(kitchen, 2);
    wish["fulfilment"] = json!("pickup");
    wish.as_object_mut().unwrap().remove("address");
    let placed = city.by(1, ana).post("/order", wish).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    let own = city.by(3, ana);
    let path = format!("/v1/order/{id}");
    let placed = until("the kitchen sees it", async || {
        let seen = own.get(&path).await.ok(200);
        (seen["state"] == "placed").then_some(seen)
    })
    .await;
    let counter = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    let staff = city.by(2, &kitchen.staff);
    for status in ["accepted", "ready"] {
        staff.patch(&counter, json!({"status": status})).await.ok(200);
    }
    let pin = placed["pickup_pin"].clone();
    staff.patch(&counter, json!({"status": "handed_over", "pin": pin})).await.ok(200);
    until("the money is taken", async || {
        (own.get(&path).await.ok(200)["payment_state"] == "captured").then_some(())
    })
    .await;
    id
}

fn refunds(order: &Value) -> &[Value] {
    order["refunds"].as_array().map_or(&[], Vec::as_slice)
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_a_refund_that_is_clicked_at_two_nodes_is_one_refund() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = charged(&city, &kitchen, &ana).await;

    let path = format!("/v1/admin/order/{id}/refund");
    let body = json!({"amount": 500, "fault": "platform", "reason": "cold"});
    let no_key = city.by(1, &founder).post(&path, body.clone()).await;
    assert_eq!(no_key.code(), Code::KeyMissing);
    let (one, two) = (city.by(1, &founder), city.by(2, &founder));
    let clicks = futures_util::future::join_all([
        one.post_keyed(&path, "click", &body),
        two.post_keyed(&path, "click", &body),
        one.post_keyed(&path, "click", &body),
    ]);
    for answer in clicks.await {
        assert_eq!(answer.ok(201)["amount"]["amount"], 500);
    }
    let other = json!({"amount": 501, "fault": "platform", "reason": "cold"});
    assert_eq!(two.post_keyed(&path, "click", &other).await.code(), Code::IdReused);
    let lines = json!({"lines": [{"line": 0, "quantity": 3}], "fault": "platform", "reason": "x"});
    assert_eq!(two.post_keyed(&path, "lines", &lines).await.code(), Code::FieldInvalid);
    let much = json!({"amount": 2_591, "fault": "platform", "reason": "x"});
    let refused = two.post_keyed(&path, "much", &much).await;
    assert_eq!(refused.code(), Code::OverCaptured);
    assert_eq!(refused.json()["left"], 2_590);
    let not_hers = city.by(1, &ana).post_keyed(&path, "click", &body).await;
    assert_eq!(not_hers.code(), Code::Forbidden);

    let order = until("the money is back", async || {
        let order = city.by(3, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
        (refunds(&order).first()?["state"] == "done").then_some(order)
    })
    .await;
    assert_eq!(refunds(&order).len(), 1);
    assert_eq!(order["refund_state"], "partially_refunded");
    let rest = json!({"amount": 2_590, "fault": "platform", "reason": "all of it"});
    two.post_keyed(&path, "rest", &rest).await.ok(201);
    until("all of it is back", async || {
        let order = city.by(1, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
        (order["refund_state"] == "refunded").then_some(())
    })
    .await;
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_from_the_customers_word_to_the_money_back() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = fetched(&city, &kitchen, &ana).await;

    let path = format!("/v1/order/{id}/claims");
    let body = json!({"kind": "missing", "lines": [{"line": 0, "quantity": 1}],
        "text": "only one bowl"});
    let claim = city.by(1, &ana).post_keyed(&path, "claim", &body).await.ok(201);
    assert_eq!((&claim["state"], &claim["text"]), (&json!("open"), &json!("only one bowl")));
    assert_eq!(claim["asked"]["amount"], 1_250);
    let again = city.by(2, &ana).post_keyed(&path, "claim", &body).await.ok(201);
    assert_eq!(again["claim_id"], claim["claim_id"]);
    let ben = city.somebody().await;
    let stranger = city.by(2, &ben).post_keyed(&path, "claim", &body).await;
    assert_eq!(stranger.code(), Code::OrderUnknown);

    let claim_id = claim["claim_id"].as_str().unwrap();
    let at_work = format!("/v1/restaurant/{}/claims", kitchen.id);
    let staff = city.by(3, &kitchen.staff);
    let open = staff.get(&format!("{at_work}?state=open")).await.ok(200);
    assert_eq!(open["data"][0]["claim_id"], claim_id);
    let answer = format!("{at_work}/{claim_id}/answer");
    let contested = json!({"accept": false, "text": "both were in the bag"});
    let now = staff.post(&answer, contested.clone()).await.ok(200);
    assert_eq!(now["state"], "contested");
    city.by(1, &kitchen.staff).post(&answer, contested).await.ok(200);
    let late = staff.post(&answer, json!({"accept": true})).await;
    assert_eq!(late.code(), Code::ClaimClosed);

    let desk = city.by(2, &founder);
    let waiting = desk.get("/v1/admin/claims?state=contested,open").await.ok(200);
    assert_eq!(waiting["data"][0]["claim_id"], claim_id);
    let settle = format!("/v1/admin/claims/{claim_id}/settle");
    let body = json!({"amount": 1_250, "fault": "restaurant", "reason": "the photo shows it"});
    assert_eq!(desk.post(&settle, body.clone()).await.code(), Code::KeyMissing);
    let first = desk.post_keyed(&settle, "settle", &body).await.ok(200);
    let second = city.by(1, &founder).post_keyed(&settle, "settle", &body).await.ok(200);
    assert_eq!(first, second);
    assert_eq!(first["state"], "settled");
    until("the money is back", async || {
        let order = city.by(3, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
        (refunds(&order).first()?["state"] == "done").then_some(())
    })
    .await;
    let own = city.by(1, &ana).get("/v1/claims").await.ok(200);
    assert_eq!(own["data"][0]["decision"], "the photo shows it");
    let of_order = city.by(1, &ana).get(&path).await.ok(200);
    assert_eq!(of_order.as_array().unwrap().len(), 1);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dish_is_missing_and_the_customer_answers() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = cooking(&city, &kitchen, &ana).await;

    let at_work = format!("/v1/restaurant/{}/order/{id}", kitchen.id);
    let staff = city.by(1, &kitchen.staff);
    staff.post(&format!("{at_work}/seen"), json!({})).await.ok(200);
    let propose = format!("{at_work}/substitution");
    let dearer = json!({"line": 1,
        "instead": {"replace": {"dish_id": kitchen.ramen, "quantity": 1}}});
    assert_eq!(staff.post(&propose, dearer).await.code(), Code::FieldInvalid);
    let fewer = json!({"line": 0, "instead": {"fewer": {"quantity": 1}}});
    let open = staff.post(&propose, fewer.clone()).await.ok(200);
    assert_eq!(open["substitution"]["line"], 0);
    staff.post(&propose, fewer).await.ok(200);
    let other = json!({"line": 0, "instead": "remove"});
    assert_eq!(staff.post(&propose, other).await.code(), Code::ProposalOpen);

    let seen = city.by(2, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    let revision = &seen["substitution"]["revision"];
    let answer = format!("/v1/order/{id}/substitution");
    let yes = json!({"answer": "accept", "revision": revision});
    let total = |order: &Value| order["receipt"]["total"]["amount"].as_i64().unwrap();
    let first = city.by(2, &ana).post(&answer, yes.clone()).await.ok(200);
    assert_eq!(total(&first), total(&seen) - 1_250);
    assert_eq!(first["first_receipt"], seen["receipt"]);
    let again = city.by(3, &ana).post(&answer, yes).await.ok(200);
    assert_eq!(total(&again), total(&first));
    let no = city.by(3, &ana).post(&answer, json!({"answer": "refuse"})).await;
    assert_eq!(no.code(), Code::ProposalClosed);

    // The same again is asked of today's menu.
    let again = city.by(3, &ana).post(&format!("/v1/order/{id}/reorder"), json!({})).await.ok(201);
    assert_eq!(again["quote"]["receipt"]["lines"][0]["quantity"], 2);
    assert_eq!(again["changes"], json!([]));
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stars_words_and_one_reply() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = charged(&city, &kitchen, &ana).await;

    let path = format!("/v1/rate/order/{id}");
    let mut body = json!({"restaurant": {"stars": 4, "food": 5, "accuracy": 3},
        "dishes": {&kitchen.ramen: 5}, "text": "call me at 912 345 678"});
    let own = city.by(1, &ana);
    let rated = own.post(&path, body.clone()).await.ok(201);
    let reviews = format!("/v1/restaurants/{}/reviews?read=linearizable", kitchen.id);
    let shown = city.at(2).get(&reviews).await.ok(200);
    assert_eq!(shown["data"][0]["stars"], 4);
    assert_eq!(shown["data"][0].get("text"), None, "contact data is not shown");
    assert_eq!(shown["rating_count"], 1);
    body["text"] = json!("hot and quick");
    own.post(&path, body.clone()).await.ok(200);
    body["courier"] = json!({"stars": 5});
    assert_eq!(own.post(&path, body).await.code(), Code::FieldInvalid, "nobody carried it");

    let rating_id = rated["rating_id"].as_str().unwrap();
    let reply = format!("/v1/restaurant/{}/reviews/{rating_id}/reply", kitchen.id);
    let staff = city.by(3, &kitchen.staff);
    staff.post(&reply, json!({"text": "come again"})).await.ok(200);
    staff.post(&reply, json!({"text": "come again"})).await.ok(200);
    assert_eq!(staff.post(&reply, json!({"text": "never mind"})).await.code(), Code::IdReused);
    let shown = city.at(1).get(&reviews).await.ok(200);
    assert_eq!(shown["data"][0]["reply"], "come again");
    assert_eq!(shown["data"][0]["text"], "hot and quick");
    city.end().await;
}
