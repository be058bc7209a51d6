//! Keys on their way between the nodes: kept by a majority before somebody is told that they have
//! signed up, destroyed by a majority before somebody is told that they are erased.

use super::Vault;
use super::city::NoRandomness;
use super::people::People;
use super::wrapping::Wrapped;
use bytes::Bytes;
use domain::ids::AccountId;
use domain::sealed::{KeyName, Sealed};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use raft::{City, Question};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long a majority may take.
const WITHIN: Duration = Duration::from_secs(3);
/// How long the last ones are waited for when a majority has answered.
const LINGER: Duration = Duration::from_millis(300);
/// Keys that are asked for at once.
const BATCH: usize = 512;
/// Before what nobody had is asked for again, at first and at most.
const AGAIN: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(500)..=Duration::from_secs(60);

/// What one vault asks another.
#[derive(Debug, Serialize, Deserialize)]
enum Ask {
    Keep { name: KeyName, wrapped: Wrapped },
    Give { names: Vec<KeyName> },
    Destroy { account_id: AccountId, name: KeyName, index: u64 },
}

/// And what that one says.
#[derive(Debug, Serialize, Deserialize)]
enum Said {
    Done(bool),
    Given(Vec<(KeyName, Wrapped)>),
}

/// The key of somebody new is not at enough nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotKept {
    /// Too few answered in time, or their disks failed.
    #[error("{kept} of {nodes} nodes can keep the key of somebody new")]
    NoMajority {
        /// Those that can.
        kept: usize,
        /// All that count.
        nodes: usize,
    },
    /// See there.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The key of somebody who is about to sign up. A majority has it.
pub(crate) struct NewKey {
    /// What the log will call it.
    pub name: KeyName,
    key: LessSafeKey,
    people: People,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewKey({:?})", self.name)
    }
}

impl NewKey {
    /// Closes a value of the person-to-be.
    ///
    /// # Errors
    /// Without randomness nothing is closed.
    pub(crate) fn seal(&self, owner: AccountId, plain: &str) -> Result<Sealed, NoRandomness> {
        self.people.close(&self.key, owner, plain.as_bytes())
    }
}

/// Who has destroyed a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// The nodes that have, in order.
    pub by: Vec<u64>,
    /// Whether that is a majority.
    pub by_majority: bool,
}

impl Vault {
    /// Draws a key and lets a majority keep it.
    ///
    /// # Errors
    /// If there is none that can.
    pub(crate) async fn new_key(&self, city: &City) -> Result<NewKey, NotKept> {
        let (name, plain) = (KeyName(self.random()?), self.random::<32>()?);
        let wrapped = self.people.wrap(name, &plain)?;
        let own = on_disk(&self.people, {
            let wrapped = wrapped.clone();
            move |people: &People| keeps(people, name, wrapped)
        });
        let agreed = agreement(city, own.await, &Ask::Keep { name, wrapped }).await;
        if !agreed.has_majority() {
            return Err(NotKept::NoMajority { kept: agreed.yes.len(), nodes: agreed.voters.len() });
        }
        let unbound = UnboundKey::new(&AES_256_GCM, &plain).expect("AES-256 takes 32 bytes");
        Ok(NewKey { name, key: LessSafeKey::new(unbound), people: self.people.clone() })
    }

    /// Destroys the key of somebody whom the entry `index` has erased, here and at the others, and
    /// says who has. May be asked again: what is destroyed stays destroyed.
    pub(crate) async fn forget(
        &self,
        city: &City,
        account_id: AccountId,
        name: KeyName,
        index: u64,
    ) -> Forgotten {
        let own = on_disk(&self.people, move |people| people.destroy(name).is_ok()).await;
        let mut agreed = agreement(city, own, &Ask::Destroy { account_id, name, index }).await;
        agreed.yes.sort_unstable();
        Forgotten { by_majority: agreed.has_majority(), by: agreed.yes }
    }
}

/// Who said yes, of those that count.
struct Agreement {
    yes: Vec<u64>,
    voters: Vec<u64>,
}

impl Agreement {
    fn has_majority(&self) -> bool {
        self.yes.iter().filter(|id| self.voters.contains(id)).count() > self.voters.len() / 2
    }
}

async fn agreement(city: &City, own: bool, ask: &Ask) -> Agreement {
    let status = city.status();
    let voters = status.members.iter().filter(|it| it.voter).map(|it| it.member.id).collect();
    let yes = if own { vec![status.node_id] } else { Vec::new() };
    let mut agreed = Agreement { yes, voters };
    let question = Bytes::from(storage::codec::encode(ask));
    let others = status.members.iter().map(|it| it.member.id).filter(|id| *id != status.node_id);
    let mut answers: FuturesUnordered<_> = others
        .map(|id| {
            let question = question.clone();
            async move {
                let answer = city.ask(id, question, WITHIN).await?;
                match storage::codec::decode(&answer).ok()? {
                    Said::Done(true) => Some(id),
                    Said::Done(false) | Said::Given(_) => None,
                }
            }
        })
        .collect();
    let began = Instant::now();
    loop {
        let patience = if agreed.has_majority() { LINGER } else { WITHIN };
        let left = patience.saturating_sub(began.elapsed());
        match tokio::time::timeout(left, answers.next()).await {
            Ok(Some(answer)) => agreed.yes.extend(answer),
            Ok(None) | Err(_) => return agreed,
        }
    }
}

/// Whether this node has a key on its disk, from now on or from before.
fn keeps(people: &People, name: KeyName, wrapped: Wrapped) -> bool {
    people.keep(vec![(name, wrapped)]).is_ok_and(|kept| kept.contains(&name))
}

/// Runs what waits for the disk where that may block.
async fn on_disk<T: Send + 'static>(
    people: &People,
    work: impl FnOnce(&People) -> T + Send + 'static,
) -> T {
    let people = people.clone();
    let done = tokio::task::spawn_blocking(move || work(&people)).await;
    done.expect("what is done on the disk does not panic")
}

/// Answers the other vaults, and asks them for what this one lacks.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// The keys of this node.
    pub people: People,
    /// The others.
    pub city: City,
}

impl Keeper {
    /// Until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Some(mut questions) = self.city.questions() else {
            return tracing::error!("somebody else answers the questions of the other nodes");
        };
        let fetching = fetch(self.people.clone(), self.city.clone());
        tokio::pin!(fetching);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut fetching => return,
                question = questions.recv() => match question {
                    // On its own task, which ends within the time of one question.
                    Some(it) => drop(tokio::spawn(answer(
                        self.people.clone(), self.city.clone(), it,
                    ))),
                    None => return,
                },
            }
        }
    }
}

async fn answer(people: People, city: City, question: Question) {
    let Question { body, reply } = question;
    let Ok(ask) = storage::codec::decode::<Ask>(&body) else {
        return tracing::warn!("a question of another node is not understood");
    };
    let said = match ask {
        Ask::Keep { name, wrapped } => {
            Said::Done(on_disk(&people, move |people| keeps(people, name, wrapped)).await)
        }
        Ask::Give { names } => {
            let found = on_disk(&people, move |people| {
                let names = names.into_iter().take(BATCH);
                names.filter_map(|name| Some((name, people.wrapped(name).ok()??))).collect()
            });
            Said::Given(found.await)
        }
        Ask::Destroy { account_id, name, index } => {
            Said::Done(destroy(&people, &city, account_id, name, index).await)
        }
    };
    // Whoever asked may have given up: nothing depends on it.
    let _ = reply.send(storage::codec::encode(&said).into());
}

/// Another node's word is not enough to destroy a key: the log's is.
async fn destroy(
    people: &People,
    city: &City,
    account_id: AccountId,
    name: KeyName,
    index: u64,
) -> bool {
    if city.wait_applied(index, WITHIN).await.is_err() {
        return false;
    }
    let erased = match people.account(account_id) {
        Ok(account) => account.is_some_and(|it| !it.is_anybody() && it.key == Some(name)),
        Err(_) => false,
    };
    erased && on_disk(people, move |people| people.destroy(name).is_ok()).await
}

/// Asks the others for what this node lacks, again and again.
async fn fetch(people: People, city: City) {
    let mut pause = *AGAIN.start();
    loop {
        let missing = people.missing(BATCH);
        if missing.is_empty() {
            people.wanted().await;
            pause = *AGAIN.start();
            continue;
        }
        let before = missing.len();
        let left = ask_for(&people, &city, missing).await;
        if left == before {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = people.wanted() => {}
            }
            pause = (pause * 2).min(*AGAIN.end());
        }
    }
}

/// How many of these nobody had.
async fn ask_for(people: &People, city: &City, mut names: Vec<KeyName>) -> usize {
    let status = city.status();
    let others = status.members.iter().map(|it| it.member.id).filter(|id| *id != status.node_id);
    for id in others {
        let question = storage::codec::encode(&Ask::Give { names: names.clone() }).into();
        let Some(answer) = city.ask(id, question, WITHIN).await else { continue };
        let Ok(Said::Given(given)) = storage::codec::decode::<Said>(&answer) else { continue };
        let kept = on_disk(people, move |people| people.keep(given).unwrap_or_default()).await;
        names.retain(|name| !kept.contains(name));
        if names.is_empty() {
            break;
        }
    }
    names.len()
}
