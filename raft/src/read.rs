//! Reads that see every write acknowledged before them, on any node: ask the leader how far the
//! log is (it proves to itself that it still leads), then wait until this replica is there.
//!
//! Callers share a round: one is under way, everybody who comes meanwhile goes into the next.

use crate::city::Node;
use crate::error::{ReadError, Refusal};
use crate::propose::{read_refusal, why_forward, write_refusal};
use crate::wire::{self, proto};
use domain::mutant::{Mutant, is_planted};
use openraft::ReadPolicy;
use openraft::errors::{LinearizableReadError, RaftError};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use storage::CityView;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

/// The pause after a round that found no leader.
const PAUSE: Duration = Duration::from_millis(10);

/// Somebody who waits for a round.
#[derive(Debug)]
pub(crate) struct Asking {
    until: Instant,
    reply: oneshot::Sender<Result<u64, ReadError>>,
}

/// The log index that this view reflects, exactly; 0 before the first entry.
///
/// # Errors
/// The database could not be read.
pub fn reflected(view: &CityView) -> io::Result<u64> {
    let bytes = view.applied_bytes().map_err(io::Error::other)?.unwrap_or_default();
    let position: proto::Position = wire::from_bytes(bytes.as_slice())?;
    Ok(position.log_id.map_or(0, |id| id.index))
}

impl Node {
    pub(crate) async fn read_barrier(&self, deadline: Duration) -> Result<u64, ReadError> {
        let began = Instant::now();
        let until = began + deadline;
        let (reply, answer) = oneshot::channel();
        let asking = Asking { until, reply };
        let index = timeout_at(until, async {
            self.reads.send(asking).await.map_err(|_| ReadError::Stopped)?;
            answer.await.map_err(|_| ReadError::Stopped)?
        });
        let index = index.await.unwrap_or_else(|_| Err(self.nobody_answered()))?;
        let applied = self.wait_applied(index, until).await?;
        let mut current = self.current.lock();
        *current = (*current).max(Some(began));
        Ok(applied)
    }

    pub(crate) async fn current_within(
        &self,
        age: Duration,
        deadline: Duration,
    ) -> Result<(), ReadError> {
        let known = *self.current.lock();
        match known.is_some_and(|at| at.elapsed() <= age) {
            true => Ok(()),
            false => self.read_barrier(deadline).await.map(|_| ()),
        }
    }

    pub(crate) async fn wait_applied(&self, index: u64, until: Instant) -> Result<u64, ReadError> {
        match timeout_at(until, self.progress.reaches(index)).await {
            Ok(Ok(applied)) => Ok(applied),
            Ok(Err(_)) => Err(ReadError::Stopped),
            Err(_) => Err(ReadError::Behind { applied: self.progress.applied(), wanted: index }),
        }
    }

    fn nobody_answered(&self) -> ReadError {
        match self.leader() {
            Some(_) => ReadError::NoQuorum,
            None => ReadError::NoLeader,
        }
    }

    /// The leader's side: the index that a linearizable read must reflect.
    pub(crate) async fn read_index_here(&self) -> Result<u64, proto::NotProposed> {
        if is_planted(Mutant::StaleRead) {
            return Ok(self.progress.applied());
        }
        match self.raft.get_read_linearizer(ReadPolicy::ReadIndex).await {
            Ok(linearizer) => Ok(linearizer.read_log_id().index()),
            Err(RaftError::APIError(LinearizableReadError::ForwardToLeader(forward))) => {
                let (leader, why) = why_forward(forward);
                Err(write_refusal(leader.as_ref(), why))
            }
            Err(RaftError::APIError(LinearizableReadError::QuorumNotEnough(_))) => {
                Err(write_refusal(None, Refusal::NoQuorum))
            }
            Err(RaftError::Fatal(_)) => Err(write_refusal(None, Refusal::Stopped)),
        }
    }

    /// One try. `None` if there is nobody to ask or the answer was lost.
    async fn ask_leader(&self) -> Option<Result<u64, proto::NotProposed>> {
        let leader = self.leader()?;
        if leader.id == self.settings.node_id {
            return Some(self.read_index_here().await);
        }
        let mut links = self.peers.links(leader.id, &leader.raft_addr)?;
        let request = proto::ReadIndexRequest { route: Some(self.peers.route(leader.id)) };
        let answer = links.urgent.read_index(request).await.ok()?.into_inner();
        Some(match answer.result? {
            proto::read_index_response::Result::Index(index) => Ok(index),
            proto::read_index_response::Result::Refused(refusal) => Err(refusal),
        })
    }

    /// Asks until there is an answer; a read may be repeated as often as one likes.
    async fn round(&self, until: Instant) -> Result<u64, ReadError> {
        let mut leadership = self.leadership.subscribe();
        let mut trouble = ReadError::NoLeader;
        loop {
            leadership.mark_unchanged();
            let answer = tokio::select! {
                answer = timeout_at(until, self.ask_leader()) => answer,
                // The one that was asked may be dead: do not wait for its connection to notice.
                _ = leadership.changed() => continue,
            };
            trouble = match answer {
                Ok(Some(Ok(index))) => return Ok(index),
                Ok(Some(Err(refusal))) => match read_refusal(refusal) {
                    // The leader has waited for a whole lease already.
                    Some((_, Refusal::NoQuorum)) => ReadError::NoQuorum,
                    _ => ReadError::NoLeader,
                },
                Ok(None) => trouble,
                Err(_) => return Err(self.nobody_answered()),
            };
            let again = Instant::now() + PAUSE;
            if again >= until {
                return Err(trouble);
            }
            tokio::select! {
                () = sleep_until(again) => {}
                _ = leadership.changed() => {}
            }
        }
    }
}

pub(crate) async fn rounds(node: Arc<Node>, mut queue: mpsc::Receiver<Asking>) {
    while let Some(first) = queue.recv().await {
        let mut together = vec![first];
        while let Ok(next) = queue.try_recv() {
            together.push(next);
        }
        together.retain(|asking| !asking.reply.is_closed());
        let Some(until) = together.iter().map(|asking| asking.until).max() else { continue };
        let index = node.round(until).await;
        for asking in together {
            let _ = asking.reply.send(index); // it may have given up
        }
    }
}
