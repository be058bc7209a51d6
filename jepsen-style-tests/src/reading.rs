//! The look at the end: every acknowledged order is asked for at every node, once through the
//! leader's word and once in the node's own copy, and every node lists what it has.

use crate::check::acknowledged::{Reading, order_id};
use crate::cluster::{Cluster, until};
use crate::evidence::Sight;
use crate::history::{Kind, Line};
use crate::http::{Asker, Outcome};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

/// Reads at the same time, at each node.
const READERS: usize = 8;
/// A read is answered, yes or no, within this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Between two attempts of one read.
const AGAIN: Duration = Duration::from_millis(50);
/// With every fault over, copies are equal within this time.
const EQUAL_WITHIN: Duration = Duration::from_secs(30);

/// Reads at every node of the cluster what the history says was acknowledged, and whatever else any
/// of them lists.
///
/// # Errors
/// A node answers neither yes nor no.
pub async fn read_all(cluster: &Cluster, operator: &str, history: &[Line]) -> Result<Vec<Reading>> {
    let oks = || history.iter().filter(|line| line.kind == Kind::Ok);
    let after = oks().filter_map(|line| line.log_index).max().unwrap_or(0);
    let mut ids: BTreeSet<String> = oks().filter_map(|line| order_id(&line.value)).collect();
    let doors = cluster.doors().read().expect("nobody panics with the doors in hand").clone();
    let asker = Asker::new()?;
    let mut lookers = Vec::new();
    for (node, url) in doors {
        let looker = Looker { asker: asker.clone(), url, operator: operator.to_owned() };
        let listed = looker.list(after).await;
        ids.extend(listed.with_context(|| format!("the list of node {node}"))?);
        lookers.push((node, looker));
    }
    let ids: Arc<Vec<String>> = Arc::new(ids.into_iter().collect());
    let mut nodes = JoinSet::new();
    for (node, looker) in lookers {
        let ids = Arc::clone(&ids);
        nodes.spawn(async move {
            let reading = looker.reading(node, &ids, after).await;
            reading.with_context(|| format!("reading at node {node}"))
        });
    }
    let mut readings = Vec::new();
    while let Some(reading) = nodes.join_next().await {
        readings.push(reading.context("a reader panicked")??);
    }
    readings.sort_by_key(|reading| reading.node);
    Ok(readings)
}

/// Waits until all nodes have applied the same, twice in a row, and gives what they showed.
///
/// # Errors
/// They do not come together; the text says where they stand.
pub async fn quiet_sights(cluster: &Cluster) -> Result<Vec<(u64, Sight)>> {
    let mut before: Vec<(u64, Sight)> = Vec::new();
    let together = until(EQUAL_WITHIN, "equal positions", async || {
        let mut sights = Vec::new();
        for node in cluster.ids() {
            let seen = cluster.sight(node).await?;
            let (applied, audit_head) = (seen.applied, seen.audit_head);
            sights.push((node, Sight { applied, audit_head, ..Sight::default() }));
        }
        let equal = sights.windows(2).all(|pair| pair[0].1.applied == pair[1].1.applied);
        let still = before == sights;
        before = sights;
        (equal && still).then(|| before.clone())
    });
    let together = together.await;
    together.with_context(|| format!("they stand at {before:?}"))
}

#[derive(Clone)]
struct Looker {
    asker: Asker,
    url: String,
    operator: String,
}

impl Looker {
    async fn reading(&self, node: u64, ids: &Arc<Vec<String>>, after: u64) -> Result<Reading> {
        let current = self.orders(ids, "read=linearizable".to_owned()).await?;
        let own = self.orders(ids, format!("after={after}")).await?;
        let listed = self.list(after).await?;
        Ok(Reading { node, current, own, listed })
    }

    async fn orders(
        &self,
        ids: &Arc<Vec<String>>,
        freshness: String,
    ) -> Result<BTreeMap<String, Value>> {
        let next = Arc::new(AtomicUsize::new(0));
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let (looker, ids, next) = (self.clone(), Arc::clone(ids), Arc::clone(&next));
            let freshness = freshness.clone();
            readers.spawn(async move {
                let mut found = Vec::new();
                while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let path = format!("/v1/order/{id}?{freshness}");
                    if let Some(order) = looker.ask(&path).await? {
                        found.push((id.clone(), order));
                    }
                }
                anyhow::Ok(found)
            });
        }
        let mut orders = BTreeMap::new();
        while let Some(found) = readers.join_next().await {
            orders.extend(found.context("a reader panicked")??);
        }
        Ok(orders)
    }

    async fn list(&self, after: u64) -> Result<BTreeSet<String>> {
        let mut listed = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/admin/orders?limit=100&after={after}{cursor}");
            let page = self.ask(&path).await?.context("there is no list")?;
            let rows = page["data"].as_array().context("a page has rows")?;
            listed.extend(rows.iter().filter_map(order_id));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(listed),
            }
        }
    }

    /// The body, or nothing if the node knows no such thing.
    async fn ask(&self, path: &str) -> Result<Option<Value>> {
        let url = format!("{}{path}", self.url);
        let give_up = Instant::now() + ANSWERED_WITHIN;
        let mut again = interval(AGAIN);
        loop {
            again.tick().await;
            match self.asker.get(&url, &self.operator).await {
                Outcome::Done { body, .. } => return Ok(Some(body)),
                Outcome::Refused { why, again: false } if why.starts_with("order_unknown") => {
                    return Ok(None);
                }
                Outcome::Refused { why, again: false } => bail!("{path}: {why}"),
                Outcome::Refused { why, again: true } | Outcome::Unknown(why) => {
                    ensure!(Instant::now() < give_up, "{path}: {why}");
                }
            }
        }
    }
}
