//! Doors: as an order describes one, and those that somebody has saved so that orders only name
//! them.

use super::auth::Person;
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::render::Door;
use super::writing::{Done, Log};
use crate::vault::Vault;
use api::belongings as shape;
use api::codes::Code;
use api::orders::Address;
use api::problem::Problem;
use api::wire::Point;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::account::{
    AddAddress, Belongings, BelongingsChange, ChangeAddress, ChangeBelongings, DropAddress,
    OwnCommand, SavedAddress,
};
use domain::ids::{AccountId, AddressId, CityNumber};
use domain::limits::{NAME_LETTERS, TEXT_LETTERS};
use domain::order::Destination;
use domain::position::Position;
use domain::sealed::Sealed;
use serde::{Deserialize, Serialize};

/// What is closed of a saved address: all of it, the place too.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    point: Point,
    lines: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// My addresses
#[utoipa::path(get, path = "/me/addresses", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::SavedAddresses, description = "All of them"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let addresses = match view.belongings(person.account.id)? {
        Some(all) => all_shown(&vault, &all)?,
        None => Vec::new(),
    };
    Ok((FdIndex(index), axum::Json(shape::SavedAddresses { addresses })))
}

/// Save an address
///
/// At most 20. With an Idempotency-Key the same request again is the same address.
#[utoipa::path(post, path = "/me/addresses", tag = "accounts", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it repeatable")),
    request_body = shape::AddressRequest,
    responses((status = 201, body = shape::SavedAddress, description = "Saved, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn add(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    person: Person,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::AddressRequest>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(key, &vault)?;
    let account_id = person.account.id;
    let address_id = AddressId::derive(city, &[&account_id.0, key.text.as_bytes()]);
    let contents = closed(&vault, account_id, body)?;
    let wish = BelongingsChange::AddAddress(AddAddress { address_id, contents, request });
    let done = decide(&log, &person, wish).await?;
    let answer = written(&vault, &reads, done, account_id, address_id).await?;
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// Say anew what an address is
///
/// All of it. Orders that went there stay as they were.
#[utoipa::path(put, path = "/me/addresses/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = String, Path, description = "adr_..")), request_body = shape::AddressRequest,
    responses((status = 200, body = shape::SavedAddress, description = "As it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn change(
    State(vault): State<Vault>,
    person: Person,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Keyed { body, request, .. }: Keyed<shape::AddressRequest>,
) -> Answer<impl IntoResponse> {
    let address_id = params::id(&id, Code::AddressUnknown)?;
    let account_id = person.account.id;
    let contents = closed(&vault, account_id, body)?;
    let wish = BelongingsChange::ChangeAddress(ChangeAddress { address_id, contents, request });
    let done = decide(&log, &person, wish).await?;
    let answer = written(&vault, &reads, done, account_id, address_id).await?;
    Ok((done, axum::Json(answer)))
}

/// Forget an address
#[utoipa::path(delete, path = "/me/addresses/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = String, Path, description = "adr_..")),
    responses((status = 204, description = "It is forgotten"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn remove(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let address_id = params::id(&id, Code::AddressUnknown)?;
    let wish = BelongingsChange::DropAddress(DropAddress { address_id });
    let done = decide(&log, &person, wish).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

/// Proposes something about what the person keeps.
pub(super) async fn decide(log: &Log, person: &Person, change: BelongingsChange) -> Answer<Done> {
    let wish = ChangeBelongings { account_id: person.account.id, change };
    let command = Command::Own(Box::new(OwnCommand::Belongings(wish)));
    log.propose(person.caller.actor(), command).await
}

/// An address after it was written.
async fn written(
    vault: &Vault,
    reads: &Reads,
    done: Done,
    account_id: AccountId,
    id: AddressId,
) -> Answer<shape::SavedAddress> {
    let view = reads.after_write(done.index).await?.view;
    let all = view.belongings(account_id)?;
    // Forgotten again by another request a moment ago.
    let address = all.as_ref().and_then(|all| all.address(id));
    shown(vault, account_id, address.ok_or_else(|| Fail::new(Code::AddressUnknown))?)
}

fn closed(vault: &Vault, owner: AccountId, body: shape::AddressRequest) -> Answer<Sealed> {
    let shape::AddressRequest { label, point, lines, door_note } = body;
    if label.as_ref().is_some_and(|label| label.chars().count() > NAME_LETTERS) {
        return Err(Fail::field(Code::FieldInvalid, "/label", "is at most 200 letters"));
    }
    let address = Address { point, lines, door_note };
    checked("", &address)?;
    let Address { point, lines, door_note: note } = address;
    let text = serde_json::to_string(&Contents { label, point, lines, note })
        .map_err(|error| Fail::internal("closing an address", &error))?;
    Ok(vault.seal(owner, &text)?)
}

fn opened(vault: &Vault, owner: AccountId, address: &SavedAddress) -> Answer<Contents> {
    let text = opened_text(vault, owner, &address.contents)?;
    serde_json::from_str(&text).map_err(|error| Fail::internal("opening an address", &error))
}

/// What the person themselves have closed, once this node has their key.
pub(super) fn opened_text(vault: &Vault, owner: AccountId, closed: &Sealed) -> Answer<String> {
    vault.open(owner, closed).ok_or_else(|| {
        Fail::because(Code::Behind, "this node has not your key yet").retry_after_ms(100)
    })
}

/// All that somebody has saved, as they see it.
pub(super) fn all_shown(vault: &Vault, all: &Belongings) -> Answer<Vec<shape::SavedAddress>> {
    all.addresses.iter().map(|address| shown(vault, all.account_id, address)).collect()
}

fn shown(vault: &Vault, owner: AccountId, address: &SavedAddress) -> Answer<shape::SavedAddress> {
    let Contents { label, point, lines, note: door_note } = opened(vault, owner, address)?;
    Ok(shape::SavedAddress { address_id: address.id, label, point, lines, door_note })
}

/// The address that a body describes, or the saved one that it names.
pub(super) fn chosen(
    vault: &Vault,
    owner: AccountId,
    saved: Option<&Belongings>,
    described: Option<Address>,
    named: Option<AddressId>,
) -> Answer<Option<Address>> {
    let id = match (described, named) {
        (address, None) => return Ok(address),
        (None, Some(id)) => id,
        (Some(_), Some(_)) => {
            let rule = "is sent in place of address, not with it";
            return Err(Fail::field(Code::FieldInvalid, "/address_id", rule));
        }
    };
    let address = saved.and_then(|all| all.address(id));
    let address = address.ok_or_else(|| Fail::new(Code::AddressUnknown))?;
    let Contents { point, lines, note: door_note, .. } = opened(vault, owner, address)?;
    Ok(Some(Address { point, lines, door_note }))
}

/// Where food goes, closed but for the point.
pub(super) fn destination(
    vault: &Vault,
    customer: AccountId,
    address: &Address,
) -> Answer<Destination> {
    let position = checked("/address", address)?;
    let door = Door { lines: address.lines.clone(), note: address.door_note.clone() };
    let text =
        serde_json::to_string(&door).map_err(|e| Fail::internal("closing an address", &e))?;
    Ok(Destination { position, address: vault.seal(customer, &text)? })
}

/// Where it is, if it is an address; it stands at `at` in the body.
fn checked(at: &str, address: &Address) -> Answer<Position> {
    let position = params::point(&format!("{at}/point"), address.point)?;
    let lines = &address.lines;
    if lines.trim().is_empty() || lines.chars().count() > TEXT_LETTERS {
        let rule = "says where the door is, in at most 2000 letters";
        return Err(Fail::field(Code::FieldInvalid, format!("{at}/lines"), rule));
    }
    note(&format!("{at}/door_note"), address.door_note.as_deref())?;
    Ok(position)
}

/// Words for somebody who has little time to read.
pub(super) fn note<'a>(pointer: &str, text: Option<&'a str>) -> Answer<&'a str> {
    let text = text.unwrap_or_default();
    if text.chars().count() > TEXT_LETTERS {
        return Err(Fail::field(Code::FieldInvalid, pointer, "is at most 2000 letters"));
    }
    Ok(text)
}
