//! What a basket would cost, and for how long.

use super::auth::Person;
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params;
use super::reading::{FdIndex, Reads};
use super::render;
use super::wanted::{Said, wanted};
use super::writing::{Done, Log};
use crate::clock;
use crate::derived::kitchens::Kitchens;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::problem::Problem;
use api::quotes as shape;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::{CityNumber, QuoteId};
use domain::quote::MakeQuote;
use std::sync::Arc;

/// Price a basket
///
/// The price holds until `expires_at`, for one order.
#[utoipa::path(post, path = "/quotes", tag = "orders", security(("bearer" = [])),
    request_body = shape::QuoteRequest,
    responses((status = 201, body = shape::Quote, description = "The quote"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    State(kitchens): State<Arc<Kitchens>>,
    Person { caller, .. }: Person,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::QuoteRequest>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(key, &vault)?;
    let customer = caller.account_id();
    let quote_id = QuoteId::derive(city, &[&customer.0, key.text.as_bytes()]);
    let mut saved = None;
    if body.address_id.is_some() {
        let view = reads.newest().await?.view;
        // What a repeat names may be gone by now: the quote says what it was.
        if let Some(quote) = view.quote(quote_id)?.filter(|quote| quote.request == request) {
            let done = Done { index: quote.made_index, changed: false };
            let answer = axum::Json(shown(&facts, &quote));
            return Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer));
        }
        saved = view.belongings(customer)?;
    }
    let said = Said {
        restaurant_id: body.restaurant_id,
        basket: body.basket,
        address: body.address,
        address_id: body.address_id,
        fulfilment: body.fulfilment,
        when: body.when,
        coupon_code: body.coupon_code,
    };
    let saved = saved.as_deref();
    let wanted = wanted(&vault, &kitchens, &reads, customer, saved, said).await?;
    let command = Command::MakeQuote(Box::new(MakeQuote { quote_id, wanted, request }));
    let done = log.propose(caller.actor(), command).await?;
    let view = reads.after_write(done.index).await?.view;
    let quote = view.quote(quote_id)?.ok_or_else(|| Fail::new(Code::QuoteExpired))?;
    let answer = axum::Json(shown(&facts, &quote));
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// A quote of yours
#[utoipa::path(get, path = "/quotes/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = String, Path, description = "quo_..")),
    responses((status = 200, body = shape::Quote, description = "The quote"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    Person { caller, .. }: Person,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let id: QuoteId = params::id(&id, Code::QuoteUnknown)?;
    let read = reads.current().await?;
    let quote = read.view.quote(id)?.filter(|quote| quote.customer_id == caller.account_id());
    let quote = quote.ok_or_else(|| Fail::new(Code::QuoteUnknown))?;
    if clock::now() >= quote.expires_at {
        return Err(Fail::new(Code::QuoteExpired));
    }
    Ok((FdIndex(read.index), axum::Json(shown(&facts, &quote))))
}

pub(super) fn shown(facts: &Facts, quote: &domain::quote::Quote) -> shape::Quote {
    shape::Quote {
        quote_id: quote.id,
        restaurant_id: quote.restaurant_id,
        fulfilment: quote.fulfilment,
        when: quote.when.into(),
        promised: render::window(quote.promised),
        receipt: render::receipt(facts, &quote.receipt),
        expires_at: Time(quote.expires_at),
    }
}
