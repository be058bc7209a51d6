//! Whatever is wrong with a request, its answer is a problem document with a code that never
//! changes, and the place of the mistake. The table is the contract: a new line is a decision.

use crate::city::City;
use crate::http::{Api, send};
use crate::people::{DOOR, Kitchen, PASSWORD, Person, kitchen_word, order, point, profile};
use api::codes::Code;
use expect_test::{Expect, expect};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write;

/// One request after the other, and what became of each.
struct Table<'a> {
    api: &'a Api,
    lines: String,
}

impl<'a> Table<'a> {
    fn new(api: &'a Api) -> Self {
        Self { api, lines: String::from("\n") }
    }

    async fn ask(&mut self, name: &str, request: reqwest::RequestBuilder) {
        let answer = send(request).await;
        assert!(answer.status < 500, "{name}: {} {}", answer.status, answer.text());
        if answer.status < 400 {
            return writeln!(self.lines, "{name:32} {} TAKEN", answer.status).unwrap();
        }
        let code = answer.code();
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        let pointers = errors.iter().map(|error| {
            assert_eq!(error["code"], code.as_str(), "{name}");
            format!(" {}", error["pointer"])
        });
        let pointers: String = pointers.collect();
        writeln!(self.lines, "{name:32} {} {code}{pointers}", answer.status).unwrap();
    }

    async fn get(&mut self, name: &str, path: &str) {
        self.ask(name, self.api.request(Method::GET, path)).await;
    }

    async fn raw(&mut self, name: &str, method: Method, path: &str, body: impl Into<Vec<u8>>) {
        let json = "application/json";
        let request = self.api.request(method, path).header("content-type", json);
        self.ask(name, request.body(body.into())).await;
    }

    async fn post(&mut self, name: &str, path: &str, body: Value) {
        self.raw(name, Method::POST, path, body.to_string()).await;
    }

    fn is(self, expected: &Expect) {
        expected.assert_eq(&self.lines);
        assert!(!self.lines.contains("TAKEN"), "every one of them is refused");
    }
}

/// A body with one place changed; `Null` takes the member out.
fn but(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match parent.as_object_mut() {
        Some(members) if value.is_null() => drop(members.remove(name)),
        Some(members) => drop(members.insert(name.to_owned(), value)),
        None => parent[name.parse::<usize>().unwrap()] = value,
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_answer() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    signing_up(&city).await;
    ordering(&city, &kitchen, &ana).await;
    reading(&city, &founder).await;
    the_kitchen(&city, &kitchen).await;
    roles_and_tokens(&city, &kitchen, &founder).await;
    the_envelope(&city, &kitchen, &ana).await;
    // Nobody has lost a connection or a node.
    for node in 1..=3 {
        city.at(node).get("/ready").await.ok(200);
    }
    city.end().await;
}

async fn signing_up(city: &City) {
    let nobody = city.at(1);
    let mut table = Table::new(&nobody);
    let good = json!({"name": "Eve", "phone": "+34699000001", "password": PASSWORD});
    for (name, body) in [
        ("empty", ""),
        ("cut off", r#"{"name": "#),
        ("no JSON", "name=Eve"),
        ("something follows", "{} {}"),
        ("no object", "[]"),
        ("nothing in it", "{}"),
        ("deep", &"[".repeat(100_000)),
        ("no UTF-8 escape", r#"{"name": "\ud800"}"#),
    ] {
        table.raw(name, Method::POST, "/signup", body).await;
    }
    table.raw("no UTF-8", Method::POST, "/signup", b"{\"name\": \"\xff\"}".to_vec()).await;
    for (name, pointer, value) in [
        ("a number for a name", "/name", json!(7)),
        ("an empty name", "/name", json!(" ")),
        ("a long name", "/name", json!("n".repeat(201))),
        ("a short password", "/password", json!("short")),
        ("a long password", "/password", json!("p".repeat(257))),
        ("no password", "/password", json!(null)),
        ("no contact", "/phone", json!(null)),
        ("no phone number", "/phone", json!("600")),
        ("two contacts", "/email", json!("eve@example.org")),
        ("a strange locale", "/locale", json!("no language that anybody speaks here")),
        ("a member too many", "/admin", json!(true)),
    ] {
        table.post(name, "/signup", but(&good, pointer, value)).await;
    }
    let login = json!({"login": "+34699999999", "password": PASSWORD});
    table.post("nobody's login", "/login", login.clone()).await;
    table.post("no login at all", "/login", but(&login, "/login", json!("x"))).await;
    table.post("staff of nowhere", "/restaurant/login", login.clone()).await;
    table.post("no courier", "/delivery/login", login).await;
    table.post("no refresh token", "/v1/token/refresh", json!({"refresh_token": "x"})).await;
    table.is(&expect![[r#"

        empty                            400 body_malformed
        cut off                          400 body_malformed
        no JSON                          400 body_malformed
        something follows                422 field_invalid "/name"
        no object                        422 field_invalid ""
        nothing in it                    422 field_invalid "/name"
        deep                             422 field_invalid ""
        no UTF-8 escape                  400 body_malformed
        no UTF-8                         400 body_malformed
        a number for a name              422 field_invalid "/name"
        an empty name                    422 field_invalid "/name"
        a long name                      422 field_invalid "/name"
        a short password                 422 field_invalid "/password"
        a long password                  422 field_invalid "/password"
        no password                      422 field_invalid "/password"
        no contact                       422 field_invalid "/phone"
        no phone number                  422 field_invalid "/phone"
        two contacts                     422 field_invalid "/email"
        a strange locale                 422 field_invalid "/locale"
        a member too many                422 field_unknown "/admin"
        nobody's login                   401 credentials_wrong
        no login at all                  401 credentials_wrong
        staff of nowhere                 401 credentials_wrong
        no courier                       401 credentials_wrong
        no refresh token                 401 credentials_wrong
    "#]]);
}

async fn ordering(city: &City, kitchen: &Kitchen, ana: &Person) {
    let customer = city.by(2, ana);
    let mut table = Table::new(&customer);
    let good = order(kitchen, 1);
    let nowhere = "res_00400000000000000000000000";
    for (name, pointer, value) in [
        ("latitude 91", "/address/point/lat", json!(91)),
        ("longitude -181", "/address/point/lng", json!(-181)),
        ("latitude as text", "/address/point/lat", json!("43")),
        ("no longitude", "/address/point/lng", json!(null)),
        ("altitude", "/address/point/alt", json!(12)),
        ("no street", "/address/lines", json!("  ")),
        ("a long street", "/address/lines", json!("s".repeat(2_001))),
        ("another continent", "/address/point", point((-33.9, 151.2))),
        ("two as text", "/basket/0/quantity", json!("two")),
        ("half a bowl", "/basket/0/quantity", json!(0.5)),
        ("no bowl", "/basket/0/quantity", json!(0)),
        ("a hundred bowls", "/basket/0/quantity", json!(100)),
        ("minus one bowl", "/basket/0/quantity", json!(-1)),
        ("an unknown dish", "/basket/1/dish_id", json!("dsh_00400000000000000000000000")),
        ("no dish id", "/basket/1/dish_id", json!("ramen")),
        (
            "an option of nothing",
            "/basket/1/options",
            json!([{"option_id": "opt_00400000000000000000000000"}]),
        ),
        ("an empty basket", "/basket", json!([])),
        ("a basket of words", "/basket", json!("ramen")),
        ("only a gyoza", "/basket", json!([{"dish_id": kitchen.gyoza}])),
        ("no basket", "/basket", json!(null)),
        ("an unknown restaurant", "/restaurant_id", json!(nowhere)),
        ("no restaurant id", "/restaurant_id", json!("casa")),
        ("no payment", "/payment", json!(null)),
        ("paid in shells", "/payment/method", json!("shells")),
        ("no card token", "/payment/token", json!(null)),
        ("a card number", "/payment/token", json!("4242 4242 4242 4242")),
        ("a negative tip", "/tip", json!(-1)),
        ("an endless tip", "/tip", json!(i64::MAX)),
        ("a tip of 1e400", "/tip", json!("1e400")),
        ("another price", "/expected_total", json!(1)),
        ("a long note", "/note", json!("n".repeat(5_000))),
        ("a quote besides", "/quote_id", json!("quo_00400000000000000000000000")),
        ("a member too many", "/coupon", json!("FREE")),
    ] {
        table.post(name, "/order", but(&good, pointer, value)).await;
    }
    let quote = json!({"quote_id": "quo_00400000000000000000000000", "payment": good["payment"]});
    table.post("an unknown quote", "/order", quote).await;
    for (name, key) in [("an empty key", ""), ("a long key", &*"k".repeat(256))] {
        let request = customer.request(Method::POST, "/order").header("idempotency-key", key);
        table.ask(name, request.json(&good)).await;
    }
    let empty = but(
        &json!({"restaurant_id": kitchen.id, "address": good["address"]}),
        "/basket",
        json!([]),
    );
    table.post("a quote of nothing", "/v1/quotes", empty).await;
    table.post("six stars", &format!("/rate/{}", kitchen.id), json!({"stars": 6})).await;
    table.post("no stars", &format!("/rate/{}", kitchen.id), json!({"stars": 0})).await;
    table.post("stars for nothing", &format!("/rate/{}", kitchen.id), json!({"stars": 5})).await;
    table.post("stars for nobody", &format!("/rate/{nowhere}"), json!({"stars": 5})).await;
    let other = "ord_00400000000000000000000000";
    table.get("an unknown order", &format!("/order/{other}/status")).await;
    table.get("no order id", "/order/17/status").await;
    table.get("no UTF-8 in the path", "/order/%ff/status").await;
    let cancel = |id: &str| format!("/v1/order/{id}/cancel");
    table
        .post("cancelling nothing", &cancel(other), json!({"reason": "customer_changed_mind"}))
        .await;
    table.post("cancelling for fun", &cancel(other), json!({"reason": "fun"})).await;

    // Somebody else's order looks like none.
    let placed = customer.post("/order", good).await.ok(201);
    let id = placed["order_id"].as_str().unwrap();
    let eve = city.by(3, &city.somebody().await);
    for path in [format!("/order/{id}/status"), format!("/v1/order/{id}/stream")] {
        table.ask("somebody else's order", eve.request(Method::GET, &path)).await;
    }
    let reason = json!({"reason": "customer_changed_mind"});
    table.ask("cancelling theirs", eve.request(Method::POST, &cancel(id)).json(&reason)).await;
    table.is(&expect![[r#"

        latitude 91                      422 field_invalid "/address/point/lat"
        longitude -181                   422 field_invalid "/address/point/lng"
        latitude as text                 422 field_invalid "/address/point/lat"
        no longitude                     422 field_invalid "/address/point/lng"
        altitude                         422 field_unknown "/address/point/alt"
        no street                        422 field_invalid "/address/lines"
        a long street                    422 field_invalid "/address/lines"
        another continent                409 not_deliverable
        two as text                      422 field_invalid "/basket/0/quantity"
        half a bowl                      422 field_invalid "/basket/0/quantity"
        no bowl                          422 basket_invalid "/basket/0"
        a hundred bowls                  422 basket_invalid "/basket/0"
        minus one bowl                   422 field_invalid "/basket/0/quantity"
        an unknown dish                  422 basket_invalid "/basket/1"
        no dish id                       422 field_invalid "/basket/1/dish_id"
        an option of nothing             422 basket_invalid "/basket/1"
        an empty basket                  422 basket_invalid "/basket/0"
        a basket of words                422 field_invalid "/basket"
        only a gyoza                     422 below_minimum
        no basket                        422 field_invalid ""
        an unknown restaurant            404 restaurant_unknown
        no restaurant id                 422 field_invalid "/restaurant_id"
        no payment                       422 field_invalid "/payment"
        paid in shells                   422 field_invalid "/payment/method"
        no card token                    422 field_invalid "/payment/token"
        a card number                    422 field_invalid "/payment/token"
        a negative tip                   422 field_invalid "/tip"
        an endless tip                   422 field_invalid "/tip"
        a tip of 1e400                   422 field_invalid "/tip"
        another price                    409 price_changed
        a long note                      422 field_invalid "/note"
        a quote besides                  422 field_invalid ""
        a member too many                422 field_unknown "/coupon"
        an unknown quote                 404 quote_unknown
        an empty key                     400 param_invalid "Idempotency-Key"
        a long key                       400 param_invalid "Idempotency-Key"
        a quote of nothing               422 basket_invalid "/basket/0"
        six stars                        422 field_invalid "/stars"
        no stars                         422 field_invalid "/stars"
        stars for nothing                409 not_rateable
        stars for nobody                 404 restaurant_unknown
        an unknown order                 404 order_unknown
        no order id                      404 order_unknown
        no UTF-8 in the path             400 param_invalid
        cancelling nothing               404 order_unknown
        cancelling for fun               422 field_invalid "/reason"
        somebody else's order            404 order_unknown
        somebody else's order            404 order_unknown
        cancelling theirs                404 order_unknown
    "#]]);
}

async fn reading(city: &City, founder: &Person) {
    let operator = city.by(3, founder);
    let mut table = Table::new(&operator);
    let place = format!("lat={}&lng={}", DOOR.0, DOOR.1);
    for (name, path) in [
        ("no place", "/restaurants"),
        ("latitude 91", "/restaurants?lat=91&lng=0"),
        ("longitude as text", "/restaurants?lat=43&lng=west"),
        ("latitude NaN", "/restaurants?lat=NaN&lng=0"),
        ("no rows", &format!("/restaurants?{place}&limit=0")),
        ("too many rows", &format!("/v1/search?q=ramen&{place}&limit=101")),
        ("a strange cursor", &format!("/restaurants?{place}&cursor=x")),
        ("nothing searched", &format!("/v1/search?{place}")),
        ("read sometimes", "/v1/orders?read=sometimes"),
        ("after yesterday", "/v1/orders?after=yesterday"),
        ("a page of x", "/v1/orders?cursor=x"),
        ("an unknown state", "/v1/admin/orders?state=lost"),
        ("events after x", "/v1/events?after=x"),
        ("events without end", "/v1/events?limit=1001"),
        ("an unknown restaurant", "/v1/restaurants/res_00400000000000000000000000"),
        ("a menu of nobody", "/v1/restaurants/res_00400000000000000000000000/menu"),
        ("couriers after x", "/v1/admin/couriers?cursor=x"),
        ("audit from x", "/v1/admin/audit?from=x"),
        ("a twisted query", "/v1/orders?limit=%"),
    ] {
        table.get(name, path).await;
    }
    let bulk = "/v1/admin/bulk";
    table.post("no items", bulk, json!({"items": []})).await;
    table.post("an unknown op", bulk, json!({"items": [{"op": "drop_table"}]})).await;
    let item = json!({"op": "put_restaurant", "restaurant_id": "x", "profile": profile("X")});
    table.post("an item without id", bulk, json!({"items": [item]})).await;
    let ban = json!({"account_id": "acc_00400000000000000000000000", "reason": "spam"});
    table.post("banning nobody", "/v1/admin/bans", ban).await;
    let node = json!({"id": 9, "raft_addr": "nowhere", "http_addr": "nowhere"});
    table.post("a node of nowhere", "/v1/admin/cluster/nodes", node).await;
    table.post("leadership for 9", "/v1/admin/cluster/transfer", json!({"to": 9})).await;
    let gone = operator.request(Method::DELETE, "/v1/admin/cluster/nodes/9");
    table.ask("a node that is none", gone).await;
    table.is(&expect![[r#"

        no place                         400 param_invalid "lat"
        latitude 91                      400 param_invalid "lat"
        longitude as text                400 param_invalid "lng"
        latitude NaN                     400 param_invalid "lat"
        no rows                          400 param_invalid "limit"
        too many rows                    400 param_invalid "limit"
        a strange cursor                 400 param_invalid "cursor"
        nothing searched                 400 param_invalid "q"
        read sometimes                   400 param_invalid "read"
        after yesterday                  400 param_invalid "after"
        a page of x                      400 param_invalid "cursor"
        an unknown state                 400 param_invalid "state"
        events after x                   400 param_invalid "after"
        events without end               400 param_invalid "limit"
        an unknown restaurant            404 restaurant_unknown
        a menu of nobody                 404 restaurant_unknown
        couriers after x                 400 param_invalid "cursor"
        audit from x                     400 param_invalid "from"
        a twisted query                  400 param_invalid "limit"
        no items                         422 field_invalid "/items"
        an unknown op                    422 field_invalid "/items/0/op"
        an item without id               422 field_invalid "/items/0"
        banning nobody                   404 account_unknown
        a node of nowhere                422 field_invalid "/raft_addr"
        leadership for 9                 422 field_invalid
        a node that is none              404 node_unknown
    "#]]);

    // One bad item does not spoil the others, and says where it is bad.
    let id = "res_00400000000000000000000001";
    let mut bad = profile("Bad");
    bad["hours"]["friday"] = json!(["18:00-24:00", "whenever"]);
    let slow = but(&profile("Slow"), "/preparation_minutes", json!(100_000));
    let items = json!({"items": [
        {"op": "put_restaurant", "restaurant_id": id, "profile": bad},
        {"op": "put_restaurant", "restaurant_id": id, "profile": slow},
        {"op": "put_restaurant", "restaurant_id": id, "profile": profile("Good")},
    ]});
    let results = operator.post(bulk, items).await.ok(207)["results"].clone();
    let pointer = |place: usize| &results[place]["problem"]["errors"][0]["pointer"];
    assert_eq!(pointer(0), "/items/0/profile/hours/friday/1", "{results}");
    assert_eq!(pointer(1), "/items/1/profile/preparation_minutes", "{results}");
    let statuses: Vec<_> = (0..3).map(|place| &results[place]["status"]).collect();
    assert_eq!(statuses, [422, 422, 200]);
}

async fn the_kitchen(city: &City, kitchen: &Kitchen) {
    let ana = city.somebody().await;
    let placed = city.by(1, &ana).post("/order", order(kitchen, 1)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap();
    crate::walks::state_is(&city.by(1, &ana), id, "placed").await;
    let staff = city.by(2, &kitchen.staff);
    let mut table = Table::new(&staff);
    let path = format!("/restaurant/{}/order/{id}/status", kitchen.id);
    for (name, word) in [
        ("ready before accepted", json!({"status": "ready"})),
        ("an unknown word", json!({"status": "eaten"})),
        ("rejected without a reason", json!({"status": "rejected"})),
        ("rejected for fun", json!({"status": "rejected", "reason": "fun"})),
        ("ready at noon", json!({"status": "accepted", "ready_at": "noon"})),
        ("ready last year", json!({"status": "accepted", "ready_at": "2020-01-01T00:00:00Z"})),
        ("handed over", json!({"status": "handed_over"})),
    ] {
        table.raw(name, Method::PATCH, &path, word.to_string()).await;
    }
    let unknown = "ord_00400000000000000000000000";
    let path = format!("/restaurant/{}/order/{unknown}/status", kitchen.id);
    table.raw("an unknown order", Method::PATCH, &path, kitchen_word("accepted")).await;

    let menu = format!("/restaurant/{}/menu", kitchen.id);
    let dish = json!({"ref": "soup", "title": {"en": "Soup"}, "price": 500});
    for (name, pointer, value) in [
        ("a dish without title", "/title", json!(null)),
        ("a dish without words", "/title", json!({})),
        ("a dish for nothing less", "/price", json!(-1)),
        ("a dish of gold", "/price", json!(i64::MAX)),
        ("a dish without name", "/ref", json!(null)),
        ("a dish with a twist", "/twist", json!(true)),
        ("an unknown option group", "/option_groups", json!(["nothing"])),
    ] {
        table.post(name, &menu, but(&dish, pointer, value)).await;
    }
    table.post("one of many is bad", &menu, json!({"dishes": [dish, {"ref": "x"}]})).await;
    let whole = format!("/v1{menu}");
    let request = staff.request(Method::PUT, &whole).header("if-match", "\"soon\"");
    table.ask("a version of soon", request.json(&crate::people::menu())).await;
    let request = staff.request(Method::PUT, &whole).header("if-match", "\"77\"");
    table
        .ask(
            "another version",
            request.json(&but(&crate::people::menu(), "/dishes/0/price", json!(1))),
        )
        .await;
    let own = format!("/v1/restaurant/{}", kitchen.id);
    for (name, pointer, value) in [
        ("no opening hours", "/hours/monday", json!(["whenever"])),
        ("a day too many", "/hours/holiday", json!(["00:00-24:00"])),
        ("a radius of the world", "/delivery_radius_m", json!(40_000_000)),
        ("no radius", "/delivery_radius_m", json!(-5)),
        ("endless cooking", "/preparation_minutes", json!(i64::MAX)),
        ("too many cuisines", "/cuisines", json!(vec!["ramen"; 100])),
    ] {
        let body = but(&profile("Casa Marisol"), pointer, value).to_string();
        table.raw(name, Method::PUT, &own, body).await;
    }
    let role = json!({"account_id": ana.account_id, "role": "king"});
    table.post("an unknown role", &format!("{own}/staff"), role).await;
    table.is(&expect![[r#"

        ready before accepted            409 order_moved_on
        an unknown word                  422 field_invalid "/status"
        rejected without a reason        422 field_invalid "/reason"
        rejected for fun                 422 field_invalid "/reason"
        ready at noon                    422 field_invalid "/ready_at"
        ready last year                  422 field_invalid "/ready_at"
        handed over                      409 order_moved_on
        an unknown order                 404 order_unknown
        a dish without title             422 field_invalid "/title"
        a dish without words             422 field_invalid "/title"
        a dish for nothing less          422 field_invalid "/price"
        a dish of gold                   422 field_invalid "/price"
        a dish without name              422 field_invalid "/ref"
        a dish with a twist              422 field_unknown "/twist"
        an unknown option group          422 field_invalid "/option_groups/0"
        one of many is bad               422 field_invalid "/dishes/1/title"
        a version of soon                400 param_invalid "If-Match"
        another version                  412 version_changed
        no opening hours                 422 field_invalid "/hours/monday/0"
        a day too many                   422 field_unknown "/hours/holiday"
        a radius of the world            422 field_invalid "/delivery_radius_m"
        no radius                        422 field_invalid "/delivery_radius_m"
        endless cooking                  422 field_invalid "/preparation_minutes"
        too many cuisines                422 field_invalid "/cuisines"
        an unknown role                  422 field_invalid "/role"
    "#]]);
}

async fn roles_and_tokens(city: &City, kitchen: &Kitchen, founder: &Person) {
    let eve = city.somebody().await;
    let customer = city.by(1, &eve);
    let mut table = Table::new(&customer);
    let theirs = format!("/restaurant/{}", kitchen.id);
    table.get("a kitchen that is not yours", &format!("{theirs}/orders")).await;
    table.get("a kitchen that is none", "/restaurant/res_00400000000000000000000000/orders").await;
    table.post("a menu that is not yours", &format!("{theirs}/menu"), json!({})).await;
    table.get("work without being asked", "/delivery/assignments").await;
    table.get("the platform's orders", "/v1/admin/orders").await;
    let feed = format!("/v1/events?restaurant_id={}", kitchen.id);
    table.get("the feed of that kitchen", &feed).await;
    table.get("events of no type", "/v1/events?types=order.eaten").await;
    let login = json!({"login": eve.login, "password": PASSWORD});
    table.post("a customer as staff", "/restaurant/login", login.clone()).await;
    table.post("a customer as courier", "/delivery/login", login.clone()).await;
    table.post("a wrong password", "/login", but(&login, "/password", json!("wrong one"))).await;

    let rider = city.rider(founder).await;
    let other = city.rider(founder).await;
    let own = city.by(2, &rider.person);
    let path = format!("/v1/delivery/{}", other.courier_id);
    table.ask("another courier", own.request(Method::GET, &path)).await;
    let order = "ord_00400000000000000000000000";
    let path = format!("/delivery/me/order/{order}/status");
    for status in ["accepted", "delivered", "failed", "eaten"] {
        let request = own.request(Method::PATCH, &path).json(&json!({"status": status}));
        table.ask(&format!("{status}, of no order"), request).await;
    }
    for (name, report) in [
        ("in another city", json!({"point": point((48.85, 2.35))})),
        ("off the globe", json!({"point": point((95.0, 0.0))})),
        ("tomorrow", json!({"point": point(DOOR), "occurred_at": "2999-01-01T00:00:00Z"})),
    ] {
        let body = json!({"positions": [{"point": point(DOOR)}, report]});
        let request = own.request(Method::POST, "/v1/delivery/me/positions").json(&body);
        table.ask(name, request).await;
    }
    let live = own.request(Method::GET, "/v1/delivery/me/live");
    table.ask("a socket without an upgrade", live).await;
    let stream = customer.request(Method::GET, "/v1/order/x/stream").header("last-event-id", "x");
    table.ask("a stream of nothing", stream).await;

    let nobody = city.at(1);
    table.ask("no token", nobody.request(Method::GET, "/v1/orders")).await;
    let basic = nobody.request(Method::GET, "/v1/orders").header("authorization", "Basic ZXZlOg==");
    table.ask("another scheme", basic).await;
    let (head, signature) = eve.token.rsplit_once('.').unwrap();
    let forged: String = signature.chars().rev().collect();
    for (name, token) in [
        ("no such token", "x".to_owned()),
        ("a forged signature", format!("{head}.{forged}")),
        ("no signature", head.to_owned()),
        ("an endless token", "x".repeat(4_000)),
    ] {
        table.ask(name, nobody.with(&token).request(Method::GET, "/v1/orders")).await;
    }
    gone(city, &mut table, kitchen, founder, &eve).await;
    table.is(&expect![[r#"

        a kitchen that is not yours      403 forbidden
        a kitchen that is none           404 restaurant_unknown
        a menu that is not yours         403 forbidden
        work without being asked         403 forbidden
        the platform's orders            403 forbidden
        the feed of that kitchen         403 forbidden
        events of no type                400 param_invalid "types"
        a customer as staff              403 forbidden
        a customer as courier            403 forbidden
        a wrong password                 401 credentials_wrong
        another courier                  404 courier_unknown
        accepted, of no order            404 order_unknown
        delivered, of no order           404 order_unknown
        failed, of no order              422 field_invalid "/reason"
        eaten, of no order               422 field_invalid "/status"
        in another city                  422 field_invalid "/positions/1/point"
        off the globe                    422 field_invalid "/positions/1/point/lat"
        tomorrow                         422 field_invalid "/positions/1/occurred_at"
        a socket without an upgrade      400 param_invalid
        a stream of nothing              404 order_unknown
        no token                         401 token_missing
        another scheme                   401 token_missing
        no such token                    401 token_invalid
        a forged signature               401 token_invalid
        no signature                     401 token_invalid
        an endless token                 401 token_invalid
        reading after logging out        401 token_expired
        ordering after logging out       401 token_expired
        reading after logging out        401 token_expired
        ordering after logging out       401 token_expired
        reading after logging out        401 token_expired
        ordering after logging out       401 token_expired
        banning the founder              401 token_expired
        reading while banned             403 banned
        ordering while banned            403 banned
        reading while banned             403 banned
        ordering while banned            403 banned
        reading while banned             403 banned
        ordering while banned            403 banned
        logging in while banned          403 banned
    "#]]);
}

/// A token is good until it ends, its login ends, or its person is banned: at once, on every node.
async fn gone(
    city: &City,
    table: &mut Table<'_>,
    kitchen: &Kitchen,
    founder: &Person,
    eve: &Person,
) {
    let out = send(city.by(1, eve).request(Method::POST, "/v1/logout")).await;
    assert_eq!(out.status, 204, "{}", out.text());
    let after = format!("/v1/orders?after={}", out.index());
    for node in 1..=3 {
        let api = city.by(node, eve);
        // The others hear of it a moment later.
        city.at(node).get(&format!("/v1/restaurants/{}{}", kitchen.id, &after[10..])).await.ok(200);
        table.ask("reading after logging out", api.request(Method::GET, &after)).await;
        let write = api.request(Method::POST, "/order").json(&order(kitchen, 1));
        table.ask("ordering after logging out", write).await;
    }
    let ban = json!({"account_id": founder.account_id, "reason": "spam"});
    let request = city.by(2, eve).request(Method::POST, "/v1/admin/bans").json(&ban);
    table.ask("banning the founder", request).await;
    let ben = city.somebody().await;
    let ban = json!({"account_id": ben.account_id, "reason": "spam"});
    let index = city.by(1, founder).post("/v1/admin/bans", ban).await.ok(200)["index"].clone();
    for node in 1..=3 {
        let api = city.by(node, &ben);
        city.at(node).get(&format!("/v1/restaurants/{}?after={index}", kitchen.id)).await.ok(200);
        table.ask("reading while banned", api.request(Method::GET, "/v1/me")).await;
        let write = api.request(Method::POST, "/order").json(&order(kitchen, 1));
        table.ask("ordering while banned", write).await;
    }
    let login = json!({"login": ben.login, "password": PASSWORD});
    let login = city.at(2).request(Method::POST, "/login").json(&login);
    table.ask("logging in while banned", login).await;
}

async fn the_envelope(city: &City, kitchen: &Kitchen, ana: &Person) {
    let customer = city.by(1, ana);
    let mut table = Table::new(&customer);
    table.get("no such route", "/no/such/route").await;
    table.get("no such version", "/v2/orders").await;
    table.get("no such error", "/docs/errors/nothing").await;
    for (name, method, path) in [
        ("deleting orders", Method::DELETE, "/order"),
        ("getting a login", Method::GET, "/login"),
        ("posting health", Method::POST, "/health"),
    ] {
        let request = customer.request(method, path);
        let answer = send(request.try_clone().unwrap()).await;
        assert!(answer.header("allow").is_some(), "{name} does not say what is allowed");
        table.ask(name, request).await;
    }
    let form = "application/x-www-form-urlencoded";
    let staff = city.by(1, &kitchen.staff);
    let menu = format!("/restaurant/{}/menu", kitchen.id);
    for (name, kind, path) in [
        ("a form", form, "/order"),
        ("plain text", "text/plain", "/login"),
        ("no known kind", "\u{7f}", "/login"),
        ("a menu as a form", form, &*menu),
    ] {
        let request = staff.request(Method::POST, path).body("{}");
        let request = match reqwest::header::HeaderValue::from_bytes(kind.as_bytes()) {
            Ok(kind) => request.header("content-type", kind),
            Err(_) => request.header("content-type", "?"),
        };
        table.ask(name, request).await;
    }
    // Far more than the node takes is refused in words, not by hanging up.
    for (name, path, bytes) in [
        ("300 KiB to sign up", "/signup", 300 << 10),
        ("1 MiB of an order", "/order", 1 << 20),
        ("5 MiB of a menu", &*menu, 5 << 20),
        ("30 MiB of an order", "/order", 30 << 20),
    ] {
        let body = json!({"name": "n".repeat(bytes)}).to_string();
        table.ask(name, staff.request(Method::POST, path).body(body)).await;
    }
    let long = "x".repeat(8_000);
    table.get("a long path", &format!("/order/{long}/status")).await;
    table.get("a long query", &format!("/v1/search?lat=43.5&lng=-5.9&limit=0&q={long}")).await;
    assert_eq!(customer.get("/order/x/status").await.code(), Code::OrderUnknown);
    table.is(&expect![[r#"

        no such route                    404 route_unknown
        no such version                  404 route_unknown
        no such error                    404 route_unknown
        deleting orders                  405 method_not_allowed
        getting a login                  405 method_not_allowed
        posting health                   405 method_not_allowed
        a form                           415 media_type_unsupported
        plain text                       415 media_type_unsupported
        no known kind                    415 media_type_unsupported
        a menu as a form                 415 media_type_unsupported
        300 KiB to sign up               413 too_large
        1 MiB of an order                413 too_large
        5 MiB of a menu                  413 too_large
        30 MiB of an order               413 too_large
        a long path                      404 order_unknown
        a long query                     400 param_invalid "limit"
    "#]]);
}
