//! Errors, by what the caller may do next. "Did not happen" and "may have happened" are never
//! mixed.

use crate::member::Member;

/// Why a proposal has no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// This attempt left no trace in the log. Send it again, here or at the leader. It says nothing
    /// about an earlier attempt with the same id.
    #[error("not proposed: {why}")]
    NotProposed {
        /// Who leads, as far as this node knows.
        leader: Option<Member>,
        /// What stood in the way.
        why: Refusal,
    },
    /// It may be in the log and may still be applied. Send it again only with the same ids, which
    /// make a repeat harmless.
    #[error("the verdict is unknown: {why}")]
    Unknown {
        /// What went wrong after it was handed over.
        why: Doubt,
    },
}

/// What kept a proposal out of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The city has no leader that this node could reach until the deadline.
    #[error("the city has no leader right now")]
    NoLeader,
    /// The leader has not heard from a majority for a while, or has only just been elected.
    #[error("the leader does not hear from a majority")]
    NoQuorum,
    /// Leadership is being handed over.
    #[error("leadership is being handed over")]
    Transferring,
    /// As many proposals are under way as this node accepts, or its disk is almost full. Slow down.
    #[error("too many proposals are under way, or the disk is almost full")]
    Overloaded,
    /// It is larger than [`PROPOSAL_BYTES`](crate::PROPOSAL_BYTES). Sending it again is useless.
    #[error("the proposal is too large")]
    TooLarge,
    /// The leader cannot read it: it is older than this node. Wait for the end of the upgrade.
    #[error("the leader cannot read this proposal")]
    Unreadable,
    /// The node is stopping or has stopped.
    #[error("the node has stopped")]
    Stopped,
}

/// Why nobody can say whether a proposal happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The deadline passed after it was handed over.
    #[error("no answer before the deadline")]
    Deadline,
    /// Another leader took over before it was committed; it may have kept the entry.
    #[error("the leader changed before the entry was committed")]
    LeaderChanged,
    /// The leader's answer was lost on the way.
    #[error("the connection to the leader was lost")]
    ConnectionLost,
    /// The node stopped in the middle of it.
    #[error("the node stopped")]
    Stopped,
}

/// Why a read cannot be answered at the asked level. A read may always be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The city has no leader that this node could reach until the deadline.
    #[error("the city has no leader right now")]
    NoLeader,
    /// The leader cannot prove that it still leads.
    #[error("the leader does not hear from a majority")]
    NoQuorum,
    /// This replica has not come as far as asked within the deadline.
    #[error("this replica is at {applied}, not yet at {wanted}")]
    Behind {
        /// What it has applied.
        applied: u64,
        /// What was asked for.
        wanted: u64,
    },
    /// The node is stopping or has stopped.
    #[error("the node has stopped")]
    Stopped,
}

/// Why the members of the city did not change as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembershipError {
    /// Nothing was changed. Ask again in a moment, or ask the leader.
    #[error("nothing was changed: {why}")]
    NotProposed {
        /// Who leads, as far as this node knows.
        leader: Option<Member>,
        /// What stood in the way.
        why: Refusal,
    },
    /// Nothing was changed, and asking again is useless.
    #[error("nothing was changed: {0}")]
    Invalid(String),
    /// A part of it may have happened. Look at `status()`, then ask again.
    #[error("it may have been changed in part: {0}")]
    Unknown(String),
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings make no sense. Correct them.
    #[error("{0}")]
    Settings(String),
    /// The data directory belongs to another node or city. Give this node its own directory.
    #[error("the data directory is of {found}, not of {wanted}")]
    Identity {
        /// Who wrote it.
        found: String,
        /// Who this node is told to be.
        wanted: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: std::net::SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Certificates or keys are unusable. Correct them.
    #[error("the certificates cannot be used")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk could not be read or written.
    #[error("the data directory cannot be used")]
    Storage(#[from] storage::Error),
    /// A file of the data directory could not be read or written.
    #[error("{doing} failed")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What is stored does not fit together. The node must be replaced.
    #[error("the stored log and state do not fit together: {0}")]
    Stored(String),
}
