//! Who may do what for the platform: given with a reason, for good or for a time, and seen by all.
//!
//! The highest role is given by two: what one operator wishes, another has to wish as well within a
//! day. Where there is one operator only, as in a young city, they decide alone. One who is an
//! operator for good always remains, so that no city is ever without somebody to run it.

pub(crate) mod command;
mod grant;
mod take;

pub use command::RoleCommand;
pub use grant::GrantRole;
pub use take::TakeRole;

pub(crate) use take::role_ends;

use crate::account::{Account, OperatorRole};
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::ids::AccountId;
use crate::outcome::{Changes, Write};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All roles of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Who has which.
    pub grants: BTreeMap<AccountId, Grant>,
    /// What one operator wishes and nobody has seconded yet.
    pub wishes: BTreeMap<AccountId, Grant>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// A role, or the wish for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which.
    pub role: OperatorRole,
    /// When it ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// Who gave it, or wishes it; of a role that two gave, the second one.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// The entry that said so.
    pub index: u64,
}

impl Roster {
    /// As it stands; of a city that has given none yet, its founder.
    pub(crate) fn of(city: &impl View) -> Result<Self, Unreadable> {
        if let Some(roster) = city.roster()? {
            return Ok(Arc::unwrap_or_clone(roster));
        }
        let founder = city.city()?.map(|city| city.founder);
        let account = founder.map(|id| city.account(id)).transpose()?.flatten();
        Ok(account.map_or_else(Self::default, |founder| Self::of_founder(&founder)))
    }

    /// That of a city which has given no role yet: the first operator needed nobody's word.
    pub fn of_founder(founder: &Account) -> Self {
        let grant = Grant {
            role: OperatorRole::Operator,
            until: None,
            by: founder.id,
            at: founder.created_at,
            reason: "founded the city".to_owned(),
            index: founder.created_index,
        };
        Self { grants: [(founder.id, grant)].into(), ..Self::default() }
    }

    /// Whether somebody who is an operator for good is there without this person.
    fn stands_without(&self, id: AccountId) -> bool {
        let for_good =
            |grant: &Grant| grant.role == OperatorRole::Operator && grant.until.is_none();
        self.grants.iter().any(|(holder, grant)| *holder != id && for_good(grant))
    }

    /// How many operators could second a wish of this one.
    fn others_than(&self, id: AccountId) -> usize {
        let full = |(holder, grant): &(&AccountId, &Grant)| {
            **holder != id && grant.role == OperatorRole::Operator
        };
        self.grants.iter().filter(full).count()
    }
}

/// Writes who has which role now, in the roster and on their account, and when that ends.
fn settle(
    city: &impl View,
    stamp: &Stamp,
    mut roster: Roster,
    (account_id, before): (AccountId, Option<Grant>),
) -> Result<Changes, Unreadable> {
    let mut changes = Changes::new(stamp);
    let now = roster.grants.get(&account_id);
    let ends = |grant: Option<&Grant>| {
        let due_at = grant.and_then(|grant| grant.until)?;
        Some(Deadline { due_at, due: Due::RoleEnds(account_id) })
    };
    let (old, new) = (ends(before.as_ref()), ends(now));
    if old != new {
        let writes = [old.map(Write::DropDeadline), new.map(Write::Deadline)];
        writes.into_iter().flatten().for_each(|write| changes.write(write));
    }
    let role = now.map(|grant| grant.role);
    if let Some(account) = city.account(account_id)?.filter(|account| account.operator != role) {
        let mut account = Arc::unwrap_or_clone(account);
        account.operator = role;
        account.revision = stamp.index;
        changes.write(Write::Account(Arc::new(account)));
    }
    roster.revision = stamp.index;
    changes.write(Write::Roster(Arc::new(roster)));
    Ok(changes)
}
