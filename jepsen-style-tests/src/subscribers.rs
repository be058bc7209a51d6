//! People who follow the feed while things break: each holds one stream at one node for a while,
//! loses it, and goes on at another one with the last id it was given.

use crate::check::feed::{Told, Violation, check, shared_out};
use crate::cluster::{Doors, until};
use crate::drill::Run;
use crate::http::{Asker, Outcome};
use crate::random::Random;
use anyhow::{Context, Result, bail, ensure};
use domain::Cursor;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

/// A stream is held for so long at most, in milliseconds; then its reader is gone.
const HELD_MS: usize = 1_500;
/// With every fault over, everybody has heard everything within this time.
const HEARD_WITHIN: Duration = Duration::from_secs(60);
/// Between two attempts to connect.
const AGAIN: Duration = Duration::from_millis(50);
/// Taking a connection on loopback costs no time, unless nobody is there.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// Who follows, and what.
#[derive(Clone, Debug)]
pub struct Who {
    /// As they are called in a verdict.
    pub name: String,
    /// Their access token.
    pub token: String,
    /// Of the query: `types=..` or `restaurant_id=..`, or nothing.
    pub query: String,
}

/// Those who follow, as long as it runs.
#[derive(Debug)]
pub struct Subscribers {
    all: Vec<Who>,
    running: JoinSet<Result<(usize, Vec<Told>, u64)>>,
    /// Until where they shall hear; `None` while nobody knows.
    until: watch::Sender<Option<Cursor>>,
    from: Cursor,
    doors: Doors,
    asker: Asker,
}

struct Subscriber {
    number: usize,
    who: Who,
    doors: Doors,
    http: reqwest::Client,
    random: Random,
    until: watch::Receiver<Option<Cursor>>,
    /// The last id that it was given.
    place: Cursor,
    heard: Vec<Told>,
}

impl Who {
    /// The operator, whole and in part; a restaurant; and every customer.
    pub fn of(run: &Run) -> Vec<Self> {
        let operator = |name: &str, query: String| Self {
            name: name.to_owned(),
            token: run.shop.operator.clone(),
            query,
        };
        let restaurant = run.shop.menus[0].restaurant_id;
        let mut all = vec![
            operator("the operator", String::new()),
            operator("the operator, for pending orders", "types=order.pending".to_owned()),
            operator("a restaurant", format!("restaurant_id={restaurant}")),
        ];
        all.extend(run.shop.customers.iter().enumerate().map(|(number, token)| Self {
            name: format!("customer {number}"),
            token: token.clone(),
            query: String::new(),
        }));
        all
    }
}

impl Subscribers {
    /// Everybody begins where the feed stands now.
    ///
    /// # Errors
    /// Nobody says where that is.
    pub async fn start(run: &mut Run) -> Result<Self> {
        let all = Who::of(run);
        let (doors, asker) = (run.cluster.doors(), Asker::new()?);
        let from = head(&doors, &asker, &run.shop.operator).await?;
        let (until, known) = watch::channel(None);
        let http = reqwest::Client::builder().connect_timeout(CONNECT_WITHIN).build()?;
        let mut running = JoinSet::new();
        for (number, who) in all.iter().enumerate() {
            let subscriber = Subscriber {
                number,
                who: who.clone(),
                doors: Arc::clone(&doors),
                http: http.clone(),
                random: run.random.fork(),
                until: known.clone(),
                place: from,
                heard: Vec::new(),
            };
            running.spawn(subscriber.run());
        }
        Ok(Self { all, running, until, from, doors, asker })
    }

    /// Lets everybody hear what there is by now, and compares it with the feed of every node.
    ///
    /// # Errors
    /// A violation, or somebody who does not hear all of it in time.
    pub async fn end(self, operator: &str) -> Result<String> {
        let Self { all, mut running, until, from, doors, asker } = self;
        let to = head(&doors, &asker, operator).await?;
        until.send_replace(Some(to));
        let mut heard = vec![Vec::new(); all.len()];
        let mut connections = 0;
        let give_up = Instant::now() + HEARD_WITHIN;
        while let Ok(ended) = timeout_at(give_up, running.join_next()).await {
            let Some(ended) = ended else { break };
            let (number, told, connected) = ended.context("a subscriber panicked")??;
            // The last piece that came may have reached farther.
            heard[number] = told.into_iter().filter(|told| told.cursor <= to).collect();
            connections += connected;
        }
        ensure!(running.is_empty(), "{} have not heard all of it", running.len());

        let urls = urls(&doors);
        let mut wrong = Vec::new();
        let mut feeds: Vec<Vec<Told>> = Vec::new();
        for (who, heard) in all.iter().zip(&heard) {
            let mut read = Vec::new();
            for url in &urls {
                let feed = feed(&asker, url, who, from, to).await?;
                wrong.extend(check(&format!("{} (as {url} has it)", who.name), heard, &feed));
                read = feed;
            }
            feeds.push(read);
        }
        let operators = all.len() - all.iter().filter(|who| who.name.starts_with("cust")).count();
        for kind in ["order.pending", "order.placed"] {
            wrong.extend(shared_out(kind, &feeds[0], &feeds[operators..]));
        }
        if !wrong.is_empty() {
            let shown = wrong.iter().take(10).map(Violation::to_string);
            bail!(
                "{} violations, the first:\n{}",
                wrong.len(),
                shown.collect::<Vec<_>>().join("\n")
            );
        }
        let total: usize = heard.iter().map(Vec::len).sum();
        ensure!(heard.iter().all(|heard| !heard.is_empty()), "somebody heard nothing at all");
        Ok(format!(
            "{} subscribers, {connections} connections, {total} events heard, \
             each once and in order",
            all.len()
        ))
    }
}

impl Subscriber {
    async fn run(mut self) -> Result<(usize, Vec<Told>, u64)> {
        let mut again = interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut connections = 0;
        while !self.is_done() {
            again.tick().await;
            let held = Duration::from_millis(self.random.below(HELD_MS) as u64);
            if self.hold(Instant::now() + held).await? {
                connections += 1;
            }
        }
        Ok((self.number, self.heard, connections))
    }

    fn is_done(&self) -> bool {
        self.until.borrow().is_some_and(|until| self.place >= until)
    }

    /// One connection, at any node. Whether there was one; a broken one is what this is about.
    async fn hold(&mut self, until: Instant) -> Result<bool> {
        let urls = urls(&self.doors);
        let url = &urls[self.random.below(urls.len())];
        let request = self.http.get(format!("{url}/v1/events/stream?{}", self.who.query));
        let request = request.bearer_auth(&self.who.token);
        let request = request.header("Last-Event-ID", self.place.to_string());
        let Ok(Ok(mut response)) = timeout_at(until, request.send()).await else {
            return Ok(false);
        };
        if response.status() != 200 {
            return Ok(false);
        }
        let mut text = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await {
            text.extend_from_slice(&chunk);
            // A frame that was cut off by the end of a connection was never heard.
            while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
                let frame: Vec<u8> = text.drain(..end + 2).collect();
                self.hear(std::str::from_utf8(&frame)?)?;
            }
            if self.is_done() {
                break;
            }
        }
        Ok(true)
    }

    fn hear(&mut self, frame: &str) -> Result<()> {
        let part = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        let event = part("event: ");
        if let Some("resync" | "end") = event {
            bail!("{} was sent away: {frame}", self.who.name);
        }
        let Some(id) = part("id: ") else { return Ok(()) };
        let cursor: Cursor = id.parse().with_context(|| format!("an id: {frame}"))?;
        if let Some(data) = part("data: ") {
            let event = serde_json::from_str(data).with_context(|| format!("data: {frame}"))?;
            self.heard.push(Told { cursor, event });
        }
        self.place = cursor;
        Ok(())
    }
}

/// What somebody may see between two places, as one node has it.
async fn feed(asker: &Asker, url: &str, who: &Who, from: Cursor, to: Cursor) -> Result<Vec<Told>> {
    let (mut told, mut place) = (Vec::new(), from);
    while place < to {
        let path = format!("{url}/v1/events?after={place}&limit=500&{}", who.query);
        let page = until(HEARD_WITHIN, "a page of the feed", async || {
            match asker.get(&path, &who.token).await {
                Outcome::Done { body, .. } => Some(body),
                Outcome::Refused { .. } | Outcome::Unknown(_) => None,
            }
        });
        let page = page.await?;
        for event in page["events"].as_array().context("a page has events")? {
            let cursor: Cursor = event["id"].as_str().context("an event has an id")?.parse()?;
            if cursor <= to {
                told.push(Told { cursor, event: event.clone() });
            }
        }
        place = page["next"].as_str().context("a page has a next one")?.parse()?;
    }
    Ok(told)
}

/// Behind the last entry of any node that answers.
async fn head(doors: &Doors, asker: &Asker, token: &str) -> Result<Cursor> {
    until(HEARD_WITHIN, "the feed's end", async || {
        let mut head = None;
        for url in urls(doors) {
            let path = format!("{url}/v1/events?after={}", u64::MAX);
            if let Outcome::Done { body, .. } = asker.get(&path, token).await {
                head = head.max(body.get("head").and_then(Value::as_u64));
            }
        }
        head.map(Cursor::after_entry)
    })
    .await
}

fn urls(doors: &Doors) -> Vec<String> {
    let doors = doors.read().expect("nobody panics with the doors in hand");
    doors.iter().map(|(_, url)| url.clone()).collect()
}
