//! A city in one process: each node with its own runtime, disk directory and loopback port, so
//! that killing one is dropping its runtime.

use domain::account::SignUp;
use domain::audit::AuditEntry;
use domain::city::{FoundCity, Rules};
use domain::ids::{AccountId, CityNumber};
use domain::position::Position;
use domain::sealed::{Digest, Sealed};
use domain::{Actor, Command, Proposal, Verdict};
use futures_util::future::select_all;
use raft::{
    Applied, City, Limits, Member, ProposeError, Settings, Snapshots, StartError, Timings, Tls,
    WallClock,
};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use storage::Reader;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const PORTS: u16 = 64;

/// The machine runs other tests too.
pub(crate) const TIMINGS: Timings = Timings {
    heartbeat_ms: 100,
    election_min_ms: 500,
    election_max_ms: 900,
    append_stall_ms: 1_500,
    flush_ms: 30_000,
    drain_ms: 5_000,
};

/// Nodes that run, and the directories of all that ever did.
pub(crate) struct Group {
    pub(crate) nodes: BTreeMap<u64, TestNode>,
    dirs: BTreeMap<u64, TempDir>,
    host: Ipv4Addr,
    first_port: u16,
    pub(crate) tls: Box<dyn Fn(u64) -> Option<Tls>>,
    pub(crate) kept_entries: u64,
    pub(crate) limits: Limits,
    pub(crate) wall_clock: WallClock,
}

pub(crate) struct TestNode {
    pub(crate) city: City,
    pub(crate) reader: Reader,
    runtime: Runtime,
}

impl Group {
    pub(crate) fn new() -> Self {
        static GROUPS: AtomicU16 = AtomicU16::new(0);
        let [_, a, b, c] = std::process::id().to_be_bytes();
        let group = GROUPS.fetch_add(1, Ordering::Relaxed);
        Self {
            nodes: BTreeMap::new(),
            dirs: BTreeMap::new(),
            // Each test process has an address of its own, and so never a port in use.
            host: Ipv4Addr::new(127, 100 + a % 100, b, c),
            first_port: 10_000 + group * PORTS,
            tls: Box::new(|_| None),
            kept_entries: 1_000,
            // How full the disk of this machine is says nothing about the code.
            limits: Limits { free_disk_percent: 0, ..Limits::default() },
            wall_clock: WallClock::default(),
        }
    }

    /// Nodes 1, 2 and 3, founded on 1, with a leader.
    pub(crate) async fn founded() -> Self {
        let mut group = Self::new();
        group.found().await;
        group
    }

    pub(crate) async fn found(&mut self) {
        for id in 1..=3 {
            self.start(id).await.expect("a new node starts");
        }
        let members: Vec<_> = (1..=3).map(|id| self.member(id)).collect();
        self.city(1).bootstrap(members).await.expect("the first bootstrap");
        self.leader().await;
    }

    /// Where this node has, or had, everything.
    pub(crate) fn dir(&self, id: u64) -> &Path {
        self.dirs[&id].path()
    }

    fn addr(&self, id: u64) -> SocketAddr {
        let id = u16::try_from(id).expect("a small id");
        SocketAddr::new(IpAddr::V4(self.host), self.first_port + id)
    }

    pub(crate) fn member(&self, id: u64) -> Member {
        let raft_addr = self.addr(id).to_string();
        Member { id, raft_addr, http_addr: format!("http-{id}:80") }
    }

    pub(crate) fn settings(&self, id: u64) -> Settings {
        Settings {
            city_id: "testville".into(),
            node_id: id,
            listen: self.addr(id),
            raft_addr: self.addr(id).to_string(),
            http_addr: format!("http-{id}:80"),
            dial: BTreeMap::new(),
            tls: (self.tls)(id),
            timings: TIMINGS,
            limits: self.limits,
            snapshots: Snapshots { kept_entries: self.kept_entries, ..Snapshots::default() },
            wall_clock: self.wall_clock.clone(),
        }
    }

    pub(crate) async fn start(&mut self, id: u64) -> Result<(), StartError> {
        let settings = self.settings(id);
        self.start_with(id, settings).await
    }

    /// Starts a node on the directory of `id`.
    pub(crate) async fn start_with(&mut self, id: u64, with: Settings) -> Result<(), StartError> {
        let dir = self.dirs.entry(id).or_insert_with(|| tempfile::tempdir().expect("a directory"));
        let cache = storage::Settings { block_cache_bytes: 8 << 20, cached_records: 1_000 };
        let (writer, reader) = storage::open(dir.path(), &cache)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(format!("node-{id}"))
            .enable_all()
            .build()
            .expect("a runtime");
        let started = runtime.spawn(City::start(with, writer)).await.expect("no panic");
        match started {
            Ok(city) => {
                self.nodes.insert(id, TestNode { city, reader, runtime });
                Ok(())
            }
            Err(error) => {
                end(runtime).await;
                Err(error)
            }
        }
    }

    pub(crate) fn city(&self, id: u64) -> City {
        self.nodes[&id].city.clone()
    }

    /// No goodbye: whatever was not on the disk or in the kernel is lost.
    pub(crate) async fn kill(&mut self, id: u64) {
        let TestNode { city, reader, runtime } = self.nodes.remove(&id).expect("it runs");
        drop((city, reader));
        end(runtime).await;
    }

    pub(crate) async fn shut_down(&mut self, id: u64) {
        self.city(id).shutdown().await;
        self.kill(id).await;
    }

    /// The node does nothing until what this returns is dropped. Its sockets stay open, as those
    /// of a stopped process or a suspended machine do.
    pub(crate) async fn freeze(&self, id: u64) -> std::sync::mpsc::Sender<()> {
        let (thaw, frozen) = std::sync::mpsc::channel::<()>();
        let (told, asleep) = tokio::sync::oneshot::channel();
        self.nodes[&id].runtime.spawn(async move {
            told.send(()).expect("somebody waits");
            frozen.recv().expect_err("nothing is ever sent"); // its only worker is blocked
        });
        asleep.await.expect("it falls asleep");
        thaw
    }

    /// A clean stop; what is left of the node would show in the runtime.
    pub(crate) async fn stop_in_place(&mut self, id: u64) -> Runtime {
        self.city(id).shutdown().await;
        let TestNode { city, reader, runtime } = self.nodes.remove(&id).expect("it runs");
        drop((city, reader));
        // openraft's tasks end a moment after its core.
        let dir = self.dirs[&id].path().to_owned();
        let is_free = move || storage::open(&dir, &storage::Settings::default()).is_ok();
        let freed = tokio::task::spawn_blocking(move || {
            let began = std::time::Instant::now();
            while !is_free() {
                assert!(began.elapsed() < PATIENCE, "something holds the databases open");
                std::thread::yield_now();
            }
        });
        freed.await.expect("it is free");
        runtime
    }

    pub(crate) async fn end(mut self) {
        for id in self.nodes.keys().copied().collect::<Vec<_>>() {
            self.kill(id).await;
        }
    }

    /// Waits until all that run agree on a leader that runs.
    pub(crate) async fn leader(&self) -> u64 {
        self.leader_but(0).await
    }

    /// The same, and it must be another one.
    pub(crate) async fn leader_but(&self, not: u64) -> u64 {
        let mut watches: Vec<_> = self.nodes.values().map(|n| n.city.leadership()).collect();
        within(async {
            loop {
                let seen = watches.iter_mut().map(|w| w.borrow_and_update().leader.clone());
                let seen: BTreeSet<_> = seen.map(|leader| leader.map(|l| l.id)).collect();
                if let (1, Some(Some(id))) = (seen.len(), seen.first())
                    && *id != not
                    && self.nodes.contains_key(id)
                {
                    return *id;
                }
                let changes = watches.iter_mut().map(|w| Box::pin(w.changed()));
                select_all(changes).await.0.expect("it runs");
            }
        })
        .await
    }

    /// Some node that runs and does not lead.
    pub(crate) async fn follower(&self) -> u64 {
        let leader = self.leader().await;
        *self.nodes.keys().find(|id| **id != leader).expect("more than one runs")
    }

    pub(crate) async fn propose(&self, at: u64, wish: &Proposal) -> Result<Applied, ProposeError> {
        self.city(at).propose(wish, PATIENCE).await
    }

    /// Every node that runs has decided the same, entry by entry. Returns what.
    pub(crate) async fn same_history(&self) -> Vec<AuditEntry> {
        let leader = self.leader().await;
        let last = self.city(leader).read_barrier(PATIENCE).await.expect("a leader");
        let mut first: Option<Vec<AuditEntry>> = None;
        for (id, node) in &self.nodes {
            node.city.wait_applied(last, PATIENCE).await.expect("it catches up");
            let history = history(&node.reader);
            match &first {
                Some(first) => assert_eq!(first, &history, "node {id} decided otherwise"),
                None => first = Some(history),
            }
        }
        first.expect("a node runs")
    }
}

/// Everything that was decided, as this node recorded it.
pub(crate) fn history(reader: &Reader) -> Vec<AuditEntry> {
    let (view, mut all) = (reader.view(), Vec::<AuditEntry>::new());
    loop {
        let from = all.last().map_or(0, |entry| entry.index + 1);
        let page = view.audit_range(from, storage::PAGE).expect("readable");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

async fn end(runtime: Runtime) {
    let ended = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(PATIENCE));
    ended.await.expect("no panic");
}

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("in time")
}

/// A wish that differs for each `n`. Before the city is founded the answer is no, which is an
/// answer like any other.
pub(crate) fn wish(n: u64) -> Proposal {
    let command = Command::SignUp(sign_up(n));
    Proposal { actor: Actor::Anyone, request_id: format!("r{n}"), command }
}

pub(crate) fn found_city() -> Proposal {
    let command = Command::FoundCity(Box::new(FoundCity {
        number: CityNumber(7),
        name: "Testville".into(),
        currency: "EUR".to_owned().try_into().expect("a currency"),
        time_zone: "Europe/Berlin".into(),
        language: "de".into(),
        centre: Position::from_degrees(52.5, 13.4).expect("a place"),
        rules: Rules::default(),
        founder: sign_up(0),
    }));
    Proposal { actor: Actor::System, request_id: "found".into(), command }
}

fn sign_up(n: u64) -> SignUp {
    let name = n.to_be_bytes();
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&name);
    SignUp {
        account_id: AccountId::derive(CityNumber(7), &[&name]),
        login: Digest(digest),
        contact: Sealed(vec![1; 40]),
        name: Sealed(vec![2; 40]),
        password: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".into(),
        locale: None,
        request: Digest(digest),
        key: None,
    }
}

pub(crate) fn is_yes(applied: &Applied) -> bool {
    matches!(applied.verdict, Verdict::Yes { .. })
}
