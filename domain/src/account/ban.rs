//! Out of the game, and back in.

use super::{Ban, OperatorRole};
use crate::authority::is_operator;
use crate::courier::online::off_shift;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::TEXT_LETTERS;
use crate::order::case::Case;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Ends every session of a person and refuses every later write of theirs. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BanAccount {
    pub account_id: AccountId,
    pub reason: String,
    pub until: Option<Timestamp>,
}

/// Takes a ban back. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnbanAccount {
    pub account_id: AccountId,
    pub reason: String,
}

pub(crate) fn ban_account(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: BanAccount,
) -> Result<Outcome, Unreadable> {
    let BanAccount { account_id, reason, until } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if account.ban.as_ref().is_some_and(|ban| ban.reason == reason && ban.until == until) {
        return Ok(Outcome::unchanged(account.revision));
    }
    if let Err(why) = field::letters("/reason", &reason, 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    if until.is_some_and(|until| until <= stamp.at) {
        return Ok(Outcome::rejected(field::invalid("/until", "a moment that is yet to come")));
    }
    let mut account = Arc::unwrap_or_clone(account);
    account.ban = Some(Ban { reason, at: stamp.at, until });
    account.epoch += 1;
    account.revision = stamp.index;
    let courier_id = account.courier;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::AccountBanned { account_id, until });

    let courier = match courier_id {
        Some(courier_id) => city.courier(courier_id)?,
        None => None,
    };
    let Some(courier) = courier else {
        return Ok(changes.yes());
    };
    let mut courier = Arc::unwrap_or_clone(courier);
    // What is already in their bag stays with them: an operator must see to it. The rest is
    // searched for anew.
    for delivery_id in courier.carrying.clone() {
        let mut case = Case::of_courier(city, changes, delivery_id, courier)?;
        case.give_back();
        (changes, courier) = case.save_but_courier()?;
    }
    let (mut changes, mut courier) = off_shift(city, changes, courier)?;
    courier.revision = stamp.index;
    changes.write(Write::Courier(Arc::new(courier)));
    Ok(changes.yes())
}

pub(crate) fn unban_account(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: UnbanAccount,
) -> Result<Outcome, Unreadable> {
    let UnbanAccount { account_id, reason } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if account.ban.is_none() {
        return Ok(Outcome::unchanged(account.revision));
    }
    if let Err(why) = field::letters("/reason", &reason, 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let mut account = Arc::unwrap_or_clone(account);
    account.ban = None;
    account.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::AccountUnbanned { account_id });
    Ok(changes.yes())
}
