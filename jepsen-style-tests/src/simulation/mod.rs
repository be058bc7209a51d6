//! Whole cities in one thread, where a seed decides everything: the real domain, the real log and
//! the real storage over simulated disks, sockets and clocks (docs/adr/0016-simulation.md).
//!
//! A run has three parts. A city is founded and furnished (`scenario`). People use it at all nodes
//! (`people`, `door`) while things go wrong (`faults`), and after every step all nodes are looked
//! at (`watch`). Then everything is healed, must work again in time, and is judged (`judge`).
//!
//! The same seed does the same again, byte by byte: that is a test of its own, and the reason why a
//! seed that fails is a bug report.

mod disk;
mod door;
mod export;
mod faults;
mod judge;
mod life;
mod node;
mod people;
mod plan;
mod records;
mod scenario;
mod stage;
mod sum;
pub mod sweep;
mod twice;
mod watch;

pub use plan::{Plan, Scenario, Trouble};

use crate::history::History;
use crate::random::Random;
use anyhow::{Context, Result};
use disk::Disk;
use domain::Verdict;
use domain::mutant::plant;
use door::{Answer, Question};
use faults::Faults;
use people::{Person, Title, nothing};
use raft::Role;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stage::{Phase, Stage, proposal};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use turmoil::Sim;
use watch::Watch;

/// Nodes that a city has at most: three, and one that comes and goes.
const MOST_NODES: u64 = 4;
/// Noon of the day on which every script begins, in milliseconds since 1970.
const BEGIN_MS: i64 = 1_772_409_600_000 + 12 * 3_600_000;
/// After this everything must work again.
const RECOVERY: Duration = Duration::from_secs(30);
/// A deadline that was due so long ago must have been fired.
const LATE: Duration = Duration::from_secs(6);
/// Simulated time that a run may take.
const LONGEST: Duration = Duration::from_secs(300);
/// Real time that a run may take, also on a machine that has much else to do: longer is a fault of
/// the harness.
const PATIENCE: Duration = Duration::from_secs(600);

/// The beginning of the name of every folder with the files of simulated nodes.
const FOLDER: &str = "fdsim-";

/// What became of a seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Which one.
    pub seed: u64,
    /// What it was to be, in words.
    pub plan: String,
    /// What must not be and was: empty if all is well.
    pub violations: Vec<String>,
    /// Questions that were asked.
    pub asked: usize,
    /// Of these, so many with a definite answer.
    pub answered: usize,
    /// Entries that were committed.
    pub entries: usize,
    /// The newest term.
    pub terms: u64,
    /// Snapshots made or installed.
    pub snapshots: u64,
    /// Of these, so many came from another node.
    pub installed: usize,
    /// How often each fault happened.
    pub faults: BTreeMap<String, u64>,
    /// Simulated time.
    pub simulated_ms: u64,
    /// Real time.
    pub took_ms: u64,
    /// Over all that was asked, heard and committed: equal for equal seeds.
    pub digest: String,
}

/// Lives through one seed. Its files lie below `root`, in a folder that is removed at the end.
/// Returns also what people did, for other checkers.
///
/// **Once in a process.** Tokio counts its tasks for the whole process, and ends the tasks of a
/// crashed node in an order that follows from these numbers: a second life would not be the same.
///
/// # Errors
/// The harness failed: this says nothing about the city.
pub fn run(plan: &Plan, root: &Path) -> Result<(Report, History)> {
    let began = Instant::now();
    let folder = tempfile::Builder::new().prefix(FOLDER).tempdir_in(root);
    let folder = folder.context("making a folder for the nodes")?;
    raft::set_seed(plan.seed);
    plant(plan.mutant);
    let mut random = Random::new(plan.seed ^ 0x5eed);
    let stage = Arc::new(Stage::new(plan.clone(), folder.path().to_owned()));
    let disks =
        (1..=MOST_NODES).map(|id| (id, Disk::new(plan.seed ^ id))).collect::<BTreeMap<_, _>>();
    let mut faults = Faults::new(&stage, &mut random, disks.clone());
    let mut watch = Watch::default();
    let mut sim = builder(plan).build();
    faults.turn_clocks(&stage, &sim);
    for id in 1..=3 {
        add_host(&stage, &mut sim, disks[&id].clone(), id);
    }
    let crowd = people_of(stage.clone(), random.fork());
    sim.client("people", crowd);
    let lived =
        catch_unwind(AssertUnwindSafe(|| drive(&stage, &mut sim, &mut faults, &mut watch, began)));
    match lived {
        Ok(lived) => lived?,
        Err(panic) => stage.complain(format!("panic: {}", words_of(&*panic))),
    }
    let over_ms =
        BEGIN_MS + i64::try_from(sim.elapsed().as_millis()).unwrap_or(i64::MAX) * plan.clock_rate;
    // Whoever judges makes no mistakes.
    plant(None);
    judge::judge(&stage, &watch, over_ms);
    let simulated = sim.elapsed();
    stage.living().clear();
    drop(catch_unwind(AssertUnwindSafe(move || drop(sim))));
    let report = report(&stage, &watch, faults.counts, (simulated, began.elapsed()));
    let history = export::history(plan, &stage.ops());
    Ok((report, history))
}

fn builder(plan: &Plan) -> turmoil::Builder {
    let mut builder = turmoil::Builder::new();
    builder
        .rng_seed(plan.seed)
        .epoch(std::time::UNIX_EPOCH + Duration::from_millis(BEGIN_MS.unsigned_abs()))
        .tick_duration(plan.tick)
        .min_message_latency(plan.latency.0)
        .max_message_latency(plan.latency.1)
        .simulation_duration(LONGEST)
        .tcp_capacity(1_024)
        .enable_random_order();
    builder
}

/// The name of a node's host.
fn host(id: u64) -> String {
    format!("node-{id}")
}

fn add_host(stage: &Arc<Stage>, sim: &mut Sim<'static>, disk: Disk, id: u64) {
    let stage = stage.clone();
    sim.host(host(id), move || node::live(stage.clone(), disk.clone(), id));
}

/// Steps until everybody has finished and every node is where the others are.
fn drive(
    stage: &Arc<Stage>,
    sim: &mut Sim<'static>,
    faults: &mut Faults,
    watch: &mut Watch,
    began: Instant,
) -> Result<()> {
    let (mut faulty_since, mut healed_at) = (None, None);
    loop {
        anyhow::ensure!(began.elapsed() < PATIENCE, "the simulation takes too long");
        let now = sim.elapsed();
        faults.turn_clocks(stage, sim);
        match stage.phase() {
            Phase::Furnishing => {
                anyhow::ensure!(now < RECOVERY, "the city is not furnished in time")
            }
            Phase::Faulty if now < *faulty_since.get_or_insert(now) + stage.plan.faulty => {
                faults.step(stage, sim, watch);
            }
            Phase::Faulty => {
                faults.heal(stage, sim, watch);
                healed_at = Some(now);
                stage.phase.send_replace(Phase::Healed);
            }
            Phase::Healed | Phase::Over => {
                faults.restart_stopped(sim, watch);
                let late = healed_at.is_none_or(|healed| now > healed + RECOVERY);
                let rested = healed_at.is_some_and(|healed| now > healed + LATE + LATE);
                let converged = stage.phase() == Phase::Over && converged(stage);
                if converged && rested {
                    return Ok(());
                }
                if late {
                    stage.complain(format!("liveness: {}", lacks(stage)));
                    return Ok(());
                }
            }
        }
        if let Err(error) = sim.step() {
            stage.complain(format!("a host failed: {error}"));
            return Ok(());
        }
        watch.look(stage);
    }
}

/// Whether there is one leader whom all follow, and all members have applied the same.
fn converged(stage: &Stage) -> bool {
    let living = stage.living();
    let statuses: Vec<_> = living.values().map(|node| node.city.status()).collect();
    let leaders: Vec<_> = statuses.iter().filter(|it| it.role == Role::Leader).collect();
    let [leader] = leaders.as_slice() else { return false };
    leader.members.iter().all(|member| {
        let member = statuses.iter().find(|status| status.node_id == member.member.id);
        member.is_some_and(|status| {
            status.applied == leader.applied
                && status.last_log == leader.last_log
                && status.leader.as_ref().map(|it| it.id) == Some(leader.node_id)
        })
    })
}

/// What is missing in a city that did not recover, in words.
fn lacks(stage: &Stage) -> String {
    let living = stage.living();
    let told = living.iter().map(|(id, node)| {
        let status = node.city.status();
        let leader = status.leader.map_or(0, |leader| leader.id);
        format!(
            "{id}: {:?} term {} leader {leader} applied {}",
            status.role, status.term, status.applied
        )
    });
    let told: Vec<_> = told.collect();
    let phase = stage.phase();
    format!("not recovered in {} s ({phase:?}): {}", RECOVERY.as_secs(), told.join("; "))
}

/// Everybody who uses the city, from its founding to the last question.
async fn people_of(stage: Arc<Stage>, mut random: Random) -> turmoil::Result {
    let numbers = Arc::new(AtomicU64::new(1));
    let mut founder = Person::new(stage.clone(), random.fork(), numbers.clone());
    furnish(&mut founder).await;
    stage.phase.send_replace(Phase::Faulty);
    let people = (0..stage.plan.people).map(|number| {
        let person = Person::new(stage.clone(), random.fork(), numbers.clone());
        tokio::spawn(scenario::live(person, number))
    });
    for person in people.collect::<Vec<_>>() {
        person.await?;
    }
    let mut healed = stage.phase.subscribe();
    healed.wait_for(|phase| *phase >= Phase::Healed).await?;
    for node in 1..=3 {
        until_it_works(&mut founder, node).await;
    }
    stage.phase.send_replace(Phase::Over);
    // Whoever still waits for the others to catch up is not a person.
    std::future::pending().await
}

/// Says what the script has said, until all of it is done.
async fn furnish(founder: &mut Person) {
    let entries = {
        let mut script = founder.stage.script();
        for line in scenario::furniture() {
            script.line(&line);
        }
        script.entries.clone()
    };
    for (number, (_, actor, command)) in entries.into_iter().enumerate() {
        let name = format!("f{number}");
        let wish = proposal((actor, command), &name);
        let title = Title::new("furnish", name.clone(), nothing());
        let question = Question::Propose(Box::new(wish));
        while !matches!(
            founder.ask(1, &title, Some(name.clone()), question.clone()).await,
            Answer::Applied(_, Verdict::Yes { .. } | Verdict::No(_))
        ) {}
    }
}

/// A write and a read at this node, again and again: the driver says when it is too late.
async fn until_it_works(founder: &mut Person, node: u64) {
    let kitchen = scenario::KITCHENS[0];
    let title = Title::new("probe", super::simulation::host(node), nothing());
    loop {
        let number = founder.number();
        let wish = founder.stage.wish(&format!("quote q{number} at {kitchen} by alice: 1 tea"));
        let name = format!("p{number}");
        let question = Question::Propose(Box::new(proposal(wish, &name)));
        // A no of the city is an answer too: the kitchen may have nothing left.
        if matches!(founder.ask(node, &title, Some(name), question).await, Answer::Applied(..)) {
            break;
        }
    }
    while !matches!(
        founder.ask(node, &title, None, Question::Read(Vec::new())).await,
        Answer::Records(..)
    ) {}
}

fn report(
    stage: &Stage,
    watch: &Watch,
    faults: BTreeMap<&'static str, u64>,
    (simulated, took): (Duration, Duration),
) -> Report {
    let ops = stage.ops();
    let mut digest = Sha256::new();
    for op in ops.iter() {
        digest.update(format!("{op:?}\n"));
    }
    for committed in watch.log() {
        digest.update(format!("{:?}\n", committed.entry));
    }
    let definite = |answer: &Answer| !matches!(answer, Answer::Unknown(_));
    let answered = ops.iter().filter(|op| op.heard.as_ref().is_some_and(|(_, it)| definite(it)));
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Report {
        seed: stage.plan.seed,
        plan: stage.plan.to_string(),
        violations: stage.complaints(),
        asked: ops.len(),
        answered: answered.count(),
        entries: watch.log().count(),
        terms: watch.newest_term,
        snapshots: watch.snapshots,
        installed: watch.installed(),
        faults: faults.into_iter().map(|(what, count)| (what.to_owned(), count)).collect(),
        simulated_ms: millis(simulated),
        took_ms: millis(took),
        digest: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "without words".to_owned())
}
