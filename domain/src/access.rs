//! Who may act for whom: people at restaurants and at the platform, and programs by their keys.

use crate::account::GrantStaff;
use crate::account::staff::grant_staff;
use crate::entry::{Actor, Stamp};
use crate::key::KeyCommand;
use crate::key::command::apply_key;
use crate::outcome::Outcome;
use crate::role::RoleCommand;
use crate::role::command::apply_role;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about what somebody may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AccessCommand {
    Staff(GrantStaff),
    Key(KeyCommand),
    Role(RoleCommand),
}

impl AccessCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Staff(_) => "grant_staff",
            Self::Key(c) => c.name(),
            Self::Role(c) => c.name(),
        }
    }

    /// The id of whom or what it is about.
    pub fn subject(&self) -> String {
        match self {
            Self::Staff(c) => c.account_id.to_string(),
            Self::Key(c) => c.key_id().to_string(),
            Self::Role(c) => c.account_id().to_string(),
        }
    }

    /// Why, where somebody has to say so.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Staff(_) | Self::Key(_) => None,
            Self::Role(c) => Some(c.reason()),
        }
    }
}

pub(crate) fn apply_access(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AccessCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        AccessCommand::Staff(wish) => grant_staff(city, stamp, actor, wish),
        AccessCommand::Key(wish) => apply_key(city, stamp, actor, wish),
        AccessCommand::Role(wish) => apply_role(city, stamp, actor, wish),
    }
}
