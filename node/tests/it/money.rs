//! Money after placing, over three nodes: other cards, tips, the books, payouts.

use crate::city::{City, until};
use crate::people::{Kitchen, Person, order};
use api::codes::Code;
use serde_json::{Value, json};

fn pays_with(token: &str) -> Value {
    json!({"payment": {"method": "card", "token": token}})
}

/// An order that was placed with a card, and is waited for until its money is there or not.
async fn placed(city: &City, kitchen: &Kitchen, ana: &Person, token: &str, state: &str) -> String {
    let mut wish = order(kitchen, 2);
    wish["payment"] = pays_with(token)["payment"].clone();
    wish["fulfilment"] = json!("pickup");
    wish.as_object_mut().unwrap().remove("address");
    let placed = city.by(1, ana).post("/order", wish).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    paid(city, ana, &id, state).await;
    id
}

async fn paid(city: &City, ana: &Person, id: &str, state: &str) -> Value {
    until("the bank has answered", async || {
        let status = city.by(2, ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["payment_state"] == state).then_some(status)
    })
    .await
}

/// R13, R16: a declined card opens no door, and of several cards one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn r16_of_several_cards_one_is_taken_and_r13_the_kitchen_waits_for_it() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let id = placed(&city, &kitchen, &ana, "tok_declined_1", "failed").await;
    let status = paid(&city, &ana, &id, "failed").await;
    assert_eq!(
        (&status["state"], &status["payment"]["state"]),
        (&json!("pending"), &json!("failed"))
    );
    assert!(status["payment"]["decline"].is_string(), "{status}");
    let counter = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    let staff = city.by(2, &kitchen.staff);
    let hidden = staff.patch(&counter, json!({"status": "accepted"})).await;
    assert_eq!(hidden.code(), Code::OrderUnknown);

    let path = format!("/v1/order/{id}/payment");
    let (one, two) = (city.by(1, &ana), city.by(3, &ana));
    let number = one.post_keyed(&path, "n", &pays_with("4242 4242 4242 4242")).await;
    assert_eq!(number.code(), Code::FieldInvalid);
    let again = pays_with("tok_visa");
    let clicks = futures_util::future::join_all([
        one.post_keyed(&path, "second", &again),
        two.post_keyed(&path, "second", &again),
    ]);
    for answer in clicks.await {
        answer.ok(201);
    }
    paid(&city, &ana, &id, "authorized").await;
    let late = two.post_keyed(&path, "third", &again).await;
    assert_eq!(late.code(), Code::OrderMovedOn);

    let own = city.by(3, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    for status in ["accepted", "ready"] {
        staff.patch(&counter, json!({"status": status})).await.ok(200);
    }
    let pin = own["pickup_pin"].clone();
    staff.patch(&counter, json!({"status": "handed_over", "pin": pin})).await.ok(200);
    paid(&city, &ana, &id, "captured").await;
    let own = city.by(1, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    let states: Vec<&Value> =
        own["payments"].as_array().unwrap().iter().map(|payment| &payment["state"]).collect();
    assert_eq!(states, ["failed", "captured"]);

    let tip = json!({"amount": 150, "to": "kitchen", "payment": {"method": "card", "token": "t"}});
    let path = format!("/v1/order/{id}/tip");
    assert_eq!(one.post(&path, tip.clone()).await.code(), Code::KeyMissing);
    one.post_keyed(&path, "tip", &tip).await.ok(201);
    two.post_keyed(&path, "tip", &tip).await.ok(201);
    let earnings = until("the tip is there", async || {
        let path = format!("/v1/restaurant/{}/earnings", kitchen.id);
        let told = city.by(1, &founder).get(&path).await.ok(200);
        let tipped = told["data"].as_array()?.iter().any(|row| row["what"] == "tip_captured");
        tipped.then_some(told)
    })
    .await;
    assert_eq!(earnings["data"].as_array().unwrap().len(), 2);

    let desk = city.by(2, &founder);
    let entries = desk.get("/v1/admin/ledger").await.ok(200);
    let captured = |row: &&Value| row["what"] == "captured";
    assert_eq!(entries["data"].as_array().unwrap().iter().filter(captured).count(), 1);
    let balances = desk.get("/v1/admin/balances").await.ok(200);
    let amounts = balances["data"].as_array().unwrap().iter();
    let sum: i64 = amounts.map(|row| row["amount"]["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, 0, "{balances}");

    let owed = earnings["balance"]["amount"].as_i64().unwrap();
    let payout = |amount: i64| json!({"payee": kitchen.id, "amount": amount, "reason": "week 1"});
    let wrong = desk.post_keyed("/v1/admin/payouts", "p0", &payout(owed + 1)).await;
    assert_eq!(wrong.code(), Code::VersionChanged);
    desk.post_keyed("/v1/admin/payouts", "p1", &payout(owed)).await.ok(201);
    city.by(3, &founder).post_keyed("/v1/admin/payouts", "p1", &payout(owed)).await.ok(201);
    let made = desk.get("/v1/admin/payouts").await.ok(200);
    assert_eq!(made["data"].as_array().unwrap().len(), 1);
    let mine = city.by(1, &ana).get("/v1/admin/ledger").await;
    assert_eq!(mine.code(), Code::Forbidden);
    city.end().await;
}
