//! Money back, and orders that an operator calls off.

use super::auth::{Operator, Writes};
use super::body::{Json, Keyed};
use super::claims::lines;
use super::endings::{self, DryRun};
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params::{self, Params};
use super::reading::Reads;
use super::writing::Log;
use crate::node::Facts;
use api::codes::Code;
use api::problem::Problem;
use api::refunds as shape;
use api::wire::{Done, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::ids::{CityNumber, OrderId, RefundId};
use domain::money::Money;
use domain::order::{CancelOrder, fault_by_platform};
use domain::refund::{Refund, RefundOrder, RefundWhat};
use std::sync::Arc;

/// Give money back
///
/// Of an order that was charged, never more than was taken. Needs an Idempotency-Key: a second
/// click is the same refund.
#[utoipa::path(post, path = "/order/{id}/refund", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "ord_.."),
        ("Idempotency-Key" = String, Header, description = "Required")),
    request_body = shape::RefundRequest,
    responses((status = 201, body = shape::Refund, description = "On its way, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Keyed { body, key, request }: Keyed<shape::RefundRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&id, Code::OrderUnknown)?;
    let key = Key::required(key)?;
    let account_id = operator.caller.account_id();
    let parts: [&[u8]; 3] = [&account_id.0, &order_id.0, key.text.as_bytes()];
    let refund_id = RefundId::derive(city, &parts);
    let what = match (body.amount, body.lines) {
        (Some(amount), None) => RefundWhat::Amount(Money(amount)),
        (None, Some(list)) => RefundWhat::Lines(lines(&list)),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fail::field(Code::FieldInvalid, "", "send amount or lines"));
        }
    };
    let (fault, reason) = (body.fault, body.reason);
    let wish = RefundOrder { refund_id, order_id, what, fault, reason, request };
    let command = Command::RefundOrder(Box::new(wish));
    let done = log.propose(operator.caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let refund = view.refund(refund_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    let answer = axum::Json(shown(&facts, &refund));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// Call an order off, and say who bears it
///
/// With `?dry_run=true` nothing happens, and the answer is what it would cost.
#[utoipa::path(post, path = "/order/{id}/cancel", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "ord_.."),
        ("dry_run" = Option<bool>, Query, description = "Only say what it would cost")),
    request_body = shape::AdminCancelRequest,
    responses((status = 200, body = Done, description = "Called off; a bill for a dry run"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn cancel(
    State(facts): State<Arc<Facts>>,
    operator: Operator,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Params(asked): Params<DryRun>,
    Json(body): Json<shape::AdminCancelRequest>,
) -> Answer<Response> {
    if !asked.dry_run {
        operator.may_write()?;
    }
    let order_id: OrderId = params::id(&id, Code::OrderUnknown)?;
    let shape::AdminCancelRequest { reason, fault } = body;
    if asked.dry_run {
        let view = reads.current().await?.view;
        let order = view.order(order_id)?.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
        let fault = fault.unwrap_or(fault_by_platform(reason));
        let bill = endings::cost(&facts, &view, &order, fault)?;
        return Ok(axum::Json(bill).into_response());
    }
    let command = Command::CancelOrder(CancelOrder { order_id, reason, fault });
    let done = log.propose(operator.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })).into_response())
}

/// A refund as people see it.
pub(super) fn shown(facts: &Facts, refund: &Refund) -> shape::Refund {
    shape::Refund {
        refund_id: refund.id,
        amount: facts.money(refund.amount),
        state: refund.status,
        fault: refund.fault,
        made_at: Time(refund.made_at),
    }
}
