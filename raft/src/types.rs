//! The types that openraft is instantiated with. They stay inside this crate.

use bytes::Bytes;
use domain::Verdict;
use openraft::alias::{EntryOf, LogIdOf, SnapshotMetaOf, StoredMembershipOf, VoteOf};
use std::fmt;

/// A proposal with the leader's time. The proposal stays in the bytes that its proposer wrote:
/// log, wire and apply share them without a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Stamped once, by the leader that appended the entry.
    pub(crate) at_ms: i64,
    /// `storage::codec` of a `domain::Proposal`.
    pub(crate) proposal: Bytes,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proposal of {} bytes at {} ms", self.proposal.len(), self.at_ms)
    }
}

/// What the state machine answers to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The entry was openraft's own: a blank one or a membership.
    Internal,
    /// The entry was a command.
    Verdict(Verdict),
}

/// Where a node of the city can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CityNode {
    pub(crate) raft_addr: String,
    pub(crate) http_addr: String,
}

openraft::declare_raft_types!(
    pub(crate) TypeConfig:
        D = Command,
        R = Answer,
        NodeId = u64,
        Node = CityNode,
        AsyncRuntime = crate::world::Runtime,
);

pub(crate) type Entry = EntryOf<TypeConfig>;
pub(crate) type LogId = LogIdOf<TypeConfig>;
pub(crate) type Membership = openraft::Membership<u64, CityNode>;
pub(crate) type SnapshotMeta = SnapshotMetaOf<TypeConfig>;
pub(crate) type StoredMembership = StoredMembershipOf<TypeConfig>;
pub(crate) type Vote = VoteOf<TypeConfig>;
