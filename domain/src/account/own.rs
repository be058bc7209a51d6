//! What somebody does with their own account.

use super::belongings::{ChangeBelongings, change_belongings};
use super::erase::{ErasePerson, erase_person};
use super::export::{ExportPerson, export_person};
use super::password::{SetPassword, set_password};
use super::profile::{ChangeProfile, change_profile};
use super::session::{CloseAllSessions, close_all_sessions};
use crate::entry::{Actor, Stamp};
use crate::ids::AccountId;
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about a whole account: of the person themselves, or of an operator in their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum OwnCommand {
    CloseAllSessions(CloseAllSessions),
    SetPassword(SetPassword),
    Erase(ErasePerson),
    Export(ExportPerson),
    Profile(ChangeProfile),
    Belongings(ChangeBelongings),
}

impl OwnCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CloseAllSessions(_) => "close_all_sessions",
            Self::SetPassword(_) => "set_password",
            Self::Erase(_) => "erase_person",
            Self::Export(_) => "export_person",
            Self::Profile(_) => "change_profile",
            Self::Belongings(c) => c.change.name(),
        }
    }

    /// Whose account.
    pub fn account_id(&self) -> AccountId {
        match self {
            Self::CloseAllSessions(c) => c.account_id,
            Self::SetPassword(c) => c.account_id,
            Self::Erase(c) => c.account_id,
            Self::Export(c) => c.account_id,
            Self::Profile(c) => c.account_id,
            Self::Belongings(c) => c.account_id,
        }
    }

    /// Why, where an operator has to say so.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::CloseAllSessions(_)
            | Self::SetPassword(_)
            | Self::Profile(_)
            | Self::Belongings(_) => None,
            Self::Erase(c) => c.reason.as_deref(),
            Self::Export(c) => c.reason.as_deref(),
        }
    }
}

pub(crate) fn apply_own(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: OwnCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        OwnCommand::CloseAllSessions(wish) => close_all_sessions(city, stamp, actor, wish),
        OwnCommand::SetPassword(wish) => set_password(city, stamp, actor, wish),
        OwnCommand::Erase(wish) => erase_person(city, stamp, actor, wish),
        OwnCommand::Export(wish) => export_person(city, stamp, actor, wish),
        OwnCommand::Profile(wish) => change_profile(city, stamp, actor, wish),
        OwnCommand::Belongings(wish) => change_belongings(city, stamp, actor, wish),
    }
}
