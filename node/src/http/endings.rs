//! Calling an order off, and what that costs; the same again tomorrow.

use super::auth::{Caller, Person};
use super::body::Json;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::orders::{delivery_of, visible};
use super::params::{self, Params};
use super::quotes;
use super::reading::Reads;
use super::render::Eyes;
use super::writing::{Done as Written, Log};
use crate::clock;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::orders as shape;
use api::problem::Problem;
use api::refunds::Bill;
use api::substitutions::{Change, Changed, Reorder};
use api::wire::Done;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::{CityNumber, OrderId, QuoteId};
use domain::order::{CancelOrder, Fault, Order, Wanted, When, cancellation, fault_by_platform};
use domain::pricing::{BasketLine, BasketOption, ReceiptLine};
use domain::quote::MakeQuote;
use domain::{Command, Rejection};
use serde::Deserialize;
use std::sync::Arc;
use storage::CityView;

/// `?dry_run=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct DryRun {
    /// Only say what it would cost.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Call an order off
///
/// With `?dry_run=true` nothing happens, and the answer is what it would cost.
#[utoipa::path(post, path = "/order/{order_id}/cancel", tag = "orders",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("dry_run" = Option<bool>, Query, description = "Only say what it would cost")),
    request_body = shape::CancelRequest,
    responses((status = 200, body = Done, description = "Called off; a bill for a dry run"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn cancel(
    State(facts): State<Arc<Facts>>,
    person: Person,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Params(asked): Params<DryRun>,
    Json(body): Json<shape::CancelRequest>,
) -> Answer<Response> {
    if asked.dry_run {
        let view = reads.current().await?.view;
        let (order, eyes) = visible(&view, &person.account, &order_id)?;
        let fault = match eyes {
            Eyes::Customer => Fault::Customer,
            Eyes::Operator => fault_by_platform(body.reason),
            Eyes::Kitchen => Fault::Restaurant,
            Eyes::Courier => return Err(Fail::new(Code::OrderUnknown)),
        };
        return Ok(axum::Json(cost(&facts, &view, &order, fault)?).into_response());
    }
    let order_id = params::id(&order_id, Code::OrderUnknown)?;
    let command = Command::CancelOrder(CancelOrder { order_id, reason: body.reason, fault: None });
    let done = log.propose(person.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })).into_response())
}

/// What calling an order off would cost now.
pub(super) fn cost(facts: &Facts, view: &CityView, order: &Order, fault: Fault) -> Answer<Bill> {
    let founded = view.city()?.ok_or_else(|| Fail::new(Code::Internal))?;
    let rules = match view.terms()? {
        Some(terms) => terms.rules.at(clock::now()).clone(),
        None => founded.rules.clone(),
    };
    let delivery = delivery_of(view, order)?;
    let bill = cancellation(order, delivery.as_deref(), fault, &rules)?;
    Ok(shown(facts, &bill))
}

/// A bill as people see it.
pub(super) fn shown(facts: &Facts, bill: &domain::order::Bill) -> Bill {
    Bill {
        customer_pays: facts.money(bill.customer_pays),
        restaurant_paid: bill.restaurant_paid,
        courier_paid: bill.courier_paid,
        callout: facts.money(bill.callout),
        fault: bill.fault,
    }
}

/// The same again
///
/// A new quote for what is still there, at today's prices, and what is not as it was.
#[utoipa::path(post, path = "/order/{order_id}/reorder", tag = "orders",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("Idempotency-Key" = Option<String>, Header,
            description = "The same key is the same quote")),
    responses((status = 201, body = Reorder, description = "A quote, and what has changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn reorder(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    caller: Caller,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let key = Key::or_drawn(super::body::idempotency_key(&headers)?, &vault)?;
    let customer = caller.account_id();
    let view = reads.newest().await?.view;
    let order = view.order(order_id)?.filter(|order| order.customer_id == customer);
    let order = order.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    let parts: [&[u8]; 3] = [&customer.0, &order_id.0, key.text.as_bytes()];
    let quote_id = QuoteId::derive(city, &parts);
    let request = vault.digest(format!("reorder {order_id}").as_bytes());
    let mut lacking = Vec::new();
    for line in &order.placed_receipt().lines {
        if !is_there(&view, &order, line)? {
            lacking.push((line.clone(), Changed::Gone));
        }
    }
    drop(view);
    // What is sold out is known only once it is asked for: then the rest is asked for.
    let mut tries = 0;
    let done: Written = loop {
        let wanted = again(&order, &lacking);
        if wanted.basket.is_empty() {
            let changes = serde_json::json!(changes(&facts, &lacking, &[]));
            return Err(Fail::new(Code::OutOfStock).with("changes", changes));
        }
        let wish = MakeQuote { quote_id, wanted, request };
        match log.decide(caller.actor(), Command::MakeQuote(Box::new(wish))).await? {
            Ok(done) => break done,
            Err(Rejection::OutOfStock { dishes, options }) if tries == 0 => {
                tries += 1;
                let lines = order.placed_receipt().lines.iter();
                let missing = lines.filter(|line| {
                    let option = |it: &domain::pricing::ReceiptOption| {
                        options.contains(&it.option_id)
                            || it.dish_id.is_some_and(|id| dishes.contains(&id))
                    };
                    dishes.contains(&line.dish_id) || line.options.iter().any(option)
                });
                lacking.extend(missing.map(|line| (line.clone(), Changed::OutOfStock)));
            }
            Err(why) => return Err(why.into()),
        }
    };
    let view = reads.after_write(done.index).await?.view;
    let quote = view.quote(quote_id)?.ok_or_else(|| Fail::new(Code::QuoteExpired))?;
    let kept: Vec<ReceiptLine> = order
        .placed_receipt()
        .lines
        .iter()
        .filter(|line| !lacking.iter().any(|(gone, _)| gone == *line))
        .cloned()
        .collect();
    let pairs: Vec<_> = kept.iter().zip(&quote.receipt.lines).collect();
    let changes = changes(&facts, &lacking, &pairs);
    let answer = Reorder { quote: quotes::shown(&facts, &quote), changes };
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// Whether a line can be cooked as it was, as far as the menu knows.
fn is_there(view: &CityView, order: &Order, line: &ReceiptLine) -> Answer<bool> {
    let dish = view.dish(order.restaurant_id, line.dish_id)?;
    let Some(dish) = dish.filter(|dish| !dish.archived && !dish.hidden) else {
        return Ok(false);
    };
    let mut offered = Vec::new();
    for group_id in &dish.option_group_ids {
        if let Some(group) = view.option_group(order.restaurant_id, *group_id)? {
            offered.extend(group.options.iter().map(|option| option.id));
        }
    }
    Ok(line.options.iter().all(|option| offered.contains(&option.option_id)))
}

/// What was wanted then, without what is lacking, as soon as possible.
fn again(order: &Order, lacking: &[(ReceiptLine, Changed)]) -> Wanted {
    let there = |line: &&ReceiptLine| !lacking.iter().any(|(gone, _)| gone == *line);
    let option = |it: &domain::pricing::ReceiptOption| BasketOption {
        option_id: it.option_id,
        quantity: it.quantity,
    };
    let line = |line: &ReceiptLine| BasketLine {
        dish_id: line.dish_id,
        quantity: line.quantity,
        options: line.options.iter().map(option).collect(),
        note: line.note.clone(),
        if_unavailable: line.if_unavailable,
    };
    Wanted {
        restaurant_id: order.restaurant_id,
        basket: order.placed_receipt().lines.iter().filter(there).map(line).collect(),
        fulfilment: order.fulfilment,
        when: When::Asap,
        destination: order.destination.clone(),
        distance_m: order.distance_m,
        coupon_code: None,
    }
}

fn changes(
    facts: &Facts,
    lacking: &[(ReceiptLine, Changed)],
    pairs: &[(&ReceiptLine, &ReceiptLine)],
) -> Vec<Change> {
    let change = |line: &ReceiptLine, what, now: Option<&ReceiptLine>| Change {
        dish_id: line.dish_id,
        title: line.title.clone(),
        what,
        was: facts.money(line.unit),
        now: now.map(|now| facts.money(now.unit)),
    };
    let gone = lacking.iter().map(|(line, what)| change(line, *what, None));
    let dearer = pairs.iter().filter(|(was, now)| was.unit != now.unit);
    gone.chain(dearer.map(|(was, now)| change(was, Changed::Price, Some(*now)))).collect()
}
