//! One-time codes: a contact is proved by what was sent to it. The node that draws a code sends it
//! and forgets it; the log knows its keyed hash.

use super::accounts::{Joining, name, normalised, password};
use super::body::Json;
use super::error::{Answer, Fail};
use super::login::LoginDesk;
use crate::clock;
use crate::node::Facts;
use crate::notices::{Language, Letter, Providers, code_text};
use crate::passwords::Passwords;
use api::accounts as shape;
use api::codes::Code;
use api::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use domain::account::{Account, AttemptCommand, CodePurpose, CodeWish, SendCode};
use domain::ids::NoticeId;
use domain::notice::Channel;
use domain::sealed::{Digest, Sealed};
use domain::{Actor, Command};
use std::sync::Arc;

/// How many codes of six digits there are.
const CODES: u64 = 1_000_000;

/// Ask for a code
///
/// Six digits go to the phone or the mail address, good for five minutes, five tries and one
/// purpose. The answer is the same whether somebody has that contact or not.
#[utoipa::path(post, path = "/otp", tag = "accounts", request_body = shape::CodeRequest,
    responses((status = 202, description = "It is on its way, if it is good for anything"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn ask(
    State(providers): State<Providers>,
    State(facts): State<Arc<Facts>>,
    headers: HeaderMap,
    desk: LoginDesk,
    Json(body): Json<shape::CodeRequest>,
) -> Answer<impl IntoResponse> {
    let (to, login) = contact(&desk, &body.login)?;
    desk.limits.login(desk.origin, &login)?;
    // Of 64 bits, so that no code is likelier than another by more than one in 2^44.
    let digits = format!("{:06}", u64::from_be_bytes(desk.vault.random()?) % CODES);
    let code = desk.vault.code_digest(login, &digits);
    let wish = SendCode { login, purpose: body.purpose, code };
    let command = Command::Attempt(Box::new(AttemptCommand::SendCode(wish)));
    let done = desk.log.propose(Actor::Anyone, command).await?;
    let view = desk.reads.after_write(done.index).await?.view;
    let account = view.account_by_login(login)?;
    if let Some(digits) = told(body.purpose, account.as_deref(), &digits) {
        let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|tags| tags.to_str().ok());
        let own = account.as_ref().and_then(|account| account.locale.as_deref());
        let tags = own.into_iter().chain(wanted.unwrap_or_default().split(','));
        let language = Language::first_of(tags.chain([facts.language.as_str()]));
        let channel = if to.starts_with('+') { Channel::Sms } else { Channel::Email };
        let (title, text) = code_text(language, digits);
        let key = NoticeId(desk.vault.random()?);
        send(providers, Letter { key, channel, to, title, text });
    }
    Ok((StatusCode::ACCEPTED, done, ()))
}

/// What goes out: the digits, that there is an account already, or nothing at all.
fn told<'a>(
    purpose: CodePurpose,
    account: Option<&Account>,
    digits: &'a str,
) -> Option<Option<&'a str>> {
    match (purpose, account) {
        (CodePurpose::SignUp, None) | (CodePurpose::LogIn | CodePurpose::Reset, Some(_)) => {
            Some(Some(digits))
        }
        (CodePurpose::SignUp, Some(_)) => Some(None),
        (CodePurpose::LogIn | CodePurpose::Reset, None) => None,
    }
}

/// Off the request, which takes the same time for everybody. Whoever gets no code asks again.
fn send(providers: Providers, letter: Letter) {
    tokio::spawn(async move {
        if let Err(error) = providers.send(&letter).await {
            tracing::warn!(%error, ?letter, "a code was not sent");
        }
    });
}

/// Say the code
///
/// Whoever knows it is logged in. With `sign_up` they have an account from then on, without a
/// password. The first code that shows whose the contact is, after a sign-up by password, takes
/// that password away and ends every other login: it may be of somebody else, who was there first.
/// Set one again with a code for `reset`.
#[utoipa::path(post, path = "/otp/verify", tag = "accounts", request_body = shape::VerifyRequest,
    responses((status = 200, body = shape::LoginAnswer, description = "Logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn verify(
    desk: LoginDesk,
    Json(body): Json<shape::VerifyRequest>,
) -> Answer<impl IntoResponse> {
    let (to, login) = contact(&desk, &body.login)?;
    let (wish, device) = match body.purpose {
        CodePurpose::LogIn => {
            let account = desk.reads.current().await?.view.account_by_login(login)?;
            let device = account.map(|account| desk.device(account.id));
            (CodeWish::LogIn, device.unwrap_or_default())
        }
        CodePurpose::SignUp => {
            let called = body.name.unwrap_or_default();
            newcomer(&desk, Newcomer { to, login, called, locale: body.locale }, &body.code).await?
        }
        CodePurpose::Reset => {
            let how = "is log_in or sign_up; a new password is set by POST /v1/password/reset";
            return Err(Fail::field(Code::FieldInvalid, "/purpose", how));
        }
    };
    let (account_id, tokens, done) = desk.use_code(login, &body.code, wish, device).await?;
    Ok((done, axum::Json(shape::LoginAnswer { account_id, tokens })))
}

/// Order as a guest
///
/// By a phone that a code came back from: ask for it with `POST /v1/otp`, purpose `sign_up`. This
/// is `POST /v1/otp/verify` with that purpose and nothing else. A guest is a person without a
/// password, who comes back by a code for `log_in`, and can set a password with one for `reset`.
#[utoipa::path(post, path = "/guest", tag = "accounts", request_body = shape::GuestRequest,
    responses((status = 201, body = shape::SignupAnswer, description = "There, and logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn guest(
    desk: LoginDesk,
    Json(body): Json<shape::GuestRequest>,
) -> Answer<impl IntoResponse> {
    let phone = normalised(&body.phone).filter(|login| login.starts_with('+'));
    let phone = phone
        .ok_or_else(|| Fail::field(Code::FieldInvalid, "/phone", "is + and 7 to 15 digits"))?;
    let login = desk.vault.lookup(&phone);
    let wanted = Newcomer { to: phone, login, called: body.name, locale: body.locale };
    let (wish, device) = newcomer(&desk, wanted, &body.code).await?;
    let (account_id, tokens, done) = desk.use_code(login, &body.code, wish, device).await?;
    Ok((StatusCode::CREATED, done, axum::Json(shape::SignupAnswer { account_id, tokens })))
}

/// Somebody who wants an account without a password.
struct Newcomer {
    to: String,
    login: Digest,
    called: String,
    locale: Option<String>,
}

/// What they ask for, and their device.
async fn newcomer(
    desk: &LoginDesk,
    newcomer: Newcomer,
    digits: &str,
) -> Answer<(CodeWish, Sealed)> {
    let Newcomer { to, login, called, locale } = newcomer;
    name("/name", &called)?;
    if !is_awaited(desk, login, digits).await? {
        // Before a key is drawn on a majority for whoever guesses.
        let wish = CodeWish::SignUp(Box::new(desk.guess(login)));
        desk.use_code(login, digits, wish, Sealed::default()).await?;
        return Err(Fail::new(Code::CodeWrong));
    }
    let request = desk.vault.digest(to.as_bytes());
    let password = String::new();
    let joining = Joining { login: to, name: called, password, locale, request };
    let (wish, device) = desk.joining(joining).await?;
    Ok((CodeWish::SignUp(Box::new(wish)), device))
}

/// Set a new password with a code
///
/// Every login ends, and this one begins.
#[utoipa::path(post, path = "/password/reset", tag = "accounts",
    request_body = shape::ResetRequest,
    responses((status = 200, body = shape::LoginAnswer, description = "Set, and logged in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn reset(
    State(passwords): State<Passwords>,
    desk: LoginDesk,
    Json(body): Json<shape::ResetRequest>,
) -> Answer<impl IntoResponse> {
    let (_, login) = contact(&desk, &body.login)?;
    password("/password", &body.password)?;
    let account = desk.reads.current().await?.view.account_by_login(login)?;
    let device = account.map(|account| desk.device(account.id)).unwrap_or_default();
    let wish = CodeWish::Reset(passwords.hash(body.password).await?);
    let (account_id, tokens, done) = desk.use_code(login, &body.code, wish, device).await?;
    Ok((done, axum::Json(shape::LoginAnswer { account_id, tokens })))
}

/// Whether this is the code to sign up with, as far as is known now: `apply` decides.
async fn is_awaited(desk: &LoginDesk, login: Digest, digits: &str) -> Answer<bool> {
    let view = desk.reads.current().await?.view;
    let attempts = view.attempts(login)?;
    let awaited = attempts.as_ref().and_then(|it| it.awaited(CodePurpose::SignUp, clock::now()));
    Ok(awaited.is_some_and(|it| it.digest == desk.vault.code_digest(login, digits)))
}

/// A contact in its one spelling, and how it is found.
fn contact(desk: &LoginDesk, login: &str) -> Answer<(String, Digest)> {
    let rule = "is a phone number with + or a mail address";
    let login = normalised(login).ok_or_else(|| Fail::field(Code::FieldInvalid, "/login", rule))?;
    let lookup = desk.vault.lookup(&login);
    Ok((login, lookup))
}
