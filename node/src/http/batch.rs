//! What a phone did while it was offline, told in one go.

use super::body::Json;
use super::error::{Answer, Fail};
use super::steps::{Steps, Word};
use api::codes::Code;
use api::deliveries as shape;
use api::problem::Problem;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::ids::OrderId;
use domain::limits::BATCH_EVENTS;
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// Tell what was done offline
///
/// Each event is judged alone: 207 with one result for each, in the order in which they were sent.
/// Those of one order are applied as they occurred. Send the whole batch again after any doubt:
/// what was heard is a yes.
#[utoipa::path(post, path = "/delivery/{id}/batch", tag = "couriers",
    security(("bearer" = [])), params(("id" = String, Path, description = "cou_.. or me")),
    request_body(content = shape::BatchRequest, example = json!({"events": [
        {"event_id": "e-17", "order_id": "ord_0001AAAAAAAAAAAAAAAAAAAAAA", "status": "at_door",
            "occurred_at": "2026-03-01T18:40:00.000Z"},
        {"event_id": "e-18", "order_id": "ord_0001AAAAAAAAAAAAAAAAAAAAAA", "status": "delivered",
            "occurred_at": "2026-03-01T18:41:30.000Z", "proof": {"pin": "4711"}}]})),
    responses((status = 207, body = shape::BatchAnswer, description = "One result for each event"),
        (status = "default", body = Problem, description = "Refused as a whole")))]
pub(super) async fn batch(
    steps: Steps,
    Json(body): Json<shape::BatchRequest>,
) -> Answer<impl IntoResponse> {
    let events = body.events;
    if events.is_empty() || events.len() > BATCH_EVENTS {
        let rule = format!("has from 1 to {BATCH_EVENTS} events");
        return Err(Fail::field(Code::FieldInvalid, "/events", rule));
    }
    let mut by_order: BTreeMap<OrderId, Vec<(usize, shape::BatchEvent)>> = BTreeMap::new();
    for (place, event) in events.into_iter().enumerate() {
        by_order.entry(event.order_id).or_default().push((place, event));
    }
    // Orders do not wait for each other; the steps of one do.
    let told = join_all(by_order.into_values().map(|events| in_turn(&steps, events))).await;
    let mut results: Vec<_> = told.into_iter().flatten().collect();
    results.sort_by_key(|(place, _)| *place);
    let results = results.into_iter().map(|(_, result)| result).collect();
    Ok((StatusCode::MULTI_STATUS, axum::Json(shape::BatchAnswer { results })))
}

/// The events of one order, as they occurred.
async fn in_turn(
    steps: &Steps,
    mut events: Vec<(usize, shape::BatchEvent)>,
) -> Vec<(usize, shape::BatchResult)> {
    events.sort_by_key(|(_, event)| event.occurred_at);
    let mut results = Vec::with_capacity(events.len());
    for (place, event) in events {
        let event_id = event.event_id.clone();
        let word = Word {
            order_id: event.order_id,
            status: event.status,
            fence: event.fence,
            occurred_at: Some(event.occurred_at.0),
            reason: event.reason,
            event_id: Some(event.event_id),
            proof: event.proof,
        };
        results.push((
            place,
            match steps.take_down(word).await {
                Ok(done) => shape::BatchResult {
                    event_id,
                    status: StatusCode::OK.as_u16(),
                    index: Some(done.index),
                    problem: None,
                },
                Err(fail) => shape::BatchResult {
                    event_id,
                    status: fail.status().as_u16(),
                    index: None,
                    problem: Some(
                        fail.under(&format!("/events/{place}"))
                            .problem(&format!("/v1/delivery/me/batch#/events/{place}"), ""),
                    ),
                },
            },
        ));
    }
    results
}
