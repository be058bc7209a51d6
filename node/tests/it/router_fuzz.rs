//! Requests from a grammar of good ones, bent at random: no answer is a 5xx, every refusal is a
//! problem document. `FD_FUZZ_SEED` repeats a run, `FD_FUZZ_SECONDS` makes it longer.

use crate::city::City;
use crate::http::{Answer, Api};
use crate::people::{KITCHEN, Kitchen, PASSWORD, menu, order, point, profile};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a run takes unless told otherwise, in seconds.
const SECONDS: u64 = 20;
/// Requests under way at once.
const AT_ONCE: usize = 16;

/// What requests are made of.
struct Grammar {
    /// Method and path with `{names}`.
    routes: Vec<(String, String)>,
    /// Names of query parameters, from the document.
    params: Vec<String>,
    /// Ids of things that there are.
    ids: Vec<String>,
    /// Bodies that are right for some route.
    bodies: Vec<Value>,
    /// Who sends which method, path and body: all of it right, but for the moment.
    right: Vec<(usize, &'static str, String, Value)>,
}

/// In whose name: the place in the list of tokens.
const FOUNDER: usize = 0;
const COOK: usize = 1;
const RIDER: usize = 2;
const ANA: usize = 3;

/// A request that has been thought up.
#[derive(Clone, Debug)]
struct Wish {
    node: usize,
    who: usize,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_makes_a_node_fail() {
    let seed: u64 = match std::env::var("FD_FUZZ_SEED") {
        Ok(seed) => seed.parse().expect("FD_FUZZ_SEED is a number"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
    };
    let seconds = std::env::var("FD_FUZZ_SECONDS").map_or(SECONDS, |s| s.parse().unwrap());
    eprintln!("FD_FUZZ_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);

    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let rider = city.rider(&founder).await;
    let ana = city.somebody().await;
    let tokens = [&founder, &kitchen.staff, &rider.person, &ana].map(|who| Some(&*who.token));
    let tokens = [tokens.as_slice(), &[None, Some("no.such.token")]].concat();
    let wishes = wish(grammar(&city, &kitchen, &ana.token, &rider.courier_id).await);

    let started = Instant::now();
    let mut seen = BTreeMap::<u16, u32>::new();
    while started.elapsed() < Duration::from_secs(seconds) {
        let batch: Vec<Wish> =
            (0..AT_ONCE).map(|_| wishes.new_tree(&mut runner).unwrap().current()).collect();
        let answers = batch.into_iter().map(|wish| {
            let api = city.at(wish.node);
            let api = tokens[wish.who].map_or(api.clone(), |token| api.with(token));
            ask(api, wish, seed)
        });
        for status in join_all(answers).await {
            *seen.entry(status).or_default() += 1;
        }
    }
    eprintln!("{seen:?} in {:?}", started.elapsed());
    // A fuzz that is refused at the door every time has tested the door.
    for status in [200, 201, 400, 401, 403, 404, 405, 409, 413, 415, 422] {
        assert!(seen.contains_key(&status), "FD_FUZZ_SEED={seed}: never {status}: {seen:?}");
    }
    city.ready().await;
    city.end().await;
}

async fn ask(api: Api, wish: Wish, seed: u64) -> u16 {
    let method = Method::from_bytes(wish.method.as_bytes()).unwrap();
    let mut request = api.request(method, &wish.path);
    for (name, value) in &wish.headers {
        request = request.header(name, value);
    }
    if let Some(body) = &wish.body {
        request = request.body(body.clone());
    }
    let said = || format!("FD_FUZZ_SEED={seed}\n{}\n{:?}", shown(&wish), wish);
    let response = request.send().await.unwrap_or_else(|e| panic!("{e:?}\n{}", said()));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    assert!(status < 500, "{status}\n{}\n{}", response.text().await.unwrap(), said());
    // A stream has no end, and the refusal of a HEAD no body.
    let streams = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
    if streams || wish.method == "HEAD" {
        return status;
    }
    let body = response.bytes().await.unwrap_or_else(|e| panic!("{e:?}\n{}", said()));
    if status >= 400 {
        let answer = Answer { status, headers, body: body.to_vec() };
        let checked = std::panic::catch_unwind(|| answer.code());
        assert!(checked.is_ok(), "no problem document: {}\n{}", answer.text(), said());
    }
    status
}

fn shown(wish: &Wish) -> String {
    let body = wish.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let body: String = body.chars().take(2_000).collect();
    format!("{} {} {body}", wish.method, wish.path)
}

async fn grammar(city: &City, kitchen: &Kitchen, ana: &str, courier: &str) -> Grammar {
    let document = city.at(1).get("/openapi.json").await.ok(200);
    let (mut routes, mut params) = (Vec::new(), Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // These take nodes away, and the founder's own login.
            let ends = path.contains("/cluster/") || path.ends_with("/logout");
            if !ends {
                routes.push((method.to_uppercase(), path.clone()));
            }
            let named = operation["parameters"].as_array().into_iter().flatten();
            let named = named.filter(|param| param["in"] == "query");
            params.extend(named.map(|param| param["name"].as_str().unwrap().to_owned()));
        }
    }
    params.sort();
    params.dedup();
    // These wait for what never comes, and then say so with a 503: as they should.
    params.retain(|name| name != "wait_s" && name != "after");
    params.push("read".to_owned());
    let ana = city.at(1).with(ana);
    let placed = ana.post("/order", order(kitchen, 1)).await.ok(201);
    let address = order(kitchen, 1)["address"].clone();
    let basket = order(kitchen, 1)["basket"].clone();
    let quote = json!({"restaurant_id": kitchen.id, "basket": basket, "address": address});
    let quoted = ana.post("/v1/quotes", quote.clone()).await.ok(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let bodies = vec![
        order(kitchen, 2),
        quote,
        json!({"quote_id": quoted["quote_id"], "payment": {"method": "cash"}}),
        json!({"name": "Eve", "phone": "+34699000001", "password": PASSWORD, "locale": "es"}),
        json!({"login": "+34699000001", "password": PASSWORD}),
        menu(),
        profile("Casa Marisol"),
        json!({"dishes": menu()["dishes"], "option_groups": menu()["option_groups"]}),
        menu()["dishes"][0].clone(),
        json!({"items": [{"op": "put_menu", "restaurant_id": kitchen.id, "menu": menu()},
            {"op": "put_restaurant", "restaurant_id": kitchen.id, "profile": profile("X")}]}),
        json!({"status": "accepted", "ready_at": "2030-01-01T00:00:00Z"}),
        json!({"status": "rejected", "reason": "busy"}),
        json!({"status": "delivered", "fence": 1, "occurred_at": "2030-01-01T00:00:00Z"}),
        json!({"status": "failed", "reason": "customer_absent"}),
        json!({"stars": 5, "food": 4, "courier": 3, "text": "good"}),
        json!({"reason": "customer_changed_mind"}),
        json!({"online": true, "vehicle": "bicycle"}),
        json!({"positions": [{"point": point(KITCHEN), "speed_mps": 3.5, "heading_deg": 90}]}),
        json!({"account_id": "acc_00400000000000000000000000", "role": "kitchen"}),
        json!({"account_id": "acc_00400000000000000000000000", "reason": "spam"}),
        json!({"mode": "open"}),
        json!({"ready_at": "2030-01-01T00:00:00Z"}),
        json!({"mode": "busy", "extra_minutes": 20, "until": "2030-01-01T00:00:00Z"}),
        json!({"orders": 10, "dishes": 40, "money": 90_000}),
        json!({"from": "2030-12-24", "to": "2030-12-26", "ranges": ["10:00-12:00"], "reason": "X"}),
        json!({"hours": profile("X")["hours"], "holiday_hours": [], "last_order_minutes": 15}),
        json!({"refresh_token": "ses_00400000000000000000000000.AAAA"}),
    ];
    let ids = vec![
        kitchen.id.clone(),
        kitchen.ramen.clone(),
        courier.to_owned(),
        "me".to_owned(),
        text(&placed["order_id"]),
        text(&quoted["quote_id"]),
        "ord_00400000000000000000000000".to_owned(),
        "res_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
    ];
    let (kitchen_id, order_id) = (&kitchen.id, text(&placed["order_id"]));
    let of_order = format!("/restaurant/{kitchen_id}/order/{order_id}/status");
    let carried = format!("/delivery/me/order/{order_id}/status");
    let body = |place: usize| bodies[place].clone();
    let right = vec![
        (ANA, "POST", "/order".to_owned(), body(0)),
        (ANA, "POST", "/v1/quotes".to_owned(), body(1)),
        (ANA, "POST", "/v1/order".to_owned(), body(2)),
        (ANA, "POST", "/signup".to_owned(), body(3)),
        (ANA, "POST", "/login".to_owned(), body(4)),
        (COOK, "PUT", format!("/v1/restaurant/{kitchen_id}/menu"), body(5)),
        (COOK, "PUT", format!("/v1/restaurant/{kitchen_id}"), body(6)),
        (COOK, "POST", format!("/restaurant/{kitchen_id}/menu"), body(7)),
        (COOK, "POST", format!("/restaurant/{kitchen_id}/menu"), body(8)),
        (FOUNDER, "POST", "/v1/admin/bulk".to_owned(), body(9)),
        (COOK, "PATCH", of_order.clone(), json!({"status": "accepted"})),
        (COOK, "PATCH", of_order.clone(), json!({"status": "ready"})),
        (COOK, "PATCH", of_order, json!({"status": "preparing"})),
        (RIDER, "PATCH", carried.clone(), json!({"status": "accepted", "fence": 1})),
        (RIDER, "PATCH", carried.clone(), json!({"status": "at_store"})),
        (RIDER, "PATCH", carried, json!({"status": "delivered"})),
        (ANA, "POST", format!("/rate/{kitchen_id}"), body(14)),
        (RIDER, "PUT", "/v1/delivery/me/online".to_owned(), body(16)),
        (RIDER, "POST", "/v1/delivery/me/positions".to_owned(), body(17)),
        (COOK, "POST", format!("/v1/restaurant/{kitchen_id}/staff"), body(18)),
        (FOUNDER, "POST", "/v1/admin/bans".to_owned(), body(19)),
    ];
    Grammar { routes, params, ids, bodies, right }
}

fn wish(grammar: Grammar) -> BoxedStrategy<Wish> {
    let Grammar { routes, params, ids, bodies, right } = grammar;
    let right = (1..=3usize, select(right), any::<bool>(), any::<Index>(), leaf()).prop_map(
        |(node, (who, method, path, mut sent), bend, place, value)| {
            if bend {
                bent(&mut sent, place, value);
            }
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let body = Some(sent.to_string().into_bytes());
            Wish { node, who, method: method.to_owned(), path, headers, body }
        },
    );
    let route = prop_oneof![
        12 => select(routes.clone()),
        1 => (select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]),
            select(routes)).prop_map(|(method, (_, path))| (method.to_owned(), path)),
        1 => junk().prop_map(|junk| ("GET".to_owned(), format!("/{}", encoded(&junk)))),
    ];
    let id = prop_oneof![8 => select(ids), 1 => junk().prop_map(|junk| encoded(&junk))];
    let path = (route, proptest::collection::vec(id, 2), query(params));
    let path = path.prop_map(|((method, path), ids, query)| {
        let mut ids = ids.into_iter();
        let parts = path.split('/').map(|part| match part.starts_with('{') {
            true => ids.next().unwrap_or_default(),
            false => part.to_owned(),
        });
        (method, format!("{}{query}", parts.collect::<Vec<_>>().join("/")))
    });
    let body = proptest::option::weighted(0.9, body(bodies));
    let any = (1..=3usize, 0..6usize, path, headers(), body).prop_map(
        |(node, who, (method, path), headers, body)| {
            let body = body.filter(|_| method != "GET" && method != "HEAD");
            Wish { node, who, method, path, headers, body }
        },
    );
    prop_oneof![3 => any, 2 => right].boxed()
}

fn query(params: Vec<String>) -> impl Strategy<Value = String> {
    let value = prop_oneof![
        3 => select(vec!["43.556", "-5.912", "1", "20", "ramen", "placed", "stale", "5.0"])
            .prop_map(str::to_owned),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => junk().prop_map(|junk| encoded(&junk)),
    ];
    let pair = (select(params), value).prop_map(|(name, value)| format!("{name}={value}"));
    let place = Just("lat=43.556&lng=-5.912&q=ramen".to_owned());
    let pairs = (proptest::option::of(place), proptest::collection::vec(pair, 0..4));
    pairs.prop_map(|(place, pairs)| {
        let all: Vec<_> = place.into_iter().chain(pairs).collect();
        if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let kind = prop_oneof![
        15 => Just("application/json"),
        1 => select(vec!["text/plain", "application/json; charset=utf-8", "a/b/c", ";"]),
    ];
    let other = ["idempotency-key", "if-match", "if-none-match", "last-event-id", "request-id"];
    let value = prop_oneof!["[ -~]{0,40}", Just("\"1\"".to_owned()), Just("3.0".to_owned())];
    let others = proptest::collection::vec((select(other.to_vec()), value), 0..2);
    (kind, others).prop_map(|(kind, others)| {
        let kind = ("content-type", kind.to_owned());
        let all = std::iter::once(kind).chain(others);
        all.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    })
}

fn body(bodies: Vec<Value>) -> impl Strategy<Value = Vec<u8>> {
    let good = select(bodies).prop_map(|body| body.to_string().into_bytes());
    let bodies = good.clone().prop_map(|bytes| serde_json::from_slice::<Value>(&bytes).unwrap());
    let bent = (bodies, any::<Index>(), leaf()).prop_map(|(mut body, place, value)| {
        bent(&mut body, place, value);
        body.to_string().into_bytes()
    });
    let cut = (good.clone(), any::<Index>()).prop_map(|(mut body, at)| {
        body.truncate(at.index(body.len()));
        body
    });
    let flipped = (good.clone(), any::<Index>(), any::<u8>()).prop_map(|(mut body, at, byte)| {
        let at = at.index(body.len());
        body[at] = byte;
        body
    });
    let huge = Just(json!({"name": "n".repeat(300 << 10)}).to_string().into_bytes());
    prop_oneof![
        8 => good,
        12 => bent,
        2 => cut,
        2 => flipped,
        1 => proptest::collection::vec(any::<u8>(), 0..200),
        1 => huge,
    ]
}

/// Puts a value where another one stood.
fn bent(body: &mut Value, place: Index, value: Value) {
    let mut places = Vec::new();
    pointers(body, String::new(), &mut places);
    let place = &places[place.index(places.len())];
    *body.pointer_mut(place).unwrap() = value;
}

/// A value that may stand where another one stood.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-10..200i64).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        junk().prop_map(Value::from),
        (1..4_000usize).prop_map(|count| Value::from("é".repeat(count))),
        (0..300usize).prop_map(|count| Value::from(vec![1; count])),
        junk().prop_map(|name| json!({name: 1})),
    ]
}

fn junk() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", "[a-z_]{1,30}", any::<char>().prop_map(String::from)]
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                pointers(value, format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                pointers(value, format!("{at}/{place}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found.push(at);
}

/// Every byte that is no letter, as `%xx`.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02x}"),
    };
    text.bytes().map(one).collect()
}
