//! Webhooks, as operators and managers make and watch them.

use super::auth::{Bearer, WebhookKeys};
use super::body::{Json, Keyed};
use super::error::{Answer, Fail};
use super::events::cursor;
use super::frame::{KEY, Key};
use super::params::{self, Params, if_match};
use super::reading::{FdIndex, Read, Reads};
use super::writing::{Done, Log};
use crate::clock;
use crate::node::Facts;
use crate::vault::Vault;
use crate::webhooks::{Message, Refused, SECRET_BYTES, Sender, Sent, secret_text};
use api::codes::Code;
use api::problem::Problem;
use api::webhooks as shape;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use domain::account::{OperatorRole, StaffRole};
use domain::ids::{AccountId, CityNumber, RestaurantId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::{
    Attempt, ChangeWebhook, DropWebhook, PutWebhook, Replay, ReplayWebhook, RotateWebhook, Webhook,
    WebhookAnswer, WebhookCommand, WebhookOwner, WebhookState,
};
use domain::{Command, Cursor, Viewer};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use storage::CityView;
use tokio::sync::Semaphore;

/// A test is answered within the time of a request.
const TEST_WITHIN: Duration = Duration::from_secs(8);
/// Tests at once from one node: nobody's address is flooded through us.
static TESTS: Semaphore = Semaphore::const_new(4);

/// Whose.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    restaurant_id: Option<String>,
}

/// Make a webhook
///
/// Its secret is shown in this answer and nowhere else; the same request with the same key shows it
/// again.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", security(("bearer" = [])),
    request_body = shape::NewWebhook,
    responses((status = 201, body = shape::WebhookWithSecret, description = "It is told from now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(city): State<CityNumber>,
    State(vault): State<Vault>,
    State(sender): State<Sender>,
    person: Bearer<WebhookKeys>,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::NewWebhook>,
) -> Answer<impl IntoResponse> {
    let shape::NewWebhook { url, types, restaurant_id, after } = body;
    let owner = restaurant_id.map_or(WebhookOwner::City, WebhookOwner::Restaurant);
    let after = after.map(|text| place("/after", &text)).transpose()?;
    // Before any name is looked up for somebody who may not ask for that.
    may(&reads.newest().await?.view, &person, owner)?;
    sender.check(&url).await.map_err(refused)?;
    let key = Key::or_drawn(key, &vault)?;
    let made_by = person.caller.account_id();
    let webhook_id = WebhookId::derive(city, &[&made_by.0, key.text.as_bytes()]);
    let url = vault.seal_for_city(made_by, &url)?;
    let secret = drawn(&vault, made_by)?;
    let wish = PutWebhook { webhook_id, owner, url, types, secret, after, request };
    let done = decide(&log, &person, WebhookCommand::Put(wish)).await?;
    let answer = with_secret(&vault, &reads, done, webhook_id).await?;
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// The webhooks of the city, or of a restaurant
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", security(("bearer" = [])),
    params(("restaurant_id" = Option<String>, Query, description = "Those of its managers")),
    responses((status = 200, body = shape::Webhooks, description = "All of them"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(vault): State<Vault>,
    person: Bearer<WebhookKeys>,
    reads: Reads,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let owner = match &asked.restaurant_id {
        None => WebhookOwner::City,
        Some(id) => WebhookOwner::Restaurant(params::id(id, Code::RestaurantUnknown)?),
    };
    let Read { view, index, .. } = reads.current().await?;
    may(&view, &person, owner)?;
    let ids = view.webhooks_of(owner)?.map_or(Vec::new(), |all| all.ids.clone());
    let mut data = Vec::with_capacity(ids.len());
    for id in ids {
        data.extend(view.webhook(id)?.map(|webhook| shown(&vault, &webhook)));
    }
    Ok((FdIndex(index), axum::Json(shape::Webhooks { data })))
}

/// A webhook, and how far it has come
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_..")),
    responses((status = 200, body = shape::Webhook, description = "ETag is its version"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(vault): State<Vault>,
    person: Bearer<WebhookKeys>,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let webhook = found(&view, &person, &id)?;
    let tag = [(header::ETAG, params::etag(webhook.version))];
    Ok((FdIndex(index), tag, axum::Json(shown(&vault, &webhook))))
}

/// Change a webhook
///
/// What is absent stays. Turned on again, it goes on where it stood.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_.."),
        ("If-Match" = Option<String>, Header, description = "The version you saw")),
    request_body = shape::WebhookChange,
    responses((status = 200, body = shape::Webhook, description = "Changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn change(
    State(vault): State<Vault>,
    State(sender): State<Sender>,
    person: Bearer<WebhookKeys>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(body): Json<shape::WebhookChange>,
) -> Answer<impl IntoResponse> {
    let shape::WebhookChange { url, types, state } = body;
    let before = found(&reads.newest().await?.view, &person, &id)?;
    let url = match url {
        None => None,
        Some(url) => {
            sender.check(&url).await.map_err(refused)?;
            Some(vault.seal_for_city(before.made_by, &url)?)
        }
    };
    let webhook_id = before.id;
    let on = state.map(|state| state == shape::WebhookState::On);
    let wish = ChangeWebhook { webhook_id, url, types, on, if_version: if_match(&headers)? };
    let done = decide(&log, &person, WebhookCommand::Change(wish)).await?;
    let webhook = written(&reads, done, webhook_id).await?;
    let tag = [(header::ETAG, params::etag(webhook.version))];
    Ok((tag, done, axum::Json(shown(&vault, &webhook))))
}

/// Forget a webhook
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_..")),
    responses((status = 200, body = api::wire::Done, description = "It is told nothing any more"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn forget(
    person: Bearer<WebhookKeys>,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let webhook_id = params::id(&id, Code::WebhookUnknown)?;
    let wish = WebhookCommand::Drop(DropWebhook { webhook_id });
    let done = decide(&log, &person, wish).await?;
    Ok((done, axum::Json(api::wire::Done { index: done.index })))
}

/// A new secret
///
/// The old one signs beside it for 24 hours. Shown in this answer and nowhere else; the same
/// request with the same key shows it again.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_.."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it repeatable")),
    responses((status = 200, body = shape::WebhookWithSecret, description = "The new secret"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn rotate(
    State(vault): State<Vault>,
    person: Bearer<WebhookKeys>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(super::body::idempotency_key(&headers)?, &vault)?;
    let before = found(&reads.newest().await?.view, &person, &id)?;
    let (webhook_id, made_by) = (before.id, before.made_by);
    let caller = person.caller.account_id();
    let request = vault.digest(format!("rotate {webhook_id} {caller} {}", key.text).as_bytes());
    let wish = RotateWebhook { webhook_id, secret: drawn(&vault, made_by)?, request };
    let done = decide(&log, &person, WebhookCommand::Rotate(wish)).await?;
    let answer = with_secret(&vault, &reads, done, webhook_id).await?;
    Ok(([(KEY, key.text)], done, axum::Json(answer)))
}

/// Tell a webhook again
///
/// Everything behind a place of the feed, or one event alone. The same ids come again.
#[utoipa::path(post, path = "/webhooks/{id}/replay", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_..")), request_body = shape::ReplayRequest,
    responses((status = 200, body = shape::Webhook, description = "It begins at once"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn replay(
    State(vault): State<Vault>,
    person: Bearer<WebhookKeys>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Json(body): Json<shape::ReplayRequest>,
) -> Answer<impl IntoResponse> {
    let view = reads.newest().await?.view;
    let webhook = found(&view, &person, &id)?;
    let what = match (body.after, body.event) {
        (Some(after), None) => Replay::After(kept(&view, place("/after", &after)?)?),
        (None, Some(event)) => Replay::Only(one_event(&view, &webhook, &event)?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fail::field(Code::FieldInvalid, "", "send after or event"));
        }
    };
    let webhook_id = webhook.id;
    let wish = WebhookCommand::Replay(ReplayWebhook { webhook_id, what });
    let done = decide(&log, &person, wish).await?;
    let webhook = written(&reads, done, webhook_id).await?;
    Ok((done, axum::Json(shown(&vault, &webhook))))
}

/// Send a test
///
/// One signed request of type `webhook.test`, from this node and now; nothing is written down.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "whk_..")),
    responses((status = 200, body = shape::WebhookAttempt, description = "What came of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn test(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    State(sender): State<Sender>,
    person: Bearer<WebhookKeys>,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let webhook = found(&view, &person, &id)?;
    let Ok(_one_of_few) = TESTS.try_acquire() else {
        return Err(Fail::new(Code::RateLimited).retry_after_ms(1_000));
    };
    let at = clock::now();
    let named = format!("msg_test_{:016x}", u64::from_be_bytes(vault.random()?));
    let body = json!({
        "id": "0.0", "type": "webhook.test", "at": Time(at), "city": facts.city_number.0,
        "subject": webhook.id, "data": {"webhook_id": webhook.id},
    });
    let body = body.to_string();
    let url = opened(&vault, &webhook, &webhook.url);
    let secrets = webhook.secrets_at(at).map(|secret| opened(&vault, &webhook, secret));
    let secrets: Vec<String> = secrets.collect();
    let message = Message { id: &named, at, body: &body };
    let sent = tokio::time::timeout(TEST_WITHIN, sender.send(&url, &secrets, message)).await;
    let took_ms = u32::try_from(TEST_WITHIN.as_millis()).unwrap_or(u32::MAX);
    let silence = Sent { answer: WebhookAnswer::TimedOut, took_ms, retry_after_ms: None };
    let Sent { answer, took_ms, .. } = sent.unwrap_or(silence);
    Ok((FdIndex(index), axum::Json(attempt(None, at, took_ms, answer))))
}

/// The newest attempts
#[utoipa::path(get, path = "/webhooks/{id}/attempts", tag = "webhooks",
    security(("bearer" = [])), params(("id" = String, Path, description = "whk_..")),
    responses((status = 200, body = shape::WebhookAttempts, description = "The newest first"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn attempts(
    person: Bearer<WebhookKeys>,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let webhook = found(&view, &person, &id)?;
    let newest_first = webhook.attempts.iter().rev();
    let data = newest_first
        .map(|Attempt { event, at, took_ms, answer }| attempt(Some(*event), *at, *took_ms, *answer))
        .collect();
    Ok((FdIndex(index), axum::Json(shape::WebhookAttempts { data })))
}

async fn decide(log: &Log, person: &Bearer<WebhookKeys>, wish: WebhookCommand) -> Answer<Done> {
    log.propose(person.caller.actor(), Command::Webhook(Box::new(wish))).await
}

/// Refuses those who have no business with this owner's webhooks. The log decides it again.
fn may(view: &CityView, person: &Bearer<WebhookKeys>, owner: WebhookOwner) -> Answer<()> {
    let Some(account) = view.account(person.caller.account_id())? else {
        return Err(Fail::new(Code::TokenExpired));
    };
    // A restaurant's key is for that restaurant, whatever else its maker may.
    let own = match owner {
        WebhookOwner::City => person.caller.restaurant_id().is_none(),
        WebhookOwner::Restaurant(id) => person.caller.reaches(id),
    };
    if !own {
        return Err(Fail::because(Code::Forbidden, "this key is for something else"));
    }
    let operator = account.operator >= Some(OperatorRole::Operator);
    let manager = |id: RestaurantId| account.staff.get(&id) >= Some(&StaffRole::Manager);
    match owner {
        WebhookOwner::City if operator => Ok(()),
        WebhookOwner::City => Err(Fail::because(Code::Forbidden, "this is for operators")),
        WebhookOwner::Restaurant(id) if operator || manager(id) => Ok(()),
        WebhookOwner::Restaurant(_) => {
            Err(Fail::because(Code::Forbidden, "this is for the restaurant's managers"))
        }
    }
}

/// A webhook of theirs; a stranger's is as unknown as none.
fn found(view: &CityView, person: &Bearer<WebhookKeys>, id: &str) -> Answer<Arc<Webhook>> {
    let unknown = || Fail::new(Code::WebhookUnknown);
    let webhook = view.webhook(params::id(id, Code::WebhookUnknown)?)?.ok_or_else(unknown)?;
    may(view, person, webhook.owner).map_err(|why| match why.is(Code::Forbidden) {
        true => unknown(),
        false => why,
    })?;
    Ok(webhook)
}

fn refused(why: Refused) -> Fail {
    Fail::field(Code::UrlRefused, "/url", why.to_string())
}

/// A place in the feed from a body.
fn place(pointer: &str, text: &str) -> Answer<Cursor> {
    let rule = "is an event's id or a log index";
    cursor(pointer, text).map_err(|_| Fail::field(Code::FieldInvalid, pointer, rule))
}

/// The place, if everything behind it is still there.
fn kept(view: &CityView, after: Cursor) -> Answer<Cursor> {
    match view.feed(after, 1) {
        Ok(_) => Ok(after),
        Err(storage::Error::BehindRetention { oldest }) => {
            Err(Fail::new(Code::CursorExpired).with("oldest", json!(oldest.to_string())))
        }
        Err(error) => Err(error.into()),
    }
}

/// The place of an event that this webhook may be told.
fn one_event(view: &CityView, webhook: &Webhook, text: &str) -> Answer<Cursor> {
    let wrong = || Fail::field(Code::FieldInvalid, "/event", "is an event's id, as in 812.0");
    let cursor: Cursor = text.parse().map_err(|_| wrong())?;
    let before = cursor.predecessor().ok_or_else(wrong)?;
    kept(view, before)?;
    let event = view.feed(before, 1)?.events.into_iter().next();
    let event = event.filter(|event| event.cursor == cursor).ok_or_else(wrong)?;
    let theirs = match webhook.owner {
        WebhookOwner::City => true,
        WebhookOwner::Restaurant(id) => view.audience(&event.event)?.has(Viewer::Restaurant(id)),
    };
    if theirs { Ok(cursor) } else { Err(wrong()) }
}

fn drawn(vault: &Vault, made_by: AccountId) -> Answer<domain::sealed::Sealed> {
    Ok(vault.seal_for_city(made_by, &secret_text(vault.random::<SECRET_BYTES>()?))?)
}

async fn written(reads: &Reads, done: Done, id: WebhookId) -> Answer<Arc<Webhook>> {
    let webhook = reads.after_write(done.index).await?.view.webhook(id)?;
    webhook.ok_or_else(|| Fail::new(Code::WebhookUnknown))
}

async fn with_secret(
    vault: &Vault,
    reads: &Reads,
    done: Done,
    id: WebhookId,
) -> Answer<shape::WebhookWithSecret> {
    let webhook = written(reads, done, id).await?;
    let secret = opened(vault, &webhook, &webhook.secret);
    Ok(shape::WebhookWithSecret { webhook: shown(vault, &webhook), secret })
}

fn opened(vault: &Vault, webhook: &Webhook, sealed: &domain::sealed::Sealed) -> String {
    vault.open(webhook.made_by, sealed).unwrap_or_default()
}

fn shown(vault: &Vault, webhook: &Webhook) -> shape::Webhook {
    let (state, off) = match webhook.state {
        WebhookState::On => (shape::WebhookState::On, None),
        WebhookState::Off { why, at } => {
            (shape::WebhookState::Off, Some(shape::WebhookOff { why, at: Time(at) }))
        }
    };
    let now = clock::now();
    let previous = webhook.previous.as_ref().map(|previous| previous.until);
    shape::Webhook {
        webhook_id: webhook.id,
        restaurant_id: webhook.owner.restaurant_id(),
        url: opened(vault, webhook, &webhook.url),
        types: webhook.types.clone(),
        state,
        off,
        cursor: webhook.cursor,
        failing: webhook.failing.map(|failing| shape::WebhookFailing {
            event: failing.event,
            attempts: failing.attempts,
            since: Time(failing.since),
            next_at: Time(failing.next_at),
        }),
        waiting: webhook.again.len(),
        delivered: webhook.counts.delivered,
        failed: webhook.counts.failed,
        given_up: webhook.counts.given_up,
        gaps: webhook.counts.gaps,
        last_success_at: webhook.last_success_at.map(Time),
        old_secret_until: previous.filter(|until| now < *until).map(Time),
        made_at: Time(webhook.made_at),
        version: webhook.version,
    }
}

fn attempt(
    event: Option<Cursor>,
    at: Timestamp,
    took_ms: u32,
    answer: WebhookAnswer,
) -> shape::WebhookAttempt {
    let (status, problem) = match answer {
        WebhookAnswer::Status(status) => (Some(status), None),
        WebhookAnswer::TimedOut => (None, Some("timed_out")),
        WebhookAnswer::Unreachable => (None, Some("unreachable")),
        WebhookAnswer::AddressRefused => (None, Some("address_refused")),
    };
    shape::WebhookAttempt {
        event,
        at: Time(at),
        took_ms,
        taken: answer.is_yes(),
        status,
        problem: problem.map(str::to_owned),
    }
}
