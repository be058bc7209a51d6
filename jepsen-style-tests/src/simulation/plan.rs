//! What a seed decides before anything happens: how the city is set up, what people do in it, and
//! which faults it meets.

use crate::random::Random;
use domain::mutant::Mutant;
use raft::{Snapshots, Timings};
use std::fmt;
use std::time::Duration;

/// What people do. Together the six fill every column of the matrix that a simulation can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Counts of dishes as registers, versions of menus as compare and set.
    Registers,
    /// Commands that touch several objects, and reads of several objects at one moment.
    Transactions,
    /// Orders, couriers and stock.
    Orders,
    /// Cards, a gateway that answers late, twice or no, and tips.
    Money,
    /// Readers of the feed on every node, while it is trimmed.
    Feed,
    /// Logins that are renewed, stolen and ended.
    Sessions,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Registers,
        Self::Transactions,
        Self::Orders,
        Self::Money,
        Self::Feed,
        Self::Sessions,
    ];

    /// What a command line and a history call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registers => "register",
            Self::Transactions => "transactions",
            Self::Orders => "orders",
            Self::Money => "money",
            Self::Feed => "feed",
            Self::Sessions => "sessions",
        }
    }
}

/// A kind of trouble. Each is its own lane, so that several are under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Any of the 64 states of the six directed links, and moves from one to the next.
    Cuts,
    /// Everything between two nodes is held back, and arrives late and all at once. Seen from the
    /// others this is a node that paused.
    Holds,
    /// Messages take as long as an election.
    Delays,
    /// Connections break by chance.
    Losses,
    /// A process ends without a word; what it gave to the system stays.
    Kills,
    /// The power fails, for one node or for all: what was not synced is gone.
    PowerLosses,
    /// The power of a node fails at the moment when it votes.
    SpitefulPowerLosses,
    /// Slow syncs, and syncs that fail.
    Disks,
    /// Wall clocks step and differ.
    Clocks,
    /// Leadership is handed over, snapshots are made at odd moments.
    Operators,
    /// A fourth node comes and goes.
    Members,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Cuts,
        Self::Holds,
        Self::Delays,
        Self::Losses,
        Self::Kills,
        Self::PowerLosses,
        Self::SpitefulPowerLosses,
        Self::Disks,
        Self::Clocks,
        Self::Operators,
        Self::Members,
    ];

    /// What a command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuts => "cuts",
            Self::Holds => "holds",
            Self::Delays => "delays",
            Self::Losses => "losses",
            Self::Kills => "kills",
            Self::PowerLosses => "power-losses",
            Self::SpitefulPowerLosses => "spiteful-power-losses",
            Self::Disks => "disks",
            Self::Clocks => "clocks",
            Self::Operators => "operators",
            Self::Members => "members",
        }
    }
}

/// Everything that a seed decides.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it all comes from.
    pub seed: u64,
    /// What people do.
    pub scenario: Scenario,
    /// What goes wrong meanwhile; nothing in some runs.
    pub troubles: Vec<Trouble>,
    /// One step of the simulation: what happens within it happens in any order.
    pub tick: Duration,
    /// The shortest and the longest way of a message while nothing is wrong.
    pub latency: (Duration, Duration),
    /// How long things go wrong, in simulated time.
    pub faulty: Duration,
    /// Milliseconds of wall clock in one millisecond: with more than one, deadlines that are
    /// minutes away come within a run.
    pub clock_rate: i64,
    /// How far a wall clock may be from the truth, in milliseconds.
    pub skew_ms: i64,
    /// How many people there are.
    pub people: usize,
    /// A person waits this long between two wishes, at most.
    pub pause: Duration,
    /// The cluster's own.
    pub timings: Timings,
    /// Small, so that snapshots are made, sent and installed.
    pub snapshots: Snapshots,
    /// A mistake that is made on purpose: by the whole process, so that only one life at a time can
    /// have one.
    pub mutant: Option<Mutant>,
}

impl Plan {
    /// What this seed decides.
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let scenario = Scenario::ALL[random.below(Scenario::ALL.len())];
        let mut troubles = Trouble::ALL.to_vec();
        random.shuffle(&mut troubles);
        troubles.truncate([0, 1, 2, 2, 3, 3, 4, 5][random.below(8)]);
        let millis = |ms: usize| Duration::from_millis(ms as u64);
        let election_min_ms = [150, 250, 250, 400][random.below(4)];
        let kept_entries = [5, 5, 20, 2_000][random.below(4)];
        Self {
            seed,
            scenario,
            troubles,
            tick: millis([1, 1, 2, 3][random.below(4)]),
            latency: (millis(1), millis([2, 5, 20, 40][random.below(4)])),
            faulty: Duration::from_secs(8 + random.below(16) as u64),
            clock_rate: [1, 10, 30][random.below(3)],
            skew_ms: [0, 500, 60_000, 3_600_000][random.below(4)],
            people: 2 + random.below(4),
            pause: millis([20, 60, 150][random.below(3)]),
            timings: Timings {
                heartbeat_ms: election_min_ms / 4,
                election_min_ms,
                election_max_ms: election_min_ms * 2,
                append_stall_ms: 1_500,
                flush_ms: [200, 1_000, 5_000][random.below(3)],
                drain_ms: 2_000,
            },
            snapshots: Snapshots {
                entries: [20, 20, 100, 1_000][random.below(4)],
                bytes: 256 << 20,
                seconds: 15,
                kept_entries,
                send_bytes_per_second: 64 << 20,
            },
            mutant: None,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let troubles: Vec<_> = self.troubles.iter().map(|trouble| trouble.name()).collect();
        let with = if troubles.is_empty() { "nothing".to_owned() } else { troubles.join(", ") };
        write!(f, "{} with {with}, {} s", self.scenario.name(), self.faulty.as_secs())
    }
}
