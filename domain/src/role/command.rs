//! Everything that can be asked of roles. One variant is one file.

use super::grant::{GrantRole, grant_role};
use super::take::{TakeRole, take_role};
use crate::entry::{Actor, Stamp};
use crate::ids::AccountId;
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about somebody's role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RoleCommand {
    Grant(GrantRole),
    Take(TakeRole),
}

impl RoleCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Grant(_) => "grant_role",
            Self::Take(_) => "take_role",
        }
    }

    /// Whose role.
    pub fn account_id(&self) -> AccountId {
        match self {
            Self::Grant(c) => c.account_id,
            Self::Take(c) => c.account_id,
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Self::Grant(c) => &c.reason,
            Self::Take(c) => &c.reason,
        }
    }
}

pub(crate) fn apply_role(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RoleCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        RoleCommand::Grant(wish) => grant_role(city, stamp, actor, wish),
        RoleCommand::Take(wish) => take_role(city, stamp, actor, wish),
    }
}
