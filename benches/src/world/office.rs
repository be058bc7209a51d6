//! The operators' office: fees and coupons at the beginning, and complaints that a kitchen
//! contests.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::http::Ask;
use crate::world::{Refused, World, send};

/// Codes that people have heard of: ten in a hundred off, and a free way.
pub const COUPONS: [&str; 2] = ["TEN", "FREEWAY"];
/// Between two looks at the desk.
const LOOKS_EVERY: Duration = Duration::from_secs(4);

/// What the city costs, and its coupons. An earlier run may have said so already.
pub async fn open(world: &World) {
    let _ = set_fees(world).await;
    for (code, gives) in COUPONS
        .iter()
        .zip([json!({"percent": {"millionths": 100_000, "up_to": 500}}), json!("free_delivery")])
    {
        let terms = json!({"code": code, "gives": gives, "minimum": 500});
        let ask = send(Method::POST, "/v1/admin/coupons", &terms);
        let ask = ask.with_key(&format!("coupon-{code}"));
        let _ = world.ask("coupon", &world.operator, ask).await;
    }
}

async fn set_fees(world: &World) -> Result<(), Refused> {
    let path = "/v1/admin/fees";
    let seen = world.ask("fees", &world.operator, Ask::get(path)).await?;
    let tag = seen.headers.get(hyper::header::ETAG).cloned();
    let fees = json!({
        "delivery": {"included_m": 1_000, "per_100m": 10, "free_from": 4_000},
        "service": 99,
        "small_below": 800,
        "small_fee": 100,
        "bag": 5,
    });
    let ask = send(Method::PUT, path, &fees).if_match(tag);
    world.ask("fees", &world.operator, ask).await.map(drop)
}

/// Decides what kitchens contest, until the world closes.
pub async fn decide(world: Arc<World>) {
    let mut clock = tokio::time::interval(LOOKS_EVERY);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    while !world.is_closing() {
        clock.tick().await;
        let ask = Ask::get("/v1/admin/claims?state=contested&limit=20");
        let Ok(page) = world.read::<Value>("claims", &world.operator, ask).await else {
            continue;
        };
        for claim in page["data"].as_array().into_iter().flatten() {
            let _ = settle(&world, claim).await;
        }
    }
}

/// Half of what was asked for, and the restaurant bears it.
async fn settle(world: &World, claim: &Value) -> Result<(), Refused> {
    let Some(id) = claim["claim_id"].as_str() else { return Ok(()) };
    let amount = claim["asked"]["amount"].as_i64().unwrap_or(0) / 2;
    let decision = json!({"amount": amount, "fault": "restaurant", "reason": "half each"});
    let ask = send(Method::POST, &format!("/v1/admin/claims/{id}/settle"), &decision);
    let ask = ask.with_key(&format!("settle-{id}"));
    world.ask("settle", &world.operator, ask).await?;
    world.figures.happened("claims settled");
    Ok(())
}
