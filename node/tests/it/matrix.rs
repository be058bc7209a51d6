//! Role by route: who gets as far as being listened to. Taken from the API's own document, so a
//! route that is not in the table fails, and so does one that opens to somebody else.
//!
//! Each role asks for something of somebody: the eater's order, the first kitchen, the first
//! courier. `-` not logged in, `x` not allowed, `?` unknown to this person, `+` listened to,
//! whatever is wrong with the request then. A body is empty first; whoever is listened to says it
//! again with the document's example, since some are only refused by what the log knows. Operators
//! are spared that: they are let into everything, and would take the city apart.

use crate::city::{City, until};
use crate::http::Api;
use crate::people::{self, PASSWORD, Person};
use domain::ids::{
    CityNumber, ClaimId, ClosingId, DeviceId, DishId, OfferId, QuoteId, RatingId, SessionId,
    WebhookId,
};
use expect_test::expect_file;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Who asks, in the order of the table's columns.
const ROLES: [&str; 12] = [
    "nobody", "stranger", "banned", "eater", "cook", "manager", "rival", "courier", "till",
    "auditor", "support", "operator",
];
/// Those who decide about everything, and so get no body that they could do it with.
const SPARED: [&str; 2] = ["support", "operator"];

struct Cast {
    people: Vec<Option<Person>>,
    order: String,
    kitchen: String,
    courier: String,
    account: String,
}

async fn cast(city: &City) -> Cast {
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let rivals = city.kitchen(&founder, "Rival Bar").await;
    let (stranger, eater, cook) =
        (city.somebody().await, city.somebody().await, city.somebody().await);
    let grant = json!({"account_id": cook.account_id, "role": "kitchen"});
    let staff = format!("/v1/restaurant/{}/staff", kitchen.id);
    city.by(1, &founder).post(&staff, grant).await.ok(200);
    let banned = city.somebody().await;
    let ban = json!({"account_id": banned.account_id, "reason": "a test"});
    city.by(1, &founder).post("/v1/admin/bans", ban).await.ok(200);
    let (auditor, support) = (city.somebody().await, city.somebody().await);
    for (who, role) in [(&auditor, "auditor"), (&support, "support")] {
        let path = format!("/v1/admin/roles/{}", who.account_id);
        let role = json!({"role": role, "reason": "a test"});
        city.by(1, &founder).put(&path, role).await.ok(200);
    }
    let till = json!({"label": "till", "restaurant_id": kitchen.id,
        "scopes": ["orders", "menu", "stock", "webhooks", "events"]});
    let till = city.by(1, &founder).post("/v1/keys", till).await.ok(201);
    let no_login = |token: &str| Person {
        account_id: String::new(),
        token: token.to_owned(),
        login: String::new(),
    };
    let till = no_login(till["bearer"].as_str().unwrap());
    let banned = no_login(&banned.token);
    let rider = city.rider(&founder).await;
    let placed = city.by(2, &eater).post("/order", people::order(&kitchen, 1)).await.ok(201);
    let people = [
        stranger,
        banned,
        eater.clone(),
        cook,
        kitchen.staff,
        rivals.staff,
        rider.person,
        till,
        auditor,
        support,
        founder,
    ];
    Cast {
        people: std::iter::once(None).chain(people.into_iter().map(Some)).collect(),
        order: placed["order_id"].as_str().unwrap().to_owned(),
        kitchen: kitchen.id,
        courier: rider.courier_id,
        account: eater.account_id,
    }
}

impl Cast {
    /// A route about something of the cast; what nobody has made is named by an id of its kind.
    fn path(&self, template: &str) -> String {
        let city = CityNumber(1);
        let made_up: &[&[u8]] = &[b"made up"];
        let thing = if template.contains("/webhooks/") {
            WebhookId::derive(city, made_up).to_string()
        } else if template.contains("/quotes/") {
            QuoteId::derive(city, made_up).to_string()
        } else if template.contains("/delivery/") || template.contains("/courier/") {
            self.courier.clone()
        } else if template.contains("/claims/") {
            ClaimId::derive(city, made_up).to_string()
        } else if template.contains("/cluster/") {
            "99".to_owned()
        } else {
            self.kitchen.clone()
        };
        let mut path = template
            .replace("{order_id}", &self.order)
            .replace("{courier_id}", &self.courier)
            .replace("{account_id}", &self.account)
            .replace("{claim_id}", &ClaimId::derive(city, made_up).to_string())
            .replace("{offer_id}", &OfferId::derive(city, made_up).to_string())
            .replace("{rating_id}", &RatingId::derive(city, made_up).to_string())
            .replace("{closing_id}", &ClosingId::derive(city, made_up).to_string())
            .replace("{dish_id}", &DishId::derive(city, made_up).to_string())
            .replace("{session_id}", &SessionId::derive(city, made_up).to_string())
            .replace("{device_id}", &DeviceId::derive(city, made_up).to_string())
            .replace("{id}", &thing);
        // What is left names something small of which there is none.
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, "none");
        }
        path
    }
}

struct Route {
    path: String,
    method: Method,
    /// Of its body, if it takes one.
    example: Option<Value>,
}

/// The routes of the document that somebody has to be somebody for, each once.
fn routes(document: &Value) -> Vec<Route> {
    let paths = document["paths"].as_object().unwrap();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        if paths.contains_key(&format!("/v1{path}")) {
            continue; // the same, as the brief spells it
        }
        for (method, operation) in methods.as_object().unwrap() {
            let example = operation.get("requestBody").map(|body| {
                let example = body.pointer("/content/application~1json/example");
                let text = example.unwrap_or(&json!({})).to_string();
                // Nobody leaves, or locks themselves out, while the others are asked.
                serde_json::from_str(&text.replace(PASSWORD, "not my password")).unwrap()
            });
            let method = method.to_uppercase().parse().unwrap();
            routes.push(Route { path: path.clone(), method, example });
        }
    }
    // What ends a login comes last.
    routes.sort_by_key(|route| {
        (route.path.contains("/logout"), route.path.clone(), route.method.to_string())
    });
    routes
}

async fn answer(api: &Api, method: &Method, path: &str, body: Option<&Value>) -> char {
    let mut request = api.request(method.clone(), path);
    if let Some(body) = body {
        // What some routes ask for before they look at anything.
        let key = format!("{method} {path}");
        request = request.header("Idempotency-Key", key).header("If-Match", "\"1\"").json(body);
    }
    let ready = path.ends_with("/ready");
    // While another node takes the lead, as some of these wish, it says: send it again.
    let answer = until("it is answered", async || {
        let answer = request.try_clone().unwrap().send().await.unwrap();
        (ready || answer.status() != StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
    });
    let answer = answer.await;
    match answer.status().as_u16() {
        // Whoever is logged in and says a wrong password was listened to.
        401 if body.is_some_and(|body| body != &json!({})) => {
            let problem: Value = answer.json().await.unwrap();
            if problem["code"] == "credentials_wrong" { '+' } else { '-' }
        }
        401 => '-',
        403 => 'x',
        404 => '?',
        503 if ready => '+',
        other if other >= 500 => panic!("{method} {path}: {other}"),
        // Its head is enough: streams have no end.
        _ => '+',
    }
}

fn ends_a_login(path: &str) -> bool {
    path.contains("/logout")
}

/// A login of each role for each route that ends one.
async fn logins_to_end(
    city: &City,
    cast: &Cast,
    routes: Vec<Route>,
) -> BTreeMap<&'static str, Vec<String>> {
    let many = routes.iter().filter(|route| ends_a_login(&route.path)).count();
    let mut logins = BTreeMap::new();
    for (role, person) in ROLES.iter().zip(&cast.people) {
        let Some(person) = person.as_ref().filter(|it| !it.login.is_empty()) else { continue };
        let mut tokens = Vec::new();
        for _ in 0..many {
            tokens.push(city.log_in_again(person).await);
        }
        logins.insert(*role, tokens);
    }
    logins
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_listens_to_whom_the_table_says() {
    let city = City::start().await;
    let cast = cast(&city).await;
    let document = city.at(1).get("/openapi.json").await.ok(200);
    let mut table = format!("{}  route\n", ROLES.join(" "));
    // Before anybody has said wrong passwords, which are counted.
    let mut to_end = logins_to_end(&city, &cast, routes(&document)).await;
    for Route { path: template, method, example } in routes(&document) {
        let path = cast.path(&template);
        let mut line = String::new();
        for (role, person) in ROLES.iter().zip(&cast.people) {
            let api = match (person, to_end.get_mut(role).filter(|_| ends_a_login(&template))) {
                (None, _) => city.at(1),
                (Some(_), Some(tokens)) => city.at(1).with(&tokens.pop().unwrap()),
                (Some(person), None) => city.by(1, person),
            };
            let empty = example.as_ref().map(|_| json!({}));
            let mut said = answer(&api, &method, &path, empty.as_ref()).await;
            if said == '+' && example.is_some() && !SPARED.contains(role) {
                said = answer(&api, &method, &path, example.as_ref()).await;
            }
            write!(line, "{said:<width$} ", width = role.len()).unwrap();
        }
        writeln!(table, "{line} {method} {template}").unwrap();
    }
    expect_file!["./matrix.txt"].assert_eq(&table);
    city.end().await;
}
