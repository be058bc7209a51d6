//! What is said in confidence stands in no line of a log, at the finest level there is, of the
//! node and of every library in it.

use crate::city::{City, FOUNDER_PASSWORD, Setup};
use crate::codes::code;
use crate::people::{DOOR, PASSWORD, order, point};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Whatever was logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logged {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Logged {
    fn begin() -> Self {
        let logged = Self::default();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(logged.clone())
            .init();
        logged
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Said in bodies that are taken.
const SAID: [&str; 9] = [
    "Quetzalina",
    "quetzalina@canary.example",
    "Casa Canaria",
    "bell Kano",
    "Calle Tucaneta",
    "knock Jabiru",
    "tok_visa",
    "push-token-of-Toucan",
    "another battery Toucan",
];
/// Said in bodies that are refused.
const REFUSED: [&str; 4] =
    ["a guess by Ocelot", "4242424242424242", "4242 4242 4242 4242", "half a body of Margay"];

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

/// Somebody's whole life here. Gives what the city said to them in confidence.
async fn a_life(city: &City) -> Vec<String> {
    let [name, email, lines, note, kept_lines, kept_note, card, push, new_password] = SAID;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let signup = json!({"name": name, "email": email, "password": PASSWORD});
    let first = city.at(2).post("/signup", signup.clone()).await.ok(201);
    city.at(1).post("/signup", signup).await.ok(201);
    let login = |password: &str| json!({"login": email, "password": password});
    city.at(3).post("/login", login(REFUSED[0])).await;
    let second = city.at(3).post("/login", login(PASSWORD)).await.ok(200);
    let refresh = json!({"refresh_token": second["refresh_token"]});
    let third = city.at(1).post("/v1/token/refresh", refresh).await.ok(200);
    let digits = code(city, &founder, 1, email, "log_in").await;
    let say = json!({"login": email, "purpose": "log_in", "code": digits});
    let fourth = city.at(2).post("/v1/otp/verify", say).await.ok(200);

    let own = city.at(1).with(fourth["access_token"].as_str().unwrap());
    let digits = code(city, &founder, 3, email, "reset").await;
    let reset = json!({"login": email, "code": digits, "password": new_password});
    let fifth = city.at(1).post("/v1/password/reset", reset).await.ok(200);
    assert_eq!(own.get("/v1/me").await.status, 401);
    let own = city.at(1).with(fifth["access_token"].as_str().unwrap());
    let address = json!({"label": "home", "point": point(DOOR), "lines": kept_lines,
        "door_note": kept_note});
    own.post("/v1/me/addresses", address).await.ok(201);
    own.post("/v1/me/payment-methods", json!({"method": "card", "token": card})).await.ok(201);
    own.post("/v1/me/devices", json!({"token": push})).await.ok(201);
    let mut basket = order(&kitchen, 1);
    basket["address"] = json!({"point": point(DOOR), "lines": lines, "door_note": note});
    basket["note"] = json!(note);
    let placed = own.post_keyed("/v1/order", "once", &basket).await.ok(201);
    own.get(&format!("/v1/order/{}", text(&placed, "order_id"))).await.ok(200);
    own.post("/v1/me/export", json!({})).await.ok(200);
    for number in &REFUSED[1..3] {
        basket["note"] = json!(format!("my card is {number}"));
        assert_eq!(own.post("/v1/order", basket.clone()).await.status, 422);
    }
    let half = own
        .request(reqwest::Method::POST, "/v1/order")
        .body(format!("{{\"note\": \"{}", REFUSED[3]));
    assert_eq!(crate::http::send(half).await.status, 400);

    let key = json!({"label": "till", "scopes": ["orders"], "restaurant_id": kitchen.id});
    let key = city.by(1, &founder).post("/v1/keys", key).await.ok(201);
    let till = city.at(2).with(key["bearer"].as_str().unwrap());
    till.get(&format!("/restaurant/{}/orders", kitchen.id)).await.ok(200);
    let hook = json!({"url": "http://127.0.0.1:1999/", "types": ["order.*"]});
    let hook = city.by(1, &founder).post("/v1/webhooks", hook).await.ok(201);

    let mut told = vec![text(&key, "bearer"), text(&hook, "secret"), founder.token];
    for tokens in [first, second, third, fourth, fifth] {
        told.extend([text(&tokens, "access_token"), text(&tokens, "refresh_token")]);
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_logs() {
    let logged = Logged::begin();
    let tables = "[webhooks]\nplain_on_loopback = true".to_owned();
    let city = City::start_as(&Setup { tables, ..Setup::default() }).await;
    let told = a_life(&city).await;
    city.end().await;

    let all = logged.text();
    for part in ["openraft", "node::", "h2"] {
        assert!(all.contains(part), "{part} says nothing, so this shows nothing");
    }
    let parts = told.iter().flat_map(|it| [it.as_str(), it.rsplit('.').next().unwrap()]);
    let fixed = [PASSWORD, FOUNDER_PASSWORD, "$argon2id$"];
    for secret in fixed.into_iter().chain(SAID).chain(REFUSED).chain(parts) {
        let line = all.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
