//! A run by hand: a city, its customers, what a test does to it step by step, and the verdict.
//! Runs of one machine take turns, since each of them wants all of it.

mod load;

use crate::check::{acknowledged, replicas};
use crate::cluster::{Cluster, READY_WITHIN, Setup, until};
use crate::history::{self, Config, Header, Line, Recorder, Summary};
use crate::random::Random;
use crate::reading;
use crate::shop::{Furniture, Shop};
use crate::turn::turn;
use anyhow::{Context, Result, bail, ensure};
use load::Load;
use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Names the seed of the next run: the one that another run has printed.
pub(crate) const SEED: &str = "FD_SEED";
/// Orders that must be acknowledged before something is broken, and again afterwards.
const ORDERS_BETWEEN: u64 = 150;
/// How long they may take. With a quorum the city has to go on: this is the bound on its silence.
const GOES_ON_WITHIN: Duration = Duration::from_secs(30);
/// Orders of a moment at most: about two seconds.
const ORDERS_OF_A_MOMENT: usize = 200;
/// Violations that are printed.
const SHOWN: usize = 10;

/// A city under load.
#[derive(Debug)]
pub struct Run {
    /// The processes.
    pub cluster: Cluster,
    /// What chance decides.
    pub random: Random,
    name: &'static str,
    seed: u64,
    dir: PathBuf,
    load: Load,
    recorder: Arc<Recorder>,
    /// Kitchens and people.
    pub shop: Arc<Shop>,
    operator: String,
    // Last: the next run may begin when the processes above are gone.
    _turn: File,
}

impl Run {
    /// Starts a city in a folder of this name below `root`, furnishes it, and lets customers in.
    /// What an earlier run left there is removed.
    ///
    /// # Errors
    /// The city does not come up.
    pub async fn begin(name: &'static str, root: &Path, setup: Setup) -> Result<Self> {
        let turn = turn(root).await?;
        let seed = seed()?;
        eprintln!("{name}: seed {seed} (again with {SEED}={seed})");
        let dir = root.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
        }
        let mut random = Random::new(seed);
        let mut cluster = Cluster::start(&dir, setup).await?;
        let shop = Arc::new(Shop::open(&mut cluster, Furniture::default()).await?);
        let doors = cluster.doors();
        let urls = doors.read().expect("nobody panics with the doors in hand").clone();
        shop.without_alerts(urls.into_iter().map(|(_, url)| url).collect()).await?;
        let header = Header {
            seed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: name.to_owned(),
            config: Config {
                workload: "orders".to_owned(),
                more: json!({
                    "nodes": cluster.ids(),
                    "certificates": setup.certificates,
                    "keep_log_entries": setup.keep_log_entries,
                    "snapshot_every_entries": setup.snapshot_every_entries,
                })
                .as_object()
                .cloned()
                .unwrap_or_default(),
                ..Config::default()
            },
        };
        let recorder = Arc::new(Recorder::begin(&dir.join("history.jsonl"), &header)?);
        let load = Load::start(&shop, &cluster.doors(), &recorder, &mut random)?;
        let operator = shop.operator.clone();
        let mut run =
            Self { cluster, random, name, seed, dir, load, recorder, shop, operator, _turn: turn };
        run.go_on().await?;
        Ok(run)
    }

    /// Until the customers have had some more orders acknowledged.
    ///
    /// # Errors
    /// The city was silent for too long.
    pub async fn go_on(&mut self) -> Result<()> {
        self.load.more(ORDERS_BETWEEN, GOES_ON_WITHIN).await
    }

    /// Until a few more orders are acknowledged, so few that it is a matter of chance what the
    /// nodes are doing at that moment.
    ///
    /// # Errors
    /// The city was silent for too long.
    pub async fn some_moment(&mut self) -> Result<()> {
        let orders = self.random.below(ORDERS_OF_A_MOMENT) + 1;
        self.load.more(orders as u64, GOES_ON_WITHIN).await
    }

    /// SIGKILL to these, at once.
    ///
    /// # Errors
    /// One of them did not run.
    pub async fn kill(&mut self, nodes: &[u64]) -> Result<()> {
        self.recorder.nemesis("kill", json!({"nodes": nodes}));
        self.cluster.kill_together(nodes).await
    }

    /// Starts one again and does not wait for it.
    ///
    /// # Errors
    /// It runs.
    pub fn wake(&mut self, node: u64) -> Result<()> {
        self.recorder.nemesis("restart", json!({"nodes": [node]}));
        self.cluster.restart(node)
    }

    /// Starts these again, and waits until they are ready.
    ///
    /// # Errors
    /// One of them is not.
    pub async fn restart(&mut self, nodes: &[u64]) -> Result<()> {
        self.recorder.nemesis("restart", json!({"nodes": nodes}));
        for node in nodes {
            self.cluster.restart(*node)?;
        }
        for node in nodes {
            self.cluster.wait_ready(*node).await?;
        }
        Ok(())
    }

    /// Notes something else that was done to the city.
    pub fn note(&self, what: &str, node: u64) {
        self.recorder.nemesis(what, json!({"node": node}));
    }

    /// Has each of these make snapshots until its log begins after this index.
    ///
    /// # Errors
    /// It does not.
    pub async fn purge_beyond(&mut self, nodes: &[u64], index: u64) -> Result<()> {
        for node in nodes {
            self.cluster.snapshot(*node).await?;
            let what = format!("node {node} to purge its log up to {index}");
            let purged = until(READY_WITHIN, &what, async || {
                let purged = self.cluster.sight(*node).await?.purged;
                purged.filter(|purged| *purged > index)
            });
            let purged = purged.await?;
            self.recorder.nemesis("purged", json!({"node": node, "up_to": purged}));
        }
        Ok(())
    }

    /// Which run it is, and where its history lies.
    pub fn place(&self) -> String {
        format!("{}, seed {}, {}", self.name, self.seed, self.dir.display())
    }

    /// Sends the customers home and compares everything.
    ///
    /// # Errors
    /// A violation, with the place of the history.
    pub async fn end(self) -> Result<Summary> {
        let Self { mut cluster, load, recorder, operator, dir, name, seed, .. } = self;
        let history_file = dir.join("history.jsonl");
        let judged = async {
            load.finish().await?;
            let history = recorder.end()?;
            judge(&mut cluster, &operator, &history).await?;
            anyhow::Ok(history::summary(&history))
        };
        let summary = judged.await;
        recorder.end()?;
        let summary = summary
            .with_context(|| format!("{name}, seed {seed}, history {}", history_file.display()))?;
        let Summary { acknowledged, unknown, rejected, longest_gap } = summary;
        eprintln!(
            "{name}: seed {seed}, {acknowledged} acknowledged, {unknown} unknown, \
             {rejected} rejected, longest gap {:.2} s, nothing lost",
            longest_gap.as_secs_f64()
        );
        drop(cluster);
        // The history and the logs stay for who is curious; the state is large.
        std::fs::remove_dir_all(dir.join("data")).context("removing the state")?;
        Ok(summary)
    }
}

async fn judge(cluster: &mut Cluster, operator: &str, history: &[Line]) -> Result<()> {
    cluster.check_healthy()?;
    let sights = reading::quiet_sights(cluster).await?;
    let readings = reading::read_all(cluster, operator, history).await?;
    ensure!(readings.len() == cluster.ids().len(), "not every node was read");
    let apart = replicas::check(&sights).into_iter().map(|violation| violation.to_string());
    let wrong = acknowledged::check(history, &readings);
    let wrong: Vec<_> = apart.chain(wrong.iter().map(ToString::to_string)).collect();
    if !wrong.is_empty() {
        let shown = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        bail!("{} violations, the first:\n{shown}", wrong.len());
    }
    cluster.check_healthy()
}

/// The seed of this run: a named one, or another each time.
pub(crate) fn seed() -> Result<u64> {
    match std::env::var(SEED) {
        Ok(text) => text.parse().with_context(|| format!("{SEED}={text} is no number")),
        Err(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            Ok(u64::from(now.unwrap_or_default().subsec_nanos()))
        }
    }
}
