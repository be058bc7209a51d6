//! The city, as the rest of a node sees it: propose, read, and who leads.

use crate::ask::Asked;
use crate::datagrams::Datagrams;
use crate::error::{MembershipError, ProposeError, ReadError, StartError};
use crate::gate::Gate;
use crate::log_store::LogStore;
use crate::member::{Leadership, Member, MemberStatus, Role, Status};
use crate::members::Action;
use crate::network::{Network, Peers};
use crate::progress::{Clock, Progress};
use crate::propose::{Applied, Waiting};
use crate::read::Asking;
use crate::server::Server;
use crate::settings::Settings;
use crate::snapshot::Shelf;
use crate::state_machine::StateMachine;
use crate::transport::{self, Links};
use crate::types::TypeConfig;
use crate::{damage, identity, propose, read, timers, world};
use openraft::async_runtime::WatchReceiver;
use openraft::{Config, Raft, ServerState, SnapshotPolicy, StepDownPolicy};
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use storage::Writer;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// Reads that wait for the next round to the leader.
const READS_QUEUED: usize = 65_536;
/// A one-way partition can keep a majority without a leader; this ends it. At least two elections.
const QUORUM_LOSS_PROBE_MS: u64 = 2_000;
/// Entries that are removed from the front of the log at once.
const PURGE_BATCH: u64 = 1024;
/// How long a snapshot may stand still on its way.
const SNAPSHOT_SILENCE_MS: u64 = 60_000;

/// A handle to this node's part in the city. Cheap to clone; all clones are the same node, which
/// runs until [`City::shutdown`].
#[derive(Clone, Debug)]
pub struct City {
    pub(crate) node: Arc<Node>,
}

/// What the parts of this crate share.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) settings: Arc<Settings>,
    pub(crate) raft: Raft<TypeConfig, StateMachine>,
    pub(crate) peers: Arc<Peers>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) writer: Arc<Writer>,
    pub(crate) leadership: watch::Sender<Leadership>,
    pub(crate) recovered: watch::Sender<bool>,
    /// Why this node has stopped, once it has.
    pub(crate) stopped: watch::Sender<Option<String>>,
    pub(crate) datagrams: Datagrams,
    pub(crate) asked: Asked,
    /// Who last sent appends or signs of life, and when.
    heard: Mutex<Option<(u64, Instant)>>,
    /// When this node last began to ask how far the log is, and then had it all.
    pub(crate) current: Mutex<Option<Instant>>,
    pub(crate) forward: mpsc::Sender<Waiting>,
    pub(crate) reads: mpsc::Sender<Asking>,
    /// One change of members at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// One snapshot on its way in at a time.
    pub(crate) receiving: tokio::sync::Mutex<()>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl City {
    /// Opens the log and the state, listens for the other nodes, and takes part in the city as soon
    /// as that is safe. A new node belongs to no city until somebody calls [`City::bootstrap`] or
    /// [`City::add_node`].
    ///
    /// # Errors
    /// See [`StartError`]; nothing runs then.
    pub async fn start(settings: Settings, writer: Writer) -> Result<City, StartError> {
        let began = Instant::now();
        let config = Arc::new(config(&settings)?);
        let (settings, writer) = (Arc::new(settings), Arc::new(writer));
        let io = |doing| move |source| StartError::Io { doing, source };
        let log = LogStore::open(writer.log()).map_err(io("read the raft log"))?;
        let (free, clock) = (settings.limits.free_disk_percent, settings.wall_clock.clone());
        let machine = StateMachine::open(writer.clone(), free, clock);
        let machine = machine.map_err(io("read the state"))?;
        let is_new = log.is_new().map_err(io("read the raft log"))?;
        identity::check(writer.data_dir(), &settings, is_new)?;
        // Not before: nothing is touched that belongs to somebody else.
        machine.stand_for_the_log(&log).await.map_err(io("make a snapshot"))?;
        let tls = |e: tonic::transport::Error| StartError::Tls(e.into());
        let server = transport::server(&settings).map_err(tls)?;
        let (city, id, own) = (&settings.city_id, settings.node_id, &settings.raft_addr);
        Links::new(city, id, own, settings.tls.as_ref()).map_err(tls)?;
        let addr = settings.listen;
        let listening = world::listen(addr).await;
        let incoming = listening.map_err(|source| StartError::Listen { addr, source })?;

        let had_vote = log.has_vote();
        let peers = Arc::new(Peers::new(settings.clone(), log.kept()));
        let raft = Raft::build(id, config, Network(peers.clone()), log, machine.clone());
        let raft = world::seeded(raft).await;
        let raft = raft.map_err(|e| StartError::Stored(e.to_string()))?;
        let (forward, proposals) = mpsc::channel(settings.limits.proposals_in_flight.max(1));
        let (reads, asked) = mpsc::channel(READS_QUEUED);
        let node = Arc::new(Node {
            raft,
            peers,
            gate: Arc::new(Gate::new(&settings.limits)),
            clock: machine.clock,
            progress: machine.progress,
            shelf: machine.shelf,
            writer,
            leadership: watch::Sender::default(),
            recovered: watch::Sender::new(false),
            stopped: watch::Sender::default(),
            datagrams: Datagrams::default(),
            asked: Asked::default(),
            heard: Mutex::default(),
            current: Mutex::default(),
            forward,
            reads,
            changing: tokio::sync::Mutex::default(),
            receiving: tokio::sync::Mutex::default(),
            tasks: Mutex::default(),
            settings,
        });
        let mut server = server;
        let serving = server
            .add_service(Server::service(&node))
            .serve_with_incoming_shutdown(incoming, stopping(node.stopped.subscribe()));
        node.run(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the server for the other nodes has ended");
            }
        });
        node.run(propose::forward(node.clone(), proposals));
        node.run(read::rounds(node.clone(), asked));
        if had_vote {
            // A restart forgets the lease that this node granted; until that has run out, a vote
            // for somebody else could make a second leader.
            sleep_until(began + node.settings.timings.lease()).await;
        }
        world::seeded(async { node.raft.run() }).await;
        node.begin_to_live();
        Ok(City { node })
    }

    /// Founds the city with these members, all of which run and are new. Once, on one of them; a
    /// repeat changes nothing and is fine.
    ///
    /// # Errors
    /// `Invalid` if this node is not among the members or an id is there twice.
    pub async fn bootstrap(&self, members: Vec<Member>) -> Result<(), MembershipError> {
        self.node.bootstrap(members).await
    }

    /// Gets a proposal into the log and returns what the city decided about it, on any node. While
    /// there is no leader it waits for one until the deadline.
    ///
    /// # Errors
    /// `NotProposed`: it did not happen. `Unknown`: it may have. A "no" of the domain is no error.
    pub async fn propose(
        &self,
        proposal: &domain::Proposal,
        deadline: Duration,
    ) -> Result<Applied, ProposeError> {
        let bytes = storage::codec::encode(proposal);
        self.node.propose(bytes.into(), deadline).await
    }

    /// Waits until this replica shows every write that was acknowledged anywhere before the call.
    /// Returns the index that a read now reflects at least.
    ///
    /// # Errors
    /// No leader, no majority, or not there within the deadline.
    pub async fn read_barrier(&self, deadline: Duration) -> Result<u64, ReadError> {
        self.node.read_barrier(deadline).await
    }

    /// Makes sure that this replica shows every write that was acknowledged anywhere more than
    /// `age` ago. Nobody is asked while that is known from a barrier of a moment ago, so that it
    /// costs next to nothing. It trusts that clocks run equally fast, and in nothing else.
    ///
    /// # Errors
    /// As [`City::read_barrier`].
    pub async fn current_within(&self, age: Duration, deadline: Duration) -> Result<(), ReadError> {
        self.node.current_within(age, deadline).await
    }

    /// Waits until this replica has applied `index`, and returns what it has applied.
    ///
    /// # Errors
    /// `Behind` if it has not within the deadline.
    pub async fn wait_applied(&self, index: u64, deadline: Duration) -> Result<u64, ReadError> {
        self.node.wait_applied(index, Instant::now() + deadline).await
    }

    /// The city's time, in milliseconds since 1970: what an entry would be stamped with if this
    /// node led. Never earlier than the stamp of any entry that this node has applied.
    pub fn now_ms(&self) -> i64 {
        self.node.clock.now()
    }

    /// The index that this replica's state reflects.
    pub fn applied(&self) -> u64 {
        self.node.progress.applied()
    }

    /// Follows [`City::applied`]. Many who wait for one index each use [`City::wait_applied`].
    pub fn applied_watch(&self) -> watch::Receiver<u64> {
        self.node.progress.watch()
    }

    /// Follows who leads, as this node sees it.
    pub fn leadership(&self) -> watch::Receiver<Leadership> {
        self.node.leadership.subscribe()
    }

    /// True once this replica has come as far as it was before its last stop. Until then a local
    /// read may show less than this node has shown before.
    pub fn recovered(&self) -> watch::Receiver<bool> {
        self.node.recovered.subscribe()
    }

    /// Why this node has stopped, once it has. Its process should end then: a failed disk is never
    /// tried again.
    pub fn stopped(&self) -> watch::Receiver<Option<String>> {
        self.node.stopped.subscribe()
    }

    /// This node and what it knows of the others.
    pub fn status(&self) -> Status {
        self.node.status()
    }

    /// Adds a running, empty node: it catches up first, then it gets a vote. Works on any node.
    ///
    /// # Errors
    /// `Invalid` if the id was used before or stands for another address.
    pub async fn add_node(&self, member: Member) -> Result<(), MembershipError> {
        self.node.operate(Action::Add(member)).await
    }

    /// Takes a node out of the city, dead or alive. Its id is never used again.
    ///
    /// # Errors
    /// `Invalid` if it is the last one with a vote.
    pub async fn remove_node(&self, id: u64) -> Result<(), MembershipError> {
        self.node.operate(Action::Remove(id)).await
    }

    /// Hands leadership to this node, or to the one with the most of the log.
    ///
    /// # Errors
    /// `Unknown` if nobody has taken over after three leases; the city elects somebody then.
    pub async fn transfer_leader(&self, to: Option<u64>) -> Result<(), MembershipError> {
        self.node.operate(Action::Transfer(to)).await
    }

    /// Makes a snapshot of what is applied now, and cuts the log in front of it as configured.
    /// Returns the entry at which it was made.
    ///
    /// # Errors
    /// `Stopped`, or `Behind` if there is none within the deadline: the disk may be full.
    pub async fn snapshot(&self, deadline: Duration) -> Result<u64, ReadError> {
        self.node.snapshot(deadline).await
    }

    /// Hands leadership over, finishes what is under way, flushes, and stops. The data directory is
    /// free again when the last clone of this handle is gone.
    pub async fn shutdown(&self) {
        self.node.shutdown().await;
    }
}

impl Node {
    /// What it does by itself, until it stops.
    fn begin_to_live(self: &Arc<Self>) {
        self.run(timers::follow_leadership(self.clone()));
        self.run(timers::flush_state(self.clone()));
        self.run(timers::make_snapshots(self.clone()));
        self.run(timers::watch_disk(self.clone()));
        self.run(timers::recover(self.clone()));
        self.run(damage::read_everything(self.clone()));
        self.run(damage::notice(self.clone()));
    }

    fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().push(tokio::spawn(task).abort_handle());
    }

    pub(crate) fn leader(&self) -> Option<Member> {
        self.leadership.borrow().leader.clone()
    }

    /// Somebody who leads, or believes to, has sent something.
    pub(crate) fn hears(&self, from: u64) {
        *self.heard.lock() = Some((from, Instant::now()));
    }

    fn millis_since_leader_heard(&self) -> Option<u64> {
        let leader = self.leader()?;
        let (from, at) = (*self.heard.lock())?;
        (from == leader.id).then(|| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// False if it failed, which is logged: the next one may succeed.
    pub(crate) async fn flush(&self) -> bool {
        let writer = self.writer.clone();
        let flushed = world::blocking(move || writer.flush()).await;
        match flushed {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => tracing::error!(%error, "cannot flush the state"),
            Err(error) => tracing::error!(%error, "the flush of the state broke off"),
        }
        false
    }

    async fn snapshot(&self, deadline: Duration) -> Result<u64, ReadError> {
        let wanted = self.progress.applied();
        self.flush().await;
        self.raft.trigger().snapshot().await.map_err(|_| ReadError::Stopped)?;
        let made =
            |m: &openraft::RaftMetrics<TypeConfig>| m.snapshot.is_some_and(|s| s.index() >= wanted);
        match self.raft.wait(Some(deadline)).metrics(made, "snapshot").await {
            Ok(metrics) => Ok(metrics.snapshot.map_or(0, |s| s.index())),
            Err(openraft::metrics::WaitError::ShuttingDown) => Err(ReadError::Stopped),
            Err(openraft::metrics::WaitError::Timeout(..)) => {
                Err(ReadError::Behind { applied: self.progress.applied(), wanted })
            }
        }
    }

    async fn shutdown(&self) {
        if self.leadership.borrow().leads {
            // Later than that the others elect somebody by themselves, if there are any.
            let within = self.settings.timings.lease();
            match timeout(within, self.transfer_leader(None)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "leadership was not handed over"),
                Err(_) => tracing::info!("leadership was not handed over in time"),
            }
        }
        self.gate.close();
        let drain = Duration::from_millis(self.settings.timings.drain_ms);
        if timeout(drain, self.gate.empty()).await.is_err() {
            tracing::warn!(left = self.gate.count(), "stopping with proposals under way");
        }
        if let Err(error) = self.raft.shutdown().await {
            tracing::error!(%error, "raft did not stop as it should");
        }
        self.flush().await;
        let (done, synced) = tokio::sync::oneshot::channel();
        let sync = self.writer.log().sync(Box::new(move |result| {
            let _ = done.send(result);
        }));
        if let Err(error) = async {
            sync?;
            synced.await.map_err(std::io::Error::other)?
        }
        .await
        {
            tracing::error!(%error, "the last fsync of the raft log failed");
        }
        self.stopped.send_if_modified(|why| why.replace("shut down".into()).is_none());
        self.tasks.lock().drain(..).for_each(|task| task.abort());
    }

    fn status(&self) -> Status {
        let metrics = self.raft.metrics();
        let m = metrics.borrow_watched(); // nothing is awaited while it is held
        let stopped = self.stopped.borrow().clone();
        let role = match (&stopped, m.state) {
            (Some(_), _) | (None, ServerState::Shutdown) => Role::Stopped,
            (None, ServerState::Leader) => Role::Leader,
            (None, ServerState::Follower) => Role::Follower,
            (None, ServerState::Candidate) => Role::Candidate,
            (None, ServerState::Learner) => Role::Learner,
        };
        let membership = m.membership_config.membership();
        let members = membership.nodes().map(|(id, node)| {
            let matched = if *id == self.settings.node_id {
                m.last_log_index
            } else {
                m.replication.as_ref().and_then(|r| r.get(id)?.map(|log| log.index()))
            };
            let leads = m.replication.is_some();
            let lag = m.last_log_index.filter(|_| leads);
            MemberStatus {
                member: Member::of(*id, node),
                voter: membership.voter_ids().any(|voter| voter == *id),
                matched,
                lag: lag.map(|last| last.saturating_sub(matched.unwrap_or(0))),
            }
        });
        Status {
            node_id: self.settings.node_id,
            role,
            term: m.current_term,
            leader: self.leader(),
            last_log: m.last_log_index,
            committed: m.local_committed.map(|id| id.index()),
            applied: self.progress.applied(),
            snapshot: m.snapshot.map(|id| id.index()),
            purged: m.purged.map(|id| id.index()),
            members: members.collect(),
            millis_since_quorum_ack: m.last_quorum_acked.map(|at| {
                let age = openraft::Instant::elapsed(&at.into_inner());
                u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
            }),
            millis_since_leader_heard: self.millis_since_leader_heard(),
            proposals_in_flight: self.gate.count(),
            stopped,
        }
    }
}

async fn stopping(mut stopped: watch::Receiver<Option<String>>) {
    // An error means that the node is gone, which is the same to those who are connected to it.
    let _ = stopped.wait_for(Option::is_some).await;
}

/// openraft's settings; why each is as it is stands in docs/adr/0002-openraft.md.
fn config(settings: &Settings) -> Result<Config, StartError> {
    let wrong = |what: String| Err(StartError::Settings(what));
    let city = &settings.city_id;
    let name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if city.is_empty() || city.len() > 63 || !city.bytes().all(name) {
        return wrong(format!("the city id {city:?} is not of a-z, 0-9 and -"));
    }
    if settings.node_id == 0 {
        return wrong("node ids begin at 1".into());
    }
    if settings.tls.is_none() && !settings.listen.ip().is_loopback() {
        return wrong(format!(
            "without TLS only loopback can be listened on, not {}",
            settings.listen
        ));
    }
    let timings = settings.timings;
    let config = Config {
        cluster_name: city.clone(),
        heartbeat_interval: timings.heartbeat_ms,
        election_timeout_min: timings.election_min_ms,
        election_timeout_max: timings.election_max_ms,
        enable_pre_vote: Some(true),
        quorum_loss_probe_interval: Some(QUORUM_LOSS_PROBE_MS.max(2 * timings.election_max_ms)),
        enable_leader_restore: Some(false), // the state is not synced with each entry
        allow_log_reversion: Some(false),
        removed_leader_step_down: StepDownPolicy::After(2 * timings.heartbeat_ms),
        max_payload_entries: 512,
        max_append_entries: Some(4096),
        api_batch_linger_ms: 0,
        snapshot_policy: SnapshotPolicy::Never, // timers.rs decides
        max_in_snapshot_log_to_keep: settings.snapshots.kept_entries,
        purge_batch_size: settings.snapshots.kept_entries.clamp(1, PURGE_BATCH),
        replication_lag_threshold: settings.snapshots.kept_entries.max(200_000),
        install_snapshot_timeout: SNAPSHOT_SILENCE_MS,
        ..Config::default()
    };
    config.validate().map_err(|e| StartError::Settings(e.to_string()))
}
