//! Signing up, logging in, staying logged in.

use super::auth::Caller;
use super::body::{Json, Keyed};
use super::error::{Answer, Fail};
use super::login::{LoginDesk, hashed, join_refresh, split_refresh};
use super::reading::Reads;
use super::refreshing::{Descent, descent};
use super::render::workplaces;
use super::writing::Log;
use crate::clock;
use crate::passwords::{Passwords, weakness};
use crate::tokens::{ACCESS_TOKEN_S, Tokens};
use crate::vault::Vault;
use api::accounts as shape;
use api::codes::Code;
use api::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::{CloseSession, RotateSession};
use domain::sealed::Digest;
use domain::{Actor, Command};
use storage::Reader;

/// Sign up
///
/// One contact is one account. The same request again is the same account, with fresh tokens, as
/// long as its password is still the right one.
#[utoipa::path(post, path = "/signup", tag = "accounts", request_body = shape::SignupRequest,
    responses((status = 201, body = shape::SignupAnswer, description = "Signed up and logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn signup(
    State(passwords): State<Passwords>,
    desk: LoginDesk,
    Keyed { body, request, .. }: Keyed<shape::SignupRequest>,
) -> Answer<impl IntoResponse> {
    let login = contact(&body)?;
    name("/name", &body.name)?;
    password("/password", &body.password)?;
    let phc = passwords.hash(body.password.clone()).await?;
    let hash = phc.clone();
    let joining = Joining { login, name: body.name, password: phc, locale: body.locale, request };
    let (wish, _) = desk.joining(joining).await?;
    let account_id = wish.account_id;
    let command = Command::SignUp(wish);
    let done = desk.log.propose(Actor::Anyone, command).await?;
    let read = desk.reads.after_write(done.index).await?;
    let account = read.view.account(account_id)?.ok_or_else(|| Fail::new(Code::AccountUnknown))?;
    if account.password != hash {
        // A repeat keeps the hash of the first time. It is a login like any other: the password may
        // be another one since, and whoever knows an old request tries one.
        desk.confirm(&account, body.password).await?;
    }
    let (tokens, _) = desk.open(&account).await?;
    Ok((StatusCode::CREATED, done, axum::Json(shape::SignupAnswer { account_id, tokens })))
}

/// Log in as a customer
#[utoipa::path(post, path = "/login", tag = "accounts", request_body = shape::LoginRequest,
    responses((status = 200, body = shape::LoginAnswer, description = "Logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn login(
    desk: LoginDesk,
    Json(body): Json<shape::LoginRequest>,
) -> Answer<impl IntoResponse> {
    let account = desk.check(body).await?;
    let (tokens, done) = desk.open(&account).await?;
    Ok((done, axum::Json(shape::LoginAnswer { account_id: account.id, tokens })))
}

/// Log in as restaurant staff
#[utoipa::path(post, path = "/restaurant/login", tag = "restaurants",
    request_body = shape::LoginRequest,
    responses((status = 200, body = shape::StaffLoginAnswer, description = "Logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn staff_login(
    State(reader): State<Reader>,
    desk: LoginDesk,
    Json(body): Json<shape::LoginRequest>,
) -> Answer<impl IntoResponse> {
    let account = desk.check(body).await?;
    if account.staff.is_empty() {
        return Err(Fail::because(Code::Forbidden, "you work at no restaurant"));
    }
    let restaurants = workplaces(&reader.view(), &account)?;
    let (tokens, done) = desk.open(&account).await?;
    let answer = shape::StaffLoginAnswer { account_id: account.id, tokens, restaurants };
    Ok((done, axum::Json(answer)))
}

/// Log in as a courier
#[utoipa::path(post, path = "/delivery/login", tag = "couriers", request_body = shape::LoginRequest,
    responses((status = 200, body = shape::CourierLoginAnswer, description = "Logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn courier_login(
    State(reader): State<Reader>,
    desk: LoginDesk,
    Json(body): Json<shape::LoginRequest>,
) -> Answer<impl IntoResponse> {
    let account = desk.check(body).await?;
    let courier = match account.courier {
        Some(id) => reader.view().courier(id)?,
        None => None,
    };
    let Some(courier) = courier else {
        return Err(Fail::because(Code::Forbidden, "you are not a courier"));
    };
    let (tokens, done) = desk.open(&account).await?;
    let answer = shape::CourierLoginAnswer {
        account_id: account.id,
        tokens,
        courier_id: courier.id,
        approved: courier.approved,
        online: courier.online,
    };
    Ok((done, axum::Json(answer)))
}

/// Get fresh tokens
///
/// A refresh token is good once; the one before still repeats its answer for 30 seconds.
#[utoipa::path(post, path = "/token/refresh", tag = "accounts",
    request_body = shape::RefreshRequest,
    responses((status = 200, body = shape::Tokens, description = "The next pair"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn refresh(
    State(vault): State<Vault>,
    State(passwords): State<Passwords>,
    State(tokens): State<Tokens>,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::RefreshRequest>,
) -> Answer<impl IntoResponse> {
    let wrong = || Fail::new(Code::CredentialsWrong);
    let (session_id, secret) = split_refresh(&body.refresh_token).ok_or_else(wrong)?;
    // Looked up first: what nobody ever gave out is worth no entry of the log.
    let look = async || {
        let found = descent(&vault, &passwords, &reads, session_id, &secret).await?;
        found.ok_or_else(wrong)
    };
    // The next secret follows from this one, so that a repeat gets the same answer.
    let next_secret = vault.digest(&secret).0;
    let rotate = async |found: Descent| {
        let command = Command::RotateSession(RotateSession {
            session_id,
            presented: hashed(&secret),
            next: hashed(&next_secret),
            ancestor_of: found.ancestor_of,
        });
        let done = log.propose(Actor::Anyone, command).await;
        done.map_err(|fail| if fail.is(Code::SessionUnknown) { wrong() } else { fail })
    };
    let found = look().await?;
    let done = match rotate(found).await {
        // This node was behind: what it took for the newest is an older one, and ends the login.
        Err(fail) if fail.is(Code::CredentialsWrong) && found.ancestor_of.is_none() => {
            reads.newest().await?;
            rotate(look().await?).await?
        }
        done => done?,
    };
    let view = reads.after_write(done.index).await?.view;
    let Some(session) = view.session(session_id)? else {
        return Err(Fail::new(Code::RefreshReused));
    };
    let account_id = session.account_id;
    let access_token = tokens.sign(clock::now(), account_id, session_id, session.epoch);
    let refresh_token = join_refresh(session_id, &next_secret);
    let answer = shape::Tokens { access_token, refresh_token, expires_in: ACCESS_TOKEN_S };
    Ok((done, axum::Json(answer)))
}

/// Log out
#[utoipa::path(post, path = "/logout", tag = "accounts", security(("bearer" = [])),
    responses((status = 204, description = "This session has ended"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn logout(caller: Caller, log: Log) -> Answer<impl IntoResponse> {
    let command = Command::CloseSession(CloseSession { session_id: caller.session_id() });
    let done = log.propose(caller.actor(), command).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

/// Who wants an account, in clear.
pub(super) struct Joining {
    /// The contact in its one spelling.
    pub login: String,
    /// What they are called.
    pub name: String,
    /// PHC string; empty for those who log in by code.
    pub password: String,
    /// The language to be told in.
    pub locale: Option<String>,
    /// A repeat of the request has the same.
    pub request: Digest,
}

fn contact(body: &shape::SignupRequest) -> Result<String, Fail> {
    match (&body.phone, &body.email) {
        (Some(phone), None) => normalised(phone)
            .filter(|login| login.starts_with('+'))
            .ok_or_else(|| Fail::field(Code::FieldInvalid, "/phone", "is + and 7 to 15 digits")),
        (None, Some(email)) => normalised(email)
            .filter(|login| login.contains('@'))
            .ok_or_else(|| Fail::field(Code::FieldInvalid, "/email", "is a mail address")),
        (Some(_), Some(_)) => {
            Err(Fail::field(Code::FieldInvalid, "/email", "send phone or email, not both"))
        }
        (None, None) => Err(Fail::field(Code::FieldInvalid, "/phone", "send phone or email")),
    }
}

/// One spelling for each contact.
pub(crate) fn normalised(login: &str) -> Option<String> {
    let login = login.trim();
    if login.contains('@') {
        let (name, host) = login.rsplit_once('@')?;
        let plain = login.len() <= 254 && !login.contains(char::is_whitespace);
        let whole = !name.is_empty() && host.contains('.') && !host.starts_with('.');
        return (plain && whole && !host.ends_with('.')).then(|| login.to_lowercase());
    }
    let digits = login.strip_prefix('+')?;
    let digits: String = digits.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let plain = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| format!("+{digits}"))
}

pub(super) fn name(pointer: &str, text: &str) -> Result<(), Fail> {
    let letters = text.chars().count();
    if text.trim().is_empty() || letters > domain::limits::NAME_LETTERS {
        return Err(Fail::field(Code::FieldInvalid, pointer, "is from 1 to 200 letters"));
    }
    Ok(())
}

pub(super) fn password(pointer: &str, text: &str) -> Result<(), Fail> {
    match weakness(text) {
        None => Ok(()),
        Some(rule) => Err(Fail::field(Code::FieldInvalid, pointer, rule)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_contact() {
        assert_eq!(normalised(" +34 600-000 (001) ").as_deref(), Some("+34600000001"));
        assert_eq!(normalised("Ana@Example.ORG").as_deref(), Some("ana@example.org"));
        for wrong in
            ["", "600000001", "+12", "+123456789012345678", "a@b", "a b@c.d", "@c.d", "a@c."]
        {
            assert_eq!(normalised(wrong), None, "{wrong}");
        }
    }
}
