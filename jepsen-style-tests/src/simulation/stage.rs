//! What everybody in a simulation shares: the plan, the nodes that live, the clocks, and what was
//! asked and heard. One thread, so the locks are never waited for.

use super::door::{Answer, Question};
use super::plan::Plan;
use domain::script::Script;
use domain::{Actor, Command, Proposal};
use raft::{City, WallClock};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use storage::{LogDb, Reader};
use tokio::sync::{mpsc, watch};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The city is founded and furnished; nothing goes wrong.
    Furnishing,
    /// Things go wrong.
    Faulty,
    /// Nothing goes wrong any more: everything must work again.
    Healed,
    /// Everybody has finished.
    Over,
}

/// What an operator tells a node.
#[derive(Clone, Debug)]
pub(super) enum Order {
    Snapshot,
    Transfer(Option<u64>),
    Add(raft::Member),
    Remove(u64),
}

/// A node that lives, as the watchers see it.
#[derive(Clone, Debug)]
pub(super) struct Living {
    pub(super) city: City,
    pub(super) reader: Reader,
    pub(super) log: LogDb,
    pub(super) orders: mpsc::UnboundedSender<Order>,
}

/// One question and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) process: u64,
    pub(super) node: u64,
    /// As a history calls it.
    pub(super) f: &'static str,
    pub(super) key: String,
    pub(super) value: Value,
    /// Names the wish, however often it is sent.
    pub(super) idem: Option<String>,
    pub(super) asked: Duration,
    pub(super) question: Question,
    /// When the answer came, and what it was; nothing if whoever asked is gone.
    pub(super) heard: Option<(Duration, Answer)>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) plan: Plan,
    /// Where the nodes have their files.
    pub(super) root: PathBuf,
    pub(super) phase: watch::Sender<Phase>,
    /// What people say, in words: `script` makes commands of them.
    script: Mutex<Script>,
    living: Mutex<BTreeMap<u64, Living>>,
    clocks: BTreeMap<u64, Arc<AtomicI64>>,
    ops: Mutex<Vec<Op>>,
    complaints: Mutex<Vec<String>>,
}

impl Stage {
    pub(super) fn new(plan: Plan, root: PathBuf) -> Self {
        let clocks = (1..=super::MOST_NODES).map(|id| (id, Arc::default())).collect();
        Self {
            plan,
            root,
            phase: watch::Sender::new(Phase::Furnishing),
            script: Mutex::new(Script::new()),
            living: Mutex::default(),
            clocks,
            ops: Mutex::default(),
            complaints: Mutex::default(),
        }
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    /// What a line of a script asks for, which is one thing.
    pub(super) fn wish(&self, line: &str) -> (Actor, Command) {
        let (_, mut wishes) = self.script().commands(&format!("12:00:00 {line}"));
        wishes.pop().expect("a line asks for something")
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(super) fn living(&self) -> MutexGuard<'_, BTreeMap<u64, Living>> {
        lock(&self.living)
    }

    pub(super) fn ops(&self) -> MutexGuard<'_, Vec<Op>> {
        lock(&self.ops)
    }

    /// Something that must not be. The first few are enough.
    pub(super) fn complain(&self, what: String) {
        let mut complaints = lock(&self.complaints);
        tracing::error!(what, "violation");
        if complaints.len() < 20 && !complaints.contains(&what) {
            complaints.push(what);
        }
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        lock(&self.complaints).clone()
    }

    /// The clock on a node's wall, in milliseconds since 1970.
    pub(super) fn clock(&self, id: u64) -> &Arc<AtomicI64> {
        &self.clocks[&id]
    }

    pub(super) fn wall_clock(&self, id: u64) -> WallClock {
        let clock = Arc::clone(&self.clocks[&id]);
        WallClock::of(move || clock.load(Ordering::Relaxed))
    }
}

/// A proposal that says who asked.
pub(super) fn proposal((actor, command): (Actor, Command), request_id: &str) -> Proposal {
    Proposal { actor, request_id: request_id.to_owned(), command }
}

/// How long the simulation has run, in its own time.
pub(super) fn now() -> Duration {
    turmoil::sim_elapsed().unwrap_or_default()
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().expect("nobody panics with it in hand")
}
