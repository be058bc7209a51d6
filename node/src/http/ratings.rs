//! How it was.

use super::auth::{Caller, Staff};
use super::body::Json;
use super::error::{Answer, Fail};
use super::orders::delivery_of;
use super::params::{self, Paging, Params};
use super::reading::{FdIndex, Read, Reads};
use super::render;
use super::writing::Log;
use crate::vault::Vault;
use api::codes::Code;
use api::problem::Problem;
use api::ratings as shape;
use api::wire::{Done, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::{AccountId, CourierId, OrderId, RatingId, RestaurantId};
use domain::limits::TEXT_LETTERS;
use domain::order::{Order, OrderState};
use domain::rating::{RateOrder, Rating, ReplyRating, Stars, holds_contact};
use domain::sealed::Sealed;
use storage::{CityView, PAGE, RatingCursor};

/// Rate a restaurant for an order
///
/// Without `order_id` it is your newest unrated order there. Editable for 7 days.
#[utoipa::path(post, path = "/rate/{restaurant_id}", tag = "ratings", security(("bearer" = [])),
    params(("restaurant_id" = String, Path, description = "res_..")),
    request_body = shape::RateRequest,
    responses((status = 201, body = shape::Rated, description = "Rated"),
        (status = 200, body = shape::Rated, description = "Changed, or the same again"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn rate(
    State(vault): State<Vault>,
    caller: Caller,
    log: Log,
    reads: Reads,
    Path(restaurant_id): Path<String>,
    Json(body): Json<shape::RateRequest>,
) -> Answer<impl IntoResponse> {
    let restaurant_id: RestaurantId = params::id(&restaurant_id, Code::RestaurantUnknown)?;
    check_stars(&body)?;
    let view = reads.current().await?.view;
    if view.restaurant(restaurant_id)?.is_none() {
        return Err(Fail::new(Code::RestaurantUnknown));
    }
    let order_id = match body.order_id {
        Some(order_id) => order_id,
        None => newest_unrated(&view, caller.account_id(), restaurant_id)?
            .ok_or_else(|| Fail::new(Code::NotRateable))?,
    };
    // Somebody else's order looks like none; another restaurant's cannot be rated here.
    let order = view.order(order_id)?.filter(|o| o.customer_id == caller.account_id());
    let order = order.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    if order.restaurant_id != restaurant_id {
        return Err(Fail::because(Code::NotRateable, "that order was at another restaurant"));
    }
    let rating_id = RatingId::of(order_id);
    let before = view.rating(rating_id)?;
    let words = words(&vault, caller.account_id(), before.as_deref(), body.text)?;
    drop(view);
    let stars = Stars {
        restaurant: body.stars,
        food: body.food,
        packaging: body.packaging,
        accuracy: body.accuracy,
        courier: body.courier,
        ..before.as_deref().map(|rating| rating.stars).unwrap_or_default()
    };
    let wish = RateOrder { rating_id, order_id, stars, dishes: body.dishes, words };
    rated(&caller, &log, restaurant_id, wish, before.is_some()).await
}

/// Rate all of an order
///
/// The restaurant, the courier and the dishes in one call. Editable for 7 days.
#[utoipa::path(post, path = "/rate/order/{order_id}", tag = "ratings",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "ord_..")),
    request_body = shape::RateOrderRequest,
    responses((status = 201, body = shape::Rated, description = "Rated"),
        (status = 200, body = shape::Rated, description = "Changed, or the same again"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn rate_order(
    State(vault): State<Vault>,
    caller: Caller,
    log: Log,
    reads: Reads,
    Path(order_id): Path<String>,
    Json(body): Json<shape::RateOrderRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&order_id, Code::OrderUnknown)?;
    let view = reads.current().await?.view;
    let order = view.order(order_id)?.filter(|o| o.customer_id == caller.account_id());
    let order = order.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    let rating_id = RatingId::of(order_id);
    let before = view.rating(rating_id)?;
    let words = words(&vault, caller.account_id(), before.as_deref(), body.text)?;
    let existed = before.is_some();
    drop(view);
    let (kitchen, courier) = (body.restaurant, body.courier);
    field(("/restaurant/stars", Some(kitchen.stars)))?;
    let stars = Stars {
        restaurant: kitchen.stars,
        food: kitchen.food,
        packaging: kitchen.packaging,
        accuracy: kitchen.accuracy,
        courier: courier.map(|courier| courier.stars),
        care: courier.and_then(|courier| courier.care),
        manner: courier.and_then(|courier| courier.manner),
        speed: courier.and_then(|courier| courier.speed),
    };
    let wish = RateOrder { rating_id, order_id, stars, dishes: body.dishes, words };
    rated(&caller, &log, order.restaurant_id, wish, existed).await
}

/// Rate a courier
///
/// Without `order_id` it is your newest order that they carried. What you said of the restaurant
/// stays.
#[utoipa::path(post, path = "/rate/courier/{courier_id}", tag = "ratings",
    security(("bearer" = [])), params(("courier_id" = String, Path, description = "cou_..")),
    request_body = shape::RateCourierRequest,
    responses((status = 201, body = shape::Rated, description = "Rated"),
        (status = 200, body = shape::Rated, description = "Changed, or the same again"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn rate_courier(
    caller: Caller,
    log: Log,
    reads: Reads,
    Path(courier_id): Path<String>,
    Json(body): Json<shape::RateCourierRequest>,
) -> Answer<impl IntoResponse> {
    let courier_id: CourierId = params::id(&courier_id, Code::CourierUnknown)?;
    field(("/stars", Some(body.stars)))?;
    let view = reads.newest().await?.view;
    let order_id = match body.order_id {
        Some(order_id) => order_id,
        None => newest_carried(&view, caller.account_id(), courier_id)?
            .ok_or_else(|| Fail::new(Code::NotRateable))?,
    };
    let order = view.order(order_id)?.filter(|o| o.customer_id == caller.account_id());
    let order = order.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    if carrier(&view, &order)? != Some(courier_id) {
        return Err(Fail::because(Code::NotRateable, "that courier did not carry this order"));
    }
    let rating_id = RatingId::of(order_id);
    let before = view.rating(rating_id)?;
    drop(view);
    let said = before.as_deref();
    let stars = Stars {
        courier: Some(body.stars),
        care: body.care,
        manner: body.manner,
        speed: body.speed,
        ..said.map(|rating| rating.stars).unwrap_or_default()
    };
    let dishes = said.map(|rating| rating.dishes.clone()).unwrap_or_default();
    let words = said.map(|rating| rating.words.clone()).unwrap_or_default();
    let wish = RateOrder { rating_id, order_id, stars, dishes, words };
    rated(&caller, &log, order.restaurant_id, wish, before.is_some()).await
}

/// What somebody says, closed under their own key. The same words again stay as they are, or a
/// repeat would look like an edit.
fn words(
    vault: &Vault,
    who: AccountId,
    before: Option<&Rating>,
    text: Option<String>,
) -> Answer<Sealed> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Sealed::default()) };
    if text.chars().count() > TEXT_LETTERS {
        return Err(Fail::field(Code::FieldInvalid, "/text", "is at most 2000 letters"));
    }
    let said = before.filter(|it| vault.open(who, &it.words).as_ref() == Some(&text));
    Ok(match said {
        Some(rating) => rating.words.clone(),
        None => vault.seal(who, &text)?,
    })
}

async fn rated(
    caller: &Caller,
    log: &Log,
    restaurant_id: RestaurantId,
    wish: RateOrder,
    existed: bool,
) -> Answer<impl IntoResponse + use<>> {
    let (rating_id, order_id, stars) = (wish.rating_id, wish.order_id, wish.stars.restaurant);
    let done = log.propose(caller.actor(), Command::RateOrder(Box::new(wish))).await?;
    let status = if existed { StatusCode::OK } else { StatusCode::CREATED };
    let answer = shape::Rated { rating_id, order_id, restaurant_id, stars };
    Ok((status, done, axum::Json(answer)))
}

/// What people say of a restaurant, newest first
#[utoipa::path(get, path = "/restaurants/{id}/reviews", tag = "ratings",
    params(("id" = String, Path, description = "res_.."),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = shape::Reviews, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn reviews(
    State(vault): State<Vault>,
    reads: Reads,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let id: RestaurantId = params::id(&id, Code::RestaurantUnknown)?;
    let cursor = paging.time_cursor()?;
    let cursor = cursor.map(|(rated_at, id)| RatingCursor { rated_at, id: RatingId(id) });
    let limit = paging.limit()?;
    let Read { view, index, .. } = reads.browsing().await?;
    let restaurant = view.restaurant(id)?;
    let restaurant = restaurant.ok_or_else(|| Fail::new(Code::RestaurantUnknown))?;
    let page = view.ratings_of_restaurant(id, cursor, limit)?;
    let next_cursor = page.next.map(|cursor| params::after(cursor.rated_at, cursor.id.0));
    // Whoever rated the courier alone has said nothing of the restaurant.
    let of_it =
        page.ratings.iter().filter(|rating| rating.stars.restaurant > 0 && !rating.withdrawn);
    let answer = shape::Reviews {
        rating: render::rating(restaurant.rating_sum, restaurant.rating_count),
        rating_count: restaurant.rating_count,
        data: of_it.map(|rating| review(&vault, rating)).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    };
    Ok((FdIndex(index), axum::Json(answer)))
}

/// A rating as everybody sees it: words that hold contact data are for operators alone.
fn review(vault: &Vault, rating: &Rating) -> shape::Review {
    shape::Review {
        rating_id: rating.id,
        stars: rating.stars.restaurant,
        food: rating.stars.food,
        packaging: rating.stars.packaging,
        accuracy: rating.stars.accuracy,
        text: vault
            .open(rating.customer_id, &rating.words)
            .filter(|text| !text.is_empty() && !holds_contact(text)),
        rated_at: Time(rating.rated_at),
        reply: rating.reply.as_ref().map(|reply| reply.text.clone()),
    }
}

/// Answer a rating, once and in public
#[utoipa::path(post, path = "/restaurant/{id}/reviews/{rating_id}/reply", tag = "ratings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("rating_id" = String, Path, description = "rat_..")),
    request_body = shape::ReplyRequest,
    responses((status = 200, body = Done, description = "Said, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn reply(
    staff: Staff,
    log: Log,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::ReplyRequest>,
) -> Answer<impl IntoResponse> {
    let rating_id: RatingId = params::id(&path.1, Code::RatingUnknown)?;
    let wish = ReplyRating { rating_id, restaurant_id: staff.restaurant_id, text: body.text };
    let done = log.propose(staff.caller.actor(), Command::ReplyRating(wish)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

fn check_stars(body: &shape::RateRequest) -> Answer<()> {
    let given = [
        ("/stars", Some(body.stars)),
        ("/food", body.food),
        ("/packaging", body.packaging),
        ("/accuracy", body.accuracy),
        ("/courier", body.courier),
    ];
    given.into_iter().try_for_each(field)
}

fn field((pointer, stars): (&str, Option<u8>)) -> Answer<()> {
    match stars {
        Some(stars) if !(1..=5).contains(&stars) => {
            Err(Fail::field(Code::FieldInvalid, pointer, "is from 1 to 5"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Who carried an order.
fn carrier(view: &CityView, order: &Order) -> Answer<Option<CourierId>> {
    let delivery = delivery_of(view, order)?;
    Ok(delivery.and_then(|delivery| delivery.status.holder()))
}

fn newest_carried(
    view: &CityView,
    customer: AccountId,
    courier_id: CourierId,
) -> Answer<Option<OrderId>> {
    for order in view.orders_of_customer(customer, None, PAGE)?.orders {
        let ended = order.status.state().is_terminal();
        if ended && carrier(view, &order)? == Some(courier_id) {
            return Ok(Some(order.id));
        }
    }
    Ok(None)
}

fn newest_unrated(
    view: &CityView,
    customer: AccountId,
    restaurant: RestaurantId,
) -> Answer<Option<OrderId>> {
    let page = view.orders_of_customer(customer, None, PAGE)?;
    for order in page.orders {
        let ended = order.restaurant_id == restaurant
            && matches!(order.status.state(), OrderState::Completed | OrderState::NoShow);
        if ended && view.rating(RatingId::of(order.id))?.is_none() {
            return Ok(Some(order.id));
        }
    }
    Ok(None)
}
