//! `fdload bench orders`: acknowledged orders per second and their latency, three nodes and the
//! generator on one machine.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::shop::Shop;
use crate::bench::{CpuClock, cpu_json, cpu_text, print_data};
use crate::cluster::{Cluster, Setup};
use crate::load::{self, Load, Outcome, Pace};
use crate::verify::{self, Look};

/// Orders before the measurement, so that caches and connections are warm.
const WARM_UP: Duration = Duration::from_secs(3);
/// What `--open` uses for connections: enough that the nodes, not the generator, are the limit.
const OPEN_CONNECTIONS: usize = 256;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Keep-alive connections, one measurement each.
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64, 256])]
    pub connections: Vec<usize>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 15)]
    pub seconds: u64,
    /// Measure at this fixed rate of orders per second instead, each latency from the moment the
    /// order was due (open loop).
    #[arg(long, value_name = "RATE")]
    pub open: Option<f64>,
    /// Pay at the door: no work for the payment gateway.
    #[arg(long)]
    pub cash: bool,
    /// Do not look for each acknowledged order at each node afterwards.
    #[arg(long)]
    pub skip_verify: bool,
    /// One JSON document on stdout instead of a table.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug)]
struct Row {
    connections: usize,
    outcome: Outcome,
    cpu: Vec<(String, f64)>,
}

/// Starts a city, measures, counts, and stops it.
///
/// # Errors
/// Something does not start, or an acknowledged order is missing.
pub async fn run(options: &Options, setup: &Setup) -> Result<()> {
    let mut cluster = Cluster::start(setup).await?;
    let measured = measure(options, &mut cluster).await;
    cluster.stop().await;
    measured
}

async fn measure(options: &Options, cluster: &mut Cluster) -> Result<()> {
    eprintln!("three nodes are up; opening kitchens, signing up customers");
    let shop = Shop::open(cluster, options.cash).await?;
    let (pace, levels) = match options.open {
        Some(per_second) => (Pace::Open { per_second }, vec![OPEN_CONNECTIONS]),
        None => (Pace::Closed, options.connections.clone()),
    };
    let warm_up = load::run(load_of(cluster, &shop, WARM_UP, 16, Pace::Closed)).await;
    let mut acknowledged = warm_up.acknowledged;
    ensure!(!acknowledged.is_empty(), "no order was acknowledged: {:?}", warm_up.refused);
    let mut rows = Vec::new();
    for connections in levels {
        eprintln!("measuring {connections} connections for {} s", options.seconds);
        let lasts = Duration::from_secs(options.seconds);
        let before = CpuClock::read(cluster);
        let outcome = load::run(load_of(cluster, &shop, lasts, connections, pace)).await;
        let cpu = CpuClock::read(cluster).since(&before);
        cluster.check_alive()?;
        acknowledged.extend(outcome.acknowledged.iter().cloned());
        rows.push(Row { connections, outcome, cpu });
    }
    let missing = match options.skip_verify {
        true => None,
        false => {
            eprintln!("looking for {} orders at each node", acknowledged.len());
            let after = acknowledged.iter().filter_map(|order| order.index).max().unwrap_or(0);
            let bearers = shop.bearers().await?;
            let look = Look::Own { after };
            let orders = acknowledged.clone();
            Some(verify::missing(&cluster.addresses, orders, bearers, look).await)
        }
    };
    let total = acknowledged.len();
    match options.json {
        true => print_data(&document(options, &rows, total, missing.as_deref()).to_string())?,
        false => print_data(&table(options, &rows, total, missing.as_deref()))?,
    }
    let missing = missing.unwrap_or_default();
    ensure!(missing.is_empty(), "{} are missing, the first: {:?}", missing.len(), missing[0]);
    Ok(())
}

fn load_of(
    cluster: &Cluster,
    shop: &Shop,
    lasts: Duration,
    connections: usize,
    pace: Pace,
) -> Load {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now_ms = now.unwrap_or_default().as_millis();
    Load {
        nodes: cluster.addresses.clone(),
        shots: Arc::clone(&shop.shots),
        connections,
        lasts,
        pace,
        run: format!("{now_ms}-{connections}"),
    }
}

fn table(
    options: &Options,
    rows: &[Row],
    total: usize,
    missing: Option<&[verify::Missing]>,
) -> String {
    let mut text = String::new();
    let pays = if options.cash { "cash" } else { "card (sandbox gateway)" };
    let loops = match options.open {
        Some(rate) => format!("open loop at {rate} orders/s, latency from the due moment"),
        None => "closed loop".to_owned(),
    };
    let _ = writeln!(text, "POST /v1/order, 3 nodes and the generator on this machine");
    let _ = writeln!(text, "{loops}, {} s each, {pays}\n", options.seconds);
    let _ = writeln!(
        text,
        "{:>11} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}  refused",
        "connections", "orders/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"
    );
    for Row { connections, outcome, cpu: _ } in rows {
        let latency = &outcome.latency;
        let refused: Vec<_> =
            outcome.refused.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let refused = if refused.is_empty() { "none".to_owned() } else { refused.join(", ") };
        let _ = writeln!(
            text,
            "{connections:>11} {:>10.0} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>9.1}  {refused}",
            outcome.per_second(),
            latency.ms_at(0.5),
            latency.ms_at(0.9),
            latency.ms_at(0.99),
            latency.ms_at(0.999),
            latency.max_ms(),
        );
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let _ = writeln!(text, "\nprocessor seconds; {cores} cores");
    for Row { connections, outcome, cpu } in rows {
        let took = outcome.took.as_secs_f64();
        let nodes = cpu.iter().filter(|(name, _)| name.starts_with("node"));
        let per_order = nodes.map(|(_, seconds)| seconds).sum::<f64>() * 1_000.0
            / (outcome.acknowledged.len() as f64).max(1.0);
        let _ = writeln!(
            text,
            "{connections:>11} {}  in {took:.1} s; {per_order:.2} ms an order in all nodes",
            cpu_text(cpu)
        );
    }
    let _ = match missing {
        Some(missing) => writeln!(
            text,
            "\nacknowledged {total}, missing {} (each looked for at each node)",
            missing.len()
        ),
        None => writeln!(text, "\nacknowledged {total}, not looked for"),
    };
    text
}

fn document(
    options: &Options,
    rows: &[Row],
    total: usize,
    missing: Option<&[verify::Missing]>,
) -> Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "connections": row.connections,
                "orders_per_s": row.outcome.per_second(),
                "latency": row.outcome.latency.to_json(),
                "refused": row.outcome.refused,
                "took_s": row.outcome.took.as_secs_f64(),
                "cpu_s": cpu_json(&row.cpu),
            })
        })
        .collect();
    json!({
        "bench": "orders",
        "nodes": crate::cluster::NODES,
        "open_rate": options.open,
        "payment": if options.cash { "cash" } else { "card" },
        "rows": rows,
        "acknowledged": total,
        "missing": missing.map(<[_]>::len),
    })
}
