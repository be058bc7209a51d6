//! Keys of programs, as managers and operators make and revoke them.

use super::auth::{Drawn, Person};
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params::{self, Params};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::vault::Vault;
use api::codes::Code;
use api::keys as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::{OperatorRole, StaffRole};
use domain::ids::{ApiKeyId, CityNumber, RestaurantId};
use domain::key::{ApiKey, KeyCommand, KeyOwner, MakeKey, RevokeKey, Scope};
use domain::{AccessCommand, Command};
use serde::Deserialize;
use storage::CityView;

/// Whose.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    restaurant_id: Option<String>,
}

impl Asked {
    fn owner(&self) -> Answer<KeyOwner> {
        let id = self.restaurant_id.as_deref();
        let id = id.map(|id| params::id(id, Code::RestaurantUnknown)).transpose()?;
        Ok(owner(id))
    }
}

fn owner(restaurant_id: Option<RestaurantId>) -> KeyOwner {
    restaurant_id.map_or(KeyOwner::City, KeyOwner::Restaurant)
}

/// Make a key for a program
///
/// It may what you may, for one restaurant or for the city, within its scopes, and ends with your
/// role. What programs send is shown in this answer and nowhere else: the city keeps a hash. The
/// same request with the same key of its own is answered without it.
#[utoipa::path(post, path = "/keys", tag = "keys", security(("bearer" = [])),
    request_body = shape::NewKey,
    responses((status = 201, body = shape::NewKeyAnswer, description = "It is good from now on"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(city): State<CityNumber>,
    State(vault): State<Vault>,
    person: Person,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::NewKey>,
) -> Answer<impl IntoResponse> {
    let shape::NewKey { label, scopes, restaurant_id, expires_at, replaces } = body;
    let owner = owner(restaurant_id);
    let key = Key::or_drawn(key, &vault)?;
    let made_by = person.account.id;
    let key_id = ApiKeyId::derive(city, &[&made_by.0, key.text.as_bytes()]);
    let Drawn { hash, text } = Drawn::new(&vault, owner, key_id)?;
    let wish = MakeKey {
        key_id,
        owner,
        label,
        secret: hash,
        scopes: scopes.into_iter().map(scope).collect(),
        expires_at: expires_at.map(|at| at.0),
        replaces,
        request,
    };
    let command = Command::Access(Box::new(AccessCommand::Key(KeyCommand::Make(wish))));
    let done = log.propose(person.caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let keys = view.api_keys(owner)?;
    let made = keys.as_ref().and_then(|keys| keys.get(key_id));
    let made = made.ok_or_else(|| Fail::new(Code::KeyUnknown))?;
    // Another secret than that of the first answer would open nothing.
    let bearer = (made.secret == hash).then_some(text);
    let answer = shape::NewKeyAnswer { key: shown(owner, made), bearer };
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// The keys of the city, or of a restaurant
#[utoipa::path(get, path = "/keys", tag = "keys", security(("bearer" = [])),
    params(("restaurant_id" = Option<String>, Query, description = "Those of this restaurant")),
    responses((status = 200, body = shape::Keys, description = "All of them, without secrets"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    person: Person,
    reads: Reads,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let owner = asked.owner()?;
    let Read { view, index, .. } = reads.current().await?;
    may(&view, &person, owner)?;
    let keys = view.api_keys(owner)?;
    let keys = keys.as_ref().map_or(&[][..], |all| &all.keys);
    let data = keys.iter().map(|key| shown(owner, key)).collect();
    Ok((FdIndex(index), axum::Json(shape::Keys { data })))
}

/// Revoke a key
///
/// It opens nothing from this answer on, at any node.
#[utoipa::path(delete, path = "/keys/{id}", tag = "keys", security(("bearer" = [])),
    params(("id" = String, Path, description = "key_.."),
        ("restaurant_id" = Option<String>, Query, description = "The city's if absent")),
    responses((status = 200, body = api::wire::Done, description = "It is revoked"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn revoke(
    person: Person,
    log: Log,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let wish = RevokeKey { owner: asked.owner()?, key_id: params::id(&id, Code::KeyUnknown)? };
    let command = Command::Access(Box::new(AccessCommand::Key(KeyCommand::Revoke(wish))));
    let done = log.propose(person.caller.actor(), command).await?;
    Ok((done, axum::Json(api::wire::Done { index: done.index })))
}

/// Refuses those who have no business with this owner's keys. The log decides it again.
fn may(view: &CityView, person: &Person, owner: KeyOwner) -> Answer<()> {
    let account = view.account(person.account.id)?.ok_or_else(|| Fail::new(Code::TokenExpired))?;
    let may = account.operator >= Some(OperatorRole::Operator)
        || owner
            .restaurant_id()
            .is_some_and(|id| account.staff.get(&id) >= Some(&StaffRole::Manager));
    match may {
        true => Ok(()),
        false => Err(Fail::because(Code::Forbidden, "keys are for managers and operators")),
    }
}

fn shown(owner: KeyOwner, key: &ApiKey) -> shape::Key {
    shape::Key {
        key_id: key.id,
        label: key.label.clone(),
        scopes: key.scopes.iter().map(|scope| scope_shown(*scope)).collect(),
        restaurant_id: owner.restaurant_id(),
        made_by: key.made_by,
        made_at: Time(key.made_at),
        expires_at: key.expires_at.map(Time),
    }
}

fn scope(scope: shape::KeyScope) -> Scope {
    match scope {
        shape::KeyScope::Orders => Scope::Orders,
        shape::KeyScope::Menu => Scope::Menu,
        shape::KeyScope::Stock => Scope::Stock,
        shape::KeyScope::Webhooks => Scope::Webhooks,
        shape::KeyScope::Events => Scope::Events,
    }
}

fn scope_shown(scope: Scope) -> shape::KeyScope {
    match scope {
        Scope::Orders => shape::KeyScope::Orders,
        Scope::Menu => shape::KeyScope::Menu,
        Scope::Stock => shape::KeyScope::Stock,
        Scope::Webhooks => shape::KeyScope::Webhooks,
        Scope::Events => shape::KeyScope::Events,
    }
}
