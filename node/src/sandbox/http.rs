//! The sandbox's routes, and the layer in which it misbehaves.

use super::bank::{Decision, refused};
use super::faults::{Fate, Faults};
use super::wire::*;
use super::{Parts, bank::Bank};
use crate::clock;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The largest body, in bytes.
const BODY_BYTES: usize = 64 << 10;
/// The longest key, in bytes.
const KEY_BYTES: usize = 255;
/// A request whose answer is lost keeps its caller waiting for a moment.
const LOST_AFTER: Duration = Duration::from_millis(200);
/// Late approvals are looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// `PUT /settings`: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    faults: Option<Faults>,
    webhook_urls: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    reference: Option<String>,
    after: u64,
    since_ms: i64,
}

pub(super) fn router(parts: Parts) -> Router {
    let api = Router::new()
        .route("/v1/charges", post(authorize).get(list))
        .route("/v1/charges/{id}", get(show))
        .route("/v1/charges/{id}/capture", post(capture))
        .route("/v1/charges/{id}/void", post(void))
        .route("/v1/charges/{id}/refunds", post(refund))
        .route("/messages", post(message))
        .layer(from_fn_with_state(parts.clone(), misbehave))
        .layer(from_fn_with_state(parts.clone(), known_caller));
    // For people and tests, who are never lied to.
    let beside = Router::new()
        .route("/confirm/{id}", get(confirm_page).post(confirm))
        .route("/v1/charges/{id}/dispute", post(dispute))
        .route("/v1/charges/{id}/dispute/close", post(close_dispute))
        .route("/journal", get(list))
        .route("/messages", get(messages))
        .route("/settings", put(settings))
        .route("/misdeeds", get(misdeeds))
        .route("/health", get(|| async { "ok" }));
    api.merge(beside).layer(DefaultBodyLimit::max(BODY_BYTES)).with_state(parts)
}

/// Decides approvals that come late, until `stop`.
pub(super) async fn late_approvals(parts: Parts, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
        }
        loop {
            let approved = decided(&parts, |bank| bank.approve_late(now())).await;
            if approved.is_none() {
                break;
            }
        }
    }
}

async fn known_caller(State(parts): State<Parts>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let good = match &parts.key {
        None => true,
        Some(key) => given.and_then(|text| text.strip_prefix("Bearer ")) == Some(&**key),
    };
    if good { next.run(request).await } else { answer(refused(401, "who are you?")) }
}

async fn misbehave(State(parts): State<Parts>, request: Request, next: Next) -> Response {
    match parts.fates.of_request() {
        Fate::Good => next.run(request).await,
        Fate::Down => cut_off(),
        Fate::Refused => answer(refused(503, "not now")),
        Fate::Failed => {
            next.run(request).await;
            answer(refused(500, "something broke"))
        }
        Fate::Lost => {
            next.run(request).await;
            tokio::time::sleep(LOST_AFTER).await;
            cut_off()
        }
        Fate::Late(wait) => {
            let answered = next.run(request).await;
            tokio::time::sleep(wait).await;
            answered
        }
    }
}

/// An answer whose connection breaks before it says anything.
fn cut_off() -> Response {
    let broken = futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("cut off"))]);
    Response::new(Body::from_stream(broken))
}

/// Decides, writes down, tells; answers when all that is safe.
async fn decided(
    parts: &Parts,
    decide: impl FnOnce(&mut Bank) -> Option<Decision>,
) -> Option<Response> {
    let (decision, event, n) = {
        let mut bank = parts.bank.lock();
        let mut decision = decide(&mut bank)?;
        let line = decision.line.take();
        let event = line.as_ref().and_then(|line| line.event.clone());
        // In the order of decisions, so under the same lock.
        line.into_iter().for_each(|line| parts.journal.append(line));
        (decision, event, bank.lines())
    };
    if parts.journal.synced(n).await.is_err() {
        return Some(cut_off());
    }
    if let Some(event) = event {
        parts.postman.send(&event);
    }
    Some(answer(decision))
}

async fn change(parts: &Parts, decide: impl FnOnce(&mut Bank) -> Decision) -> Response {
    decided(parts, |bank| Some(decide(bank))).await.unwrap_or_else(cut_off)
}

async fn read<T: Serialize>(parts: &Parts, look: impl FnOnce(&Bank) -> Option<T>) -> Response {
    let (seen, n) = {
        let bank = parts.bank.lock();
        (look(&bank), bank.lines())
    };
    if parts.journal.synced(n).await.is_err() {
        return cut_off();
    }
    match seen {
        Some(seen) => Json(seen).into_response(),
        None => answer(refused(404, "there is no such thing")),
    }
}

fn answer(decision: Decision) -> Response {
    let status = StatusCode::from_u16(decision.status).unwrap_or(StatusCode::OK);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, decision.body).into_response()
}

fn now() -> i64 {
    clock::now().0
}

/// Whatever moves money needs a key.
fn key(headers: &HeaderMap) -> Result<String, Box<Response>> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    match key.filter(|key| (1..=KEY_BYTES).contains(&key.len())) {
        Some(key) => Ok(key.to_owned()),
        None => Err(Box::new(answer(refused(400, "an Idempotency-Key is needed")))),
    }
}

async fn authorize(
    State(parts): State<Parts>,
    headers: HeaderMap,
    Json(wish): Json<Authorize>,
) -> Response {
    let key = match key(&headers) {
        Ok(key) => key,
        Err(no) => return *no,
    };
    let url = format!("http://{}", parts.address);
    change(&parts, |bank| bank.authorize(now(), &url, &key, &wish)).await
}

async fn capture(
    State(parts): State<Parts>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(wish): Json<Capture>,
) -> Response {
    match key(&headers) {
        Ok(key) => change(&parts, |bank| bank.capture(now(), &key, &id, wish)).await,
        Err(no) => *no,
    }
}

async fn void(State(parts): State<Parts>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match key(&headers) {
        Ok(key) => change(&parts, |bank| bank.void(now(), &key, &id)).await,
        Err(no) => *no,
    }
}

async fn refund(
    State(parts): State<Parts>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(wish): Json<MakeRefund>,
) -> Response {
    match key(&headers) {
        Ok(key) => change(&parts, |bank| bank.refund(now(), &key, &id, &wish)).await,
        Err(no) => *no,
    }
}

async fn show(State(parts): State<Parts>, Path(id): Path<String>) -> Response {
    read(&parts, |bank| bank.charge(&id).cloned()).await
}

async fn list(State(parts): State<Parts>, Query(asked): Query<Listed>) -> Response {
    read(&parts, |bank| {
        Some(match &asked.reference {
            Some(reference) => bank.referred(reference),
            None => bank.changed_after(asked.after, asked.since_ms),
        })
    })
    .await
}

async fn confirm(
    State(parts): State<Parts>,
    Path(id): Path<String>,
    Json(wish): Json<Decide>,
) -> Response {
    change(&parts, |bank| bank.confirm(now(), &id, wish)).await
}

/// What a bank would show to the owner of the card.
async fn confirm_page(Path(id): Path<String>) -> Response {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Confirm</title><h1>Your bank asks</h1>\
         <p>Charge {id}: is it you?</p><button data-yes=true>Yes</button> \
         <button data-yes=false>No</button><p id=said></p><script>\
         for (const b of document.querySelectorAll('button')) b.onclick = async () => {{\
         const a = await fetch('/confirm/{id}', {{method: 'POST',\
         headers: {{'content-type': 'application/json'}},\
         body: JSON.stringify({{yes: b.dataset.yes === 'true'}})}});\
         said.textContent = a.ok ? 'Thank you.' : 'It was decided already.'; }};</script>"
    );
    Html(page).into_response()
}

async fn dispute(State(parts): State<Parts>, Path(id): Path<String>) -> Response {
    change(&parts, |bank| bank.dispute(now(), &id)).await
}

async fn close_dispute(
    State(parts): State<Parts>,
    Path(id): Path<String>,
    Json(wish): Json<Decide>,
) -> Response {
    change(&parts, |bank| bank.close_dispute(now(), &id, wish)).await
}

async fn message(State(parts): State<Parts>, Json(message): Json<Message>) -> Response {
    change(&parts, |bank| bank.message(message)).await
}

async fn messages(State(parts): State<Parts>, Query(asked): Query<Listed>) -> Response {
    let from = usize::try_from(asked.after).unwrap_or(usize::MAX);
    read(&parts, |bank| Some(bank.messages_from(from))).await
}

/// How often it has misbehaved, by what.
async fn misdeeds(State(parts): State<Parts>) -> Response {
    Json(parts.fates.done()).into_response()
}

async fn settings(State(parts): State<Parts>, Json(wish): Json<Settings>) -> Response {
    if let Some(faults) = wish.faults {
        parts.fates.set(faults);
    }
    if let Some(urls) = wish.webhook_urls {
        parts.postman.set_urls(urls);
    }
    StatusCode::NO_CONTENT.into_response()
}
