//! What people do about money after placing: another card, a tip.

use super::auth::Person;
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::marks::{Device, marks_of};
use super::params;
use super::payment_methods::method;
use super::reading::Reads;
use super::writing::Log;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::money as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::{AccountId, CityNumber, OrderId, PaymentId};
use domain::money::Money;
use domain::payment::{Payment, Purpose, RetryPayment, TipOrder};
use std::sync::Arc;

/// Pay in another way
///
/// For an order that waits for its money: one attempt at a time, until its time is over. A card
/// that waits for a confirmation is let go.
#[utoipa::path(post, path = "/order/{order_id}/payment", tag = "orders",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_.."),
        ("Fd-Device" = Option<String>, Header,
            description = "What the app calls the device that it runs on; only a hash is kept")),
    request_body = shape::RetryRequest,
    responses((status = 201, body = shape::PaymentShown, description = "The bank is asked"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn retry(
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    State(vault): State<Vault>,
    person: Person,
    device: Device,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Keyed { body, key, request }: Keyed<shape::RetryRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let key = Key::or_drawn(key, &vault)?;
    let method = method(&body.payment)?;
    let payment_id = named(city, person.caller.account_id(), order_id, "attempt", &key);
    let marks = marks_of(&vault, city, &person.account, &device, &method);
    let wish = RetryPayment { order_id, payment_id, method, marks, request };
    let done = log.propose(person.caller.actor(), Command::RetryPayment(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let payment = view.payment(payment_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    let answer = axum::Json(shown(&facts, &payment));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// Tip the courier or the kitchen
///
/// After the order was completed, for a day. Needs an Idempotency-Key: a second click is the same
/// tip.
#[utoipa::path(post, path = "/order/{order_id}/tip", tag = "orders",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_.."),
        ("Idempotency-Key" = String, Header, description = "Required")),
    request_body = shape::TipRequest,
    responses((status = 201, body = shape::PaymentShown, description = "The bank is asked"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn tip(
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    person: Person,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Keyed { body, key, request }: Keyed<shape::TipRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let key = Key::required(key)?;
    let method = method(&body.payment)?;
    let payment_id = named(city, person.caller.account_id(), order_id, "tip", &key);
    let (amount, to) = (Money(body.amount), body.to);
    let wish = TipOrder { payment_id, order_id, amount, to, method, request };
    let done = log.propose(person.caller.actor(), Command::TipOrder(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let payment = view.payment(payment_id)?.ok_or_else(|| Fail::new(Code::Internal))?;
    let answer = axum::Json(shown(&facts, &payment));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// The name of a payment that a customer makes with a key.
fn named(
    city: CityNumber,
    customer: AccountId,
    order_id: OrderId,
    what: &str,
    key: &Key,
) -> PaymentId {
    let parts: [&[u8]; 4] = [&customer.0, &order_id.0, what.as_bytes(), key.text.as_bytes()];
    PaymentId::derive(city, &parts)
}

/// A payment as who pays sees it.
pub(super) fn shown(facts: &Facts, payment: &Payment) -> shape::PaymentShown {
    shape::PaymentShown {
        payment_id: payment.id,
        state: payment.status,
        amount: facts.money(payment.amount),
        tip_for: match payment.purpose {
            Purpose::Order => None,
            Purpose::Tip { to } => Some(to),
        },
        action_url: payment.action_url.clone(),
        decline: payment.decline.clone(),
        created_at: Time(payment.created_at),
    }
}
