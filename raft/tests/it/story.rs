//! A script that three real nodes live through, with a clock that the test turns.

use crate::group::{Group, PATIENCE, TestNode, is_yes, within};
use domain::script::Script;
use domain::time::Timestamp;
use domain::{Actor, Command, Event, Proposal, Verdict};
use futures_util::future::join_all;
use raft::{Applied, City, ProposeError, WallClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Three nodes, one clock, and the script that says what people want.
pub(crate) struct Story {
    pub(crate) group: Group,
    now_ms: Arc<AtomicI64>,
    pub(crate) script: Script,
    pub(crate) replayed: usize,
}

impl Story {
    pub(crate) async fn begins(setup: &str) -> Self {
        let mut script = Script::new();
        script.run(setup);
        let now_ms = Arc::new(AtomicI64::new(script.entries[0].0.0));
        let mut group = Group::new();
        let turned = Arc::clone(&now_ms);
        group.wall_clock = WallClock::of(move || turned.load(Ordering::SeqCst));
        group.found().await;
        let mut story = Self { group, now_ms, script, replayed: 0 };
        story.catch_up().await;
        story
    }

    pub(crate) fn turn_to(&self, at: Timestamp) {
        self.now_ms.store(at.0, Ordering::SeqCst);
    }

    /// The nodes decide what the script's own city has decided so far.
    pub(crate) async fn catch_up(&mut self) {
        self.catch_up_at(1).await;
    }

    /// The same, asked of this node.
    pub(crate) async fn catch_up_at(&mut self, node: u64) {
        for (at, actor, command) in self.script.entries[self.replayed..].iter().cloned() {
            self.turn_to(at);
            let command = self.here(node, command);
            let applied =
                self.group.propose(node, &proposal(actor, command)).await.expect("a verdict");
            assert!(is_yes(&applied), "{applied:?}");
        }
        self.replayed = self.script.entries.len();
    }

    /// The same wish in this city, whose log has entries of its own: work is named by its entry.
    pub(crate) fn here(&self, node: u64, command: Command) -> Command {
        let Command::RecordGatewayAnswer(mut answer) = command else {
            return command;
        };
        let open = self.group.nodes[&node].reader.outbox(None, 1).expect("readable");
        let (work_id, _) = open.first().expect("the gateway is being asked");
        answer.work_id = *work_id;
        Command::RecordGatewayAnswer(answer)
    }

    /// What the lines ask for; all of them at one moment.
    pub(crate) async fn asked(&mut self, lines: &[String]) -> (Timestamp, Vec<Proposal>) {
        let mut at = Timestamp(0);
        let mut asked = Vec::new();
        for line in lines {
            let (moment, wishes) = self.script.commands(line);
            at = moment;
            asked.extend(wishes.into_iter().map(|(actor, wish)| proposal(actor, wish)));
        }
        self.catch_up().await;
        (at, asked)
    }

    /// Every wish at once, shared among the nodes; the verdicts in the same order.
    pub(crate) async fn decide(&self, asked: &[Proposal]) -> Vec<Verdict> {
        let decided = asked.iter().enumerate().map(|(number, wish)| async move {
            let node = 1 + number as u64 % 3;
            self.group.propose(node, wish).await.expect("a verdict").verdict
        });
        join_all(decided).await
    }

    /// What this line asks for, which is one thing.
    pub(crate) fn wish(&mut self, line: &str) -> Proposal {
        let (_, wishes) = self.script.commands(line);
        let [(actor, command)] = wishes.as_slice() else { panic!("{} wishes", wishes.len()) };
        proposal(actor.clone(), command.clone())
    }

    /// Says it at this node, and again for as long as nobody can tell what has become of it.
    pub(crate) async fn say(&self, node: u64, wish: &Proposal) -> Verdict {
        said(&self.group.city(node), wish).await
    }

    /// What every node tells of these events, which is the same.
    pub(crate) async fn told(&self, which: impl Fn(&Event) -> bool) -> usize {
        self.group.same_history().await;
        let counts: Vec<_> = self.group.nodes.values().map(|node| told(node, &which)).collect();
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
        counts[0]
    }
}

fn told(node: &TestNode, which: impl Fn(&Event) -> bool) -> usize {
    let feed = node.reader.view().feed(storage::Cursor::after_entry(0), 1_000).expect("readable");
    feed.events.iter().filter(|told| which(&told.event)).count()
}

/// As a phone does: what may have been lost is said again.
pub(crate) async fn said(city: &City, wish: &Proposal) -> Verdict {
    within(async {
        loop {
            match city.propose(wish, PATIENCE).await {
                Ok(Applied { verdict, .. }) => return verdict,
                Err(ProposeError::NotProposed { .. } | ProposeError::Unknown { .. }) => {
                    tokio::task::yield_now().await;
                }
            }
        }
    })
    .await
}

pub(crate) fn proposal(actor: Actor, command: Command) -> Proposal {
    Proposal { actor, request_id: "story".to_owned(), command }
}
