//! Customers who come for their food, from socket to socket: slots, PINs and an operator.

use crate::city::{City, until};
use crate::people::{Kitchen, Person};
use crate::walks::{kitchen_says, state_is};
use api::codes::Code;
use serde_json::{Value, json};

/// A basket that its customer comes for.
fn pickup(kitchen: &Kitchen, method: Value) -> Value {
    json!({
        "restaurant_id": kitchen.id,
        "fulfilment": "pickup",
        "basket": [{"dish_id": kitchen.ramen, "note": "no onions", "if_unavailable": "substitute"}],
        "payment": method,
    })
}

fn card() -> Value {
    json!({"method": "card", "token": "tok_visa"})
}

async fn ready(city: &City, kitchen: &Kitchen, ana: &Person, body: Value) -> String {
    let placed = city.by(1, ana).post("/order", body).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(2, ana), &id, "placed").await;
    for (node, status) in [(3, "accepted"), (1, "preparing"), (2, "ready")] {
        kitchen_says(city, node, kitchen, &id, json!({"status": status})).await.ok(200);
    }
    id
}

/// A wrong PIN at one node, the right one at another; the card is charged at the counter.
#[tokio::test(flavor = "multi_thread")]
async fn a_pickup_is_handed_over_for_its_pin() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;

    let quoted = json!({
        "restaurant_id": kitchen.id, "fulfilment": "pickup",
        "basket": [{"dish_id": kitchen.ramen}],
    });
    let quote = city.by(2, &ana).post("/v1/quotes", quoted).await.ok(201);
    assert_eq!((&quote["fulfilment"], &quote["when"]), (&json!("pickup"), &json!("asap")));
    assert_eq!(quote["receipt"]["delivery_fee"]["amount"], 0);
    let mixed = json!({"quote_id": quote["quote_id"], "fulfilment": "pickup", "payment": card()});
    assert_eq!(city.by(2, &ana).post("/order", mixed).await.code(), Code::FieldInvalid);
    let mut addressed = pickup(&kitchen, card());
    addressed["address"] = json!({"point": {"lat": 43.556, "lng": -5.912}, "lines": "Calle 1"});
    assert_eq!(city.by(2, &ana).post("/order", addressed).await.code(), Code::FieldInvalid);

    let id = ready(&city, &kitchen, &ana, pickup(&kitchen, card())).await;
    let own = city.by(3, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    let pin = own["pickup_pin"].as_str().unwrap().to_owned();
    assert_eq!(pin.len(), 6);
    assert_eq!((own.get("delivery_state"), own.get("door_pin")), (None, None));
    assert_eq!((&own["fulfilment"], &own["when"]), (&json!("pickup"), &json!("asap")));
    assert!(own["promised"]["from"].as_str() < own["promised"]["to"].as_str(), "{own}");
    let line = &own["receipt"]["lines"][0];
    assert_eq!(
        (&line["note"], &line["if_unavailable"]),
        (&json!("no onions"), &json!("substitute"))
    );
    // Whoever checks the PIN is not told it; nor are operators.
    let orders = format!("/restaurant/{}/orders", kitchen.id);
    let seen = city.by(1, &kitchen.staff).get(&orders).await.ok(200);
    assert_eq!(seen["data"][0]["receipt"]["lines"][0]["note"], "no onions");
    assert_eq!(seen["data"][0].get("pickup_pin"), None);
    let seen = city.by(1, &founder).get(&format!("/v1/order/{id}")).await.ok(200);
    assert_eq!(seen.get("pickup_pin"), None);

    let say = async |node: usize, word: Value| kitchen_says(&city, node, &kitchen, &id, word).await;
    assert_eq!(say(1, json!({"status": "no_show"})).await.code(), Code::TooEarly);
    assert_eq!(say(2, json!({"status": "handed_over"})).await.code(), Code::ProofMissing);
    let wrong = if pin == "000000" { "000001" } else { "000000" };
    for node in [1, 2] {
        // The same wrong PIN again is the same try.
        let refused = say(node, json!({"status": "handed_over", "pin": wrong})).await;
        assert_eq!((refused.code(), &refused.json()["tries_left"]), (Code::PinWrong, &json!(4)));
    }
    let handed = say(3, json!({"status": "handed_over", "pin": pin})).await.ok(200);
    assert_eq!(handed["state"], "completed");
    assert_eq!(
        say(1, json!({"status": "handed_over", "pin": pin})).await.ok(200)["state"],
        "completed"
    );
    until("the card is charged", async || {
        let status = city.by(1, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["payment_state"] == "captured").then_some(())
    })
    .await;
    city.end().await;
}

/// Five wrong PINs, and the right one does not help any more: an operator who knows Ana does.
#[tokio::test(flavor = "multi_thread")]
async fn after_five_wrong_pins_an_operator_helps() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = ready(&city, &kitchen, &ana, pickup(&kitchen, json!({"method": "cash"}))).await;
    let own = city.by(2, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    let pin = own["pickup_pin"].as_str().unwrap().to_owned();
    let wrong = (0..6).map(|number| format!("{number:06}")).filter(|number| *number != pin);
    for (tries, wrong) in wrong.take(5).enumerate() {
        let word = json!({"status": "handed_over", "pin": wrong});
        let refused = kitchen_says(&city, tries % 3 + 1, &kitchen, &id, word).await;
        assert_eq!(
            (refused.code(), &refused.json()["tries_left"]),
            (Code::PinWrong, &json!(4 - tries))
        );
    }
    let word = json!({"status": "handed_over", "pin": pin});
    assert_eq!(kitchen_says(&city, 3, &kitchen, &id, word).await.code(), Code::PinWrong);
    let path = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    let helped = city.by(1, &founder).patch(&path, json!({"status": "handed_over"})).await.ok(200);
    assert_eq!(
        (&helped["state"], &helped["payment_state"]),
        (&json!("completed"), &json!("cash_collected"))
    );
    city.end().await;
}

/// R21: the kitchen hears of an order for later at once, and again when it must begin.
#[tokio::test(flavor = "multi_thread")]
async fn r21_an_order_for_another_hour_is_told_at_placing() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let (quarter, day) = (900_000, 86_400_000);
    let now = domain::time::Timestamp(
        i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap(),
    );
    let slot = domain::time::Timestamp((now.0 + day) / quarter * quarter);
    let mut body = pickup(&kitchen, json!({"method": "cash"}));
    body["when"] = json!({"slot": slot.to_string()});
    let placed = city.by(2, &ana).post("/order", body).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    let orders = format!("/restaurant/{}/orders?state=placed", kitchen.id);
    let seen = city.by(3, &kitchen.staff).get(&orders).await.ok(200)["data"][0].clone();
    assert_eq!(seen["order_id"], id);
    assert_eq!(seen["when"], json!({"slot": slot.to_string()}));
    assert_eq!(seen["promised"]["from"], slot.to_string());
    kitchen_says(&city, 1, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);
    let early = kitchen_says(&city, 1, &kitchen, &id, json!({"status": "preparing"})).await;
    assert_eq!(early.code(), Code::TooEarly);
    let crooked = domain::time::Timestamp(slot.0 + 60_000);
    let mut body = pickup(&kitchen, json!({"method": "cash"}));
    body["when"] = json!({"slot": crooked.to_string()});
    assert_eq!(city.by(2, &ana).post("/order", body).await.code(), Code::FieldInvalid);
    city.end().await;
}
