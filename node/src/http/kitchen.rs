//! The kitchen's tablet: what came in, and what becomes of it.

use super::auth::{OrderKeys, Staff};
use super::body::Json;
use super::error::{Answer, Fail};
use super::orders::ByState;
use super::params::{self, Paging, Params, order_page};
use super::reading::{FdIndex, Read, Reads};
use super::render::{self, Eyes};
use super::writing::Log;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::orders as shape;
use api::problem::Problem;
use api::wire::{Done, Page};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::ids::OrderId;
use domain::order::{
    AcceptOrder, CancelOrder, DelayOrder, HandOverOrder, NoShowOrder, Order, OrderState, PinKind,
    ReadyOrder, RejectOrder, StartOrder,
};
use domain::{Command, Rejection};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The restaurant's orders, newest first
#[utoipa::path(get, path = "/restaurant/{id}/orders", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("state" = Option<String>, Query, description = "States, separated by commas"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Order>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn orders(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    staff: Staff<OrderKeys>,
    reads: Reads,
    Params(by_state): Params<ByState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (paging.order_cursor()?, paging.limit()?);
    let mut states = by_state.states()?;
    if states.is_empty() {
        states = OrderState::ALL.to_vec();
    }
    // A pending order is invisible to the kitchen: nobody has paid yet.
    states.retain(|state| *state != OrderState::Pending);
    if states.is_empty() {
        let nothing = Page::<shape::Order> { data: Vec::new(), next_cursor: None, has_more: false };
        return Ok((FdIndex(0), axum::Json(nothing)));
    }
    let Read { view, index, .. } = reads.current().await?;
    let page = view.orders_of_restaurant(staff.restaurant_id, &states, cursor, limit)?;
    let render = |order: Arc<Order>| render::order(&facts, &vault, &view, &order, Eyes::Kitchen);
    Ok((FdIndex(index), axum::Json(order_page(page, render)?)))
}

/// Accept, reject, cook, hand over
///
/// `handed_over` and `no_show` are for orders that are picked up.
#[utoipa::path(patch, path = "/restaurant/{id}/order/{order_id}/status", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("order_id" = String, Path, description = "ord_..")),
    request_body = shape::StaffStatusPatch,
    responses((status = 200, body = shape::Order, description = "The order as it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn patch_status(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    staff: Staff<OrderKeys>,
    log: Log,
    reads: Reads,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::StaffStatusPatch>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let restaurant_id = staff.restaurant_id;
    let command = match body.status {
        shape::StaffStatus::Accepted => {
            let ready_at = body.ready_at.map(|time| time.0);
            Command::AcceptOrder(AcceptOrder { order_id, restaurant_id, ready_at })
        }
        shape::StaffStatus::Rejected => {
            let reason = reason(body.reason.as_deref())?;
            Command::RejectOrder(RejectOrder { order_id, restaurant_id, reason, lines: Vec::new() })
        }
        shape::StaffStatus::Preparing => {
            Command::StartOrder(StartOrder { order_id, restaurant_id })
        }
        shape::StaffStatus::Ready => Command::ReadyOrder(ReadyOrder { order_id, restaurant_id }),
        shape::StaffStatus::Cancelled => {
            // The command does not name the restaurant, so the path's must be the order's.
            let view = reads.current().await?.view;
            let order = view.order(order_id)?.filter(|o| o.restaurant_id == restaurant_id);
            order.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
            let reason = reason(body.reason.as_deref())?;
            Command::CancelOrder(CancelOrder { order_id, reason, fault: None })
        }
        shape::StaffStatus::HandedOver => {
            let digest = |pin: &str| vault.pin_digest(order_id, PinKind::Pickup, pin);
            let pin = body.pin.as_deref().map(digest);
            Command::HandOverOrder(HandOverOrder { order_id, restaurant_id, pin })
        }
        shape::StaffStatus::NoShow => Command::NoShowOrder(NoShowOrder { order_id, restaurant_id }),
    };
    let done = log.propose(staff.caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let order = view.order(order_id)?.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    // A wrong PIN is a yes that counts it, and the order has not moved.
    let handed_over = body.status == shape::StaffStatus::HandedOver;
    if handed_over && order.status.state() != OrderState::Completed {
        let tries_left = order.pins.tries_left(PinKind::Pickup);
        return Err(Rejection::PinWrong { tries_left }.into());
    }
    Ok((done, axum::Json(render::order(&facts, &vault, &view, &order, Eyes::Kitchen)?)))
}

/// The kitchen needs longer
#[utoipa::path(post, path = "/restaurant/{id}/order/{order_id}/delay", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("order_id" = String, Path, description = "ord_..")),
    request_body = shape::DelayRequest,
    responses((status = 200, body = Done, description = "The customer is told"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn delay(
    staff: Staff<OrderKeys>,
    log: Log,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::DelayRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let restaurant_id = staff.restaurant_id;
    let delay = DelayOrder { order_id, restaurant_id, ready_at: body.ready_at.0 };
    let done = log.propose(staff.caller.actor(), Command::DelayOrder(delay)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

fn reason<T: DeserializeOwned>(word: Option<&str>) -> Answer<T> {
    let Some(word) = word else {
        return Err(Fail::field(Code::FieldInvalid, "/reason", "is required with this status"));
    };
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|error| Fail::field(Code::FieldInvalid, "/reason", error.to_string()))
}
