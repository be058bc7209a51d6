//! The groups of faults that a run may choose: the rows of the matrix.

use std::str::FromStr;

/// A group of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing is broken: the control.
    None,
    /// Links are cut, one way and both.
    Partition,
    /// SIGKILL.
    Kill,
    /// SIGSTOP.
    Pause,
    /// Power is lost, and with it what was not synced.
    Power,
    /// Packets are late, lost, doubled, overtaken or too many.
    Packets,
    /// The wall clock is wrong.
    Clock,
    /// The disk is full, broken, slow, or stops in the middle of a write.
    Disk,
    /// Files are damaged while a node is down.
    Corruption,
    /// Nodes join, leave and lose everything.
    Membership,
    /// One node after the other is restarted in good order.
    Restart,
    /// The payment gateway outside misbehaves.
    Gateway,
    /// Too little processor time.
    Cpu,
    /// Two to four of the others, mixed.
    Swarm,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::None,
        Self::Partition,
        Self::Kill,
        Self::Pause,
        Self::Power,
        Self::Packets,
        Self::Clock,
        Self::Disk,
        Self::Corruption,
        Self::Membership,
        Self::Restart,
        Self::Gateway,
        Self::Cpu,
        Self::Swarm,
    ];

    /// The word for it, on the command line and in reports.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// What it does, in one line.
    pub fn what(self) -> &'static str {
        self.words().1
    }

    /// Whether a swarm may contain it.
    pub(crate) fn swarms(self) -> bool {
        // What ends with another set of nodes takes too long to be one of several.
        !matches!(self, Self::None | Self::Swarm | Self::Corruption | Self::Membership)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("none", "nothing is broken: the control"),
            Self::Partition => ("partition", "each of the 36 link states: one way, both, bridges"),
            Self::Kill => ("kill", "SIGKILL of the leader, a follower, two, all"),
            Self::Pause => ("pause", "SIGSTOP beyond the leader's lease, and in quick turns"),
            Self::Power => {
                ("power", "power loss of one, the leader, two, all: only synced data stays")
            }
            Self::Packets => ("packets", "delay, rate clamp, loss, reordering, duplicates"),
            Self::Clock => ("clock", "the wall clock jumps an hour, strobes, runs at double speed"),
            Self::Disk => ("disk", "full, input/output errors, slow syncs, a torn write"),
            Self::Corruption => ("corruption", "bits flipped, files cut and rolled back on disk"),
            Self::Membership => ("membership", "nodes are wiped, replaced, added and removed"),
            Self::Restart => ("restart", "a rolling restart in good order"),
            Self::Gateway => {
                ("gateway", "answers lost, webhooks twice and late, 5xx, down, killed")
            }
            Self::Cpu => ("cpu", "a node gets a tenth of a processor"),
            Self::Swarm => ("swarm", "two to four of the others mixed, a quarter of it quiet"),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|kind| kind.name() == text);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
            format!("there is no nemesis {text}; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
        }
        assert!("cut".parse::<Kind>().is_err_and(|why| why.contains("partition")));
    }
}
