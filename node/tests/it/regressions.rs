//! What users of other systems reported, by the numbers that requirements give it, as far as it
//! belongs nowhere else.

use crate::city::{City, Setup};
use crate::people::PASSWORD;
use api::codes::Code;
use serde_json::json;
use std::time::Duration;

/// R20: a courier's app that slept for two days, or lost the answer to a refresh, is still logged
/// in.
#[tokio::test(flavor = "multi_thread")]
async fn r20_an_app_that_slept_or_lost_an_answer_is_still_logged_in() {
    let setup = Setup::default();
    let city = City::start_as(&setup).await;
    let founder = city.founder().await;
    let rider = city.rider(&founder).await;
    let login = json!({"login": rider.person.login, "password": PASSWORD});
    let first = city.at(1).post("/login", login).await.ok(200);

    setup.clock.forward(Duration::from_secs(2 * 24 * 3_600));
    let refresh = json!({"refresh_token": first["refresh_token"]});
    let lost = city.at(2).post("/v1/token/refresh", refresh.clone()).await.ok(200);
    // Its answer never came: the app asks again, at another node, and gets the same.
    let found = city.at(3).post("/v1/token/refresh", refresh).await.ok(200);
    assert_eq!(found["refresh_token"], lost["refresh_token"]);
    let awake = city.at(1).with(found["access_token"].as_str().unwrap());
    let me = awake.get("/v1/me").await.ok(200);
    assert_eq!(me["account_id"], rider.person.account_id.as_str());
    awake.put("/v1/delivery/me/online", json!({"online": true})).await.ok(200);
    city.end().await;
}

/// R33: one phone number that signs up at several nodes at once is one account.
#[tokio::test(flavor = "multi_thread")]
async fn r33_one_number_at_two_nodes_at_once_is_one_account() {
    let city = City::start().await;
    for round in 0..5 {
        let phone = format!("+3469900000{round}");
        let sign_up = async |node: usize| {
            let password = format!("the password of node {node}");
            let body = json!({"name": "Ana", "phone": phone, "password": password});
            city.at(node).post("/signup", body).await
        };
        let answers = tokio::join!(sign_up(1), sign_up(2), sign_up(3));
        let answers = [answers.0, answers.1, answers.2];
        let taken: Vec<usize> =
            (0..3).filter(|place| answers[*place].status == 201).map(|place| place + 1).collect();
        assert_eq!(taken.len(), 1, "round {round}: {taken:?}");
        for (place, answer) in answers.into_iter().enumerate() {
            let node = place + 1;
            if !taken.contains(&node) {
                assert_eq!(answer.code(), Code::ContactTaken, "round {round}, node {node}");
            }
            // Whoever was first can log in, at any node, and nobody else can.
            let password = format!("the password of node {node}");
            let login = json!({"login": phone, "password": password});
            let status = city.at(1 + node % 3).post("/login", login).await.status;
            assert_eq!(status, if taken.contains(&node) { 200 } else { 401 });
        }
    }
    city.end().await;
}
