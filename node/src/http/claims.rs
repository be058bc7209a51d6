//! Complaints: made by customers, answered by restaurants, decided by operators.

use super::auth::{Operator, Person, Staff, Writes};
use super::body::{Json, Keyed};
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::orders::visible;
use super::params::{self, Paging, Params};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::node::Facts;
use crate::vault::Vault;
use api::claims as shape;
use api::codes::Code;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::claim::{
    AnswerClaim, Claim, ClaimLine, ClaimState, ClaimStatus, MakeClaim, SettleClaim,
};
use domain::ids::{CityNumber, ClaimId, OrderId, RefundId};
use domain::image::ImageHash;
use domain::limits::TEXT_LETTERS;
use domain::money::Money;
use serde::Deserialize;
use std::sync::Arc;
use storage::{ClaimCursor, ClaimPage};

/// `?state=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct ByClaimState {
    state: Option<String>,
}

impl ByClaimState {
    fn states(&self) -> Answer<Vec<ClaimState>> {
        let named = self.state.iter().flat_map(|text| text.split(','));
        let state = |name: &str| {
            serde_json::from_value(serde_json::Value::String(name.trim().to_owned()))
                .map_err(|_| Fail::field(Code::ParamInvalid, "state", "names a state of claims"))
        };
        named.filter(|name| !name.trim().is_empty()).map(state).collect()
    }
}

/// Complain about an order
///
/// Within 48 hours of its end. What is asked for is computed from the receipt.
#[utoipa::path(post, path = "/order/{order_id}/claims", tag = "claims",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("Idempotency-Key" = Option<String>, Header,
            description = "The same request with the same key is the same claim")),
    request_body = shape::ClaimRequest,
    responses((status = 201, body = shape::Claim, description = "Made, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    Person { caller, .. }: Person,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Keyed { body, key, request }: Keyed<shape::ClaimRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let key = Key::or_drawn(key, &vault)?;
    let customer = caller.account_id();
    let claim_id = ClaimId::derive(city, &[&customer.0, &order_id.0, key.text.as_bytes()]);
    let text = body.text.unwrap_or_default();
    if text.chars().count() > TEXT_LETTERS {
        return Err(Fail::field(Code::FieldInvalid, "/text", "is at most 2000 letters"));
    }
    let command = Command::MakeClaim(Box::new(MakeClaim {
        claim_id,
        order_id,
        kind: body.kind,
        lines: lines(&body.lines),
        photos: photos(&body.photos)?,
        text: vault.seal(customer, &text)?,
        request,
    }));
    let done = log.propose(caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let claim = view.claim(claim_id)?.ok_or_else(|| Fail::new(Code::ClaimUnknown))?;
    let answer = axum::Json(shown(&facts, &vault, &claim));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// The complaints about an order, in the order they came
#[utoipa::path(get, path = "/order/{order_id}/claims", tag = "claims",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_..")),
    responses((status = 200, body = Vec<shape::Claim>, description = "All of them"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_order(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    person: Person,
    reads: Reads,
    Path(order_id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let (order, eyes) = visible(&view, &person.account, &order_id)?;
    if eyes == super::render::Eyes::Courier {
        return Err(Fail::because(Code::Forbidden, "claims are not the courier's to see"));
    }
    let claims = view.claims_of_order(order.id)?;
    let shown: Vec<_> = claims.iter().map(|claim| shown(&facts, &vault, claim)).collect();
    Ok((FdIndex(index), axum::Json(shown)))
}

/// Your complaints, newest first
#[utoipa::path(get, path = "/claims", tag = "claims", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Claim>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn own(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    Person { caller, .. }: Person,
    reads: Reads,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (cursor(&paging)?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let page = view.claims_of_customer(caller.account_id(), cursor, limit)?;
    Ok((FdIndex(index), axum::Json(claim_page(&facts, &vault, page))))
}

/// The complaints about a restaurant's orders, newest first
#[utoipa::path(get, path = "/restaurant/{id}/claims", tag = "claims", security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("state" = Option<String>, Query, description = "States, separated by commas"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Claim>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_restaurant(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    reads: Reads,
    Params(by_state): Params<ByClaimState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit, states) = (cursor(&paging)?, paging.limit()?, by_state.states()?);
    let Read { view, index, .. } = reads.current().await?;
    let page = view.claims_of_restaurant(staff.restaurant_id, &states, cursor, limit)?;
    Ok((FdIndex(index), axum::Json(claim_page(&facts, &vault, page))))
}

/// Take a complaint, or contest it
///
/// Managers. A yes gives back what is asked for; a no lets an operator decide.
#[utoipa::path(post, path = "/restaurant/{id}/claims/{claim_id}/answer", tag = "claims",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("claim_id" = String, Path, description = "clm_..")),
    request_body = shape::AnswerClaimRequest,
    responses((status = 200, body = shape::Claim, description = "The claim as it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn answer(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    log: Log,
    reads: Reads,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::AnswerClaimRequest>,
) -> Answer<impl IntoResponse> {
    let claim_id: ClaimId = params::id(&path.1, Code::ClaimUnknown)?;
    let shape::AnswerClaimRequest { accept, text } = body;
    let restaurant_id = staff.restaurant_id;
    let wish = AnswerClaim { claim_id, restaurant_id, accept, text };
    let done = log.propose(staff.caller.actor(), Command::AnswerClaim(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let claim = view.claim(claim_id)?.ok_or_else(|| Fail::new(Code::ClaimUnknown))?;
    Ok((done, axum::Json(shown(&facts, &vault, &claim))))
}

/// Every complaint, newest first
#[utoipa::path(get, path = "/claims", tag = "admin", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "States, separated by commas"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Claim>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn all(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(by_state): Params<ByClaimState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit, states) = (cursor(&paging)?, paging.limit()?, by_state.states()?);
    let Read { view, index, .. } = reads.current().await?;
    let page = view.claims(&states, cursor, limit)?;
    Ok((FdIndex(index), axum::Json(claim_page(&facts, &vault, page))))
}

/// Decide a complaint
///
/// Needs an Idempotency-Key, since money moves: the same key is the same refund.
#[utoipa::path(post, path = "/claims/{id}/settle", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "clm_.."),
        ("Idempotency-Key" = String, Header, description = "Required")),
    request_body = shape::SettleClaimRequest,
    responses((status = 200, body = shape::Claim, description = "Settled, or refused with 0"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn settle(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Keyed { body, key, .. }: Keyed<shape::SettleClaimRequest>,
) -> Answer<impl IntoResponse> {
    let claim_id: ClaimId = params::id(&id, Code::ClaimUnknown)?;
    let key = Key::required(key)?;
    let account_id = operator.caller.account_id();
    let parts: [&[u8]; 3] = [&account_id.0, &claim_id.0, key.text.as_bytes()];
    let refund_id = RefundId::derive(city, &parts);
    let shape::SettleClaimRequest { amount, fault, reason } = body;
    let wish = SettleClaim { claim_id, amount: Money(amount), fault, reason, refund_id };
    let done = log.propose(operator.caller.actor(), Command::SettleClaim(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let claim = view.claim(claim_id)?.ok_or_else(|| Fail::new(Code::ClaimUnknown))?;
    Ok(([(KEY, key.text)], done, axum::Json(shown(&facts, &vault, &claim))))
}

/// Lines of a receipt as the domain counts them.
pub(super) fn lines(lines: &[shape::LineCount]) -> Vec<ClaimLine> {
    let line = |it: &shape::LineCount| ClaimLine { line: it.line, quantity: it.quantity };
    lines.iter().map(line).collect()
}

fn photos(names: &[String]) -> Answer<Vec<ImageHash>> {
    let named = names.iter().enumerate();
    let photo = |(place, name): (usize, &String)| {
        let pointer = format!("/photos/{place}");
        let hash = name.parse::<ImageHash>();
        hash.map_err(|error| Fail::field(Code::FieldInvalid, pointer, error.to_string()))
    };
    named.map(photo).collect()
}

fn cursor(paging: &Paging) -> Answer<Option<ClaimCursor>> {
    let found = paging.time_cursor()?;
    Ok(found.map(|(made_at, id)| ClaimCursor { made_at, id: ClaimId(id) }))
}

fn claim_page(facts: &Facts, vault: &Vault, page: ClaimPage) -> Page<shape::Claim> {
    let next_cursor = page.next.map(|cursor| params::after(cursor.made_at, cursor.id.0));
    let has_more = next_cursor.is_some();
    let data = page.claims.iter().map(|claim| shown(facts, vault, claim)).collect();
    Page { data, next_cursor, has_more }
}

pub(super) fn shown(facts: &Facts, vault: &Vault, claim: &Claim) -> shape::Claim {
    let line = |it: &ClaimLine| shape::LineCount { line: it.line, quantity: it.quantity };
    let (mut answer_by, mut settled) = (None, None);
    match claim.status {
        ClaimStatus::Open { answer_by: by } => answer_by = Some(Time(by)),
        ClaimStatus::Settled { amount, fault, refund_id } => {
            settled = Some((amount, fault, refund_id));
        }
        ClaimStatus::Contested | ClaimStatus::Refused => {}
    }
    shape::Claim {
        claim_id: claim.id,
        order_id: claim.order_id,
        restaurant_id: claim.restaurant_id,
        kind: claim.kind,
        lines: claim.lines.iter().map(line).collect(),
        photos: claim.photos.iter().map(ToString::to_string).collect(),
        text: vault.open(claim.customer_id, &claim.text).filter(|text| !text.is_empty()),
        asked: facts.money(claim.asked),
        state: claim.status.state(),
        answer_by,
        answer: claim.answer.clone(),
        decision: claim.decision.clone(),
        amount: settled.map(|(amount, _, _)| facts.money(amount)),
        fault: settled.map(|(_, fault, _)| fault),
        refund_id: settled.and_then(|(_, _, refund_id)| refund_id),
        made_at: Time(claim.made_at),
        revision: claim.revision,
    }
}
