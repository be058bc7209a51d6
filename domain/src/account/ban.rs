//! Out of the game, and back in.

use super::{Account, OperatorRole};
use crate::authority::{is_operator, person};
use crate::courier::online::ban_from_work;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::TraceKey;
use crate::ids::AccountId;
use crate::limits::TEXT_LETTERS;
use crate::moderation::{Ban, BanSubject, check_ban, follow_orders, move_end};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{OrdersOf, Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Ends every session of a person and refuses every later write of theirs. Operators only, and
/// never themselves or another operator. Older entries of the log say it so; `ImposeBan` of an
/// account comes here as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BanAccount {
    pub account_id: AccountId,
    pub reason: String,
    pub until: Option<Timestamp>,
    /// Their open orders do not go on, as far as they can still be called off.
    #[serde(default)]
    pub cancel_open: bool,
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
    let BanAccount { account_id, reason, until, cancel_open } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    // One operator alone could lock the city: themselves out, or everybody who could undo it.
    if account.operator.is_some() || person(actor) == Some(account_id) {
        return Ok(Outcome::rejected(Rejection::OperatorNotBanned));
    }
    if account.ban.as_ref().is_some_and(|ban| ban.says(&reason, until, cancel_open)) {
        return Ok(Outcome::unchanged(account.revision));
    }
    if let Err(why) = check_ban(stamp.at, &reason, until) {
        return Ok(Outcome::rejected(why));
    }
    let (at, by) = (stamp.at, person(actor));
    let ban = Ban { reason, at, until, by, cancel_open, appeal: None };
    let mut account = Arc::unwrap_or_clone(account);
    let mut changes = Changes::new(stamp);
    move_end(&mut changes, BanSubject::Account(account_id), account.ban.as_ref(), Some(&ban));
    account.ban = Some(ban.in_place_of(account.ban.take()));
    account.epoch += 1;
    account.revision = stamp.index;
    let courier_id = account.courier;
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::AccountBanned { account_id, until });
    mark_links(city, &mut changes, account_id, true)?;
    follow_orders(city, &mut changes, OrdersOf::Customer(account_id), cancel_open)?;
    let courier = match courier_id {
        Some(courier_id) => city.courier(courier_id)?,
        None => None,
    };
    if let Some(courier) = courier {
        changes = ban_from_work(city, changes, Arc::unwrap_or_clone(courier))?;
    }
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
    if let Err(why) = field::letters("/reason", &reason, 1..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    lift_from_account(city, Changes::new(stamp), Arc::unwrap_or_clone(account))
}

/// They may log in again; what they said of others counts again.
pub(crate) fn lift_from_account(
    city: &impl View,
    mut changes: Changes,
    mut account: Account,
) -> Result<Outcome, Unreadable> {
    let account_id = account.id;
    let ban = account.ban.take();
    move_end(&mut changes, BanSubject::Account(account_id), ban.as_ref(), None);
    account.revision = changes.stamp().index;
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::AccountUnbanned { account_id });
    mark_links(city, &mut changes, account_id, false)?;
    follow_orders(city, &mut changes, OrdersOf::Customer(account_id), false)?;
    Ok(changes.yes())
}

/// Whoever uses the same device, card or door from now on is known to be like them, or no more.
fn mark_links(
    city: &impl View,
    changes: &mut Changes,
    account_id: AccountId,
    banned: bool,
) -> Result<(), Unreadable> {
    let Some(own) = city.trace(TraceKey::Account(account_id))? else {
        return Ok(());
    };
    for key in &own.marks {
        let Some(found) = city.trace(*key)? else { continue };
        let mut trace = Arc::unwrap_or_clone(found);
        let links = trace.links.iter_mut();
        links.filter(|link| link.account_id == account_id).for_each(|link| link.banned = banned);
        trace.revision = changes.stamp().index;
        changes.write(Write::Trace(Arc::new(trace)));
    }
    Ok(())
}
