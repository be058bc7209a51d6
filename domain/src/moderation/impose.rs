//! Out of the game.

use super::{Ban, BanSubject, follow_orders, move_end};
use crate::account::BanAccount;
use crate::account::OperatorRole;
use crate::account::ban::ban_account;
use crate::authority::{is_operator, person};
use crate::courier::online::ban_from_work;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::{Trace, TraceKey};
use crate::ids::{CourierId, RestaurantId};
use crate::limits::TEXT_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{OrdersOf, Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bans a person, a restaurant, a courier, a device or a card. Operators only. The same again is
/// yes; with another reason or end it replaces the ban before, and what was
/// said against that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ImposeBan {
    pub subject: BanSubject,
    pub reason: String,
    pub until: Option<Timestamp>,
    /// Their open orders do not go on, as far as they can still be called off.
    pub cancel_open: bool,
}

pub(crate) fn impose_ban(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ImposeBan,
) -> Result<Outcome, Unreadable> {
    let ImposeBan { subject, reason, until, cancel_open } = command;
    if let BanSubject::Account(account_id) = subject {
        let wish = BanAccount { account_id, reason, until, cancel_open };
        return ban_account(city, stamp, actor, wish);
    }
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = check_ban(stamp.at, &reason, until) {
        return Ok(Outcome::rejected(why));
    }
    let (at, by) = (stamp.at, person(actor));
    let ban = Ban { reason, at, until, by, cancel_open, appeal: None };
    match subject {
        BanSubject::Account(_) => Ok(Outcome::rejected(Rejection::AccountUnknown)),
        BanSubject::Restaurant(id) => ban_restaurant(city, stamp, id, ban),
        BanSubject::Courier(id) => ban_courier(city, stamp, id, ban),
        BanSubject::Device(mark) => ban_mark(city, stamp, subject, TraceKey::Device(mark), ban),
        BanSubject::Card(mark) => ban_mark(city, stamp, subject, TraceKey::Card(mark), ban),
    }
}

/// A reason that can be read, an end that is yet to come.
pub(crate) fn check_ban(
    now: Timestamp,
    reason: &str,
    until: Option<Timestamp>,
) -> Result<(), Rejection> {
    field::letters("/reason", reason, 1..=TEXT_LETTERS)?;
    if until.is_some_and(|until| until <= now) {
        return Err(field::invalid("/until", "a moment that is yet to come"));
    }
    Ok(())
}

/// Nobody finds it any more, and what it has not said yes to is refused for it.
fn ban_restaurant(
    city: &impl View,
    stamp: &Stamp,
    restaurant_id: RestaurantId,
    ban: Ban,
) -> Result<Outcome, Unreadable> {
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if is_repeat(restaurant.ban.as_ref(), &ban) {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    let (until, cancel_open) = (ban.until, ban.cancel_open);
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    let mut changes = Changes::new(stamp);
    let subject = BanSubject::Restaurant(restaurant_id);
    move_end(&mut changes, subject, restaurant.ban.as_ref(), Some(&ban));
    restaurant.ban = Some(ban.in_place_of(restaurant.ban.take()));
    restaurant.revision = stamp.index;
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.event(Event::RestaurantBanned { restaurant_id, until });
    follow_orders(city, &mut changes, OrdersOf::Restaurant(restaurant_id), cancel_open)?;
    Ok(changes.yes())
}

/// The role, not the person: they may still order.
fn ban_courier(
    city: &impl View,
    stamp: &Stamp,
    courier_id: CourierId,
    ban: Ban,
) -> Result<Outcome, Unreadable> {
    let Some(courier) = city.courier(courier_id)? else {
        return Ok(Outcome::rejected(Rejection::CourierUnknown));
    };
    if is_repeat(courier.ban.as_ref(), &ban) {
        return Ok(Outcome::unchanged(courier.revision));
    }
    let until = ban.until;
    let mut courier = Arc::unwrap_or_clone(courier);
    let mut changes = Changes::new(stamp);
    let subject = BanSubject::Courier(courier_id);
    move_end(&mut changes, subject, courier.ban.as_ref(), Some(&ban));
    courier.ban = Some(ban.in_place_of(courier.ban.take()));
    changes.event(Event::CourierBanned { courier_id, until });
    Ok(ban_from_work(city, changes, courier)?.yes())
}

/// A device or a card: whoever orders with it is declined, whatever their name.
fn ban_mark(
    city: &impl View,
    stamp: &Stamp,
    subject: BanSubject,
    key: TraceKey,
    ban: Ban,
) -> Result<Outcome, Unreadable> {
    let before = city.trace(key)?;
    if let Some(trace) = before.as_ref().filter(|trace| is_repeat(trace.ban.as_ref(), &ban)) {
        return Ok(Outcome::unchanged(trace.revision));
    }
    let mut trace = before.map_or_else(|| Trace::new(key), Arc::unwrap_or_clone);
    let until = ban.until;
    let mut changes = Changes::new(stamp);
    move_end(&mut changes, subject, trace.ban.as_ref(), Some(&ban));
    trace.ban = Some(ban.in_place_of(trace.ban.take()));
    trace.save(&mut changes);
    changes.event(Event::MarkBanned { subject, until });
    Ok(changes.yes())
}

fn is_repeat(before: Option<&Ban>, ban: &Ban) -> bool {
    before.is_some_and(|before| before.says(&ban.reason, ban.until, ban.cancel_open))
}
