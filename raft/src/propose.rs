//! How a proposal gets to the log and its verdict back. On the leader: stamp the time, hand it to
//! openraft. Elsewhere: one message to the leader, shared with the proposals of the same moment.
//!
//! The rule of this file: an attempt that may have left a trace is never repeated here.

use crate::city::Node;
use crate::error::{Doubt, ProposeError, Refusal};
use crate::member::{Leadership, Member};
use crate::settings::{FORWARD_BYTES, FORWARD_PROPOSALS, FORWARDS_IN_FLIGHT, PROPOSAL_BYTES};
use crate::transport::was_not_sent;
use crate::types::{Answer, Command, TypeConfig};
use crate::wire::proto;
use bytes::Bytes;
use domain::Verdict;
use futures_util::StreamExt;
use openraft::errors::{ClientWriteError, ForwardReason, ForwardToLeader, RaftError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

/// The first pause after an attempt that found no leader; doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

/// A proposal that was decided, here and on a majority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The entry that carried it. A replica that has applied this index shows its effect.
    pub index: u64,
    /// Yes or no.
    pub verdict: Verdict,
}

pub(crate) type Outcome = Result<Applied, ProposeError>;

/// A proposal that waits for a place in a message to the leader.
#[derive(Debug)]
pub(crate) struct Waiting {
    proposal: Bytes,
    until: Instant,
    reply: oneshot::Sender<Outcome>,
}

impl Node {
    pub(crate) async fn propose(&self, proposal: Bytes, deadline: Duration) -> Outcome {
        if proposal.len() > PROPOSAL_BYTES {
            return Err(refused(self.leader(), Refusal::TooLarge));
        }
        let place = self.gate.enter(1, proposal.len());
        let _place = place.map_err(|why| refused(self.leader(), why))?;
        let until = Instant::now() + deadline;
        let (mut pause, mut leadership) = (PAUSE, self.leadership.subscribe());
        loop {
            leadership.mark_unchanged();
            let refusal = match self.attempt(proposal.clone(), until).await {
                Err(ProposeError::NotProposed { leader, why }) => (leader, why),
                decided => return decided,
            };
            let again = Instant::now() + pause;
            if !is_passing(refusal.1) || again >= until {
                return Err(refused(refusal.0, refusal.1));
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            tokio::select! {
                () = sleep_until(again) => {}
                _ = leadership.changed() => {}
            }
        }
    }

    async fn attempt(&self, proposal: Bytes, until: Instant) -> Outcome {
        let leader = self.leader();
        match &leader {
            None => Err(refused(None, Refusal::NoLeader)),
            Some(leader) if leader.id == self.settings.node_id => {
                self.propose_here(proposal, until).await
            }
            Some(_) => {
                let (reply, verdict) = oneshot::channel();
                if self.forward.send(Waiting { proposal, until, reply }).await.is_err() {
                    return Err(refused(leader, Refusal::Stopped));
                }
                match timeout_at(until, verdict).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(_)) => Err(unknown(Doubt::Stopped)),
                    Err(_) => Err(unknown(Doubt::Deadline)),
                }
            }
        }
    }

    async fn propose_here(&self, proposal: Bytes, until: Instant) -> Outcome {
        let command = Command { at_ms: self.clock.stamp(), proposal };
        match timeout_at(until, self.raft.client_write(command)).await {
            Ok(Ok(done)) => applied(done.log_id.index(), done.data),
            Ok(Err(RaftError::APIError(error))) => Err(not_written(error)),
            Ok(Err(RaftError::Fatal(_))) => Err(unknown(Doubt::Stopped)),
            Err(_) => Err(unknown(Doubt::Deadline)),
        }
    }

    /// The leader's side of a message with proposals: one outcome for each, in their order.
    pub(crate) async fn propose_many(&self, proposals: Vec<Bytes>, until: Instant) -> Vec<Outcome> {
        let bytes = proposals.iter().map(Bytes::len).sum();
        let _place = match self.gate.enter(proposals.len(), bytes) {
            Ok(place) => place,
            Err(why) => return vec![Err(refused(self.leader(), why)); proposals.len()],
        };
        let mut outcomes = Vec::with_capacity(proposals.len());
        let mut commands = Vec::with_capacity(proposals.len());
        for proposal in proposals {
            let why = if proposal.len() > PROPOSAL_BYTES {
                Refusal::TooLarge
            } else if storage::codec::decode::<domain::Proposal>(&proposal).is_err() {
                // In the log it would stop every node of the city.
                Refusal::Unreadable
            } else {
                commands.push(Command { at_ms: self.clock.stamp(), proposal });
                outcomes.push(None);
                continue;
            };
            outcomes.push(Some(Err(refused(None, why))));
        }
        let mut written = match self.raft.client_write_many(commands).await {
            Ok(written) => written,
            Err(_) => Box::pin(futures_util::stream::empty()),
        };
        let mut missing = Doubt::Stopped;
        for outcome in outcomes.iter_mut().filter(|o| o.is_none()) {
            *outcome = match timeout_at(until, written.next()).await {
                Ok(Some(Ok(Ok(done)))) => Some(applied(done.log_id.index(), done.response)),
                Ok(Some(Ok(Err(error)))) => Some(Err(not_written(error))),
                Ok(Some(Err(_)) | None) => break,
                Err(_) => {
                    missing = Doubt::Deadline;
                    break;
                }
            };
        }
        outcomes.into_iter().map(|o| o.unwrap_or(Err(unknown(missing)))).collect()
    }
}

/// Takes what waits and sends it to the leader, a few messages at a time. No delay is added: the
/// next message fills while the others are under way.
pub(crate) async fn forward(node: Arc<Node>, mut queue: mpsc::Receiver<Waiting>) {
    let permits = Arc::new(Semaphore::new(FORWARDS_IN_FLIGHT));
    loop {
        let permit = permits.clone().acquire_owned().await.expect("never closed");
        let Some(first) = queue.recv().await else { return };
        let mut bytes = first.proposal.len();
        let mut batch = vec![first];
        while batch.len() < FORWARD_PROPOSALS && bytes < FORWARD_BYTES {
            let Ok(next) = queue.try_recv() else { break };
            bytes += next.proposal.len();
            batch.push(next);
        }
        batch.retain(|waiting| !waiting.reply.is_closed()); // nobody waits: it did not happen
        tokio::spawn(send(node.clone(), batch, permit));
    }
}

async fn send(node: Arc<Node>, batch: Vec<Waiting>, permit: OwnedSemaphorePermit) {
    let leader = node.leader().filter(|leader| leader.id != node.settings.node_id);
    let Some(until) = batch.iter().map(|w| w.until).max() else { return };
    let links = leader.as_ref().and_then(|l| node.peers.links(l.id, &l.raft_addr));
    let (Some(leader), Some(mut links)) = (leader, links) else {
        return reply_all(batch, &Err(refused(None, Refusal::NoLeader)));
    };
    let left = until.saturating_duration_since(Instant::now());
    let request = proto::ProposeRequest {
        route: Some(node.peers.route(leader.id)),
        proposals: batch.iter().map(|w| w.proposal.clone()).collect(),
        timeout_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
    };
    let mut leadership = node.leadership.subscribe();
    let deposed = async {
        let by_another = |l: &Leadership| l.leader.as_ref().is_none_or(|l| l.id != leader.id);
        drop(leadership.wait_for(by_another).await);
    };
    let call = links.bulk.propose(request);
    tokio::pin!(call);
    let answer = tokio::select! {
        answer = timeout_at(until, &mut call) => answer,
        () = deposed => {
            // It may have handed over and answer yet, or be frozen: do not stand in the way.
            drop(permit);
            let grace = Instant::now() + node.settings.timings.lease();
            timeout_at(until.min(grace), call).await
        }
    };
    match answer {
        Ok(Ok(response)) => {
            let mut answers = response.into_inner().answers.into_iter();
            for waiting in batch {
                let _ = waiting.reply.send(read_answer(answers.next()));
            }
        }
        Ok(Err(status)) if was_not_sent(&status) => {
            reply_all(batch, &Err(refused(Some(leader), Refusal::NoLeader)));
        }
        Ok(Err(status)) => {
            tracing::debug!(%status, "the leader's verdicts were lost");
            reply_all(batch, &Err(unknown(Doubt::ConnectionLost)));
        }
        Err(_) => reply_all(batch, &Err(unknown(Doubt::Deadline))),
    }
}

fn reply_all(batch: Vec<Waiting>, outcome: &Outcome) {
    for waiting in batch {
        let _ = waiting.reply.send(outcome.clone()); // the proposer may have given up
    }
}

/// Whether the next moment may be better.
pub(crate) fn is_passing(why: Refusal) -> bool {
    match why {
        Refusal::NoLeader | Refusal::NoQuorum | Refusal::Transferring => true,
        Refusal::Overloaded | Refusal::TooLarge | Refusal::Unreadable | Refusal::Stopped => false,
    }
}

pub(crate) fn refused(leader: Option<Member>, why: Refusal) -> ProposeError {
    ProposeError::NotProposed { leader, why }
}

fn unknown(why: Doubt) -> ProposeError {
    ProposeError::Unknown { why }
}

fn applied(index: u64, answer: Answer) -> Outcome {
    match answer {
        Answer::Verdict(verdict) => Ok(Applied { index, verdict }),
        Answer::Internal => unreachable!("a command is answered with a verdict"),
    }
}

fn not_written(error: ClientWriteError<TypeConfig>) -> ProposeError {
    match error {
        ClientWriteError::ForwardToLeader(forward) => {
            let (leader, why) = why_forward(forward);
            refused(leader, why)
        }
        ClientWriteError::LogEntryDiscarded(_) => unknown(Doubt::LeaderChanged),
        ClientWriteError::ChangeMembershipError(_) | ClientWriteError::PreconditionFailed(_) => {
            unreachable!("a command changes no membership and has no precondition")
        }
    }
}

/// openraft returns this only before the entry is appended.
pub(crate) fn why_forward(forward: ForwardToLeader<TypeConfig>) -> (Option<Member>, Refusal) {
    let leader = forward.leader_id.zip(forward.leader_node);
    let leader = leader.map(|(id, node)| Member::of(id, &node));
    let why = match forward.reason {
        ForwardReason::NotLeader => Refusal::NoLeader,
        ForwardReason::LeadershipTransfer => Refusal::Transferring,
        ForwardReason::LeaseExpired => Refusal::NoQuorum,
    };
    (leader, why)
}

/// What an outcome looks like on the wire.
pub(crate) fn write_answer(outcome: Outcome) -> proto::ProposeAnswer {
    use proto::propose_answer::Result;
    let result = match outcome {
        Ok(Applied { index, verdict }) => {
            Result::Applied(proto::Applied { index, verdict: storage::codec::encode(&verdict) })
        }
        Err(ProposeError::NotProposed { leader, why }) => {
            Result::NotProposed(write_refusal(leader.as_ref(), why))
        }
        Err(ProposeError::Unknown { why }) => Result::Unknown(proto::Unknown {
            doubt: match why {
                Doubt::Deadline => proto::Doubt::Deadline,
                Doubt::LeaderChanged => proto::Doubt::LeaderChanged,
                Doubt::Stopped => proto::Doubt::Stopped,
                Doubt::ConnectionLost => proto::Doubt::Unspecified,
            }
            .into(),
        }),
    };
    proto::ProposeAnswer { result: Some(result) }
}

/// No answer, or one that this node does not understand, means that nobody knows.
fn read_answer(answer: Option<proto::ProposeAnswer>) -> Outcome {
    use proto::propose_answer::Result;
    match answer.and_then(|a| a.result) {
        Some(Result::Applied(done)) => match storage::codec::decode(&done.verdict) {
            Ok(verdict) => Ok(Applied { index: done.index, verdict }),
            Err(_) => Err(unknown(Doubt::ConnectionLost)),
        },
        Some(Result::NotProposed(refusal)) => match read_refusal(refusal) {
            Some((leader, why)) => Err(refused(leader, why)),
            None => Err(unknown(Doubt::ConnectionLost)),
        },
        Some(Result::Unknown(doubt)) => Err(unknown(match doubt.doubt() {
            proto::Doubt::Deadline => Doubt::Deadline,
            proto::Doubt::LeaderChanged => Doubt::LeaderChanged,
            proto::Doubt::Stopped => Doubt::Stopped,
            proto::Doubt::Unspecified => Doubt::ConnectionLost,
        })),
        None => Err(unknown(Doubt::ConnectionLost)),
    }
}

pub(crate) fn write_refusal(leader: Option<&Member>, why: Refusal) -> proto::NotProposed {
    let reason = match why {
        Refusal::NoLeader => proto::Reason::NotLeader,
        Refusal::NoQuorum => proto::Reason::NoQuorum,
        Refusal::Transferring => proto::Reason::Transferring,
        Refusal::Overloaded => proto::Reason::Overloaded,
        Refusal::TooLarge => proto::Reason::TooLarge,
        Refusal::Unreadable => proto::Reason::Unreadable,
        Refusal::Stopped => proto::Reason::Stopped,
    };
    proto::NotProposed { reason: reason.into(), leader: leader.map(proto::Member::from) }
}

/// `None` for a reason that a newer node has and this one does not.
pub(crate) fn read_refusal(refusal: proto::NotProposed) -> Option<(Option<Member>, Refusal)> {
    let why = match refusal.reason() {
        // The peer stops: to us that is a leader that is gone, and the next one may be near.
        proto::Reason::NotLeader | proto::Reason::Stopped => Refusal::NoLeader,
        proto::Reason::NoQuorum => Refusal::NoQuorum,
        proto::Reason::Transferring => Refusal::Transferring,
        proto::Reason::Overloaded => Refusal::Overloaded,
        proto::Reason::TooLarge => Refusal::TooLarge,
        proto::Reason::Unreadable => Refusal::Unreadable,
        proto::Reason::Unspecified => return None,
    };
    Some((refusal.leader.map(Member::from), why))
}
