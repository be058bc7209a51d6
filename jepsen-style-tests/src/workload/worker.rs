//! One of many: asks at its own node, one request at a time, and writes two lines for each.

use super::Scene;
use crate::history::{Kind, Line, Process};
use crate::http::{Outcome, Request};
use crate::random::Random;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

/// Between two attempts of something that must be decided.
const AGAIN: Duration = Duration::from_millis(100);

/// After a node that is not there, or has no leader: more of the same would only fill the history.
const TURNED_AWAY: Duration = Duration::from_millis(250);

/// A client of one node, so that a node that hangs keeps only its own clients.
pub(super) struct Worker {
    pub(super) scene: Arc<Scene>,
    pub(super) number: usize,
    pub(super) random: Random,
    process: u64,
    pace: Interval,
    turned_away: bool,
    stop: watch::Receiver<bool>,
}

/// What is asked, as the history has it.
pub(super) struct Op<'a> {
    /// What it is called.
    pub(super) f: &'a str,
    /// The object, if there is one.
    pub(super) key: Option<&'a str>,
    /// What was asked.
    pub(super) value: Value,
    /// The words for it.
    pub(super) request: &'a Request,
}

/// What was heard.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    /// Done.
    Yes {
        /// The whole answer.
        body: Value,
    },
    /// It certainly had no effect.
    No {
        /// The city's word.
        why: String,
        /// Whether the same may succeed later.
        again: bool,
    },
    /// Nobody can say.
    Unknown,
}

impl Worker {
    pub(super) fn new(
        scene: Arc<Scene>,
        number: usize,
        random: Random,
        pace: Duration,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let process = scene.process();
        let mut pace = interval(pace);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { scene, number, random, process, pace, turned_away: false, stop }
    }

    /// Waits for its next turn; false when nothing new shall begin.
    pub(super) async fn goes_on(&mut self) -> bool {
        if std::mem::take(&mut self.turned_away) {
            sleep(TURNED_AWAY).await;
        }
        self.pace.tick().await;
        !self.is_over()
    }

    /// Whether everybody shall come to an end.
    pub(super) fn is_over(&self) -> bool {
        *self.stop.borrow()
    }

    /// Its own node.
    pub(super) fn door(&self) -> (u64, String) {
        let urls = self.scene.urls();
        urls[self.number % urls.len()].clone()
    }

    /// Any node.
    pub(super) fn any_door(&mut self) -> (u64, String) {
        let urls = self.scene.urls();
        urls[self.random.below(urls.len())].clone()
    }

    /// Asks once, at its own node.
    pub(super) async fn ask(&mut self, op: Op<'_>, show: impl FnOnce(&Value) -> Value) -> Heard {
        let door = self.door();
        self.ask_at(&door, op, show).await
    }

    /// Asks once. `show` makes of the answer what the history keeps of it.
    pub(super) async fn ask_at(
        &mut self,
        door: &(u64, String),
        op: Op<'_>,
        show: impl FnOnce(&Value) -> Value,
    ) -> Heard {
        self.attempt(door, op, |body| Some(show(body))).await
    }

    /// Reads once, at its own node. What `show` can make nothing of was no read.
    pub(super) async fn ask_to_read(
        &mut self,
        op: Op<'_>,
        show: impl FnOnce(&Value) -> Option<Value>,
    ) -> Heard {
        let door = self.door();
        self.attempt(&door, op, show).await
    }

    async fn attempt(
        &mut self,
        (node, url): &(u64, String),
        op: Op<'_>,
        show: impl FnOnce(&Value) -> Option<Value>,
    ) -> Heard {
        let Op { f, key, value, request } = op;
        let asked = Line {
            key: key.map(str::to_owned),
            value,
            node: Some(*node),
            idem: request.key().map(str::to_owned),
            ..Line::new(Process::Customer(self.process), Kind::Invoke, f)
        };
        match self.scene.ask(url, asked, request, show).await {
            Outcome::Done { body, .. } => Heard::Yes { body },
            Outcome::Refused { why, again } => {
                self.turned_away = again;
                Heard::No { why, again }
            }
            Outcome::Unknown(_) => {
                self.process = self.scene.process();
                Heard::Unknown
            }
        }
    }

    /// Asks at one node after the other, beginning with its own, until somebody says yes or no for
    /// good; every attempt is in the history. `None` if the load ends before.
    pub(super) async fn insist(
        &mut self,
        f: &str,
        key: Option<&str>,
        value: Value,
        request: &Request,
        show: impl Fn(&Value) -> Value,
    ) -> Option<Result<Value, String>> {
        let mut again = interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut door = self.door();
        loop {
            again.tick().await;
            let op = Op { f, key, value: value.clone(), request };
            match self.ask_at(&door, op, &show).await {
                Heard::Yes { body } => return Some(Ok(body)),
                Heard::No { why, again: false } => return Some(Err(why)),
                Heard::No { again: true, .. } | Heard::Unknown => {}
            }
            if self.is_over() {
                return None;
            }
            door = self.any_door();
        }
    }

    /// Asks for something that no checker looks at, at any node, until somebody answers; not in the
    /// history. `None` if the load ends before.
    pub(super) async fn prepare(&mut self, request: &Request) -> Option<Result<Value, String>> {
        let mut again = interval(AGAIN);
        while !self.is_over() {
            again.tick().await;
            let (_, url) = self.any_door();
            match self.scene.asker.send(&url, request).await {
                Outcome::Done { body, .. } => return Some(Ok(body)),
                Outcome::Refused { why, again: false } => return Some(Err(why)),
                Outcome::Refused { again: true, .. } | Outcome::Unknown(_) => {}
            }
        }
        None
    }
}
