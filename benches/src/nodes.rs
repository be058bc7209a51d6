//! The three nodes as an app sees them: any of them will do, and when one does not answer, the same
//! request with the same key goes to another.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::http::{Answer, Ask, Connection, NoAnswer};

/// An app gives up after this time; an election takes a second or two.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(25);
/// The longest pause between two attempts.
const PAUSE_LONGEST: Duration = Duration::from_millis(400);
/// Idle connections kept for each node.
const IDLE: usize = 64;

/// The nodes, each with its idle connections.
#[derive(Debug)]
pub struct Nodes {
    nodes: Vec<Node>,
    next: AtomicUsize,
    /// How often a request was sent again.
    repeats: AtomicU64,
}

#[derive(Debug)]
struct Node {
    address: SocketAddr,
    idle: Mutex<Vec<Connection>>,
}

impl Nodes {
    /// Nothing is connected yet.
    pub fn new(addresses: &[SocketAddr]) -> Self {
        let node = |address: &SocketAddr| Node { address: *address, idle: Mutex::default() };
        Self {
            nodes: addresses.iter().map(node).collect(),
            next: AtomicUsize::new(0),
            repeats: AtomicU64::new(0),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How often a request was sent again since the start.
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Asks exactly this node, once.
    ///
    /// # Errors
    /// No answer came.
    pub async fn ask_at(&self, node: usize, ask: &Ask) -> Result<Answer, NoAnswer> {
        let node = &self.nodes[node];
        let kept = node.idle.lock().pop();
        let mut connection = kept.unwrap_or_else(|| Connection::new(node.address));
        let answer = connection.send(ask).await;
        let mut idle = node.idle.lock();
        if answer.is_ok() && idle.len() < IDLE {
            idle.push(connection);
        } else if answer.is_err() {
            // Its sisters are as dead as it is.
            idle.clear();
        }
        answer
    }

    /// Asks the nodes in turn, the same request each time, until one of them says yes or no.
    ///
    /// # Errors
    /// The last failure, after [`PATIENCE`]. A busy answer is then returned as it is.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let give_up = Instant::now() + PATIENCE;
        let mut pause = PAUSE;
        loop {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            let answer = self.ask_at(turn % self.nodes.len(), ask).await;
            let settled = answer.as_ref().is_ok_and(|answer| !answer.is_worth_repeating());
            if settled || Instant::now() + pause > give_up {
                return answer;
            }
            self.repeats.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }
}
