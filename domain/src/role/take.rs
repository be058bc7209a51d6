//! Somebody's role for the platform is over.

use super::{Roster, settle};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::TEXT_LETTERS;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Takes somebody's role, or the wish for one. One operator is enough: harm must end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TakeRole {
    pub account_id: AccountId,
    pub reason: String,
}

pub(super) fn take_role(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: TakeRole,
) -> Result<Outcome, Unreadable> {
    let TakeRole { account_id, reason } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)? else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    let mut roster = Roster::of(city)?;
    let wished = roster.wishes.remove(&account_id).is_some();
    let before = roster.grants.remove(&account_id);
    if before.is_none() && !wished {
        return Ok(Outcome::unchanged(account.revision));
    }
    if let Err(why) = field::letters("/reason", &reason, 1..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    if before.is_some() && !roster.stands_without(account_id) {
        return Ok(Outcome::rejected(Rejection::LastOperator));
    }
    let mut changes = settle(city, stamp, roster, (account_id, before))?;
    changes.event(Event::RoleTaken { account_id });
    Ok(changes.yes())
}

/// The time that it was given for is over.
pub(crate) fn role_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    account_id: AccountId,
) -> Result<Outcome, Unreadable> {
    let mut roster = Roster::of(city)?;
    let before = roster.grants.remove(&account_id);
    let due = before.as_ref().and_then(|grant| grant.until);
    if due.map(|due_at| Deadline { due_at, due: Due::RoleEnds(account_id) }) != Some(deadline) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let mut changes = settle(city, stamp, roster, (account_id, before))?;
    changes.event(Event::RoleTaken { account_id });
    Ok(changes.yes())
}
