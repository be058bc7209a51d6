//! What people do in a city while it is broken, one file for each kind of load. Everybody uses the
//! public API only, asks each thing once, and writes down both what they asked and what they heard.

mod courier;
pub mod feed;
mod money;
mod orders;
mod register;
mod sessions;
mod transactions;
mod worker;

use crate::check::Invariant;
use crate::cluster::Doors;
use crate::history::{Kind, Line, Recorder};
use crate::http::{Asker, Outcome, Request};
use crate::random::Random;
use crate::shop::{Furniture, Shop};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use worker::Worker;

pub use crate::history::{PLACE, PLACE_FAR, TOO_FAR};
pub use orders::counted;

/// Somebody waits so long for an answer: longer than a node takes to say that it cannot tell.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// A kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workload {
    /// Reads, writes and compare-and-set of single values.
    Register,
    /// Orders as transactions that append to two lists at once.
    Transactions,
    /// Orders with their kitchens, couriers and stock.
    Orders,
    /// Card payments, refunds and tips, each sent several times.
    Money,
    /// Followers of the feed, and search, while menus change.
    Feed,
    /// Logging in, staying logged in, being logged out.
    Sessions,
    /// A Friday evening: all of it at once.
    Dinner,
}

impl Workload {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 7] = [
        Self::Register,
        Self::Transactions,
        Self::Orders,
        Self::Money,
        Self::Feed,
        Self::Sessions,
        Self::Dinner,
    ];

    /// As it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Transactions => "transactions",
            Self::Orders => "orders",
            Self::Money => "money",
            Self::Feed => "feed",
            Self::Sessions => "sessions",
            Self::Dinner => "dinner",
        }
    }

    /// As the matrix has it.
    pub fn letter(self) -> char {
        match self {
            Self::Register => 'A',
            Self::Transactions => 'B',
            Self::Orders => 'C',
            Self::Money => 'D',
            Self::Feed => 'E',
            Self::Sessions => 'F',
            Self::Dinner => 'G',
        }
    }

    /// In one sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Register => "read, write and compare-and-set of coupons by their version",
            Self::Transactions => "orders that are appended to a kitchen's and a customer's list",
            Self::Orders => "place, cook, offer, take, carry, call off; counted stock",
            Self::Money => "pay, refund, tip and cancel, each sent one to five times",
            Self::Feed => "people who follow the feed at any node; menus edited and searched",
            Self::Sessions => "log in, refresh, use and revoke at any node",
            Self::Dinner => "all of it at once, as on a Friday evening",
        }
    }

    /// What a run of it must judge. One that could not, because nothing of the sort happened or
    /// nobody looked, proves nothing.
    pub fn promises(self) -> &'static [Invariant] {
        use Invariant::{I1, I2, I3, I4, I5, I6, I7, I8, I9, I10, I11, I12, I13, I14};
        match self {
            Self::Register => &[I2, I7, I12, I14],
            Self::Transactions => &[I3, I7, I12, I14],
            Self::Orders => &[I1, I4, I5, I7, I8, I10, I12, I13, I14],
            Self::Money => &[I1, I4, I6, I7, I10, I12, I14],
            Self::Feed => &[I1, I4, I7, I10, I11, I12, I14],
            Self::Sessions => &[I7, I9, I12, I14],
            Self::Dinner => &[I1, I2, I4, I5, I6, I7, I8, I9, I10, I11, I12, I13, I14],
        }
    }

    /// Whether it needs the gateway outside.
    pub fn pays(self) -> bool {
        match self {
            Self::Money | Self::Dinner => true,
            Self::Register | Self::Transactions | Self::Orders | Self::Feed | Self::Sessions => {
                false
            }
        }
    }

    /// What the city must have for it.
    pub fn furniture(self) -> Furniture {
        let some = Furniture::default();
        match self {
            Self::Register | Self::Money => some,
            Self::Transactions => Furniture { kitchens: 40, ..some },
            Self::Orders => Furniture { couriers: orders::COURIERS, ..some },
            Self::Dinner => Furniture { kitchens: 8, couriers: orders::COURIERS, ..some },
            Self::Feed => Furniture { kitchens: 8, ..some },
            Self::Sessions => Furniture { customers: 1, ..some },
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let of = |one: &&Self| one.name() == text || one.letter().to_string() == text;
        Self::ALL.iter().find(of).copied().ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|one| one.name()).collect();
            format!("there is no workload {text}; there are {}", all.join(", "))
        })
    }
}

/// What everybody who works in a city needs.
#[derive(Debug)]
pub struct Scene {
    /// Kitchens and people.
    pub shop: Arc<Shop>,
    /// Where to ask.
    pub doors: Doors,
    /// Where it is written down.
    pub recorder: Arc<Recorder>,
    /// How to ask.
    pub asker: Asker,
    /// Of the run.
    pub seed: u64,
    /// What dishes are called, where that is changed.
    pub words: Arc<Mutex<feed::Words>>,
    followers: Mutex<Vec<feed::Follower>>,
    families: Mutex<BTreeMap<String, String>>,
    processes: AtomicU64,
    acknowledged: watch::Sender<u64>,
}

impl Scene {
    /// Everything is there; nobody has come yet.
    ///
    /// # Errors
    /// The system has no HTTP client.
    pub fn set(shop: Arc<Shop>, doors: Doors, recorder: Arc<Recorder>, seed: u64) -> Result<Self> {
        let asker = Asker::within(ANSWERED_WITHIN)?;
        let (acknowledged, _) = watch::channel(0);
        Ok(Self {
            shop,
            doors,
            recorder,
            asker,
            seed,
            words: Arc::default(),
            followers: Mutex::default(),
            families: Mutex::default(),
            processes: AtomicU64::new(0),
            acknowledged,
        })
    }

    /// Asks once, with its two lines. `show` makes of the answer what the history keeps of it; an
    /// answer that it can make nothing of is none.
    pub(crate) async fn ask(
        &self,
        url: &str,
        asked: Line,
        request: &Request,
        show: impl FnOnce(&Value) -> Option<Value>,
    ) -> Outcome {
        let heard = |kind| Line { kind, ..asked.clone() };
        self.recorder.record(asked.clone());
        let mut outcome = self.asker.send(url, request).await;
        if let Outcome::Done { body, .. } = &outcome {
            match show(body) {
                Some(value) => {
                    let log_index = outcome.index();
                    self.recorder.record(Line { value, log_index, ..heard(Kind::Ok) });
                    self.acknowledged.send_modify(|count| *count += 1);
                    return outcome;
                }
                None => {
                    let why = "the answer leaves it open".to_owned();
                    outcome = Outcome::Refused { why, again: true };
                }
            }
        }
        match &outcome {
            Outcome::Done { .. } => {}
            Outcome::Refused { why, .. } => {
                self.recorder.record(Line { err: Some(why.clone()), ..heard(Kind::Rejected) });
            }
            Outcome::Unknown(why) => {
                self.recorder.record(Line { err: Some(why.clone()), ..heard(Kind::Unknown) });
            }
        }
        outcome
    }

    /// Those who followed the feed to its end, once the load has ended.
    pub fn followers(&self) -> Vec<feed::Follower> {
        self.followers.lock().expect("nobody panics with the followers in hand").clone()
    }

    /// The newest access token of each login, by the key of its operations.
    pub fn families(&self) -> BTreeMap<String, String> {
        self.families.lock().expect("nobody panics with the families in hand").clone()
    }

    fn logged_in(&self, family: &str, token: &str) {
        let mut all = self.families.lock().expect("nobody panics with the families in hand");
        all.insert(family.to_owned(), token.to_owned());
    }

    fn followed(&self, follower: feed::Follower) {
        let mut all = self.followers.lock().expect("nobody panics with the followers in hand");
        all.push(follower);
    }

    /// The name of one more process: nobody ever has it again.
    pub fn process(&self) -> u64 {
        self.processes.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the nodes serve, by their ids.
    pub fn urls(&self) -> Vec<(u64, String)> {
        self.doors.read().expect("nobody panics with the doors in hand").clone()
    }
}

/// A running load. Dropped, it ends at once.
#[derive(Debug)]
pub struct Load {
    people: JoinSet<Result<()>>,
    stop: watch::Sender<bool>,
    acknowledged: watch::Receiver<u64>,
}

impl Load {
    /// Lets people in.
    pub fn start(workload: Workload, scene: &Arc<Scene>, random: &mut Random) -> Self {
        let (stop, stopped) = watch::channel(false);
        let acknowledged = scene.acknowledged.subscribe();
        let mut crowd = Crowd { scene: Arc::clone(scene), random, stopped, people: JoinSet::new() };
        crowd.let_in(workload);
        Self { people: crowd.people, stop, acknowledged }
    }

    /// Until so many more requests got a yes.
    ///
    /// # Errors
    /// They did not within this time, or somebody met what must not be.
    pub async fn more(&mut self, yes: u64, within: Duration) -> Result<()> {
        let wanted = *self.acknowledged.borrow() + yes;
        let reached = self.acknowledged.wait_for(|count| *count >= wanted);
        match timeout(within, reached).await {
            Ok(reached) => reached.map(drop).context("everybody has left"),
            Err(_) => bail!("fewer than {yes} requests got a yes in {} s", within.as_secs()),
        }
    }

    /// Nobody begins anything new; returns when all have ended what they were at.
    ///
    /// # Errors
    /// Somebody met what must not be.
    pub async fn finish(mut self) -> Result<()> {
        self.stop.send_replace(true);
        let mut met = Ok(());
        // Everybody ends what they are at, whatever one of them has met.
        while let Some(ended) = self.people.join_next().await {
            let ended = ended.context("somebody panicked").and_then(|ended| ended);
            met = met.and(ended);
        }
        met
    }
}

/// People who are about to come in.
struct Crowd<'r> {
    scene: Arc<Scene>,
    random: &'r mut Random,
    stopped: watch::Receiver<bool>,
    people: JoinSet<Result<()>>,
}

impl Crowd<'_> {
    fn let_in(&mut self, workload: Workload) {
        match workload {
            Workload::Register => register::let_in(self, register::PEOPLE),
            Workload::Transactions => transactions::let_in(self, transactions::PEOPLE),
            Workload::Orders => orders::let_in(self),
            Workload::Money => money::let_in(self, money::BUYERS),
            Workload::Feed => feed::let_in(self),
            Workload::Sessions => sessions::let_in(self, sessions::PEOPLE),
            Workload::Dinner => {
                register::let_in(self, register::PEOPLE / 4);
                orders::let_in(self);
                money::let_in(self, money::BUYERS / 2);
                feed::let_in(self);
                sessions::let_in(self, sessions::PEOPLE / 2);
            }
        }
    }

    /// One more, who begins something at most so often.
    fn worker(&mut self, pace: Duration) -> Worker {
        let scene = Arc::clone(&self.scene);
        Worker::new(scene, self.people.len(), self.random.fork(), pace, self.stopped.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_found_by_its_name_or_letter() {
        for workload in Workload::ALL {
            assert_eq!(workload.name().parse(), Ok(workload));
            assert_eq!(workload.letter().to_string().parse(), Ok(workload));
        }
        assert!("registers".parse::<Workload>().unwrap_err().contains("transactions"));
    }
}
