//! Who has what of whom: double entry. Every fact about money is an entry of the same log entry,
//! its postings sum to nothing, and each holder's balance is kept.
//!
//! An amount above nothing is what a holder has of the city's money, or owes it; below nothing is
//! what the city owes them. So an eaten order makes the customer owe its total, and the city owe
//! the restaurant its dishes; a capture moves what is owed from the customer to the gateway. An
//! entry is made of [`Draft::owe`] alone, which takes from one holder what it gives another: there
//! is no way to write one that does not sum to nothing.

pub(crate) mod order_end;
pub(crate) mod payout;
pub(crate) mod refund;

pub use payout::{MakePayout, Payee, Payout, payable};

use crate::ids::{AccountId, CourierId, OrderId, PaymentId, RestaurantId};
use crate::money::Money;
use crate::order::case::Case;
use crate::outcome::{Changes, Write};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Somebody, or something, that has money of the city or is owed some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// Taken from cards, and not in the bank yet.
    Gateway,
    /// Cash at the operators' desk.
    Till,
    /// Where payouts come from.
    Bank,
    /// What the platform has earned (below nothing) or lost.
    Platform,
    /// What belongs to the state.
    Tax,
    /// What customers' banks have taken back for now.
    Disputed,
    /// What they owe; nothing once they have paid.
    Customer(AccountId),
    /// What they have earned, below nothing.
    Restaurant(RestaurantId),
    /// What they have earned, below nothing.
    Courier(CourierId),
    /// What they have taken at doors.
    CourierCash(CourierId),
}

/// What one posting is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PostingKind {
    /// Food, after the coupon, without tax.
    Dishes,
    /// What a coupon takes off, for whoever bears it.
    Coupon,
    /// The platform's share of the dishes.
    Commission,
    /// What customers pay for the way, without tax.
    DeliveryFee,
    /// What else the platform adds, without tax.
    Fees,
    Tax,
    Tip,
    /// A courier's pay for a delivery ..
    DeliveryBase,
    /// .. and for its length.
    Distance,
    /// For coming in vain.
    CallOut,
    /// Borne by somebody who did not buy it.
    Loss,
    /// Taken from a card.
    Capture,
    /// Taken at the door, or at the counter.
    Cash,
    Refund,
    Dispute,
    /// Of a customer, paid later.
    Debt,
    Payout,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LedgerWhat {
    OrderEnded,
    Captured,
    /// Taken without being owed: it goes back.
    CapturedUnowed,
    CashCollected,
    TipCaptured,
    Refunded,
    RefundedByHand,
    /// The customer's bank has sent a refund back.
    RefundReturned,
    DisputeOpened,
    DisputeWon,
    DisputeLost,
    DebtPaid,
    DebtForgiven,
    PaidOut,
}

/// One fact about money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The log entry that it belongs to ..
    pub index: u64,
    /// .. and its number there.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: LedgerWhat,
    /// Of which order.
    pub order_id: Option<OrderId>,
    /// By which payment.
    pub payment_id: Option<PaymentId>,
    /// Who has more now, and who less. Sums to nothing.
    pub postings: Vec<Posting>,
}

/// One holder's part of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Whose.
    pub holder: Holder,
    /// For what.
    pub kind: PostingKind,
    /// Above nothing: more is with them, or is owed by them.
    pub amount: Money,
}

/// What a holder has, as the sum of all postings to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Whose.
    pub holder: Holder,
    /// The sum.
    pub amount: Money,
    /// Of how many entries.
    pub entries: u64,
    /// The log entry that wrote this record last.
    pub revision: u64,
}

/// A balance as it is for somebody of whom no entry speaks, if there is none.
pub(crate) fn balance_of(city: &impl View, holder: Holder) -> Result<Balance, Unreadable> {
    let none = Balance { holder, amount: Money::ZERO, entries: 0, revision: 0 };
    Ok(city.balance(holder)?.map_or(none, |balance| *balance))
}

/// An entry on its way into the books.
#[derive(Debug)]
pub(crate) struct Draft {
    what: LedgerWhat,
    order_id: Option<OrderId>,
    payment_id: Option<PaymentId>,
    postings: BTreeMap<(Holder, PostingKind), i64>,
}

impl Draft {
    pub(crate) fn new(what: LedgerWhat) -> Self {
        Self { what, order_id: None, payment_id: None, postings: BTreeMap::new() }
    }

    pub(crate) fn about(
        what: LedgerWhat,
        order_id: OrderId,
        payment_id: Option<PaymentId>,
    ) -> Self {
        Self { order_id: Some(order_id), payment_id, ..Self::new(what) }
    }

    /// The debtor owes, or has, so much more, and the creditor so much less. What is below nothing
    /// goes the other way.
    pub(crate) fn owe(
        &mut self,
        debtor: Holder,
        creditor: Holder,
        kind: PostingKind,
        amount: Money,
    ) {
        let mut post = |holder, amount: i64| {
            let sum = self.postings.entry((holder, kind)).or_insert(0);
            *sum = sum.saturating_add(amount);
        };
        post(debtor, amount.0);
        post(creditor, amount.0.saturating_neg());
    }
}

/// The books while one log entry writes in them.
#[derive(Debug, Default)]
pub(crate) struct Books {
    entries: u32,
    balances: BTreeMap<Holder, Balance>,
}

impl Books {
    /// The balances that have changed.
    pub(crate) fn close(self) -> impl Iterator<Item = Write> {
        self.balances.into_values().map(|balance| Write::Balance(Arc::new(balance)))
    }
}

impl Changes {
    /// Writes an entry and moves the balances of its holders; an empty one is none.
    pub(crate) fn book(&mut self, city: &impl View, draft: Draft) -> Result<(), Unreadable> {
        let Draft { what, order_id, payment_id, postings } = draft;
        let posting = |((holder, kind), amount): ((Holder, PostingKind), i64)| {
            (amount != 0).then_some(Posting { holder, kind, amount: Money(amount) })
        };
        let postings: Vec<Posting> = postings.into_iter().filter_map(posting).collect();
        if postings.is_empty() {
            return Ok(());
        }
        let stamp = self.stamp();
        // Postings are in the order of holders: each holder counts the entry once.
        let mut last = None;
        for Posting { holder, amount, .. } in &postings {
            let balance = match self.books.balances.get_mut(holder) {
                Some(balance) => balance,
                None => {
                    let found = balance_of(city, *holder)?;
                    self.books.balances.entry(*holder).or_insert(found)
                }
            };
            balance.amount.0 = balance.amount.0.saturating_add(amount.0);
            if last != Some(*holder) {
                balance.entries += 1;
                balance.revision = stamp.index;
                last = Some(*holder);
            }
        }
        let number = self.books.entries;
        self.books.entries += 1;
        let (index, at) = (stamp.index, stamp.at);
        let entry = LedgerEntry { index, number, at, what, order_id, payment_id, postings };
        self.write(Write::Ledger(Arc::new(entry)));
        Ok(())
    }
}

impl Case {
    /// Writes an entry of this order into the books.
    pub(crate) fn book(&mut self, city: &impl View, draft: Draft) -> Result<(), Unreadable> {
        let mut booked = Ok(());
        self.amid(|changes| booked = changes.book(city, draft));
        booked
    }

    /// An entry about this order and the payment at hand.
    pub(crate) fn draft(&self, what: LedgerWhat) -> Draft {
        Draft::about(what, self.order().id, Some(self.payment().id))
    }
}

impl LedgerEntry {
    /// What the postings sum to: nothing, always.
    pub fn sum(&self) -> Money {
        Money(self.postings.iter().map(|posting| posting.amount.0).sum())
    }
}

/// A text that names no holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a holder is gateway, till, bank, platform, tax, disputed, or an id")]
pub struct HolderError;

/// What a courier's cash is called, before the courier's id.
const CASH: &str = "cash:";

impl Holder {
    const NAMED: [(Self, &'static str); 6] = [
        (Self::Gateway, "gateway"),
        (Self::Till, "till"),
        (Self::Bank, "bank"),
        (Self::Platform, "platform"),
        (Self::Tax, "tax"),
        (Self::Disputed, "disputed"),
    ];
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => id.fmt(f),
            Self::Restaurant(id) => id.fmt(f),
            Self::Courier(id) => id.fmt(f),
            Self::CourierCash(id) => write!(f, "{CASH}{id}"),
            Self::Gateway
            | Self::Till
            | Self::Bank
            | Self::Platform
            | Self::Tax
            | Self::Disputed => {
                let named = Self::NAMED.iter().find(|(holder, _)| holder == self);
                f.write_str(named.map_or("", |(_, name)| name))
            }
        }
    }
}

impl FromStr for Holder {
    type Err = HolderError;

    fn from_str(text: &str) -> Result<Self, HolderError> {
        if let Some((holder, _)) = Self::NAMED.iter().find(|(_, name)| *name == text) {
            return Ok(*holder);
        }
        if let Some(courier) = text.strip_prefix(CASH) {
            return courier.parse().map(Self::CourierCash).map_err(|_| HolderError);
        }
        let customer = text.parse().map(Self::Customer);
        let restaurant = customer.or_else(|_| text.parse().map(Self::Restaurant));
        restaurant.or_else(|_| text.parse().map(Self::Courier)).map_err(|_| HolderError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CityNumber;

    #[test]
    fn a_holder_is_its_text() {
        let courier = CourierId::derive(CityNumber(1), &[b"carl"]);
        let mut all: Vec<Holder> = Holder::NAMED.iter().map(|(holder, _)| *holder).collect();
        all.push(Holder::Customer(AccountId::derive(CityNumber(1), &[b"alice"])));
        all.push(Holder::Restaurant(RestaurantId::derive(CityNumber(1), &[b"r1"])));
        all.extend([Holder::Courier(courier), Holder::CourierCash(courier)]);
        for holder in all {
            assert_eq!(holder.to_string().parse(), Ok(holder));
        }
        assert_eq!("nobody".parse::<Holder>(), Err(HolderError));
    }
}
