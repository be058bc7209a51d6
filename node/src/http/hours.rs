//! When restaurants take orders: what they say of it, and what is shown of that.

use super::auth::{Staff, StockKeys};
use super::body::{Json, Keyed};
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params;
use super::reading::{Read, Reads};
use super::writing::{Done, Log};
use crate::clock;
use crate::node::Facts;
use crate::vault::Vault;
use api::codes::Code;
use api::hours as shape;
use api::problem::Problem;
use api::restaurants::Hours;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::calendar::{DatedHours, DayRule, LocalDate, Range, WeeklyHours};
use domain::city::{CityTerms, ZoneFound};
use domain::ids::{CityNumber, ClosingId, RestaurantId};
use domain::money::Money;
use domain::order::Fulfilment;
use domain::position::Position;
use domain::restaurant::{
    DropDatedHours, HoursCommand, Mode, NotTaking, PutDatedHours, Restaurant, SetAvailability,
    SetHours,
};
use domain::slot::{Capacity, SetCapacity};
use domain::time::{DAY_MS, MINUTE_MS, Timestamp};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Days that the answer to a change shows.
const DAYS_SHOWN: i64 = 14;

/// The city's holidays, if an operator has named any.
#[derive(Clone, Debug, Default)]
pub(super) struct Holidays(Option<Arc<CityTerms>>);

impl Holidays {
    pub(super) fn of(terms: Option<Arc<CityTerms>>) -> Self {
        Self(terms)
    }

    pub(super) fn read(read: &Read) -> Answer<Self> {
        Ok(Self(read.view.terms()?))
    }

    /// Those that hold at a moment.
    pub(super) fn at(&self, at: Timestamp) -> &BTreeSet<LocalDate> {
        static NONE: BTreeSet<LocalDate> = BTreeSet::new();
        self.0.as_ref().map_or(&NONE, |terms| terms.holidays.at(at))
    }

    /// Whether anybody delivers to a place: always where the city has no zones.
    pub(super) fn delivers_to(&self, place: Position, at: Timestamp) -> bool {
        self.0.as_ref().is_none_or(|terms| match terms.zone_of(place, at) {
            ZoneFound::NoZones | ZoneFound::Inside(_) => true,
            ZoneFound::Outside => false,
        })
    }
}

/// Whether a restaurant takes orders at a moment: the judgement that an order meets, too.
pub(super) fn open_state(
    facts: &Facts,
    holidays: &Holidays,
    at: Timestamp,
    restaurant: &Restaurant,
    fulfilment: Fulfilment,
) -> shape::OpenState {
    let (zone, days) = (&facts.time_zone, holidays.at(at));
    let closed = |next_open: Option<Timestamp>, reason| {
        let soon = next_open.filter(|next| next.ms_since(at) <= SOON_MS);
        let (until, next_open) = (soon.map(Time), next_open.map(Time));
        shape::OpenState { open: false, until, next_open, reason: Some(reason) }
    };
    let calendar = restaurant.calendar(fulfilment, zone, days);
    match restaurant.taking_orders(at, fulfilment, zone, days) {
        Ok(()) => {
            let until = calendar.state_at(at).until.map(Time);
            shape::OpenState { open: true, until, next_open: None, reason: None }
        }
        Err(NotTaking::NotApproved) => closed(None, shape::Why::NotApproved),
        Err(NotTaking::FulfilmentOff) => closed(None, shape::Why::Off),
        Err(NotTaking::Paused { until }) => {
            let after = calendar.state_at(until);
            let next_open = if after.open { Some(until) } else { after.next_open };
            closed(next_open, shape::Why::Paused)
        }
        Err(NotTaking::Closed { next_open }) => {
            let why = match calendar.state_at(at).rule {
                DayRule::Closing(_) => shape::Why::Closing,
                DayRule::Special(_) => shape::Why::Special,
                DayRule::Holiday => shape::Why::Holiday,
                DayRule::Week => shape::Why::Closed,
            };
            closed(next_open, why)
        }
    }
}

/// A change that is farther away than this is none to tell of.
const SOON_MS: i64 = 8 * DAY_MS;

/// A closing as it is shown.
pub(super) fn closing(dated: &DatedHours) -> shape::Closing {
    shape::Closing {
        closing_id: dated.id,
        from: dated.from,
        to: dated.to,
        ranges: shape::shown(&dated.ranges),
        reason: dated.reason.clone(),
    }
}

/// Those that are not over.
pub(super) fn closings(facts: &Facts, at: Timestamp, of: &Restaurant) -> Vec<shape::Closing> {
    let today = LocalDate::of(at, &facts.time_zone);
    let ahead = of.dated_hours.iter().filter(|dated| Some(dated.to) >= today);
    ahead.map(closing).collect()
}

/// Say when a restaurant is open
///
/// All of it: what is absent is taken away. The answer shows the next 14 days.
#[utoipa::path(put, path = "/restaurant/{id}/hours", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::OpeningHours,
    responses((status = 200, body = shape::NextDays, description = "Changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put(
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::OpeningHours>,
) -> Answer<impl IntoResponse> {
    let restaurant_id = staff.restaurant_id;
    let wish = SetHours {
        restaurant_id,
        hours: week("/hours", &body.hours)?,
        pickup_hours: optional_week("/pickup_hours", body.pickup_hours.as_ref())?,
        holiday_hours: optional_ranges("/holiday_hours", body.holiday_hours.as_deref())?,
        last_order_minutes: body.last_order_minutes,
    };
    let done = log
        .propose(staff.caller.actor(), Command::Hours(HoursCommand::Set(Box::new(wish))))
        .await?;
    let answer = next_days(&facts, &reads, restaurant_id, &done, None).await?;
    Ok((done, axum::Json(answer)))
}

/// Close for a day, or for more, or open differently
///
/// Without `ranges` it is closed on these dates, with them it is open then and only then. A range
/// belongs to the day it starts. The answer shows the next 14 days.
#[utoipa::path(post, path = "/restaurant/{id}/closings", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("Idempotency-Key" = Option<String>, Header,
            description = "The same request with the same key is the same closing")),
    request_body = shape::ClosingRequest,
    responses((status = 201, body = shape::NextDays, description = "Kept"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn close(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    log: Log,
    reads: Reads,
    Keyed { body, key, .. }: Keyed<shape::ClosingRequest>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(key, &vault)?;
    let restaurant_id = staff.restaurant_id;
    let closing_id = ClosingId::derive(city, &[&restaurant_id.0, key.text.as_bytes()]);
    let dated = DatedHours {
        id: closing_id,
        from: body.from,
        to: body.to.unwrap_or(body.from),
        ranges: ranges("/ranges", &body.ranges)?,
        reason: body.reason,
    };
    let wish = PutDatedHours { restaurant_id, dated };
    let done =
        log.propose(staff.caller.actor(), Command::Hours(HoursCommand::PutDated(wish))).await?;
    let answer = next_days(&facts, &reads, restaurant_id, &done, Some(closing_id)).await?;
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// What the path of a closing names; whose it is, [`Staff`] has read.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    closing_id: String,
}

/// Take back a closing or a special day
///
/// One that is not there is gone already. The answer shows the next 14 days.
#[utoipa::path(delete, path = "/restaurant/{id}/closings/{closing_id}", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("closing_id" = String, Path, description = "cls_..")),
    responses((status = 200, body = shape::NextDays, description = "Gone"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn reopen(
    State(facts): State<Arc<Facts>>,
    staff: Staff,
    log: Log,
    reads: Reads,
    Path(named): Path<Named>,
) -> Answer<impl IntoResponse> {
    let restaurant_id = staff.restaurant_id;
    let closing_id: ClosingId = params::id(&named.closing_id, Code::ClosingUnknown)?;
    let wish = DropDatedHours { restaurant_id, closing_id };
    let done =
        log.propose(staff.caller.actor(), Command::Hours(HoursCommand::DropDated(wish))).await?;
    let answer = next_days(&facts, &reads, restaurant_id, &done, None).await?;
    Ok((done, axum::Json(answer)))
}

/// Take a break, say that it takes longer, or come back
///
/// `paused` takes no orders, `busy` promises them later; both end by themselves.
#[utoipa::path(put, path = "/restaurant/{id}/availability", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::Availability,
    responses((status = 200, body = api::wire::Done, description = "Done"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn availability(
    staff: Staff<StockKeys>,
    log: Log,
    Json(body): Json<shape::Availability>,
) -> Answer<impl IntoResponse> {
    let mode = match (body.mode, body.extra_minutes) {
        (shape::Mode::Open, None) => Mode::Open,
        (shape::Mode::Paused, None) => Mode::Paused,
        (shape::Mode::Busy, Some(minutes)) => {
            Mode::Busy { extra_ms: minutes.saturating_mul(MINUTE_MS) }
        }
        (shape::Mode::Busy, None) => {
            let rule = "is needed to be busy: from 1 to 120";
            return Err(Fail::field(Code::FieldInvalid, "/extra_minutes", rule));
        }
        (shape::Mode::Open | shape::Mode::Paused, Some(_)) => {
            let rule = "goes with busy only";
            return Err(Fail::field(Code::FieldInvalid, "/extra_minutes", rule));
        }
    };
    let wish = SetAvailability {
        restaurant_id: staff.restaurant_id,
        mode,
        until: body.until.map(|time| time.0),
        delivery: body.delivery,
        pickup: body.pickup,
    };
    let done = log.propose(staff.caller.actor(), Command::SetAvailability(wish)).await?;
    Ok((done, axum::Json(api::wire::Done { index: done.index })))
}

/// Say what a kitchen manages in 15 minutes
///
/// What is absent has no bound, and `{}` takes all bounds away. What was promised stays promised.
#[utoipa::path(put, path = "/restaurant/{id}/capacity", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::Capacity,
    responses((status = 200, body = api::wire::Done, description = "Done"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn capacity(
    staff: Staff<StockKeys>,
    log: Log,
    Json(body): Json<shape::Capacity>,
) -> Answer<impl IntoResponse> {
    let shape::Capacity { orders, dishes, money } = body;
    let capacity = Some(Capacity { orders, dishes, money: money.map(Money) });
    let wish = SetCapacity { restaurant_id: staff.restaurant_id, capacity };
    let done = log.propose(staff.caller.actor(), Command::SetCapacity(wish)).await?;
    Ok((done, axum::Json(api::wire::Done { index: done.index })))
}

async fn next_days(
    facts: &Facts,
    reads: &Reads,
    restaurant_id: RestaurantId,
    done: &Done,
    closing_id: Option<ClosingId>,
) -> Answer<shape::NextDays> {
    let read = reads.after_write(done.index).await?;
    let found = read.view.restaurant(restaurant_id)?;
    let restaurant = found.ok_or_else(|| Fail::new(Code::RestaurantUnknown))?;
    let (now, holidays) = (clock::now(), Holidays::read(&read)?);
    let days = holidays.at(now);
    let delivery = restaurant.calendar(Fulfilment::Delivery, &facts.time_zone, days);
    let pickup = restaurant.calendar(Fulfilment::Pickup, &facts.time_zone, days);
    let today = LocalDate::of(now, &facts.time_zone);
    let dates = (0..DAYS_SHOWN).filter_map(|day| today?.plus_days(day));
    let day = |date: LocalDate| {
        let (rule, ranges) = delivery.day(date);
        let (rule, closing_id) = match rule {
            DayRule::Closing(id) => (shape::Rule::Closing, Some(id)),
            DayRule::Special(id) => (shape::Rule::Special, Some(id)),
            DayRule::Holiday => (shape::Rule::Holiday, None),
            DayRule::Week => (shape::Rule::Week, None),
        };
        let named = restaurant.dated_hours.iter().find(|dated| Some(dated.id) == closing_id);
        shape::Day {
            date,
            rule,
            ranges: shape::shown(ranges),
            pickup_ranges: shape::shown(pickup.day(date).1),
            closing_id,
            reason: named.and_then(|dated| dated.reason.clone()),
        }
    };
    Ok(shape::NextDays { index: done.index, closing_id, days: dates.map(day).collect() })
}

/// A week as the domain keeps it; `at` is where it stands in the body.
pub(super) fn week(at: &str, hours: &Hours) -> Answer<WeeklyHours> {
    hours.to_domain().map_err(|error| unreadable(&format!("{at}/{}", error.day), error.place))
}

/// The same where none may be named.
pub(super) fn optional_week(at: &str, hours: Option<&Hours>) -> Answer<Option<WeeklyHours>> {
    hours.map(|hours| week(at, hours)).transpose()
}

/// Ranges as the domain keeps them; `at` is where they stand in the body.
fn ranges(at: &str, texts: &[String]) -> Answer<Vec<Range>> {
    shape::ranges(texts).map_err(|place| unreadable(at, place))
}

/// The same where none may be named.
pub(super) fn optional_ranges(at: &str, texts: Option<&[String]>) -> Answer<Option<Vec<Range>>> {
    texts.map(|texts| ranges(at, texts)).transpose()
}

fn unreadable(at: &str, place: usize) -> Fail {
    Fail::field(Code::FieldInvalid, format!("{at}/{place}"), "looks like 11:30-15:00")
}
