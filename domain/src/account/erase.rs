//! Somebody leaves for good: their record is emptied, their logins end, and from this entry on
//! every node destroys the key that their data is closed with.
//!
//! What stays are amounts, dates and ids: the books and the tax office need them. What the log,
//! snapshots and backups still hold of the person's own words is noise without that key
//! (docs/adr/0018-vault.md).

use super::{Account, Erased, NO_REQUEST, OperatorRole};
use crate::authority::{is_operator, person};
use crate::courier::online::off_shift;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::{TraceKey, Traces};
use crate::ids::{AccountId, RatingId};
use crate::limits::{OWN_ORDERS_LOOKED_AT, TEXT_LETTERS};
use crate::moderation::Ban;
use crate::notice::Preferences;
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::position::Position;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::view::{OrdersOf, Unreadable, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Erases a person. They themselves, with a fresh password, or an operator, with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ErasePerson {
    pub account_id: AccountId,
    /// An operator's.
    pub reason: Option<String>,
    /// SHA-256 of the PHC string that the person's own password was checked against just now.
    pub password: Option<Digest>,
}

pub(crate) fn erase_person(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ErasePerson,
) -> Result<Outcome, Unreadable> {
    let ErasePerson { account_id, reason, password } = command;
    let own = person(actor) == Some(account_id);
    if !own && !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    }
    let Some(account) = city.account(account_id)? else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if let Some(erased) = account.erased {
        return Ok(Outcome::unchanged(erased.index));
    }
    let hash: [u8; 32] = Sha256::digest(account.password.as_bytes()).into();
    if own && password != Some(Digest(hash)) {
        return Ok(Outcome::rejected(Rejection::CredentialsWrong));
    }
    if let Err(why) = field::letters("/reason", reason.as_deref().unwrap_or(""), 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = free_to_go(city, &account)? {
        return Ok(Outcome::rejected(why));
    }
    let mut changes = Changes::new(stamp);
    if let Some(courier_id) = account.courier
        && let Some(courier) = city.courier(courier_id)?
    {
        let courier = Arc::unwrap_or_clone(courier);
        let (so_far, mut courier) = off_shift(city, changes, courier)?;
        changes = so_far;
        courier.approved = false;
        courier.revision = stamp.index;
        changes.write(Write::Courier(Arc::new(courier)));
    }
    if city.preferences(account_id)?.is_some() {
        // Their apps with them: nothing is told to anybody any more.
        let nobody = Preferences { revision: stamp.index, ..Preferences::usual(account_id) };
        changes.write(Write::Preferences(Arc::new(nobody)));
    }
    if city.belongings(account_id)?.is_some() {
        changes.write(Write::DropBelongings(account_id));
    }
    without_words(city, &mut changes, account_id, 0)?;
    without_traces(city, &mut changes, &account)?;
    changes.write(Write::Account(Arc::new(emptied(stamp, Arc::unwrap_or_clone(account)))));
    changes.event(Event::AccountErased { account_id });
    Ok(changes.yes())
}

/// Nobody vanishes from an order under way: somebody cooks for them, or waits for them.
fn free_to_go(city: &impl View, account: &Account) -> Checked<()> {
    let mut eats = false;
    for id in city.newest_orders(OrdersOf::Customer(account.id), OWN_ORDERS_LOOKED_AT)? {
        eats |= city.order(id)?.is_some_and(|order| !order.status.state().is_terminal());
    }
    let courier = match account.courier {
        Some(id) => city.courier(id)?,
        None => None,
    };
    let carries = courier.is_some_and(|courier| !courier.carrying.is_empty());
    Ok(match eats || carries || account.operator.is_some() {
        true => Err(Rejection::OrdersOpen),
        false => Ok(()),
    })
}

/// Takes a person out of the next batch of their orders.
pub(crate) fn erasure_goes_on(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    account_id: AccountId,
    done: u32,
) -> Result<Outcome, Unreadable> {
    if city.account(account_id)?.is_none_or(|account| account.is_anybody()) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropDeadline(deadline));
    without_words(city, &mut changes, account_id, done)?;
    Ok(changes.yes())
}

/// Their words in public go, and what couriers have shown of their door; the door itself becomes a
/// square kilometre: of the newest orders, which anybody still sees, at once, and of the rest in
/// entries of their own. Whoever is erased orders nothing any more, so that nothing moves between
/// two batches.
fn without_words(
    city: &impl View,
    changes: &mut Changes,
    account_id: AccountId,
    done: u32,
) -> Result<(), Unreadable> {
    let stamp = changes.stamp();
    let from = usize::try_from(done).unwrap_or(usize::MAX);
    let until = from.saturating_add(OWN_ORDERS_LOOKED_AT);
    let orders = city.newest_orders(OrdersOf::Customer(account_id), until)?;
    if orders.len() == until {
        let done = u32::try_from(until).unwrap_or(u32::MAX);
        let due = Due::ErasureGoesOn(account_id, done);
        changes.write(Write::Deadline(Deadline { due_at: stamp.at, due }));
    }
    for id in orders.into_iter().skip(from) {
        let Some(order) = city.order(id)? else { continue };
        if let Some(rating) = city.rating(RatingId::of(order.id))?
            && rating.words != Sealed::default()
        {
            let mut rating = Arc::unwrap_or_clone(rating);
            rating.words = Sealed::default();
            rating.revision = stamp.index;
            changes.write(Write::Rating(Arc::new(rating)));
        }
        let delivery = match order.delivery_id {
            Some(delivery_id) => city.delivery(delivery_id)?,
            None => None,
        };
        if let Some(delivery) = delivery {
            let mut delivery = Arc::unwrap_or_clone(delivery);
            delivery.drop = square(delivery.drop);
            let proven = &mut delivery.proven;
            for hash in [proven.photo.take(), proven.signature.take()].into_iter().flatten() {
                // One that is closed with the courier's key may show somebody else's door as well.
                if city.image(hash)?.is_some_and(|image| image.keyed_to() == account_id) {
                    changes.write(Write::DropImage(hash));
                }
            }
            delivery.revision = stamp.index;
            changes.write(Write::Delivery(Arc::new(delivery)));
        }
        let mut order = Arc::unwrap_or_clone(order);
        if let Some(destination) = &mut order.destination {
            destination.position = square(destination.position);
            destination.address = Sealed::default();
        }
        order.note = Sealed::default();
        order.revision = stamp.index;
        changes.write(Write::Order(Arc::new(order)));
    }
    Ok(())
}

/// Which square kilometre, about.
fn square(at: Position) -> Position {
    const COARSE_E7: i32 = 100_000;
    let coarse = |e7: i32| e7 - e7.rem_euclid(COARSE_E7);
    Position { lat_e7: coarse(at.lat_e7), lng_e7: coarse(at.lng_e7) }
}

/// What rules against fraud knew of them goes: most of all their doors, since whoever has the state
/// could try out every door of the city. Of somebody who is banned the devices and cards stay,
/// which nobody can try out without the city's key, or leaving would be a way around the ban.
fn without_traces(
    city: &impl View,
    changes: &mut Changes,
    account: &Account,
) -> Result<(), Unreadable> {
    let own = TraceKey::Account(account.id);
    let Some(trace) = city.trace(own)? else { return Ok(()) };
    let banned = account.is_banned_at(changes.stamp().at);
    let mut traces = Traces::default();
    for mark in &trace.marks {
        if banned && !matches!(mark, TraceKey::Address(_)) {
            continue;
        }
        traces.change(city, *mark, |trace| trace.unlink(account.id))?;
    }
    traces.save(changes);
    trace.forget(changes);
    Ok(())
}

/// The record without the person. `key` stays: it is the name of what every node must destroy.
fn emptied(stamp: &Stamp, account: Account) -> Account {
    Account {
        // No login is hashed to this.
        login: Digest([0; 32]),
        contact: Sealed::default(),
        name: Sealed::default(),
        password: String::new(),
        locale: None,
        request: NO_REQUEST,
        epoch: account.epoch + 1,
        // It holds on, but not what was said of them and by them.
        ban: account.ban.map(|ban| Ban { reason: String::new(), appeal: None, ..ban }),
        staff: Default::default(),
        operator: None,
        erased: Some(Erased { at: stamp.at, index: stamp.index }),
        revision: stamp.index,
        ..account
    }
}
