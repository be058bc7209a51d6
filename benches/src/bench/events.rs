//! `fdload bench events`: orders at a fixed rate through the leader, while subscribers at the two
//! other nodes follow `/v1/events/stream`. How long after its acknowledgement, and after the moment
//! it was due, does each subscriber hear of an order?
//!
//! Everything is timed by one clock, since the generator is also every subscriber. An order that a
//! subscriber does not hear of fails the bench.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::JoinSet;

use crate::bench::shop::Shop;
use crate::bench::{CpuClock, cpu_json, cpu_text, print_data};
use crate::cluster::{Cluster, Setup};
use crate::http::{Ask, Connection, open_stream};
use crate::latency::Latency;
use crate::load::{self, Load, Pace, Shot, acknowledged_order};

/// Orders before the measurement, so that caches and connections are warm.
const WARM_UP: Duration = Duration::from_secs(3);
/// Connections that carry the orders: enough that none waits for a free one.
const CONNECTIONS: usize = 128;
/// What a subscriber lacks after this time it will never hear.
const HEARD_WITHIN: Duration = Duration::from_secs(10);
/// Between two looks whether everything was heard.
const LOOK: Duration = Duration::from_millis(50);
/// One kind of event, so that each order is heard of once.
const STREAM: &str = "/v1/events/stream?types=order.pending";

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Orders per second.
    #[arg(long, default_value_t = 1_000.0)]
    pub rate: f64,
    /// Subscribers, spread over the two nodes that do not lead.
    #[arg(long, default_value_t = 4)]
    pub subscribers: usize,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 15)]
    pub seconds: u64,
    /// Pay by card: two more entries for each order, from the payment gateway's answers.
    #[arg(long)]
    pub card: bool,
    /// One JSON document on stdout instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// When an order was due, and when its yes came.
#[derive(Clone, Copy, Debug)]
struct Placed {
    due: Instant,
    acknowledged: Instant,
}

/// When a subscriber heard of each order.
type Heard = Arc<Mutex<HashMap<String, Instant>>>;

#[derive(Debug)]
struct Measured {
    orders: HashMap<String, Placed>,
    refused: u64,
    took: Duration,
    heard: Vec<Heard>,
    cpu: Vec<(String, f64)>,
}

/// Starts a city, measures, and stops it.
///
/// # Errors
/// Something does not start, no order comes through, or a subscriber missed one.
pub async fn run(options: &Options, setup: &Setup) -> Result<()> {
    let mut cluster = Cluster::start(setup).await?;
    let measured = measure(options, &mut cluster).await;
    cluster.stop().await;
    report(options, &measured?)
}

async fn measure(options: &Options, cluster: &mut Cluster) -> Result<Measured> {
    eprintln!("three nodes are up; opening kitchens, signing up customers");
    let shop = Shop::open(cluster, !options.card).await?;
    let operator = shop.operator.bearer(&shop.nodes).await?;
    let leader = cluster.leader(&operator).await.context("nobody leads the city")?;
    let to = cluster.addresses[leader];
    let warm_up = Load {
        nodes: vec![to],
        shots: Arc::clone(&shop.shots),
        connections: 16,
        lasts: WARM_UP,
        pace: Pace::Closed,
        run: "warm-up".to_owned(),
    };
    let warm = load::run(warm_up).await;
    ensure!(!warm.acknowledged.is_empty(), "no order was acknowledged: {:?}", warm.refused);

    let others: Vec<_> = cluster.addresses.iter().copied().filter(|other| *other != to).collect();
    let mut subscribers = JoinSet::new();
    let mut heard = Vec::new();
    for number in 0..options.subscribers {
        let mine = Heard::default();
        let stream = subscribe(others[number % others.len()], &operator).await?;
        subscribers.spawn(listen(stream, Arc::clone(&mine)));
        heard.push(mine);
    }
    eprintln!("{} subscribers, {} s", heard.len(), options.seconds);
    let before = CpuClock::read(cluster);
    let begun = Instant::now();
    let (orders, refused) = place(options, to, &shop.shots).await?;
    let took = begun.elapsed();
    let cpu = CpuClock::read(cluster).since(&before);
    let give_up = Instant::now() + HEARD_WITHIN;
    while missing(&orders, &heard) > 0 && Instant::now() < give_up {
        tokio::time::sleep(LOOK).await;
    }
    cluster.check_alive()?;
    subscribers.abort_all();
    Ok(Measured { orders, refused, took, heard, cpu })
}

async fn subscribe(to: SocketAddr, operator: &HeaderValue) -> Result<Incoming> {
    let answer = open_stream(to, &Ask::get(STREAM).as_bearer(operator)).await?;
    ensure!(answer.status().is_success(), "a subscriber was refused: {}", answer.status());
    Ok(answer.into_body())
}

/// Until the stream ends. Frames are searched as text: parsing them would take processor time from
/// the nodes under test.
async fn listen(mut stream: Incoming, heard: Heard) {
    const SUBJECT: &[u8] = b"\"subject\":\"ord_";
    const ID: usize = "ord_".len() + 26;
    let mut rest = Vec::new();
    while let Some(Ok(frame)) = stream.frame().await {
        let now = Instant::now();
        let Ok(data) = frame.into_data() else { continue };
        rest.extend_from_slice(&data);
        let mut heard = heard.lock();
        let mut from = 0;
        while let Some(at) = find(&rest[from..], SUBJECT) {
            let start = from + at + SUBJECT.len() - "ord_".len();
            let Some(id) = rest.get(start..start + ID) else { break };
            heard.entry(String::from_utf8_lossy(id).into_owned()).or_insert(now);
            from = start + ID;
        }
        // An id that is cut in two comes whole with the next piece.
        let keep = from.max(rest.len().saturating_sub(SUBJECT.len() + ID));
        rest.drain(..keep);
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Places orders, each at its moment; gives those that were acknowledged, and how many were not.
async fn place(
    options: &Options,
    to: SocketAddr,
    shots: &Arc<[Shot]>,
) -> Result<(HashMap<String, Placed>, u64)> {
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let end = start + Duration::from_secs(options.seconds);
    let rate = options.rate;
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, shots) = (Arc::clone(&next), Arc::clone(shots));
        tasks.spawn(async move {
            let mut connection = Connection::new(to);
            let (mut orders, mut refused) = (Vec::new(), 0);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let due = start + Duration::from_secs_f64(number as f64 / rate);
                if due >= end {
                    return (orders, refused);
                }
                tokio::time::sleep_until(due.into()).await;
                let shot = &shots[number as usize % shots.len()];
                let ask = shot.ask.clone().with_key(&format!("events-{number}"));
                let answer = connection.send(&ask).await;
                let acknowledged = Instant::now();
                match answer.ok().as_ref().and_then(acknowledged_order) {
                    Some(order_id) => orders.push((order_id, Placed { due, acknowledged })),
                    None => refused += 1,
                }
            }
        });
    }
    let (mut orders, mut refused) = (HashMap::new(), 0);
    while let Some(part) = tasks.join_next().await {
        let (placed, not) = part.context("a connection's task panicked")?;
        orders.extend(placed);
        refused += not;
    }
    ensure!(!orders.is_empty(), "no order was acknowledged");
    Ok((orders, refused))
}

/// How many times a subscriber has not heard of an order.
fn missing(orders: &HashMap<String, Placed>, heard: &[Heard]) -> usize {
    let lacks = |heard: &Heard| {
        let heard = heard.lock();
        orders.keys().filter(|id| !heard.contains_key(*id)).count()
    };
    heard.iter().map(lacks).sum()
}

fn report(options: &Options, measured: &Measured) -> Result<()> {
    let Measured { orders, refused, took, heard, cpu } = measured;
    let (mut from_yes, mut from_due) = (Latency::default(), Latency::default());
    let mut yes = Latency::default();
    for placed in orders.values() {
        yes.record(placed.acknowledged - placed.due);
    }
    for heard in heard {
        let heard = heard.lock();
        for (id, placed) in orders {
            let Some(at) = heard.get(id) else { continue };
            // Often before the yes has come back: that is no time at all.
            from_yes.record(at.saturating_duration_since(placed.acknowledged));
            from_due.record(at.saturating_duration_since(placed.due));
        }
    }
    let missing = missing(orders, heard);
    let per_second = orders.len() as f64 / took.as_secs_f64();
    if options.json {
        let document = json!({
            "bench": "events", "rate": options.rate, "orders_per_s": per_second,
            "payment": if options.card { "card" } else { "cash" },
            "subscribers": heard.len(), "acknowledged": orders.len(), "refused": refused,
            "missing": missing, "order": yes.to_json(), "from_sending": from_due.to_json(),
            "from_acknowledgement": from_yes.to_json(), "cpu_s": cpu_json(cpu),
        });
        print_data(&document.to_string())?;
    } else {
        let row = |what: &str, latency: &Latency| {
            let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|part| latency.ms_at(part));
            format!("{what:<36} {p50:>8.1} {p90:>8.1} {p99:>8.1} {:>8.1}", latency.max_ms())
        };
        print_data(&format!(
            "{per_second:.0} orders/s (due {:.0}), {} acknowledged, {refused} not; \
             {} subscribers at two other nodes, {missing} events missing\n\n\
             {:<36} {:>8} {:>8} {:>8} {:>8}\n{}\n{}\n{}\n\n{}",
            options.rate,
            orders.len(),
            heard.len(),
            "milliseconds",
            "p50",
            "p90",
            "p99",
            "max",
            row("an order, from due to its yes", &yes),
            row("heard, from when the order was due", &from_due),
            row("heard, from the order's yes", &from_yes),
            cpu_text(cpu),
        ))?;
    }
    ensure!(missing == 0, "{missing} events were not heard within {HEARD_WITHIN:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_where_it_stands() {
        assert_eq!(find(b"aab", b"ab"), Some(1));
        assert_eq!(find(b"aab", b"b"), Some(2));
        assert_eq!(find(b"", b"b"), None);
    }
}
