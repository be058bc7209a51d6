//! Somebody is to do something for the platform.

use super::{Grant, Roster, settle};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::{OPERATORS, ROLE_WISH_MS, TEXT_LETTERS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gives somebody a role, or another one, or for another time. Operators; the highest role needs
/// two of them who say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GrantRole {
    pub account_id: AccountId,
    pub role: OperatorRole,
    pub until: Option<Timestamp>,
    pub reason: String,
}

pub(super) fn grant_role(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: GrantRole,
) -> Result<Outcome, Unreadable> {
    let GrantRole { account_id, role, until, reason } = command;
    let may = is_operator(city, actor, OperatorRole::Operator)?;
    let Some(by) = person(actor).filter(|_| may) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if city.account(account_id)?.is_none_or(|account| !account.is_anybody()) {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    }
    let mut roster = Roster::of(city)?;
    let before = roster.grants.get(&account_id).cloned();
    if let Some(there) = before.as_ref().filter(|it| it.role == role && it.until == until) {
        return Ok(Outcome::unchanged(there.index));
    }
    if let Err(why) = check(until, &reason, stamp) {
        return Ok(Outcome::rejected(why));
    }
    let for_good = role == OperatorRole::Operator && until.is_none();
    if !for_good && before.is_some() && !roster.stands_without(account_id) {
        return Ok(Outcome::rejected(Rejection::LastOperator));
    }
    roster.wishes.retain(|_, wish| stamp.at.ms_since(wish.at) <= ROLE_WISH_MS);
    let grant = Grant { role, until, by, at: stamp.at, reason, index: stamp.index };
    if role == OperatorRole::Operator && roster.others_than(by) > 0 {
        let wished = roster.wishes.get(&account_id);
        let wished = wished.filter(|wish| wish.role == role && wish.until == until);
        match wished {
            // The same operator again: one person is not two.
            Some(wish) if wish.by == by => return Ok(Outcome::unchanged(wish.index)),
            Some(_) => {}
            None => return Ok(wish_for(stamp, roster, account_id, grant)),
        }
    }
    roster.wishes.remove(&account_id);
    roster.grants.insert(account_id, grant);
    if roster.grants.len() > OPERATORS {
        let rule = format!("{OPERATORS} people have a role already: take one first");
        return Ok(Outcome::rejected(field::invalid("/account_id", rule)));
    }
    let mut changes = settle(city, stamp, roster, (account_id, before))?;
    changes.event(Event::RoleGranted { account_id, role });
    Ok(changes.yes())
}

/// The first of two has spoken.
fn wish_for(stamp: &Stamp, mut roster: Roster, account_id: AccountId, wish: Grant) -> Outcome {
    let role = wish.role;
    roster.wishes.insert(account_id, wish);
    if roster.wishes.len() > OPERATORS {
        let rule = format!("{OPERATORS} wishes wait already: second one of them first");
        return Outcome::rejected(field::invalid("/account_id", rule));
    }
    roster.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Roster(Arc::new(roster)));
    changes.event(Event::RoleWished { account_id, role });
    changes.yes()
}

fn check(until: Option<Timestamp>, reason: &str, stamp: &Stamp) -> Result<(), Rejection> {
    field::letters("/reason", reason, 1..=TEXT_LETTERS)?;
    match until.is_some_and(|until| until <= stamp.at) {
        true => Err(field::invalid("/until", "lies in the future")),
        false => Ok(()),
    }
}
