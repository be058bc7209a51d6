//! The count at the end: every acknowledged order is asked for, at every node.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::StatusCode;
use hyper::header::HeaderValue;
use tokio::task::JoinSet;

use crate::http::{Ask, Connection};
use crate::ledger::Acknowledged;

/// Connections that read at the same time, at each node.
const READERS: usize = 16;
/// A read that gets no yes or no is repeated this often before it counts as missing.
const ATTEMPTS: usize = 20;

/// How an order is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Through the leader's word: the whole truth at this moment.
    Linearizable,
    /// In the node's own copy, once it has applied this index.
    Own {
        /// The log index of the newest acknowledged order.
        after: u64,
    },
}

/// An order that was acknowledged and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its id.
    pub order_id: String,
    /// The number of the node, from 0.
    pub node: usize,
    /// What the node said instead.
    pub said: String,
}

/// Everything the readers need.
#[derive(Debug)]
struct Search {
    nodes: Vec<SocketAddr>,
    orders: Vec<Acknowledged>,
    tokens: Vec<HeaderValue>,
    look: Look,
}

/// Looks for each order at each node; `tokens` are the customers', by their number.
pub async fn missing(
    nodes: &[SocketAddr],
    orders: Vec<Acknowledged>,
    tokens: Vec<HeaderValue>,
    look: Look,
) -> Vec<Missing> {
    let search = Arc::new(Search { nodes: nodes.to_vec(), orders, tokens, look });
    let mut tasks = JoinSet::new();
    for node in 0..nodes.len() {
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..READERS {
            let (search, next) = (Arc::clone(&search), Arc::clone(&next));
            tasks.spawn(async move { search.read(node, &next).await });
        }
    }
    let mut missing = Vec::new();
    while let Some(part) = tasks.join_next().await {
        missing.extend(part.expect("a reader does not panic"));
    }
    missing.sort_by(|a, b| (a.node, &a.order_id).cmp(&(b.node, &b.order_id)));
    missing
}

impl Search {
    async fn read(&self, node: usize, next: &AtomicUsize) -> Vec<Missing> {
        let mut connection = Connection::new(self.nodes[node]);
        let mut missing = Vec::new();
        while let Some(order) = self.orders.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(said) = self.find(&mut connection, order).await {
                let order_id = order.order_id.clone();
                missing.push(Missing { order_id, node, said });
            }
        }
        missing
    }

    async fn find(&self, connection: &mut Connection, order: &Acknowledged) -> Result<(), String> {
        let id = &order.order_id;
        let path = match self.look {
            Look::Linearizable => format!("/v1/order/{id}?read=linearizable"),
            Look::Own { after } => format!("/v1/order/{id}?read=stale&after={after}"),
        };
        let ask = Ask::get(&path).as_bearer(&self.tokens[order.customer]);
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            match connection.send(&ask).await {
                Ok(answer) if answer.status == StatusCode::OK => {
                    let here = answer.body.windows(id.len()).any(|window| window == id.as_bytes());
                    return if here { Ok(()) } else { Err("another order".to_owned()) };
                }
                Ok(answer) if answer.is_worth_repeating() => said = answer.code(),
                Ok(answer) => return Err(answer.code()),
                Err(failure) => said = failure.to_string(),
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Err(said)
    }
}
