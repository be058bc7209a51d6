//! Which faults are possible in a run, and why the others are not: what is missing is said in the
//! report, never skipped in silence.

use super::fault::{Clock, Disk, Fault, GatewayFault, Packets, Store, Who};
use super::kind::Kind;
use super::links::Cuts;
use super::{Manner, cpu};
use crate::cluster::Setup;
use crate::disk::volume;
use crate::preload;
use crate::transport::Choice;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a run has to break things with.
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    transport: Choice,
    volumes: bool,
    preload: bool,
    gateway: bool,
}

impl Abilities {
    /// Those of a run that is set up like this.
    pub fn of(setup: &Setup) -> Self {
        Self {
            transport: setup.transport,
            volumes: setup.volume_mb.is_some(),
            preload: setup.preload,
            gateway: setup.gateway_port.is_some(),
        }
    }

    /// Whether a fault can be made.
    ///
    /// # Errors
    /// Why not, and what would help.
    pub fn fault(&self, fault: &Fault) -> Result<(), String> {
        match fault {
            Fault::Cut(..) if self.transport == Choice::Direct => {
                Err("there is nothing between the nodes that could be cut".to_owned())
            }
            Fault::Cut(..)
            | Fault::Kill(_)
            | Fault::Pause(_)
            | Fault::Strobe(..)
            | Fault::Corrupt(..)
            | Fault::RollingRestart
            | Fault::Wipe(_)
            | Fault::Join
            | Fault::Remove(_) => Ok(()),
            Fault::PowerLoss(_) => self.volumes(),
            Fault::Disk(_, Disk::Full) => self.volumes().or_else(|_| self.preload()),
            Fault::Disk(_, Disk::Broken | Disk::Slow { .. } | Disk::Torn) | Fault::Clock(..) => {
                self.preload()
            }
            Fault::Packets(_, packets) => self.transport.carries(*packets),
            Fault::Starve(..) => cpu::possible(),
            Fault::Gateway(_) if self.gateway => Ok(()),
            Fault::Gateway(_) => Err("this run has no gateway outside".to_owned()),
        }
    }

    /// Whether something of a kind can be made.
    ///
    /// # Errors
    /// Why nothing of it.
    pub fn kind(&self, kind: Kind) -> Result<(), String> {
        let mut why = Ok(());
        for fault in samples(kind) {
            why = self.fault(&fault);
            if why.is_ok() {
                return Ok(());
            }
        }
        why
    }

    /// The names of all faults that can be made.
    pub fn possible(&self) -> Vec<&'static str> {
        self.sorted().into_iter().filter(|(_, why)| why.is_ok()).map(|(name, _)| name).collect()
    }

    /// The names of all faults that cannot, and why.
    pub fn impossible(&self) -> BTreeMap<&'static str, String> {
        let mut missing: BTreeMap<_, _> =
            self.sorted().into_iter().filter_map(|(name, why)| Some((name, why.err()?))).collect();
        // Kept in memory and built anew at each start, so there is no file to damage.
        let index = "the search index has no files: it lies in memory, built from the state";
        missing.insert("corrupt_search_index", index.to_owned());
        missing
    }

    fn sorted(&self) -> BTreeMap<&'static str, Result<(), String>> {
        let all = Kind::ALL.iter().flat_map(|kind| samples(*kind));
        all.map(|fault| (fault.name(), self.fault(&fault))).collect()
    }

    fn volumes(&self) -> Result<(), String> {
        match self.volumes {
            true => Ok(()),
            false => Err(match volume::possible() {
                Ok(()) => "this run has no volumes".to_owned(),
                Err(why) => format!("power and room need a volume for each node: {why}"),
            }),
        }
    }

    fn preload(&self) -> Result<(), String> {
        match self.preload {
            true => Ok(()),
            false => Err(match preload::possible() {
                Ok(()) => "nothing is loaded before the nodes of this run".to_owned(),
                Err(why) => format!("steered clocks and disks need a small library: {why}"),
            }),
        }
    }
}

impl Setup {
    /// The same with whatever this machine has for faults of this kind.
    #[must_use]
    pub fn ready_for(mut self, kind: Kind) -> Self {
        let (power, disk, clock) = match kind {
            Kind::Power => (true, false, false),
            Kind::Disk => (true, true, false),
            Kind::Clock => (false, false, true),
            Kind::Swarm => (true, true, true),
            Kind::None
            | Kind::Partition
            | Kind::Kill
            | Kind::Pause
            | Kind::Packets
            | Kind::Corruption
            | Kind::Membership
            | Kind::Restart
            | Kind::Gateway
            | Kind::Cpu => (false, false, false),
        };
        if power && volume::possible().is_ok() {
            self.volume_mb = Some(VOLUME_MB);
        }
        self.preload |= (disk || clock) && preload::possible().is_ok();
        // In namespaces nodes do not trust plain text.
        self.certificates |= self.transport == Choice::Namespaces;
        self
    }
}

/// Room for a node's data, and for a snapshot besides it.
const VOLUME_MB: u64 = 512;

/// One fault of each sort that a kind consists of.
fn samples(kind: Kind) -> Vec<Fault> {
    let who = Who::Leader;
    match kind {
        Kind::None => Vec::new(),
        Kind::Partition => vec![Fault::Cut(Cuts::NONE, Manner::Silent)],
        Kind::Kill => vec![Fault::Kill(who)],
        Kind::Pause => vec![Fault::Pause(who), Fault::Strobe(who, Duration::ZERO)],
        Kind::Power => vec![Fault::PowerLoss(who)],
        Kind::Packets => [
            Packets::Delay { delay_ms: 0, jitter_ms: 0 },
            Packets::Rate { kbit_s: 1 },
            Packets::Loss { percent: 0 },
            Packets::Reorder { percent: 0 },
            Packets::Duplicate { percent: 0 },
        ]
        .map(|packets| Fault::Packets(who, packets))
        .into(),
        Kind::Clock => vec![Fault::Clock(who, Clock::Step { by_s: 0 })],
        Kind::Disk => [Disk::Full, Disk::Broken, Disk::Slow { delay_ms: 0 }, Disk::Torn]
            .map(|disk| Fault::Disk(who, disk))
            .into(),
        Kind::Corruption => {
            vec![Fault::Corrupt(who, Store::Wal, super::fault::Damage::Flip)]
        }
        Kind::Membership => vec![Fault::Wipe(who), Fault::Join, Fault::Remove(who)],
        Kind::Restart => vec![Fault::RollingRestart],
        Kind::Gateway => vec![Fault::Gateway(GatewayFault::Down)],
        Kind::Cpu => vec![Fault::Starve(who, 0)],
        Kind::Swarm => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_possible_says_why() {
        let bare = Abilities::of(&Setup::default());
        let (possible, impossible) = (bare.possible(), bare.impossible());
        assert!(possible.contains(&"kill") && !possible.contains(&"cut"), "{possible:?}");
        for name in ["cut", "power_loss", "eio", "clock", "gateway", "corrupt_search_index"] {
            assert!(impossible.contains_key(name), "{name}");
        }
        let proxies = Setup { transport: Choice::Proxy, ..Setup::default() };
        let proxies = Abilities::of(&proxies);
        assert!(proxies.kind(Kind::Partition).is_ok());
        assert!(proxies.kind(Kind::Packets).is_ok(), "a part of it is enough");
        assert!(proxies.kind(Kind::Gateway).is_err());
        assert!(proxies.kind(Kind::Swarm).is_ok() && proxies.kind(Kind::None).is_ok());
    }
}
