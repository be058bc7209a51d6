//! Three nodes on loopback with a directory of their own, started and stopped by each test.

use crate::http::{Api, http};
use cluster_config::{Config, Secrets};
use node::node::Node;
use raft::WallClock;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Nothing that a test waits for takes longer, on a busy machine either.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// How long the end of a test waits for its nodes.
const STOPPED_WITHIN: Duration = Duration::from_secs(1);
/// Whose city it is.
pub(crate) const FOUNDER: &str = "operator@marisol.example";
pub(crate) const FOUNDER_PASSWORD: &str = "the founder's password";

/// What is not as in every city.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    /// More of the configuration: whole tables of TOML. Paths begin at [`City::dir`].
    pub(crate) tables: String,
    /// More of the table `secrets`.
    pub(crate) secrets: String,
    /// Files that it names: where, and what they hold.
    pub(crate) files: Vec<(&'static str, String)>,
    /// What the nodes take for the time.
    pub(crate) clock: Turned,
}

/// A clock that runs as the machine's, and can be turned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turned(Arc<AtomicI64>);

impl Turned {
    /// So much later, from now on.
    pub(crate) fn forward(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// So much earlier, from now on, as when a wrong clock is put right.
    pub(crate) fn back(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_sub(ms, Ordering::Relaxed);
    }

    /// Milliseconds since 1970, by it.
    pub(crate) fn now_ms(&self) -> i64 {
        WallClock::default().now_ms() + self.0.load(Ordering::Relaxed)
    }

    /// Lets time pass until this moment.
    pub(crate) fn forward_to(&self, moment_ms: i64) {
        self.0.fetch_add((moment_ms - self.now_ms()).max(0), Ordering::Relaxed);
    }

    fn clock(&self) -> WallClock {
        let (turned, real) = (Arc::clone(&self.0), WallClock::default());
        WallClock::of(move || real.now_ms() + turned.load(Ordering::Relaxed))
    }
}

/// A running city.
pub(crate) struct City {
    dir: TempDir,
    nodes: Vec<Option<Node>>,
    configs: Vec<Config>,
    clock: Turned,
    urls: Vec<String>,
    http: reqwest::Client,
    _ports: TcpListener,
}

impl City {
    /// Three nodes that are ready to serve.
    pub(crate) async fn start() -> Self {
        Self::start_as(&Setup::default()).await
    }

    /// The same with something of one's own.
    pub(crate) async fn start_as(setup: &Setup) -> Self {
        logs();
        let dir = tempfile::tempdir().unwrap();
        // 32 bytes in base64; the tests' city has no secrets.
        std::fs::write(dir.path().join("key"), "A".repeat(43) + "=").unwrap();
        std::fs::write(dir.path().join("password"), FOUNDER_PASSWORD).unwrap();
        for (name, text) in &setup.files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let (ports_kept, ports) = own_ports();
        let configs: Vec<_> = (1..=3).map(|id| config(dir.path(), id, &ports, setup)).collect();
        let clock = setup.clock.clone();
        let starts = configs.iter().cloned().map(|config| Node::start_by(config, clock.clock()));
        let nodes = futures_util::future::try_join_all(starts).await.unwrap();
        let nodes: Vec<_> = nodes.into_iter().map(Some).collect();
        let urls = ports[..3].iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        let city = Self { dir, nodes, configs, clock, urls, http: http(), _ports: ports_kept };
        city.ready().await;
        city
    }

    /// Node 1, 2 or 3, asked by nobody in particular.
    pub(crate) fn at(&self, node: usize) -> Api {
        Api::new(self.http.clone(), self.urls[node - 1].clone())
    }

    /// The nodes that run.
    pub(crate) fn running(&self) -> Vec<usize> {
        (1..=3).filter(|node| self.nodes[node - 1].is_some()).collect()
    }

    /// `http://host:port` of a node.
    pub(crate) fn url(&self, node: usize) -> &str {
        &self.urls[node - 1]
    }

    /// Where a test may leave files.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Who leads, as the running nodes agree.
    pub(crate) async fn leader(&self) -> usize {
        let running = self.running();
        until("the nodes agree on a leader", async || {
            let mut said = Vec::new();
            for node in &running {
                let health = self.at(*node).get("/health").await.json();
                said.push(health["leader_id"].as_u64()? as usize);
            }
            let leads = said[0];
            (running.contains(&leads) && said.iter().all(|one| *one == leads)).then_some(leads)
        })
        .await
    }

    /// Stops a node as an operator would.
    pub(crate) async fn stop_node(&mut self, node: usize) {
        self.nodes[node - 1].take().unwrap().stop().await;
    }

    /// Changes what a stopped node is told of secrets.
    pub(crate) fn set_secrets(&mut self, node: usize, change: impl FnOnce(&mut Secrets)) {
        change(&mut self.configs[node - 1].secrets);
    }

    /// Starts a stopped node with what its disk holds.
    pub(crate) async fn start_node(&mut self, node: usize) {
        let config = self.configs[node - 1].clone();
        let started = Node::start_by(config, self.clock.clock()).await.unwrap();
        self.nodes[node - 1] = Some(started);
        self.ready().await;
    }

    /// Waits until every running node says that it should get requests, and the city is founded.
    pub(crate) async fn ready(&self) {
        for node in self.running() {
            until("a node is ready", async || {
                let answer = self.at(node).try_get("/ready").await?;
                (answer.status == 200).then_some(())
            })
            .await;
        }
        self.leader().await;
        until("the founder can log in", async || {
            let body = serde_json::json!({"login": FOUNDER, "password": FOUNDER_PASSWORD});
            (self.at(1).post("/login", body).await.status == 200).then_some(())
        })
        .await;
    }

    /// Stops what still runs. The leader finds nobody to hand over to, and is not waited for.
    pub(crate) async fn end(mut self) {
        let nodes: Vec<Node> = self.nodes.iter_mut().filter_map(Option::take).collect();
        let stopped = futures_util::future::join_all(nodes.into_iter().map(Node::stop));
        let _ = tokio::time::timeout(STOPPED_WITHIN, stopped).await;
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When patience ends.
pub(crate) async fn until<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let polling = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(25));
        loop {
            ticks.tick().await;
            if let Some(found) = probe().await {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, polling).await.unwrap_or_else(|_| panic!("not in time: {what}"))
}

fn config(dir: &Path, id: usize, ports: &[u16], setup: &Setup) -> Config {
    let Setup { tables, secrets, .. } = setup;
    let member = |id: usize| {
        let (http, raft) = (ports[id - 1], ports[id + 2]);
        format!("{{ id = {id}, raft = \"127.0.0.1:{raft}\", http = \"127.0.0.1:{http}\" }}")
    };
    let members: Vec<_> = (1..=3).map(member).collect();
    let (http, raft, members) = (ports[id - 1], ports[id + 2], members.join(", "));
    let city = cluster_config::SAMPLE_CITY;
    let text = format!(
        "{city}
        [node]
        id = {id}
        data_dir = \"node-{id}\"
        http_listen = \"127.0.0.1:{http}\"
        raft_listen = \"127.0.0.1:{raft}\"
        [cluster]
        bootstrap = true
        members = [{members}]
        [tls]
        plain_on_loopback = true
        [secrets]
        city_key = \"key\"
        founder_login = \"{FOUNDER}\"
        founder_password_file = \"password\"
        {secrets}
        # Relaxed: several cities of tests share a machine.
        [raft]
        heartbeat_ms = 100
        election_min_ms = 800
        election_max_ms = 1600
        [storage]
        block_cache_mib = 8
        {tables}
        "
    );
    Config::parse(&text, dir).unwrap()
}

/// Six ports below those that the system gives to outgoing connections. They are this city's as
/// long as the listener before them is kept, whoever else runs tests on this machine.
fn own_ports() -> (TcpListener, Vec<u16>) {
    const BLOCKS: u32 = 1_000;
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port));
    let first = std::process::id();
    for block in (first..first + BLOCKS).map(|block| (block % BLOCKS) as u16) {
        // Below what the harness and its proxies take.
        let guard = 11_000 + block * 10;
        let ports = guard + 1..=guard + 6;
        let Ok(kept) = bind(guard) else { continue };
        if ports.clone().all(|port| bind(port).is_ok()) {
            return (kept, ports.collect());
        }
    }
    panic!("no free ports");
}

/// `RUST_LOG=debug` shows what the nodes say.
fn logs() {
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    }
}
