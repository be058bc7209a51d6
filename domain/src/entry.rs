//! What the log carries: who wants what, and the moment the leader stamped on it.

use crate::command::Command;
use crate::ids::{AccountId, ApiKeyId, SessionId};
use crate::key::KeyOwner;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who is behind a command. Proven by the node that took the request, checked again by `apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A person, by a token of this session that was signed when the account had this epoch.
    Account {
        /// The person.
        account_id: AccountId,
        /// Their login.
        session_id: Option<SessionId>,
        /// A ban or a logout everywhere raises the account's epoch and so ends every older token.
        epoch: u32,
    },
    /// Nobody yet: signing up and logging in.
    Anyone,
    /// A task of the leader: deadlines, dispatch, the gateway's answers.
    System,
    /// A program, by a key that somebody made for it.
    Key {
        /// Which.
        key_id: ApiKeyId,
        /// For whom it acts.
        owner: KeyOwner,
        /// Who made it: it may what they may, at most.
        account_id: AccountId,
    },
}

/// A wish on its way to the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Who wants it.
    pub actor: Actor,
    /// The request it came with, for logs and the audit chain.
    pub request_id: String,
    /// What they want.
    pub command: Command,
}

/// Where and when an entry stands in the log. `at` never moves back from entry to entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Position in the city's log.
    pub index: u64,
    /// The leader's time.
    pub at: Timestamp,
}
