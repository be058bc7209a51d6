//! Programs that act for a restaurant or for the city, each by a key that somebody made for it.
//!
//! A key may what its maker may, for the one owner it was made for and within its scopes. All of
//! that is read from the city in the entry itself: a key that was revoked, a maker who was banned
//! or has left, end it from their own index on.

pub(crate) mod command;
mod make;
mod revoke;
mod scope;

pub use command::KeyCommand;
pub use make::MakeKey;
pub use revoke::RevokeKey;
pub use scope::Scope;

use crate::account::{OperatorRole, StaffRole};
use crate::authority::{is_operator, works_at};
use crate::command::Command;
use crate::entry::{Actor, Stamp};
use crate::ids::{AccountId, ApiKeyId, RestaurantId};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// For whom a program acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOwner {
    /// The platform. Operators make such keys.
    City,
    /// One restaurant. Its managers make them.
    Restaurant(RestaurantId),
}

impl KeyOwner {
    /// The restaurant, if it is one.
    pub fn restaurant_id(self) -> Option<RestaurantId> {
        match self {
            Self::City => None,
            Self::Restaurant(id) => Some(id),
        }
    }

    /// Whether its keys reach this restaurant.
    pub fn covers(self, restaurant_id: RestaurantId) -> bool {
        self.restaurant_id().is_none_or(|id| id == restaurant_id)
    }
}

/// All keys of one owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeys {
    /// Whose.
    pub owner: KeyOwner,
    /// Oldest first; those that have run out are there until the next one is made.
    pub keys: Vec<ApiKey>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl ApiKeys {
    /// The key of this name.
    pub fn get(&self, id: ApiKeyId) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

/// What a program shows instead of a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its name, which is no secret.
    pub id: ApiKeyId,
    /// Who made it, and answers for it.
    pub made_by: AccountId,
    /// What people call it.
    pub label: String,
    /// SHA-256 of its secret, which is 256 random bits: nothing that could be guessed.
    pub secret: Digest,
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The entry that made it.
    pub made_index: u64,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// What was asked for, to tell a repeat from another request.
    pub request: Digest,
}

impl ApiKey {
    /// Whether it still opens anything at this moment.
    pub fn is_good_at(&self, at: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| at < end)
    }
}

/// Whether this person may make and revoke keys of that owner. A key makes no keys: see [`Scope`].
fn may_manage(city: &impl View, actor: &Actor, owner: KeyOwner) -> Result<bool, Unreadable> {
    match owner {
        KeyOwner::City => is_operator(city, actor, OperatorRole::Operator),
        KeyOwner::Restaurant(id) => works_at(city, actor, id, StaffRole::Manager),
    }
}

/// Whether a program may ask for this: by a key that is still good, of a maker in good standing,
/// and within its scopes. What the command touches is checked by the command.
pub(crate) fn standing(
    city: &impl View,
    stamp: &Stamp,
    actor: (ApiKeyId, KeyOwner, AccountId),
    command: &Command,
) -> Checked<()> {
    let (key_id, owner, account_id) = actor;
    let keys = city.api_keys(owner)?;
    let key = keys.as_ref().and_then(|keys| keys.get(key_id));
    let Some(key) = key.filter(|key| key.made_by == account_id && key.is_good_at(stamp.at)) else {
        return Ok(Err(Rejection::KeyInvalid));
    };
    let Some(maker) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Err(Rejection::KeyInvalid));
    };
    if maker.is_banned_at(stamp.at) {
        return Ok(Err(Rejection::Banned));
    }
    match Scope::of(command) {
        Some(scope) if key.scopes.contains(&scope) => Ok(Ok(())),
        scope => Ok(Err(Rejection::ScopeMissing { scope })),
    }
}
