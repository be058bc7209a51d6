//! `fdload demo`: a city that lives on this machine until somebody presses Ctrl-C, with figures,
//! and, if asked, a leader that is killed again and again.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::{JoinHandle, JoinSet};

use crate::cluster::{Cluster, Setup};
use crate::figures::Sight;
use crate::map;
use crate::nodes::Nodes;
use crate::stop::Stop;
use crate::verify::{self, Look, Missing};
use crate::world::courier::{self, Rider};
use crate::world::{Plan, World, customer, office, settle};

/// Between two redraws of a terminal.
const REDRAW: Duration = Duration::from_secs(1);
/// Between two lines of a log.
const NEXT_LINE: Duration = Duration::from_secs(5);
/// A killed leader stays away this long: long enough for the others to go on without it.
const STAYS_DEAD: Duration = Duration::from_secs(3);
/// At the end the nodes catch up within this time, or the city has failed.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(60);
/// The moment of the first keystroke, in Unix milliseconds, from whoever started us.
const STARTED_MS: &str = "FD_DEMO_STARTED_MS";

/// How the demo runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Restaurants from this file: an OpenStreetMap extract (.osm.pbf) or our own format (.ndjson).
    #[arg(long, value_name = "FILE")]
    pub city: Option<PathBuf>,
    /// The time zone of its opening hours, as in `Europe/Lisbon`; the sample city's without it.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Kill the leader with SIGKILL each time this long has passed, as in `20s`.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub kill_leader_every: Option<Duration>,
    /// Stop after so many minutes; without it, Ctrl-C stops.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// Orders per second.
    #[arg(long, default_value_t = 4.0)]
    pub rate: f64,
    /// Couriers on shift.
    #[arg(long, default_value_t = 60)]
    pub couriers: usize,
    /// Customers, who order again and again.
    #[arg(long, default_value_t = 40)]
    pub customers: usize,
    /// People cook and ride so many times faster than in life.
    #[arg(long, default_value_t = 60.0)]
    pub speed: f64,
    /// Decides every choice of the simulated people.
    #[arg(long, default_value_t = 20_260_317)]
    pub seed: u64,
    /// Keep the city in this folder, and go on with it the next time.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Lines instead of a screen that is redrawn.
    #[arg(long)]
    pub plain: bool,
    /// The first of the ports; free ones are looked for without it.
    #[arg(long)]
    pub base_port: Option<u16>,
}

/// `20s`, `500ms`, `2m`, or bare seconds.
///
/// # Errors
/// It is none of these.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let wrong = || format!("`{text}` is no time: write 20s, 500ms or 2m");
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    let seconds = match &text[digits.len()..] {
        "s" | "" => number,
        "ms" => number / 1_000.0,
        "m" => number * 60.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero()).ok_or_else(wrong)
}

/// Runs until it is stopped; then counts, and stops everything.
///
/// # Errors
/// Something does not start or ends by itself, or an acknowledged order is missing.
pub async fn run(options: &Options) -> Result<()> {
    let mut stop = Stop::listen()?;
    let setup = Setup {
        data: options.data.clone(),
        city: options.city.clone(),
        time_zone: options.time_zone.clone(),
        base_port: options.base_port,
        accept_s: None,
    };
    let mut cluster = tokio::select! {
        cluster = Cluster::start(&setup) => cluster?,
        () = stop.asked() => return Ok(()),
    };
    let lived = live(options, &mut cluster, &mut stop).await;
    cluster.stop().await;
    lived
}

async fn live(options: &Options, cluster: &mut Cluster, stop: &mut Stop) -> Result<()> {
    say(&urls(cluster))?;
    let (world, riders) = tokio::select! {
        settled = found(options, cluster) => settled?,
        () = stop.asked() => return Ok(()),
    };
    let couriers: JoinSet<()> =
        riders.into_iter().map(|rider| courier::ride(Arc::clone(&world), rider)).collect();
    let orders = {
        let world = Arc::clone(&world);
        tokio::spawn(async move { customer::order_until_closing(&world).await })
    };
    let office = tokio::spawn(office::decide(Arc::clone(&world)));
    watch(options, cluster, &world, stop).await?;
    say("\nclosing: no new orders; waiting for the answers that are still due")?;
    let counted = tokio::select! {
        counted = close(cluster, &world, orders) => counted,
        () = stop.asked() => Err(anyhow::anyhow!("stopped before the orders were counted")),
    };
    drop(couriers);
    office.abort();
    counted
}

fn urls(cluster: &Cluster) -> String {
    let mut text = format!("\n{} is up on this machine:\n", cluster.city_name);
    for (place, address) in cluster.addresses.iter().enumerate() {
        text += &format!("  node {}     http://{address}/\n", place + 1);
    }
    let first = cluster.addresses[0];
    text += &format!("  directory  http://{}/v1/cities\n", cluster.directory_address);
    text += &format!("  API        http://{first}/docs  (http://{first}/openapi.json)\n");
    let founding = &cluster.founding;
    text + &format!("  operator   login `{}`, password `{}`\n", founding.login, founding.password)
}

/// Restaurants, then people.
async fn found(options: &Options, cluster: &Cluster) -> Result<(Arc<World>, Vec<Rider>)> {
    say("loading the restaurants")?;
    if options.city.as_deref().is_some_and(map::is_map) {
        say(map::ATTRIBUTION)?;
    }
    cluster.load_city(options.city.as_deref()).await?;
    say("signing up customers, cooks and couriers")?;
    let plan = Plan {
        customers: options.customers,
        couriers: options.couriers,
        rate: options.rate,
        speed: options.speed,
        seed: options.seed,
    };
    let nodes = Nodes::new(&cluster.addresses);
    let (world, riders) = settle::settle(nodes, &cluster.founding, plan).await?;
    if world.woken > 0 {
        let (woken, all) = (world.woken, world.restaurants.len());
        say(&format!("the city sleeps at this hour: {woken} of {all} kitchens cook on for us"))?;
    }
    Ok((world, riders))
}

/// Shows the figures, and kills, until somebody says stop.
async fn watch(
    options: &Options,
    cluster: &mut Cluster,
    world: &World,
    stop: &mut Stop,
) -> Result<()> {
    let redraws = std::io::stdout().is_terminal() && !options.plain;
    let mut screen = Screen { redraws, lines: 0 };
    let period = if redraws { REDRAW } else { NEXT_LINE };
    let mut clock = tokio::time::interval(period);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    clock.tick().await;
    let began = Instant::now();
    let ends = options.minutes.map(|minutes| began + Duration::from_secs_f64(minutes * 60.0));
    let mut killer = options.kill_leader_every.map(Killer::new);
    let mut before = (began, world.ledger.len());
    let mut first = true;
    loop {
        tokio::select! {
            _ = clock.tick() => {}
            () = next_kill(killer.as_ref()) => {}
            () = stop.asked() => break,
        }
        if let Some(killer) = &mut killer {
            killer.act(cluster, world).await?;
        }
        if first && !world.ledger.is_empty() {
            first = false;
            say(&living())?;
        }
        // A kill wakes this loop too; the figures keep their own rhythm.
        if before.0.elapsed() >= period.mul_f64(0.9) {
            let sight = look(cluster, world, began, &mut before).await?;
            screen.show(&sight)?;
        }
        if ends.is_some_and(|ends| Instant::now() >= ends) {
            break;
        }
    }
    if let Some(killer) = &mut killer {
        killer.revive(cluster)?;
    }
    Ok(())
}

async fn look(
    cluster: &Cluster,
    world: &World,
    began: Instant,
    before: &mut (Instant, usize),
) -> Result<Sight> {
    let operator = world.operator.bearer(&world.nodes).await?;
    let nodes = cluster.look(&operator).await;
    let acknowledged = world.ledger.len();
    let passed = before.0.elapsed().as_secs_f64().max(f64::EPSILON);
    let per_second = (acknowledged - before.1) as f64 / passed;
    *before = (Instant::now(), acknowledged);
    Ok(Sight {
        elapsed: began.elapsed(),
        acknowledged,
        per_second,
        longest_gap: world.ledger.longest_gap(),
        repeats: world.nodes.repeats(),
        nodes,
        totals: world.figures.look(),
    })
}

/// Kills the leader each time its period has passed, and starts it again a little later.
#[derive(Debug)]
struct Killer {
    every: Duration,
    stays_dead: Duration,
    next: Instant,
    dead: Option<usize>,
}

impl Killer {
    fn new(every: Duration) -> Self {
        let stays_dead = STAYS_DEAD.min(every / 3);
        Self { every, stays_dead, next: Instant::now() + every, dead: None }
    }

    /// Does what is due.
    async fn act(&mut self, cluster: &mut Cluster, world: &World) -> Result<()> {
        if Instant::now() < self.next {
            return Ok(());
        }
        if self.dead.is_some() {
            self.revive(cluster)?;
            self.next = Instant::now() + self.every.saturating_sub(self.stays_dead);
            return Ok(());
        }
        let operator = world.operator.bearer(&world.nodes).await?;
        let Some(leader) = cluster.leader(&operator).await else {
            // Nobody leads at this moment: there is nobody to kill until somebody does.
            self.next = Instant::now() + Duration::from_millis(200);
            return Ok(());
        };
        cluster.kill(leader).await?;
        world.figures.killed();
        self.dead = Some(leader);
        self.next = Instant::now() + self.stays_dead;
        Ok(())
    }

    fn revive(&mut self, cluster: &mut Cluster) -> Result<()> {
        match self.dead.take() {
            Some(place) => cluster.restart(place),
            None => Ok(()),
        }
    }
}

async fn next_kill(killer: Option<&Killer>) {
    match killer {
        Some(killer) => tokio::time::sleep_until(killer.next.into()).await,
        None => std::future::pending().await,
    }
}

/// The end: last answers, equal nodes, and the count.
async fn close(cluster: &mut Cluster, world: &World, orders: JoinHandle<()>) -> Result<()> {
    world.closing.send_replace(true);
    orders.await.context("the customers' task does not panic")?;
    cluster.wait_until_ready().await?;
    wait_until_equal(cluster, world).await?;
    let orders = world.ledger.orders();
    let mut bearers = Vec::new();
    for customer in &world.customers {
        bearers.push(customer.person.bearer(&world.nodes).await?);
    }
    let mut missing: Vec<Missing> = Vec::new();
    for look in [Look::Linearizable, Look::Own { after: world.ledger.highest_index() }] {
        let (orders, bearers) = (orders.clone(), bearers.clone());
        missing.extend(verify::missing(&cluster.addresses, orders, bearers, look).await);
    }
    let totals = world.figures.look();
    say(&format!(
        "acknowledged {}, missing {}  (each read from each of the {} nodes, twice)\n\
         longest gap between two acknowledged orders: {:.2} s; leaders killed: {}; \
         placing p50 {:.1} ms, p99 {:.1} ms, slowest {:.2} s (repeats at other nodes included)",
        orders.len(),
        missing.len(),
        cluster.addresses.len(),
        world.ledger.longest_gap().as_secs_f64(),
        totals.kills,
        totals.placing.ms_at(0.5),
        totals.placing.ms_at(0.99),
        totals.placing.max_ms() / 1_000.0,
    ))?;
    for lost in missing.iter().take(10) {
        say(&format!("  missing {} at node {}: {}", lost.order_id, lost.node + 1, lost.said))?;
    }
    ensure!(missing.is_empty(), "{} acknowledged orders are missing", missing.len());
    ensure!(!orders.is_empty(), "no order was acknowledged at all");
    Ok(())
}

/// Waits until every node has applied what the last acknowledged order needs.
async fn wait_until_equal(cluster: &Cluster, world: &World) -> Result<()> {
    let index = world.ledger.highest_index();
    let give_up = Instant::now() + CATCHES_UP_WITHIN;
    loop {
        let operator = world.operator.bearer(&world.nodes).await?;
        let nodes = cluster.look(&operator).await;
        if nodes.iter().all(|node| node.up && node.applied >= index) {
            return Ok(());
        }
        ensure!(Instant::now() < give_up, "the nodes do not catch up with {index}: {nodes:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn living() -> String {
    let started = std::env::var(STARTED_MS).ok().and_then(|text| text.parse::<u128>().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    match (started, now) {
        (Some(started_ms), Ok(now)) => {
            let took_s = now.as_millis().saturating_sub(started_ms) as f64 / 1_000.0;
            format!("from command to living demo: {took_s:.1} s\n")
        }
        _ => "the first order is in\n".to_owned(),
    }
}

/// The live figures on a terminal or in a log.
#[derive(Debug)]
struct Screen {
    redraws: bool,
    lines: usize,
}

impl Screen {
    fn show(&mut self, sight: &Sight) -> Result<()> {
        if !self.redraws {
            return say(&sight.line());
        }
        let text = cut(&sight.screen(), columns());
        let mut out = String::new();
        if self.lines > 0 {
            // Up to where the last figures began, and clear from there.
            out += &format!("\x1b[{}A\x1b[J", self.lines);
        }
        out += &text;
        self.lines = text.lines().count();
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(out.as_bytes())?;
        Ok(stdout.flush()?)
    }
}

/// What fits on a line of the terminal.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.map_or(80, |size| usize::from(size.ws_col)).max(20)
}

/// A line that wraps would take two, and the next drawing would begin one too low.
fn cut(text: &str, columns: usize) -> String {
    let line = |line: &str| line.chars().take(columns).chain(['\n']).collect::<String>();
    text.lines().map(line).collect()
}

fn say(text: &str) -> Result<()> {
    crate::bench::print_data(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_screen_wraps() {
        assert_eq!(cut("123456\n\näöüß5\n", 4), "1234\n\näöüß\n");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, ms) in [("20s", 20_000), ("500ms", 500), ("2m", 120_000), ("1.5", 1_500)] {
            assert_eq!(seconds(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "s", "-1s", "0s", "20h", "soon", "1s2"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
