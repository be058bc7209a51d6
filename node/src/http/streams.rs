//! What happens as it happens, as server-sent events: of an order, of a restaurant, of a courier's
//! work, or of everything that somebody may see.
//!
//! Events carry the feed's ids: whoever sends the last one as `Last-Event-ID`, to any node, goes on
//! behind it. An id comes with every sign of life too, so that a reader of few events moves on with
//! the feed. Positions are soft: only the newest is sent, and they have no id.

use super::auth::{Acting, AsKnown, Audience, CourierSelf, Person, Staff};
use super::error::{Answer, Fail};
use super::events::{cursor, expired, types};
use super::orders::{delivery_of, on_map, tracked};
use super::params::Params;
use super::reading::Reads;
use super::render::Eyes;
use super::standing::{LOOK_EVERY, Standing};
use crate::clock;
use crate::live::{End, Follow, Live, Seat, Which, frame};
use crate::node::Facts;
use api::codes::Code;
use api::problem::Problem;
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use domain::order::Order;
use domain::{Cursor, Viewer};
use geo_index::Couriers;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;
use tokio::time::{Interval, MissedTickBehavior};

/// How often a moving courier is shown.
pub(super) const POSITION_EVERY: Duration = Duration::from_secs(1);
/// What browsers wait before they come again, in milliseconds.
const AGAIN_MS: u64 = 1_000;
/// Events that are there already go out together, up to so many bytes.
const TOGETHER_BYTES: usize = 32 << 10;

/// Where a stream begins.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    after: Option<String>,
    types: Option<String>,
}

/// What every stream needs of the node.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub live: Live,
    pub reader: Reader,
    pub facts: Arc<Facts>,
}

impl<S> FromRequestParts<S> for Source
where
    S: Send + Sync,
    Live: FromRef<S>,
    Reader: FromRef<S>,
    Arc<Facts>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let (live, reader) = (Live::from_ref(state), Reader::from_ref(state));
        Ok(Self { live, reader, facts: Arc::from_ref(state) })
    }
}

/// Follow what you may see (server-sent events)
///
/// Operators see everything, others what `GET /v1/events` gives them. Begins behind
/// `Last-Event-ID` or `after`, else with what happens next. `resync` says that the place is too
/// old, and from where to go on.
#[utoipa::path(get, path = "/events/stream", tag = "events", security(("bearer" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
        ("after" = Option<String>, Query, description = "The same, for those who set no header"),
        ("types" = Option<String>, Query, description = "As order.placed,order.*"),
        ("restaurant_id" = Option<String>, Query, description = "As somebody who works there")),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn all(
    source: Source,
    audience: Audience,
    headers: HeaderMap,
    Params(start): Params<Start>,
) -> Answer<Response> {
    let Audience { caller, viewer } = audience;
    let which = Which { viewer, order: None, types: types(start.types.as_deref())? };
    let after = start.place(&headers)?.unwrap_or_else(|| source.live.head());
    Ok(Stream::new(&source, caller, which, after)?.response())
}

/// Follow an order (server-sent events)
///
/// Its whole story, or what comes after `Last-Event-ID`, as far as it is yours. A frame
/// `position` shows the courier and has no id.
#[utoipa::path(get, path = "/order/{order_id}/stream", tag = "orders",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
        ("after" = Option<String>, Query, description = "The same, for those who set no header")),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_order(
    source: Source,
    State(city): State<raft::City>,
    State(couriers): State<Arc<Couriers>>,
    AsKnown(person): AsKnown<Person>,
    headers: HeaderMap,
    Params(start): Params<Start>,
    Path(order_id): Path<String>,
) -> Answer<Response> {
    let reads = Reads::plain(city, source.reader.clone());
    let (order, which, map) = followed(&source, &reads, couriers, &person, &order_id).await?;
    let after = match start.place(&headers)? {
        Some(after) => after,
        None => beginning(&source.reader, &order)?,
    };
    let mut stream = Stream::new(&source, Acting::Person(person.caller), which, after)?;
    stream.map = map;
    Ok(stream.response())
}

/// Follow a restaurant (server-sent events)
///
/// Its orders from the moment the kitchen sees them, its menu, its claims. Begins behind
/// `Last-Event-ID` or `after`, else with what happens next.
#[utoipa::path(get, path = "/restaurant/{id}/stream", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
        ("after" = Option<String>, Query, description = "The same, for those who set no header")),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_restaurant(
    source: Source,
    staff: Staff,
    headers: HeaderMap,
    Params(start): Params<Start>,
) -> Answer<Response> {
    let which = Which::all_for(Viewer::Restaurant(staff.restaurant_id));
    let after = start.place(&headers)?.unwrap_or_else(|| source.live.head());
    Ok(Stream::new(&source, staff.caller, which, after)?.response())
}

/// Follow a courier's work (server-sent events)
///
/// Offers to them and what they carry. Begins behind `Last-Event-ID` or `after`, else with what
/// happens next.
#[utoipa::path(get, path = "/delivery/{id}/stream", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event"),
        ("after" = Option<String>, Query, description = "The same, for those who set no header")),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_courier(
    source: Source,
    courier: CourierSelf,
    headers: HeaderMap,
    Params(start): Params<Start>,
) -> Answer<Response> {
    let which = Which::all_for(Viewer::Courier(courier.courier_id));
    let after = start.place(&headers)?.unwrap_or_else(|| source.live.head());
    Ok(Stream::new(&source, Acting::Person(courier.caller), which, after)?.response())
}

impl Start {
    /// The header wins: it is where the reader stands, the query where it once began.
    pub(super) fn place(&self, headers: &HeaderMap) -> Answer<Option<Cursor>> {
        let header = headers.get("last-event-id").filter(|id| !id.is_empty());
        match (header.map(|id| id.to_str()), &self.after) {
            (Some(Ok(id)), _) => cursor("Last-Event-ID", id).map(Some),
            (Some(Err(_)), _) => {
                Err(Fail::field(Code::ParamInvalid, "Last-Event-ID", "is an event's id"))
            }
            (None, Some(after)) => cursor("after", after).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// An order, what this person sees of it, and its courier on the map if that is theirs to see.
pub(super) async fn followed(
    source: &Source,
    reads: &Reads,
    couriers: Arc<Couriers>,
    person: &Person,
    order_id: &str,
) -> Answer<(Arc<Order>, Which, Option<OnMap>)> {
    let read = reads.tracking().await?;
    let (order, eyes) = tracked(&read, &person.account, order_id)?;
    let viewer = match eyes {
        Eyes::Customer => Viewer::Person(order.customer_id, None),
        Eyes::Operator => Viewer::Operator,
        Eyes::Kitchen => Viewer::Restaurant(order.restaurant_id),
        Eyes::Courier => Viewer::Person(person.account.id, person.account.courier),
    };
    let on_map = OnMap { reader: source.reader.clone(), couriers, order: Arc::clone(&order) };
    // A courier knows where they are, and is not to know where the next one is.
    let on_map = Some(on_map).filter(|_| eyes != Eyes::Courier);
    let which = Which::of_order(viewer, order.id);
    Ok((order, which, on_map))
}

/// Before the first event of an order, as far as the feed still has them.
pub(super) fn beginning(reader: &Reader, order: &Order) -> Answer<Cursor> {
    let placed = Cursor::after_entry(order.placed_index.saturating_sub(1));
    Ok(placed.max(reader.view().feed_oldest()?))
}

/// Where the courier of an order is.
pub(super) struct OnMap {
    reader: Reader,
    couriers: Arc<Couriers>,
    order: Arc<Order>,
}

impl OnMap {
    /// As JSON; nothing while there is nobody to be seen.
    pub(super) fn look(&self) -> Option<String> {
        let delivery = delivery_of(&self.reader.view(), &self.order).ok()??;
        let seen = on_map(&self.couriers, &delivery, clock::now())?;
        seen.position.as_ref()?;
        serde_json::to_string(&seen).ok()
    }
}

/// One connection. It is its own body: nothing is made that the reader does not take, and a slow
/// one reads the feed later instead of filling our memory.
struct Stream {
    source: Source,
    follow: Follow,
    viewer: Viewer,
    standing: Standing,
    map: Option<OnMap>,
    beats: Interval,
    positions: Interval,
    state: Phase,
    _seat: Seat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opened,
    Runs,
    Over,
}

impl Stream {
    fn new(source: &Source, caller: Acting, which: Which, after: Cursor) -> Answer<Self> {
        let Source { live, reader, facts } = source;
        let seat = live.seat(caller.account_id())?;
        let viewer = which.viewer;
        let standing = Standing::new(live, reader, caller, viewer, which.order);
        Ok(Self {
            source: source.clone(),
            follow: Follow::new(live, reader, facts, which, after),
            viewer,
            standing,
            map: None,
            beats: every(LOOK_EVERY),
            positions: every(POSITION_EVERY),
            state: Phase::Opened,
            _seat: seat,
        })
    }

    fn response(self) -> Response {
        let frames = futures_util::stream::unfold(self, |mut stream| async move {
            let frame = stream.next().await?;
            Some((Ok::<_, Infallible>(frame), stream))
        });
        let mut response = Body::from_stream(frames).into_response();
        let headers = response.headers_mut();
        let says = HeaderValue::from_static;
        headers.insert(header::CONTENT_TYPE, says("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, says("no-cache"));
        headers.insert("x-accel-buffering", says("no"));
        response
    }

    /// The next bytes; nothing at the end.
    async fn next(&mut self) -> Option<Bytes> {
        match self.state {
            Phase::Opened => {
                self.state = Phase::Runs;
                return Some(format!("retry: {AGAIN_MS}\n\n").into());
            }
            Phase::Runs => {}
            Phase::Over => return None,
        }
        let stop = self.source.live.stop.clone();
        loop {
            let look = tokio::select! {
                () = stop.cancelled() => return None,
                told = self.follow.next() => return self.tell(told),
                () = self.standing.stirs() => false,
                _ = self.beats.tick() => true,
                _ = self.positions.tick(), if self.map.is_some() => {
                    match self.map.as_ref().and_then(OnMap::look) {
                        Some(seen) => return Some(frame(None, "position", &seen)),
                        None => continue,
                    }
                }
            };
            if let Err(why) = self.standing.look() {
                return Some(self.end("end", None, why));
            }
            if look {
                // Also the place from where this reader can go on.
                return Some(format!(": alive\nid: {}\n\n", self.follow.passed()).into());
            }
        }
    }

    fn tell(&mut self, told: Result<Arc<crate::live::Told>, End>) -> Option<Bytes> {
        let told = match told {
            Ok(told) => told,
            Err(End::Over) => return None,
            Err(End::Expired { oldest }) => {
                let head = self.source.live.head();
                let why = expired(oldest, head, self.viewer);
                return Some(self.end("resync", Some(head), why));
            }
        };
        let first = told.frame();
        // What is there already goes with it; a failure comes again with the next call.
        let Ok(Some(mut told)) = self.follow.try_next() else { return Some(first) };
        let mut together = BytesMut::from(first);
        loop {
            together.extend_from_slice(&told.frame());
            if together.len() >= TOGETHER_BYTES {
                return Some(together.freeze());
            }
            match self.follow.try_next() {
                Ok(Some(next)) => told = next,
                Ok(None) | Err(_) => return Some(together.freeze()),
            }
        }
    }

    fn end(&mut self, event: &str, id: Option<Cursor>, why: Fail) -> Bytes {
        self.state = Phase::Over;
        let problem = why.problem("/v1/events/stream", "stream");
        frame(id, event, &serde_json::to_string(&problem).unwrap_or_default())
    }
}

/// The first tick comes after one period.
pub(super) fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
