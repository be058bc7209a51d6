//! How well restaurants and couriers work: for themselves, and for those who watch over it.

use super::auth::{CourierSelf, Operator, Staff, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params::{Paging, Params};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::clock;
use api::codes::Code;
use api::problem::Problem;
use api::quality as shape;
use api::wire::{Page, Time};
use axum::extract::Path;
use axum::response::IntoResponse;
use domain::Command;
use domain::limits::QUALITY_DAYS;
use domain::moderation::ModerationCommand;
use domain::quality::{Measure, PartScore, Quality, QualityKind, QualityOf, TakeMeasure};
use domain::rating::Tally;
use serde::Deserialize;
use std::sync::Arc;
use storage::{CityView, QualityCursor};

/// How well the restaurant works
///
/// Over the last 84 days, with what points are lost for, and what follows from it.
#[utoipa::path(get, path = "/restaurant/{id}/quality", tag = "restaurants",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = shape::Quality, description = "As seen now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_restaurant(staff: Staff, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let shown = shown(&view, QualityOf::Restaurant(staff.restaurant_id))?;
    Ok((FdIndex(index), axum::Json(shown)))
}

/// How well you work as a courier
///
/// Over the last 84 days. To say no to an offer never counts.
#[utoipa::path(get, path = "/delivery/{id}/quality", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me")),
    responses((status = 200, body = shape::Quality, description = "As seen now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_courier(courier: CourierSelf, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let shown = shown(&view, QualityOf::Courier(courier.courier_id))?;
    Ok((FdIndex(index), axum::Json(shown)))
}

/// `?kind=`
#[derive(Debug, Deserialize)]
pub(super) struct ByKind {
    kind: Option<QualityKind>,
}

/// How well all of them work, the worst first
///
/// In the order of what they had lost when something was counted last; scores are as of now.
#[utoipa::path(get, path = "/quality", tag = "admin", security(("bearer" = [])),
    params(("kind" = Option<String>, Query, description = "restaurant (the default) or courier"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Quality>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    _: Operator,
    reads: Reads,
    Params(asked): Params<ByKind>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (paging.id_cursor::<After>()?, paging.limit()?);
    let Read { view, index, .. } = reads.current().await?;
    let kind = asked.kind.unwrap_or(QualityKind::Restaurant);
    let page = view.qualities(kind, cursor.map(|after| after.0), limit)?;
    let next_cursor = page.next.map(|it| format!("{}-{}", it.lost, it.of));
    let has_more = next_cursor.is_some();
    let data = page.qualities.iter().map(|quality| shown(&view, quality.of));
    let data = data.collect::<Answer<Vec<_>>>()?;
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Where the page before ended: the points that were lost there, and by whom.
struct After(QualityCursor);

impl std::str::FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (lost, of) = text.split_once('-').ok_or(())?;
        let lost = lost.parse().map_err(drop)?;
        Ok(Self(QualityCursor { lost, of: of.parse().map_err(drop)? }))
    }
}

/// How well one of them works
#[utoipa::path(get, path = "/quality/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.. or cou_..")),
    responses((status = 200, body = shape::Quality, description = "As seen now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    _: Operator,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let of = named(&id)?;
    let Read { view, index, .. } = reads.current().await?;
    Ok((FdIndex(index), axum::Json(shown(&view, of)?)))
}

/// Warn, limit, pause or hide, or take it back
///
/// It replaces what holds, and they are told. After `clear` the score asks for nothing for 7 days.
#[utoipa::path(post, path = "/quality/{id}/action", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.. or cou_..")),
    request_body = shape::ActionRequest,
    responses((status = 200, body = shape::Quality, description = "As it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn act(
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Json(body): Json<shape::ActionRequest>,
) -> Answer<impl IntoResponse> {
    let of = named(&id)?;
    let shape::ActionRequest { action, until, reason } = body;
    let (step, until) = (action.step(), until.map(|time| time.0));
    let wish = ModerationCommand::Measure(TakeMeasure { of, step, until, reason });
    let done = log.propose(operator.caller.actor(), Command::Moderation(Box::new(wish))).await?;
    let view = reads.after_write(done.index).await?.view;
    Ok((done, axum::Json(shown(&view, of)?)))
}

/// Whom a path is about.
fn named(id: &str) -> Answer<QualityOf> {
    let unknown = match id.get(..4) {
        Some("cou_") => Code::CourierUnknown,
        Some(_) | None => Code::RestaurantUnknown,
    };
    id.parse().map_err(|_| Fail::new(unknown))
}

fn shown(view: &CityView, of: QualityOf) -> Answer<shape::Quality> {
    let (measure, stars) = match of {
        QualityOf::Restaurant(id) => {
            let found = view.restaurant(id)?.ok_or_else(|| Fail::new(Code::RestaurantUnknown))?;
            (found.measure.clone(), Tally::default())
        }
        QualityOf::Courier(id) => {
            let found = view.courier(id)?.ok_or_else(|| Fail::new(Code::CourierUnknown))?;
            let stars = Tally { sum: found.rating_sum, count: found.rating_count };
            (found.measure.clone(), stars)
        }
    };
    let quality = view.quality(of)?.map_or_else(|| Quality::new(of), Arc::unwrap_or_clone);
    let now = clock::now();
    let score = quality.score(now, stars);
    let holds = |measure: &Measure| measure.until.is_none_or(|until| now < until);
    Ok(shape::Quality {
        kind: of.kind(),
        subject: of.to_string(),
        score: score.points,
        orders: score.orders,
        window_days: QUALITY_DAYS,
        parts: score.parts.iter().map(part).collect(),
        measure: measure.filter(holds).map(told),
        trusted_until: quality.trusted_until.filter(|until| now < *until).map(Time),
    })
}

fn part(part: &PartScore) -> shape::QualityPart {
    let PartScore { part, count, permille, lost, at_most } = *part;
    shape::QualityPart { part, count, permille, lost, at_most }
}

fn told(measure: Measure) -> shape::Measure {
    let Measure { step, at, until, by, reason } = measure;
    shape::Measure {
        action: step,
        since: Time(at),
        until: until.map(Time),
        by_score: by.is_none(),
        reason: Some(reason).filter(|reason| !reason.is_empty()),
    }
}
