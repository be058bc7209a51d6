//! Placing orders as fast as the nodes say yes (closed loop), or at a rate of our own choosing,
//! whether they keep up or not (open loop).
//!
//! In the open loop an order's latency runs from the moment it was due, not from the moment a
//! connection was free to carry it: a node that stalls for a second is charged for all the orders
//! that were due in that second (no coordinated omission).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::http::{Answer, Ask, Connection};
use crate::latency::Latency;
use crate::ledger::Acknowledged;

/// One customer's basket, ready to be sent; each sending gets a key of its own.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Who orders.
    pub customer: usize,
    /// The request, without its key.
    pub ask: Ask,
}

/// How hard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection sends its next order when the last one is answered.
    Closed,
    /// This many orders fall due each second, spread evenly.
    Open {
        /// Orders per second.
        per_second: f64,
    },
}

/// One run's parameters.
#[derive(Clone, Debug)]
pub struct Load {
    /// The nodes; connection `n` belongs to node `n` modulo their number.
    pub nodes: Vec<SocketAddr>,
    /// What is ordered; connection `n` begins at shot `n`.
    pub shots: Arc<[Shot]>,
    /// Keep-alive connections.
    pub connections: usize,
    /// Orders are begun for this long.
    pub lasts: Duration,
    /// Closed or open.
    pub pace: Pace,
    /// Unique for this run: the beginning of every key.
    pub run: String,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Of acknowledged orders alone.
    pub latency: Latency,
    /// All of them.
    pub acknowledged: Vec<Acknowledged>,
    /// Refusals by code, and failures.
    pub refused: BTreeMap<String, u64>,
    /// From the first sending to the last answer.
    pub took: Duration,
}

impl Outcome {
    /// Acknowledged orders per second.
    pub fn per_second(&self) -> f64 {
        self.acknowledged.len() as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }

    fn count(&mut self, shot: &Shot, answer: &Answer, took: Duration) {
        match acknowledged_order(answer) {
            Some(order_id) => {
                self.latency.record(took);
                let (customer, index) = (shot.customer, answer.index());
                self.acknowledged.push(Acknowledged { order_id, customer, index });
            }
            None => *self.refused.entry(answer.code()).or_default() += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.latency.add(&other.latency);
        self.acknowledged.extend(other.acknowledged);
        for (code, count) in other.refused {
            *self.refused.entry(code).or_default() += count;
        }
    }
}

/// The id in a yes. Searched as text: parsing a receipt thousands of times a second would take
/// processor time from the nodes under test.
pub fn acknowledged_order(answer: &Answer) -> Option<String> {
    const MEMBER: &[u8] = b"\"order_id\":\"ord_";
    const LETTERS: usize = 26;
    if !answer.status.is_success() {
        return None;
    }
    let at = answer.body.windows(MEMBER.len()).position(|window| window == MEMBER)?;
    let start = at + MEMBER.len() - "ord_".len();
    let id = answer.body.get(start..start + "ord_".len() + LETTERS)?;
    String::from_utf8(id.to_vec()).ok()
}

/// Runs it to its end.
pub async fn run(load: Load) -> Outcome {
    let load = Arc::new(load);
    let due = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..load.connections {
        let (load, due) = (Arc::clone(&load), Arc::clone(&due));
        tasks.spawn(async move { connection(&load, number, start, &due).await });
    }
    let mut outcome = Outcome::default();
    while let Some(part) = tasks.join_next().await {
        outcome.add(part.expect("a connection's task does not panic"));
    }
    outcome.took = start.elapsed();
    outcome
}

async fn connection(load: &Load, number: usize, start: Instant, due: &AtomicU64) -> Outcome {
    let mut connection = Connection::new(load.nodes[number % load.nodes.len()]);
    let mut outcome = Outcome::default();
    let end = start + load.lasts;
    for turn in 0_usize.. {
        let from = match load.pace {
            Pace::Closed => Instant::now(),
            Pace::Open { per_second } => {
                let place = due.fetch_add(1, Ordering::Relaxed);
                let at = start + Duration::from_secs_f64(place as f64 / per_second);
                if at < end {
                    tokio::time::sleep_until(at.into()).await;
                }
                at
            }
        };
        if from >= end {
            break;
        }
        let shot = &load.shots[(number + turn * load.connections) % load.shots.len()];
        let ask = shot.ask.clone().with_key(&format!("{}-{number}-{turn}", load.run));
        match connection.send(&ask).await {
            Ok(answer) => outcome.count(shot, &answer, from.elapsed()),
            Err(_) => {
                *outcome.refused.entry("no_answer".to_owned()).or_default() += 1;
                // A dead node must not be asked a million times a second.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{self, City, STALL};
    use crate::verify::{self, Look};
    use hyper::Method;
    use hyper::header::HeaderValue;
    use serde_json::json;

    fn load(nodes: &[SocketAddr], pace: Pace) -> Load {
        let ask = Ask::new(Method::POST, "/v1/order").with_json(&json!({"basket": []}));
        Load {
            nodes: nodes.to_vec(),
            shots: Arc::from([Shot { customer: 0, ask }]),
            connections: 8,
            lasts: Duration::from_millis(800),
            pace,
            run: "t".to_owned(),
        }
    }

    #[tokio::test]
    async fn each_yes_is_counted_once_and_found_again() {
        let (city, nodes) = fake::start(City { picky: true, ..City::default() }).await;
        let outcome = run(load(&nodes, Pace::Closed)).await;
        assert_eq!(outcome.acknowledged.len(), city.len());
        assert_eq!(outcome.latency.count(), city.len() as u64);
        assert!(outcome.refused["restaurant_closed"] > 0, "{:?}", outcome.refused);
        assert_eq!(outcome.acknowledged[0].index, Some(5));
        let tokens = vec![HeaderValue::from_static("Bearer t")];
        let look = Look::Linearizable;
        assert_eq!(verify::missing(&nodes, outcome.acknowledged, tokens, look).await, []);
    }

    #[tokio::test]
    async fn a_lost_order_is_missed_at_each_node() {
        let (_, nodes) = fake::start(City { forgetful: true, ..City::default() }).await;
        let outcome = run(load(&nodes, Pace::Closed)).await;
        let lost = outcome.acknowledged.len() / 100;
        assert!(lost > 0);
        let tokens = vec![HeaderValue::from_static("Bearer t")];
        let look = Look::Own { after: 5 };
        let missing = verify::missing(&nodes, outcome.acknowledged, tokens, look).await;
        assert_eq!(missing.len(), lost * nodes.len());
        assert!(missing.iter().all(|missing| missing.said == "order_unknown"));
    }

    #[tokio::test]
    async fn in_the_open_loop_a_stall_is_charged_to_all_that_were_due() {
        let stalled = City { stall_at: Some(20), ..City::default() };
        let (_, nodes) = fake::start(stalled).await;
        let mut load = load(&nodes, Pace::Open { per_second: 200.0 });
        load.connections = 1;
        let outcome = run(load).await;
        assert_eq!(outcome.acknowledged.len(), 160);
        // About 80 orders fell due during the stall; each waited for what was left of it.
        let half = STALL.as_secs_f64() * 500.0;
        assert!(outcome.latency.ms_at(0.78) > half / 2.0, "{}", outcome.latency.ms_at(0.78));
        assert!(outcome.latency.max_ms() >= STALL.as_secs_f64() * 1_000.0);
    }
}
