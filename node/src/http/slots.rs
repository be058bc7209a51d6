//! When food can be ordered for: the slots of a restaurant that are free.

use super::error::{Answer, Fail};
use super::params::{self, Params};
use super::reading::{FdIndex, Reads};
use crate::clock;
use crate::derived::kitchens::metres;
use crate::node::Facts;
use api::codes::Code;
use api::hours as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::Rejection;
use domain::calendar::LocalDate;
use domain::city::terms_of;
use domain::ids::RestaurantId;
use domain::limits::SLOT_MS;
use domain::money::Money;
use domain::order::{Fulfilment, travel_ms};
use domain::restaurant::Restaurant;
use domain::slot::{Sought, free_slots};
use domain::time::Timestamp;
use geo_index::haversine_m;
use serde::Deserialize;
use std::sync::Arc;

/// Days that are looked at: as far ahead as orders are taken, today included.
const DAYS: i64 = 7;
/// Every slot of those days.
const SLOTS: usize = 700;

/// What slots are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    fulfilment: Option<Fulfilment>,
    lat: Option<f64>,
    lng: Option<f64>,
    days: Option<i64>,
}

/// Free slots of a restaurant
///
/// From half an hour to six days ahead: open, with room, and with the time to cook and to get
/// there. Without a place the way is taken to be the longest that the restaurant delivers.
#[utoipa::path(get, path = "/restaurants/{id}/slots", tag = "browse",
    params(("id" = String, Path, description = "res_.."),
        ("fulfilment" = Option<String>, Query, description = "delivery or pickup"),
        ("lat" = Option<f64>, Query, description = "Degrees", minimum = -90, maximum = 90),
        ("lng" = Option<f64>, Query, description = "Degrees", minimum = -180, maximum = 180),
        ("days" = Option<u32>, Query, description = "Local days, today included",
            minimum = 1, maximum = 7)),
    responses((status = 200, body = shape::Slots, description = "By day"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn free(
    State(facts): State<Arc<Facts>>,
    reads: Reads,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let restaurant_id: RestaurantId = params::id(&id, Code::RestaurantUnknown)?;
    let days = asked.days.unwrap_or(DAYS);
    if !(1..=DAYS).contains(&days) {
        return Err(Fail::field(Code::ParamInvalid, "days", "is from 1 to 7"));
    }
    let read = reads.browsing().await?;
    let found = read.view.restaurant(restaurant_id)?;
    let restaurant = found.ok_or_else(|| Fail::new(Code::RestaurantUnknown))?;
    let founded = read.view.city()?.ok_or_else(|| Fail::from(Rejection::CityUnknown))?;
    let unread = |error| Fail::internal("reading slots", &error);
    let terms = terms_of(&read.view, &founded).map_err(unread)?;
    let fulfilment = asked.fulfilment.unwrap_or_default();
    let now = clock::now();
    let today = LocalDate::of(now, &facts.time_zone);
    let after = today.and_then(|today| today.plus_days(days)?.begins(&facts.time_zone));
    let sought = Sought {
        fulfilment,
        way_ms: way_ms(&restaurant, fulfilment, &asked)?,
        dishes: 1,
        money: Money::ZERO,
        now,
        from: now,
        to: after.unwrap_or(now),
        at_most: SLOTS,
        looks: SLOTS,
    };
    let free = free_slots(&read.view, &founded, &terms, &restaurant, &sought).map_err(unread)?;
    let days = by_day(&facts, free);
    Ok((FdIndex(read.index), axum::Json(shape::Slots { restaurant_id, fulfilment, days })))
}

/// How long the way takes that somebody asks for.
fn way_ms(restaurant: &Restaurant, fulfilment: Fulfilment, asked: &Asked) -> Answer<i64> {
    let distance_m = match (fulfilment, asked.lat, asked.lng) {
        (Fulfilment::Pickup, ..) => return Ok(0),
        (Fulfilment::Delivery, Some(lat), Some(lng)) => {
            metres(haversine_m(restaurant.profile.position, params::place(lat, lng)?))
        }
        (Fulfilment::Delivery, None, None) => restaurant.profile.delivery_radius_m,
        (Fulfilment::Delivery, Some(_), None) => {
            return Err(Fail::field(Code::ParamInvalid, "lng", "goes with lat"));
        }
        (Fulfilment::Delivery, None, Some(_)) => {
            return Err(Fail::field(Code::ParamInvalid, "lat", "goes with lng"));
        }
    };
    Ok(travel_ms(distance_m))
}

fn by_day(facts: &Facts, free: Vec<Timestamp>) -> Vec<shape::SlotDay> {
    let mut days: Vec<shape::SlotDay> = Vec::new();
    for start in free {
        let Some(date) = LocalDate::of(start, &facts.time_zone) else { continue };
        let slot = shape::Slot { from: Time(start), to: Time(start.plus_ms(SLOT_MS)) };
        match days.last_mut() {
            Some(day) if day.date == date => day.slots.push(slot),
            Some(_) | None => days.push(shape::SlotDay { date, slots: vec![slot] }),
        }
    }
    days
}
