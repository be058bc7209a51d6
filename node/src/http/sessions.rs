//! Where somebody is logged in, and how they end that: one login, all of them, or all but this one.

use super::auth::Person;
use super::body::Json;
use super::error::{Answer, Fail};
use super::login::{LoginDesk, hashed};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::passwords::{Passwords, weakness};
use crate::tokens::Tokens;
use crate::vault::Vault;
use api::accounts as shape;
use api::codes::Code;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::Command;
use domain::account::{Account, CloseAllSessions, CloseSession, OwnCommand};
use domain::ids::SessionId;
use storage::CityView;

/// Where I am logged in
#[utoipa::path(get, path = "/me/sessions", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Sessions, description = "Every login that goes on"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let account =
        view.account(person.account.id)?.ok_or_else(|| Fail::new(Code::AccountUnknown))?;
    let sessions = all_shown(&vault, &view, &account, Some(person.caller.session_id()))?;
    Ok((FdIndex(index), axum::Json(shape::Sessions { sessions })))
}

/// Every login of somebody that goes on; `this_login` is the one that asks, if one of them does.
pub(super) fn all_shown(
    vault: &Vault,
    view: &CityView,
    account: &Account,
    this_login: Option<SessionId>,
) -> Answer<Vec<shape::Session>> {
    let going_on = view.sessions_of(account.id, account.epoch)?;
    let shown = going_on.iter().map(|session| shape::Session {
        session_id: session.id,
        device: vault.open(account.id, &session.device).filter(|device| !device.is_empty()),
        opened_at: Time(session.opened_at),
        seen_at: session.seen_at.map(Time),
        ends_at: Time(session.ends_at),
        this_login: Some(session.id) == this_login,
    });
    Ok(shown.collect())
}

/// End one login
///
/// Its tokens are refused at once, on every node.
#[utoipa::path(delete, path = "/me/sessions/{session_id}", tag = "accounts",
    security(("bearer" = [])), params(("session_id" = String, Path, description = "ses_..")),
    responses((status = 204, description = "It has ended"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn end(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let session_id = params::id(&id, Code::SessionUnknown)?;
    let command = Command::CloseSession(CloseSession { session_id });
    let done = log.propose(person.caller.actor(), command).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

/// Log out everywhere
///
/// Every login of yours ends with one entry of the log, this one too.
#[utoipa::path(post, path = "/logout/all", tag = "accounts", security(("bearer" = [])),
    responses((status = 204, description = "You are logged in nowhere"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn end_all(person: Person, log: Log) -> Answer<impl IntoResponse> {
    let wish = CloseAllSessions { account_id: person.account.id };
    let done = log
        .propose(person.caller.actor(), Command::Own(Box::new(OwnCommand::CloseAllSessions(wish))))
        .await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

/// Change my password
///
/// Every other login ends; this one goes on with the tokens of the answer.
#[utoipa::path(put, path = "/me/password", tag = "accounts", security(("bearer" = [])),
    request_body = shape::PasswordRequest,
    responses((status = 200, body = shape::Tokens, description = "Changed; the next pair"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put_password(
    State(passwords): State<Passwords>,
    person: Person,
    desk: LoginDesk,
    Json(body): Json<shape::PasswordRequest>,
) -> Answer<impl IntoResponse> {
    let shape::PasswordRequest { old, new } = body;
    if let Some(rule) = weakness(&new) {
        return Err(Fail::field(Code::FieldInvalid, "/new", rule));
    }
    let before = hashed(person.account.password.as_bytes());
    desk.confirm(&person.account, old).await?;
    let password = passwords.hash(new).await?;
    let (tokens, done) = desk.change_password(&person, before, password).await?;
    Ok((done, axum::Json(tokens)))
}

/// The keys that access tokens are signed with, as a JWK set: for whoever checks them elsewhere.
pub(super) async fn jwks(State(tokens): State<Tokens>) -> impl IntoResponse {
    let cached = (header::CACHE_CONTROL, "public, max-age=300");
    ([(header::CONTENT_TYPE, "application/jwk-set+json"), cached], tokens.jwks().to_string())
}
