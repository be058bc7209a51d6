//! What things cost: decided by operators and the menu, and never by who buys.

use crate::city::City;
use crate::http::{Answer, Api, send};
use crate::people::{DOOR, Kitchen, Person, kitchen_word, order, point};
use api::codes::Code;
use reqwest::Method;
use serde_json::{Value, json};

/// Puts a section of the terms over the version that holds.
async fn put(operator: &Api, name: &str, body: Value) -> Answer {
    let path = format!("/v1/admin/{name}");
    let tag = operator.get(&path).await.header("etag").expect("a version").to_owned();
    send(operator.request(Method::PUT, &path).header("if-match", tag).json(&body)).await
}

/// An amount of a receipt; its sum is checked on the way.
fn amount(receipt: &Value, name: &str) -> i64 {
    let of = |name: &str| receipt[name]["amount"].as_i64().unwrap_or_else(|| panic!("{receipt}"));
    let added = ["dishes", "delivery_fee", "service_fee", "small_order_fee", "bag_fee"];
    let added = added.into_iter().chain(["tax_added", "tip"]).map(of).sum::<i64>();
    assert_eq!(added - of("discount") - of("delivery_discount"), of("total"), "{receipt}");
    let lines = receipt["lines"].as_array().unwrap().iter();
    let lines = lines.map(|line| line["total"]["amount"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(lines, of("dishes"), "{receipt}");
    of(name)
}

async fn placed(customer: &Api, body: Value) -> Value {
    customer.post("/order", body).await.ok(201)
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_decide_what_things_cost() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    r14_a_price_sent_by_a_client(&city, &kitchen, &ana).await;
    coupons(&city, &kitchen, &founder, &ana).await;
    a_coupon_for_two(&city, &kitchen, &founder).await;
    fees(&city, &kitchen, &founder, &ana).await;
    taxes(&city, &kitchen, &founder, &ana).await;
    zones(&city, &kitchen, &founder, &ana).await;
    days_and_settings(&city, &founder).await;
    debts(&city, &kitchen, &founder).await;
    city.end().await;
}

async fn r14_a_price_sent_by_a_client(city: &City, kitchen: &Kitchen, ana: &Person) {
    let customer = city.by(2, ana);
    let good = order(kitchen, 2);
    let mut quote = good.clone();
    for member in ["payment", "tip"] {
        quote.as_object_mut().unwrap().remove(member);
    }
    let promised = customer.post("/v1/quotes", quote.clone()).await.ok(201);
    for (path, body) in [("/order", &good), ("/v1/quotes", &quote)] {
        let members = ["total", "dishes", "delivery_fee", "service_fee", "tax", "tax_included"];
        for member in members.into_iter().chain(["discount", "receipt", "terms_version"]) {
            let refused = customer.post(path, with(body.clone(), member, json!(1))).await;
            assert_eq!(refused.code(), Code::FieldUnknown, "{path} {member}");
            assert_eq!(refused.json()["errors"][0]["pointer"], format!("/{member}"));
        }
        for member in ["price", "unit", "total", "discount", "tax_class", "title"] {
            let mut body = body.clone();
            body["basket"][0][member] = json!(1);
            let refused = customer.post(path, body).await;
            assert_eq!(refused.code(), Code::FieldUnknown, "{path} {member}");
            assert_eq!(refused.json()["errors"][0]["pointer"], format!("/basket/0/{member}"));
        }
    }
    let answer = placed(&customer, with(good.clone(), "tip", json!(0))).await;
    let total = amount(&answer["receipt"], "total");
    assert_eq!(total, amount(&promised["receipt"], "total"), "the server's price stands");
    let cheaper = with(good, "expected_total", json!(total - 1));
    let refused = customer.post("/order", cheaper).await;
    assert_eq!(refused.code(), Code::PriceChanged);
    assert_eq!(amount(&refused.json()["receipt"], "total"), total + 100, "with the tip");
}

async fn coupons(city: &City, kitchen: &Kitchen, founder: &Person, ana: &Person) {
    let (operator, customer) = (city.by(1, founder), city.by(3, ana));
    let terms = json!({"code": "Hello10", "gives": {"percent": {"millionths": 100000,
        "up_to": 200}}, "per_person": 1, "budget": 5000});
    let refused = customer.post("/v1/admin/coupons", terms.clone()).await;
    assert_eq!(refused.code(), Code::Forbidden);
    let made = operator.post("/v1/admin/coupons", terms.clone()).await;
    let coupon = made.ok(201);
    assert_eq!(operator.post("/v1/admin/coupons", terms.clone()).await.ok(201), coupon);
    let other = with(terms, "per_person", json!(2));
    assert_eq!(operator.post("/v1/admin/coupons", other).await.code(), Code::VersionChanged);
    let wrong = json!({"code": "X10", "gives": {"percent": {"millionths": 0}}});
    let refused = operator.post("/v1/admin/coupons", wrong).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/gives/percent/millionths");

    let after = format!("?after={}", made.index());
    city.by(3, founder).get(&format!("/v1/admin/coupons{after}")).await.ok(200);
    let mut quote = with(order(kitchen, 2), "coupon_code", json!("hello10"));
    for member in ["payment", "tip"] {
        quote.as_object_mut().unwrap().remove(member);
    }
    let quote = customer.post("/v1/quotes", quote).await.ok(201);
    assert_eq!(amount(&quote["receipt"], "discount"), 200);
    let body = with(order(kitchen, 2), "coupon_code", json!("HELLO10"));
    let answer = placed(&customer, body.clone()).await;
    let receipt = &answer["receipt"];
    assert_eq!(amount(receipt, "discount"), 200, "10 % of 3090, up to 200");
    assert_eq!(receipt["coupon"]["coupon_id"], coupon["coupon_id"]);
    let refused = customer.post("/order", body).await;
    assert_eq!(refused.code(), Code::CouponRefused);
    assert_eq!(refused.json()["why"], "used_by_person");

    let path = format!("/v1/admin/coupons/{}", coupon["coupon_id"].as_str().unwrap());
    let shown = operator.get(&path).await;
    assert_eq!((&shown.json()["used"], shown.header("etag")), (&json!(1), Some("\"1\"")));
    let patch = |tag: &str, body: Value| {
        let request = operator.request(Method::PATCH, &path).header("if-match", tag);
        send(request.json(&body))
    };
    let changed = patch("\"1\"", json!({"per_person": null, "minimum": 900})).await.ok(200);
    assert_eq!((&changed["version"], &changed["minimum"]), (&json!(2), &json!(900)));
    assert!(changed.get("per_person").is_none() && changed["budget"] == 5000);
    assert_eq!(patch("\"1\"", json!({"disabled": true})).await.code(), Code::VersionChanged);
    assert_eq!(patch("\"2\"", json!({"price": 1})).await.code(), Code::FieldUnknown);
    assert_eq!(patch("\"2\"", json!({"code": "OTHER"})).await.code(), Code::FieldInvalid);
    let all = operator.get("/v1/admin/coupons").await.ok(200);
    assert_eq!(all["data"], json!([changed]));
    let unknown = operator.get("/v1/admin/coupons/cpn_00400000000000000000000000").await;
    assert_eq!(unknown.code(), Code::CouponUnknown);
}

/// Many at once, at every node: as many as it is for, and no more.
async fn a_coupon_for_two(city: &City, kitchen: &Kitchen, founder: &Person) {
    let terms = json!({"code": "TWO", "gives": {"fixed": {"amount": 100}}, "total": 2});
    city.by(1, founder).post("/v1/admin/coupons", terms).await.ok(201);
    let mut people = Vec::new();
    for _ in 0..6 {
        people.push(city.somebody().await);
    }
    let body = with(order(kitchen, 1), "coupon_code", json!("two"));
    let tries = people.iter().enumerate().map(|(place, person)| {
        let (node, body) = (city.by(1 + place % 3, person), body.clone());
        async move { node.post("/order", body).await }
    });
    let answers = futures_util::future::join_all(tries).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 201);
    assert_eq!((taken.len(), refused.len()), (2, 4));
    assert!(refused.iter().all(|answer| answer.json()["why"] == "used_up"));
}

async fn fees(city: &City, kitchen: &Kitchen, founder: &Person, ana: &Person) {
    let (operator, customer) = (city.by(2, founder), city.by(1, ana));
    let before = operator.get("/v1/admin/fees").await;
    assert_eq!(before.header("etag"), Some("\"0\""), "nobody has decided anything yet");
    let wish = json!({"delivery": {"base": 300, "included_m": 500, "per_100m": 10},
        "peaks": [{"hours": {}, "factor_millionths": 2000000}], "service": 40,
        "service_millionths": 10000, "small_below": 100000, "small_fee": 70, "bag": 5});
    let path = "/v1/admin/fees";
    let bare = send(operator.request(Method::PUT, path).json(&wish)).await;
    assert_eq!(bare.code(), Code::IfMatchMissing);
    let put_over = |tag: &str, path: &str, body: &Value| {
        send(operator.request(Method::PUT, path).header("if-match", tag).json(body))
    };
    assert_eq!(put_over("\"9\"", path, &wish).await.code(), Code::VersionChanged);
    assert_eq!(put_over("x", path, &wish).await.code(), Code::ParamInvalid);
    let tried = put_over("\"0\"", "/v1/admin/fees?dry_run=true", &wish).await.ok(200);
    assert_eq!(operator.get(path).await.header("etag"), Some("\"0\""), "nothing was written");
    let wrong = with(wish.clone(), "bag", json!(-1));
    let refused = put_over("\"0\"", "/v1/admin/fees?dry_run=true", &wrong).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/bag");
    let support = put_over("\"0\"", path, &with(wish.clone(), "total", json!(1))).await;
    assert_eq!(support.code(), Code::FieldUnknown);

    let done = put_over("\"0\"", path, &wish).await;
    assert_eq!(done.ok(200)["version"], 1);
    let again = put_over("\"0\"", path, &wish).await;
    assert_eq!((again.ok(200), again.header("idempotency-replayed")), (done.json(), Some("true")));
    let shown = city.by(3, founder).get(&format!("{path}?after={}", done.index())).await.ok(200);
    assert_eq!(shown["now"]["delivery"], wish["delivery"]);
    let receipt = placed(&customer, order(kitchen, 2)).await["receipt"].clone();
    let way = amount(&receipt, "delivery_fee");
    assert!(way > 300 && way % 10 == 0, "some started hundreds of metres: {way}");
    assert_eq!(amount(&receipt, "service_fee"), 40 + 31, "1 % of 3090");
    assert_eq!((amount(&receipt, "small_order_fee"), amount(&receipt, "bag_fee")), (70, 5));
    assert_eq!(receipt["terms_version"], 1);
    // The dry run has priced the orders so far as this one was priced in the end.
    let dry = &tried["dry_run"];
    assert_eq!((&tried["version"], &dry["not_deliverable"]), (&json!(1), &json!(0)));
    assert!(dry["orders"].as_u64() >= Some(4), "{tried}");
    assert_eq!(dry["dearer"], dry["orders"], "a bag and a small order's fee on each: {tried}");
    assert!(dry["after"]["amount"].as_i64() > dry["before"]["amount"].as_i64());

    let later = with(wish, "effective_from", json!("2020-01-01T00:00:00Z"));
    assert_eq!(put(&operator, "fees", later).await.ok(200)["version"], 1, "that holds already");
    let plan = json!({"bag": 7, "effective_from": "2999-01-01T00:00:00Z"});
    let refused = put(&operator, "fees", plan.clone()).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/effective_from");
}

async fn taxes(city: &City, kitchen: &Kitchen, founder: &Person, ana: &Person) {
    let (operator, customer) = (city.by(3, founder), city.by(2, ana));
    let wrong = json!({"included": false, "classes": {"food": 100000}});
    let refused = put(&operator, "taxes", wrong).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/classes");
    let wish = json!({"included": false, "classes": {"standard": 100000, "fees": 200000},
        "fees_class": "fees"});
    put(&operator, "taxes", wish).await.ok(200);
    let receipt = placed(&customer, order(kitchen, 2)).await["receipt"].clone();
    // 10 % of 2500 and of 590; the fees' part is told by the table.
    let fees_tax = receipt["taxes"][0]["tax"]["amount"].as_i64().unwrap();
    assert_eq!(amount(&receipt, "tax_added"), 250 + 59 + fees_tax);
    assert_eq!(amount(&receipt, "tax_included"), 0);
    assert_eq!(
        (&receipt["taxes"][0]["class"], &receipt["taxes"][1]["class"]),
        (&json!("fees"), &json!("standard"))
    );
    let wish = json!({"included": true, "classes": {"standard": 100000}});
    put(&operator, "taxes", wish).await.ok(200);
    let receipt = placed(&customer, order(kitchen, 2)).await["receipt"].clone();
    assert_eq!(amount(&receipt, "tax_added"), 0);
    assert!(amount(&receipt, "tax_included") > 0);
}

async fn zones(city: &City, kitchen: &Kitchen, founder: &Person, ana: &Person) {
    let (operator, customer) = (city.by(1, founder), city.by(3, ana));
    let square = |at: (f64, f64)| {
        let corner = |lat: f64, lng: f64| point((at.0 + lat, at.1 + lng));
        json!([corner(-0.01, -0.01), corner(0.01, -0.01), corner(0.01, 0.01), corner(-0.01, 0.01)])
    };
    let far = json!({"name": "far", "area": square((43.40, -5.80)), "fee": {"base": 900}});
    let near = json!({"name": "near", "area": square(DOOR), "fee": {"base": 123}});
    let refused = put(&operator, "zones", json!({"zones": [far, far]})).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/zones/1/zone_id");
    let mut flat = far.clone();
    flat["area"] = json!([point(DOOR), {"lat": 91.0, "lng": 0.0}]);
    let refused = put(&operator, "zones", json!({"zones": [flat]})).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/zones/0/area/1/lat");

    put(&operator, "zones", json!({"zones": [far]})).await.ok(200);
    let refused = customer.post("/order", order(kitchen, 2)).await;
    assert_eq!(refused.code(), Code::NotDeliverable);
    put(&operator, "zones", json!({"zones": [far, near]})).await.ok(200);
    let shown = operator.get("/v1/admin/zones").await.ok(200);
    let receipt = placed(&customer, order(kitchen, 2)).await["receipt"].clone();
    assert_eq!(amount(&receipt, "delivery_fee"), 123, "of its zone");
    assert_eq!(receipt["zone_id"], shown["now"]["zones"][1]["zone_id"]);
    put(&operator, "zones", json!({"zones": []})).await.ok(200);
}

async fn days_and_settings(city: &City, founder: &Person) {
    let operator = city.by(2, founder);
    let days = json!({"holidays": ["2026-12-25", "2027-01-01"]});
    put(&operator, "holidays", days.clone()).await.ok(200);
    assert_eq!(operator.get("/v1/admin/holidays").await.ok(200)["now"], days);
    let wrong = put(&operator, "holidays", json!({"holidays": ["25.12."]})).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/holidays/0");

    let shown = operator.get("/v1/admin/settings").await.ok(200);
    let same = put(&operator, "settings", shown["now"].clone()).await.ok(200);
    assert_eq!(same["version"], shown["version"], "what is shown can be put");
    let wrong = with(shown["now"].clone(), "offer_ms", json!(1));
    let refused = put(&operator, "settings", wrong).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/offer_ms");
    let longer = with(shown["now"].clone(), "quote_ms", json!(600_000));
    let done = put(&operator, "settings", longer).await.ok(200);
    assert_eq!(done["version"].as_u64(), shown["version"].as_u64().map(|version| version + 1));
}

async fn debts(city: &City, kitchen: &Kitchen, founder: &Person) {
    let (ben, staff) = (city.somebody().await, city.by(2, &kitchen.staff));
    let (customer, operator) = (city.by(1, &ben), city.by(3, founder));
    let cash = with(order(kitchen, 2), "payment", json!({"method": "cash"}));
    let placed = placed(&customer, cash.clone()).await;
    let id = placed["order_id"].as_str().unwrap();
    let path = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    for word in ["accepted", "preparing"] {
        let body: Value = serde_json::from_str(&kitchen_word(word)).unwrap();
        staff.patch(&path, body).await.ok(200);
    }
    let reason = json!({"reason": "customer_changed_mind"});
    customer.post(&format!("/v1/order/{id}/cancel"), reason).await.ok(200);
    let refused = customer.post("/order", cash.clone()).await;
    assert_eq!(refused.code(), Code::CashBarred);
    let debt = amount(&placed["receipt"], "dishes");
    assert_eq!(refused.json()["debt"], debt, "the dishes; their tax is in it");

    let account = format!("/v1/admin/accounts/{}", ben.account_id);
    let tab = operator.get(&format!("{account}/tab")).await.ok(200);
    assert_eq!((&tab["debt"]["amount"], &tab["charged_orders"]), (&json!(debt), &json!(1)));
    let clear = format!("{account}/clear-debt");
    let own = customer.post(&clear, json!({"debt": debt})).await;
    assert_eq!(own.code(), Code::Forbidden);
    let other = operator.post(&clear, json!({"debt": debt - 1})).await;
    assert_eq!(other.code(), Code::VersionChanged);
    let body = json!({"debt": debt, "reason": "paid at the counter"});
    let done = operator.post(&clear, body.clone()).await.ok(200);
    assert_eq!(operator.post(&clear, body).await.ok(200), done, "a second click is the same");
    customer.post("/order", cash).await.ok(201);
}
