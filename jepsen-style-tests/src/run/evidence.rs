//! The look at the end: each node is asked what it has, in its own copy and by the leader's word,
//! and all of it goes into the history. What a workload does not touch is not asked for.

use super::Run;
use crate::check::acknowledged::Reading;
use crate::cluster::until;
use crate::evidence::{
    Balances, Carried, Delivery, Evidence, FeedRead, Found, Journal, Listed, OrderSeen, Panics,
    SessionsSeen, Sight, StockSeen, WHOLE,
};
use crate::history::{Kind, Line};
use crate::http::{Outcome, Request};
use crate::reading::{quiet_sights, read_all};
use crate::workload::feed::{Follower, found, search_path};
use crate::workload::{PLACE, counted};
use anyhow::{Context, Result};
use domain::Cursor;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A read is answered within this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Derived state follows within this time after everything was quiet.
const DERIVED_WITHIN: Duration = Duration::from_secs(5);
/// Wrong letters of a word that a search forgives.
const TYPING_ERRORS: usize = 2;
/// The city's word for a token whose time is over.
const EXPIRED: &str = "token_expired";
/// Orders that do not look alike everywhere are looked at again, so often at most.
const LOOKS: usize = 3;
/// Earlier words of a dish that must not find it any more, at most.
const GONE: usize = 2;

impl Run {
    /// Asks everybody.
    ///
    /// # Errors
    /// A node does not answer.
    pub(super) async fn gather(&self) -> Result<()> {
        let lines = self.recorder.lines();
        let after = lines.iter().filter_map(|line| line.log_index).max().unwrap_or(0);
        let has = |f: &str| lines.iter().any(|line| line.kind == Kind::Ok && line.f == f);
        self.sights().await?;
        for (node, url) in self.scene.urls() {
            let reader = Reader { run: self, node, url: &url, after };
            if has("stock_set") {
                reader.stock().await?;
            }
            if !self.scene.shop.couriers.is_empty() {
                reader.couriers().await?;
            }
            if has("login") {
                reader.sessions().await?;
            }
            if has("edit") {
                reader.search().await?;
            }
            for follower in self.scene.followers() {
                reader.feed(&follower).await?;
            }
            if has(PLACE) {
                reader.feed(&self.whole(after)).await?;
            }
        }
        if has(PLACE) {
            self.orders(&lines).await?;
        }
        if self.plan.workload.pays() {
            self.money(after).await?;
        }
        for (node, log, lines) in self.world.cluster.panics() {
            self.recorder.evidence(Some(node), &Evidence::Panics(Panics { log, lines }));
        }
        // Nothing has moved while all of this was read.
        self.sights().await
    }

    /// Who is told everything, from the first entry to the newest acknowledged one.
    fn whole(&self, until: u64) -> Follower {
        Follower {
            who: WHOLE.to_owned(),
            token: self.scene.shop.operator.clone(),
            query: String::new(),
            after: Cursor::START,
            until: Cursor::after_entry(until),
        }
    }

    async fn sights(&self) -> Result<()> {
        let mut sights = self.look().await?;
        // Offers are made and withdrawn as long as nobody takes a delivery: copies are compared
        // where all of them stand at the same entry.
        for _ in 0..LOOKS {
            if sights.windows(2).all(|pair| pair[0].1.applied == pair[1].1.applied) {
                break;
            }
            sights = self.look().await?;
        }
        for (node, sight) in sights {
            self.recorder.evidence(Some(node), &Evidence::Sight(sight));
        }
        Ok(())
    }

    /// How each node stands, with a hash over everything that it keeps.
    async fn look(&self) -> Result<Vec<(u64, Sight)>> {
        let mut sights = quiet_sights(&self.world.cluster).await?;
        for (node, sight) in &mut sights {
            let hash = Request::get("/v1/admin/cluster/hash", &self.scene.shop.operator);
            let urls = self.scene.urls();
            let url = urls.iter().find(|(id, _)| id == node).map(|(_, url)| url.clone());
            // A node of an older version has no hash of its whole state.
            if let Some(url) = url
                && let Outcome::Done { body, .. } = self.scene.asker.send(&url, &hash).await
            {
                sight.applied = body["applied"].as_u64().unwrap_or(sight.applied);
                sight.state_hash = body["hash"].as_str().map(str::to_owned);
            }
            let seen = self.world.cluster.sight(*node).await;
            sight.leader = seen.as_ref().and_then(|seen| seen.leader_id);
            sight.term = seen.map(|seen| seen.term);
        }
        Ok(sights)
    }

    async fn orders(&self, lines: &[Line]) -> Result<()> {
        let operator = &self.scene.shop.operator;
        let known = |readings: &BTreeMap<String, Value>, id: &String| readings.get(id).cloned();
        let mut readings = read_all(&self.world.cluster, operator, lines).await?;
        // As long as nobody takes a delivery it is offered and withdrawn, also between two looks.
        for _ in 0..LOOKS {
            if same(&readings) {
                break;
            }
            readings = read_all(&self.world.cluster, operator, lines).await?;
        }
        for reading in readings {
            let node = Some(reading.node);
            let acknowledged = lines.iter().filter(|line| line.kind == Kind::Ok);
            let acknowledged = acknowledged.filter_map(|line| line.value["order_id"].as_str());
            let mut ids: BTreeSet<String> = acknowledged.map(str::to_owned).collect();
            ids.extend(reading.current.keys().chain(reading.own.keys()).cloned());
            for order_id in ids {
                let (current, own) =
                    (known(&reading.current, &order_id), known(&reading.own, &order_id));
                let seen = OrderSeen { order_id, current, own };
                self.recorder.evidence(node, &Evidence::Order(seen));
            }
            let ids = reading.listed.into_iter().collect();
            self.recorder.evidence(node, &Evidence::Orders(Listed { ids }));
        }
        Ok(())
    }

    async fn money(&self, after: u64) -> Result<()> {
        for (node, url) in self.scene.urls() {
            let reader = Reader { run: self, node, url: &url, after };
            let balances = reader.balances().await?;
            self.recorder.evidence(Some(node), &Evidence::Balances(balances));
        }
        let gateway = self.world.gateway.as_ref().context("money has a gateway")?;
        let charges = gateway.journal().await?;
        self.recorder.evidence(None, &Evidence::Journal(Journal { charges }));
        Ok(())
    }
}

/// Whether every node shows every order alike, in its own copy and by the leader's word.
fn same(readings: &[Reading]) -> bool {
    let maps = readings.iter().flat_map(|reading| [&reading.current, &reading.own]);
    let maps: Vec<_> = maps.collect();
    maps.windows(2).all(|pair| pair[0] == pair[1])
}

/// The answer to a read, with some patience.
async fn answered(run: &Run, url: &str, request: &Request) -> Result<Value> {
    let mut last = String::new();
    let answer = until(ANSWERED_WITHIN, "an answer", async || {
        match run.scene.asker.send(url, request).await {
            Outcome::Done { body, .. } => Some(body),
            Outcome::Refused { why, .. } | Outcome::Unknown(why) => {
                last = why;
                None
            }
        }
    });
    answer.await.with_context(|| last)
}

/// Letters in which two words of one length differ.
fn differing(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count()
}

/// Asks one node, for what it has applied up to the newest acknowledgement.
struct Reader<'a> {
    run: &'a Run,
    node: u64,
    url: &'a str,
    after: u64,
}

impl Reader<'_> {
    async fn get(&self, path: String, token: &str) -> Result<Value> {
        let what = format!("{path} at node {}", self.node);
        answered(self.run, self.url, &Request::get(path, token)).await.context(what)
    }

    fn operator(&self) -> &str {
        &self.run.scene.shop.operator
    }

    fn show(&self, evidence: &Evidence) {
        self.run.recorder.evidence(Some(self.node), evidence);
    }

    async fn stock(&self) -> Result<()> {
        let kitchen = self.run.scene.shop.menus[0].restaurant_id;
        let path = format!("/v1/restaurant/{kitchen}/stock?after={}", self.after);
        let list = self.get(path, self.operator()).await?;
        self.show(&Evidence::Stock(StockSeen { lines: counted(&list) }));
        Ok(())
    }

    async fn couriers(&self) -> Result<()> {
        let mut deliveries = Vec::new();
        for courier in &self.run.scene.shop.couriers {
            let path = format!("/v1/delivery/assignments?after={}", self.after);
            let work = self.get(path, &courier.token).await?;
            for row in work["deliveries"].as_array().into_iter().flatten() {
                let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
                deliveries.push(Delivery {
                    delivery_id: text("delivery_id"),
                    order_id: text("order_id"),
                    courier_id: courier.courier_id.clone(),
                    state: text("state"),
                    fence: row["fence"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                });
            }
        }
        let capacity = Some(domain::limits::COURIER_CAPACITY);
        self.show(&Evidence::Deliveries(Carried { deliveries, capacity }));
        Ok(())
    }

    async fn sessions(&self) -> Result<()> {
        let mut families = Vec::new();
        for (family, token) in self.run.scene.families() {
            let me = Request::get("/v1/me", &token);
            let good = until(ANSWERED_WITHIN, "a login to be judged", async || {
                match self.run.scene.asker.send(self.url, &me).await {
                    Outcome::Done { .. } => Some(true),
                    Outcome::Refused { again: false, .. } => Some(false),
                    // No clock is wrong any more: a node gave it out while its own one was.
                    Outcome::Refused { why, .. } if why.starts_with(EXPIRED) => Some(false),
                    Outcome::Refused { again: true, .. } | Outcome::Unknown(_) => None,
                }
            });
            families.push((family, good.await?));
        }
        self.show(&Evidence::Sessions(SessionsSeen { families }));
        Ok(())
    }

    async fn search(&self) -> Result<()> {
        let dishes = {
            let words = self.run.scene.words.lock();
            words.expect("nobody panics with the words in hand").dishes.clone()
        };
        let current: BTreeMap<String, String> = dishes
            .iter()
            .filter_map(|(dish, known)| Some((dish.clone(), known.words.last()?.clone())))
            .collect();
        for (dish, known) in dishes.into_iter().filter(|(_, known)| !known.open) {
            let mut words = known.words.into_iter().rev();
            let Some(now) = words.next() else { continue };
            // What is nearly the same word is found by those who mistype it, and rightly so.
            let other = |word: &String| differing(word, &now) > TYPING_ERRORS;
            let alone = |word: &String| {
                let near = |(id, is): (&String, &String)| {
                    *id != dish && differing(word, is) <= TYPING_ERRORS
                };
                !current.iter().any(near)
            };
            if alone(&now) {
                self.find(now.clone(), vec![dish.clone()], Vec::new()).await?;
            }
            for before in words.filter(other).filter(alone).take(GONE) {
                self.find(before, Vec::new(), vec![dish.clone()]).await?;
            }
        }
        Ok(())
    }

    /// Looks until it is as it should be or the time of derived state is up.
    async fn find(&self, query: String, expected: Vec<String>, gone: Vec<String>) -> Result<()> {
        let path = format!("{}&after={}", search_path(&query), self.after);
        let mut ids = Vec::new();
        let as_it_should_be = until(DERIVED_WITHIN, "a search to follow", async || {
            ids = found(&self.get(path.clone(), "").await.ok()?);
            let all = expected.iter().all(|id| ids.contains(id));
            (all && !gone.iter().any(|id| ids.contains(id))).then_some(())
        });
        // What was found in the end is for the judge.
        let _ = as_it_should_be.await;
        self.show(&Evidence::Search(Found { query, ids, expected, gone }));
        Ok(())
    }

    async fn feed(&self, follower: &Follower) -> Result<()> {
        let Follower { who, token, query, after, until } = follower;
        let (mut events, mut place) = (Vec::new(), *after);
        while place < *until {
            let path = format!("/v1/events?after={place}&limit=500&{query}");
            let page = self.get(path, token).await?;
            for event in page["events"].as_array().context("a page has events")? {
                let cursor: Cursor = event["id"].as_str().context("an event has an id")?.parse()?;
                if cursor <= *until {
                    events.push(event.clone());
                }
            }
            place = page["next"].as_str().context("a page has a next one")?.parse()?;
        }
        let read = FeedRead { who: who.clone(), after: *after, until: *until, events };
        self.show(&Evidence::Feed(read));
        Ok(())
    }

    async fn balances(&self) -> Result<Balances> {
        let (mut accounts, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/admin/balances?limit=100&after={}{cursor}", self.after);
            let page = self.get(path, self.operator()).await?;
            for row in page["data"].as_array().context("a page has rows")? {
                let holder = row["holder"].as_str().context("a balance has a holder")?;
                let amount = row.pointer("/amount/amount").and_then(Value::as_i64);
                accounts.push((holder.to_owned(), amount.context("a balance has an amount")?));
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(Balances { accounts }),
            }
        }
    }
}
