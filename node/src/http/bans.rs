//! Out of the game, and back in, by the platform's own people.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params::{Paging, Params};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::vault::Vault;
use api::bans as shape;
use api::codes::Code;
use api::problem::Problem;
use api::wire::{Done, Page, Time};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::AccountId;
use domain::limits::TEXT_LETTERS;
use domain::moderation::{
    Appeal, Ban, BanKind, BanSubject, ImposeBan, LiftBan, ModerationCommand, NoteAppeal,
};
use serde::Deserialize;
use storage::{BanCursor, CityView};

/// Under whose name the city closes words that belong to nobody.
const NOBODY: AccountId = AccountId([0; 16]);

/// Ban a person, a restaurant, a courier, a device or a card
///
/// It holds with its entry, on every node. Sessions of a person end; a restaurant is found no more;
/// what a courier has not picked up is searched for anew. What it means for orders and ratings that
/// are there already follows at once.
#[utoipa::path(post, path = "/bans", tag = "admin", security(("bearer" = [])),
    request_body(content = shape::BanRequest, example = json!({
        "account_id": "acc_0004hnq5w1k60vy4q8d3j2m7zc", "reason": "asked by the restaurant",
        "expires_at": "2026-03-01T18:30:00.000Z", "cancel_open": false})),
    responses((status = 200, body = Done, description = "Banned"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn ban(
    operator: Operator<Writes>,
    log: Log,
    Json(body): Json<shape::BanRequest>,
) -> Answer<impl IntoResponse> {
    let subject = body.subject().ok_or_else(not_one)?;
    let shape::BanRequest { reason, expires_at, cancel_open, .. } = body;
    let until = expires_at.map(|time| time.0);
    let wish = ImposeBan { subject, reason, until, cancel_open };
    moderate(&operator, &log, ModerationCommand::Impose(wish)).await
}

/// Take a ban back
#[utoipa::path(delete, path = "/bans", tag = "admin", security(("bearer" = [])),
    request_body(content = shape::UnbanRequest, example = json!({
        "account_id": "acc_0004hnq5w1k60vy4q8d3j2m7zc", "reason": "asked by the restaurant"})),
    responses((status = 200, body = Done, description = "Back in"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn unban(
    operator: Operator<Writes>,
    log: Log,
    Json(body): Json<shape::UnbanRequest>,
) -> Answer<impl IntoResponse> {
    let subject = body.subject().ok_or_else(not_one)?;
    let wish = LiftBan { subject, reason: body.reason };
    moderate(&operator, &log, ModerationCommand::Lift(wish)).await
}

/// Write down what somebody says against a ban
#[utoipa::path(patch, path = "/bans", tag = "admin", security(("bearer" = [])),
    request_body = shape::AppealRequest,
    responses((status = 200, body = Done, description = "Written down"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn appeal(
    State(vault): State<Vault>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::AppealRequest>,
) -> Answer<impl IntoResponse> {
    let shape::AppealRequest { subject, note } = body;
    let rule = "is the id of whom or what is banned";
    let subject: BanSubject =
        subject.parse().map_err(|_| Fail::field(Code::FieldInvalid, "/subject", rule))?;
    if !(1..=TEXT_LETTERS).contains(&note.chars().count()) {
        return Err(Fail::field(Code::FieldInvalid, "/note", "is from 1 to 2000 letters"));
    }
    let view = reads.current().await?.view;
    let ban = view.ban(subject)?.ok_or_else(|| Fail::new(Code::BanUnknown))?;
    let owner = owner(&view, subject)?;
    // The same words again stay as they are, or a repeat would look like new ones.
    let said = ban.appeal.filter(|it| said(&vault, owner, it).as_ref() == Some(&note));
    let words = match (said, owner) {
        (Some(appeal), _) => appeal.words,
        (None, Some(owner)) => vault.seal(owner, &note)?,
        (None, None) => vault.seal_for_city(NOBODY, &note)?,
    };
    let wish = NoteAppeal { subject, words };
    moderate(&operator, &log, ModerationCommand::Appeal(wish)).await
}

/// Whose words stand against a ban: of a thing that belongs to nobody known, and of somebody who is
/// erased and has no key any more, the city's.
fn owner(view: &CityView, subject: BanSubject) -> Answer<Option<AccountId>> {
    let person = match subject {
        BanSubject::Account(account_id) => Some(account_id),
        BanSubject::Courier(id) => view.courier(id)?.map(|courier| courier.account_id),
        BanSubject::Restaurant(_) | BanSubject::Device(_) | BanSubject::Card(_) => None,
    };
    let account = match person {
        Some(account_id) => view.account(account_id)?,
        None => None,
    };
    Ok(account.filter(|account| account.is_anybody()).map(|account| account.id))
}

/// What was said against it; nothing if whoever said it is erased.
fn said(vault: &Vault, owner: Option<AccountId>, appeal: &Appeal) -> Option<String> {
    vault.open(owner.unwrap_or(NOBODY), &appeal.words)
}

async fn moderate(
    operator: &Operator<Writes>,
    log: &Log,
    wish: ModerationCommand,
) -> Answer<impl IntoResponse + use<>> {
    let command = Command::Moderation(Box::new(wish));
    let done = log.propose(operator.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

fn not_one() -> Fail {
    let rule = "name one of account_id, restaurant_id, courier_id, device and card";
    Fail::field(Code::FieldInvalid, "", rule)
}

/// `?kind=`
#[derive(Debug, Deserialize)]
pub(super) struct ByKind {
    kind: Option<BanKind>,
}

/// The bans that hold, kind by kind, newest first
#[utoipa::path(get, path = "/bans", tag = "admin", security(("bearer" = [])),
    params(("kind" = Option<String>, Query,
            description = "Only account, restaurant, courier, device or card"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Ban>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(vault): State<Vault>,
    _: Operator,
    reads: Reads,
    Params(asked): Params<ByKind>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (paging.id_cursor::<After>()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let page = view.bans(asked.kind, cursor.map(|after| after.0), limit)?;
    let next_cursor = page.next.map(|it| format!("{}-{}", it.at.0, it.subject));
    let has_more = next_cursor.is_some();
    let shown = |(subject, ban): &(BanSubject, Ban)| shown(&vault, &view, *subject, ban);
    let data = page.bans.iter().map(shown).collect::<Answer<_>>()?;
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// The ban at which the page before ended: its moment, and whom or what it is about.
struct After(BanCursor);

impl std::str::FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, subject) = text.split_once('-').ok_or(())?;
        let at = domain::time::Timestamp(at.parse().map_err(drop)?);
        Ok(Self(BanCursor { at, subject: subject.parse().map_err(drop)? }))
    }
}

fn shown(vault: &Vault, view: &CityView, subject: BanSubject, ban: &Ban) -> Answer<shape::Ban> {
    let owner = owner(view, subject)?;
    Ok(shape::Ban {
        kind: subject.kind(),
        subject: subject.to_string(),
        reason: ban.reason.clone(),
        banned_at: Time(ban.at),
        expires_at: ban.until.map(Time),
        by: ban.by,
        cancel_open: ban.cancel_open,
        appeal: ban.appeal.as_ref().and_then(|appeal| said(vault, owner, appeal)),
    })
}
