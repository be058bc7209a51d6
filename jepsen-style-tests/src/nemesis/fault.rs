//! One fault: what is done to whom. Nodes are told by their part in the city, so that a script is
//! made before anybody knows who will lead.

use super::links::{Cuts, LEADER, PLACES};
use std::time::Duration;

/// Whom a fault hits, as things stand when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The node that leads.
    Leader,
    /// One that does not: the first or the second, by id.
    Follower(usize),
    /// The leader and this follower.
    Two(usize),
    /// All followers.
    Followers,
    /// Every node.
    All,
}

impl Who {
    /// Their ids: `places` has the leader first, and then the others.
    pub fn among(self, places: &[u64]) -> Vec<u64> {
        let follower = |n: usize| 1 + n % places.len().saturating_sub(1).max(1);
        let at = |place: usize| places.get(place).copied();
        match self {
            Self::Leader => at(LEADER).into_iter().collect(),
            Self::Follower(n) => at(follower(n)).into_iter().collect(),
            Self::Two(n) => [at(LEADER), at(follower(n))].into_iter().flatten().collect(),
            Self::Followers => places.iter().skip(1).copied().collect(),
            Self::All => places.to_vec(),
        }
    }
}

/// How a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nothing arrives and nobody is told, as with a pulled cable.
    Silent,
    /// Connections are reset and new ones refused, as with a firewall that answers.
    Loud,
}

/// What is wrong with the packets of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packets {
    /// They take so much longer, and up to `jitter_ms` more.
    Delay {
        /// Always.
        delay_ms: u64,
        /// By chance, on top.
        jitter_ms: u64,
    },
    /// So many of a hundred are lost.
    Loss {
        /// Of a hundred.
        percent: u8,
    },
    /// So many of a hundred arrive twice.
    Duplicate {
        /// Of a hundred.
        percent: u8,
    },
    /// So many of a hundred are overtaken by later ones.
    Reorder {
        /// Of a hundred.
        percent: u8,
    },
    /// The link carries only so much.
    Rate {
        /// A thousand bits a second.
        kbit_s: u32,
    },
}

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It takes no more bytes.
    Full,
    /// Writes and syncs fail.
    Broken,
    /// Each sync takes so much longer.
    Slow {
        /// For each.
        delay_ms: u64,
    },
    /// The next write to the log stops half-way, and the node dies there.
    Torn,
}

/// What is wrong with a clock. The monotonic one, which timers use, is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It jumps once, and back at the end.
    Step {
        /// Forward or back.
        by_s: i64,
    },
    /// It jumps there and back again and again.
    Strobe {
        /// Forward or back.
        by_s: i64,
        /// Between two jumps.
        every_ms: u64,
    },
    /// It runs so many thousandths of the right speed.
    Drift {
        /// 2000 is twice as fast.
        thousandths: u32,
    },
}

/// Which file of a stopped node is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// The write-ahead log of the database.
    Wal,
    /// One of its tables.
    Table,
    /// Its list of tables.
    Manifest,
    /// A snapshot of the city.
    Snapshot,
}

/// How it is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit is turned over.
    Flip,
    /// The last part is gone.
    Truncate,
    /// A part in the middle is as it was on an empty disk.
    RollBack,
}

/// What the gateway does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayFault {
    /// What was asked is done, and the answer gets lost.
    AnswersLost,
    /// Messages come twice.
    Duplicates,
    /// Messages come late, so that later ones overtake them.
    Reordered,
    /// It answers 500 and 503, done or not.
    Errors,
    /// It answers nobody.
    Down,
    /// It is killed, and comes back with its journal.
    Killed,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Links are cut, told by places: 0 leads.
    Cut(Cuts, Manner),
    /// SIGKILL; back at the end.
    Kill(Who),
    /// SIGSTOP; goes on at the end.
    Pause(Who),
    /// Stopped and going on in turn, for so long each.
    Strobe(Who, Duration),
    /// Power is lost: what was not synced is gone; back at the end.
    PowerLoss(Who),
    /// Something is wrong with the disk.
    Disk(Who, Disk),
    /// Something is wrong with the wall clock.
    Clock(Who, Clock),
    /// Stopped, damaged, started; rebuilt at the end.
    Corrupt(Who, Store, Damage),
    /// One after the other is asked to end, and started again.
    RollingRestart,
    /// It loses its disk; another one takes its place at the end.
    Wipe(Who),
    /// One more node joins; it leaves at the end.
    Join,
    /// The city forgets a node that runs; another one takes its place at the end.
    Remove(Who),
    /// Something is wrong with packets.
    Packets(Who, Packets),
    /// Too little processor time: a hundredth part is `percent`.
    Starve(Who, u8),
    /// The gateway outside.
    Gateway(GatewayFault),
}

impl Fault {
    /// What a history calls any of them.
    pub const NAMES: [&str; 22] = [
        "clock",
        "corrupt",
        "corrupt_snapshot",
        "cut",
        "delay",
        "disk_full",
        "duplicate",
        "eio",
        "gateway",
        "join",
        "kill",
        "loss",
        "pause",
        "power_loss",
        "rate",
        "remove",
        "reorder",
        "restart",
        "slow_disk",
        "starve",
        "torn_write",
        "wipe",
    ];

    /// What a history calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cut(..) => "cut",
            Self::Kill(_) => "kill",
            Self::Pause(_) | Self::Strobe(..) => "pause",
            Self::PowerLoss(_) => "power_loss",
            Self::Disk(_, disk) => match disk {
                Disk::Full => "disk_full",
                Disk::Broken => "eio",
                Disk::Slow { .. } => "slow_disk",
                Disk::Torn => "torn_write",
            },
            Self::Clock(..) => "clock",
            // A spare copy: whoever has it works on, and who gets it refuses it.
            Self::Corrupt(_, Store::Snapshot, _) => "corrupt_snapshot",
            Self::Corrupt(..) => "corrupt",
            Self::RollingRestart => "restart",
            Self::Wipe(_) => "wipe",
            Self::Join => "join",
            Self::Remove(_) => "remove",
            Self::Packets(_, packets) => match packets {
                Packets::Delay { .. } => "delay",
                Packets::Loss { .. } => "loss",
                Packets::Duplicate { .. } => "duplicate",
                Packets::Reorder { .. } => "reorder",
                Packets::Rate { .. } => "rate",
            },
            Self::Starve(..) => "starve",
            Self::Gateway(_) => "gateway",
        }
    }

    /// Whether its words, as a run tells them, have this one: `wal` or `leader`; all are meant if
    /// there is none.
    pub fn is_meant(&self, only: Option<&str>) -> bool {
        let words = format!("{self:?} {}", self.name()).to_lowercase();
        only.is_none_or(|only| words.contains(&only.to_lowercase()))
    }

    /// Whom it hits, where it hits nodes by their part.
    pub fn who(&self) -> Option<Who> {
        match self {
            Self::Kill(who)
            | Self::Pause(who)
            | Self::Strobe(who, _)
            | Self::PowerLoss(who)
            | Self::Disk(who, _)
            | Self::Clock(who, _)
            | Self::Corrupt(who, ..)
            | Self::Wipe(who)
            | Self::Remove(who)
            | Self::Packets(who, _)
            | Self::Starve(who, _) => Some(*who),
            Self::Cut(..) | Self::RollingRestart | Self::Join | Self::Gateway(_) => None,
        }
    }

    /// Whether a node that it hits can do nothing for the city while it lasts.
    pub fn disables(&self) -> bool {
        match self {
            Self::Kill(_)
            | Self::Pause(_)
            | Self::Strobe(..)
            | Self::PowerLoss(_)
            | Self::Corrupt(..)
            | Self::Wipe(_)
            | Self::Remove(_)
            | Self::Starve(..) => true,
            Self::Disk(_, disk) => match disk {
                Disk::Full | Disk::Broken | Disk::Torn => true,
                Disk::Slow { .. } => false,
            },
            Self::Cut(..)
            | Self::Clock(..)
            | Self::RollingRestart
            | Self::Join
            | Self::Packets(..)
            | Self::Gateway(_) => false,
        }
    }

    /// Whether a node that it hits must not be started while it lasts.
    pub(super) fn keeps_down(&self) -> bool {
        matches!(self, Self::Kill(_) | Self::PowerLoss(_) | Self::Wipe(_))
    }
}

/// The cut links as ids: `places` has the leader first. Links of places that are not there do not
/// count.
pub(crate) fn cut_links(cuts: Cuts, places: &[u64]) -> Vec<(u64, u64)> {
    let known = &places[..places.len().min(PLACES)];
    let ids = |(from, to): (usize, usize)| Some((*known.get(from)?, *known.get(to)?));
    cuts.links().into_iter().filter_map(ids).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_it_hits_depends_on_who_leads() {
        let places = [7, 2, 9];
        assert_eq!(Who::Leader.among(&places), [7]);
        assert_eq!(Who::Follower(0).among(&places), [2]);
        assert_eq!(Who::Follower(3).among(&places), [9]);
        assert_eq!(Who::Two(1).among(&places), [7, 9]);
        assert_eq!(Who::Followers.among(&places), [2, 9]);
        assert_eq!(Who::All.among(&places), [7, 2, 9]);
        assert_eq!(cut_links(Cuts::of([(0, 1), (2, 0)]), &places), [(7, 2), (9, 7)]);
        assert_eq!(cut_links(Cuts::of([(0, 1), (2, 0)]), &places[..2]), [(7, 2)]);
    }
}
