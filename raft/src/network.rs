//! How openraft reaches the other nodes: the client traits over gRPC. There is no unary append.

use crate::log_store::Kept;
use crate::settings::Settings;
use crate::snapshot::SnapshotDir;
use crate::transport::{Links, was_not_sent};
use crate::types::{CityNode, TypeConfig, Vote};
use crate::wire::{self, proto};
use crate::world::promised;
use futures_util::{Stream, StreamExt, future, stream};
use openraft::alias::SnapshotOf;
use openraft::base::{BoxFuture, BoxStream};
use openraft::errors::{
    NetworkError, RPCError, ReplicationClosed, StreamingError, Timeout, Unreachable,
};
use openraft::network::{
    Backoff, NetBackoff, NetSnapshot, NetStreamAppend, NetTransferLeader, NetVote, RPCOption,
    RPCTypes,
};
use openraft::raft::{
    AppendEntriesRequest, SnapshotResponse, StreamAppendError, StreamAppendResult,
    TransferLeaderError, TransferLeaderRequest, TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::{OptionalSend, RaftNetworkFactory};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming};

type Answer<T> = Result<T, RPCError<TypeConfig>>;

/// The connections of this node to its peers; one set for each, shared by all who use them.
#[derive(Debug)]
pub(crate) struct Peers {
    settings: Arc<Settings>,
    links: Mutex<BTreeMap<u64, (String, Links)>>,
    kept: Kept,
}

impl Peers {
    pub(crate) fn new(settings: Arc<Settings>, kept: Kept) -> Self {
        Self { settings, links: Mutex::default(), kept }
    }

    /// `None` if the address of the peer is no address.
    pub(crate) fn links(&self, id: u64, raft_addr: &str) -> Option<Links> {
        let raft_addr = self.settings.dial.get(&id).map_or(raft_addr, String::as_str);
        let mut all = self.links.lock();
        if let Some((_, links)) = all.get(&id).filter(|(addr, _)| addr == raft_addr) {
            return Some(links.clone());
        }
        let made = Links::new(&self.settings.city_id, id, raft_addr, self.settings.tls.as_ref());
        match made {
            Ok(links) => {
                all.insert(id, (raft_addr.to_owned(), links.clone()));
                Some(links)
            }
            Err(error) => {
                tracing::warn!(id, raft_addr, %error, "a member has an unusable address");
                None
            }
        }
    }

    pub(crate) fn route(&self, to: u64) -> proto::Route {
        let (city_id, from) = (self.settings.city_id.clone(), self.settings.node_id);
        proto::Route { city_id, from, to }
    }
}

/// Makes the clients that openraft asks for.
#[derive(Debug)]
pub(crate) struct Network(pub(crate) Arc<Peers>);

impl Network {
    fn peer(&self, target: u64, node: &CityNode, heartbeat: bool) -> Peer {
        let links = self.0.links(target, &node.raft_addr);
        Peer { peers: self.0.clone(), target, links, heartbeat }
    }
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, node: &CityNode) -> Peer {
        self.peer(target, node, false)
    }

    async fn new_heartbeat_client(&mut self, target: u64, node: &CityNode) -> Peer {
        self.peer(target, node, true)
    }
}

/// One peer, for one of openraft's tasks.
#[derive(Debug)]
pub(crate) struct Peer {
    peers: Arc<Peers>,
    target: u64,
    links: Option<Links>,
    /// Heartbeats come as appends; they get a connection and a patience of their own.
    heartbeat: bool,
}

impl Peer {
    fn links(&self) -> Answer<Links> {
        self.links.clone().ok_or_else(|| {
            RPCError::Unreachable(Unreachable::from_string("the peer has an unusable address"))
        })
    }

    fn route(&self) -> proto::Route {
        self.peers.route(self.target)
    }

    fn timed_out(&self, action: RPCTypes, timeout: Duration) -> RPCError<TypeConfig> {
        let id = self.peers.settings.node_id;
        RPCError::Timeout(Timeout { action, id, target: self.target, timeout })
    }

    async fn within<T>(
        &self,
        action: RPCTypes,
        budget: Duration,
        call: impl Future<Output = Result<tonic::Response<T>, Status>>,
    ) -> Answer<T> {
        match timeout(budget, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(failed(&status)),
            Err(_) => Err(self.timed_out(action, budget)),
        }
    }

    async fn ask_for_vote(
        &self,
        request: VoteRequest<TypeConfig>,
        option: &RPCOption,
        pre: bool,
    ) -> Answer<VoteResponse<TypeConfig>> {
        let mut client = self.links()?.urgent;
        let message = proto::VoteRequest {
            route: Some(self.route()),
            vote: Some(wire::vote(&request.vote)),
            last_log_id: wire::log_id(request.last_log_id.as_ref()),
            leadership_transfer: request.leadership_transfer,
        };
        let budget = option.soft_ttl();
        if !pre {
            // Whoever asks for votes has given its own.
            promised(self.peers.settings.node_id, &request.vote);
        }
        let answer = match pre {
            true => self.within(RPCTypes::Vote, budget, client.pre_vote(message)).await?,
            false => self.within(RPCTypes::Vote, budget, client.vote(message)).await?,
        };
        let vote = wire::to_vote(answer.vote.as_ref()).map_err(|e| nonsense(&e.to_string()))?;
        let last_log_id = wire::to_log_id(answer.last_log_id.as_ref());
        Ok(VoteResponse { vote, vote_granted: answer.granted, last_log_id })
    }
}

impl NetBackoff<TypeConfig> for Peer {
    fn backoff(&self) -> Option<Backoff> {
        None // the delays of `Config::backoff`
    }
}

impl NetStreamAppend<TypeConfig> for Peer {
    fn stream_append<'s, S>(
        &'s mut self,
        mut input: S,
        option: RPCOption,
    ) -> BoxFuture<'s, Answer<BoxStream<'s, Answer<StreamAppendResult<TypeConfig>>>>>
    where
        S: Stream<Item = AppendEntriesRequest<TypeConfig>> + OptionalSend + Unpin + 'static,
    {
        Box::pin(async move {
            // openraft waits out its backoff inside this stream: who connects before the first
            // request is there asks a dead peer again ten thousand times a second.
            let Some(first) = input.next().await else {
                return Ok(Box::pin(stream::empty()) as BoxStream<'s, _>);
            };
            // A heartbeat says only who leads.
            let kept = (!self.heartbeat).then(|| self.peers.kept.clone());
            let cut = move |request: &AppendEntriesRequest<TypeConfig>| {
                kept.as_ref().is_some_and(|kept| kept.lacks_what_follows(request))
            };
            if cut(&first) {
                return Err(needs_snapshot());
            }
            let input = stream::once(future::ready(first)).chain(input);
            let links = self.links()?;
            // A slow fsync of the peer must not tear a stream of appends down, but a heartbeat
            // that is late is lost.
            let (mut client, set_up, patience) = match self.heartbeat {
                true => (links.urgent, option.soft_ttl(), option.soft_ttl()),
                false => {
                    (links.bulk, option.hard_ttl(), self.peers.settings.timings.append_stall())
                }
            };
            let unanswered = Arc::new(Unanswered::default());
            let (sent, route) = (unanswered.clone(), self.route());
            let requests = input.take_while(move |request| {
                let ends = cut(request);
                sent.ends_with_a_cut.fetch_or(ends, Ordering::Release);
                future::ready(!ends)
            });
            let sent = unanswered.clone();
            let requests = requests.map(move |request| {
                sent.push();
                append_request(route.clone(), &request)
            });
            let call = client.append(requests);
            let answers = self.within(RPCTypes::AppendEntries, set_up, call).await?;
            let this = &*self;
            let answers = stream::unfold(Some((answers, unanswered)), move |state| async move {
                let (mut answers, unanswered) = state?;
                let answer = this.next_answer(&mut answers, &unanswered, patience).await?;
                let state = answer.is_ok().then_some((answers, unanswered));
                Some((answer, state))
            });
            Ok(Box::pin(answers) as BoxStream<'s, _>)
        })
    }
}

impl Peer {
    /// `None` at the end of the stream.
    async fn next_answer(
        &self,
        answers: &mut Streaming<proto::AppendResponse>,
        unanswered: &Unanswered,
        patience: Duration,
    ) -> Option<Answer<StreamAppendResult<TypeConfig>>> {
        loop {
            return match timeout(patience / 2, answers.message()).await {
                Ok(Ok(Some(answer))) => {
                    unanswered.pop();
                    Some(append_answer(answer))
                }
                Ok(Ok(None)) if unanswered.ends_with_a_cut.load(Ordering::Acquire) => {
                    Some(Err(needs_snapshot()))
                }
                Ok(Ok(None)) => None,
                Ok(Err(status)) => Some(Err(failed(&status))),
                Err(_) if unanswered.oldest().is_none_or(|age| age < patience) => continue,
                Err(_) => Some(Err(self.timed_out(RPCTypes::AppendEntries, patience))),
            };
        }
    }
}

/// The requests of a stream that have no answer yet.
#[derive(Debug, Default)]
struct Unanswered {
    /// When each was sent.
    sent: Mutex<VecDeque<Instant>>,
    /// No more are sent, because what comes next was cut from the log.
    ends_with_a_cut: AtomicBool,
}

impl Unanswered {
    fn push(&self) {
        self.sent.lock().push_back(Instant::now());
    }

    fn pop(&self) {
        self.sent.lock().pop_front();
    }

    fn oldest(&self) -> Option<Duration> {
        self.sent.lock().front().map(Instant::elapsed)
    }
}

fn append_request(
    route: proto::Route,
    request: &AppendEntriesRequest<TypeConfig>,
) -> proto::AppendRequest {
    proto::AppendRequest {
        route: Some(route),
        vote: Some(wire::vote(&request.vote)),
        prev_log_id: wire::log_id(request.prev_log_id.as_ref()),
        entries: request.entries.iter().map(wire::entry).collect(),
        leader_commit: wire::log_id(request.leader_commit.as_ref()),
    }
}

fn append_answer(answer: proto::AppendResponse) -> Answer<StreamAppendResult<TypeConfig>> {
    use proto::append_response::Result::{Conflict, HigherVote, Matched, MatchedNone};
    match answer.result {
        Some(Matched(id)) => Ok(Ok(Some(wire::to_id(&id)))),
        Some(MatchedNone(_)) => Ok(Ok(None)),
        Some(Conflict(id)) => Ok(Err(StreamAppendError::Conflict(wire::to_id(&id)))),
        Some(HigherVote(vote)) => Ok(Err(StreamAppendError::HigherVote(vote_of(Some(vote))?))),
        None => Err(nonsense("an answer to an append that says nothing")),
    }
}

impl NetVote<TypeConfig> for Peer {
    async fn vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Answer<VoteResponse<TypeConfig>> {
        self.ask_for_vote(request, &option, false).await
    }

    /// Without this the default grants every pre-vote, and pre-vote protects nothing.
    async fn pre_vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Answer<VoteResponse<TypeConfig>> {
        self.ask_for_vote(request, &option, true).await
    }
}

impl NetTransferLeader<TypeConfig> for Peer {
    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<TypeConfig>,
        option: RPCOption,
    ) -> Answer<TransferLeaderResponse<TypeConfig>> {
        use proto::transfer_response::Result::{Accepted, LogNotFlushed, VoteChanged};
        let mut client = self.links()?.urgent;
        let message = proto::TransferRequest {
            route: Some(self.route()),
            from_leader: Some(wire::vote(request.from_leader())),
            to: *request.to_node_id(),
            last_log_id: wire::log_id(request.last_log_id()),
        };
        let call = client.transfer_leader(message);
        let answer = self.within(RPCTypes::TransferLeader, option.soft_ttl(), call).await?;
        Ok(match answer.result {
            Some(Accepted(_)) => Ok(()),
            Some(VoteChanged(proto::VoteChanged { expected, actual })) => {
                Err(TransferLeaderError::VoteChanged {
                    expected: vote_of(expected)?,
                    actual: vote_of(actual)?,
                })
            }
            Some(LogNotFlushed(proto::LogNotFlushed { expected, actual })) => {
                Err(TransferLeaderError::LogNotFlushed {
                    expected: wire::to_log_id(expected.as_ref()),
                    actual: wire::to_log_id(actual.as_ref()),
                })
            }
            None => return Err(nonsense("an answer to a transfer that says nothing")),
        })
    }
}

impl NetSnapshot<TypeConfig> for Peer {
    type SnapshotData = SnapshotDir;

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: SnapshotOf<TypeConfig, SnapshotDir>,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        option: RPCOption,
    ) -> Result<SnapshotResponse<TypeConfig>, StreamingError<TypeConfig>> {
        let client = self.links()?.snapshot;
        let begin = proto::SnapshotBegin {
            route: Some(self.route()),
            vote: Some(wire::vote(&vote)),
            manifest: Some((*snapshot.snapshot.manifest).clone()),
        };
        let rate = self.peers.settings.snapshots.send_bytes_per_second;
        let sending = crate::transfer::Sending::start(begin, snapshot.snapshot, rate);
        tokio::pin!(cancel);
        tokio::select! {
            closed = &mut cancel => Err(StreamingError::Closed(closed)),
            answer = sending.finish(client, option.hard_ttl()) => match answer {
                Ok(Some(vote)) => Ok(SnapshotResponse::new(vote)),
                Ok(None) => {
                    Err(self.timed_out(RPCTypes::InstallSnapshot, option.hard_ttl()).into())
                }
                Err(status) => Err(failed(&status).into()),
            },
        }
    }
}

fn vote_of(vote: Option<proto::Vote>) -> Answer<Vote> {
    wire::to_vote(vote.as_ref()).map_err(|e| nonsense(&e.to_string()))
}

/// No connection makes openraft wait before the next try, and so does a snapshot that arrived
/// damaged: it will not be a better one soon. Everything else is tried again at once.
fn failed(status: &Status) -> RPCError<TypeConfig> {
    match was_not_sent(status) || status.code() == Code::DataLoss {
        true => RPCError::Unreachable(Unreachable::from_string(status)),
        false => RPCError::Network(NetworkError::from_string(status)),
    }
}

/// An error ends the attempt, and at the next one openraft sees how far the peer is behind.
fn needs_snapshot() -> RPCError<TypeConfig> {
    nonsense("what this peer needs next was cut from the log: it gets a snapshot")
}

fn nonsense(what: &str) -> RPCError<TypeConfig> {
    RPCError::Network(NetworkError::from_string(what))
}
