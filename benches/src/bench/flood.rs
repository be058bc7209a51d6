//! `fdload bench flood`: orders at a steady rate while nobody else asks for anything, and then
//! while somebody hammers at the door with wrong passwords. No limit by address stands in the way:
//! this is what is left to do against a flood from everywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::bench::print_data;
use crate::bench::shop::Shop;
use crate::cluster::{Cluster, Setup};
use crate::http::{Ask, Connection};
use crate::load::{self, Load, Outcome, Pace};

/// Orders before the measurement, so that caches and connections are warm.
const WARM_UP: Duration = Duration::from_secs(3);
/// Of those who order.
const CONNECTIONS: usize = 64;
/// Of those who hammer: enough that one who waits for an answer holds up nobody.
const HAMMERS: usize = 256;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Orders per second, each latency from the moment the order was due.
    #[arg(long, default_value_t = 100.0)]
    pub orders: f64,
    /// Logins per second, each with a wrong password.
    #[arg(long, default_value_t = 200.0)]
    pub logins: f64,
    /// Seconds of each of the two measurements.
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
    /// One JSON document on stdout instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Starts a city, measures twice, and stops it.
///
/// # Errors
/// Something does not start, or no order is acknowledged.
pub async fn run(options: &Options, setup: &Setup) -> Result<()> {
    let mut cluster = Cluster::start(setup).await?;
    let measured = measure(options, &mut cluster).await;
    cluster.stop().await;
    measured
}

async fn measure(options: &Options, cluster: &mut Cluster) -> Result<()> {
    let shop = Shop::open(cluster, false).await?;
    let pace = Pace::Open { per_second: options.orders };
    let load = |name: &str, lasts| Load {
        nodes: cluster.addresses.clone(),
        shots: Arc::clone(&shop.shots),
        connections: CONNECTIONS,
        lasts,
        pace,
        run: format!("flood-{name}"),
    };
    load::run(load("warm-up", WARM_UP)).await;
    let lasts = Duration::from_secs(options.seconds);
    eprintln!("quiet, {} s", options.seconds);
    let quiet = load::run(load("quiet", lasts)).await;
    eprintln!("flooded, {} s", options.seconds);
    let flood = Flood::begin(cluster.addresses.clone(), options.logins);
    let flooded = load::run(load("flooded", lasts)).await;
    let answers = flood.end().await;
    cluster.check_alive()?;
    ensure!(quiet.latency.count() > 0 && flooded.latency.count() > 0, "no order came through");
    match options.json {
        true => print_data(&document(options, &quiet, &flooded, &answers).to_string()),
        false => print_data(&table(options, &quiet, &flooded, &answers)),
    }
}

/// Those who hammer.
struct Flood {
    over: Arc<AtomicBool>,
    hammers: JoinSet<BTreeMap<String, u64>>,
}

impl Flood {
    fn begin(nodes: Vec<SocketAddr>, per_second: f64) -> Self {
        let (over, number) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let start = Instant::now();
        let mut hammers = JoinSet::new();
        for place in 0..HAMMERS {
            let (over, number) = (Arc::clone(&over), Arc::clone(&number));
            let to = nodes[place % nodes.len()];
            hammers.spawn(async move { hammer(to, start, per_second, &number, &over).await });
        }
        Self { over, hammers }
    }

    /// What was answered, by code.
    async fn end(mut self) -> BTreeMap<String, u64> {
        self.over.store(true, Ordering::Relaxed);
        let mut all = BTreeMap::new();
        while let Some(answers) = self.hammers.join_next().await {
            for (code, count) in answers.unwrap_or_default() {
                *all.entry(code).or_default() += count;
            }
        }
        all
    }
}

/// Takes the next login that is due, and sends it when it is.
async fn hammer(
    to: SocketAddr,
    start: Instant,
    per_second: f64,
    number: &AtomicU64,
    over: &AtomicBool,
) -> BTreeMap<String, u64> {
    let (mut connection, mut answers) = (Connection::new(to), BTreeMap::new());
    let mut look = interval(Duration::from_millis(5));
    look.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !over.load(Ordering::Relaxed) {
        let next = number.fetch_add(1, Ordering::Relaxed);
        let due = start + Duration::from_secs_f64(next as f64 / per_second);
        while Instant::now() < due && !over.load(Ordering::Relaxed) {
            look.tick().await;
        }
        let body = json!({"login": format!("+3469{next:09}"), "password": "not my password"});
        let ask = Ask::new(Method::POST, "/v1/login").with_json(&body);
        let code = match connection.send(&ask).await {
            Ok(answer) => answer.code(),
            Err(_) => "no answer".to_owned(),
        };
        *answers.entry(code).or_default() += 1;
    }
    answers
}

fn table(
    options: &Options,
    quiet: &Outcome,
    flooded: &Outcome,
    answers: &BTreeMap<String, u64>,
) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} orders/s, 3 nodes and the generator on this machine; then {} wrong logins/s beside\n",
        options.orders, options.logins
    );
    let _ = writeln!(
        text,
        "{:>8} {:>8} {:>9} {:>9} {:>9}  refused",
        "", "orders", "p50 ms", "p99 ms", "max ms"
    );
    for (name, outcome) in [("quiet", quiet), ("flooded", flooded)] {
        let latency = &outcome.latency;
        let _ = writeln!(
            text,
            "{name:>8} {:>8} {:>9.1} {:>9.1} {:>9.1}  {:?}",
            latency.count(),
            latency.ms_at(0.5),
            latency.ms_at(0.99),
            latency.max_ms(),
            outcome.refused
        );
    }
    let _ = writeln!(text, "\np99 flooded / quiet: {:.2}", ratio(quiet, flooded));
    let _ = writeln!(text, "logins: {answers:?}");
    text
}

fn document(
    options: &Options,
    quiet: &Outcome,
    flooded: &Outcome,
    answers: &BTreeMap<String, u64>,
) -> Value {
    let shown = |it: &Outcome| json!({"latency": it.latency.to_json(), "refused": it.refused});
    json!({
        "orders_per_s": options.orders, "logins_per_s": options.logins,
        "quiet": shown(quiet), "flooded": shown(flooded),
        "p99_ratio": ratio(quiet, flooded), "logins": answers,
    })
}

fn ratio(quiet: &Outcome, flooded: &Outcome) -> f64 {
    flooded.latency.ms_at(0.99) / quiet.latency.ms_at(0.99).max(f64::EPSILON)
}
