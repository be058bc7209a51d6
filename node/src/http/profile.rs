//! Who I am: shown, and said anew.

use super::accounts::name;
use super::auth::Person;
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::render::workplaces;
use super::writing::Log;
use crate::vault::Vault;
use api::accounts as shape;
use api::codes::Code;
use api::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use domain::Command;
use domain::account::{Account, ChangeProfile, OwnCommand};
use domain::ids::AccountId;
use std::sync::Arc;
use storage::CityView;

/// Who am I
///
/// The ETag is the version that `PATCH /v1/me` takes as If-Match.
#[utoipa::path(get, path = "/me", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Me, description = "You"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let account = account_of(&view, person.account.id)?;
    let tag = [(header::ETAG, params::etag(account.revision))];
    Ok((FdIndex(index), tag, axum::Json(shown(&vault, &view, &account)?)))
}

/// Say who I am
///
/// What is absent stays. With If-Match only over the version that you saw.
#[utoipa::path(patch, path = "/me", tag = "accounts", security(("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "The version you saw")),
    request_body = shape::MeChange,
    responses((status = 200, body = shape::Me, description = "You, as you are now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn change(
    State(vault): State<Vault>,
    person: Person,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Json(body): Json<shape::MeChange>,
) -> Answer<impl IntoResponse> {
    let if_revision = params::if_match(&headers)?;
    let account_id = person.account.id;
    let closed = match body.name {
        None => None,
        Some(said) => {
            name("/name", &said)?;
            // Closed anew it would look like another name: what is so already is not said again.
            let present = account_of(&reads.newest().await?.view, account_id)?;
            match vault.open(account_id, &present.name).as_deref() == Some(&*said) {
                true => None,
                false => Some(vault.seal(account_id, &said)?),
            }
        }
    };
    let wish = ChangeProfile { account_id, name: closed, locale: body.locale, if_revision };
    let command = Command::Own(Box::new(OwnCommand::Profile(wish)));
    let done = log.propose(person.caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let account = account_of(&view, account_id)?;
    let tag = [(header::ETAG, params::etag(account.revision))];
    Ok((tag, done, axum::Json(shown(&vault, &view, &account)?)))
}

fn account_of(view: &CityView, id: AccountId) -> Answer<Arc<Account>> {
    view.account(id)?.ok_or_else(|| Fail::new(Code::AccountUnknown))
}

/// Somebody, as they see themselves.
pub(super) fn shown(vault: &Vault, view: &CityView, account: &Account) -> Answer<shape::Me> {
    let operator = account.operator.map(|role| format!("{role:?}").to_lowercase());
    Ok(shape::Me {
        account_id: account.id,
        name: vault.open(account.id, &account.name),
        contact: vault.open(account.id, &account.contact),
        verified: account.verified_at.is_some(),
        locale: account.locale.clone(),
        courier_id: account.courier,
        restaurants: workplaces(view, account)?,
        operator,
    })
}
