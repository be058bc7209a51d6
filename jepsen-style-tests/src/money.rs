//! The run about money: card orders through a gateway outside, while nodes and gateway are killed;
//! at the end both sides' books are compared to the cent.

use crate::buyers::{Bought, Market, Plan};
use crate::check::{books, charged};
use crate::cluster::{Cluster, READY_WITHIN, Setup, until};
use crate::drill::{SEED, seed};
use crate::gateway::{Gateway, free_port};
use crate::http::{Asker, Outcome};
use crate::random::Random;
use crate::shop::{Furniture, Shop};
use crate::turn::turn;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Orders under way at once.
const BUYERS: u64 = 24;
/// With every fault over, all money is where it belongs within this time.
const SETTLED_WITHIN: Duration = Duration::from_secs(90);
/// Between two faults, in milliseconds, at least and at most.
const PAUSE_MS: (usize, usize) = (300, 1_500);
/// How long something stays dead, in milliseconds, at most.
const DEAD_MS: usize = 1_500;
/// Violations that are printed.
const SHOWN: usize = 10;

/// A city with a gateway outside.
#[derive(Debug)]
pub struct MoneyRun {
    /// The nodes.
    pub cluster: Cluster,
    /// The gateway.
    pub gateway: Gateway,
    /// Kitchens and people.
    pub shop: Arc<Shop>,
    /// How to ask.
    pub asker: Asker,
    /// What chance decides.
    pub random: Random,
    name: &'static str,
    seed: u64,
    dir: PathBuf,
    // Last: the next run may begin when the processes above are gone.
    _turn: File,
}

/// How the gateway misbehaves in a run, in thousandths.
pub fn misbehaviour() -> Value {
    json!({
        "lost": 60, "failed": 40, "refused": 40, "late": 100, "late_ms": 400,
        "twice": 200, "webhook_lost": 100, "webhook_late": 300,
    })
}

impl MoneyRun {
    /// Starts nodes and gateway in a folder of this name below `root`, and furnishes the city.
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
        let setup = Setup { gateway_port: Some(port), ..Setup::default() };
        let mut cluster = Cluster::start(&dir, setup).await?;
        let gateway_seed = random.below(usize::MAX) as u64;
        let gateway = Gateway::start(&dir, port, gateway_seed, &cluster).await?;
        let shop = Arc::new(Shop::open(&mut cluster, Furniture::default()).await?);
        let asker = Asker::new()?;
        Ok(Self { cluster, gateway, shop, asker, random, name, seed, dir, _turn: turn })
    }

    /// So many orders are bought while things break; what was bought.
    ///
    /// # Errors
    /// A buyer met what must not be, or something did not come back.
    pub async fn buy_while_things_break(&mut self, orders: u64) -> Result<Vec<Bought>> {
        self.gateway.misbehave(misbehaviour()).await?;
        let market = self.market();
        let next = Arc::new(AtomicU64::new(0));
        let mut buyers = JoinSet::new();
        for _ in 0..BUYERS.min(orders) {
            let (market, next) = (market.clone(), Arc::clone(&next));
            let mut random = self.random.fork();
            buyers.spawn(async move {
                let mut bought = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= orders {
                        return anyhow::Ok(bought);
                    }
                    bought.push(market.buy(&number.to_string(), random.fork()).await?);
                }
            });
        }
        let mut bought = Vec::new();
        let mut faults = 0;
        while !buyers.is_empty() {
            let pause = PAUSE_MS.0 + self.random.below(PAUSE_MS.1 - PAUSE_MS.0);
            let all_home = async {
                while let Some(ended) = buyers.join_next().await {
                    bought.extend(ended.context("a buyer panicked")??);
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
        eprintln!("{}: {} orders, {faults} faults", self.name, bought.len());
        Ok(bought)
    }

    async fn break_something(&mut self) -> Result<()> {
        let dead = Duration::from_millis(self.random.below(DEAD_MS) as u64);
        match self.random.below(4) {
            0 | 1 => {
                let node = match self.random.below(2) {
                    0 => self.cluster.leader().await?,
                    _ => self.cluster.ids()[self.random.below(self.cluster.ids().len())],
                };
                self.cluster.kill(node).await?;
                sleep(dead).await;
                self.cluster.restart(node)?;
                self.cluster.wait_ready(node).await
            }
            2 => {
                self.gateway.kill().await?;
                sleep(dead).await;
                self.gateway.rise().await
            }
            _ => {
                let mut away = misbehaviour();
                away["down_ms"] = json!(2 * dead.as_millis() as u64);
                self.gateway.misbehave(away).await
            }
        }
    }

    /// Waits until all money is where it belongs, and compares everything.
    ///
    /// # Errors
    /// A violation, or money that does not come to rest.
    pub async fn end(mut self, bought: &[Bought]) -> Result<()> {
        let place = self.place();
        let judged = self.judge(bought).await.with_context(|| place.clone());
        let charges = judged?;
        eprintln!("{place}: {} orders, {charges} charges, to the cent", bought.len());
        let Self { cluster, gateway, dir, .. } = self;
        drop((cluster, gateway));
        // The journal and the logs stay for who is curious; the state is large.
        std::fs::remove_dir_all(dir.join("data")).context("removing the state")
    }

    async fn judge(&mut self, bought: &[Bought]) -> Result<usize> {
        self.gateway.misbehave(json!({})).await?;
        self.cluster.check_healthy()?;
        self.settle().await?;
        let mut ended = Vec::with_capacity(bought.len());
        for one in bought {
            ended.push(self.ended(one).await?);
        }
        let journal = self.gateway.journal().await?;
        let wrong = charged::check(&ended, &journal).into_iter().map(|wrong| wrong.to_string());
        let balances = self.balances().await?;
        let books =
            books::check(&balances, Some(&journal)).into_iter().map(|wrong| wrong.to_string());
        let wrong: Vec<_> = wrong.chain(books).collect();
        if !wrong.is_empty() {
            let shown = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
            bail!("{} violations, the first:\n{shown}", wrong.len());
        }
        self.cluster.check_healthy()?;
        Ok(journal.len())
    }

    /// No work is open, and a look at the gateway's side finds nothing to do.
    async fn settle(&self) -> Result<()> {
        let body = json!({"since_s": 86_400});
        let mut seen = json!(null);
        let at_rest = until(SETTLED_WITHIN, "all money to come to rest", async || {
            let open = self.get("/v1/admin/payments/unsettled").await.ok()?;
            for payment in open["data"].as_array()? {
                // As an operator does who does not want to wait for the next turn.
                let id = payment["payment_id"].as_str()?;
                self.post(&format!("/v1/admin/payments/{id}/retry"), &json!({})).await;
            }
            let report = self.post("/v1/admin/payments/reconcile", &body).await?;
            seen = json!({"open": open, "report": report});
            let empty = |name: &str| report[name] == json!([]);
            let quiet = empty("repaired") && empty("let_go") && report["left"] == 0;
            (open["data"] == json!([]) && quiet && report["complete"] == true).then_some(report)
        });
        let report = at_rest.await.with_context(|| format!("{seen}"))?;
        ensure!(report["differences"] == json!([]), "{report}");
        Ok(())
    }

    async fn ended(&self, bought: &Bought) -> Result<charged::Ended> {
        let order = self.get(&format!("/v1/order/{}", bought.order_id)).await?;
        let amount = |pointer: &str| order.pointer(pointer).and_then(Value::as_i64);
        let owed = match amount("/bill/customer_pays/amount") {
            Some(billed) => billed,
            None if order["state"] == "completed" => {
                amount("/receipt/total/amount").context("an order has a total")?
            }
            None => 0,
        };
        let refunds = order["refunds"].as_array().into_iter().flatten();
        let done = refunds.filter(|refund| refund["state"] == "done");
        let refunded = done.filter_map(|refund| refund.pointer("/amount/amount")?.as_i64()).sum();
        let payments = order["payments"].as_array().context("an order has payments")?.iter();
        let own = payments.filter(|payment| payment["tip_for"].is_null());
        let attempts = own.filter_map(|one| Some(one["payment_id"].as_str()?.to_owned())).collect();
        let tips = bought.tip.clone().into_iter().collect();
        Ok(charged::Ended { order_id: bought.order_id.clone(), attempts, owed, refunded, tips })
    }

    async fn balances(&self) -> Result<Vec<(String, i64)>> {
        let (mut balances, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/v1/admin/balances?limit=100{cursor}")).await?;
            for row in page["data"].as_array().context("a page has rows")? {
                let holder = row["holder"].as_str().context("a balance has a holder")?;
                let amount = row.pointer("/amount/amount").and_then(Value::as_i64);
                balances.push((holder.to_owned(), amount.context("a balance has an amount")?));
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(balances),
            }
        }
    }

    /// By the operator, at whichever node answers.
    ///
    /// # Errors
    /// None does.
    pub async fn get(&self, path: &str) -> Result<Value> {
        until(READY_WITHIN, path, async || {
            for url in self.urls() {
                let asked = self.asker.get(&format!("{url}{path}"), &self.shop.operator).await;
                if let Outcome::Done { body, .. } = asked {
                    return Some(body);
                }
            }
            None
        })
        .await
    }

    /// Waits until the order looks so.
    ///
    /// # Errors
    /// It does not.
    pub async fn order_is(&self, id: &str, member: &str, value: &str) -> Result<Value> {
        let path = format!("/v1/order/{id}");
        until(READY_WITHIN, &format!("{id} has {member} {value}"), async || {
            let order = self.get(&path).await.ok()?;
            (order[member] == value).then_some(order)
        })
        .await
    }

    /// One order, fetched and paid for, with nothing broken.
    ///
    /// # Errors
    /// The city says no.
    pub async fn fetched_meal(&mut self, key: &str) -> Result<String> {
        let market = self.market();
        let random = self.random.fork();
        Ok(market.order(key, Plan::Fetched, random).await?.order_id)
    }

    fn market(&self) -> Market {
        Market {
            shop: Arc::clone(&self.shop),
            doors: self.cluster.doors(),
            asker: self.asker.clone(),
            scene: None,
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Option<Value> {
        let url = self.urls().into_iter().next()?;
        let url = format!("{url}{path}");
        match self.asker.post(&url, &self.shop.operator, "", body).await {
            Outcome::Done { body, .. } => Some(body),
            Outcome::Refused { .. } | Outcome::Unknown(_) => None,
        }
    }

    /// Where the nodes serve.
    pub fn urls(&self) -> Vec<String> {
        let doors = self.cluster.doors();
        let doors = doors.read().expect("nobody panics with the doors in hand");
        doors.iter().map(|(_, url)| url.clone()).collect()
    }

    fn place(&self) -> String {
        format!("{}, seed {}, {}", self.name, self.seed, self.dir.display())
    }
}
