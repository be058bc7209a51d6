//! The change feed: every fact, in order, from any cursor.

use super::auth::Operator;
use super::error::{Answer, Fail};
use super::params::Params;
use super::reading::FdIndex;
use crate::node::Facts;
use api::codes::Code;
use api::events as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::State;
use axum::response::IntoResponse;
use raft::City;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use storage::{Cursor, FEED_PAGE, FeedEvent, FeedPage, Reader};

/// The longest that a poll waits for news, in seconds. Below the deadline of a request.
const WAIT_S: u64 = 8;

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
/// In order and without gaps. `wait_s` waits for news if there is none.
#[utoipa::path(get, path = "/events", tag = "events", security(("bearer" = [])),
    params(("after" = Option<String>, Query, description = "An event's id, or a log index"),
        ("types" = Option<String>, Query, description = "As order.placed,order.*"),
        ("limit" = Option<u32>, Query, description = "1 to 1000", minimum = 1, maximum = 1000),
        ("wait_s" = Option<u32>, Query, description = "At most 8", maximum = 8)),
    responses((status = 200, body = shape::EventPage, description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn page(
    State(reader): State<Reader>,
    State(city): State<City>,
    State(facts): State<Arc<Facts>>,
    _: Operator,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let after = match &asked.after {
        None => Cursor::START,
        Some(text) => cursor("after", text)?,
    };
    let limit = match asked.limit {
        None => FEED_PAGE,
        Some(limit) if (1..=FEED_PAGE).contains(&limit) => limit,
        Some(_) => return Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 1000")),
    };
    let wait = Duration::from_secs(asked.wait_s.unwrap_or(0).min(WAIT_S));
    let page = read(&reader, &city, after, limit, wait).await?;
    let wanted = asked.types.as_deref();
    let events = page.events.iter().filter(|event| is_wanted(wanted, event.event.name()));
    let answer = shape::EventPage {
        events: events.map(|event| shown(&facts, event)).collect(),
        next: page.next.to_string(),
        head: city.applied(),
    };
    Ok((FdIndex(page.next.index), axum::Json(answer)))
}

async fn read(
    reader: &Reader,
    city: &City,
    after: Cursor,
    limit: usize,
    wait: Duration,
) -> Answer<FeedPage> {
    let mut applied = city.applied_watch();
    let until = tokio::time::Instant::now() + wait;
    loop {
        applied.mark_unchanged();
        let page = match reader.view().feed(after, limit) {
            Err(storage::Error::BehindRetention { oldest }) => {
                let oldest = serde_json::json!(oldest.to_string());
                return Err(Fail::new(Code::CursorExpired).with("oldest", oldest));
            }
            page => page?,
        };
        if !page.events.is_empty() || tokio::time::Instant::now() >= until {
            return Ok(page);
        }
        let _ = tokio::time::timeout_at(until, applied.changed()).await;
    }
}

/// A cursor from its text: `index.number`, or an index for "after all of that entry".
/// `name` is the parameter or header that it came in.
pub(super) fn cursor(name: &str, text: &str) -> Answer<Cursor> {
    let parsed = match text.split_once('.') {
        None => text.parse().ok().map(Cursor::after_entry),
        Some((index, number)) => match (index.parse(), number.parse()) {
            (Ok(index), Ok(number)) => Some(Cursor { index, number }),
            _ => None,
        },
    };
    let wrong = || Fail::field(Code::ParamInvalid, name, "is an event's id or a log index");
    parsed.ok_or_else(wrong)
}

fn is_wanted(types: Option<&str>, name: &str) -> bool {
    let Some(types) = types else { return true };
    types.split(',').map(str::trim).any(|wanted| match wanted.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => wanted == name,
    })
}

/// An event as the feed shows it.
pub(super) fn shown(facts: &Facts, event: &FeedEvent) -> shape::Event {
    // `{"OrderPlaced": {..}}`: the name is told apart from the facts.
    let data = match serde_json::to_value(&event.event) {
        Ok(serde_json::Value::Object(members)) => {
            members.into_iter().next().map_or(serde_json::Value::Null, |(_, data)| data)
        }
        Ok(other) => other,
        Err(_) => serde_json::Value::Null,
    };
    shape::Event {
        id: event.cursor.to_string(),
        kind: event.event.name().to_owned(),
        at: Time(event.at),
        city: facts.city_number.0,
        subject: Some(event.event.subject()),
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_and_types() {
        assert_eq!(cursor("after", "7.2").unwrap(), Cursor { index: 7, number: 2 });
        assert_eq!(cursor("after", "7").unwrap(), Cursor::after_entry(7));
        for wrong in ["", "x", "1.", ".1", "1.2.3", "-1"] {
            assert!(cursor("after", wrong).is_err(), "{wrong}");
        }
        assert!(is_wanted(None, "order.placed"));
        assert!(is_wanted(Some("payment.failed, order.*"), "order.placed"));
        assert!(!is_wanted(Some("order.ready"), "order.placed"));
    }
}
