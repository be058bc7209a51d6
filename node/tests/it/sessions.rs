//! Logins: seen, ended one by one, all at once, and by a new password; refused on every node at
//! once.

use crate::city::{City, Setup};
use crate::people::PASSWORD;
use api::codes::Code;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

struct Login {
    access: String,
    refresh: String,
}

fn login_of(answer: &Value) -> Login {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Login { access: text("access_token"), refresh: text("refresh_token") }
}

async fn log_in(city: &City, node: usize, login: &str, password: &str, device: &str) -> Login {
    let body = json!({"login": login, "password": password});
    let request = city.at(node).request(reqwest::Method::POST, "/login");
    let request = request.header("User-Agent", device).json(&body);
    login_of(&crate::http::send(request).await.ok(200))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_has_ended_is_refused_on_every_node() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let phone = log_in(&city, 1, &ana.login, PASSWORD, "phone").await;
    let desk = log_in(&city, 2, &ana.login, PASSWORD, "desk").await;
    let own = city.at(3).with(&phone.access);
    let sessions = own.get("/v1/me/sessions").await.ok(200);
    let sessions = sessions["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    let named = |device: &str| sessions.iter().find(|it| it["device"] == device).unwrap();
    assert_eq!(named("phone")["this_login"], true);
    let other = named("desk")["session_id"].as_str().unwrap();

    let ended = own.delete(&format!("/v1/me/sessions/{other}"), json!({})).await;
    assert_eq!(ended.status, 204);
    for node in 1..=3 {
        let gone = city.at(node).with(&desk.access);
        assert_eq!(gone.post("/v1/me/export", json!({})).await.code(), Code::TokenExpired);
        let refresh = json!({"refresh_token": desk.refresh});
        let refused = city.at(node).post("/v1/token/refresh", refresh).await;
        assert_eq!(refused.code(), Code::CredentialsWrong);
    }
    let stranger = city.somebody().await;
    let mine = named("phone")["session_id"].as_str().unwrap();
    let theirs = city.by(1, &stranger).delete(&format!("/v1/me/sessions/{mine}"), json!({})).await;
    assert_eq!(theirs.code(), Code::SessionUnknown);

    assert_eq!(own.post("/v1/logout/all", json!({})).await.status, 204);
    for (node, token) in [(1, &phone.access), (2, &ana.token), (3, &phone.access)] {
        let refused = city.at(node).with(token).post("/v1/me/export", json!({})).await;
        assert_eq!(refused.code(), Code::TokenExpired);
    }
    log_in(&city, 1, &ana.login, PASSWORD, "phone").await;
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_login() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let phone = log_in(&city, 1, &ana.login, PASSWORD, "phone").await;
    let own = city.at(2).with(&phone.access);
    let weak = own.put("/v1/me/password", json!({"old": PASSWORD, "new": "Password1"})).await;
    assert_eq!(weak.code(), Code::FieldInvalid);
    let new = "wrong horse stable";
    let wrong = own.put("/v1/me/password", json!({"old": "no", "new": new})).await;
    assert_eq!(wrong.code(), Code::CredentialsWrong);
    let changed = own.put("/v1/me/password", json!({"old": PASSWORD, "new": new})).await.ok(200);
    let changed = login_of(&changed);
    for node in 1..=3 {
        let old = city.at(node).with(&ana.token).post("/v1/me/export", json!({})).await;
        assert_eq!(old.code(), Code::TokenExpired);
    }
    city.at(3).with(&changed.access).post("/v1/me/export", json!({})).await.ok(200);
    let refresh = json!({"refresh_token": changed.refresh});
    city.at(1).post("/v1/token/refresh", refresh).await.ok(200);
    let body = json!({"login": ana.login, "password": PASSWORD});
    assert_eq!(city.at(1).post("/login", body).await.code(), Code::CredentialsWrong);
    log_in(&city, 1, &ana.login, new, "phone").await;
    let keys = city.at(2).get("/.well-known/jwks.json").await.ok(200);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    city.end().await;
}

/// A token of three steps ago, at a node that did not make any of them: somebody has stolen it, or
/// those after it. One that nobody gave out ends nothing, and stands in no log.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_refresh_token_ends_its_login_everywhere() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let first = log_in(&city, 1, &ana.login, PASSWORD, "phone").await;
    let mut last = log_in(&city, 1, &ana.login, PASSWORD, "desk").await;
    let refresh = async |node: usize, token: &str| {
        city.at(node).post("/v1/token/refresh", json!({"refresh_token": token})).await
    };
    let old = last.refresh.clone();
    for node in [1, 2, 1] {
        last = login_of(&refresh(node, &last.refresh).await.ok(200));
    }
    let (session, _) = old.split_once('.').unwrap();
    let (_, other) = first.refresh.split_once('.').unwrap();
    let unheard = domain::ids::SessionId([9; 16]);
    for forged in [format!("{session}.{other}"), format!("{unheard}.{other}"), "x.y".to_owned()] {
        let refused = refresh(3, &forged).await;
        assert_eq!(refused.code(), Code::CredentialsWrong);
        assert_eq!(refused.header("fd-index"), None, "no entry of the log");
    }
    last = login_of(&refresh(2, &last.refresh).await.ok(200));
    assert_eq!(refresh(3, &old).await.code(), Code::RefreshReused);
    for node in 1..=3 {
        assert_eq!(refresh(node, &last.refresh).await.code(), Code::CredentialsWrong);
        let gone = city.at(node).with(&last.access).post("/v1/me/export", json!({})).await;
        assert_eq!(gone.code(), Code::TokenExpired, "node {node}");
    }
    refresh(3, &first.refresh).await.ok(200);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_is_repeated_as_long_as_its_password_is_right() {
    let city = City::start().await;
    let body = json!({"name": "Zoe", "email": "zoe@example.org", "password": PASSWORD});
    let first = city.at(1).post("/signup", body.clone()).await.ok(201);
    let again = city.at(2).post("/signup", body.clone()).await.ok(201);
    assert_eq!(first["account_id"], again["account_id"]);
    let own = city.at(3).with(again["access_token"].as_str().unwrap());
    let new = json!({"old": PASSWORD, "new": "wrong horse stable"});
    own.put("/v1/me/password", new).await.ok(200);
    for node in 1..=3 {
        let refused = city.at(node).post("/signup", body.clone()).await;
        assert_eq!(refused.code(), Code::ContactTaken, "node {node}");
    }
    city.end().await;
}

/// Whoever has a phone that is logged in may not try out passwords without end.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_of_somebody_logged_in_count_as_well() {
    let city = City::start().await;
    let ana = city.somebody().await;
    for node in [1, 2, 3, 1, 2] {
        let own = city.by(node, &ana);
        let change = json!({"old": "not my password", "new": "wrong horse stable"});
        assert_eq!(own.put("/v1/me/password", change).await.code(), Code::CredentialsWrong);
        let leave = json!({"password": "not my password"});
        assert_eq!(own.delete("/v1/me", leave).await.code(), Code::CredentialsWrong);
    }
    let leave = city.by(3, &ana).delete("/v1/me", json!({"password": PASSWORD})).await;
    assert_eq!(leave.code(), Code::RateLimited);
    let body = json!({"login": ana.login, "password": PASSWORD});
    assert_eq!(city.at(1).post("/login", body).await.code(), Code::RateLimited);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_not_given_out_without_an_entry() {
    let city = City::start().await;
    let (founder, ana) = (city.founder().await, city.somebody().await);
    let archive = city.by(2, &ana).get("/v1/me/export").await.ok(200);
    let index = archive["index"].as_u64().unwrap();
    let path = format!("/v1/admin/audit?from={index}&limit=1");
    let entries = city.by(2, &founder).get(&path).await.ok(200);
    assert!(entries.to_string().contains("export_person"), "{entries}");
    let sessions = archive["sessions"].as_array().unwrap();
    assert_eq!((sessions.len(), &sessions[0]["this_login"]), (1, &json!(false)));

    let find = |what: &str| format!("/v1/admin/audit/find?{what}");
    let by_ana = find(&format!("actor={}&command=export_person", ana.account_id));
    let found = city.by(3, &founder).get(&by_ana).await.ok(200);
    assert_eq!((&found["data"], &found["has_more"]), (&entries, &json!(false)));
    let about_ana = find(&format!("subject={}&limit=1", ana.account_id));
    let first = city.by(1, &founder).get(&about_ana).await.ok(200);
    assert_eq!(first["data"][0]["command"], "sign_up");
    let rest = format!("{about_ana}&cursor={}", first["next_cursor"].as_str().unwrap());
    let next = city.by(2, &founder).get(&rest).await.ok(200);
    assert!(next["data"][0]["index"].as_u64() > first["data"][0]["index"].as_u64(), "{next}");
    let nobody = city.by(1, &founder).get(&find("actor=acc_x")).await.ok(200);
    assert_eq!(nobody["data"], json!([]));

    let head = city.by(2, &founder).get("/v1/admin/audit/head").await.ok(200);
    let at = format!("/v1/admin/audit?from={}&limit=1", head["index"]);
    let entry = city.by(3, &founder).get(&at).await.ok(200)[0].clone();
    assert_eq!((&entry["index"], &entry["hash"]), (&head["index"], &head["hash"]));
    let (signed, signature) = head["signed"].as_str().unwrap().rsplit_once('.').unwrap();
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (header, body) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&part(header)).unwrap();
    let keys = city.at(1).get("/.well-known/jwks.json").await.ok(200);
    let of = |key: &&Value| key["kid"] == header["kid"];
    let key = keys["keys"].as_array().unwrap().iter().find(of).unwrap()["x"].clone();
    let key = UnparsedPublicKey::new(&ED25519, part(key.as_str().unwrap()));
    key.verify(signed.as_bytes(), &part(signature)).unwrap();
    let said: Value = serde_json::from_slice(&part(body)).unwrap();
    for member in ["city", "index", "hash", "at"] {
        assert_eq!(said[member], head[member], "{member}");
    }
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let tables = "[limits]\nloopback = true\nper_address = 1000000\nlogins_per_address = 1000000
        logins_per_account = 5\nper_account = 20\nproxies = [\"127.0.0.1\"]";
    let setup = Setup { tables: tables.to_owned(), ..Setup::default() };
    let city = City::start_as(&setup).await;
    let ana = city.somebody().await;
    let wrong = json!({"login": ana.login, "password": "not my password"});
    let mut codes = Vec::new();
    for _ in 0..7 {
        codes.push(city.at(2).post("/login", wrong.clone()).await.code());
    }
    assert_eq!(codes[..5], [Code::CredentialsWrong; 5]);
    assert_eq!(codes[5..], [Code::RateLimited; 2]);
    let right = json!({"login": ana.login, "password": PASSWORD});
    let refused = city.at(2).post("/login", right).await;
    assert_eq!((refused.status, refused.code()), (429, Code::RateLimited));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");

    let own = city.by(3, &ana);
    let first = own.get("/v1/me").await;
    assert_eq!(
        first.header("ratelimit-policy").unwrap().split(", ").nth(1),
        Some("\"account\";q=20;w=60")
    );
    let mut last = first;
    for _ in 0..20 {
        last = own.get("/v1/me").await;
    }
    assert_eq!(last.code(), Code::RateLimited);
    assert!(last.header("ratelimit").unwrap().contains("\"account\";r=0;"));
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn card_numbers_and_heads_without_end_are_refused() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let card = json!({"restaurant_id": "x", "note": "charge 4242 4242 4242 4242"});
    let refused = city.by(1, &ana).post("/order", card).await;
    assert_eq!(refused.code(), Code::FieldInvalid);
    assert!(!refused.text().contains("4242"), "it is not said again: {}", refused.text());

    let address = city.url(1).strip_prefix("http://").unwrap().to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let head =
            format!("GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(40_000));
        // The node may hang up before it has read all of it.
        let _ = stream.write_all(head.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    city.end().await;
}
