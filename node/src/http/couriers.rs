//! Couriers: signing up, shifts, and where they are.

use super::auth::{AsKnown, Caller, CourierSelf};
use super::body::Json;
use super::error::{Answer, Fail};
use super::marks::Device;
use super::params;
use super::reading::{FdIndex, Reads};
use super::render;
use super::writing::Log;
use crate::clock;
use crate::pings::Pings;
use crate::vault::Vault;
use api::codes::Code;
use api::couriers as shape;
use api::problem::Problem;
use api::wire::Done;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::courier::{SetCourierOnline, SignUpCourier};
use domain::ids::{CityNumber, CourierId};
use domain::limits::{CLOCK_AHEAD_MS, CLOCK_BEHIND_MS};
use domain::time::Timestamp;
use geo_index::{Couriers, GeoError, Ping, Stamp, Taken};
use std::sync::Arc;

/// Positions in one request.
const POSITIONS: usize = 100;

/// Become a courier
///
/// You can carry as soon as an operator has approved you.
#[utoipa::path(post, path = "/delivery/signup", tag = "couriers", security(("bearer" = [])),
    request_body = shape::CourierSignupRequest,
    responses((status = 201, body = shape::Courier, description = "Signed up"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn signup(
    State(city): State<CityNumber>,
    State(couriers): State<Arc<Couriers>>,
    caller: Caller,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::CourierSignupRequest>,
) -> Answer<impl IntoResponse> {
    let account_id = caller.account_id();
    let courier_id = CourierId::derive(city, &[&account_id.0]);
    let wish = SignUpCourier { courier_id, account_id, vehicle: body.vehicle };
    let done = log.propose(caller.actor(), Command::SignUpCourier(wish)).await?;
    let view = reads.after_write(done.index).await?.view;
    let courier = view.courier(courier_id)?.ok_or_else(|| Fail::new(Code::CourierUnknown))?;
    let answer = render::courier(&couriers, clock::now(), &courier);
    Ok((StatusCode::CREATED, done, axum::Json(answer)))
}

/// Yourself as a courier
#[utoipa::path(get, path = "/delivery/{id}", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me")),
    responses((status = 200, body = shape::Courier, description = "You"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(couriers): State<Arc<Couriers>>,
    courier: CourierSelf,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let read = reads.current().await?;
    let found = read.view.courier(courier.courier_id)?;
    let found = found.ok_or_else(|| Fail::new(Code::CourierUnknown))?;
    let answer = render::courier(&couriers, clock::now(), &found);
    Ok((FdIndex(read.index), axum::Json(answer)))
}

/// Go on or off shift
#[utoipa::path(put, path = "/delivery/{id}/online", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("Fd-Device" = Option<String>, Header,
            description = "What the app calls the device that it runs on; only a hash is kept")),
    request_body = shape::OnlineRequest,
    responses((status = 200, body = Done, description = "Done"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn online(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    courier: CourierSelf,
    device: Device,
    log: Log,
    Json(body): Json<shape::OnlineRequest>,
) -> Answer<impl IntoResponse> {
    let shape::OnlineRequest { online, vehicle } = body;
    let device = device.mark(&vault, city);
    let wish = SetCourierOnline { courier_id: courier.courier_id, online, vehicle, device };
    let done = log.propose(courier.caller.actor(), Command::SetCourierOnline(wish)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// Say where you are
///
/// Not in the log: it works while the city elects a leader. Newest wins.
#[utoipa::path(post, path = "/delivery/{id}/positions", tag = "couriers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me")),
    request_body = shape::PositionsRequest,
    responses((status = 200, body = shape::PositionsTaken, description = "Taken"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn positions(
    State(pings): State<Pings>,
    AsKnown(courier): AsKnown<CourierSelf>,
    Json(body): Json<shape::PositionsRequest>,
) -> Answer<impl IntoResponse> {
    if body.positions.is_empty() || body.positions.len() > POSITIONS {
        return Err(Fail::field(Code::FieldInvalid, "/positions", "has from 1 to 100 points"));
    }
    let now = clock::now();
    let mut answer = shape::PositionsTaken { taken: 0, stale: 0 };
    for (place, report) in body.positions.iter().enumerate() {
        let ping = ping(courier.courier_id, report, now, &format!("/positions/{place}"))?;
        match taken(&pings, ping, &format!("/positions/{place}/point"))? {
            Taken::Newest => answer.taken += 1,
            Taken::Stale => answer.stale += 1,
        }
    }
    Ok(axum::Json(answer))
}

/// A report as the map takes it.
pub(super) fn ping(
    courier: CourierId,
    report: &shape::PositionReport,
    now: Timestamp,
    at: &str,
) -> Answer<Ping> {
    let position = params::point(&format!("{at}/point"), report.point)?;
    let taken_at = report.occurred_at.map_or(now, |time| time.0);
    let ahead = taken_at.ms_since(now);
    if !(-CLOCK_BEHIND_MS..=CLOCK_AHEAD_MS).contains(&ahead) {
        let rule = "is at most 5 minutes ahead and 12 hours behind our clock";
        return Err(Fail::field(Code::FieldInvalid, format!("{at}/occurred_at"), rule));
    }
    let heading_deg = report.heading_deg.filter(|heading| *heading < 360);
    let speed_mps = report.speed_mps.filter(|speed| speed.is_finite() && *speed >= 0.0);
    // A report from while the phone was offline is as old as it is.
    let at = taken_at.min(now);
    Ok(Ping { courier, stamp: Stamp::of_time(0, taken_at), at, position, speed_mps, heading_deg })
}

pub(super) fn taken(pings: &Pings, ping: Ping, pointer: &str) -> Answer<Taken> {
    pings.take(ping).map_err(|error| {
        if error == GeoError::OutsideCity {
            return Fail::field(Code::FieldInvalid, pointer, "is outside this city");
        }
        Fail::because(Code::Shedding, error.to_string()).retry_after_ms(1_000)
    })
}
