//! Everything that can be asked of keys. One variant is one file.

use super::make::{MakeKey, make_key};
use super::revoke::{RevokeKey, revoke_key};
use crate::entry::{Actor, Stamp};
use crate::ids::ApiKeyId;
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum KeyCommand {
    Make(MakeKey),
    Revoke(RevokeKey),
}

impl KeyCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Make(_) => "make_key",
            Self::Revoke(_) => "revoke_key",
        }
    }

    /// Which key.
    pub fn key_id(&self) -> ApiKeyId {
        match self {
            Self::Make(c) => c.key_id,
            Self::Revoke(c) => c.key_id,
        }
    }
}

pub(crate) fn apply_key(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: KeyCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        KeyCommand::Make(wish) => make_key(city, stamp, actor, wish),
        KeyCommand::Revoke(wish) => revoke_key(city, stamp, actor, wish),
    }
}
