//! Coupons, as operators make and change them.

use super::auth::{Operator, Writes};
use super::body::{Json, Unparsed, parse};
use super::error::{Answer, Fail};
use super::params::{self, Paging, Params, if_match};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::node::Facts;
use api::codes::Code;
use api::coupons as shape;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use domain::Command;
use domain::coupon::{Coupon, CouponGives, CouponTerms, Payer, PutCoupon};
use domain::ids::{CityNumber, CouponId};
use domain::money::Money;
use std::sync::Arc;

/// Make a coupon
///
/// The same again is the same coupon; another one with this code is refused.
#[utoipa::path(post, path = "/coupons", tag = "admin", security(("bearer" = [])),
    request_body = shape::CouponTerms,
    responses((status = 201, body = shape::Coupon, description = "The coupon"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn make(
    State(facts): State<Arc<Facts>>,
    State(city): State<CityNumber>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::CouponTerms>,
) -> Answer<impl IntoResponse> {
    let coupon_id = CouponId::of(city, &body.code);
    let wish = PutCoupon { coupon_id, terms: told(body), if_version: Some(0) };
    let done = log.propose(operator.caller.actor(), Command::PutCoupon(Box::new(wish))).await?;
    let coupon = reads.after_write(done.index).await?.view.coupon(coupon_id)?;
    let coupon = coupon.ok_or_else(|| Fail::new(Code::Internal))?;
    let tag = [(header::ETAG, params::etag(coupon.version))];
    Ok((StatusCode::CREATED, tag, done, axum::Json(shown(&facts, &coupon))))
}

/// Every coupon, by id
#[utoipa::path(get, path = "/coupons", tag = "admin", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Coupon>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (after, limit) = (paging.id_cursor::<CouponId>()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let mut found = view.coupons(after, limit + 1)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| has_more).map(|coupon| coupon.id.to_string());
    let data = found.iter().map(|coupon| shown(&facts, coupon)).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// A coupon, and how much of it is used
#[utoipa::path(get, path = "/coupons/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "cpn_..")),
    responses((status = 200, body = shape::Coupon, description = "The coupon; ETag is its version"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let id: CouponId = params::id(&id, Code::CouponUnknown)?;
    let Read { view, index, .. } = reads.current().await?;
    let coupon = view.coupon(id)?.ok_or_else(|| Fail::new(Code::CouponUnknown))?;
    let tag = [(header::ETAG, params::etag(coupon.version))];
    Ok((FdIndex(index), tag, axum::Json(shown(&facts, &coupon))))
}

/// Change a coupon
///
/// A sparse merge: what is named changes, null takes a limit away. What was redeemed stays counted.
#[utoipa::path(patch, path = "/coupons/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "cpn_.."),
        ("If-Match" = Option<String>, Header, description = "The version you saw")),
    request_body(content = shape::CouponTerms, description = "Only what changes",
        example = json!({"until": "2026-12-31T22:00:00Z", "budget": null})),
    responses((status = 200, body = shape::Coupon, description = "Changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn change(
    State(facts): State<Arc<Facts>>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Path(id): Path<String>,
    Unparsed(body): Unparsed,
) -> Answer<impl IntoResponse> {
    let coupon_id: CouponId = params::id(&id, Code::CouponUnknown)?;
    let seen = if_match(&headers)?;
    let changes: serde_json::Map<String, serde_json::Value> = parse(&body)?;
    let before = reads.newest().await?.view.coupon(coupon_id)?;
    let before = before.ok_or_else(|| Fail::new(Code::CouponUnknown))?;
    let terms = merged(&shown(&facts, &before).terms, changes)?;
    // Between reading and writing somebody else may have changed it.
    let if_version = Some(seen.unwrap_or(before.version));
    let wish = PutCoupon { coupon_id, terms: told(terms), if_version };
    let done = log.propose(operator.caller.actor(), Command::PutCoupon(Box::new(wish))).await?;
    let coupon = reads.after_write(done.index).await?.view.coupon(coupon_id)?;
    let coupon = coupon.ok_or_else(|| Fail::new(Code::Internal))?;
    let tag = [(header::ETAG, params::etag(coupon.version))];
    Ok((tag, done, axum::Json(shown(&facts, &coupon))))
}

/// The terms with some members changed, as RFC 7396 has it; `gives` is one value.
fn merged(
    before: &shape::CouponTerms,
    changes: serde_json::Map<String, serde_json::Value>,
) -> Answer<shape::CouponTerms> {
    let broken = |error: serde_json::Error| Fail::internal("merging a coupon", &error);
    let mut terms = serde_json::to_value(before).map_err(broken)?;
    if let Some(members) = terms.as_object_mut() {
        for (name, value) in changes {
            if value.is_null() {
                members.remove(&name);
            } else {
                members.insert(name, value);
            }
        }
    }
    parse(&serde_json::to_vec(&terms).map_err(broken)?)
}

/// What an operator says, as the domain keeps it.
fn told(terms: shape::CouponTerms) -> CouponTerms {
    CouponTerms {
        code: terms.code,
        gives: match terms.gives {
            shape::CouponGives::Percent { millionths, up_to } => {
                CouponGives::Percent { millionths, up_to: up_to.map(Money) }
            }
            shape::CouponGives::Fixed { amount } => CouponGives::Fixed { amount: Money(amount) },
            shape::CouponGives::FreeDelivery => CouponGives::FreeDelivery,
        },
        from: terms.from.map(|time| time.0),
        until: terms.until.map(|time| time.0),
        restaurants: terms.restaurants,
        minimum: Money(terms.minimum),
        first_order: terms.first_order,
        per_person: terms.per_person,
        total: terms.total,
        budget: terms.budget.map(Money),
        payer: match terms.payer {
            shape::Payer::Platform => Payer::Platform,
            shape::Payer::Restaurant => Payer::Restaurant,
        },
        disabled: terms.disabled,
    }
}

fn shown(facts: &Facts, coupon: &Coupon) -> shape::Coupon {
    let terms = &coupon.terms;
    shape::Coupon {
        coupon_id: coupon.id,
        terms: shape::CouponTerms {
            code: terms.code.clone(),
            gives: match terms.gives {
                CouponGives::Percent { millionths, up_to } => {
                    shape::CouponGives::Percent { millionths, up_to: up_to.map(|money| money.0) }
                }
                CouponGives::Fixed { amount } => shape::CouponGives::Fixed { amount: amount.0 },
                CouponGives::FreeDelivery => shape::CouponGives::FreeDelivery,
            },
            from: terms.from.map(Time),
            until: terms.until.map(Time),
            restaurants: terms.restaurants.clone(),
            minimum: terms.minimum.0,
            first_order: terms.first_order,
            per_person: terms.per_person,
            total: terms.total,
            budget: terms.budget.map(|money| money.0),
            payer: match terms.payer {
                Payer::Platform => shape::Payer::Platform,
                Payer::Restaurant => shape::Payer::Restaurant,
            },
            disabled: terms.disabled,
        },
        used: coupon.used,
        spent: facts.money(coupon.spent),
        version: coupon.version,
    }
}
