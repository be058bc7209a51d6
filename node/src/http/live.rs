//! What happens as it happens: an order for those who wait for it, and the courier's socket.
//!
//! A stream that falls behind reads the feed itself; it never skips an event in silence.
//! Positions are soft: only the newest is sent, and they have no id.

use super::auth::{CourierSelf, Person};
use super::couriers::{ping, taken};
use super::deliveries::work_of;
use super::error::{Answer, Fail};
use super::events::{cursor, shown};
use super::orders::{delivery_of, on_map, tracked};
use super::reading::Reads;
use crate::clock;
use crate::node::Facts;
use crate::pings::Pings;
use crate::vault::Vault;
use api::codes::Code;
use api::couriers::PositionReport;
use api::problem::Problem;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::CourierId;
use domain::order::Order;
use geo_index::Couriers;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use storage::{Cursor, FEED_PAGE, FeedEvent, Reader};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

/// How often a moving courier is shown.
const POSITION_EVERY: Duration = Duration::from_secs(1);
/// Frames that a slow reader may leave lying; then the stream waits for them.
const FRAMES: usize = 64;
/// A courier's socket that says nothing for so long is closed.
const SILENCE: Duration = Duration::from_secs(45);
/// How often the server asks a courier's phone whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// The largest frame a courier may send, in bytes.
const COURIER_FRAME_BYTES: usize = 4 << 10;

/// Events of this node's feed, as they are taken, and the end of the node.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// Every event, in order.
    pub events: broadcast::Sender<Arc<FeedEvent>>,
    /// The node is stopping: streams end, so that their readers go elsewhere.
    pub stop: CancellationToken,
}

/// Follow an order (server-sent events)
///
/// Events carry the feed's ids: send the last one as `Last-Event-ID`, to any node, to go on. A
/// frame `position` has none.
#[utoipa::path(get, path = "/order/{order_id}/stream", tag = "orders",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event")),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "Events"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn order_stream(
    State(live): State<Live>,
    State(reader): State<Reader>,
    State(couriers): State<Arc<Couriers>>,
    State(facts): State<Arc<Facts>>,
    person: Person,
    reads: Reads,
    headers: HeaderMap,
    Path(order_id): Path<String>,
) -> Answer<impl IntoResponse> {
    let read = reads.tracking().await?;
    let (order, _) = tracked(&read, &person.account, &order_id)?;
    let from = match headers.get("last-event-id").map(|id| id.to_str()) {
        Some(Ok(id)) => cursor("Last-Event-ID", id)?,
        Some(Err(_)) => return Err(Fail::field(Code::ParamInvalid, "Last-Event-ID", "is an id")),
        // From the beginning of the order: its whole story, in order.
        None => Cursor::after_entry(order.placed_index.saturating_sub(1)),
    };
    drop(read);
    let (frames, stream) = mpsc::channel(FRAMES);
    let follow = OrderStream { live, reader, couriers, facts, order, cursor: from, frames };
    tokio::spawn(follow.run());
    Ok(Sse::new(ReceiverStream::new(stream)).keep_alive(KeepAlive::default()))
}

struct OrderStream {
    live: Live,
    reader: Reader,
    couriers: Arc<Couriers>,
    facts: Arc<Facts>,
    order: Arc<Order>,
    cursor: Cursor,
    frames: mpsc::Sender<Result<SseEvent, Infallible>>,
}

/// The reader has gone, or the order has nothing more to tell.
struct Over;

impl OrderStream {
    async fn run(mut self) {
        // Subscribed first, read afterwards: nothing falls between the two.
        let mut events = self.live.events.subscribe();
        let mut positions = tokio::time::interval(POSITION_EVERY);
        if self.read_feed().await.is_err() {
            return;
        }
        loop {
            let said = tokio::select! {
                () = self.live.stop.cancelled() => return,
                () = self.frames.closed() => return,
                event = events.recv() => match event {
                    Ok(event) => self.tell(&event).await,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.read_feed().await,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = positions.tick() => self.tell_position(),
            };
            if said.is_err() {
                return;
            }
        }
    }

    /// From the cursor to the end of the feed.
    async fn read_feed(&mut self) -> Result<(), Over> {
        loop {
            let page = match self.reader.view().feed(self.cursor, FEED_PAGE) {
                Ok(page) => page,
                Err(storage::Error::BehindRetention { oldest }) => {
                    let resync = SseEvent::default().event("resync").data(oldest.to_string());
                    let _ = self.frames.send(Ok(resync)).await;
                    return Err(Over);
                }
                Err(error) => {
                    tracing::error!(%error, "the feed cannot be read for a stream");
                    return Err(Over);
                }
            };
            let full = page.events.len() == FEED_PAGE;
            for event in &page.events {
                self.tell(event).await?;
            }
            self.cursor = page.next.max(self.cursor);
            if !full {
                return Ok(());
            }
        }
    }

    async fn tell(&mut self, event: &FeedEvent) -> Result<(), Over> {
        if event.cursor <= self.cursor {
            return Ok(());
        }
        self.cursor = event.cursor;
        if event.event.order_id() != Some(self.order.id) {
            return Ok(());
        }
        let shown = shown(&self.facts, event);
        let data = serde_json::to_string(&shown).map_err(|_| Over)?;
        let frame = SseEvent::default().id(shown.id).event(shown.kind).data(data);
        self.frames.send(Ok(frame)).await.map_err(|_| Over)
    }

    fn tell_position(&self) -> Result<(), Over> {
        // A slow reader gets the next one instead.
        let Ok(place) = self.frames.try_reserve() else { return Ok(()) };
        let delivery = delivery_of(&self.reader.view(), &self.order).map_err(|_| Over)?;
        let Some(delivery) = delivery else { return Ok(()) };
        let seen = on_map(&self.couriers, &delivery, clock::now());
        let Some(seen) = seen.filter(|seen| seen.position.is_some()) else { return Ok(()) };
        let data = serde_json::to_string(&seen).map_err(|_| Over)?;
        place.send(Ok(SseEvent::default().event("position").data(data)));
        Ok(())
    }
}

/// The courier's socket
///
/// Up: position reports as JSON text frames. Down: the courier's work (as `assignments`) at once
/// and after each change that concerns them.
#[utoipa::path(get, path = "/delivery/{id}/live", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me")),
    responses((status = 101, description = "The socket is open"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn courier_socket(
    State(live): State<Live>,
    State(reader): State<Reader>,
    State(vault): State<Vault>,
    State(pings): State<Pings>,
    courier: CourierSelf,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let upgrade = upgrade.map_err(|why| Fail::because(Code::ParamInvalid, why.to_string()))?;
    let upgrade = upgrade
        .read_buffer_size(2 << 10)
        .max_message_size(COURIER_FRAME_BYTES)
        .max_frame_size(COURIER_FRAME_BYTES);
    let socket = CourierSocket { live, reader, vault, pings, id: courier.courier_id };
    Ok(upgrade.on_upgrade(move |ws| socket.run(ws)))
}

struct CourierSocket {
    live: Live,
    reader: Reader,
    vault: Vault,
    pings: Pings,
    id: CourierId,
}

impl CourierSocket {
    async fn run(self, mut ws: WebSocket) {
        let mut events = self.live.events.subscribe();
        let mut alive = tokio::time::interval(PING_EVERY);
        let mut heard = tokio::time::Instant::now();
        if self.send_work(&mut ws).await.is_err() {
            return;
        }
        loop {
            let said = tokio::select! {
                () = self.live.stop.cancelled() => break,
                frame = ws.recv() => {
                    heard = tokio::time::Instant::now();
                    match frame {
                        Some(Ok(frame)) => self.hear(&mut ws, frame).await,
                        Some(Err(_)) | None => return,
                    }
                }
                event = events.recv() => match event {
                    Ok(event) if event.event.courier_id() != Some(self.id) => Ok(()),
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        self.send_work(&mut ws).await
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                _ = alive.tick() => {
                    if heard.elapsed() > SILENCE { break }
                    ws.send(Message::Ping(Vec::new().into())).await.map_err(|_| Over)
                }
            };
            if said.is_err() {
                return;
            }
        }
        let _ = ws.send(Message::Close(None)).await;
    }

    /// All of it, each time: a change that is lost on the way is in the next one.
    async fn send_work(&self, ws: &mut WebSocket) -> Result<(), Over> {
        let work = work_of(&self.reader.view(), &self.vault, self.id).map_err(|_| Over)?;
        let text = serde_json::to_string(&work).map_err(|_| Over)?;
        ws.send(Message::Text(text.into())).await.map_err(|_| Over)
    }

    async fn hear(&self, ws: &mut WebSocket, frame: Message) -> Result<(), Over> {
        let text = match frame {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) => return Ok(()),
            Message::Close(_) => return Err(Over),
        };
        let refused = match super::body::parse::<PositionReport>(text.as_bytes()) {
            Ok(report) => ping(self.id, &report, clock::now(), "")
                .and_then(|ping| taken(&self.pings, ping, "/point"))
                .err(),
            Err(fail) => Some(fail),
        };
        let Some(fail) = refused else { return Ok(()) };
        let problem = fail.problem("/delivery/me/live", "socket");
        let text = serde_json::to_string(&problem).map_err(|_| Over)?;
        ws.send(Message::Text(text.into())).await.map_err(|_| Over)
    }
}
