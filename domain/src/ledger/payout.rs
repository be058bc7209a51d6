//! Restaurants and couriers get what they have earned.

use super::{Draft, Holder, LedgerWhat, PostingKind, balance_of};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, CourierId, PayoutId, RestaurantId};
use crate::limits::TEXT_LETTERS;
use crate::money::Money;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Pays all that a restaurant or courier has earned, less the cash that they have. Whoever has
/// more cash than earnings pays the difference in. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakePayout {
    /// Derived from the operator and their key: the same payout twice is one.
    pub payout_id: PayoutId,
    pub payee: Payee,
    /// As the caller saw it: another one now is `VersionChanged`. Below nothing it is paid in.
    pub amount: Money,
    /// For the bank statement and the audit.
    pub reason: String,
    pub request: Digest,
}

/// Who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Payee {
    Restaurant(RestaurantId),
    Courier(CourierId),
}

/// A payout that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Payout {
    pub id: PayoutId,
    pub payee: Payee,
    /// Below nothing it was paid in.
    pub amount: Money,
    /// The cash that was kept of what was earned.
    pub cash: Money,
    pub reason: String,
    pub made_by: AccountId,
    pub made_at: Timestamp,
    pub made_index: u64,
    pub request: Digest,
}

impl Payee {
    /// Where their earnings stand.
    pub fn holder(self) -> Holder {
        match self {
            Self::Restaurant(id) => Holder::Restaurant(id),
            Self::Courier(id) => Holder::Courier(id),
        }
    }

    /// Where the cash stands that they have.
    fn cash(self) -> Option<Holder> {
        match self {
            Self::Restaurant(_) => None,
            Self::Courier(id) => Some(Holder::CourierCash(id)),
        }
    }
}

/// What is to be paid now: earnings less cash.
///
/// # Errors
/// If the city cannot be read.
pub fn payable(city: &impl View, payee: Payee) -> Result<Money, Unreadable> {
    let (earned, cash, _) = standing(city, payee)?;
    Ok(Money(earned.0.saturating_sub(cash.0)))
}

/// Earned, in cash already, and the entry that changed either last.
fn standing(city: &impl View, payee: Payee) -> Result<(Money, Money, u64), Unreadable> {
    let earned = balance_of(city, payee.holder())?;
    let cash = payee.cash().map(|cash| balance_of(city, cash)).transpose()?;
    let revision = cash.map_or(0, |cash| cash.revision).max(earned.revision);
    let cash = cash.map_or(Money::ZERO, |cash| cash.amount);
    Ok((Money(earned.amount.0.saturating_neg()), cash, revision))
}

pub(crate) fn make_payout(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: MakePayout,
) -> Result<Outcome, Unreadable> {
    let MakePayout { payout_id, payee, amount, reason, request } = command;
    let Some(made_by) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Some(payout) = city.payout(payout_id)? {
        return Ok(if payout.payee == payee && payout.request == request {
            Outcome::unchanged(payout.made_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let known = match payee {
        Payee::Restaurant(id) => city.restaurant(id)?.map(drop).ok_or(Rejection::RestaurantUnknown),
        Payee::Courier(id) => city.courier(id)?.map(drop).ok_or(Rejection::CourierUnknown),
    };
    let shape = known.and_then(|()| field::letters("/reason", &reason, 0..=TEXT_LETTERS));
    if let Err(why) = shape {
        return Ok(Outcome::rejected(why));
    }
    let (earned, cash, version) = standing(city, payee)?;
    if amount.0 != earned.0.saturating_sub(cash.0) {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    if amount == Money::ZERO && cash == Money::ZERO {
        return Ok(Outcome::rejected(field::invalid("/amount", "something to pay")));
    }
    let mut draft = Draft::new(LedgerWhat::PaidOut);
    if let Some(holder) = payee.cash() {
        draft.owe(payee.holder(), holder, PostingKind::Cash, cash);
    }
    let ours = if amount > Money::ZERO { Holder::Bank } else { Holder::Till };
    draft.owe(payee.holder(), ours, PostingKind::Payout, amount);
    let mut changes = Changes::new(stamp);
    changes.book(city, draft)?;
    let (made_at, made_index) = (stamp.at, stamp.index);
    changes.write(Write::Payout(Arc::new(Payout {
        id: payout_id,
        payee,
        amount,
        cash,
        reason,
        made_by,
        made_at,
        made_index,
        request,
    })));
    changes.event(match payee {
        Payee::Restaurant(restaurant_id) => {
            Event::RestaurantPaidOut { payout_id, restaurant_id, amount }
        }
        Payee::Courier(courier_id) => Event::CourierPaidOut { payout_id, courier_id, amount },
    });
    Ok(changes.yes())
}
