//! Somebody who asks and writes down what they hear. What may have happened is said again at
//! another node, under the same name, by somebody else: the old question may still be on its way.

use super::door::{self, Answer, Question};
use super::records::{Record, Which};
use super::stage::{Op, Phase, Stage, now, proposal};
use crate::random::Random;
use domain::Verdict;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a wish is said again while nobody knows what became of it.
const REPEATS: usize = 3;

/// One person at a time.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) stage: Arc<Stage>,
    pub(super) random: Random,
    /// Gives everybody a number of their own.
    numbers: Arc<AtomicU64>,
    process: u64,
}

/// How a history calls a question.
#[derive(Clone, Debug)]
pub(super) struct Title {
    pub(super) f: &'static str,
    pub(super) key: String,
    pub(super) value: Value,
}

impl Title {
    pub(super) fn new(f: &'static str, key: impl Into<String>, value: Value) -> Self {
        Self { f, key: key.into(), value }
    }
}

impl Person {
    pub(super) fn new(stage: Arc<Stage>, random: Random, numbers: Arc<AtomicU64>) -> Self {
        let process = numbers.fetch_add(1, Ordering::Relaxed);
        Self { stage, random, numbers, process }
    }

    /// A number that nobody else has or will have.
    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn one_of<'a, T: ?Sized>(&mut self, things: &[&'a T]) -> &'a T {
        things[self.random.below(things.len())]
    }

    pub(super) fn chance(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }

    /// Thinks for a while; false when it is time to go home.
    pub(super) async fn goes_on(&mut self) -> bool {
        let longest = usize::try_from(self.stage.plan.pause.as_millis()).unwrap_or(1);
        let pause = Duration::from_millis(self.random.below(longest) as u64 + 1);
        let mut phase = self.stage.phase.subscribe();
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase > Phase::Faulty) => false,
            () = tokio::time::sleep(pause) => true,
        }
    }

    /// Any of the first three nodes.
    pub(super) fn some_node(&mut self) -> u64 {
        1 + self.random.below(3) as u64
    }

    /// A wish in the words of a script, once, at one node.
    pub(super) async fn say_once(&mut self, title: &Title, line: &str) -> Answer {
        let node = self.some_node();
        let name = format!("w{}", self.number());
        let wish = proposal(self.stage.wish(line), &name);
        self.ask(node, title, Some(name), Question::Propose(Box::new(wish))).await
    }

    /// A wish in the words of a script, again at other nodes as long as nobody knows what became of
    /// it.
    pub(super) async fn say(&mut self, title: &Title, line: &str) -> Answer {
        let wish = self.stage.wish(line);
        self.insist(title, wish).await
    }

    /// The same with a command.
    pub(super) async fn insist(
        &mut self,
        title: &Title,
        wish: (domain::Actor, domain::Command),
    ) -> Answer {
        let name = format!("w{}", self.number());
        let question = Question::Propose(Box::new(proposal(wish, &name)));
        let mut node = self.some_node();
        for _ in 0..REPEATS {
            let answer = self.ask(node, title, Some(name.clone()), question.clone()).await;
            if !matches!(answer, Answer::Unknown(_)) {
                return answer;
            }
            node = node % 3 + 1;
        }
        Answer::Unknown("given up".to_owned())
    }

    /// Records of one moment, with every write that was acknowledged before.
    pub(super) async fn read(&mut self, title: &Title, which: &[Which]) -> Option<Vec<Record>> {
        let node = self.some_node();
        match self.ask(node, title, None, Question::Read(which.to_vec())).await {
            Answer::Records(_, records) => Some(records),
            Answer::Applied(..)
            | Answer::Feed(..)
            | Answer::Resync(_)
            | Answer::NotDone(_)
            | Answer::Unknown(_) => None,
        }
    }

    /// One question at one node, written down.
    pub(super) async fn ask(
        &mut self,
        node: u64,
        title: &Title,
        idem: Option<String>,
        question: Question,
    ) -> Answer {
        let Title { f, key, value } = title.clone();
        let (process, asked) = (self.process, now());
        let op = Op { process, node, f, key, value, idem, asked, question, heard: None };
        tracing::debug!(process, node, f, key = op.key, idem = op.idem, "asks");
        let place = {
            let mut ops = self.stage.ops();
            ops.push(op);
            ops.len() - 1
        };
        let question = self.stage.ops()[place].question.clone();
        let answer = door::ask(node, &question, PATIENCE).await;
        tracing::debug!(process, ?answer, "hears");
        self.stage.ops()[place].heard = Some((now(), answer.clone()));
        if matches!(answer, Answer::Unknown(_)) {
            self.process = self.number();
        }
        answer
    }
}

/// Whether it is a yes.
pub(super) fn is_yes(answer: &Answer) -> bool {
    matches!(answer, Answer::Applied(_, Verdict::Yes { .. }))
}

/// A value of nothing.
pub(super) fn nothing() -> Value {
    json!(null)
}

/// A record, if there is one and it can be read.
pub(super) fn decoded<T: serde::de::DeserializeOwned>(record: Option<&Record>) -> Option<T> {
    storage::codec::decode(record?.as_ref()?).ok()
}
