//! Asks every node again and again whether it is ready.

use crate::cities::{CityNode, Health};
use crate::limits::READY_BYTES;
use crate::proxy::Client;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Asks one node, for ever.
pub(crate) async fn watch(
    client: Client,
    city: &str,
    node: &CityNode,
    every: Duration,
    patience: Duration,
) {
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once; the first answer is waited for by whoever starts us.
    tick.tick().await;
    loop {
        tick.tick().await;
        ask(&client, city, node, patience).await;
    }
}

/// Asks one node once, and remembers what it said.
pub(crate) async fn ask(client: &Client, city: &str, node: &CityNode, patience: Duration) {
    let health = timeout(patience, ready(client, &node.address)).await.unwrap_or(Health::Away);
    let before = node.is_now(health);
    if before != health {
        let address = &node.address;
        tracing::info!(city, address, ?before, now = ?health, "a node's health changed");
    }
}

async fn ready(client: &Client, address: &str) -> Health {
    let request = Request::get(format!("{address}/ready")).body(Body::empty());
    let request = request.expect("addresses are checked when the configuration is read");
    let Ok(answer) = client.request(request).await else { return Health::Away };
    let status = answer.status();
    // Read to the end, so that the connection can be used again.
    if Limited::new(answer.into_body(), READY_BYTES).collect().await.is_err() {
        return Health::Away;
    }
    if status == StatusCode::OK { Health::Ready } else { Health::NotReady }
}
