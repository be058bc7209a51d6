//! Where couriers are: taken here, told to the other nodes ten times a second, newest wins.
//!
//! Nothing of this is in the log. A position that is lost on the way is followed by the next one
//! within a second.

use crate::clock;
use crate::metrics::Metrics;
use domain::ids::CourierId;
use domain::position::Position;
use domain::time::Timestamp;
use geo_index::{Couriers, GeoError, Ping, Stamp, Taken};
use parking_lot::Mutex;
use prost::Message;
use raft::City;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// News is gathered this long and then told in one message.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Positions in one message; a second of the largest city is told in a few.
const POSITIONS_A_MESSAGE: usize = 4_096;
/// The tree of couriers is built anew at least this often while they move.
const REBUILD_EVERY: Duration = Duration::from_secs(1);

/// Takes positions. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pings {
    couriers: Arc<Couriers>,
    /// What the other nodes have not been told; only the newest of each courier.
    news: Arc<Mutex<BTreeMap<CourierId, Ping>>>,
    metrics: Metrics,
}

/// What the nodes tell each other.
#[derive(Clone, PartialEq, Message)]
struct Told {
    #[prost(message, repeated, tag = "1")]
    positions: Vec<TellOne>,
}

#[derive(Clone, PartialEq, Message)]
struct TellOne {
    #[prost(bytes = "vec", tag = "1")]
    courier: Vec<u8>,
    #[prost(uint32, tag = "2")]
    conn: u32,
    #[prost(uint32, tag = "3")]
    seq: u32,
    #[prost(sint64, tag = "4")]
    at_ms: i64,
    #[prost(sfixed32, tag = "5")]
    lat_e7: i32,
    #[prost(sfixed32, tag = "6")]
    lng_e7: i32,
    #[prost(float, optional, tag = "7")]
    speed_mps: Option<f32>,
    #[prost(uint32, optional, tag = "8")]
    heading_deg: Option<u32>,
}

impl Pings {
    /// Over the courier map of this node.
    pub(crate) fn new(couriers: Arc<Couriers>, metrics: Metrics) -> Self {
        Self { couriers, news: Arc::default(), metrics }
    }

    /// Takes a courier's own word, to be told on.
    ///
    /// # Errors
    /// The place is outside the city, or the map is full.
    pub(crate) fn take(&self, ping: Ping) -> Result<Taken, GeoError> {
        let taken = self.couriers.moved(&ping)?;
        self.metrics.pings_taken(1);
        if taken == Taken::Newest {
            self.news.lock().insert(ping.courier, ping);
        }
        Ok(taken)
    }

    /// Tells and listens until `stop`.
    pub(crate) async fn run(self, city: City, stop: CancellationToken) {
        let mut heard = city.datagrams();
        let mut ticks = tokio::time::interval(TELL_EVERY);
        let mut rebuilds = tokio::time::interval(REBUILD_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.tell(&city),
                _ = rebuilds.tick() => {
                    let couriers = Arc::clone(&self.couriers);
                    // Tens of milliseconds for a large city: not on a request's thread.
                    let _ = tokio::task::spawn_blocking(move || couriers.rebuild()).await;
                }
                message = heard.recv() => match message {
                    Ok(bytes) => self.hear(&bytes),
                    // The next message of each courier says more than the lost one.
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
            }
        }
    }

    fn tell(&self, city: &City) {
        let news = std::mem::take(&mut *self.news.lock());
        let news: Vec<Ping> = news.into_values().collect();
        for part in news.chunks(POSITIONS_A_MESSAGE) {
            let positions = part.iter().map(TellOne::of).collect();
            city.tell_all(Told { positions }.encode_to_vec().into());
        }
    }

    /// A peer is a node of this city, by its certificate; what it says is still checked.
    fn hear(&self, bytes: &[u8]) {
        let Ok(told) = Told::decode(bytes) else {
            tracing::warn!("a message about positions cannot be read");
            return;
        };
        let now = clock::now();
        let pings = told.positions.iter().filter_map(|one| one.ping(now));
        let taken = pings.filter(|ping| self.couriers.moved(ping) == Ok(Taken::Newest)).count();
        self.metrics.pings_taken(taken);
    }
}

impl TellOne {
    fn of(ping: &Ping) -> Self {
        Self {
            courier: ping.courier.0.to_vec(),
            conn: u32::from(ping.stamp.conn),
            seq: u32::from(ping.stamp.seq),
            at_ms: ping.at.0,
            lat_e7: ping.position.lat_e7,
            lng_e7: ping.position.lng_e7,
            speed_mps: ping.speed_mps,
            heading_deg: ping.heading_deg.map(u32::from),
        }
    }

    fn ping(&self, now: Timestamp) -> Option<Ping> {
        Some(Ping {
            courier: CourierId(self.courier.as_slice().try_into().ok()?),
            stamp: Stamp {
                conn: u16::try_from(self.conn).ok()?,
                seq: u16::try_from(self.seq).ok()?,
            },
            // A peer's clock that runs ahead must not make a position look fresh for long.
            at: Timestamp(self.at_ms.min(now.0)),
            position: Position { lat_e7: self.lat_e7, lng_e7: self.lng_e7 },
            speed_mps: self.speed_mps,
            heading_deg: self.heading_deg.and_then(|deg| u16::try_from(deg).ok()),
        })
    }
}
