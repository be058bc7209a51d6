//! How it was.

use super::auth::Caller;
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::Reads;
use super::writing::Log;
use api::codes::Code;
use api::problem::Problem;
use api::ratings as shape;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::ids::{AccountId, OrderId, RatingId, RestaurantId};
use domain::order::OrderState;
use domain::rating::{RateOrder, Stars};
use std::collections::BTreeMap;
use storage::{CityView, PAGE};

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
    let existed = view.rating(rating_id)?.is_some();
    drop(view);
    let stars = Stars {
        restaurant: body.stars,
        food: body.food,
        packaging: body.packaging,
        courier: body.courier,
        ..Stars::default()
    };
    let wish = RateOrder { rating_id, order_id, stars, dishes: BTreeMap::new(), text: body.text };
    let done = log.propose(caller.actor(), Command::RateOrder(Box::new(wish))).await?;
    let status = if existed { StatusCode::OK } else { StatusCode::CREATED };
    let answer = shape::Rated { rating_id, order_id, restaurant_id, stars: body.stars };
    Ok((status, done, axum::Json(answer)))
}

fn check_stars(body: &shape::RateRequest) -> Answer<()> {
    let given = [
        ("/stars", Some(body.stars)),
        ("/food", body.food),
        ("/packaging", body.packaging),
        ("/courier", body.courier),
    ];
    match given.iter().find(|(_, stars)| stars.is_some_and(|stars| !(1..=5).contains(&stars))) {
        Some((pointer, _)) => Err(Fail::field(Code::FieldInvalid, *pointer, "is from 1 to 5")),
        None => Ok(()),
    }
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
