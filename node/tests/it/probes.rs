//! What operators and machines look at: probes, metrics, the document, headers, the feed, the audit.

use crate::city::{City, until};
use crate::http::send;
use crate::people::order;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The routes of the brief, as they are spelled there.
const BRIEF: [(&str, &str); 13] = [
    ("post", "/signup"),
    ("post", "/login"),
    ("get", "/restaurants"),
    ("post", "/order"),
    ("get", "/order/{order_id}/status"),
    ("post", "/rate/{restaurant_id}"),
    ("post", "/restaurant/login"),
    ("post", "/restaurant/{id}/menu"),
    ("get", "/restaurant/{id}/orders"),
    ("patch", "/restaurant/{id}/order/{order_id}/status"),
    ("post", "/delivery/login"),
    ("get", "/delivery/assignments"),
    ("patch", "/delivery/{id}/order/{order_id}/status"),
];

#[tokio::test(flavor = "multi_thread")]
async fn health_metrics_and_the_document() {
    let city = City::start().await;
    for node in 1..=3 {
        let health = city.at(node).get("/health").await.ok(200);
        assert_eq!((&health["ready"], &health["search"]), (&json!(true), &json!("ready")));
        assert_eq!(health["node_id"], node);
        assert_eq!(city.at(node).get("/ready").await.ok(200)["missing"], Value::Null);
    }
    city.at(2).get("/no/such/route").await;
    let metrics = city.at(2).get("/metrics").await;
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let metrics = metrics.text();
    assert!(metrics.ends_with("# EOF\n"));
    let counted = |line: &str| {
        line.contains("http_requests_total") && line.contains("/ready") && line.contains("200")
    };
    assert!(metrics.lines().any(counted), "{metrics}");
    assert!(!metrics.contains("/no/such"), "what callers invent is no label");

    let page = city.at(3).get("/docs").await;
    assert_eq!((page.status, page.text().contains("/openapi.json")), (200, true));
    let errors = city.at(3).get("/docs/errors/id_reused").await;
    assert_eq!((errors.status, errors.text().contains("422")), (200, true));
    the_document(&city).await;
    city.end().await;
}

/// Every route of the document is served, and every operation says how it answers.
async fn the_document(city: &City) {
    let document = city.at(1).get("/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().expect(path);
            let good = answers.keys().any(|status| status.starts_with(['1', '2']));
            assert!(good, "{method} {path} has no good answer");
            assert!(operation["summary"].is_string(), "{method} {path} says nothing");
            operations.insert((method.clone(), path.clone()));
        }
    }
    every_body_has_an_example(&document);
    for (method, path) in BRIEF {
        for path in [path.to_owned(), format!("/v1{path}")] {
            assert!(operations.contains(&(method.to_owned(), path.clone())), "{method} {path}");
        }
    }
    for (method, path) in operations {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path.replace(['{', '}'], "");
        let answer = send(city.at(1).request(method.clone(), &path)).await;
        assert!(answer.status < 500, "{method} {path}: {}", answer.text());
        if answer.status >= 400 {
            let code = answer.code().as_str();
            assert!(!["route_unknown", "method_not_allowed"].contains(&code), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_the_feed_and_the_audit() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    for bowls in 1..=5 {
        let node = 1 + bowls as usize % 3;
        city.by(node, &ana).post("/order", order(&kitchen, bowls)).await.ok(201);
    }

    // A request keeps its name; one without a name gets one.
    let named = city.at(2).request(Method::GET, "/health").header("request-id", "tour-7");
    assert_eq!(send(named).await.header("request-id"), Some("tour-7"));
    let fresh = [city.at(2).get("/health").await, city.at(2).get("/health").await];
    assert_ne!(fresh[0].header("request-id"), fresh[1].header("request-id"));
    let broken = city.at(2).request(Method::GET, "/health").header("request-id", "a b");
    assert_ne!(send(broken).await.header("request-id"), Some("a b"));

    // The menu is sent once for each version.
    let path = format!("/v1/restaurants/{}/menu?after={}", kitchen.id, kitchen.index);
    let menu = city.at(3).get(&path).await;
    assert!(menu.index() >= kitchen.index);
    let tag = menu.header("etag").expect("a version").to_owned();
    let again = city.at(1).request(Method::GET, &path).header("if-none-match", &tag);
    let again = send(again).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(&*tag));
    let dish = json!({"ref": "soup", "title": {"en": "Soup"}, "price": 500});
    let edit = format!("/restaurant/{}/menu", kitchen.id);
    let index = city.by(2, &kitchen.staff).post(&edit, dish).await;
    assert_eq!(index.status, 201, "{}", index.text());
    let path = format!("/v1/restaurants/{}/menu?after={}", kitchen.id, index.index());
    let newer = send(city.at(1).request(Method::GET, &path).header("if-none-match", &tag)).await;
    assert_eq!(newer.ok(200)["dishes"].as_array().unwrap().len(), 3);

    quiet(&city, &founder.token).await;
    the_feed(&city, &founder.token).await;
    the_audit(&city, &founder.token).await;
    city.end().await;
}

/// Waits until nothing happens any more and all nodes have seen all of it: the same index, the same
/// head of the audit chain.
async fn quiet(city: &City, token: &str) {
    until("the nodes have the same history", async || {
        let mut seen = Vec::new();
        for node in 1..=3 {
            let status = city.at(node).with(token).get("/v1/admin/cluster").await.ok(200);
            assert!(status["audit_head"].as_str().is_some_and(|head| head.len() == 64));
            seen.push((status["applied"].clone(), status["audit_head"].clone()));
        }
        let events = city.at(1).with(token).get("/v1/events?types=payment.authorized").await;
        let paid = events.ok(200)["events"].as_array().unwrap().len() == 5;
        (paid && seen[0] == seen[1] && seen[1] == seen[2]).then_some(())
    })
    .await;
}

/// Small pages from changing nodes are the same feed as one large page from one node.
async fn the_feed(city: &City, token: &str) {
    let mut pages = Vec::new();
    for node in 1..=3 {
        let page = city.at(node).with(token).get("/v1/events").await.ok(200);
        pages.push(page["events"].as_array().unwrap().clone());
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[1], pages[2]);
    let mut steps = Vec::new();
    let mut after = "0".to_owned();
    for node in [1, 2, 3].into_iter().cycle() {
        let path = format!("/v1/events?limit=7&after={after}");
        let page = city.at(node).with(token).get(&path).await.ok(200);
        after = page["next"].as_str().unwrap().to_owned();
        let events = page["events"].as_array().unwrap();
        steps.extend(events.iter().cloned());
        if events.is_empty() {
            break;
        }
    }
    assert_eq!(steps, pages[0]);
    let kinds: Vec<_> = steps.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "order.placed").count(), 5);
    assert_eq!(kinds[0], "city.founded");
    let only = city.at(2).with(token).get("/v1/events?types=order.*").await.ok(200);
    let only = only["events"].as_array().unwrap();
    assert!(only.iter().all(|event| event["type"].as_str().unwrap().starts_with("order.")));
    // Who, what and how much; never a name or a street.
    let feed = json!(steps).to_string();
    for secret in ["Ana", "+3460", "Calle Mayor", "ring twice", "tok_visa"] {
        assert!(!feed.contains(secret), "the feed tells {secret}");
    }
}

/// Each entry is sealed with the hash of the one before, on every node with the same hashes.
async fn the_audit(city: &City, token: &str) {
    let mut chains = Vec::new();
    for node in 1..=3 {
        let (mut chain, mut from) = (Vec::new(), 0);
        loop {
            let path = format!("/v1/admin/audit?from={from}&limit=10");
            let page = city.at(node).with(token).get(&path).await.ok(200);
            let page = page.as_array().unwrap();
            let Some(last) = page.last() else { break };
            from = last["index"].as_u64().unwrap() + 1;
            chain.extend(page.iter().cloned());
        }
        chains.push(chain);
    }
    assert_eq!(chains[0], chains[1]);
    assert_eq!(chains[1], chains[2]);
    for pair in chains[0].windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["prev"]);
    }
    let status = city.at(1).with(token).get("/v1/admin/cluster").await.ok(200);
    assert_eq!(chains[0].last().unwrap()["hash"], status["audit_head"]);
    let orders = chains[0].iter().filter(|entry| entry["command"] == "place_order");
    assert_eq!(orders.filter(|entry| entry["verdict"] == "yes").count(), 5);
}

/// Every body in the document shows what it looks like, field by field.
fn every_body_has_an_example(document: &serde_json::Value) {
    let mut without = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            for body in answers.chain([&operation["requestBody"]]) {
                for (media, content) in body["content"].as_object().into_iter().flatten() {
                    let json = media.ends_with("json");
                    let example = content.get("example").or(content.get("examples"));
                    match example {
                        Some(example) => unsaid(example, &format!("{method} {path}"), &mut without),
                        None if json => drop(without.insert(format!("{method} {path}"))),
                        None => {}
                    }
                }
            }
        }
    }
    assert!(without.is_empty(), "say `#[schema(example = ..)]`: {without:#?}");
}

/// Fields that only hold the placeholder of `examples.rs`.
fn unsaid(example: &serde_json::Value, place: &str, into: &mut BTreeSet<String>) {
    match example {
        serde_json::Value::String(text) if text == "text" => drop(into.insert(place.to_owned())),
        serde_json::Value::Array(items) => items.iter().for_each(|item| unsaid(item, place, into)),
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                unsaid(member, &format!("{place}/{name}"), into);
            }
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
