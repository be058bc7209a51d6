//! What the other nodes may ask of this one. Every request says from whom to whom it goes, and
//! that is checked before anything else: an answer from the wrong node breaks Raft.

use crate::city::Node;
use crate::members::{read_action, write_done};
use crate::propose::write_answer;
use crate::settings::{FORWARD_PROPOSALS, MESSAGE_BYTES, Settings};
use crate::transfer;
use crate::transport::is_certificate_of;
use crate::types::{LogId, TypeConfig, Vote};
use crate::wire::proto::raft_peer_server::{RaftPeer, RaftPeerServer};
use crate::wire::{self, Malformed, proto};
use crate::world::{promised, seeded};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, future, stream};
use openraft::alias::SnapshotOf;
use openraft::async_runtime::WatchReceiver;
use openraft::entry::RaftEntry;
use openraft::raft::{
    AppendEntriesRequest, StreamAppendError, StreamAppendResult, TransferLeaderError,
    TransferLeaderRequest, VoteRequest,
};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::Instant;
use tonic::transport::CertificateDer;
use tonic::{Request, Response, Status, Streaming};

type Certificates = Option<Arc<Vec<CertificateDer<'static>>>>;

/// The service between the nodes.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Connections outlive a shutdown by a moment and must not keep the databases open.
    node: Weak<Node>,
    settings: Arc<Settings>,
    /// Certificates that were found to belong to a node, so that each is parsed once.
    known: Arc<Mutex<BTreeMap<u64, CertificateDer<'static>>>>,
}

impl Server {
    pub(crate) fn service(node: &Arc<Node>) -> RaftPeerServer<Self> {
        let (settings, node) = (node.settings.clone(), Arc::downgrade(node));
        RaftPeerServer::new(Self { node, settings, known: Arc::default() })
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES)
    }

    fn node(&self) -> Result<Arc<Node>, Status> {
        self.node.upgrade().ok_or_else(|| stopped("shut down"))
    }

    fn check(&self, certs: &Certificates, route: Option<&proto::Route>) -> Result<(), Status> {
        let settings = &self.settings;
        let route = route.ok_or(Malformed("no route"))?;
        if route.city_id != settings.city_id || route.to != settings.node_id {
            let (id, city) = (settings.node_id, &settings.city_id);
            let what =
                format!("this is node {id} of {city}, not {} of {}", route.to, route.city_id);
            return Err(Status::failed_precondition(what));
        }
        if settings.tls.is_none() {
            return Ok(());
        }
        let cert = certs.as_ref().and_then(|certs| certs.first());
        let cert = cert.ok_or_else(|| Status::unauthenticated("no certificate"))?;
        if self.known.lock().get(&route.from) == Some(cert) {
            return Ok(());
        }
        if !is_certificate_of(cert, &settings.city_id, route.from) {
            let what = format!("the certificate is not of node {}", route.from);
            return Err(Status::permission_denied(what));
        }
        self.known.lock().insert(route.from, cert.clone());
        Ok(())
    }

    /// Nodes that have left the city, or are not in it yet, may not ask for its business.
    fn check_member(
        &self,
        certs: &Certificates,
        route: Option<&proto::Route>,
    ) -> Result<(), Status> {
        self.check(certs, route)?;
        let from = route.map_or(0, |route| route.from);
        match self.node()?.membership().membership().get_node(&from) {
            Some(_) => Ok(()),
            None => Err(Status::permission_denied(format!("node {from} is no member"))),
        }
    }

    async fn vote_on(
        &self,
        request: Request<proto::VoteRequest>,
        pre: bool,
    ) -> Result<Response<proto::VoteResponse>, Status> {
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check(&certs, message.route.as_ref())?;
        let mut request = VoteRequest::<TypeConfig>::new(
            wire::to_vote(message.vote.as_ref())?,
            wire::to_log_id(message.last_log_id.as_ref()),
        );
        request.leadership_transfer = message.leadership_transfer;
        let answer = match pre {
            true => self.node()?.raft.pre_vote(request).await.map_err(stopped)?,
            false => self.node()?.raft.vote(request).await.map_err(stopped)?,
        };
        if answer.vote_granted && !pre {
            promised(self.settings.node_id, &answer.vote);
        }
        Ok(Response::new(proto::VoteResponse {
            vote: Some(wire::vote(&answer.vote)),
            granted: answer.vote_granted,
            last_log_id: wire::log_id(answer.last_log_id.as_ref()),
        }))
    }
}

#[tonic::async_trait]
impl RaftPeer for Server {
    type AppendStream = BoxStream<'static, Result<proto::AppendResponse, Status>>;

    async fn append(
        &self,
        request: Request<Streaming<proto::AppendRequest>>,
    ) -> Result<Response<Self::AppendStream>, Status> {
        let certs = request.peer_certs();
        let (server, refusal) = (self.clone(), Arc::new(Mutex::new(None)));
        let refused = refusal.clone();
        // The first message that is wrong ends the stream: none may be skipped.
        let requests = request.into_inner().scan((), move |(), message| {
            let read = message.and_then(|message| {
                server.check(&certs, message.route.as_ref())?;
                if let Some(route) = &message.route {
                    server.node()?.hears(route.from);
                }
                Ok(append_request(message)?)
            });
            future::ready(match read {
                Ok(request) => Some(request),
                Err(status) => {
                    *refused.lock() = Some(status);
                    None
                }
            })
        });
        let node = self.node()?;
        let answers = seeded(async { node.raft.stream_append(requests) }).await;
        let answers = answers.map(|answer| answer.map(append_answer).map_err(stopped));
        let why = stream::once(async move { refusal.lock().take() });
        let why = why.filter_map(|status| future::ready(status.map(Err)));
        Ok(Response::new(answers.chain(why).boxed()))
    }

    async fn vote(
        &self,
        request: Request<proto::VoteRequest>,
    ) -> Result<Response<proto::VoteResponse>, Status> {
        self.vote_on(request, false).await
    }

    async fn pre_vote(
        &self,
        request: Request<proto::VoteRequest>,
    ) -> Result<Response<proto::VoteResponse>, Status> {
        self.vote_on(request, true).await
    }

    async fn snapshot(
        &self,
        request: Request<Streaming<proto::SnapshotPart>>,
    ) -> Result<Response<proto::SnapshotResponse>, Status> {
        use proto::snapshot_part::Part;
        let certs = request.peer_certs();
        let mut parts = request.into_inner();
        let Some(proto::SnapshotPart { part: Some(Part::Begin(begin)) }) = parts.message().await?
        else {
            return Err(Malformed("a snapshot begins with its manifest").into());
        };
        self.check(&certs, begin.route.as_ref())?;
        let vote = wire::to_vote(begin.vote.as_ref())?;
        let manifest = begin.manifest.ok_or(Malformed("no manifest"))?;
        // openraft panics on a snapshot from beyond the leadership that sends it.
        if !within_leadership(&vote, wire::to_log_id(manifest.last_log_id.as_ref()).as_ref()) {
            return Err(Malformed("the snapshot is newer than its sender's term").into());
        }
        let node = self.node()?;
        let own = node.raft.server_metrics().borrow_watched().vote;
        if own > vote {
            return Ok(Response::new(proto::SnapshotResponse { vote: Some(wire::vote(&own)) }));
        }
        let Ok(_alone) = node.receiving.try_lock() else {
            return Err(Status::resource_exhausted("another snapshot is on its way in"));
        };
        let received = transfer::receive(&node.shelf, manifest, parts).await;
        let (meta, snapshot) = received.inspect_err(|status| {
            tracing::warn!(from = vote.leader_id().node_id, %status, "a snapshot is refused");
        })?;
        let snapshot = SnapshotOf::<TypeConfig, _> { meta, snapshot };
        let installed = node.raft.install_full_snapshot(vote, snapshot).await;
        let vote = installed.map_err(stopped)?.vote;
        Ok(Response::new(proto::SnapshotResponse { vote: Some(wire::vote(&vote)) }))
    }

    async fn transfer_leader(
        &self,
        request: Request<proto::TransferRequest>,
    ) -> Result<Response<proto::TransferResponse>, Status> {
        use proto::transfer_response::Result as Sent;
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check(&certs, message.route.as_ref())?;
        let request = TransferLeaderRequest::<TypeConfig>::new(
            wire::to_vote(message.from_leader.as_ref())?,
            message.to,
            wire::to_log_id(message.last_log_id.as_ref()),
        );
        let result =
            match self.node()?.raft.handle_transfer_leader(request).await.map_err(stopped)? {
                Ok(()) => Sent::Accepted(true),
                Err(TransferLeaderError::VoteChanged { expected, actual }) => {
                    Sent::VoteChanged(proto::VoteChanged {
                        expected: Some(wire::vote(&expected)),
                        actual: Some(wire::vote(&actual)),
                    })
                }
                Err(TransferLeaderError::LogNotFlushed { expected, actual }) => {
                    Sent::LogNotFlushed(proto::LogNotFlushed {
                        expected: wire::log_id(expected.as_ref()),
                        actual: wire::log_id(actual.as_ref()),
                    })
                }
            };
        Ok(Response::new(proto::TransferResponse { result: Some(result) }))
    }

    async fn propose(
        &self,
        request: Request<proto::ProposeRequest>,
    ) -> Result<Response<proto::ProposeResponse>, Status> {
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check_member(&certs, message.route.as_ref())?;
        if message.proposals.len() > FORWARD_PROPOSALS {
            return Err(Malformed("too many proposals in one message").into());
        }
        let until = Instant::now() + Duration::from_millis(message.timeout_ms.into());
        // On its own task: a caller that goes away must not stop half of a batch.
        let node = self.node()?;
        let outcomes =
            tokio::spawn(async move { node.propose_many(message.proposals, until).await });
        let outcomes = outcomes.await.map_err(stopped)?;
        let answers = outcomes.into_iter().map(write_answer).collect();
        Ok(Response::new(proto::ProposeResponse { answers }))
    }

    async fn read_index(
        &self,
        request: Request<proto::ReadIndexRequest>,
    ) -> Result<Response<proto::ReadIndexResponse>, Status> {
        use proto::read_index_response::Result as Sent;
        let certs = request.peer_certs();
        self.check_member(&certs, request.get_ref().route.as_ref())?;
        let result = match self.node()?.read_index_here().await {
            Ok(index) => Sent::Index(index),
            Err(refusal) => Sent::Refused(refusal),
        };
        Ok(Response::new(proto::ReadIndexResponse { result: Some(result) }))
    }

    async fn tell(
        &self,
        request: Request<proto::TellRequest>,
    ) -> Result<Response<proto::TellResponse>, Status> {
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check_member(&certs, message.route.as_ref())?;
        self.node()?.hear(message.datagram);
        Ok(Response::new(proto::TellResponse {}))
    }

    async fn ask(
        &self,
        request: Request<proto::AskRequest>,
    ) -> Result<Response<proto::AskResponse>, Status> {
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check_member(&certs, message.route.as_ref())?;
        let answer = self.node()?.answer(message.question.into()).await;
        let answer = answer.ok_or_else(|| Status::unavailable("nobody answers questions here"))?;
        Ok(Response::new(proto::AskResponse { answer: answer.into() }))
    }

    async fn operate(
        &self,
        request: Request<proto::OperateRequest>,
    ) -> Result<Response<proto::OperateResponse>, Status> {
        let certs = request.peer_certs();
        let message = request.into_inner();
        self.check_member(&certs, message.route.as_ref())?;
        let action = read_action(message).ok_or(Malformed("an unknown action"))?;
        let node = self.node()?;
        let done = tokio::spawn(async move { node.operate_here(action).await });
        Ok(Response::new(write_done(done.await.map_err(stopped)?)))
    }
}

fn append_request(
    message: proto::AppendRequest,
) -> Result<AppendEntriesRequest<TypeConfig>, Malformed> {
    let entries = message.entries.into_iter().map(wire::to_entry);
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let prev_log_id = wire::to_log_id(message.prev_log_id.as_ref());
    // openraft checks this only where it is built for debugging. An entry that is passed over is an
    // acknowledged order that this replica never had.
    let first = prev_log_id.map_or(0, |id| id.index() + 1);
    if (first..).zip(&entries).any(|(index, entry)| entry.index() != index) {
        return Err(Malformed("an append with a hole"));
    }
    Ok(AppendEntriesRequest {
        vote: wire::to_vote(message.vote.as_ref())?,
        prev_log_id,
        entries,
        leader_commit: wire::to_log_id(message.leader_commit.as_ref()),
    })
}

fn append_answer(answer: StreamAppendResult<TypeConfig>) -> proto::AppendResponse {
    use proto::append_response::Result::{Conflict, HigherVote, Matched, MatchedNone};
    let result = match answer {
        Ok(Some(id)) => Matched(wire::id(&id)),
        Ok(None) => MatchedNone(true),
        Err(StreamAppendError::Conflict(id)) => Conflict(wire::id(&id)),
        Err(StreamAppendError::HigherVote(vote)) => HigherVote(wire::vote(&vote)),
    };
    proto::AppendResponse { result: Some(result) }
}

/// No leader owns a snapshot of an entry from a later leadership than its own.
fn within_leadership(vote: &Vote, last: Option<&LogId>) -> bool {
    let leader = vote.leader_id();
    let own = (leader.term, leader.node_id);
    vote.is_committed()
        && last.is_none_or(|id| {
            let of = id.committed_leader_id();
            (of.term, of.node_id) <= own
        })
}

fn stopped(error: impl Display) -> Status {
    Status::aborted(format!("this node has stopped: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openraft::alias::{EntryOf, LogIdOf};
    use openraft::impls::leader_id_adv::LeaderId;

    fn message(prev: Option<u64>, indexes: &[u64]) -> proto::AppendRequest {
        let id = |index| LogIdOf::<TypeConfig>::new(LeaderId { term: 1, node_id: 1 }, index);
        let entry = |index: &u64| wire::entry(&EntryOf::<TypeConfig>::new_blank(id(*index)));
        proto::AppendRequest {
            route: None,
            vote: Some(wire::vote(&Vote::new(1, 1))),
            prev_log_id: wire::log_id(prev.map(id).as_ref()),
            entries: indexes.iter().map(entry).collect(),
            leader_commit: None,
        }
    }

    #[test]
    fn an_append_with_a_hole_is_refused() {
        for (prev, sound) in [(None, &[0, 1][..]), (Some(4), &[5, 6, 7]), (Some(4), &[])] {
            assert!(append_request(message(prev, sound)).is_ok(), "{prev:?} {sound:?}");
        }
        for (prev, torn) in [(None, &[1][..]), (Some(4), &[9, 10]), (Some(4), &[5, 7])] {
            assert!(append_request(message(prev, torn)).is_err(), "{prev:?} {torn:?}");
        }
    }
}
