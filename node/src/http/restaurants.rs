//! Restaurants: browsing them, and what they say of themselves.

use super::auth::{Caller, Staff};
use super::body::{Json, Keyed};
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::hours::{self, Holidays, open_state};
use super::params::{self, Params};
use super::reading::{FdIndex, Reads};
use super::render;
use super::search::{Reached, reach, warm};
use super::writing::Log;
use crate::clock;
use crate::derived::kitchens::Kitchens;
use crate::node::Facts;
use crate::vault::Vault;
use api::accounts::StaffRequest;
use api::codes::Code;
use api::problem::Problem;
use api::restaurants as shape;
use api::wire::{Done, Page, Point, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::GrantStaff;
use domain::area::Polygon;
use domain::ids::{CityNumber, RestaurantId};
use domain::money::Money;
use domain::order::Fulfilment;
use domain::restaurant::{Profile, PutRestaurant};
use domain::time::MINUTE_MS;
use domain::{AccessCommand, Command};
use serde::Deserialize;
use std::sync::Arc;

/// What browsing can be narrowed to.
#[derive(Debug, Deserialize)]
pub(super) struct Browse {
    lat: f64,
    lng: f64,
    cuisine: Option<String>,
    fulfilment: Option<Fulfilment>,
    at: Option<Time>,
    open_now: Option<bool>,
    max_fee: Option<i64>,
    limit: Option<usize>,
    cursor: Option<usize>,
    after: Option<u64>,
}

/// Restaurants that deliver to a place, or to which one can go from there
///
/// Open ones first, then by distance. Whether one is open is said for the moment `at`.
#[utoipa::path(get, path = "/restaurants", tag = "browse",
    params(("lat" = f64, Query, description = "Degrees", minimum = -90, maximum = 90),
        ("lng" = f64, Query, description = "Degrees", minimum = -180, maximum = 180),
        ("cuisine" = Option<String>, Query, description = "Only this cuisine"),
        ("fulfilment" = Option<String>, Query, description = "delivery or pickup"),
        ("at" = Option<String>, Query, description = "The moment that matters; now if absent"),
        ("open_now" = Option<bool>, Query, description = "Only those that take orders then"),
        ("max_fee" = Option<i64>, Query, description = "Delivery for at most this, minor units"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before"),
        ("after" = Option<u64>, Query, description = "Wait until this log index is shown")),
    responses((status = 200, body = Page<shape::RestaurantSummary>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn browse(
    State(kitchens): State<Arc<Kitchens>>,
    State(facts): State<Arc<Facts>>,
    State(mut reached): State<Reached>,
    reads: Reads,
    Params(asked): Params<Browse>,
) -> Answer<impl IntoResponse> {
    let place = params::place(asked.lat, asked.lng)?;
    let limit = match asked.limit {
        None => api::wire::PAGE_DEFAULT,
        Some(limit) if (1..=api::wire::PAGE_MOST).contains(&limit) => limit,
        Some(_) => return Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 100")),
    };
    warm(&reached)?;
    let read = reads.browsing().await?;
    // The map follows the store a moment later.
    let wanted = if read.stale { asked.after.unwrap_or(0) } else { read.index };
    reach(&mut reached, wanted).await;
    let index = *reached.borrow();
    let now = clock::now();
    let cuisine = asked.cuisine.map(|cuisine| cuisine.trim().to_lowercase());
    let (fulfilment, at) = (asked.fulfilment.unwrap_or_default(), asked.at.map_or(now, |at| at.0));
    let holidays = Holidays::of(kitchens.terms());
    let mut found = kitchens.near(place, fulfilment);
    if fulfilment == Fulfilment::Delivery && !holidays.delivers_to(place, now) {
        found.clear();
    }
    found.retain(|near| {
        let profile = &near.restaurant.profile;
        cuisine.as_ref().is_none_or(|wanted| profile.cuisines.iter().any(|c| c == wanted))
            && asked.max_fee.is_none_or(|most| profile.delivery_fee.0 <= most)
    });
    let mut rows: Vec<_> = found
        .iter()
        .map(|near| {
            let state = open_state(&facts, &holidays, at, &near.restaurant, fulfilment);
            render::summary(&facts, state, &near.restaurant, Some(near.distance_m))
        })
        .filter(|row| row.open || asked.open_now != Some(true))
        .collect();
    rows.sort_by_key(|row| (!row.open, row.distance_m, row.restaurant_id));
    let from = asked.cursor.unwrap_or(0).min(rows.len());
    let has_more = rows.len() - from > limit;
    let data: Vec<_> = rows.into_iter().skip(from).take(limit).collect();
    let next_cursor = has_more.then(|| (from + limit).to_string());
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// A restaurant
#[utoipa::path(get, path = "/restaurants/{id}", tag = "browse",
    params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = shape::Restaurant, description = "The restaurant"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let id: RestaurantId = params::id(&id, Code::RestaurantUnknown)?;
    let read = reads.browsing().await?;
    let found = read.view.restaurant(id)?;
    let restaurant = found.ok_or_else(|| Fail::new(Code::RestaurantUnknown))?;
    let holidays = Holidays::read(&read)?;
    let answer = render::restaurant(&facts, &holidays, clock::now(), &restaurant);
    Ok((FdIndex(read.index), axum::Json(answer)))
}

/// Apply with a new restaurant
///
/// It can sell as soon as an operator has approved it; an operator's own is approved at once.
#[utoipa::path(post, path = "/restaurant", tag = "restaurants", security(("bearer" = [])),
    request_body = shape::Profile,
    responses((status = 201, body = shape::RestaurantCreated, description = "Created"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn create(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    caller: Caller,
    log: Log,
    Keyed { body, key, .. }: Keyed<shape::Profile>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(key, &vault)?;
    let restaurant_id = RestaurantId::derive(city, &[&caller.account_id().0, key.text.as_bytes()]);
    let profile = profile(body, "")?;
    let command = Command::PutRestaurant(Box::new(PutRestaurant { restaurant_id, profile }));
    let done = log.propose(caller.actor(), command).await?;
    let answer = axum::Json(shape::RestaurantCreated { restaurant_id });
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, answer))
}

/// Change a restaurant's profile
#[utoipa::path(put, path = "/restaurant/{id}", tag = "restaurants", security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::Profile,
    responses((status = 200, body = Done, description = "Changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn update(
    staff: Staff,
    log: Log,
    Json(body): Json<shape::Profile>,
) -> Answer<impl IntoResponse> {
    let restaurant_id = staff.restaurant_id;
    let profile = profile(body, "")?;
    let command = Command::PutRestaurant(Box::new(PutRestaurant { restaurant_id, profile }));
    let done = log.propose(staff.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// Give somebody a role at the restaurant, or take it
#[utoipa::path(post, path = "/restaurant/{id}/staff", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = StaffRequest,
    responses((status = 200, body = Done, description = "Done"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn staff(
    staff: Staff,
    log: Log,
    Json(body): Json<StaffRequest>,
) -> Answer<impl IntoResponse> {
    let StaffRequest { account_id, role } = body;
    let grant = GrantStaff { restaurant_id: staff.restaurant_id, account_id, role };
    let command = Command::Access(Box::new(AccessCommand::Staff(grant)));
    let done = log.propose(staff.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// A profile as the domain keeps it; `at` is where it stands in the body.
pub(super) fn profile(body: shape::Profile, at: &str) -> Answer<Profile> {
    let position = params::point(&format!("{at}/position"), body.position)?;
    let hours = hours::week(&format!("{at}/hours"), &body.hours)?;
    let pickup_at = format!("{at}/pickup_hours");
    let pickup_hours = hours::optional_week(&pickup_at, body.pickup_hours.as_ref())?;
    let holidays_at = format!("{at}/holiday_hours");
    let holiday_hours = hours::optional_ranges(&holidays_at, body.holiday_hours.as_deref())?;
    let delivery_area = body.delivery_area.map(|corners| area(at, corners)).transpose()?;
    let preparation_ms = body.preparation_minutes.saturating_mul(MINUTE_MS);
    let cuisines = body.cuisines.iter().map(|cuisine| cuisine.trim().to_lowercase()).collect();
    Ok(Profile {
        name: body.name,
        position,
        address: body.address,
        cuisines,
        hours,
        pickup_hours,
        holiday_hours,
        last_order_minutes: body.last_order_minutes,
        delivery_radius_m: body.delivery_radius_m,
        delivery_area,
        delivery_fee: Money(body.delivery_fee),
        minimum: Money(body.minimum),
        preparation_ms,
        auto_accept: body.auto_accept,
        sample: body.sample,
    })
}

/// The corners of an area; a profile stands at `at` in the body.
fn area(at: &str, corners: Vec<Point>) -> Answer<Polygon> {
    let corner = |(place, corner)| params::point(&format!("{at}/delivery_area/{place}"), corner);
    corners.into_iter().enumerate().map(corner).collect::<Answer<_>>().map(Polygon)
}
