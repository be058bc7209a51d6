//! A city that can be broken: begins a fault, ends it, and says each time what is known for sure.

use super::abilities::Abilities;
use super::cpu::Starved;
use super::fault::{Fault, cut_links};
use super::kind::Kind;
use super::strobe::Strobe;
use crate::cluster::{Cluster, Setup};
use crate::disk::corrupt::Wound;
use crate::gateway::Gateway;
use crate::leftovers;
use crate::preload::DiskCounts;
use crate::process::Pulse;
use crate::random::Random;
use crate::transport::Dropped;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A directed link: from which node to which.
pub(crate) type Link = (u64, u64);

/// Nodes, what lies between and under them, the gateway outside, and what is broken just now.
#[derive(Debug)]
pub struct World {
    /// The nodes.
    pub cluster: Cluster,
    /// The payment gateway, if the run has one.
    pub gateway: Option<Gateway>,
    pub(super) random: Random,
    pub(super) voters: BTreeSet<u64>,
    abilities: Abilities,
    /// Who led when somebody was last seen to.
    leader: Option<u64>,
    active: Vec<Active>,
}

/// A fault that lasts.
#[derive(Debug)]
struct Active {
    fault: Fault,
    nodes: Vec<u64>,
    held: Held,
}

/// What is kept while a fault lasts, to end it and to prove it.
#[derive(Debug)]
pub(super) enum Held {
    Nothing,
    /// Those that our signal has ended.
    Killed(Vec<u64>),
    Cut(BTreeMap<Link, Dropped>),
    Paused(BTreeMap<u64, Pulse>),
    Strobes(BTreeMap<u64, Strobe>),
    Disks(BTreeMap<u64, DiskCounts>),
    Clocks(BTreeMap<u64, i64>, Vec<Strobe>),
    Wounds(BTreeMap<u64, Wound>),
    Restarted(Value),
    Joined(u64),
    Misdeeds(BTreeMap<String, u64>),
    /// All nodes, and what had been counted for each disturbed one before.
    Disturbed(Vec<u64>, BTreeMap<u64, u64>),
    Starved(BTreeMap<u64, Starved>),
}

/// What begins: what is told about it, and what is kept.
pub(super) type Begun = (Map<String, Value>, Held);

/// What was seen of a fault that is over: a number that is 0 if it has not happened, and the rest.
pub(super) type Seen = (u64, Value);

impl World {
    /// Starts a city in `dir`, which is not there yet, with a gateway if the setup has a port for
    /// it. What runs left behind that are gone is cleared away first.
    ///
    /// # Errors
    /// The city does not come up, or this machine has not what the setup wants.
    pub async fn start(dir: &Path, setup: Setup) -> Result<Self> {
        for removed in leftovers::sweep() {
            eprintln!("removed what a run left behind that is gone: {removed}");
        }
        let mut random = Random::new(setup.seed);
        let cluster = Cluster::start(dir, setup).await?;
        let gateway = match setup.gateway_port {
            Some(port) => {
                let seed = random.below(usize::MAX) as u64;
                Some(Gateway::start(dir, port, seed, &cluster).await?)
            }
            None => None,
        };
        let voters = cluster.ids().into_iter().collect();
        let abilities = Abilities::of(&setup);
        Ok(Self { cluster, gateway, random, voters, abilities, leader: None, active: Vec::new() })
    }

    /// What this run has to break things with.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Whether something of a kind can be made here.
    ///
    /// # Errors
    /// Why not, and what would help.
    pub fn possible(&self, kind: Kind) -> Result<(), String> {
        self.abilities.kind(kind)
    }

    /// Whether there are numbers left for the nodes that come in the course of this fault. A long
    /// run may use them up.
    pub fn has_room_for(&self, fault: &Fault) -> bool {
        let newcomers = match fault {
            Fault::Corrupt(who, ..) | Fault::Wipe(who) | Fault::Remove(who) => {
                who.among(&self.cluster.ids()).len() as u64
            }
            Fault::Join => 1,
            Fault::Cut(..)
            | Fault::Packets(..)
            | Fault::Kill(_)
            | Fault::Pause(_)
            | Fault::Strobe(..)
            | Fault::RollingRestart
            | Fault::Starve(..)
            | Fault::PowerLoss(_)
            | Fault::Disk(..)
            | Fault::Clock(..)
            | Fault::Gateway(_) => 0,
        };
        newcomers <= self.cluster.ids_left()
    }

    /// Breaks something. What is known of it at once: which `nodes`, who was the `leader`, whether
    /// a `quorum` can work while it lasts (with whatever else is broken), and more, depending on
    /// what it is.
    ///
    /// # Errors
    /// It could not be done: the run is worth nothing, and the city may be half broken.
    pub async fn begin(&mut self, fault: &Fault) -> Result<Value> {
        self.abilities.fault(fault).map_err(anyhow::Error::msg).context(fault.name())?;
        self.reap()?;
        let places = self.places().await;
        let nodes = fault.who().map(|who| who.among(&places)).unwrap_or_default();
        let begun = self.break_down(fault, &places, &nodes).await;
        let (mut details, held) = begun.with_context(|| format!("to begin: {fault:?}"))?;
        let nodes = match &held {
            Held::Cut(links) => links.keys().flat_map(|(from, to)| [*from, *to]).collect(),
            Held::Nothing
            | Held::Killed(_)
            | Held::Paused(_)
            | Held::Strobes(_)
            | Held::Disks(_)
            | Held::Clocks(..)
            | Held::Wounds(_)
            | Held::Joined(_)
            | Held::Restarted(_)
            | Held::Misdeeds(_)
            | Held::Disturbed(..)
            | Held::Starved(_) => nodes,
        };
        let told: BTreeSet<_> = nodes.iter().copied().collect();
        details.insert("nodes".to_owned(), json!(told));
        details.insert("leader".to_owned(), json!(self.leader));
        self.active.push(Active { fault: fault.clone(), nodes, held });
        details.insert("quorum".to_owned(), json!(self.quorum()));
        Ok(Value::Object(details))
    }

    /// Ends what [`Self::begin`] began, and says what the system counted meanwhile; null if that is
    /// nothing, for then it has not happened. When nothing else is broken, every node that should
    /// run is ready afterwards.
    ///
    /// # Errors
    /// It did not begin, or it could not be ended: what the text says may be the city's fault.
    pub async fn end(&mut self, fault: &Fault) -> Result<Value> {
        let at = self.active.iter().rposition(|active| active.fault == *fault);
        let at = at.with_context(|| format!("it has not begun: {fault:?}"))?;
        let Active { fault, nodes, held } = self.active.remove(at);
        let mended = self.mend(&fault, &nodes, held).await;
        let (count, mut observed) = mended.with_context(|| format!("to end: {fault:?}"))?;
        if self.active.is_empty() {
            self.all_ready().await.with_context(|| format!("after {fault:?}"))?;
        }
        if count == 0 {
            return Ok(Value::Null);
        }
        observed["count"] = json!(count);
        Ok(observed)
    }

    /// Ends everything that is broken, the last first, and waits until all nodes are ready.
    ///
    /// # Errors
    /// As [`Self::end`].
    pub async fn heal_all(&mut self) -> Result<Vec<(Fault, Value)>> {
        let mut healed = Vec::new();
        while let Some(last) = self.active.last() {
            let fault = last.fault.clone();
            let observed = self.end(&fault).await?;
            healed.push((fault, observed));
        }
        self.all_ready().await?;
        Ok(healed)
    }

    /// Loses the power of these nodes, and gives it back: what is told of both.
    ///
    /// # Errors
    /// As [`Self::begin`] and [`Self::end`].
    pub async fn power_cycle(&mut self, who: super::Who) -> Result<(Value, Value)> {
        let fault = Fault::PowerLoss(who);
        Ok((self.begin(&fault).await?, self.end(&fault).await?))
    }

    /// Whether enough nodes are well, and hear each other, for anything to be acknowledged.
    pub fn quorum(&self) -> bool {
        let ill = |id: &u64| {
            self.active.iter().any(|active| active.fault.disables() && active.nodes.contains(id))
        };
        let well: Vec<_> = self.voters.iter().copied().filter(|id| !ill(id)).collect();
        let cut: BTreeSet<Link> = self
            .active
            .iter()
            .filter_map(|active| match &active.held {
                Held::Cut(links) => Some(links.keys().copied()),
                Held::Nothing
                | Held::Killed(_)
                | Held::Paused(_)
                | Held::Strobes(_)
                | Held::Disks(_)
                | Held::Clocks(..)
                | Held::Wounds(_)
                | Held::Joined(_)
                | Held::Restarted(_)
                | Held::Misdeeds(_)
                | Held::Disturbed(..)
                | Held::Starved(_) => None,
            })
            .flatten()
            .collect();
        let hear = |a: u64, b: u64| !cut.contains(&(a, b)) && !cut.contains(&(b, a));
        let majority = self.voters.len() / 2 + 1;
        well.iter().any(|leader| {
            well.iter().filter(|other| *other == leader || hear(*leader, **other)).count()
                >= majority
        })
    }

    async fn break_down(&mut self, fault: &Fault, places: &[u64], nodes: &[u64]) -> Result<Begun> {
        match fault {
            Fault::Cut(cuts, manner) => {
                self.begin_cut(*cuts, *manner, &cut_links(*cuts, places)).await
            }
            Fault::Packets(_, packets) => self.begin_packets(nodes, *packets).await,
            Fault::Kill(_) => self.begin_kill(nodes).await,
            Fault::Pause(_) => self.begin_pause(nodes).await,
            Fault::Strobe(_, every) => self.begin_strobe(nodes, *every),
            Fault::RollingRestart => self.rolling_restart().await,
            Fault::Starve(_, percent) => self.begin_starve(nodes, *percent),
            Fault::PowerLoss(_) => self.begin_power_loss(nodes).await,
            Fault::Disk(_, disk) => self.begin_disk(nodes, *disk).await,
            Fault::Corrupt(_, store, damage) => self.begin_corrupt(nodes, *store, *damage).await,
            Fault::Clock(_, clock) => self.begin_clock(nodes, *clock),
            Fault::Wipe(_) => self.begin_wipe(nodes).await,
            Fault::Remove(_) => self.begin_remove(nodes).await,
            Fault::Join => self.begin_join().await,
            Fault::Gateway(what) => self.begin_gateway(*what).await,
        }
    }

    async fn mend(&mut self, fault: &Fault, nodes: &[u64], held: Held) -> Result<Seen> {
        match (held, fault) {
            (Held::Cut(before), _) => self.end_cut(before).await,
            (Held::Disturbed(all, before), _) => self.end_packets(&all, &before).await,
            (Held::Paused(pulses), _) => self.end_pause(&pulses),
            (Held::Strobes(strobes), _) => self.end_strobe(strobes),
            (Held::Starved(starved), _) => end_starve(starved),
            (Held::Restarted(took), _) => {
                Ok((took.as_object().map_or(0, Map::len) as u64, json!({"took_ms": took})))
            }
            (Held::Disks(before), Fault::Disk(_, disk)) => self.end_disk(&before, *disk).await,
            (Held::Clocks(before, strobes), _) => self.end_clock(&before, strobes),
            (Held::Wounds(wounds), Fault::Corrupt(_, store, _)) => {
                self.end_corrupt(&wounds, *store).await
            }
            (Held::Joined(id), _) => self.end_join(id).await,
            (Held::Misdeeds(before), _) => self.end_gateway(&before).await,
            (Held::Nothing, Fault::Gateway(_)) => self.end_gateway_kill().await,
            (Held::Nothing, Fault::Wipe(_) | Fault::Remove(_)) => self.replace(nodes).await,
            (Held::Nothing, Fault::PowerLoss(_)) => self.end_power_loss(nodes).await,
            (Held::Killed(killed), _) => self.end_kill(nodes, &killed),
            (Held::Nothing | Held::Disks(_) | Held::Wounds(_), _) => Ok((0, Value::Null)),
        }
    }

    /// The nodes, the one that leads first.
    async fn places(&mut self) -> Vec<u64> {
        let sights = self.cluster.sights().await;
        let leads = sights.iter().filter(|(_, sight)| sight.role == "leader");
        let leads = leads.max_by_key(|(_, sight)| sight.term).map(|(id, _)| *id);
        // Without one, who led last is the best guess.
        self.leader = leads.or(self.leader);
        let mut places = self.cluster.ids();
        places.sort_by_key(|id| (Some(*id) != self.leader, *id));
        places
    }

    /// Starts these nodes again, but not those that something else holds down.
    pub(super) fn restart(&mut self, nodes: &[u64]) -> Result<()> {
        for id in nodes {
            let held = self
                .active
                .iter()
                .any(|active| active.fault.keeps_down() && active.nodes.contains(id));
            if !held && !self.cluster.runs(*id) {
                self.cluster.restart(*id)?;
            }
        }
        Ok(())
    }

    /// Takes note of nodes that gave up because their disk did, as they should.
    fn reap(&mut self) -> Result<()> {
        for active in self.active.iter().filter(|active| matches!(active.held, Held::Disks(_))) {
            for id in &active.nodes {
                self.cluster.process(*id)?.try_ended()?;
            }
        }
        Ok(())
    }

    /// Strobes of a process that goes must go before it: its number may become another one's.
    pub(super) fn end_strobes_of(&mut self, nodes: &[u64]) {
        for active in &mut self.active {
            if let Held::Strobes(strobes) = &mut active.held {
                strobes.retain(|id, _| !nodes.contains(id));
            }
        }
    }

    async fn all_ready(&mut self) -> Result<()> {
        for id in self.cluster.ids() {
            ensure!(self.cluster.runs(id), "node {id} does not run, and nothing holds it down");
            self.cluster.wait_ready(id).await?;
        }
        Ok(())
    }
}

fn end_starve(starved: BTreeMap<u64, Starved>) -> Result<Seen> {
    let mut throttled = 0;
    for starved in starved.values() {
        throttled += starved.throttled()?;
    }
    Ok((throttled, json!({"throttled": throttled})))
}
