//! A whole city on this machine: three nodes and a directory, real processes from the programs that
//! lie next to this one. What is started here is stopped here, and nothing else ever.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use api::admin::ClusterStatus;
use api::wire::Point;
use cluster_config::{Config, DirectoryConfig};
use hyper::StatusCode;
use hyper::header::HeaderValue;
use tempfile::TempDir;
use tokio::process::Command;

use crate::figures::{NodeSight, leader_of};
use crate::http::{Ask, Connection};
use crate::map;
use crate::process::{Process, Program, tail};
use crate::world::settle::Founding;

/// Nodes in a city.
pub const NODES: usize = 3;
/// A city is up within this time, or something is wrong.
const UP_WITHIN: Duration = Duration::from_secs(60);
/// Between two questions whether it is.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// A node that does not say how it is within this time counts as down.
const SIGHT_WITHIN: Duration = Duration::from_millis(800);
/// Ports that are tried for the first node: from here, in steps.
const PORTS: std::ops::Range<u16> = 8_080..8_980;
/// Ports that a city takes in one row: the directory and the nodes.
const PORTS_EACH: u16 = 4;
/// From a node's port for apps to its port for the other nodes.
const RAFT_PORTS: u16 = 1_000;
/// The sample city's restaurants, from the root of the checkout.
const SAMPLE: &str = "cluster-config/cities/marisol.ndjson";

/// What kind of city.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Where it keeps its data; a folder that is removed at the end if there is none.
    pub data: Option<PathBuf>,
    /// Restaurants from this file; the sample city's if there is none.
    pub city: Option<PathBuf>,
    /// In which its opening hours are read; the sample city's if there is none.
    pub time_zone: Option<String>,
    /// The first of its ports; free ones are looked for if there is none.
    pub base_port: Option<u16>,
    /// How long an order waits for the kitchen, in seconds; the city's default if it does not say.
    pub accept_s: Option<u32>,
}

/// The running city.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Process>,
    directory: Option<Process>,
    /// Where each node's HTTP API is.
    pub addresses: Vec<SocketAddr>,
    /// Where the directory is.
    pub directory_address: SocketAddr,
    /// Who may do everything in it.
    pub founding: Founding,
    /// The city's name.
    pub city_name: String,
    /// The first two bytes of its ids.
    pub city_number: u16,
    dir: PathBuf,
    // Removed when this is dropped, after the processes above.
    _temporary: Option<TempDir>,
}

impl Cluster {
    /// Writes the configuration, starts everything and waits until it is ready.
    ///
    /// # Errors
    /// A program is missing, ends too early, or is not ready in time; its log is in the message.
    pub async fn start(setup: &Setup) -> Result<Self> {
        let temporary = match &setup.data {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("fd-city-").tempdir()?),
        };
        let dir = match (&setup.data, &temporary) {
            (Some(data), _) => data.clone(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => bail!("a city needs a folder"),
        };
        if !dir.join("node1.toml").is_file() {
            configure(&dir, setup).await?;
        }
        let mut cluster = Self::launch(dir, temporary)?;
        cluster.wait_until_ready().await?;
        Ok(cluster)
    }

    fn launch(dir: PathBuf, temporary: Option<TempDir>) -> Result<Self> {
        let mut nodes = Vec::new();
        let mut configs = Vec::new();
        for number in 1..=NODES {
            let file = dir.join(format!("node{number}.toml"));
            configs.push(Config::load(&file)?);
            nodes.push(Process::start(&program(&dir, "fdnode", &format!("node{number}"))?)?);
        }
        let directory_config = DirectoryConfig::load(&dir.join("directory.toml"))?;
        let directory = Process::start(&program(&dir, "fddirectory", "directory")?)?;
        let first = configs.first().context("a city has nodes")?;
        let password = std::fs::read_to_string(&first.secrets.founder_password_file)?;
        let founding = Founding {
            login: first.secrets.founder_login.clone(),
            password: password.trim().to_owned(),
            centre: Point { lat: first.city.centre.lat, lng: first.city.centre.lng },
        };
        Ok(Self {
            nodes,
            directory: Some(directory),
            addresses: configs.iter().map(|config| config.node.http_listen).collect(),
            directory_address: directory_config.listen,
            founding,
            city_name: first.city.name.clone(),
            city_number: first.city.number,
            dir,
            _temporary: temporary,
        })
    }

    /// Returns when every node says that it is ready.
    ///
    /// # Errors
    /// One of them ended, or [`UP_WITHIN`] passed.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        let give_up = Instant::now() + UP_WITHIN;
        let mut connections: Vec<_> = self.addresses.iter().map(|a| Connection::new(*a)).collect();
        let ask = Ask::get("/ready");
        for (number, connection) in connections.iter_mut().enumerate() {
            loop {
                self.check_alive()?;
                let ready = connection.send(&ask).await;
                if ready.is_ok_and(|answer| answer.status == StatusCode::OK) {
                    break;
                }
                let log = self.dir.join(format!("node{}.log", number + 1));
                ensure!(
                    Instant::now() < give_up,
                    "node {} is not ready after {} s\n{}",
                    number + 1,
                    UP_WITHIN.as_secs(),
                    tail(&log)
                );
                tokio::time::sleep(ASK_EVERY).await;
            }
        }
        Ok(())
    }

    /// Whether every program still runs.
    ///
    /// # Errors
    /// One of them ended, with the end of its log.
    pub fn check_alive(&mut self) -> Result<()> {
        self.nodes.iter_mut().chain(&mut self.directory).try_for_each(Process::check_alive)
    }

    /// How each node is, asked at the same time with an operator's token.
    pub async fn look(&self, operator: &HeaderValue) -> Vec<NodeSight> {
        let mut asked = Vec::new();
        for address in &self.addresses {
            let (address, operator) = (*address, operator.clone());
            asked.push(tokio::spawn(async move { look_at(address, &operator).await }));
        }
        let mut sights = Vec::new();
        for (place, sight) in asked.into_iter().enumerate() {
            let down = NodeSight { id: place as u64 + 1, ..NodeSight::default() };
            sights.push(sight.await.ok().flatten().unwrap_or(down));
        }
        sights
    }

    /// The place in [`Self::addresses`] of the node that leads, if one does.
    pub async fn leader(&self, operator: &HeaderValue) -> Option<usize> {
        let (leader, _) = leader_of(&self.look(operator).await)?;
        // A leader that was killed is still remembered by the others for a moment.
        let place = usize::try_from(leader).ok()?.checked_sub(1)?;
        (place < self.addresses.len()).then_some(place)
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn kill(&mut self, place: usize) -> Result<()> {
        self.nodes[place].kill().await
    }

    /// Starts a killed node again, with the same configuration and disk.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn restart(&mut self, place: usize) -> Result<()> {
        self.nodes[place].restart()
    }

    /// Processor seconds used so far by each node and the directory, by name.
    pub fn cpu_s(&self) -> Vec<(String, f64)> {
        let all = self.nodes.iter().chain(&self.directory);
        all.filter_map(|process| Some((process.name().to_owned(), process.cpu_s()?))).collect()
    }

    /// Runs `fdctl` against this city.
    ///
    /// # Errors
    /// It says no; what it said is in the message.
    pub async fn fdctl(&self, args: &[&str]) -> Result<String> {
        let url = format!("http://{}", self.addresses[0]);
        let (login, password) = (self.founding.login.clone(), self.founding.password.clone());
        run_fdctl(args, &[("FD_URL", url), ("FD_LOGIN", login), ("FD_PASSWORD", password)]).await
    }

    /// Brings the restaurants of a file into the city; the sample city's if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or the city refuses something in it.
    pub async fn load_city(&self, file: Option<&Path>) -> Result<()> {
        let file = match file {
            Some(file) => file.to_owned(),
            None => sample()?,
        };
        self.fdctl(&["restaurant", "import", &file.display().to_string()]).await.map(drop)
    }

    /// Asks everybody to stop, and waits for it.
    pub async fn stop(&mut self) {
        // All at the same time: each may wait for another's goodbye.
        let stopping = self.nodes.iter_mut().chain(&mut self.directory).map(Process::stop);
        futures_util::future::join_all(stopping).await;
    }
}

async fn configure(dir: &Path, setup: &Setup) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let base_port = match setup.base_port {
        Some(port) => port,
        None => free_ports()?,
    };
    let mut args = vec!["config".to_owned(), "init".to_owned(), dir.display().to_string()];
    let mut say = |name: &str, value: String| args.extend([format!("--{name}"), value]);
    say("nodes", NODES.to_string());
    say("base-port", base_port.to_string());
    // Lives as long as the boundary has to be read.
    let scratch = tempfile::tempdir()?;
    if let Some(file) = &setup.city {
        let extent = map::extent_of(file)?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default().replace('_', " ");
        let boundary = extent.write_boundary(&scratch.path().join("boundary.geojson"), &name)?;
        say("name", name);
        say("centre", format!("{},{}", extent.centre.lat, extent.centre.lng));
        say("boundary", boundary.display().to_string());
    }
    if let Some(zone) = &setup.time_zone {
        say("time-zone", zone.clone());
    }
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    run_fdctl(&args, &[]).await?;
    let Some(accept_s) = setup.accept_s else { return Ok(()) };
    for number in 1..=NODES {
        let file = dir.join(format!("node{number}.toml"));
        let mut config = Config::load(&file)?;
        config.city.rules.accept_s = accept_s;
        std::fs::write(&file, config.to_toml())?;
    }
    Ok(())
}

/// The sample city lies in the checkout that this program was built from.
fn sample() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let here = std::env::current_dir()?;
    let mut roots = here.ancestors().chain(own.ancestors());
    let root = roots.find(|root| root.join(SAMPLE).is_file());
    Ok(root.with_context(|| format!("there is no {SAMPLE}; name a file with --city"))?.join(SAMPLE))
}

async fn run_fdctl(args: &[&str], env: &[(&str, String)]) -> Result<String> {
    let fdctl = beside("fdctl")?;
    let mut command = Command::new(&fdctl);
    command.args(args).envs(env.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("cannot run fdctl")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`fdctl {}`: {}\n{said}", args.join(" "), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn program(dir: &Path, binary: &str, name: &str) -> Result<Program> {
    let config = dir.join(format!("{name}.toml")).display().to_string();
    Ok(Program {
        name: name.to_owned(),
        path: beside(binary)?,
        args: vec!["--config".to_owned(), config],
        log: dir.join(format!("{name}.log")),
    })
}

/// A program of ours: it lies where this one lies.
fn beside(binary: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("where am I?")?;
    let path = own.with_file_name(binary);
    ensure!(path.is_file(), "{} is not built: cargo build --release", path.display());
    Ok(path)
}

/// A row of ports that nobody listens on. Who takes one before we do is named by the node.
fn free_ports() -> Result<u16> {
    let free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let row = |base: u16| (base..base + PORTS_EACH).flat_map(|port| [port, port + RAFT_PORTS]);
    let mut bases = PORTS.step_by(usize::from(PORTS_EACH));
    let base = bases.find(|base| row(*base).all(free));
    base.context("no row of free ports; name one with --base-port")
}

async fn look_at(address: SocketAddr, operator: &HeaderValue) -> Option<NodeSight> {
    let ask = Ask::get("/v1/admin/cluster").as_bearer(operator);
    let mut connection = Connection::new(address);
    let answer = tokio::time::timeout(SIGHT_WITHIN, connection.send(&ask)).await.ok()?.ok()?;
    let status: ClusterStatus = serde_json::from_slice(&answer.body).ok()?;
    Some(NodeSight {
        id: status.node_id,
        up: true,
        leader: status.leader_id,
        term: status.term,
        applied: status.applied,
    })
}
