//! The same as the streams, through WebSockets: for phones and tablets that also have to say
//! something.
//!
//! Down come the events as the feed shows them, and now and then `{"type":"alive","id":..}`: the
//! place from which a reader can go on (`?after=`). A refusal is a problem document.

use super::auth::{Acting, AsKnown, CourierSelf, Person, Staff};
use super::couriers::{ping, taken};
use super::deliveries::work_of;
use super::error::{Answer, Fail};
use super::events::expired;
use super::params::Params;
use super::reading::Reads;
use super::standing::{LOOK_EVERY, Standing};
use super::streams::{OnMap, POSITION_EVERY, Source, Start, beginning, every, followed};
use super::writing::Log;
use crate::clock;
use crate::live::{End, Follow, Seat, Told, Which};
use crate::pings::Pings;
use crate::vault::Vault;
use api::codes::Code;
use api::couriers::PositionReport;
use api::orders::OrderSeen;
use api::problem::Problem;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::ids::{CourierId, RestaurantId};
use domain::order::SeenOrder;
use domain::{Actor, Command, Cursor, Viewer};
use geo_index::Couriers;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A socket whose other end says nothing for so long, not even that it is there, is closed.
const SILENCE: Duration = Duration::from_secs(45);
/// How often the other end is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A frame that cannot be sent for so long ends the socket: its reader comes again.
const SENT_WITHIN: Duration = Duration::from_secs(45);
/// The largest frame that may come, in bytes.
const FRAME_BYTES: usize = 4 << 10;
/// Close codes, as the protocol numbers them: the node stops; somebody may not go on.
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// An order's socket
///
/// Down: its story, or what comes after `after`, and `{"type":"position",..}` while its courier
/// moves. Nothing is expected from the other end.
#[utoipa::path(get, path = "/order/{order_id}/live", tag = "orders", security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("after" = Option<String>, Query, description = "Go on after this event")),
    responses((status = 101, description = "The socket is open"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_order(
    source: Source,
    State(city): State<raft::City>,
    State(couriers): State<Arc<Couriers>>,
    AsKnown(person): AsKnown<Person>,
    headers: HeaderMap,
    Params(start): Params<Start>,
    Path(order_id): Path<String>,
    upgrade: Upgrade,
) -> Answer<Response> {
    let reads = Reads::plain(city, source.reader.clone());
    let (order, which, map) = followed(&source, &reads, couriers, &person, &order_id).await?;
    let after = match start.place(&headers)? {
        Some(after) => after,
        None => beginning(&source.reader, &order)?,
    };
    let mut socket = Socket::new(&source, Acting::Person(person.caller), which, after, Ears::None)?;
    socket.map = map;
    socket.open(upgrade)
}

/// A restaurant's socket
///
/// Down: what the restaurant is told, from `after` or from now on. Up: `{"seen": "ord_.."}` stops
/// the alert for that order on every tablet; it is answered with `{"type":"seen",..}`.
#[utoipa::path(get, path = "/restaurant/{id}/live", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("after" = Option<String>, Query, description = "Go on after this event")),
    responses((status = 101, description = "The socket is open"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_restaurant(
    source: Source,
    staff: Staff,
    log: Log,
    headers: HeaderMap,
    Params(start): Params<Start>,
    upgrade: Upgrade,
) -> Answer<Response> {
    let restaurant_id = staff.restaurant_id;
    let which = Which::all_for(Viewer::Restaurant(restaurant_id));
    let after = start.place(&headers)?.unwrap_or_else(|| source.live.head());
    let ears = Ears::Kitchen { log, actor: staff.caller.actor(), restaurant_id };
    Socket::new(&source, staff.caller, which, after, ears)?.open(upgrade)
}

/// The courier's socket
///
/// Up: position reports as JSON text frames. Down: the courier's work (as `assignments`) at once
/// and after each change that concerns them.
#[utoipa::path(get, path = "/delivery/{id}/live", tag = "couriers", security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me")),
    responses((status = 101, description = "The socket is open"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn of_courier(
    source: Source,
    State(vault): State<Vault>,
    State(pings): State<Pings>,
    AsKnown(courier): AsKnown<CourierSelf>,
    upgrade: Upgrade,
) -> Answer<Response> {
    let id = courier.courier_id;
    let which = Which::all_for(Viewer::Courier(id));
    // All of the work is sent at once, so nothing before now is missed.
    let after = source.live.head();
    Socket::new(
        &source,
        Acting::Person(courier.caller),
        which,
        after,
        Ears::Courier { vault, pings, id },
    )?
    .open(upgrade)
}

/// What the other end may say, and what that needs.
enum Ears {
    /// Nothing.
    None,
    /// Alerts that somebody has seen.
    Kitchen { log: Log, actor: Actor, restaurant_id: RestaurantId },
    /// Positions; down comes the work instead of the events.
    Courier { vault: Vault, pings: Pings, id: CourierId },
}

struct Socket {
    source: Source,
    follow: Follow,
    viewer: Viewer,
    standing: Standing,
    map: Option<OnMap>,
    ears: Ears,
    _seat: Seat,
}

/// The socket ends, with a reason if the other end can still be told.
enum Over {
    Gone,
    Told(u16, &'static str),
}

impl Socket {
    fn new(
        source: &Source,
        caller: Acting,
        which: Which,
        after: Cursor,
        ears: Ears,
    ) -> Answer<Self> {
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
            ears,
            _seat: seat,
        })
    }

    fn open(self, upgrade: Upgrade) -> Answer<Response> {
        let upgrade = upgrade.map_err(|why| Fail::because(Code::ParamInvalid, why.to_string()))?;
        let upgrade = upgrade
            .read_buffer_size(2 << 10)
            .max_message_size(FRAME_BYTES)
            .max_frame_size(FRAME_BYTES);
        Ok(upgrade.on_upgrade(move |ws| self.run(ws)))
    }

    async fn run(mut self, mut ws: WebSocket) {
        let Err(over) = self.serve(&mut ws).await;
        if let Over::Told(code, reason) = over {
            let close = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            let _ = send(&mut ws, Message::Close(Some(close))).await;
        }
    }

    async fn serve(&mut self, ws: &mut WebSocket) -> Result<std::convert::Infallible, Over> {
        let stop = self.source.live.stop.clone();
        let (mut pings, mut looks) = (every(PING_EVERY), every(LOOK_EVERY));
        let mut positions = every(POSITION_EVERY);
        let mut heard = Instant::now();
        self.send_work(ws).await?;
        loop {
            tokio::select! {
                () = stop.cancelled() => return Err(Over::Told(GOING_AWAY, "the node stops")),
                frame = ws.recv() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(frame)) => self.hear(ws, frame).await?,
                        Some(Err(_)) | None => return Err(Over::Gone),
                    }
                }
                told = self.follow.next() => self.tell(ws, told).await?,
                () = self.standing.stirs() => self.look(ws).await?,
                _ = looks.tick() => {
                    self.look(ws).await?;
                    self.say_alive(ws).await?;
                }
                _ = positions.tick(), if self.map.is_some() => {
                    if let Some(seen) = self.map.as_ref().and_then(OnMap::look) {
                        let text = format!(r#"{{"type":"position","data":{seen}}}"#);
                        send(ws, Message::Text(text.into())).await?;
                    }
                }
                _ = pings.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Err(Over::Told(POLICY, "nothing heard for too long"));
                    }
                    send(ws, Message::Ping(Vec::new().into())).await?;
                }
            }
        }
    }

    async fn tell(&mut self, ws: &mut WebSocket, told: Result<Arc<Told>, End>) -> Result<(), Over> {
        let told = match told {
            Ok(told) => told,
            Err(End::Over) => return Err(Over::Told(GOING_AWAY, "the feed has ended here")),
            Err(End::Expired { oldest }) => {
                let why = expired(oldest, self.source.live.head(), self.viewer);
                self.refuse(ws, why).await?;
                return Err(Over::Told(POLICY, "the place is too old"));
            }
        };
        match &self.ears {
            Ears::None | Ears::Kitchen { .. } => send(ws, Message::Text(told.json())).await,
            Ears::Courier { .. } => {
                // The work shows what all of it came to.
                while let Ok(Some(_)) = self.follow.try_next() {}
                self.send_work(ws).await
            }
        }
    }

    /// A courier's work, all of it each time: what is lost on the way is in the next one.
    async fn send_work(&self, ws: &mut WebSocket) -> Result<(), Over> {
        let Ears::Courier { vault, id, .. } = &self.ears else { return Ok(()) };
        let work = work_of(&self.source.reader.view(), vault, *id).map_err(|_| Over::Gone)?;
        let text = serde_json::to_string(&work).map_err(|_| Over::Gone)?;
        send(ws, Message::Text(text.into())).await
    }

    async fn say_alive(&mut self, ws: &mut WebSocket) -> Result<(), Over> {
        match self.ears {
            Ears::None | Ears::Kitchen { .. } => {
                let alive = json!({"type": "alive", "id": self.follow.passed().to_string()});
                send(ws, Message::Text(alive.to_string().into())).await
            }
            Ears::Courier { .. } => Ok(()),
        }
    }

    async fn look(&self, ws: &mut WebSocket) -> Result<(), Over> {
        let Err(why) = self.standing.look() else { return Ok(()) };
        self.refuse(ws, why).await?;
        Err(Over::Told(POLICY, "you may not go on"))
    }

    async fn hear(&self, ws: &mut WebSocket, frame: Message) -> Result<(), Over> {
        let text = match frame {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) => return Ok(()),
            Message::Close(_) => return Err(Over::Gone),
        };
        let answer = match &self.ears {
            Ears::None => {
                Err(Fail::because(Code::ParamInvalid, "nothing is expected from this end"))
            }
            Ears::Kitchen { log, actor, restaurant_id } => {
                seen(log, actor, *restaurant_id, text.as_bytes()).await.map(Some)
            }
            Ears::Courier { pings, id, .. } => {
                let report = super::body::parse::<PositionReport>(text.as_bytes());
                let ping = report.and_then(|report| ping(*id, &report, clock::now(), ""));
                ping.and_then(|ping| taken(pings, ping, "/point")).map(|_| None)
            }
        };
        match answer {
            Ok(Some(text)) => send(ws, Message::Text(text.into())).await,
            Ok(None) => Ok(()),
            Err(fail) => self.refuse(ws, fail).await,
        }
    }

    async fn refuse(&self, ws: &mut WebSocket, why: Fail) -> Result<(), Over> {
        let path = match self.ears {
            Ears::None => "/v1/order/live",
            Ears::Kitchen { .. } => "/v1/restaurant/live",
            Ears::Courier { .. } => "/v1/delivery/me/live",
        };
        let problem = why.problem(path, "socket");
        let text = serde_json::to_string(&problem).map_err(|_| Over::Gone)?;
        send(ws, Message::Text(text.into())).await
    }
}

/// Somebody has seen an alert.
async fn seen(
    log: &Log,
    actor: &Actor,
    restaurant_id: RestaurantId,
    text: &[u8],
) -> Answer<String> {
    let OrderSeen { seen: order_id } = super::body::parse(text)?;
    let wish = Command::SeenOrder(SeenOrder { order_id, restaurant_id });
    let done = log.propose(actor.clone(), wish).await?;
    Ok(json!({"type": "seen", "order_id": order_id, "index": done.index}).to_string())
}

/// While a frame waits for its reader, the events after it wait in the feed.
async fn send(ws: &mut WebSocket, frame: Message) -> Result<(), Over> {
    match tokio::time::timeout(SENT_WITHIN, ws.send(frame)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Over::Gone),
    }
}
