//! A city of three real processes on loopback, which can be killed, started again, emptied and
//! replaced. The programs are the built ones, and the configuration is what `fdctl config init`
//! writes: as an operator would do it.

use crate::disk::volume::Volume;
use crate::ground::Ground;
use crate::ports::{RAFT_PORTS, ROW, free_row};
use crate::preload::Control;
use crate::process::{Process, panics};
use crate::programs::{fdctl, fdnode};
use crate::transport::{self, Transport};
use anyhow::{Context, Result, bail, ensure};
use api::admin::ClusterStatus;
use api::client::{Call, Client};
use cluster_config::Config;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Nodes of a new city.
pub const NODES: u64 = 3;
/// A node that was started answers within this time, or something is wrong. Generous: it may have
/// a log to replay, built without optimisation, on a machine that does other things too.
pub const READY_WITHIN: Duration = Duration::from_secs(60);
/// A node that was asked how it is answers within this time, or counts as down.
const SIGHT_WITHIN: Duration = Duration::from_secs(2);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// How long an order waits for the kitchen, in seconds: no run lasts so long, so that no order
/// moves on by itself while copies are compared. Offers are what runs out in a run.
const ACCEPT_S: u32 = 3_600;

/// The file that both sides read what webhooks are signed with from, and what it holds.
pub(crate) const GATEWAY_SECRET_FILE: &str = "gateway-secret";
const GATEWAY_SECRET: &str = "whsec_paper";
/// A run is short, so both sides are compared often.
const RECONCILE_S: u32 = 3;

/// What kind of city.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// Mutual TLS between the nodes, or plain text on loopback.
    pub certificates: bool,
    /// `raft.keep_log_entries`; the default if it does not say.
    pub keep_log_entries: Option<u64>,
    /// `raft.snapshot_every_entries`; the default if it does not say.
    pub snapshot_every_entries: Option<u64>,
    /// Where the gateway outside listens, on loopback; without it nodes have their own inside.
    pub gateway_port: Option<u16>,
    /// Whether messages to apps go there, too.
    pub messages: bool,
    /// What lies between the nodes.
    pub transport: transport::Choice,
    /// Megabytes of a disk of its own for each node; a folder of this machine's if absent.
    pub volume_mb: Option<u64>,
    /// Whether clocks and disks can be steered by what is loaded before the nodes.
    pub preload: bool,
    /// Whether disks say that they have synced and have not: no fault of a city, but the proof that
    /// a run would notice. Needs `preload`.
    pub lying_disks: bool,
    /// What chance begins with, in what lies between the nodes.
    pub seed: u64,
}

/// Where customers may ask: the number of a node and its address.
pub type Doors = Arc<RwLock<Vec<(u64, String)>>>;

/// The processes.
#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    base_port: u16,
    setup: Setup,
    fdnode: PathBuf,
    nodes: BTreeMap<u64, Node>,
    newest: u64,
    doors: Doors,
    operator: Option<String>,
    founder: (String, String),
    // After the processes that stand on it.
    ground: Ground,
}

#[derive(Debug)]
struct Node {
    process: Process,
    config: Config,
}

impl Cluster {
    /// Writes the configuration into `dir`, which is not there yet, and starts every node.
    ///
    /// # Errors
    /// A program is not built, or a node is not ready in time; the end of its log is in the text.
    pub async fn start(dir: &Path, setup: Setup) -> Result<Self> {
        let base_port = free_row()?;
        let (port, nodes) = (base_port.to_string(), NODES.to_string());
        let mut args = vec!["--nodes", &nodes, "--base-port", &port];
        if !setup.certificates {
            args.push("--plain");
        }
        fdctl("init", dir, &args).await?;
        let first = Config::load(&dir.join("node1.toml"))?;
        let password = std::fs::read_to_string(&first.secrets.founder_password_file)?;
        let raft_ports = (1..ROW).map(|n| (u64::from(n), base_port + n + RAFT_PORTS)).collect();
        let mut cluster = Self {
            dir: dir.to_owned(),
            base_port,
            setup,
            fdnode: fdnode()?,
            nodes: BTreeMap::new(),
            newest: 0,
            doors: Doors::default(),
            operator: None,
            founder: (first.secrets.founder_login, password.trim().to_owned()),
            ground: Ground::lay(dir, &setup, &raft_ports).await?,
        };
        for id in 1..=NODES {
            cluster.adopt(id).await?;
        }
        for id in 1..=NODES {
            cluster.wait_ready(id).await?;
        }
        Ok(cluster)
    }

    /// Takes up a node whose file was written, and starts it.
    async fn adopt(&mut self, id: u64) -> Result<()> {
        let file = self.dir.join(format!("node{id}.toml"));
        let mut config = Config::load(&file)?;
        config.city.rules.accept_s = ACCEPT_S;
        let raft = &mut config.raft;
        raft.keep_log_entries = self.setup.keep_log_entries.unwrap_or(raft.keep_log_entries);
        let every = self.setup.snapshot_every_entries;
        raft.snapshot_every_entries = every.unwrap_or(raft.snapshot_every_entries);
        if let Some(port) = self.setup.gateway_port {
            let secret = self.dir.join(GATEWAY_SECRET_FILE);
            std::fs::write(&secret, GATEWAY_SECRET)?;
            let payments = &mut config.payments;
            payments.gateway = cluster_config::Gateway::Sandbox;
            payments.url = Some(format!("http://127.0.0.1:{port}"));
            payments.webhook_secret_file = Some(secret);
            payments.reconcile_s = RECONCILE_S;
            if self.setup.messages {
                config.notices.adapter = cluster_config::NoticeAdapter::Http;
                config.notices.push_url = Some(format!("http://127.0.0.1:{port}/messages"));
            }
        }
        self.ground.house(&mut config).await?;
        std::fs::write(&file, config.to_toml())?;
        let log = self.log_file(id);
        let args = vec!["--config".into(), file.into_os_string()];
        let process = Process::new(self.fdnode.clone(), args, log);
        let mut process = process.launched(self.ground.launch(id));
        process.start()?;
        let door = (id, format!("http://{}", config.node.http_listen));
        self.nodes.insert(id, Node { process, config });
        self.newest = self.newest.max(id);
        write(&self.doors).push(door);
        Ok(())
    }

    /// The ids of its nodes, dead ones too.
    pub fn ids(&self) -> Vec<u64> {
        self.nodes.keys().copied().collect()
    }

    /// Where customers may ask, now and later.
    pub fn doors(&self) -> Doors {
        Arc::clone(&self.doors)
    }

    /// Where its nodes serve.
    pub fn urls(&self) -> Vec<String> {
        let doors = self.doors.read().expect("nobody panics with the doors in hand");
        doors.iter().map(|(_, url)| url.clone()).collect()
    }

    /// By node: its log, and the lines of it that speak of a panic. Of every node that there ever
    /// was: those that were replaced or sent away wrote logs, too.
    pub fn panics(&self) -> Vec<(u64, String, Vec<String>)> {
        let of = |id| (id, log_of(id), panics(&self.log_file(id)));
        (1..=self.newest).map(of).collect()
    }

    /// The first operator's login and password.
    pub fn founder(&self) -> (&str, &str) {
        (&self.founder.0, &self.founder.1)
    }

    /// The first two bytes of the city's ids.
    pub fn city_number(&self) -> u16 {
        self.nodes.values().next().map_or(0, |node| node.config.city.number)
    }

    /// Whose word counts from now on, for looking at nodes and changing members.
    pub fn set_operator(&mut self, token: String) {
        self.operator = Some(token);
    }

    fn node(&mut self, id: u64) -> Result<&mut Node> {
        self.nodes.get_mut(&id).with_context(|| format!("there is no node {id}"))
    }

    /// SIGKILL. Gone when this returns.
    ///
    /// # Errors
    /// It did not run.
    pub async fn kill(&mut self, id: u64) -> Result<()> {
        self.kill_together(&[id]).await
    }

    /// SIGKILL to all of these before any is waited for.
    ///
    /// # Errors
    /// One of them did not run.
    pub async fn kill_together(&mut self, ids: &[u64]) -> Result<()> {
        for id in ids {
            self.node(*id)?.process.kill().with_context(|| format!("node {id}"))?;
        }
        for id in ids {
            self.node(*id)?.process.buried().await.with_context(|| format!("node {id}"))?;
        }
        Ok(())
    }

    /// Starts a killed node with what its disk holds. Returns at once.
    ///
    /// # Errors
    /// It runs, or cannot be started.
    pub fn restart(&mut self, id: u64) -> Result<()> {
        self.node(id)?.process.start()
    }

    /// Removes what a killed node has on its disk; it is no door any more.
    ///
    /// # Errors
    /// It runs, or the folder cannot be removed.
    pub fn wipe(&mut self, id: u64) -> Result<()> {
        let node = self.node(id)?;
        ensure!(!node.process.runs(), "node {id} runs: it would write on");
        let data = &node.config.node.data_dir;
        std::fs::remove_dir_all(data).with_context(|| data.display().to_string())?;
        self.nodes.remove(&id);
        self.ground.vacate(id);
        write(&self.doors).retain(|(door, _)| *door != id);
        Ok(())
    }

    /// Writes the files of one more node, starts it empty, and has the city take it in. It votes
    /// when this returns.
    ///
    /// # Errors
    /// It does not start, or the city does not take it.
    pub async fn join(&mut self, id: u64) -> Result<()> {
        let number = u16::try_from(id)?;
        ensure!(number < ROW, "the row has no port for node {id}");
        let port = (self.base_port + number).to_string();
        fdctl("join", &self.dir, &["--id", &id.to_string(), "--port", &port]).await?;
        let others = self.operator_at_all()?;
        self.adopt(id).await?;
        let node = &self.node(id)?.config.node;
        let request = api::admin::AddNodeRequest {
            id,
            raft_addr: node.raft_advertise.clone(),
            http_addr: node.http_advertise.clone(),
        };
        let add = Call::post("/v1/admin/cluster/nodes", &request);
        others.with_deadline(READY_WITHIN).send::<_, ()>(add).await?;
        self.wait_ready(id).await
    }

    /// Has the city forget a node.
    ///
    /// # Errors
    /// It does not.
    pub async fn remove(&self, id: u64) -> Result<()> {
        let path = format!("/v1/admin/cluster/nodes/{id}");
        let remove = Call::<()>::delete(&path, None);
        match self.operator_at_all()?.send::<_, ()>(remove).await {
            Ok(_) => Ok(()),
            // A repeat of what had happened already.
            Err(api::client::CallError::Refused(why)) if why.code == "node_unknown" => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Has a node make a snapshot and cut its log.
    ///
    /// # Errors
    /// It does not.
    pub async fn snapshot(&self, id: u64) -> Result<()> {
        let client = self.operator_at(id)?.with_deadline(READY_WITHIN);
        client.send::<_, ()>(Call::post("/v1/admin/cluster/snapshot", &())).await?;
        Ok(())
    }

    /// How a node sees the city; nothing if it does not answer.
    pub async fn sight(&self, id: u64) -> Option<ClusterStatus> {
        sight(self.operator_at(id).ok()?).await
    }

    /// How each of them sees the city that answers, all asked at once.
    pub async fn sights(&self) -> BTreeMap<u64, ClusterStatus> {
        let mut asked = JoinSet::new();
        for id in self.ids() {
            if let Ok(client) = self.operator_at(id) {
                asked.spawn(async move { Some((id, sight(client).await?)) });
            }
        }
        asked.join_all().await.into_iter().flatten().collect()
    }

    /// Has another node lead, or any other if none is named.
    ///
    /// # Errors
    /// It does not.
    pub async fn transfer(&self, to: Option<u64>) -> Result<()> {
        let request = api::admin::TransferRequest { to };
        let transfer = Call::post("/v1/admin/cluster/transfer", &request);
        self.operator_at_all()?.send::<_, ()>(transfer).await?;
        Ok(())
    }

    /// The node that leads, agreed on by itself.
    ///
    /// # Errors
    /// None leads for too long.
    pub async fn leader(&self) -> Result<u64> {
        until(READY_WITHIN, "a leader", async || {
            for (id, node) in &self.nodes {
                if node.process.runs()
                    && self.sight(*id).await.is_some_and(|sight| sight.role == "leader")
                {
                    return Some(*id);
                }
            }
            None
        })
        .await
    }

    /// Until a node says that it is ready.
    ///
    /// # Errors
    /// It ended, or the time is up.
    pub async fn wait_ready(&mut self, id: u64) -> Result<()> {
        let node = self.nodes.get_mut(&id).with_context(|| format!("there is no node {id}"))?;
        let client = Client::new(vec![format!("http://{}", node.config.node.http_listen)])?;
        let client = client.with_deadline(SIGHT_WITHIN);
        let process = &mut node.process;
        let ready = until(READY_WITHIN, "readiness", async || {
            if let Err(ended) = process.check_alive() {
                return Some(Err(ended));
            }
            let asked = client.send::<(), api::admin::Health>(Call::get("/ready"));
            let answer = timeout(SIGHT_WITHIN, asked).await;
            matches!(answer, Ok(Ok(_))).then_some(Ok(()))
        });
        ready.await.and_then(|alive| alive).with_context(|| format!("node {id}"))
    }

    /// That every node which should run does, and that none that there ever was has spoken of a
    /// panic.
    ///
    /// # Errors
    /// What is wrong, with the end of the log.
    pub fn check_healthy(&mut self) -> Result<()> {
        for (id, node) in &mut self.nodes {
            node.process.check_alive().with_context(|| format!("node {id}"))?;
        }
        for (id, _, panics) in self.panics() {
            ensure!(panics.is_empty(), "node {id}: {}", panics.join("\n"));
        }
        Ok(())
    }

    /// Whether its process is there, stopped or not.
    pub fn runs(&self, id: u64) -> bool {
        self.nodes.get(&id).is_some_and(|node| node.process.runs())
    }

    /// Where a node's data lies.
    ///
    /// # Errors
    /// There is no such node.
    pub fn data_dir(&self, id: u64) -> Result<PathBuf> {
        let node = self.nodes.get(&id).with_context(|| format!("there is no node {id}"))?;
        Ok(node.config.node.data_dir.clone())
    }

    /// Where a node listens for the others.
    ///
    /// # Errors
    /// There is no such node.
    pub fn raft_addr(&self, id: u64) -> Result<SocketAddr> {
        let node = self.nodes.get(&id).with_context(|| format!("there is no node {id}"))?;
        Ok(node.config.node.raft_listen)
    }

    /// An id that no node has had.
    pub fn next_id(&self) -> u64 {
        self.newest + 1
    }

    /// How many more nodes may come: each has a place in the row of ports, and none is used twice.
    pub fn ids_left(&self) -> u64 {
        u64::from(ROW - 1).saturating_sub(self.newest)
    }

    /// What lies between the nodes.
    pub fn transport(&self) -> &Transport {
        &self.ground.transport
    }

    pub(crate) fn transport_mut(&mut self) -> &mut Transport {
        &mut self.ground.transport
    }

    pub(crate) fn control(&self, id: u64) -> Result<Arc<Control>> {
        self.ground.control(id)
    }

    pub(crate) fn volume(&mut self, id: u64) -> Option<&mut Volume> {
        self.ground.volume(id)
    }

    pub(crate) fn process(&mut self, id: u64) -> Result<&mut Process> {
        Ok(&mut self.node(id)?.process)
    }

    /// What a node has said, in a file; also of one that is yet to come.
    pub(crate) fn log_file(&self, id: u64) -> PathBuf {
        self.dir.join(log_of(id))
    }

    pub(crate) fn operator_at(&self, id: u64) -> Result<Client> {
        let node = self.nodes.get(&id).with_context(|| format!("there is no node {id}"))?;
        self.operator_of(vec![format!("http://{}", node.config.node.http_listen)])
    }

    fn operator_at_all(&self) -> Result<Client> {
        let doors = self.doors.read().expect("nobody panics with the doors in hand");
        self.operator_of(doors.iter().map(|(_, url)| url.clone()).collect())
    }

    fn operator_of(&self, urls: Vec<String>) -> Result<Client> {
        let client = Client::new(urls)?;
        client.set_token(self.operator.clone());
        Ok(client)
    }
}

/// The log of a node, in the city's folder.
fn log_of(id: u64) -> String {
    format!("node{id}.log")
}

async fn sight(client: Client) -> Option<ClusterStatus> {
    let client = client.with_deadline(SIGHT_WITHIN);
    let asked = client.send(Call::get("/v1/admin/cluster"));
    Some(timeout(SIGHT_WITHIN, asked).await.ok()?.ok()?.value)
}

fn write<T>(shared: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    shared.write().expect("nobody panics with it in hand")
}

/// Looks again and again until there is something to see.
///
/// # Errors
/// The time is up; the text says what was waited for.
pub async fn until<T>(
    within: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let give_up = Instant::now() + within;
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Some(seen) = look().await {
            return Ok(seen);
        }
        if Instant::now() >= give_up {
            bail!("waited {} s in vain for {what}", within.as_secs());
        }
    }
}
