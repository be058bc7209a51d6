//! Planted bugs: a harness that has never caught anything proves nothing. With the feature
//! `mutants`, and only in a process that was told to, one of these mistakes is made on purpose;
//! `fdchaos mutants` and the simulation measure how long each one lives.
//!
//! Without the feature [`is_planted`] is a constant no, and nothing of this is in the program.

use std::fmt;
use std::str::FromStr;

/// One mistake that somebody could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mutant {
    /// The raft log acknowledges at once and reaches the disk a moment later.
    AckBeforeFsync = 1,
    /// A vote is given before it is durable.
    VoteNotSynced,
    /// A linearizable read is answered by whoever believes to lead, without asking the others.
    StaleRead,
    /// A snapshot from the leader arrives without its orders.
    ForgetfulSnapshot,
    /// A refund goes to the gateway under another name at each attempt.
    RefundTwice,
    /// A reader of the feed who comes back misses the first event.
    FeedSkips,
    /// Entries are decided at the time of each replica's own clock.
    LocalClock,
    /// A courier's yes counts whoever was asked.
    DoubleAssignment,
    /// Whoever orders gets a portion, whether there is one or not.
    StockUnchecked,
    /// A node remembers for a while that a login was good.
    RevocationCached,
    /// What is damaged in the raft log is passed over.
    ChecksumIgnored,
    /// The same idempotency key makes another order each time.
    KeyIgnored,
    /// What waits for a moment happens some seconds before it.
    EarlyTimer,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AckBeforeFsync,
        Self::VoteNotSynced,
        Self::StaleRead,
        Self::ForgetfulSnapshot,
        Self::RefundTwice,
        Self::FeedSkips,
        Self::LocalClock,
        Self::DoubleAssignment,
        Self::StockUnchecked,
        Self::RevocationCached,
        Self::ChecksumIgnored,
        Self::KeyIgnored,
        Self::EarlyTimer,
    ];

    /// As it is called on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AckBeforeFsync => "ack_before_fsync",
            Self::VoteNotSynced => "vote_not_synced",
            Self::StaleRead => "stale_read",
            Self::ForgetfulSnapshot => "forgetful_snapshot",
            Self::RefundTwice => "refund_twice",
            Self::FeedSkips => "feed_skips",
            Self::LocalClock => "local_clock",
            Self::DoubleAssignment => "double_assignment",
            Self::StockUnchecked => "stock_unchecked",
            Self::RevocationCached => "revocation_cached",
            Self::ChecksumIgnored => "checksum_ignored",
            Self::KeyIgnored => "key_ignored",
            Self::EarlyTimer => "early_timer",
        }
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mutant {
    type Err = NoSuchMutant;

    fn from_str(name: &str) -> Result<Self, NoSuchMutant> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name).ok_or(NoSuchMutant)
    }
}

/// Nobody has thought of this mistake yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchMutant;

impl fmt::Display for NoSuchMutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such mutant; one of")?;
        Mutant::ALL.into_iter().try_for_each(|mutant| write!(f, " {mutant}"))
    }
}

impl std::error::Error for NoSuchMutant {}

/// Whether this process makes this mistake.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
pub const fn is_planted(_: Mutant) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub use planting::{is_planted, plant};

#[cfg(feature = "mutants")]
mod planting {
    use super::Mutant;
    use std::sync::atomic::{AtomicU8, Ordering};

    static PLANTED: AtomicU8 = AtomicU8::new(0);

    /// From now on this process makes this mistake, or none.
    pub fn plant(mutant: Option<Mutant>) {
        PLANTED.store(mutant.map_or(0, |mutant| mutant as u8), Ordering::Relaxed);
    }

    /// Whether this process makes this mistake.
    pub fn is_planted(mutant: Mutant) -> bool {
        PLANTED.load(Ordering::Relaxed) == mutant as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for mutant in Mutant::ALL {
            assert_eq!(mutant.name().parse(), Ok(mutant));
        }
        assert_eq!("none".parse::<Mutant>(), Err(NoSuchMutant));
    }
}
