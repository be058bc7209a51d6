//! What restaurants and couriers have earned: by order, as JSON or as a table for spreadsheets.

use super::auth::{CourierSelf, Staff};
use super::error::{Answer, Fail};
use super::ledger::{Table, parse_place, place_of, wants_csv};
use super::params::Params;
use super::reading::{FdIndex, Read, Reads};
use crate::node::Facts;
use api::codes::Code;
use api::money as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::account::{OperatorRole, StaffRole};
use domain::ledger::{Holder, LedgerEntry, PostingKind};
use domain::money::Money;
use domain::time::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::{CityView, PAGE};

/// `?from=`, `?to=`, `?cursor=`, `?format=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Period {
    from: Option<Time>,
    to: Option<Time>,
    cursor: Option<String>,
    format: Option<String>,
}

/// What the restaurant has earned
///
/// By order and by kind, with what was kept of it and what was paid out. For managers and owners.
#[utoipa::path(get, path = "/restaurant/{id}/earnings", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("from" = Option<String>, Query, description = "RFC 3339"),
        ("to" = Option<String>, Query, description = "RFC 3339; not itself"),
        ("cursor" = Option<String>, Query, description = "From the answer before"),
        ("format" = Option<String>, Query, description = "`csv`; JSON if absent")),
    responses((status = 200, body = shape::Earnings, description = "Row by row"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_restaurant(
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    reads: Reads,
    headers: HeaderMap,
    Params(period): Params<Period>,
) -> Answer<Response> {
    let Read { view, index, .. } = reads.current().await?;
    let account = view.account(staff.caller.account_id())?;
    let manages = account.is_some_and(|account| {
        account.staff.get(&staff.restaurant_id) >= Some(&StaffRole::Manager)
            || account.operator >= Some(OperatorRole::Support)
    });
    if !manages {
        return Err(Fail::because(Code::Forbidden, "earnings are for managers and owners"));
    }
    let holder = Holder::Restaurant(staff.restaurant_id);
    answer(&facts, &view, index, holder, None, &headers, &period)
}

/// What the courier has earned
///
/// Base, distance, tips and call-outs, what was paid out, and the cash that they have.
#[utoipa::path(get, path = "/delivery/{id}/earnings", tag = "couriers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("from" = Option<String>, Query, description = "RFC 3339"),
        ("to" = Option<String>, Query, description = "RFC 3339; not itself"),
        ("cursor" = Option<String>, Query, description = "From the answer before"),
        ("format" = Option<String>, Query, description = "`csv`; JSON if absent")),
    responses((status = 200, body = shape::Earnings, description = "Row by row"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_courier(
    State(facts): State<Arc<Facts>>,
    courier: CourierSelf,
    reads: Reads,
    headers: HeaderMap,
    Params(period): Params<Period>,
) -> Answer<Response> {
    let Read { view, index, .. } = reads.current().await?;
    let (earned, cash) =
        (Holder::Courier(courier.courier_id), Holder::CourierCash(courier.courier_id));
    answer(&facts, &view, index, earned, Some(cash), &headers, &period)
}

fn answer(
    facts: &Facts,
    view: &CityView,
    index: u64,
    holder: Holder,
    cash: Option<Holder>,
    headers: &HeaderMap,
    period: &Period,
) -> Answer<Response> {
    let balance_of = |holder| -> Answer<Money> {
        Ok(view.balance(holder)?.map_or(Money::ZERO, |balance| balance.amount))
    };
    let (entries, has_more) = gather(view, holder, period)?;
    let next = entries.last().filter(|_| has_more).map(|entry| place_of(entry));
    let mut totals = BTreeMap::<PostingKind, i64>::new();
    let mut data = Vec::with_capacity(entries.len());
    for entry in &entries {
        let row = row(facts, entry, holder);
        for part in &row.parts {
            *totals.entry(part.kind).or_default() += part.amount.amount;
        }
        data.push(row);
    }
    if wants_csv(period.format.as_deref(), headers)? {
        return Ok((FdIndex(index), table(&data).into_response()).into_response());
    }
    let totals = totals.into_iter();
    let answer = shape::Earnings {
        data,
        totals: totals.map(|(kind, sum)| part(facts, kind, sum)).collect(),
        balance: facts.money(Money(-balance_of(holder)?.0)),
        cash: cash.map(|cash| Ok::<_, Fail>(facts.money(balance_of(cash)?))).transpose()?,
        next_cursor: next,
        has_more,
    };
    Ok((FdIndex(index), axum::Json(answer)).into_response())
}

/// The entries of the period, as many as one answer holds, and whether there are more.
fn gather(
    view: &CityView,
    holder: Holder,
    period: &Period,
) -> Answer<(Vec<Arc<LedgerEntry>>, bool)> {
    let from = period.from.map_or(Timestamp(i64::MIN), |from| from.0);
    let to = period.to.map_or(Timestamp(i64::MAX), |to| to.0);
    let mut after = match &period.cursor {
        Some(cursor) => {
            let wrong = || Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
            Some(view.ledger_entry(parse_place(cursor)?)?.ok_or_else(wrong)?)
        }
        None => None,
    };
    let mut found: Vec<Arc<LedgerEntry>> = Vec::new();
    loop {
        let page = view.ledger_of(holder, from, after.as_deref(), PAGE)?;
        let full = page.len() == PAGE;
        after = page.last().cloned();
        for entry in page {
            if entry.at >= to {
                return Ok((found, false));
            }
            if found.len() == shape::EARNINGS_MOST {
                return Ok((found, true));
            }
            found.push(entry);
        }
        if !full {
            return Ok((found, false));
        }
    }
}

/// An entry from this holder's side: what the city owes them is theirs.
fn row(facts: &Facts, entry: &LedgerEntry, holder: Holder) -> shape::EarningsRow {
    let own = entry.postings.iter().filter(|posting| posting.holder == holder);
    let parts: Vec<shape::Part> =
        own.map(|posting| part(facts, posting.kind, -posting.amount.0)).collect();
    let sum = parts.iter().map(|part| part.amount.amount).sum();
    shape::EarningsRow {
        at: Time(entry.at),
        what: entry.what,
        order_id: entry.order_id,
        amount: facts.money(Money(sum)),
        parts,
    }
}

fn part(facts: &Facts, kind: PostingKind, amount: i64) -> shape::Part {
    shape::Part { kind, amount: facts.money(Money(amount)) }
}

fn table(rows: &[shape::EarningsRow]) -> Table {
    let mut table = Table::new(&["at", "what", "order_id", "kind", "amount", "currency"]);
    for row in rows {
        for part in &row.parts {
            let order = row.order_id.map(|id| id.to_string()).unwrap_or_default();
            let amount = part.amount.amount.to_string();
            let currency = part.amount.currency.clone();
            let (what, kind) = (Table::word(&row.what), Table::word(&part.kind));
            table.row(&[row.at.0.to_string(), what, order, kind, amount, currency]);
        }
    }
    table
}
