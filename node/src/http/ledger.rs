//! The books, for operators: entries, balances, payouts, and what shows a bank that it was wanted.

use super::auth::{Operator, Writes};
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params::{self, Params};
use super::reading::{FdIndex, Read, Reads};
use super::reconcile::attempt;
use super::render;
use super::writing::Log;
use crate::node::Facts;
use api::codes::Code;
use api::money as shape;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::delivery::Delivery;
use domain::ids::{CityNumber, OrderId, PaymentId, PayoutId};
use domain::ledger::{Holder, LedgerEntry, MakePayout, Payee, Payout};
use domain::money::Money;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use storage::{CityView, LedgerPlace, PAGE};

/// `?holder=`, `?order_id=`, `?cursor=`, `?limit=`, `?format=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    holder: Option<String>,
    order_id: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
    format: Option<String>,
}

impl Asked {
    fn limit(&self) -> Answer<usize> {
        match self.limit {
            None => Ok(PAGE / 2),
            Some(limit) if (1..PAGE).contains(&limit) => Ok(limit),
            Some(_) => Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 199")),
        }
    }
}

/// The books
///
/// Every fact about money, the oldest first: all of them, those that name a holder, or those of an
/// order.
#[utoipa::path(get, path = "/ledger", tag = "admin", security(("bearer" = [])),
    params(("holder" = Option<String>, Query, description = "As in a posting"),
        ("order_id" = Option<String>, Query, description = "ord_.."),
        ("cursor" = Option<String>, Query, description = "From the answer before"),
        ("limit" = Option<usize>, Query, description = "1 to 199, 100 if absent"),
        ("format" = Option<String>, Query, description = "`csv`; JSON if absent")),
    responses((status = 200, body = Page<shape::LedgerRow>, description = "Entries"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn entries(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    headers: HeaderMap,
    Params(asked): Params<Asked>,
) -> Answer<Response> {
    let Read { view, index, .. } = reads.current().await?;
    let limit = asked.limit()?;
    let mut entries = found(&view, &asked, limit + 1)?;
    let has_more = asked.order_id.is_none() && entries.len() > limit;
    if has_more {
        entries.truncate(limit);
    }
    let next_cursor = entries.last().filter(|_| has_more).map(|entry| place_of(entry));
    let data: Vec<_> = entries.iter().map(|entry| shown(&facts, entry)).collect();
    if wants_csv(asked.format.as_deref(), &headers)? {
        return Ok((FdIndex(index), table(&data).into_response()).into_response());
    }
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })).into_response())
}

fn found(view: &CityView, asked: &Asked, limit: usize) -> Answer<Vec<Arc<LedgerEntry>>> {
    let after = asked.cursor.as_deref().map(parse_place).transpose()?;
    match (&asked.holder, &asked.order_id) {
        (None, None) => Ok(view.ledger(after, limit)?),
        (Some(holder), None) => {
            let holder: Holder = holder
                .parse()
                .map_err(|_| Fail::field(Code::ParamInvalid, "holder", "names no holder"))?;
            let wrong = || Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
            let after = match after {
                Some(place) => Some(view.ledger_entry(place)?.ok_or_else(wrong)?),
                None => None,
            };
            Ok(view.ledger_of(holder, Timestamp(i64::MIN), after.as_deref(), limit)?)
        }
        (None, Some(order_id)) => {
            let order_id: OrderId = params::id(order_id, Code::OrderUnknown)?;
            Ok(view.ledger_of_order(order_id)?)
        }
        (Some(_), Some(_)) => {
            Err(Fail::field(Code::ParamInvalid, "holder", "or `order_id`, not both"))
        }
    }
}

/// Who has what
///
/// The balance of every holder of whom an entry speaks.
#[utoipa::path(get, path = "/balances", tag = "admin", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query, description = "From the answer before"),
        ("limit" = Option<usize>, Query, description = "1 to 199, 100 if absent")),
    responses((status = 200, body = Page<shape::BalanceRow>, description = "Balances"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn balances(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let limit = asked.limit()?;
    let wrong = |_| Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
    let after = asked.cursor.as_deref().map(str::parse::<Holder>).transpose().map_err(wrong)?;
    let mut found = view.balances(after, limit + 1)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| has_more).map(|last| last.holder.to_string());
    let row = |balance: &Arc<domain::ledger::Balance>| shape::BalanceRow {
        holder: balance.holder.to_string(),
        amount: facts.money(balance.amount),
        entries: balance.entries,
    };
    let data = found.iter().map(row).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Pay a restaurant or a courier
///
/// All that they have earned and not got yet, less the cash that they have. Needs an
/// Idempotency-Key: a second click is the same payout.
#[utoipa::path(post, path = "/payouts", tag = "admin", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "Required")),
    request_body = shape::PayoutRequest,
    responses((status = 201, body = shape::PayoutShown, description = "Booked"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn pay(
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::PayoutRequest>,
) -> Answer<impl IntoResponse> {
    let key = Key::required(key)?;
    let shape::PayoutRequest { payee, amount, reason } = body;
    let payee = match payee.parse() {
        Ok(Holder::Restaurant(id)) => Payee::Restaurant(id),
        Ok(Holder::Courier(id)) => Payee::Courier(id),
        Ok(
            Holder::Gateway
            | Holder::Till
            | Holder::Bank
            | Holder::Platform
            | Holder::Tax
            | Holder::Disputed
            | Holder::Customer(_)
            | Holder::CourierCash(_),
        )
        | Err(_) => {
            return Err(Fail::field(Code::FieldInvalid, "/payee", "is res_.. or cou_.."));
        }
    };
    let account_id = operator.caller.account_id();
    let payout_id = PayoutId::derive(city, &[&account_id.0, key.text.as_bytes()]);
    let wish = MakePayout { payout_id, payee, amount: Money(amount), reason, request };
    let done = log.propose(operator.caller.actor(), Command::MakePayout(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let payout = view.payout(payout_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(paid(&facts, &payout))))
}

/// Payouts that were made
#[utoipa::path(get, path = "/payouts", tag = "admin", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query, description = "From the answer before"),
        ("limit" = Option<usize>, Query, description = "1 to 199, 100 if absent")),
    responses((status = 200, body = Page<shape::PayoutShown>, description = "In the order of ids"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn payouts(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let limit = asked.limit()?;
    let wrong = |_| Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
    let after = asked.cursor.as_deref().map(str::parse::<PayoutId>).transpose().map_err(wrong)?;
    let mut found = view.payouts(after, limit + 1)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| has_more).map(|last| last.id.to_string());
    let data = found.iter().map(|payout| paid(&facts, payout)).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// What shows a bank that an order was wanted and came
///
/// The receipt, what was shown at the door, and what happened when.
#[utoipa::path(get, path = "/payments/{id}/evidence", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "pay_..")),
    responses((status = 200, body = shape::Evidence, description = "The bundle"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn evidence(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let payment_id: PaymentId = params::id(&id, Code::PaymentUnknown)?;
    let Read { view, index, .. } = reads.current().await?;
    let payment = view.payment(payment_id)?.ok_or_else(|| Fail::new(Code::PaymentUnknown))?;
    let order = view.order(payment.order_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    let delivery = super::orders::delivery_of(&view, &order)?;
    let dispute = payment.dispute.as_ref();
    let entries = view.ledger_of_order(order.id)?;
    let answer = shape::Evidence {
        payment: attempt(&facts, &payment),
        dispute_id: dispute.map(|dispute| dispute.id.clone()),
        disputed: dispute.map(|dispute| facts.money(dispute.amount)),
        won: dispute.and_then(|dispute| dispute.closed).map(|closed| closed.won),
        receipt: render::receipt(&facts, &order.receipt),
        timeline: render::timeline(&order),
        delivery_id: order.delivery_id,
        proofs: delivery.as_deref().map(proofs).unwrap_or_default(),
        contacts: delivery.map_or(0, |delivery| delivery.contacts.len()),
        entries: entries.iter().map(|entry| shown(&facts, entry)).collect(),
    };
    Ok((FdIndex(index), axum::Json(answer)))
}

/// What was shown at the door.
fn proofs(delivery: &Delivery) -> Vec<String> {
    let proven = &delivery.proven;
    let shown = [
        (proven.pin, "pin"),
        (proven.photo.is_some(), "photo"),
        (proven.signature.is_some(), "signature"),
        (proven.age_checked, "age_checked"),
    ];
    shown.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()).collect()
}

fn paid(facts: &Facts, payout: &Payout) -> shape::PayoutShown {
    shape::PayoutShown {
        payout_id: payout.id,
        payee: payout.payee.holder().to_string(),
        amount: facts.money(payout.amount),
        cash: facts.money(payout.cash),
        reason: payout.reason.clone(),
        made_by: payout.made_by,
        made_at: Time(payout.made_at),
    }
}

fn shown(facts: &Facts, entry: &LedgerEntry) -> shape::LedgerRow {
    let posting = |posting: &domain::ledger::Posting| shape::PostingShown {
        holder: posting.holder.to_string(),
        kind: posting.kind,
        amount: facts.money(posting.amount),
    };
    shape::LedgerRow {
        place: place_of(entry),
        at: Time(entry.at),
        what: entry.what,
        order_id: entry.order_id,
        payment_id: entry.payment_id,
        postings: entry.postings.iter().map(posting).collect(),
    }
}

/// Where an entry stands, as a cursor says it.
pub(super) fn place_of(entry: &LedgerEntry) -> String {
    format!("{}.{}", entry.index, entry.number)
}

/// What a cursor says.
pub(super) fn parse_place(text: &str) -> Answer<LedgerPlace> {
    let wrong = || Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
    let (index, number) = text.split_once('.').ok_or_else(wrong)?;
    Ok((index.parse().map_err(|_| wrong())?, number.parse().map_err(|_| wrong())?))
}

/// Whether a table is asked for: `?format=csv`, or by the header.
pub(super) fn wants_csv(format: Option<&str>, headers: &HeaderMap) -> Answer<bool> {
    match format {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Fail::field(Code::ParamInvalid, "format", "is json or csv")),
        None => {
            let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
            Ok(accept.is_some_and(|accept| accept.trim().starts_with("text/csv")))
        }
    }
}

fn table(rows: &[shape::LedgerRow]) -> Table {
    let head =
        ["place", "at", "what", "order_id", "payment_id", "holder", "kind", "amount", "currency"];
    let mut table = Table::new(&head);
    for row in rows {
        for posting in &row.postings {
            table.row(&[
                row.place.clone(),
                row.at.0.to_string(),
                Table::word(&row.what),
                row.order_id.map(|id| id.to_string()).unwrap_or_default(),
                row.payment_id.map(|id| id.to_string()).unwrap_or_default(),
                posting.holder.clone(),
                Table::word(&posting.kind),
                posting.amount.amount.to_string(),
                posting.amount.currency.clone(),
            ]);
        }
    }
    table
}

/// Rows for a spreadsheet. Ids, words, numbers and moments only: nothing that needs a quote.
#[derive(Debug)]
pub(super) struct Table(String);

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self(head.join(",") + "\r\n")
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        self.0 += &cells.join(",");
        self.0 += "\r\n";
    }

    /// The name of a variant, as JSON has it.
    pub(super) fn word(value: &impl Serialize) -> String {
        let value = serde_json::to_value(value).ok();
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl IntoResponse for Table {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], self.0).into_response()
    }
}
