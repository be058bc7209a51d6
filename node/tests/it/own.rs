//! A person's own things over three nodes: a name, addresses, favourites, ways to pay; and guests.

use crate::city::{City, until};
use crate::codes::code;
use crate::http::{Api, send};
use crate::people::{DOOR, PASSWORD, Person, order, point};
use api::codes::Code;
use reqwest::Method;
use serde_json::{Value, json};

fn home() -> Value {
    json!({"label": "Home", "point": point(DOOR), "lines": "Calle Luna 7", "door_note": "knock"})
}

fn card(token: &str) -> Value {
    json!({"method": "card", "token": token, "brand": "visa", "last_four": "4242"})
}

async fn over(api: &Api, seen: &str, body: Value) -> crate::http::Answer {
    send(api.request(Method::PATCH, "/v1/me").header("If-Match", seen).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_changed_over_the_version_that_was_seen() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let own = city.by(2, &ana);
    let first = own.get("/v1/me").await;
    let seen = first.header("etag").unwrap().to_owned();
    assert_eq!(first.ok(200)["name"], "Ana");

    let wish = json!({"name": "Ana María", "locale": "es-ES"});
    let changed = over(&own, &seen, wish.clone()).await;
    let now = changed.header("etag").unwrap().to_owned();
    assert_ne!(now, seen);
    assert_eq!(changed.ok(200)["name"], "Ana María");
    for node in 1..=3 {
        let path = format!("/v1/me?after={}", changed.index());
        let me = city.by(node, &ana).get(&path).await;
        assert_eq!(me.header("etag"), Some(&*now), "node {node}");
        let me = me.ok(200);
        assert_eq!((&me["name"], &me["locale"]), (&json!("Ana María"), &json!("es-ES")));
    }
    // Its answer was lost: the same again, at another node, is the same yes.
    let again = over(&city.by(3, &ana), &seen, wish).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((again.header("etag"), again.index()), (Some(&*now), changed.index()));

    let late = over(&own, &seen, json!({"name": "Anita"})).await;
    assert_eq!(late.code(), Code::VersionChanged);
    assert_eq!(format!("\"{}\"", late.json()["version"]), now);
    let free = own.patch("/v1/me", json!({"locale": ""})).await.ok(200);
    assert_eq!((&free["name"], &free["locale"]), (&json!("Ana María"), &Value::Null));
    for (wrong, code) in [
        (json!({"name": "  "}), Code::FieldInvalid),
        (json!({"name": "n".repeat(201)}), Code::FieldInvalid),
        (json!({"locale": "l".repeat(36)}), Code::FieldInvalid),
        (json!({"operator": "operator"}), Code::FieldUnknown),
    ] {
        assert_eq!(own.patch("/v1/me", wrong).await.code(), code);
    }
    assert_eq!(over(&own, "yesterday", json!({})).await.code(), Code::ParamInvalid);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_saved_and_orders_name_them() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let own = city.by(1, &ana);
    assert_eq!(own.get("/v1/me/addresses").await.ok(200), json!({"addresses": []}));
    let saved = own.post_keyed("/v1/me/addresses", "home", &home()).await.ok(201);
    let id = saved["address_id"].as_str().unwrap().to_owned();
    for node in 1..=3 {
        let again = city.by(node, &ana).post_keyed("/v1/me/addresses", "home", &home()).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.ok(201), saved, "node {node}");
        let all = city.by(node, &ana).get("/v1/me/addresses").await.ok(200);
        assert_eq!(all, json!({"addresses": [saved]}), "node {node}");
    }
    let mut other = home();
    other["lines"] = json!("Calle Sol 1");
    let reused = own.post_keyed("/v1/me/addresses", "home", &other).await;
    assert_eq!(reused.code(), Code::IdReused);

    // An order and a quote that name it go there.
    let mut wish = order(&kitchen, 1);
    wish["address_id"] = json!(id);
    assert_eq!(own.post("/order", wish.clone()).await.code(), Code::FieldInvalid, "not both");
    wish.as_object_mut().unwrap().remove("address");
    let placed = city.by(2, &ana).post_keyed("/order", "dinner", &wish).await;
    let order_path = format!("/v1/order/{}", placed.ok(201)["order_id"].as_str().unwrap());
    let shown = city.by(3, &ana).get(&order_path).await.ok(200);
    let door = json!({"point": point(DOOR), "lines": "Calle Luna 7", "door_note": "knock"});
    assert_eq!(shown["address"], door);
    let quote = json!({"restaurant_id": kitchen.id, "basket": wish["basket"], "address_id": id});
    let quoted = city.by(3, &ana).post_keyed("/v1/quotes", "q", &quote).await;
    quoted.ok(201);

    // It is said anew, and forgotten; what named it before stays as it was, and so do repeats.
    let path = format!("/v1/me/addresses/{id}");
    let changed = city.by(2, &ana).put(&path, other.clone()).await.ok(200);
    assert_eq!((&changed["address_id"], &changed["lines"]), (&json!(id), &other["lines"]));
    let again = city.by(3, &ana).put(&path, other).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    for (who, code) in [(&eve, Code::AddressUnknown), (&founder, Code::AddressUnknown)] {
        let theirs = city.by(1, who);
        assert_eq!(theirs.put(&path, home()).await.code(), code);
        assert_eq!(theirs.delete(&path, json!({})).await.code(), code);
        assert_eq!(theirs.post("/order", wish.clone()).await.code(), code);
        assert_eq!(theirs.post("/v1/quotes", quote.clone()).await.code(), code);
    }
    assert_eq!(own.delete(&path, json!({})).await.status, 204);
    assert_eq!(own.delete(&path, json!({})).await.code(), Code::AddressUnknown);
    assert_eq!(own.post("/order", wish.clone()).await.code(), Code::AddressUnknown);
    for node in 1..=3 {
        let repeat = city.by(node, &ana).post_keyed("/order", "dinner", &wish).await;
        assert_eq!((repeat.status, &repeat.body), (201, &placed.body), "node {node}");
        assert_eq!(repeat.header("idempotency-replayed"), Some("true"));
        let repeat = city.by(node, &ana).post_keyed("/v1/quotes", "q", &quote).await;
        assert_eq!((repeat.status, &repeat.body), (201, &quoted.body), "node {node}");
    }
    assert_eq!(city.by(2, &ana).get(&order_path).await.ok(200)["address"], door);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_address_or_a_card_is_told() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let own = city.by(3, &ana);
    let with = |mut body: Value, member: &str, value: Value| {
        body[member] = value;
        body
    };
    for (member, value, pointer) in [
        ("label", json!("l".repeat(201)), "/label"),
        ("point", json!({"lat": 91, "lng": 0}), "/point/lat"),
        ("lines", json!(" "), "/lines"),
        ("door_note", json!("n".repeat(2_001)), "/door_note"),
        ("door_note", json!("my card is 4242 4242 4242 4242"), "/door_note"),
    ] {
        let refused = own.post("/v1/me/addresses", with(home(), member, value)).await;
        assert_eq!((refused.code(), refused.status), (Code::FieldInvalid, 422));
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    for (member, value, pointer) in [
        ("token", json!("4242 4242 4242 4242"), "/token"),
        ("token", json!("4242424242424242"), "/token"),
        ("token", json!(""), "/token"),
        ("method", json!("cash"), "/method"),
        ("last_four", json!("42424"), "/last_four"),
        ("last_four", json!("visa"), "/last_four"),
        ("brand", json!("b".repeat(201)), "/brand"),
    ] {
        let refused =
            own.post("/v1/me/payment-methods", with(card("tok_visa"), member, value)).await;
        assert_eq!((refused.code(), refused.status), (Code::FieldInvalid, 422));
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    let unknown = own.post("/v1/me/payment-methods", with(card("t"), "number", json!(1))).await;
    assert_eq!(unknown.code(), Code::FieldUnknown);

    for number in 0..20 {
        let key = format!("a{number}");
        let node = city.by(1 + number % 3, &ana);
        node.post_keyed("/v1/me/addresses", &key, &home()).await.ok(201);
    }
    let full = own.post_keyed("/v1/me/addresses", "a20", &home()).await;
    assert_eq!((full.code(), &full.json()["at_most"]), (Code::LimitReached, &json!(20)));
    own.post_keyed("/v1/me/addresses", "a7", &home()).await.ok(201);
    for number in 0..10 {
        own.post("/v1/me/payment-methods", card(&format!("tok_{number}"))).await.ok(201);
    }
    let full = own.post("/v1/me/payment-methods", card("tok_11")).await;
    assert_eq!((full.code(), &full.json()["at_most"]), (Code::LimitReached, &json!(10)));
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_names_no_card_is_paid_with_the_default() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let mut wish = order(&kitchen, 1);
    wish.as_object_mut().unwrap().remove("payment");
    let none = city.by(1, &ana).post("/order", wish.clone()).await;
    assert_eq!(none.code(), Code::FieldInvalid);
    let error = none.json()["errors"][0].clone();
    assert_eq!(error["pointer"], "/payment");
    assert!(error["detail"].as_str().unwrap().contains("POST /v1/me/payment-methods"), "{error}");

    let own = city.by(2, &ana);
    let path = "/v1/me/payment-methods";
    let declined = own.post_keyed(path, "one", &card("tok_declined")).await.ok(201);
    assert_eq!(declined["default"], true, "the first one");
    assert!(declined.get("token").is_none(), "{declined}");
    let good = city.by(3, &ana).post_keyed(path, "two", &card("tok_visa")).await.ok(201);
    assert_eq!(good["default"], false);
    let again = city.by(1, &ana).post_keyed(path, "two", &card("tok_visa")).await;
    assert_eq!((again.header("idempotency-replayed"), again.ok(201)), (Some("true"), good.clone()));

    let ends_as = async |key: &str, state: &str| {
        let placed = city.by(1, &ana).post_keyed("/order", key, &wish).await;
        let status = format!("/order/{}/status", placed.ok(201)["order_id"].as_str().unwrap());
        until("the bank has answered", async || {
            let told = city.by(2, &ana).get(&status).await.ok(200);
            (told["payment_state"] == state).then_some(())
        })
        .await;
        placed
    };
    let first = ends_as("first", "failed").await;
    let of = |it: &Value| format!("{path}/{}", it["payment_method_id"].as_str().unwrap());
    let prefer = format!("{}/default", of(&good));
    assert_eq!(city.by(1, &eve).put(&prefer, json!({})).await.code(), Code::PaymentMethodUnknown);
    let gone = city.by(1, &eve).delete(&of(&good), json!({})).await;
    assert_eq!(gone.code(), Code::PaymentMethodUnknown);
    assert_eq!(own.put(&prefer, json!({})).await.ok(200)["default"], true);
    ends_as("second", "authorized").await;
    let all = city.by(3, &ana).get(path).await.ok(200);
    let defaults: Vec<&Value> =
        all["payment_methods"].as_array().unwrap().iter().map(|it| &it["default"]).collect();
    assert_eq!(defaults, [false, true]);

    // The default goes, and the one that is left takes its place; a repeat is what it was.
    assert_eq!(own.delete(&of(&good), json!({})).await.status, 204);
    let all = city.by(1, &ana).get(path).await.ok(200);
    assert_eq!(all["payment_methods"][0]["default"], true);
    assert_eq!(own.delete(&of(&declined), json!({})).await.status, 204);
    assert_eq!(own.post("/order", wish.clone()).await.code(), Code::FieldInvalid);
    for node in 1..=3 {
        let repeat = city.by(node, &ana).post_keyed("/order", "first", &wish).await;
        assert_eq!((repeat.status, &repeat.body), (201, &first.body), "node {node}");
    }
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn favourites_are_put_and_dropped() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let restaurant = format!("/v1/me/favourites/restaurants/{}", kitchen.id);
    let dish = format!("{restaurant}/dishes/{}", kitchen.ramen);
    for (node, path) in [(1, &restaurant), (2, &restaurant), (3, &dish)] {
        assert_eq!(city.by(node, &ana).put(path, json!({})).await.status, 204);
    }
    let all = city.by(2, &ana).get("/v1/me/favourites").await.ok(200);
    let dishes = json!([{"restaurant_id": kitchen.id, "dish_id": kitchen.ramen}]);
    assert_eq!(all, json!({"restaurant_ids": [kitchen.id], "dishes": dishes}));
    let none = json!({"restaurant_ids": [], "dishes": []});
    assert_eq!(city.by(2, &eve).get("/v1/me/favourites").await.ok(200), none);

    let own = city.by(3, &ana);
    let nowhere = "/v1/me/favourites/restaurants/res_00400000000000000000000000";
    assert_eq!(own.put(nowhere, json!({})).await.code(), Code::RestaurantUnknown);
    let nothing = format!("{restaurant}/dishes/dsh_00400000000000000000000000");
    assert_eq!(own.put(&nothing, json!({})).await.code(), Code::DishUnknown);
    for path in [&restaurant, &dish, &dish, &nothing] {
        assert_eq!(own.delete(path, json!({})).await.status, 204);
    }
    assert_eq!(city.by(1, &ana).get("/v1/me/favourites").await.ok(200), none);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_somebody_with_a_phone_that_answered() {
    let city = City::start().await;
    let founder = city.founder().await;
    let phone = "+34688000111";
    let good = code(&city, &founder, 2, phone, "sign_up").await;
    let said = |code: &str| json!({"phone": phone, "code": code, "name": "Zoe"});
    let wrong = if good == "000000" { "111111" } else { "000000" };
    assert_eq!(city.at(1).post("/v1/guest", said(wrong)).await.code(), Code::CodeWrong);
    let mail = json!({"phone": "zoe@example.org", "code": good, "name": "Zoe"});
    assert_eq!(city.at(1).post("/v1/guest", mail).await.code(), Code::FieldInvalid);
    let joined = city.at(3).post("/v1/guest", said(&good)).await;
    let guest = joined.ok(201);
    let token = guest["access_token"].as_str().unwrap();
    let path = format!("/v1/me?after={}", joined.index());
    let me = city.at(1).with(token).get(&path).await.ok(200);
    assert_eq!(me["account_id"], guest["account_id"]);
    assert_eq!((&me["name"], &me["contact"]), (&json!("Zoe"), &json!(phone)));
    assert_eq!(me["verified"], true);
    assert_eq!(city.at(2).post("/v1/guest", said(&good)).await.code(), Code::CodeWrong);
    city.at(2).with(token).post("/v1/me/addresses", home()).await.ok(201);
    city.end().await;
}

/// All of it is given out, and none of it is left of somebody who is erased.
#[tokio::test(flavor = "multi_thread")]
async fn the_archive_has_all_of_it_until_they_leave() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let ana: Person = city.somebody().await;
    let own = city.by(2, &ana);
    let address = own.post("/v1/me/addresses", home()).await.ok(201);
    let method = own.post("/v1/me/payment-methods", card("tok_visa")).await.ok(201);
    let liked = format!("/v1/me/favourites/restaurants/{}", kitchen.id);
    assert_eq!(own.put(&liked, json!({})).await.status, 204);
    for archive in [
        city.by(3, &ana).post("/v1/me/export", json!({})).await.ok(200),
        city.by(1, &ana).get("/v1/me/export").await.ok(200),
    ] {
        assert_eq!(archive["addresses"], json!([address]));
        assert_eq!(archive["payment_methods"], json!([method]));
        assert_eq!(archive["favourites"]["restaurant_ids"], json!([kitchen.id]));
    }
    let proof = own.delete("/v1/me", json!({"password": PASSWORD})).await.ok(200);
    let gone = own.get("/v1/me/addresses").await;
    assert_eq!(gone.code(), Code::TokenExpired);
    let path = format!("/signup?after={}", proof["index"]);
    let signup = json!({"name": "Ana", "phone": ana.login, "password": PASSWORD});
    let back = city.at(1).post(&path, signup).await.ok(201);
    let back = city.at(2).with(back["access_token"].as_str().unwrap());
    assert_eq!(back.get("/v1/me/addresses").await.ok(200)["addresses"], json!([]));
    assert_eq!(back.get("/v1/me/payment-methods").await.ok(200)["payment_methods"], json!([]));
    city.end().await;
}
