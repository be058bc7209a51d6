//! Who belongs to the city and who leads it, in words of our own.

use crate::types::CityNode;
use crate::wire::proto;

/// A node of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id, never used again after it has left.
    pub id: u64,
    /// `host:port` for the other nodes.
    pub raft_addr: String,
    /// `host:port` of its HTTP API.
    pub http_addr: String,
}

/// Who leads, as this node sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leadership {
    /// The leader, if there is one that this node knows.
    pub leader: Option<Member>,
    /// Its term. Grows with every election.
    pub term: u64,
    /// Whether that is this node. Another node may already have taken over: nothing that must be
    /// safe may rest on it.
    pub leads: bool,
}

/// What a node is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It leads.
    Leader,
    /// It votes and follows.
    Follower,
    /// It asks for votes.
    Candidate,
    /// It follows and has no vote, or belongs to no city yet.
    Learner,
    /// It has stopped.
    Stopped,
}

/// A member and how far its log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStatus {
    /// Who.
    pub member: Member,
    /// Whether it has a vote.
    pub voter: bool,
    /// The last entry it is known to hold. Only the leader knows it of others.
    pub matched: Option<u64>,
    /// Entries it lacks. Only the leader knows it.
    pub lag: Option<u64>,
}

/// This node, for operators and metrics. Indexes count entries of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Who this is.
    pub node_id: u64,
    /// What it is at the moment.
    pub role: Role,
    /// Grows with every election.
    pub term: u64,
    /// Who leads, as far as this node knows.
    pub leader: Option<Member>,
    /// The last entry in its log.
    pub last_log: Option<u64>,
    /// The last entry it knows to be held by a majority.
    pub committed: Option<u64>,
    /// The last entry that its state reflects.
    pub applied: u64,
    /// The entry at which its newest snapshot was made.
    pub snapshot: Option<u64>,
    /// The last entry that was removed from the front of its log.
    pub purged: Option<u64>,
    /// Everyone in the city.
    pub members: Vec<MemberStatus>,
    /// How long ago a majority last answered this leader, in milliseconds. `None` on others.
    pub millis_since_quorum_ack: Option<u64>,
    /// How long ago this follower last heard from the leader that it follows, in milliseconds.
    /// `None` on others, and where it has not heard from this one yet.
    pub millis_since_leader_heard: Option<u64>,
    /// Proposals between `propose` and their answer on this node.
    pub proposals_in_flight: usize,
    /// Why the node stopped, if it did.
    pub stopped: Option<String>,
}

impl Member {
    pub(crate) fn of(id: u64, node: &CityNode) -> Self {
        Self { id, raft_addr: node.raft_addr.clone(), http_addr: node.http_addr.clone() }
    }

    pub(crate) fn node(&self) -> CityNode {
        CityNode { raft_addr: self.raft_addr.clone(), http_addr: self.http_addr.clone() }
    }
}

impl From<&Member> for proto::Member {
    fn from(member: &Member) -> Self {
        Self { id: member.id, node: Some((&member.node()).into()) }
    }
}

impl From<proto::Member> for Member {
    fn from(member: proto::Member) -> Self {
        let node = member.node.unwrap_or_default();
        Self { id: member.id, raft_addr: node.raft_addr, http_addr: node.http_addr }
    }
}
