//! For the platform's own people.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::hours::{Holidays, open_state};
use super::menu_input::whole;
use super::orders::ByState;
use super::params::{self, Paging, Params, order_page};
use super::reading::{FdIndex, Read, Reads};
use super::render::{self, Eyes};
use super::restaurants::profile;
use super::writing::Log;
use crate::clock;
use crate::node::Facts;
use crate::vault::Vault;
use api::admin as shape;
use api::codes::Code;
use api::couriers::Courier;
use api::deliveries::DirectRequest;
use api::problem::Problem;
use api::restaurants::RestaurantSummary;
use api::wire::{Done, Page};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::courier::ApproveCourier;
use domain::delivery::{DirectDelivery, UnassignDelivery};
use domain::ids::{CityNumber, CourierId, RestaurantId};
use domain::order::{Fulfilment, Order};
use domain::restaurant::{ApproveRestaurant, PutRestaurant};
use domain::{Actor, Command};
use geo_index::Couriers;
use serde::Deserialize;
use std::sync::Arc;

/// Let a restaurant sell
#[utoipa::path(post, path = "/restaurant/{id}/approve", tag = "admin",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = Done, description = "Approved"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn approve_restaurant(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let restaurant_id = params::id(&id, Code::RestaurantUnknown)?;
    let wish = ApproveRestaurant { restaurant_id };
    act(&operator, &log, Command::ApproveRestaurant(wish)).await
}

/// Let a courier carry
#[utoipa::path(post, path = "/courier/{id}/approve", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_..")),
    responses((status = 200, body = Done, description = "Approved"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn approve_courier(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let courier_id = params::id(&id, Code::CourierUnknown)?;
    act(&operator, &log, Command::ApproveCourier(ApproveCourier { courier_id })).await
}

/// Why an operator takes a delivery from its courier.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnassignRequest {
    /// For the audit chain.
    #[schema(example = "the bicycle broke down")]
    reason: String,
}

/// Take a delivery from its courier
#[utoipa::path(post, path = "/delivery/{id}/unassign", tag = "admin",
    security(("bearer" = [])), params(("id" = String, Path, description = "dlv_..")),
    request_body = UnassignRequest,
    responses((status = 200, body = Done, description = "Free again"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn unassign(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
    Json(body): Json<UnassignRequest>,
) -> Answer<impl IntoResponse> {
    let delivery_id = params::id(&id, Code::DeliveryUnknown)?;
    let wish = UnassignDelivery { delivery_id, reason: body.reason };
    act(&operator, &log, Command::UnassignDelivery(wish)).await
}

/// Decide what becomes of a delivery that is stuck
///
/// Of food that could not be handed over, or of a courier who is gone.
#[utoipa::path(post, path = "/delivery/{id}/direct", tag = "admin",
    security(("bearer" = [])), params(("id" = String, Path, description = "dlv_..")),
    request_body(content = DirectRequest,
        example = json!({"to": "disposed", "reason": "the kitchen is closed by now"})),
    responses((status = 200, body = Done, description = "Decided"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn direct(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
    Json(body): Json<DirectRequest>,
) -> Answer<impl IntoResponse> {
    let delivery_id = params::id(&id, Code::DeliveryUnknown)?;
    let DirectRequest { to, reason } = body;
    let wish = DirectDelivery { delivery_id, to, reason };
    act(&operator, &log, Command::DirectDelivery(wish)).await
}

async fn act(
    operator: &Operator<Writes>,
    log: &Log,
    command: Command,
) -> Answer<impl IntoResponse + use<>> {
    let done = log.propose(operator.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// Which orders.
#[derive(Debug, Deserialize)]
pub(super) struct OrdersAsked {
    #[serde(default)]
    unanswered: bool,
}

/// Every order, newest first
#[utoipa::path(get, path = "/orders", tag = "admin", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "States, separated by commas"),
        ("unanswered" = Option<bool>, Query,
            description = "Only those that operators were told of, since no kitchen reacts"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<api::orders::Order>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn orders(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    _: Operator,
    reads: Reads,
    Params(asked): Params<OrdersAsked>,
    Params(by_state): Params<ByState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit, states) = (paging.order_cursor()?, paging.limit()?, by_state.states()?);
    if asked.unanswered && !states.is_empty() {
        return Err(Fail::field(Code::ParamInvalid, "unanswered", "not together with state"));
    }
    let Read { view, index, .. } = reads.current().await?;
    let page = match asked.unanswered {
        true => view.unanswered_orders(cursor, limit)?,
        false => view.orders(&states, cursor, limit)?,
    };
    let render = |order: Arc<Order>| render::order(&facts, &vault, &view, &order, Eyes::Operator);
    Ok((FdIndex(index), axum::Json(order_page(page, render)?)))
}

/// Every courier, by id
#[utoipa::path(get, path = "/couriers", tag = "admin", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<Courier>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn couriers(
    State(couriers): State<Arc<Couriers>>,
    _: Operator,
    reads: Reads,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (after, limit) = (paging.id_cursor::<CourierId>()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let mut found = view.couriers(after, limit + 1)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| has_more).map(|courier| courier.id.to_string());
    let now = clock::now();
    let data = found.iter().map(|courier| render::courier(&couriers, now, courier)).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Every restaurant, by id
#[utoipa::path(get, path = "/restaurants", tag = "admin", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<RestaurantSummary>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn restaurants(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (after, limit) = (paging.id_cursor::<RestaurantId>()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let (now, holidays) = (clock::now(), Holidays::of(view.terms()?));
    let mut data = Vec::with_capacity(limit + 1);
    for restaurant in view.restaurants() {
        let restaurant = restaurant?;
        if after.is_some_and(|after| restaurant.id <= after) {
            continue;
        }
        let state = open_state(&facts, &holidays, now, &restaurant, Fulfilment::Delivery);
        data.push(render::summary(&facts, state, &restaurant, None));
        if data.len() > limit {
            break;
        }
    }
    let has_more = data.len() > limit;
    data.truncate(limit);
    let next_cursor = data.last().filter(|_| has_more).map(|row| row.restaurant_id.to_string());
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Many things at once
///
/// Each item is judged alone, in order; 207 with one result for each.
#[utoipa::path(post, path = "/bulk", tag = "admin", security(("bearer" = [])),
    request_body = shape::BulkRequest,
    responses((status = 207, body = shape::BulkAnswer, description = "One result for each item"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn bulk(
    State(city): State<CityNumber>,
    operator: Operator<Writes>,
    log: Log,
    Json(body): Json<shape::BulkRequest>,
) -> Answer<impl IntoResponse> {
    if body.items.is_empty() || body.items.len() > shape::BULK_ITEMS {
        return Err(Fail::field(Code::FieldInvalid, "/items", "has from 1 to 500 items"));
    }
    let actor = operator.caller.actor();
    let mut results = Vec::with_capacity(body.items.len());
    for (place, item) in body.items.into_iter().enumerate() {
        let done = one(city, &log, actor.clone(), item, &format!("/items/{place}")).await;
        results.push(match done {
            Ok(done) => shape::BulkResult { status: 200, index: Some(done.index), problem: None },
            Err(fail) => shape::BulkResult {
                status: fail.status().as_u16(),
                index: None,
                problem: Some(fail.problem(&format!("/v1/admin/bulk#/items/{place}"), "")),
            },
        });
    }
    Ok((StatusCode::MULTI_STATUS, axum::Json(shape::BulkAnswer { results })))
}

async fn one(
    city: CityNumber,
    log: &Log,
    actor: Actor,
    item: shape::BulkItem,
    at: &str,
) -> Answer<super::writing::Done> {
    let (command, part) = match item {
        shape::BulkItem::PutRestaurant { restaurant_id, profile: body } => {
            let profile = profile(*body, &format!("{at}/profile"))?;
            let wish = PutRestaurant { restaurant_id, profile };
            (Command::PutRestaurant(Box::new(wish)), "profile")
        }
        shape::BulkItem::PutMenu { restaurant_id, menu } => {
            let menu = whole(city, restaurant_id, *menu, &format!("{at}/menu"), None)?;
            (Command::PutMenu(Box::new(menu)), "menu")
        }
    };
    log.propose(actor, command).await.map_err(|fail| fail.under(&format!("{at}/{part}")))
}

/// Bytes as people compare them.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
