//! One run of one cell of the matrix: a city, people in it, faults, and what is left to say.
//!
//! Calm first, then faults by the script of the seed, then everything is healed and the city must
//! find itself; then everybody goes home and each node is asked what it has. The history holds all
//! of it, so that it can be judged again without a city. Runs of one machine take turns.

mod evidence;
mod faults;
mod liveness;
mod outcome;
mod settle;
mod watch;

pub use outcome::{Counts, Outcome, Silence, Word, word};

use crate::cluster::Setup;
use crate::gateway::free_port;
use crate::history::{Config, Header, History, Impossible, Kind as LineKind, Line, Phase, Process};
use crate::history::{RUN, Recorder};
use crate::nemesis::{Kind, World};
use crate::random::Random;
use crate::shop::Shop;
use crate::transport::Choice;
use crate::turn::turn;
use crate::workload::{Load, Scene, Workload};
use anyhow::{Context, Result, ensure};
use serde_json::{Map, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The history of a run, in its folder.
pub const HISTORY: &str = "history.jsonl";
/// Yeses that a calm city gives before anything is broken, and how long they may take.
const CALM_YES: u64 = 60;
const CALM_WITHIN: Duration = Duration::from_secs(60);
/// The calm lasts for this part of the run, between these bounds.
const CALM_PART: u32 = 6;
const CALM: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(10));
/// A login is good for ten minutes, and nobody logs in again in the middle of a run.
pub const LONGEST: Duration = Duration::from_secs(7 * 60);

/// A node makes a snapshot after so many entries, ...
const SNAPSHOT_EVERY: u64 = 500;
/// ... and keeps so many in front of it.
const KEEP_ENTRIES: u64 = 50;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What people do.
    pub workload: Workload,
    /// What is broken.
    pub nemesis: Kind,
    /// For how long things are broken.
    pub length: Duration,
    /// What chance begins with.
    pub seed: u64,
    /// What lies between the nodes; what fits best if nothing is said.
    pub transport: Option<Choice>,
    /// Only link states of this class, for partitions.
    pub class: Option<u8>,
    /// Only faults whose words have this one, like `wal` or `leader`.
    pub only: Option<String>,
    /// Where history, logs and report lie; emptied first.
    pub dir: PathBuf,
}

impl Plan {
    /// The words that repeat it.
    pub fn command(&self) -> String {
        let mut words = format!(
            "cargo xtask chaos run --workload {} --nemesis {} --seconds {} --seed {}",
            self.workload,
            self.nemesis.name(),
            self.length.as_secs(),
            self.seed
        );
        if let Some(transport) = self.transport {
            words += &format!(" --transport {}", transport.name());
        }
        if let Some(class) = self.class {
            words += &format!(" --class {class}");
        }
        if let Some(only) = &self.only {
            words += &format!(" --only {only}");
        }
        words
    }

    /// Namespaces where they can be had and where faults need them, else proxies.
    pub(crate) fn choice(&self) -> Choice {
        let wants_packets = matches!(self.nemesis, Kind::Packets);
        let there = Choice::Namespaces.possible().is_ok();
        self.transport.unwrap_or(match wants_packets && there {
            true => Choice::Namespaces,
            false => Choice::Proxy,
        })
    }

    fn setup(&self) -> Result<Setup> {
        let gateway_port = match self.workload.pays() || self.nemesis == Kind::Gateway {
            true => Some(free_port()?),
            false => None,
        };
        let setup = Setup {
            gateway_port,
            transport: self.choice(),
            seed: self.seed,
            // Small, so that who was away for a while, or is new, needs a snapshot.
            snapshot_every_entries: Some(SNAPSHOT_EVERY),
            keep_log_entries: Some(KEEP_ENTRIES),
            ..Setup::default()
        };
        Ok(setup.ready_for(self.nemesis))
    }

    fn header(&self, world: &World) -> Header {
        let abilities = world.abilities();
        let impossible = abilities.impossible().into_iter();
        let possible = abilities.possible().into_iter().map(str::to_owned).collect();
        let mut more = Map::new();
        more.insert("nodes".to_owned(), json!(world.cluster.ids()));
        more.insert("class".to_owned(), json!(self.class));
        more.insert("only".to_owned(), json!(self.only));
        more.insert("command".to_owned(), json!(self.command()));
        Header {
            seed: self.seed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: format!("{}-{}", self.workload, self.nemesis.name()),
            config: Config {
                workload: self.workload.name().to_owned(),
                nemesis: self.nemesis.name().to_owned(),
                transport: self.choice().name().to_owned(),
                minutes: self.length.as_secs_f64() / 60.0,
                possible,
                impossible: impossible
                    .map(|(fault, why)| Impossible { fault: fault.to_owned(), why })
                    .collect(),
                more,
            },
        }
    }
}

/// A city in the middle of a run.
struct Run {
    plan: Plan,
    world: World,
    scene: Arc<Scene>,
    random: Random,
    recorder: Arc<Recorder>,
    /// Says on the terminal what goes on.
    say: fn(&str),
}

/// Runs it.
///
/// # Errors
/// The harness is at fault, or the city did not even come up: nothing is proved either way.
pub async fn run(plan: &Plan, say: fn(&str)) -> Result<Outcome> {
    let longest = LONGEST.as_secs();
    ensure!(plan.length <= LONGEST, "a run lasts {longest} s at most, as long as a login is good");
    let root = plan.dir.parent().unwrap_or(&plan.dir);
    let _turn = turn(root).await?;
    if plan.dir.exists() {
        std::fs::remove_dir_all(&plan.dir).with_context(|| plan.dir.display().to_string())?;
    }
    std::fs::create_dir_all(&plan.dir).with_context(|| plan.dir.display().to_string())?;
    say("starting the city");
    let mut world = World::start(&plan.dir.join("city"), plan.setup()?).await?;
    world
        .possible(plan.nemesis)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{} cannot be done on this machine", plan.nemesis.name()))?;
    let shop = Arc::new(Shop::open(&mut world.cluster, plan.workload.furniture()).await?);
    let urls = world.cluster.urls();
    shop.without_alerts(urls).await?;
    let header = plan.header(&world);
    let recorder = Arc::new(Recorder::begin(&plan.dir.join(HISTORY), &header)?);
    let doors = world.cluster.doors();
    let scene = Arc::new(Scene::set(shop, doors, Arc::clone(&recorder), plan.seed)?);
    let random = Random::new(plan.seed);
    let mut run = Run { plan: plan.clone(), world, scene, random, recorder, say };
    run.live().await?;
    let Run { world, recorder, .. } = run;
    let lines = recorder.end()?;
    drop(world);
    let outcome = Outcome::judge(History { header, lines });
    if outcome.word() == Word::Valid {
        // History and logs stay for who is curious; the state is large.
        let _ = std::fs::remove_dir_all(plan.dir.join("city/data"));
    }
    Ok(outcome)
}

impl Run {
    /// From the first calm to the last look. What the city does that it must not is in the history.
    async fn live(&mut self) -> Result<()> {
        let watching = watch::watch(&self.scene)?;
        self.recorder.phase(Phase::Calm);
        (self.say)("calm");
        let mut load = Load::start(self.plan.workload, &self.scene, &mut self.random);
        load.more(CALM_YES, CALM_WITHIN).await.context("before anything was broken")?;
        sleep((self.plan.length / CALM_PART).clamp(CALM.0, CALM.1)).await;

        self.recorder.phase(Phase::Faults);
        if let Err(error) = self.break_things().await? {
            self.met("a fault did not end", &error);
        }
        self.recorder.phase(Phase::Healed);
        (self.say)("healed; the city must find itself");
        if let Err(error) = self.find_itself().await {
            self.met("the city did not find itself", &error);
        }
        (self.say)("everybody goes home");
        drop(watching);
        if let Err(error) = load.finish().await {
            self.met("somebody met what must not be", &error);
        }
        if let Err(error) = self.come_to_rest().await {
            self.met("the city did not come to rest", &error);
        }
        self.recorder.phase(Phase::Evidence);
        (self.say)("asking each node what it has");
        if let Err(error) = self.gather().await {
            self.met("a node did not answer at the end", &error);
        }
        if let Err(error) = self.world.cluster.check_healthy() {
            self.met("a node is not well", &error);
        }
        self.recorder.phase(Phase::End);
        Ok(())
    }

    /// Writes trouble down.
    fn met(&self, what: &str, error: &anyhow::Error) {
        let trouble = format!("{what}: {error:#}");
        (self.say)(&trouble);
        let run = Process::Other(RUN.to_owned());
        let err = Some(trouble);
        self.recorder.record(Line { err, ..Line::new(run, LineKind::Info, TROUBLE) });
    }
}

/// A line of the run itself: something that must not be, in its `err`.
pub const TROUBLE: &str = "trouble";
