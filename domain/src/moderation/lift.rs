//! Back in: an operator says so, or the ban has come to its end.

use super::{BanSubject, move_end};
use crate::account::ban::{lift_from_account, unban_account};
use crate::account::{OperatorRole, UnbanAccount};
use crate::authority::is_operator;
use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::TraceKey;
use crate::limits::TEXT_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Takes a ban back. Operators only; whoever is not banned stays so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LiftBan {
    pub subject: BanSubject,
    pub reason: String,
}

pub(crate) fn lift_ban(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: LiftBan,
) -> Result<Outcome, Unreadable> {
    let LiftBan { subject, reason } = command;
    if let BanSubject::Account(account_id) = subject {
        return unban_account(city, stamp, actor, UnbanAccount { account_id, reason });
    }
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = field::letters("/reason", &reason, 1..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    lift(city, stamp, subject, None)
}

/// Its end has come.
pub(crate) fn ban_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    subject: BanSubject,
) -> Result<Outcome, Unreadable> {
    lift(city, stamp, subject, Some(deadline.due_at))
}

/// Takes it away; only the one that ends then, if a moment is named.
fn lift(
    city: &impl View,
    stamp: &Stamp,
    subject: BanSubject,
    ends_at: Option<Timestamp>,
) -> Result<Outcome, Unreadable> {
    let mut changes = Changes::new(stamp);
    let not_due = |until: Option<Timestamp>| ends_at.is_some() && until != ends_at;
    let nothing = |revision: u64| match ends_at {
        Some(_) => Outcome::rejected(Rejection::NotDue),
        None => Outcome::unchanged(revision),
    };
    match subject {
        BanSubject::Account(account_id) => {
            let Some(account) = city.account(account_id)? else {
                return Ok(Outcome::rejected(Rejection::AccountUnknown));
            };
            if account.ban.as_ref().is_none_or(|ban| not_due(ban.until)) {
                return Ok(nothing(account.revision));
            }
            return lift_from_account(city, changes, Arc::unwrap_or_clone(account));
        }
        BanSubject::Restaurant(restaurant_id) => {
            let Some(restaurant) = city.restaurant(restaurant_id)? else {
                return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
            };
            if restaurant.ban.as_ref().is_none_or(|ban| not_due(ban.until)) {
                return Ok(nothing(restaurant.revision));
            }
            let mut restaurant = Arc::unwrap_or_clone(restaurant);
            move_end(&mut changes, subject, restaurant.ban.take().as_ref(), None);
            restaurant.revision = stamp.index;
            changes.write(Write::Restaurant(Arc::new(restaurant)));
            changes.event(Event::RestaurantUnbanned { restaurant_id });
        }
        BanSubject::Courier(courier_id) => {
            let Some(courier) = city.courier(courier_id)? else {
                return Ok(Outcome::rejected(Rejection::CourierUnknown));
            };
            if courier.ban.as_ref().is_none_or(|ban| not_due(ban.until)) {
                return Ok(nothing(courier.revision));
            }
            let mut courier = Arc::unwrap_or_clone(courier);
            move_end(&mut changes, subject, courier.ban.take().as_ref(), None);
            courier.revision = stamp.index;
            changes.write(Write::Courier(Arc::new(courier)));
            changes.event(Event::CourierUnbanned { courier_id });
        }
        BanSubject::Device(_) | BanSubject::Card(_) => {
            let key = TraceKey::of_banned(subject);
            let trace = match key {
                Some(key) => city.trace(key)?,
                None => None,
            };
            let found =
                trace.filter(|trace| trace.ban.as_ref().is_some_and(|ban| !not_due(ban.until)));
            let Some(trace) = found else {
                return Ok(nothing(0));
            };
            let mut trace = Arc::unwrap_or_clone(trace);
            move_end(&mut changes, subject, trace.ban.take().as_ref(), None);
            trace.revision = stamp.index;
            changes.write(Write::Trace(Arc::new(trace)));
            changes.event(Event::MarkUnbanned { subject });
        }
    }
    Ok(changes.yes())
}
