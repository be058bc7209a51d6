//! What is there is sold once, whoever leads; and what ran out comes back once.

use crate::city::{City, until};
use crate::people::{Kitchen, Person, order};
use crate::walks::{kitchen_says, state_is};
use domain::time::{SECOND_MS, Timestamp};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Says what there is, and that all of it holds.
async fn set(city: &City, node: usize, kitchen: &Kitchen, lines: Value) -> u64 {
    let path = format!("/v1/restaurant/{}/stock", kitchen.id);
    let answer = city.by(node, &kitchen.staff).patch(&path, json!({"lines": lines})).await;
    let results = answer.ok(207)["results"].as_array().unwrap().clone();
    assert!(results.iter().all(|result| result["status"] == 200), "{results:?}");
    answer.index()
}

/// The line of a dish in the stock, as staff see it.
async fn line(city: &City, node: usize, kitchen: &Kitchen, own_ref: &str) -> Value {
    let path = format!("/v1/restaurant/{}/stock", kitchen.id);
    let stock = city.by(node, &kitchen.staff).get(&path).await.ok(200);
    let lines = stock["lines"].as_array().unwrap().iter();
    lines.clone().find(|line| line["ref"] == own_ref).unwrap().clone()
}

/// How often the feed tells of changes of the stock after an entry.
async fn changes_after(city: &City, node: usize, founder: &Person, index: u64) -> usize {
    let path = format!("/v1/events?types=stock.changed&after={index}");
    let page = city.by(node, founder).get(&path).await.ok(200);
    page["events"].as_array().unwrap().len()
}

fn soon(ms: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Timestamp(i64::try_from(now).unwrap() + ms).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_a_hundred_buyers_at_three_nodes_and_one_dish() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let buyers = join_all((0..10).map(|_| city.somebody())).await;
    set(&city, 1, &kitchen, json!([{"ref": "ramen", "state": "quantity", "quantity": 1}])).await;

    let body = order(&kitchen, 1);
    let placed = join_all((0..100_usize).map(|number| {
        let api = city.by(number % 3 + 1, &buyers[number % buyers.len()]);
        let body = &body;
        async move { api.post_keyed("/order", &format!("r4-{number}"), body).await }
    }))
    .await;
    let sold = placed.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 1);
    for answer in placed.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.code(), api::codes::Code::OutOfStock, "{}", answer.text());
        assert_eq!(answer.json()["dishes"], json!([kitchen.ramen]));
    }
    let left = line(&city, 2, &kitchen, "ramen").await;
    assert_eq!((&left["left"], &left["reserved"]), (&json!(0), &json!(1)), "{left}");
    // Customers see that it is gone, and every node tells the same.
    for node in 1..=3 {
        let path = format!("/v1/restaurants/{}/menu?read=linearizable", kitchen.id);
        let menu = city.at(node).get(&path).await.ok(200);
        let dishes = menu["dishes"].as_array().unwrap();
        let ramen = dishes.iter().find(|dish| dish["dish_id"] == kitchen.ramen).unwrap();
        assert_eq!(ramen["stock"], json!({"state": "out_of_stock"}), "node {node}");
        assert_eq!(ramen["available_now"], false);
    }
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r12_a_dish_comes_back_once_although_the_leader_changes() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Noodle Bar").await;
    let ana = city.somebody().await;
    let leader = city.leader().await;
    let survivor = leader % 3 + 1;
    let until_moment = soon(3 * SECOND_MS);
    let wish = json!([
        {"ref": "ramen", "state": "out_of_stock", "until": until_moment},
        {"ref": "gyoza", "state": "out_of_stock", "until": "next_reset"}]);
    let index = set(&city, survivor, &kitchen, wish).await;
    let refused = city.by(survivor, &ana).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refused.code(), api::codes::Code::OutOfStock);
    city.stop_node(leader).await;
    city.leader().await;

    until("the dish has come back", async || {
        (changes_after(&city, survivor, &founder, index).await > 0).then_some(())
    })
    .await;
    let ramen = line(&city, survivor, &kitchen, "ramen").await;
    assert_eq!((&ramen["state"], ramen.get("until")), (&json!("in_stock"), None), "{ramen}");
    let gyoza = line(&city, survivor, &kitchen, "gyoza").await;
    assert_eq!(gyoza["state"], "out_of_stock", "{gyoza}");
    assert!(gyoza["until"].as_str().is_some_and(|moment| moment > until_moment.as_str()));
    // An order more, and the feed has told of it once.
    set(&city, survivor, &kitchen, json!([{"ref": "gyoza", "state": "in_stock"}])).await;
    city.by(survivor, &ana).post("/order", order(&kitchen, 1)).await.ok(201);
    assert_eq!(changes_after(&city, survivor, &founder, index).await, 2);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rejected_order_held_is_there_again_under_a_new_leader() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (ana, ben) = (city.somebody().await, city.somebody().await);
    let leader = city.leader().await;
    let survivor = leader % 3 + 1;
    let few = json!([{"ref": "ramen", "state": "quantity", "quantity": 2}]);
    set(&city, survivor, &kitchen, few).await;
    let placed = city.by(survivor, &ana).post("/order", order(&kitchen, 2)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(survivor, &ana), &id, "placed").await;
    city.stop_node(leader).await;
    city.leader().await;

    let refused = city.by(survivor, &ben).post("/order", order(&kitchen, 1)).await;
    assert_eq!(refused.code(), api::codes::Code::OutOfStock);
    let no = json!({"status": "rejected", "reason": "busy"});
    kitchen_says(&city, survivor, &kitchen, &id, no).await.ok(200);
    let ramen = line(&city, survivor, &kitchen, "ramen").await;
    assert_eq!((&ramen["left"], &ramen["reserved"]), (&json!(2), &json!(0)), "{ramen}");
    city.by(survivor, &ben).post("/order", order(&kitchen, 2)).await.ok(201);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_the_stock_has_its_own_result() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Noodle Bar").await;
    let staff = city.by(2, &kitchen.staff);
    let path = format!("/v1/restaurant/{}/stock", kitchen.id);
    let lines = json!({"lines": [
        {"ref": "ramen", "state": "quantity", "quantity": 5},
        {"ref": "pho", "state": "out_of_stock"},
        {"dish_id": kitchen.gyoza, "state": "hidden", "until": "next_reset"},
        {"dish_id": kitchen.ramen, "state": "in_stock"},
        {"option_id": "opt_00400000000000000000000000", "state": "in_stock"},
        {"state": "in_stock"},
    ]});
    let answer = staff.patch(&path, lines).await.ok(207);
    let told: Vec<String> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| format!("{} {}", result["status"], result["code"].as_str().unwrap_or("-")))
        .collect();
    let expected = [
        "200 -",
        "404 dish_unknown",
        "200 -",
        "422 field_invalid",
        "404 dish_unknown",
        "422 field_invalid",
    ];
    assert_eq!(told, expected, "{answer}");
    assert_eq!(line(&city, 3, &kitchen, "ramen").await["left"], 5);

    // What can only be found wrong in the log takes nothing else with it.
    let lines = json!({"lines": [
        {"ref": "gyoza", "state": "in_stock", "quantity": 3},
        {"ref": "ramen", "state": "quantity", "quantity": 7, "until": "2020-01-01T00:00:00Z"},
        {"option_id": option(&city, &kitchen).await, "state": "out_of_stock"},
    ]});
    let answer = staff.patch(&path, lines).await.ok(207);
    let told: Vec<&Value> =
        answer["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(told, [422, 422, 200], "{answer}");
    assert!(answer["results"][1]["detail"].as_str().unwrap().starts_with("until: "), "{answer}");

    // Hidden is not shown, and staff see it.
    let shown = format!("/v1/restaurants/{}/menu?read=linearizable", kitchen.id);
    let menu = city.at(1).get(&shown).await.ok(200);
    assert_eq!(menu["categories"][0]["dish_ids"], json!([kitchen.ramen]));
    assert_eq!(menu["option_groups"][0]["options"][0]["stock"]["state"], "out_of_stock");
    let own = staff.get(&format!("/v1/restaurant/{}/menu", kitchen.id)).await.ok(200);
    assert_eq!(own["dishes"].as_array().unwrap().len(), 2);

    // The same request again brings nothing back.
    let five = json!({"lines": [{"ref": "ramen", "state": "quantity", "quantity": 5}]});
    let set = async || {
        let request = staff.request(reqwest::Method::PATCH, &path);
        let request = request.header("Idempotency-Key", "morning").json(&five);
        crate::http::send(request).await.ok(207)
    };
    set().await;
    let ana = city.somebody().await;
    let mut body = order(&kitchen, 2);
    body["basket"] = json!([{"dish_id": kitchen.ramen, "quantity": 2}]);
    city.by(1, &ana).post("/order", body).await.ok(201);
    set().await;
    let ramen = line(&city, 1, &kitchen, "ramen").await;
    assert_eq!((&ramen["left"], &ramen["reserved"]), (&json!(3), &json!(2)), "{ramen}");

    let stranger = city.by(1, &ana);
    assert_eq!(stranger.get(&path).await.code(), api::codes::Code::Forbidden);
    assert_eq!(stranger.patch(&path, five.clone()).await.code(), api::codes::Code::Forbidden);
    let none = staff.patch(&path, json!({"lines": []})).await;
    assert_eq!(none.code(), api::codes::Code::FieldInvalid);
    let unknown = staff.patch(&path, json!({"lines": [{"ref": "ramen", "state": "gone"}]})).await;
    assert_eq!(unknown.code(), api::codes::Code::FieldInvalid);
    city.end().await;
}

async fn option(city: &City, kitchen: &Kitchen) -> String {
    let menu = city.at(1).get(&format!("/v1/restaurants/{}/menu", kitchen.id)).await.ok(200);
    menu["option_groups"][0]["options"][0]["option_id"].as_str().unwrap().to_owned()
}
