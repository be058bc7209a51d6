//! Role by route: who gets as far as being listened to. Taken from the API's own document, so a
//! route that is not in the table fails, and so does one that opens to somebody else.
//!
//! Each role asks for something of somebody: the eater's order, the first kitchen, the first
//! courier. `-` not logged in, `x` not allowed, `?` unknown to this person, `+` listened to
//! (whatever is wrong with the empty body then).

use crate::city::City;
use crate::http::Api;
use crate::people::{self, Person};
use domain::ids::{CityNumber, ClaimId, OfferId, QuoteId, RatingId, WebhookId};
use expect_test::expect_file;
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write;

/// Who asks, in the order of the table's columns.
const ROLES: [&str; 8] =
    ["nobody", "stranger", "eater", "cook", "manager", "rival", "courier", "operator"];

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
    let rider = city.rider(&founder).await;
    let placed = city.by(2, &eater).post("/order", people::order(&kitchen, 1)).await.ok(201);
    let people =
        [stranger, eater.clone(), cook, kitchen.staff, rivals.staff, rider.person, founder];
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
            .replace("{id}", &thing);
        // What is left names something small of which there is none.
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, "none");
        }
        path
    }
}

/// The routes of the document that somebody has to be somebody for, each once.
fn routes(document: &Value) -> Vec<(String, Method, bool)> {
    let paths = document["paths"].as_object().unwrap();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        if paths.contains_key(&format!("/v1{path}")) {
            continue; // the same, as the brief spells it
        }
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            routes.push((path.clone(), method, operation.get("requestBody").is_some()));
        }
    }
    // What ends a login comes last.
    routes.sort_by_key(|(path, method, _)| {
        (path.contains("/logout"), path.clone(), method.to_string())
    });
    routes
}

async fn answer(api: &Api, method: &Method, path: &str, has_body: bool) -> char {
    let mut request = api.request(method.clone(), path);
    if has_body {
        request = request.header("Content-Type", "application/json").body("{}");
    }
    // Its head is enough: streams have no end.
    let status = request.send().await.unwrap().status().as_u16();
    match status {
        401 => '-',
        403 => 'x',
        404 => '?',
        503 if path.ends_with("/ready") => '+',
        other if other >= 500 => panic!("{method} {path}: {other}"),
        _ => '+',
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_listens_to_whom_the_table_says() {
    let city = City::start().await;
    let cast = cast(&city).await;
    let document = city.at(1).get("/openapi.json").await.ok(200);
    let mut table = format!("{}  route\n", ROLES.join(" "));
    for (template, method, has_body) in routes(&document) {
        let path = cast.path(&template);
        let mut line = String::new();
        for (role, person) in ROLES.iter().zip(&cast.people) {
            let api = match person {
                None => city.at(1),
                Some(person) if template.contains("/logout") => {
                    let again = city.log_in_again(person).await;
                    city.at(1).with(&again)
                }
                Some(person) => city.by(1, person),
            };
            let said = answer(&api, &method, &path, has_body).await;
            write!(line, "{said:<width$} ", width = role.len()).unwrap();
        }
        writeln!(table, "{line} {method} {template}").unwrap();
    }
    expect_file!["./matrix.txt"].assert_eq(&table);
    city.end().await;
}
