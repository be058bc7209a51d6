//! Something is missing: the kitchen proposes, the customer answers. And alerts that were seen.

use super::auth::{OrderKeys, Person, Staff};
use super::body::Json;
use super::error::{Answer, Fail};
use super::orders::visible;
use super::params;
use super::reading::Reads;
use super::render::{self, Eyes};
use super::wanted::lines;
use super::writing::Log;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::orders::Order as OrderShape;
use api::problem::Problem;
use api::substitutions as shape;
use api::wire::Done;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::OrderId;
use domain::order::{
    AnswerSubstitution, Instead, ProposeSubstitution, SeenOrder, SubstitutionAnswer,
};
use std::sync::Arc;

/// Propose something else for a line
///
/// One proposal at a time, never for more money. Without an answer the line's own preference
/// decides.
#[utoipa::path(post, path = "/restaurant/{id}/order/{order_id}/substitution",
    tag = "restaurants", security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("order_id" = String, Path, description = "ord_..")),
    request_body = shape::ProposeRequest,
    responses((status = 200, body = OrderShape, description = "The order with the proposal"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn propose(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    staff: Staff<OrderKeys>,
    log: Log,
    reads: Reads,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::ProposeRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let instead = match body.instead {
        shape::Instead::Remove => Instead::Remove,
        shape::Instead::Fewer { quantity } => Instead::Fewer { quantity },
        shape::Instead::Replace(line) => {
            let line = lines(&vault, staff.caller.account_id(), vec![line])?.into_iter().next();
            Instead::Replace(line.ok_or_else(|| Fail::new(Code::Internal))?)
        }
    };
    let restaurant_id = staff.restaurant_id;
    let wish = ProposeSubstitution { order_id, restaurant_id, line: body.line, instead };
    let command = Command::ProposeSubstitution(Box::new(wish));
    let done = log.propose(staff.caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let order = view.order(order_id)?.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    Ok((done, axum::Json(render::order(&facts, &vault, &view, &order, Eyes::Kitchen)?)))
}

/// Answer what the kitchen proposes
///
/// Accept it, refuse it, do without the line, or call everything off for nothing.
#[utoipa::path(post, path = "/order/{order_id}/substitution", tag = "orders",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_..")),
    request_body = shape::AnswerRequest,
    responses((status = 200, body = OrderShape, description = "The order as it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn answer(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    person: Person,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Json(body): Json<shape::AnswerRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let shape::AnswerRequest { answer, revision } = body;
    // A yes that is sent again must not say yes to what the kitchen proposed since.
    if answer == SubstitutionAnswer::Accept && revision.is_none() {
        let rule = "the revision of the proposal that you accept";
        return Err(Fail::field(Code::FieldInvalid, "/revision", rule));
    }
    let wish = AnswerSubstitution { order_id, answer, revision };
    let done = log.propose(person.caller.actor(), Command::AnswerSubstitution(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let (order, eyes) = visible(&view, &person.account, &order_id.to_string())?;
    Ok((done, axum::Json(render::order(&facts, &vault, &view, &order, eyes)?)))
}

/// Somebody has seen the alert: no other tablet need ring
#[utoipa::path(post, path = "/restaurant/{id}/order/{order_id}/seen", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("order_id" = String, Path, description = "ord_..")),
    responses((status = 200, body = Done, description = "Seen, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn seen(
    staff: Staff<OrderKeys>,
    log: Log,
    Path(path): Path<(String, String)>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let wish = SeenOrder { order_id, restaurant_id: staff.restaurant_id };
    let done = log.propose(staff.caller.actor(), Command::SeenOrder(wish)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}
