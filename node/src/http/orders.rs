//! A customer's orders: placing, following, calling off.

use super::addresses::note;
use super::auth::{AsKnown, Person};
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::marks::{Device, marks_of};
use super::params::{self, Paging, Params, order_page};
use super::payment_methods;
use super::reading::{FdIndex, Read, Reads};
use super::render::{self, Eyes, STALE_POSITION_MS};
use super::wanted::{Said, wanted};
use super::writing::{Done, Log};
use crate::clock;
use crate::derived::kitchens::{Kitchens, metres};
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::orders as shape;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::Account;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::ids::{CityNumber, OrderId, QuoteId, RestaurantId};
use domain::money::Money;
use domain::order::OrderState;
use domain::order::{Goods, Order, PlaceOrder};
use domain::position::Position;
use domain::time::{MINUTE_MS, Timestamp};
use domain::{Command, Rejection};
use geo_index::{Couriers, haversine_m};
use serde::Deserialize;
use std::sync::Arc;
use storage::CityView;

/// How fast a courier is taken to be where nothing better is known, in metres a second.
const COURIER_SPEED_MPS: f64 = 4.0;
/// How wide a promised window is.
const ETA_WINDOW_MS: i64 = 10 * MINUTE_MS;

/// Place an order
///
/// By quote, or by a basket that is priced now; to an address or a saved one; paid as it says, or
/// with the default of what you have saved. The gateway is asked afterwards: follow `links`.
#[utoipa::path(post, path = "/order", tag = "orders", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "The same request with the same key is the same order"),
        ("Fd-Device" = Option<String>, Header,
            description = "What the app calls the device that it runs on; only a hash is kept")),
    request_body = shape::PlaceOrderRequest,
    responses((status = 201, body = shape::OrderPlaced, description = "Placed, now or before"),
        (status = "default", body = Problem, description = "Refused: nothing is reserved")))]
pub(super) async fn place(
    desk: Placing,
    Keyed { body, key, request }: Keyed<shape::PlaceOrderRequest>,
) -> Answer<impl IntoResponse> {
    let Placing { person, device, log, reads, vault, city, facts, kitchens } = desk;
    let customer = person.account.id;
    let key = key.or_else(|| body.quote_id.map(|quote| quote.to_string()));
    let key = Key::or_drawn(key, &vault)?;
    let order_id = OrderId::derive(city, &[&customer.0, key.text.as_bytes()]);
    let mut saved = None;
    if body.address_id.is_some() || body.payment.is_none() {
        let view = reads.newest().await?.view;
        // What a repeat leaves to what is saved may be gone by now: the order says what it was.
        if let Some(order) = view.order(order_id)?.filter(|order| order.request == request) {
            let done = Done { index: order.placed_index, changed: false };
            let answer = axum::Json(placed(&facts, &order));
            return Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer));
        }
        saved = view.belongings(customer)?;
    }
    let method =
        payment_methods::chosen(&vault, customer, saved.as_deref(), body.payment.as_ref())?;
    let marks = marks_of(&vault, city, &person.account, &device, &method);
    let note = vault.seal(customer, note("/note", body.note.as_deref())?)?;
    let (tip, expected_total) = (Money(body.tip.unwrap_or(0)), body.expected_total.map(Money));
    let (contactless, pin_at_door) = (body.contactless, body.pin_at_door);
    let goods = match said(body)? {
        Bought::Quoted(quote) => Goods::Quote(quote),
        Bought::Said(said) => {
            let saved = saved.as_deref();
            Goods::Basket(wanted(&vault, &kitchens, &reads, customer, saved, said).await?)
        }
    };
    let command = Command::PlaceOrder(Box::new(PlaceOrder {
        order_id,
        goods,
        method,
        tip,
        note,
        contactless,
        pin_at_door,
        pins: vault.draw_pins(order_id, customer)?,
        expected_total,
        marks,
        request,
    }));
    let done = match log.decide(person.caller.actor(), command).await? {
        Ok(done) => done,
        Err(Rejection::PriceChanged { receipt }) => {
            let receipt = serde_json::json!(render::receipt(&facts, &receipt));
            return Err(Fail::new(Code::PriceChanged).with("receipt", receipt));
        }
        Err(why) => return Err(why.into()),
    };
    let view = reads.after_write(done.index).await?.view;
    let order = view.order(order_id)?.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    let answer = axum::Json(placed(&facts, &order));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// What placing needs.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(crate::node::Parts))]
pub(super) struct Placing {
    person: Person,
    device: Device,
    log: Log,
    reads: Reads,
    #[from_request(via(State))]
    vault: Vault,
    #[from_request(via(State))]
    city: CityNumber,
    #[from_request(via(State))]
    facts: Arc<Facts>,
    #[from_request(via(State))]
    kitchens: Arc<Kitchens>,
}

/// What is bought, as a body says it.
enum Bought {
    Quoted(QuoteId),
    Said(Said),
}

/// A quote has all that it was made for; a basket comes with what belongs to it.
fn said(body: shape::PlaceOrderRequest) -> Answer<Bought> {
    match (body.quote_id, body.restaurant_id, body.basket) {
        (Some(quote), None, None)
            if body.address.is_none()
                && body.address_id.is_none()
                && body.coupon_code.is_none()
                && body.fulfilment.is_none()
                && body.when.is_none() =>
        {
            Ok(Bought::Quoted(quote))
        }
        (None, Some(restaurant_id), Some(basket)) => Ok(Bought::Said(Said {
            restaurant_id,
            basket,
            address: body.address,
            address_id: body.address_id,
            fulfilment: body.fulfilment,
            when: body.when,
            coupon_code: body.coupon_code,
        })),
        _ => {
            let rule = "send quote_id, or restaurant_id and basket with all that belongs to them";
            Err(Fail::field(Code::FieldInvalid, "", rule))
        }
    }
}

/// Facts of the placing entry only: the same bytes for every repeat.
fn placed(facts: &Facts, order: &Order) -> shape::OrderPlaced {
    let state = if order.placed_as_pending { OrderState::Pending } else { OrderState::Placed };
    shape::OrderPlaced {
        order_id: order.id,
        restaurant_id: order.restaurant_id,
        state,
        placed_at: Time(order.placed_at),
        receipt: render::receipt(facts, order.placed_receipt()),
        index: order.placed_index,
        links: render::links(order.id),
    }
}

/// Where an order stands
///
/// Answers with what this node has, marked `stale`, when the city has no leader at the moment.
#[utoipa::path(get, path = "/order/{order_id}/status", tag = "orders",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_..")),
    responses((status = 200, body = shape::OrderStatus, description = "Order, payment, delivery"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn status(
    State(couriers): State<Arc<Couriers>>,
    State(facts): State<Arc<Facts>>,
    AsKnown(person): AsKnown<Person>,
    reads: Reads,
    Path(order_id): Path<String>,
) -> Answer<impl IntoResponse> {
    let read = reads.tracking().await?;
    let (order, eyes) = tracked(&read, &person.account, &order_id)?;
    let (index, stale) = (read.index, read.stale);
    let mut answer = follow(&read.view, &couriers, &order, stale, clock::now())?;
    if matches!(eyes, Eyes::Customer | Eyes::Operator) {
        let payment = read.view.payment(order.payment_id)?;
        answer.payment = payment.map(|payment| super::money::shown(&facts, &payment));
    }
    Ok((FdIndex(index), axum::Json(answer)))
}

/// The same as [`visible`], but a copy that may lack what happened last does not say that an order
/// which it has not heard of does not exist.
pub(super) fn tracked(
    read: &Read,
    account: &Account,
    order_id: &str,
) -> Answer<(Arc<Order>, Eyes)> {
    let id: OrderId = params::id(order_id, Code::OrderUnknown)?;
    if read.stale && read.view.order(id)?.is_none() {
        return Err(Fail::new(Code::Behind));
    }
    visible(&read.view, account, order_id)
}

/// What those who wait for an order see.
pub(super) fn follow(
    view: &CityView,
    couriers: &Couriers,
    order: &Order,
    stale: bool,
    now: Timestamp,
) -> Answer<shape::OrderStatus> {
    let payment = view.payment(order.payment_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    let delivery = delivery_of(view, order)?;
    let delivery = delivery.as_deref();
    Ok(shape::OrderStatus {
        order_id: order.id,
        state: order.status.state(),
        payment_state: payment.status,
        payment: None,
        delivery_state: delivery.map(|delivery| delivery.status.state()),
        fulfilment: order.fulfilment,
        promised: render::window(order.promised),
        ready_at: order.ready_at.map(Time),
        eta: delivery.and_then(|delivery| eta(couriers, order, delivery, now)),
        courier: delivery.and_then(|delivery| on_map(couriers, delivery, now)),
        timeline: render::timeline(order),
        revision: order.revision,
        stale,
    })
}

/// The way of an order; nothing if it is picked up.
pub(super) fn delivery_of(view: &CityView, order: &Order) -> Answer<Option<Arc<Delivery>>> {
    let Some(id) = order.delivery_id else { return Ok(None) };
    match view.delivery(id)? {
        Some(delivery) => Ok(Some(delivery)),
        None => {
            tracing::error!(%id, "an order lacks its delivery");
            Err(Fail::new(Code::Internal))
        }
    }
}

/// The courier, while the customer has a reason to know where they are: from their yes to the end.
pub(super) fn on_map(
    couriers: &Couriers,
    delivery: &Delivery,
    now: Timestamp,
) -> Option<shape::CourierOnMap> {
    let courier_id = match delivery.status {
        DeliveryStatus::Assigned { courier_id }
        | DeliveryStatus::AtStore { courier_id }
        | DeliveryStatus::PickedUp { courier_id }
        | DeliveryStatus::AtDoor { courier_id } => courier_id,
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => return None,
    };
    let seen = couriers.get(courier_id, now);
    Some(shape::CourierOnMap {
        courier_id,
        position: seen.map(|seen| seen.position.into()),
        age_ms: seen.map(|seen| seen.age_ms),
        stale: seen.is_none_or(|seen| seen.age_ms > STALE_POSITION_MS),
    })
}

fn eta(
    couriers: &Couriers,
    order: &Order,
    delivery: &Delivery,
    now: Timestamp,
) -> Option<shape::EtaWindow> {
    if order.status.state().is_terminal() {
        return None;
    }
    let travel = |metres: f64| (metres / COURIER_SPEED_MPS * 1_000.0) as i64;
    let carried =
        matches!(delivery.status, DeliveryStatus::PickedUp { .. } | DeliveryStatus::AtDoor { .. });
    let seen = delivery.status.holder().and_then(|id| couriers.get(id, now)).filter(|_| carried);
    let at = match seen {
        Some(seen) => now.plus_ms(travel(haversine_m(seen.position, delivery.drop))),
        None => {
            let ready = order.ready_at.unwrap_or(delivery.ready_at).max(now);
            ready.plus_ms(travel(f64::from(order.distance_m)))
        }
    };
    Some(shape::EtaWindow { from: Time(at), to: Time(at.plus_ms(ETA_WINDOW_MS)) })
}

/// An order, whole
#[utoipa::path(get, path = "/order/{order_id}", tag = "orders", security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_..")),
    responses((status = 200, body = shape::Order, description = "The order"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
    Path(order_id): Path<String>,
) -> Answer<impl IntoResponse> {
    let read = reads.current().await?;
    let (order, eyes) = visible(&read.view, &person.account, &order_id)?;
    let answer = render::order(&facts, &vault, &read.view, &order, eyes)?;
    Ok((FdIndex(read.index), axum::Json(answer)))
}

/// Your orders, newest first
#[utoipa::path(get, path = "/orders", tag = "orders", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Order>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (paging.order_cursor()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let page = view.orders_of_customer(person.account.id, cursor, limit)?;
    let render = |order: Arc<Order>| render::order(&facts, &vault, &view, &order, Eyes::Customer);
    Ok((FdIndex(index), axum::Json(order_page(page, render)?)))
}

/// The order of a path, if this person has to do with it: else there is none.
pub(super) fn visible(
    view: &CityView,
    account: &Account,
    order_id: &str,
) -> Answer<(Arc<Order>, Eyes)> {
    let unknown = || Fail::new(Code::OrderUnknown);
    let id: OrderId = params::id(order_id, Code::OrderUnknown)?;
    let order = view.order(id)?.ok_or_else(unknown)?;
    if order.customer_id == account.id {
        return Ok((order, Eyes::Customer));
    }
    if account.operator.is_some() {
        return Ok((order, Eyes::Operator));
    }
    // A pending order is not the kitchen's yet.
    let placed = order.status.state() != OrderState::Pending;
    if account.staff.contains_key(&order.restaurant_id) && placed {
        return Ok((order, Eyes::Kitchen));
    }
    let holder = match account.courier {
        Some(courier) => {
            let delivery = delivery_of(view, &order)?;
            delivery.and_then(|delivery| delivery.status.holder()) == Some(courier)
        }
        None => false,
    };
    if holder { Ok((order, Eyes::Courier)) } else { Err(unknown()) }
}

/// How far a kitchen is from a door, in metres; nothing if there is no such kitchen. The map
/// follows the store, and on a node that has just come up it is empty: then the log is asked, since
/// a kitchen that merely seems unknown would deliver everywhere.
pub(super) async fn distance(
    kitchens: &Kitchens,
    reads: &Reads,
    restaurant: RestaurantId,
    to: Position,
) -> Answer<Option<u32>> {
    let restaurant = match kitchens.get(restaurant) {
        Some(restaurant) => Some(restaurant),
        None => reads.newest().await?.view.restaurant(restaurant)?,
    };
    let from = restaurant.map(|restaurant| restaurant.profile.position);
    Ok(from.map(|from| metres(haversine_m(from, to))))
}

/// What the kitchen's list can be narrowed to; shared with the operators' list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ByState {
    state: Option<String>,
}

impl ByState {
    /// The states that were named, separated by commas.
    pub(super) fn states(&self) -> Answer<Vec<OrderState>> {
        let Some(text) = &self.state else { return Ok(Vec::new()) };
        let parse = |word: &str| {
            serde_json::from_value(serde_json::Value::String(word.trim().to_owned())).map_err(
                |_| Fail::field(Code::ParamInvalid, "state", "is an order's state, as placed"),
            )
        };
        text.split(',').map(parse).collect()
    }
}
