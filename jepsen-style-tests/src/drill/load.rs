//! Customers who order, at all nodes at once, and never give up on an order: the same key goes to
//! one node after the other until somebody says yes. What they asked and heard is the history.

use crate::cluster::Doors;
use crate::history::{Kind, Line, Process, Recorder};
use crate::http::{Asker, Outcome};
use crate::random::Random;
use crate::shop::Shop;
use crate::workload::{PLACE, PLACE_FAR, TOO_FAR};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// One order in so many is from too far away. A node that was just started must know it too.
const FAR_EVERY: u64 = 4;
/// Workers; several share a customer.
const WORKERS: usize = 6;
/// A worker begins an order at most so often, which keeps the count at the end short.
const PACE: Duration = Duration::from_millis(50);
/// Between two attempts of one order.
const AGAIN: Duration = Duration::from_millis(25);
/// With every fault over, an open order is decided within this time.
const SETTLE_WITHIN: Duration = Duration::from_secs(30);

/// The running workload. Dropped, it ends at once.
#[derive(Debug)]
pub(super) struct Load {
    workers: JoinSet<Result<()>>,
    stop: watch::Sender<bool>,
    acknowledged: watch::Receiver<u64>,
}

struct Worker {
    number: usize,
    shop: Arc<Shop>,
    doors: Doors,
    asker: Asker,
    recorder: Arc<Recorder>,
    random: Random,
    processes: Arc<AtomicU64>,
    process: u64,
    stop: watch::Receiver<bool>,
    acknowledged: Arc<watch::Sender<u64>>,
}

impl Load {
    /// Starts the workers.
    ///
    /// # Errors
    /// The system has no HTTP client.
    pub(super) fn start(
        shop: &Arc<Shop>,
        doors: &Doors,
        recorder: &Arc<Recorder>,
        random: &mut Random,
    ) -> Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (acknowledge, acknowledged) = watch::channel(0);
        let acknowledge = Arc::new(acknowledge);
        let processes = Arc::new(AtomicU64::new(WORKERS as u64));
        let asker = Asker::new()?;
        let mut workers = JoinSet::new();
        for number in 0..WORKERS {
            let worker = Worker {
                number,
                shop: Arc::clone(shop),
                doors: Arc::clone(doors),
                asker: asker.clone(),
                recorder: Arc::clone(recorder),
                random: random.fork(),
                processes: Arc::clone(&processes),
                process: number as u64,
                stop: stopped.clone(),
                acknowledged: Arc::clone(&acknowledge),
            };
            workers.spawn(worker.run());
        }
        Ok(Self { workers, stop, acknowledged })
    }

    /// Until so many more orders are acknowledged.
    ///
    /// # Errors
    /// They are not, within this time.
    pub(super) async fn more(&mut self, orders: u64, within: Duration) -> Result<()> {
        let wanted = *self.acknowledged.borrow() + orders;
        let reached = self.acknowledged.wait_for(|count| *count >= wanted);
        match timeout(within, reached).await {
            Ok(reached) => reached.map(drop).context("the workers have ended"),
            Err(_) => bail!("{orders} more orders were not acknowledged in {within:?}"),
        }
    }

    /// No new orders; returns when the open ones are decided.
    ///
    /// # Errors
    /// One cannot be decided, or the city refused one for good: all of them are good orders.
    pub(super) async fn finish(mut self) -> Result<()> {
        self.stop.send_replace(true);
        while let Some(ended) = self.workers.join_next().await {
            ended.context("a worker panicked")??;
        }
        Ok(())
    }
}

impl Worker {
    async fn run(mut self) -> Result<()> {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0_u64.. {
            pace.tick().await;
            if *self.stop.borrow() {
                break;
            }
            let key = format!("w{}-{number}", self.number);
            let far = number % FAR_EVERY == FAR_EVERY - 1;
            let meal = self.shop.meal(&key, far, &mut self.random);
            let f = if far { PLACE_FAR } else { PLACE };
            self.place(f, &key, &meal).await?;
        }
        Ok(())
    }

    /// Until somebody decides.
    async fn place(&mut self, f: &str, key: &str, meal: &Value) -> Result<()> {
        let mut turn = self.random.below(usize::MAX);
        let mut again = interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut give_up = None;
        loop {
            again.tick().await;
            if *self.stop.borrow() {
                let give_up = *give_up.get_or_insert_with(|| Instant::now() + SETTLE_WITHIN);
                if Instant::now() >= give_up {
                    bail!("nobody could say what became of {key}");
                }
            }
            let (node, url) = {
                let doors = self.doors.read().expect("nobody panics with the doors in hand");
                doors[turn % doors.len()].clone()
            };
            turn = turn.wrapping_add(1);
            if self.attempt(f, key, meal, node, &url).await? {
                return Ok(());
            }
        }
    }

    /// One request, with its two lines. Whether it is decided.
    async fn attempt(
        &mut self,
        f: &str,
        key: &str,
        meal: &Value,
        node: u64,
        url: &str,
    ) -> Result<bool> {
        let line = |kind| Line {
            node: Some(node),
            idem: Some(key.to_owned()),
            ..Line::new(Process::Customer(self.process), kind, f)
        };
        self.recorder.record(Line { value: meal.clone(), ..line(Kind::Invoke) });
        let token = &self.shop.customers[self.number % self.shop.customers.len()];
        match self.asker.post(&format!("{url}/v1/order"), token, key, meal).await {
            Outcome::Done { body, index } => {
                self.recorder.record(Line { value: body, log_index: index, ..line(Kind::Ok) });
                if f == PLACE {
                    self.acknowledged.send_modify(|count| *count += 1);
                }
                Ok(true)
            }
            Outcome::Refused { why, again } => {
                self.recorder.record(Line { err: Some(why.clone()), ..line(Kind::Rejected) });
                let as_it_should = f == PLACE_FAR && why.starts_with(TOO_FAR);
                if !again && !as_it_should {
                    bail!("{key} was refused for good: {why}");
                }
                Ok(!again)
            }
            Outcome::Unknown(why) => {
                self.recorder.record(Line { err: Some(why), ..line(Kind::Unknown) });
                self.process = self.processes.fetch_add(1, Ordering::Relaxed);
                Ok(false)
            }
        }
    }
}
