//! The change feed in pages: every fact that somebody may see, in order, from any cursor.

use super::auth::Audience;
use super::error::{Answer, Fail};
use super::params::Params;
use super::reading::FdIndex;
use super::streams::Source;
use crate::live::{End, Follow, Which};
use api::codes::Code;
use api::events as shape;
use api::problem::Problem;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{Cursor, Event, Viewer};
use raft::City;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use storage::FEED_PAGE;
use tokio::time::Instant;

/// The longest that a poll waits for news, in seconds.
const WAIT_S: u64 = 25;
/// Pages of the feed that one request reads at most: somebody who sees little is sent on with a
/// cursor instead of being searched for through a month.
const PAGES: usize = 10;
/// Types that one reader may name.
const TYPES: usize = 50;

/// What can be asked.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
    types: Option<String>,
    limit: Option<usize>,
    wait_s: Option<u64>,
}

/// Events after a cursor
///
/// In order and without gaps: operators see everything, customers their orders and their account,
/// couriers their work too, and staff with `restaurant_id` what their restaurant is told. `wait_s`
/// waits for news if there is none. `next` moves on even where nothing was for you. Without
/// `after` from the oldest event that is kept.
#[utoipa::path(get, path = "/events", tag = "events", security(("bearer" = [])),
    params(("after" = Option<String>, Query, description = "An event's id, or a log index"),
        ("types" = Option<String>, Query, description = "As order.placed,order.*"),
        ("restaurant_id" = Option<String>, Query, description = "As somebody who works there"),
        ("limit" = Option<u32>, Query, description = "1 to 1000", minimum = 1, maximum = 1000),
        ("wait_s" = Option<u32>, Query, description = "At most 25", maximum = 25)),
    responses((status = 200, body = shape::EventPage, description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn page(
    source: Source,
    State(city): State<City>,
    audience: Audience,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let oldest = source.reader.view().feed_oldest()?;
    let after = match &asked.after {
        None => oldest,
        Some(text) => cursor("after", text)?,
    };
    let limit = match asked.limit {
        None => FEED_PAGE,
        Some(limit) if (1..=FEED_PAGE).contains(&limit) => limit,
        Some(_) => return Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 1000")),
    };
    let wait = Duration::from_secs(asked.wait_s.unwrap_or(0).min(WAIT_S));
    let viewer = audience.viewer;
    let which = Which { viewer, order: None, types: types(asked.types.as_deref())? };
    // Who waits is a stream for as long as it lasts.
    let _seat = source.live.seat(audience.caller.account_id())?;
    let head = city.applied();
    let follow = Follow::new(&source.live, &source.reader, &source.facts, which, after);
    let read = read(&source, follow, limit, wait).await;
    let (events, next) = read.map_err(|end| match end {
        End::Expired { oldest } => expired(oldest, source.live.head(), viewer),
        End::Over => Fail::new(Code::Internal),
    })?;
    let answer = shape::EventPage {
        events,
        next: next.to_string(),
        head: head.max(city.applied()),
        oldest: oldest.to_string(),
    };
    Ok((FdIndex(answer.head), axum::Json(answer)))
}

async fn read(
    source: &Source,
    mut follow: Follow,
    limit: usize,
    wait: Duration,
) -> Result<(Vec<shape::Event>, Cursor), End> {
    let until = Instant::now() + wait;
    let (mut events, mut pages) = (Vec::new(), 0);
    loop {
        while events.len() < limit
            && let Some(told) = follow.try_next()?
        {
            events.push(told.shown());
        }
        if follow.is_behind() && events.len() < limit && pages < PAGES {
            pages += 1;
            tokio::task::yield_now().await;
            continue;
        }
        if !events.is_empty() || follow.is_behind() || Instant::now() >= until {
            return Ok((events, follow.passed()));
        }
        tokio::select! {
            told = follow.next() => events.push(told?.shown()),
            () = tokio::time::sleep_until(until) => {}
            () = source.live.stop.cancelled() => return Ok((events, follow.passed())),
        }
    }
}

/// A cursor from its text. `name` is the parameter or header that it came in.
pub(super) fn cursor(name: &str, text: &str) -> Answer<Cursor> {
    let wrong = |_| Fail::field(Code::ParamInvalid, name, "is an event's id or a log index");
    text.parse().map_err(wrong)
}

/// The types that somebody names; each must be one that exists, or begin one.
pub(super) fn types(text: Option<&str>) -> Answer<Vec<String>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let wanted: Vec<_> = text.split(',').map(|wanted| wanted.trim().to_owned()).collect();
    if wanted.len() > TYPES {
        return Err(Fail::field(Code::ParamInvalid, "types", "are at most 50"));
    }
    let exists = |wanted: &str| {
        Event::KINDS.iter().any(|kind| match wanted.strip_suffix('*') {
            Some(prefix) => kind.name.starts_with(prefix),
            None => kind.name == wanted,
        })
    };
    match wanted.iter().find(|wanted| !exists(wanted)) {
        None => Ok(wanted),
        Some(_) => {
            let rule = "are as in order.placed,order.*; one of these is no event's";
            Err(Fail::field(Code::ParamInvalid, "types", rule))
        }
    }
}

/// The feed does not reach back so far: where it begins, and how somebody gets on who wants to know
/// how things are. They read what `links` name, and then follow from `head`.
pub(super) fn expired(oldest: Cursor, head: Cursor, viewer: Viewer) -> Fail {
    let links = match viewer {
        Viewer::Operator => vec!["/v1/admin/orders".to_owned()],
        Viewer::Restaurant(id) => vec![
            format!("/v1/restaurant/{id}/orders"),
            format!("/v1/restaurant/{id}/menu"),
            format!("/v1/restaurant/{id}/stock"),
        ],
        Viewer::Courier(_) => vec!["/v1/delivery/assignments".to_owned()],
        Viewer::Person(_, courier) => {
            let work = courier.map(|_| "/v1/delivery/assignments".to_owned());
            ["/v1/orders".to_owned(), "/v1/me".to_owned()].into_iter().chain(work).collect()
        }
    };
    Fail::new(Code::CursorExpired)
        .with("oldest", json!(oldest.to_string()))
        .with("head", json!(head.to_string()))
        .with("links", json!(links))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_or_refused() {
        assert_eq!(types(None).unwrap(), [""; 0]);
        assert_eq!(types(Some("payment.failed, order.*")).unwrap(), ["payment.failed", "order.*"]);
        assert_eq!(types(Some("*")).unwrap(), ["*"]);
        for wrong in ["", "order", "order.eaten", "order.placed,,", "orders.*"] {
            assert!(types(Some(wrong)).is_err(), "{wrong}");
        }
        assert!(types(Some(&"order.*,".repeat(51))).is_err());
    }
}
