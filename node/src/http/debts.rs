//! What customers owe for cash orders that ended without the cash.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::node::Facts;
use api::admin as shape;
use api::codes::Code;
use api::problem::Problem;
use api::wire::Done;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::Command;
use domain::account::ClearDebt;
use domain::ids::AccountId;
use domain::money::Money;
use std::sync::Arc;

/// What a customer owes
#[utoipa::path(get, path = "/accounts/{id}/tab", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "acc_..")),
    responses((status = 200, body = shape::Tab, description = "Their tab"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let account_id: AccountId = params::id(&id, Code::AccountUnknown)?;
    let Read { view, index, .. } = reads.current().await?;
    view.account(account_id)?.ok_or_else(|| Fail::new(Code::AccountUnknown))?;
    let tab = view.tab(account_id)?;
    let answer = shape::Tab {
        account_id,
        debt: facts.money(tab.as_ref().map_or(Money::ZERO, |tab| tab.debt)),
        charged_orders: tab.map_or(0, |tab| tab.charged_orders),
    };
    Ok((FdIndex(index), axum::Json(answer)))
}

/// A debt was paid, or is forgiven
///
/// From then on they may pay in cash again.
#[utoipa::path(post, path = "/accounts/{id}/clear-debt", tag = "admin",
    security(("bearer" = [])), params(("id" = String, Path, description = "acc_..")),
    request_body = shape::ClearDebtRequest,
    responses((status = 200, body = Done, description = "Nothing is owed any more"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn clear(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
    Json(body): Json<shape::ClearDebtRequest>,
) -> Answer<impl IntoResponse> {
    let account_id = params::id(&id, Code::AccountUnknown)?;
    let shape::ClearDebtRequest { debt, reason, how } = body;
    let wish = ClearDebt { account_id, debt: Money(debt), reason, how };
    let done = log.propose(operator.caller.actor(), Command::ClearDebt(wish)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}
