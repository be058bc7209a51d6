//! What goes wrong. Each kind of trouble that a seed has chosen goes its own way: something begins,
//! holds for a while, ends, and after a rest begins again. At the end everything is whole.

use super::disk::Disk;
use super::plan::Trouble;
use super::stage::{Order, Stage};
use super::watch::Watch;
use super::{MOST_NODES, host, node};
use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use storage::SyncFault;
use turmoil::Sim;

/// The directed links between the first three nodes.
const LINKS: [(u64, u64); 6] = [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)];
/// A state of them has a bit for each, set if it works.
const STATES: usize = 1 << LINKS.len();
/// The state in which all work.
const WHOLE: usize = STATES - 1;

/// Something that is wrong at the moment.
#[derive(Clone, Debug)]
enum Fault {
    /// Only some links work.
    Links,
    /// Nothing gets through between the two, and all of it at the end.
    Held(u64, u64),
    /// All messages are slow.
    Slow,
    /// Connections between the two break by chance.
    Lossy(u64, u64),
    /// These are dead.
    Dead(Vec<u64>),
    /// This disk is slow.
    SlowDisk(u64),
    /// Something that needs no end.
    Done,
}

/// One kind of trouble.
#[derive(Debug)]
struct Lane {
    trouble: Trouble,
    random: Random,
    next: Duration,
    now: Option<Fault>,
}

/// All that goes wrong in a run.
#[derive(Debug)]
pub(super) struct Faults {
    lanes: Vec<Lane>,
    disks: BTreeMap<u64, Disk>,
    dead: BTreeSet<u64>,
    /// Nodes that exist.
    pub(super) born: BTreeSet<u64>,
    random: Random,
    offsets: BTreeMap<u64, i64>,
    /// The longest way of a message while nothing is wrong.
    latency: Duration,
    /// Whom each node has promised its vote, a step ago.
    promises: BTreeMap<u64, Option<(u64, u64)>>,
    /// How often each thing happened.
    pub(super) counts: BTreeMap<&'static str, u64>,
}

impl Faults {
    pub(super) fn new(stage: &Arc<Stage>, random: &mut Random, disks: BTreeMap<u64, Disk>) -> Self {
        let troubles = stage.plan.troubles.iter();
        let lanes = troubles.map(|trouble| Lane {
            trouble: *trouble,
            random: random.fork(),
            next: Duration::ZERO,
            now: None,
        });
        Self {
            lanes: lanes.collect(),
            disks,
            dead: BTreeSet::new(),
            born: (1..=3).collect(),
            random: random.fork(),
            offsets: BTreeMap::new(),
            latency: stage.plan.latency.1,
            promises: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Clocks go on; each at its own distance from the truth.
    pub(super) fn turn_clocks(&self, stage: &Arc<Stage>, sim: &Sim<'static>) {
        let elapsed = i64::try_from(sim.elapsed().as_millis()).unwrap_or(i64::MAX);
        let truth = super::BEGIN_MS + elapsed * stage.plan.clock_rate;
        for id in 1..=MOST_NODES {
            let offset = self.offsets.get(&id).copied().unwrap_or(0);
            stage.clock(id).store(truth + offset, Ordering::Relaxed);
        }
    }

    /// Nodes that have stopped by themselves, as after a failed sync, are started again.
    pub(super) fn restart_stopped(&mut self, sim: &mut Sim<'static>, watch: &mut Watch) {
        for id in self.born.clone() {
            if !self.dead.contains(&id) && !sim.is_host_running(host(id)) {
                self.disks[&id].kill();
                watch.forget(id);
                sim.bounce(host(id));
            }
        }
    }

    /// One step of all that goes wrong.
    pub(super) fn step(&mut self, stage: &Arc<Stage>, sim: &mut Sim<'static>, watch: &mut Watch) {
        self.restart_stopped(sim, watch);
        let now = sim.elapsed();
        let mut lanes = std::mem::take(&mut self.lanes);
        for lane in &mut lanes {
            if lane.trouble == Trouble::SpitefulPowerLosses && lane.now.is_none() {
                if let Some(voter) = self.somebody_votes(&mut lane.random) {
                    self.count("power lost while voting");
                    lane.now = Some(self.crash(stage, sim, watch, vec![voter], true));
                    lane.next = now + between(&mut lane.random, 50, 2_000);
                }
                continue;
            }
            if now < lane.next {
                continue;
            }
            lane.next = now + between(&mut lane.random, 100, 2_500);
            match lane.now.take() {
                Some(Fault::Links) if lane.random.below(2) == 0 => {
                    // From one state to another, without health between.
                    lane.now = Some(self.cut(stage, sim, &mut lane.random));
                }
                Some(fault) => self.end(sim, watch, fault),
                None => lane.now = self.begin(stage, sim, watch, lane),
            }
            if matches!(&lane.now, Some(Fault::Dead(dead)) if dead.len() == 1)
                && lane.random.below(4) == 0
            {
                // So long that the others throw away what this one lacks: it needs a snapshot.
                lane.next = now + between(&mut lane.random, 3_000, 7_000);
            }
        }
        self.lanes = lanes;
    }

    fn begin(
        &mut self,
        stage: &Arc<Stage>,
        sim: &mut Sim<'static>,
        watch: &mut Watch,
        lane: &mut Lane,
    ) -> Option<Fault> {
        let random = &mut lane.random;
        let id = 1 + random.below(3) as u64;
        let other = id % 3 + 1;
        Some(match lane.trouble {
            Trouble::Cuts => self.cut(stage, sim, random),
            Trouble::Holds => {
                self.count("hold");
                sim.hold(host(id), host(other));
                Fault::Held(id, other)
            }
            Trouble::Delays => {
                self.count("delay");
                let longest = stage.plan.timings.election_max_ms;
                sim.set_max_message_latency(Duration::from_millis(longest));
                Fault::Slow
            }
            Trouble::Losses => {
                self.count("loss");
                sim.set_link_fail_rate(host(id), host(other), 0.02);
                Fault::Lossy(id, other)
            }
            Trouble::Kills => {
                let dead = some_of(random, &self.born);
                self.count("kill");
                self.crash(stage, sim, watch, dead, false)
            }
            Trouble::PowerLosses => {
                let dead = some_of(random, &self.born);
                self.count("power loss");
                self.crash(stage, sim, watch, dead, true)
            }
            Trouble::SpitefulPowerLosses => return None,
            Trouble::Disks if random.below(3) == 0 && !self.dead.contains(&id) => {
                self.count("failed sync");
                let fault = if random.below(2) == 0 { SyncFault::Io } else { SyncFault::NoSpace };
                self.disks[&id].fail_next_sync(fault);
                Fault::Done
            }
            Trouble::Disks => {
                self.count("slow disk");
                self.disks[&id].slow_down(between(random, 20, 600));
                Fault::SlowDisk(id)
            }
            Trouble::Clocks => {
                self.count("clock step");
                let most = usize::try_from(2 * stage.plan.skew_ms + 1).unwrap_or(1);
                let offset = random.below(most) as i64 - stage.plan.skew_ms;
                self.offsets.insert(id, offset);
                Fault::Done
            }
            Trouble::Operators => {
                let order = match random.below(3) {
                    0 => Order::Transfer(None),
                    1 => Order::Transfer(Some(other)),
                    _ => Order::Snapshot,
                };
                self.count("order");
                self.tell(stage, id, order);
                Fault::Done
            }
            Trouble::Members => self.members(stage, sim, random, id),
        })
    }

    fn end(&mut self, sim: &mut Sim<'static>, watch: &mut Watch, fault: Fault) {
        match fault {
            Fault::Links => self.set_links(sim, WHOLE),
            Fault::Held(a, b) => sim.release(host(a), host(b)),
            Fault::Slow => sim.set_max_message_latency(self.latency),
            Fault::Lossy(a, b) => {
                sim.set_link_fail_rate(host(a), host(b), 0.0);
                sim.repair(host(a), host(b));
            }
            Fault::Dead(ids) => self.start(sim, watch, &ids),
            Fault::SlowDisk(id) => self.disks[&id].at_usual_speed(),
            Fault::Done => {}
        }
    }

    /// Everything is whole again.
    pub(super) fn heal(&mut self, stage: &Arc<Stage>, sim: &mut Sim<'static>, watch: &mut Watch) {
        let mut lanes = std::mem::take(&mut self.lanes);
        for fault in lanes.iter_mut().filter_map(|lane| lane.now.take()) {
            self.end(sim, watch, fault);
        }
        let born: Vec<u64> = self.born.iter().copied().collect();
        for (place, a) in born.iter().enumerate() {
            for b in &born[place + 1..] {
                sim.release(host(*a), host(*b));
                sim.repair(host(*a), host(*b));
            }
        }
        sim.set_max_message_latency(stage.plan.latency.1);
        self.offsets.clear();
        self.start(sim, watch, &born);
    }

    fn cut(&mut self, stage: &Arc<Stage>, sim: &Sim<'static>, random: &mut Random) -> Fault {
        let state = random.below(STATES);
        self.count("cut");
        self.set_links(sim, state);
        if self.born.contains(&4) {
            // The fourth node meets the same fate as some other.
            for id in 1..=3 {
                if random.below(3) == 0 {
                    sim.partition_oneway(host(4), host(id));
                }
            }
        }
        tracing::debug!(state, at = ?sim.elapsed(), phase = ?stage.phase(), "links");
        Fault::Links
    }

    fn set_links(&self, sim: &Sim<'static>, state: usize) {
        for (bit, (from, to)) in LINKS.into_iter().enumerate() {
            match state >> bit & 1 {
                0 => sim.partition_oneway(host(from), host(to)),
                _ => sim.repair_oneway(host(from), host(to)),
            }
        }
        if self.born.contains(&4) && state == WHOLE {
            (1..=3).for_each(|id| sim.repair(host(4), host(id)));
        }
    }

    /// They end at one moment. turmoil closes their connections in both cases, as a kernel does for
    /// a process that was killed: that nobody hears it after a power loss is not simulated.
    fn crash(
        &mut self,
        stage: &Arc<Stage>,
        sim: &mut Sim<'static>,
        watch: &mut Watch,
        ids: Vec<u64>,
        power: bool,
    ) -> Fault {
        let ids: Vec<u64> = ids.into_iter().filter(|id| !self.dead.contains(id)).collect();
        for id in &ids {
            self.dead.insert(*id);
            watch.forget(*id);
            stage.living().remove(id);
            let lost = match power {
                true => self.disks[id].lose_power(&mut self.random),
                false => self.disks[id].kill(),
            };
            tracing::debug!(id, power, lost, at = ?sim.elapsed(), "crash");
            *self.counts.entry("writes lost").or_default() += lost as u64;
            sim.crash(host(*id));
        }
        Fault::Dead(ids)
    }

    fn start(&mut self, sim: &mut Sim<'static>, watch: &mut Watch, ids: &[u64]) {
        for id in ids {
            if self.dead.remove(id) {
                watch.forget(*id);
                sim.bounce(host(*id));
            }
        }
    }

    /// Somebody has told another node since the last step whom it votes for. It is on its way.
    fn somebody_votes(&mut self, random: &mut Random) -> Option<u64> {
        let mut voted = None;
        for id in &self.born {
            let promise = raft::promise_of(*id);
            let before = self.promises.insert(*id, promise).flatten();
            if promise > before && !self.dead.contains(id) && random.below(2) == 0 {
                voted = Some(*id);
            }
        }
        voted
    }

    fn members(
        &mut self,
        stage: &Arc<Stage>,
        sim: &mut Sim<'static>,
        random: &mut Random,
        id: u64,
    ) -> Fault {
        if !self.born.contains(&4) {
            self.count("joined");
            self.born.insert(4);
            super::add_host(stage, sim, self.disks[&4].clone(), 4);
            return Fault::Done;
        }
        let order = match random.below(3) {
            0 => Order::Remove(4),
            _ => Order::Add(node::member(4)),
        };
        self.count("members");
        self.tell(stage, id, order);
        Fault::Done
    }

    fn tell(&self, stage: &Arc<Stage>, id: u64, order: Order) {
        if let Some(node) = stage.living().get(&id) {
            tracing::debug!(id, ?order, "order");
            let _ = node.orders.send(order);
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// One, two, three, or all of them.
fn some_of(random: &mut Random, born: &BTreeSet<u64>) -> Vec<u64> {
    let mut all: Vec<u64> = born.iter().copied().collect();
    random.shuffle(&mut all);
    all.truncate([1, 1, 1, 2, 2, 3, all.len()][random.below(7)]);
    all
}

fn between(random: &mut Random, shortest_ms: usize, longest_ms: usize) -> Duration {
    Duration::from_millis((shortest_ms + random.below(longest_ms - shortest_ms)) as u64)
}
