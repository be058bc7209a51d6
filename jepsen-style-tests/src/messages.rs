//! The run about messages: people are told by a provider outside while nodes and provider are
//! killed; at the end the provider's journal is compared with what follows from the feed.

use crate::check::told::{self, Expected};
use crate::cluster::{Cluster, Setup};
use crate::drill::{SEED, seed};
use crate::gateway::{Gateway, free_port};
use crate::http::{Asker, Outcome};
use crate::money::misbehaviour;
use crate::random::Random;
use crate::shop::{Furniture, Shop};
use crate::turn::turn;
use anyhow::{Context, Result, bail, ensure};
use domain::Cursor;
use domain::ids::{AccountId, CityNumber, DeviceId, NoticeId, OrderId};
use domain::notice::{Channel, Recipient};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// Orders under way at once.
const PEOPLE: u64 = 8;
/// Every third order is refused, by its number.
const REFUSED: u64 = 3;
/// A word is heard by the city within this time.
const HEARD_WITHIN: Duration = Duration::from_secs(60);
/// With every fault over, everybody was told within this time.
const TOLD_WITHIN: Duration = Duration::from_secs(90);
/// Between two looks or tries.
const LOOK: Duration = Duration::from_millis(100);
/// Between two faults, in milliseconds, at least and at most.
const PAUSE_MS: (usize, usize) = (200, 1_000);
/// How long something stays dead, in milliseconds, at most.
const DEAD_MS: usize = 1_500;
/// Violations that are printed.
const SHOWN: usize = 10;

/// An app of somebody.
#[derive(Clone, Copy, Debug)]
struct App(AccountId, DeviceId);

/// A city whose messages go outside.
#[derive(Debug)]
pub struct MessageRun {
    cluster: Cluster,
    provider: Gateway,
    shop: Arc<Shop>,
    asker: Asker,
    random: Random,
    /// Of the kitchens, which are looked after by one person.
    tablet: App,
    /// Of the customers.
    apps: Vec<App>,
    name: &'static str,
    seed: u64,
    dir: PathBuf,
    // Last: the next run may begin when the processes above are gone.
    _turn: File,
}

/// How to make the city hear something.
#[derive(Clone, Debug)]
struct Voice {
    asker: Asker,
    urls: Vec<String>,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
enum Word<'a> {
    Get,
    Post(&'a str, &'a Value),
    Patch(&'a Value),
}

impl Voice {
    async fn get(&self, path: &str, token: &str) -> Result<Value> {
        self.insist(path, token, Word::Get).await
    }

    async fn post(&self, path: &str, token: &str, key: &str, body: &Value) -> Result<Value> {
        self.insist(path, token, Word::Post(key, body)).await
    }

    async fn patch(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.insist(path, token, Word::Patch(body)).await
    }

    /// Says it to one node after the other until one has heard it.
    async fn insist(&self, path: &str, token: &str, word: Word<'_>) -> Result<Value> {
        let until = Instant::now() + HEARD_WITHIN;
        for url in self.urls.iter().cycle() {
            let url = format!("{url}{path}");
            let outcome = match word {
                Word::Get => self.asker.get(&url, token).await,
                Word::Post(key, body) => self.asker.post(&url, token, key, body).await,
                Word::Patch(body) => self.asker.patch(&url, token, body).await,
            };
            match outcome {
                Outcome::Done { body, .. } => return Ok(body),
                Outcome::Refused { why, again: false } => bail!("{path}: {why}"),
                Outcome::Refused { why, again: true } | Outcome::Unknown(why) => {
                    ensure!(Instant::now() < until, "{path}: {why}");
                    sleep(LOOK).await;
                }
            }
        }
        bail!("there is no node to ask")
    }
}

impl MessageRun {
    /// Starts nodes and provider in a folder of this name below `root`; everybody has an app.
    ///
    /// # Errors
    /// Something does not come up.
    pub async fn begin(name: &'static str, root: &Path) -> Result<Self> {
        let turn = turn(root).await?;
        let seed = seed()?;
        eprintln!("{name}: seed {seed} (again with {SEED}={seed})");
        let dir = root.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
        }
        let mut random = Random::new(seed);
        let port = free_port()?;
        let setup = Setup { gateway_port: Some(port), messages: true, ..Setup::default() };
        let mut cluster = Cluster::start(&dir, setup).await?;
        let provider_seed = random.below(usize::MAX) as u64;
        let provider = Gateway::start(&dir, port, provider_seed, &cluster).await?;
        let shop = Arc::new(Shop::open(&mut cluster, Furniture::default()).await?);
        let asker = Asker::new()?;
        let voice = voice(&asker, &cluster);
        let mut apps = Vec::new();
        for (number, customer) in shop.customers.iter().enumerate() {
            apps.push(app(&voice, customer, &format!("app {number}")).await?);
        }
        let tablet = app(&voice, &shop.operator, "the tablet").await?;
        for menu in &shop.menus {
            let grant = json!({"account_id": tablet.0, "role": "owner"});
            let path = format!("/v1/restaurant/{}/staff", menu.restaurant_id);
            voice.post(&path, &shop.operator, "grant", &grant).await?;
        }
        Ok(Self {
            cluster,
            provider,
            shop,
            asker,
            random,
            tablet,
            apps,
            name,
            seed,
            dir,
            _turn: turn,
        })
    }

    /// So many orders are placed and answered while things break; who placed which.
    ///
    /// # Errors
    /// Somebody met what must not be, or something did not come back.
    pub async fn order_while_things_break(
        &mut self,
        orders: u64,
    ) -> Result<BTreeMap<OrderId, usize>> {
        self.provider.misbehave(misbehaviour()).await?;
        let (voice, next) = (voice(&self.asker, &self.cluster), Arc::new(AtomicU64::new(0)));
        let mut people = JoinSet::new();
        for _ in 0..PEOPLE {
            let (voice, shop, next) = (voice.clone(), Arc::clone(&self.shop), Arc::clone(&next));
            let mut random = self.random.fork();
            people.spawn(async move {
                let mut placed = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= orders {
                        return anyhow::Ok(placed);
                    }
                    placed.push(one_order(&voice, &shop, number, &mut random).await?);
                }
            });
        }
        let (mut placed, mut faults) = (BTreeMap::new(), 0);
        while !people.is_empty() {
            let pause = PAUSE_MS.0 + self.random.below(PAUSE_MS.1 - PAUSE_MS.0);
            let all_home = async {
                while let Some(ended) = people.join_next().await {
                    placed.extend(ended.context("somebody panicked")??);
                }
                anyhow::Ok(())
            };
            match timeout(Duration::from_millis(pause as u64), all_home).await {
                Ok(home) => home.with_context(|| self.place())?,
                Err(_) => {
                    self.break_something().await.with_context(|| self.place())?;
                    faults += 1;
                }
            }
        }
        eprintln!("{}: {} orders, {faults} faults", self.name, placed.len());
        Ok(placed)
    }

    async fn break_something(&mut self) -> Result<()> {
        let dead = Duration::from_millis(self.random.below(DEAD_MS) as u64);
        if self.random.below(3) == 0 {
            self.provider.kill().await?;
            sleep(dead).await;
            return self.provider.rise().await;
        }
        let node = self.cluster.leader().await?;
        self.cluster.kill(node).await?;
        sleep(dead).await;
        self.cluster.restart(node)?;
        self.cluster.wait_ready(node).await
    }

    /// Waits until everybody was told, and compares.
    ///
    /// # Errors
    /// A violation.
    pub async fn end(mut self, placed: &BTreeMap<OrderId, usize>) -> Result<()> {
        let place = self.place();
        let count = self.judge(placed).await.with_context(|| place.clone())?;
        eprintln!("{place}: {} orders, {count} messages, each once", placed.len());
        let Self { cluster, provider, dir, .. } = self;
        drop((cluster, provider));
        // The journal and the logs stay for who is curious; the state is large.
        std::fs::remove_dir_all(dir.join("data")).context("removing the state")
    }

    async fn judge(&mut self, placed: &BTreeMap<OrderId, usize>) -> Result<usize> {
        self.provider.misbehave(json!({})).await?;
        let voice = voice(&self.asker, &self.cluster);
        let expected = self.expected(&voice, placed).await?;
        let until = Instant::now() + TOLD_WITHIN;
        loop {
            let taken = self.provider.message_keys().await?;
            let violations = told::check(&expected, &taken);
            let path = "/v1/admin/notices?read=linearizable";
            let kept = voice.get(path, &self.shop.operator).await?;
            let kept = kept["data"].as_array().map_or(0, Vec::len);
            if violations.is_empty() && kept == 0 {
                return Ok(taken.len());
            }
            if Instant::now() >= until {
                for violation in violations.iter().take(SHOWN) {
                    eprintln!("{violation}");
                }
                bail!("{} violations, {kept} messages still on record", violations.len());
            }
            sleep(LOOK).await;
        }
    }

    /// What follows from the feed. A kitchen need not hear of an order that it has refused by then.
    async fn expected(&self, voice: &Voice, placed: &BTreeMap<OrderId, usize>) -> Result<Expected> {
        let city = CityNumber(self.cluster.city_number());
        let mut events: Vec<(Cursor, String, OrderId)> = Vec::new();
        let mut after = "0".to_owned();
        loop {
            let path = format!("/v1/events?limit=1000&after={after}");
            let page = voice.get(&path, &self.shop.operator).await?;
            let rows = page["events"].as_array().context("a page has events")?;
            for event in rows.iter().filter(|event| event["data"]["order_id"].is_string()) {
                let id = event["id"].as_str().and_then(|id| id.split_once('.'));
                let (index, number) = id.context("an event has a place")?;
                let cursor = Cursor { index: index.parse()?, number: number.parse()? };
                let kind = event["type"].as_str().context("an event has a type")?;
                let order = event["data"]["order_id"].as_str().unwrap_or_default().parse()?;
                events.push((cursor, kind.to_owned(), order));
            }
            if rows.is_empty() {
                break;
            }
            after = page["next"].as_str().context("a page says where the next begins")?.to_owned();
        }
        let refused: BTreeSet<_> = events
            .iter()
            .filter(|(_, kind, _)| kind == "order.rejected")
            .map(|(_, _, order)| *order)
            .collect();
        let mut expected = Expected::default();
        for (cursor, kind, order) in events {
            let customer = *placed.get(&order).context("an order that nobody has placed")?;
            let key = |App(account, device): App| {
                let to = Recipient::Device(account, device);
                NoticeId::of(city, cursor, to, Channel::Push).to_string()
            };
            let what = format!("{kind} of {order}");
            match kind.as_str() {
                "order.placed" if refused.contains(&order) => {
                    expected.may.insert(key(self.tablet));
                }
                "order.placed" => drop(expected.must.insert(key(self.tablet), what)),
                "order.accepted" | "order.rejected" => {
                    expected.must.insert(key(self.apps[customer]), what);
                }
                // Where a kill took long.
                "order.alerted" => drop(expected.may.insert(key(self.tablet))),
                _ => {}
            }
        }
        Ok(expected)
    }

    fn place(&self) -> String {
        format!("{} (seed {}, see {})", self.name, self.seed, self.dir.display())
    }
}

fn voice(asker: &Asker, cluster: &Cluster) -> Voice {
    let doors = cluster.doors().read().expect("nobody panics with the doors in hand").clone();
    Voice { asker: asker.clone(), urls: doors.into_iter().map(|(_, url)| url).collect() }
}

/// Registers an app for whoever has this token.
async fn app(voice: &Voice, token: &str, name: &str) -> Result<App> {
    let me = voice.get("/v1/me", token).await?;
    let account = me["account_id"].as_str().context("an account has an id")?.parse()?;
    let device = voice.post("/v1/me/devices", token, name, &json!({"token": name})).await?;
    let device = device["device_id"].as_str().context("a device has an id")?.parse()?;
    Ok(App(account, device))
}

/// An order that is paid at the door, and the kitchen's answer to it.
async fn one_order(
    voice: &Voice,
    shop: &Shop,
    number: u64,
    random: &mut Random,
) -> Result<(OrderId, usize)> {
    let customer = random.below(shop.customers.len());
    let key = format!("order {number}");
    let meal = shop.meal(&key, false, random);
    let placed = voice.post("/v1/order", &shop.customers[customer], &key, &meal).await?;
    let order_id: OrderId = placed["order_id"].as_str().context("an order has an id")?.parse()?;
    let restaurant = meal["restaurant_id"].as_str().context("a meal has a kitchen")?;
    let path = format!("/v1/restaurant/{restaurant}/order/{order_id}/status");
    let word = match number.is_multiple_of(REFUSED) {
        true => json!({"status": "rejected", "reason": "busy"}),
        false => json!({"status": "accepted"}),
    };
    voice.patch(&path, &shop.operator, &word).await?;
    Ok((order_id, customer))
}
