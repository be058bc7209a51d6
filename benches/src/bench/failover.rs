//! `fdload bench failover`: the leader is killed with SIGKILL under a light load; how long until
//! the next order is acknowledged?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::JoinSet;

use crate::bench::print_data;
use crate::bench::shop::Shop;
use crate::cluster::{Cluster, Setup};
use crate::http::Connection;
use crate::ledger::{Acknowledged, Ledger};
use crate::load::{Shot, acknowledged_order};
use crate::verify::{self, Look};

/// Customers who place one order after the other.
const BUYERS: usize = 12;
/// Between two orders of one buyer.
const THINKS: Duration = Duration::from_millis(20);
/// Between two attempts at the same order.
const REPEATS_EVERY: Duration = Duration::from_millis(5);
/// Quiet time before each kill: the city has a leader, and everybody has caught up.
const SETTLES: Duration = Duration::from_millis(1_500);
/// An order comes through within this time, or the bench has failed.
const BACK_WITHIN: Duration = Duration::from_secs(30);

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many leaders are killed.
    #[arg(long, default_value_t = 10)]
    pub rounds: usize,
    /// One JSON document on stdout instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What the buyers do together.
#[derive(Debug)]
struct Market {
    addresses: Vec<std::net::SocketAddr>,
    shots: Arc<[Shot]>,
    ledger: Ledger,
    /// Since the last kill, in the order of the answers: when an order was begun, and answered.
    answers: Mutex<Vec<(Instant, Instant)>>,
    answered: tokio::sync::Notify,
    over: AtomicBool,
}

/// Starts a city, kills its leaders one by one, counts, and stops it.
///
/// # Errors
/// Something does not start, no order comes through any more, or one is missing at the end.
pub async fn run(options: &Options, setup: &Setup) -> Result<()> {
    let mut cluster = Cluster::start(setup).await?;
    let measured = measure(options, &mut cluster).await;
    cluster.stop().await;
    measured
}

async fn measure(options: &Options, cluster: &mut Cluster) -> Result<()> {
    let shop = Shop::open(cluster, false).await?;
    let market = Arc::new(Market {
        addresses: cluster.addresses.clone(),
        shots: Arc::clone(&shop.shots),
        ledger: Ledger::default(),
        answers: Mutex::default(),
        answered: tokio::sync::Notify::new(),
        over: AtomicBool::new(false),
    });
    let mut buyers = JoinSet::new();
    for number in 0..BUYERS {
        let market = Arc::clone(&market);
        buyers.spawn(async move { buy(&market, number).await });
    }
    let mut gaps = Vec::new();
    for round in 1..=options.rounds {
        let gap = kill_once(cluster, &shop, &market).await?;
        eprintln!("round {round}: {:.0} ms", gap.as_secs_f64() * 1_000.0);
        gaps.push(gap);
    }
    market.over.store(true, Ordering::Relaxed);
    while buyers.join_next().await.is_some() {}
    let look = Look::Own { after: market.ledger.highest_index() };
    let (orders, bearers) = (market.ledger.orders(), shop.bearers().await?);
    let total = orders.len();
    let missing = verify::missing(&cluster.addresses, orders, bearers, look).await;
    report(options, gaps, total, missing.len())?;
    ensure!(missing.is_empty(), "{} are missing, the first: {:?}", missing.len(), missing[0]);
    Ok(())
}

async fn kill_once(cluster: &mut Cluster, shop: &Shop, market: &Market) -> Result<Duration> {
    tokio::time::sleep(SETTLES).await;
    let operator = shop.operator.bearer(&shop.nodes).await?;
    let leader = cluster.leader(&operator).await.context("nobody leads the city")?;
    market.answers.lock().clear();
    let killed = Instant::now();
    cluster.kill(leader).await?;
    // Only an order that was begun when the leader was certainly gone counts: an answer that was
    // already on its way says nothing about the others.
    let gone = Instant::now();
    let gap = tokio::time::timeout(BACK_WITHIN, async {
        loop {
            let answered = market.answered.notified();
            let first = market.answers.lock().iter().find(|(begun, _)| *begun >= gone).copied();
            if let Some((_, at)) = first {
                return at - killed;
            }
            answered.await;
        }
    });
    let gap = gap.await.context("no order came through any more")?;
    cluster.restart(leader)?;
    cluster.wait_until_ready().await?;
    Ok(gap)
}

async fn buy(market: &Market, number: usize) {
    let mut connections: Vec<_> = market.addresses.iter().map(|a| Connection::new(*a)).collect();
    let mut node = number;
    for turn in 0_usize.. {
        if market.over.load(Ordering::Relaxed) {
            break;
        }
        let shot = &market.shots[(number + turn * BUYERS) % market.shots.len()];
        let ask = shot.ask.clone().with_key(&format!("failover-{number}-{turn}"));
        let begun = Instant::now();
        loop {
            let count = connections.len();
            let answer = connections[node % count].send(&ask).await;
            if let Ok(answer) = &answer
                && let Some(order_id) = acknowledged_order(answer)
            {
                let (customer, index) = (shot.customer, answer.index());
                market.ledger.acknowledge(Acknowledged { order_id, customer, index });
                market.note(begun);
                break;
            }
            if begun.elapsed() > BACK_WITHIN {
                break;
            }
            node += 1;
            tokio::time::sleep(REPEATS_EVERY).await;
        }
        tokio::time::sleep(THINKS).await;
    }
}

impl Market {
    fn note(&self, begun: Instant) {
        self.answers.lock().push((begun, Instant::now()));
        self.answered.notify_waiters();
    }
}

fn report(options: &Options, mut gaps: Vec<Duration>, total: usize, missing: usize) -> Result<()> {
    let rounds: Vec<_> = gaps.iter().map(|gap| gap.as_secs_f64() * 1_000.0).collect();
    gaps.sort();
    let ms = |gap: Option<&Duration>| gap.map_or(0.0, |gap| gap.as_secs_f64() * 1_000.0);
    let (min, max) = (ms(gaps.first()), ms(gaps.last()));
    let median = (ms(gaps.get((gaps.len().max(1) - 1) / 2)) + ms(gaps.get(gaps.len() / 2))) / 2.0;
    if options.json {
        let document = json!({
            "bench": "failover", "rounds_ms": rounds, "median_ms": median, "min_ms": min,
            "max_ms": max, "acknowledged": total, "missing": missing,
        });
        return print_data(&document.to_string());
    }
    print_data(&format!(
        "the leader killed {} times with SIGKILL, {BUYERS} buyers\n\
         next acknowledged order after: median {median:.0} ms, min {min:.0} ms, max {max:.0} ms\n\
         acknowledged {total}, missing {missing} (each looked for at each node)",
        rounds.len()
    ))
}
