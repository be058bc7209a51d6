//! Restaurants and dishes that somebody likes to come back to.

use super::addresses::decide;
use super::auth::Person;
use super::error::Answer;
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use api::belongings as shape;
use api::codes::Code;
use api::problem::Problem;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::{Belongings, BelongingsChange, Favourite, SetFavourite};

/// What I like
#[utoipa::path(get, path = "/me/favourites", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Favourites, description = "All of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(person: Person, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let all = view.belongings(person.account.id)?;
    let answer = all.map_or_else(shape::Favourites::default, |all| shown(&all));
    Ok((FdIndex(index), axum::Json(answer)))
}

/// Like a restaurant
///
/// At most 200 restaurants and dishes together.
#[utoipa::path(put, path = "/me/favourites/restaurants/{id}", tag = "accounts",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    responses((status = 204, description = "It is a favourite, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put_restaurant(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    set(&person, &log, restaurant(&id)?, true).await
}

/// Like a restaurant no more
#[utoipa::path(delete, path = "/me/favourites/restaurants/{id}", tag = "accounts",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    responses((status = 204, description = "It is none, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn drop_restaurant(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    set(&person, &log, restaurant(&id)?, false).await
}

/// Like a dish
///
/// A dish is named together with its restaurant, as everywhere. At most 200 restaurants and dishes
/// together.
#[utoipa::path(put, path = "/me/favourites/restaurants/{id}/dishes/{dish_id}", tag = "accounts",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("dish_id" = String, Path, description = "dsh_..")),
    responses((status = 204, description = "It is a favourite, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put_dish(
    person: Person,
    log: Log,
    Path((id, dish_id)): Path<(String, String)>,
) -> Answer<impl IntoResponse> {
    set(&person, &log, dish(&id, &dish_id)?, true).await
}

/// Like a dish no more
#[utoipa::path(delete, path = "/me/favourites/restaurants/{id}/dishes/{dish_id}", tag = "accounts",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("dish_id" = String, Path, description = "dsh_..")),
    responses((status = 204, description = "It is none, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn drop_dish(
    person: Person,
    log: Log,
    Path((id, dish_id)): Path<(String, String)>,
) -> Answer<impl IntoResponse> {
    set(&person, &log, dish(&id, &dish_id)?, false).await
}

async fn set(
    person: &Person,
    log: &Log,
    favourite: Favourite,
    is_one: bool,
) -> Answer<impl IntoResponse + use<>> {
    let wish = BelongingsChange::SetFavourite(SetFavourite { favourite, is_one });
    let done = decide(log, person, wish).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

fn restaurant(id: &str) -> Answer<Favourite> {
    params::id(id, Code::RestaurantUnknown).map(Favourite::Restaurant)
}

fn dish(id: &str, dish_id: &str) -> Answer<Favourite> {
    let restaurant_id = params::id(id, Code::RestaurantUnknown)?;
    Ok(Favourite::Dish(restaurant_id, params::id(dish_id, Code::DishUnknown)?))
}

/// Everything that somebody likes, as they see it.
pub(super) fn shown(all: &Belongings) -> shape::Favourites {
    let mut answer = shape::Favourites::default();
    for favourite in &all.favourites {
        match *favourite {
            Favourite::Restaurant(id) => answer.restaurant_ids.push(id),
            Favourite::Dish(restaurant_id, dish_id) => {
                answer.dishes.push(shape::FavouriteDish { restaurant_id, dish_id });
            }
        }
    }
    answer
}
