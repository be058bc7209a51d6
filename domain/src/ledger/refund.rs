//! Money that comes, and goes back: captures, cash, refunds, disputes.

use super::order_end::tax_of;
use super::{Holder, LedgerWhat, PostingKind};
use crate::ids::RefundId;
use crate::money::Money;
use crate::order::Fault;
use crate::order::case::Case;
use crate::payment::{Purpose, TipFor};
use crate::refund::{Refund, RefundStatus};
use crate::view::{Unreadable, View};

/// Whether money goes to the customer, or a refund has come back from their bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Back,
    Returned,
}

impl Case {
    /// Taken from a card: the customer owes it no more. A tip goes straight to whom it is for.
    pub(crate) fn book_capture(
        &mut self,
        city: &impl View,
        amount: Money,
        owed: bool,
    ) -> Result<(), Unreadable> {
        let customer = Holder::Customer(self.payment().customer_id);
        let (what, kind, from) = match self.payment().purpose {
            _ if !owed => (LedgerWhat::CapturedUnowed, PostingKind::Capture, customer),
            Purpose::Order => (LedgerWhat::Captured, PostingKind::Capture, customer),
            Purpose::Tip { to } => (LedgerWhat::TipCaptured, PostingKind::Tip, self.tipped(to)),
        };
        let mut draft = self.draft(what);
        draft.owe(Holder::Gateway, from, kind, amount);
        self.book(city, draft)
    }

    fn tipped(&self, to: TipFor) -> Holder {
        match to {
            TipFor::Kitchen => Holder::Restaurant(self.order().restaurant_id),
            TipFor::Courier => self.carrier().map_or(Holder::Platform, Holder::Courier),
        }
    }

    /// Taken at the door, or at the restaurant's counter.
    pub(crate) fn book_cash(&mut self, city: &impl View, amount: Money) -> Result<(), Unreadable> {
        let counter = Holder::Restaurant(self.order().restaurant_id);
        let taker = self.carrier().map_or(counter, Holder::CourierCash);
        let mut draft = self.draft(LedgerWhat::CashCollected);
        draft.owe(taker, Holder::Customer(self.order().customer_id), PostingKind::Cash, amount);
        self.book(city, draft)
    }

    /// A refund was done, by the gateway or by hand, or has come back. The state gives back its
    /// part of it; who is at fault bears the rest. `before` is what had gone back until now.
    pub(crate) fn book_refund(
        &mut self,
        city: &impl View,
        refund: &Refund,
        way: Way,
        by_hand: bool,
        before: Money,
    ) -> Result<(), Unreadable> {
        let what = match way {
            Way::Returned => LedgerWhat::RefundReturned,
            Way::Back if by_hand => LedgerWhat::RefundedByHand,
            Way::Back => LedgerWhat::Refunded,
        };
        let source = if by_hand { Holder::Till } else { Holder::Gateway };
        let (bearer, tax) = if refund.id == RefundId::of_unowed(self.payment().id) {
            (Holder::Customer(self.payment().customer_id), Money::ZERO)
        } else {
            // What was taken beyond what was owed had no tax in it, and went back by itself.
            let unowed = city.refund(RefundId::of_unowed(self.payment().id))?;
            let unowed = unowed.filter(|unowed| unowed.status == RefundStatus::Done);
            let before = Money(before.0 - unowed.map_or(0, |unowed| unowed.amount.0));
            let (low, high) = match way {
                Way::Back => (before.0, before.0 + refund.amount.0),
                Way::Returned => (before.0 - refund.amount.0, before.0),
            };
            let tax = self.tax_in(Money(high)).0 - self.tax_in(Money(low)).0;
            (self.bearer(refund.fault), Money(tax))
        };
        let rest = Money(refund.amount.0 - tax.0);
        let mut draft = self.draft(what);
        for (holder, amount) in [(Holder::Tax, tax), (bearer, rest)] {
            match way {
                Way::Back => draft.owe(holder, source, PostingKind::Refund, amount),
                Way::Returned => draft.owe(source, holder, PostingKind::Refund, amount),
            }
        }
        self.book(city, draft)
    }

    /// The tax in the first so much of what was owed and charged.
    fn tax_in(&self, part: Money) -> Money {
        let order = self.order();
        let tax = order.bill.as_ref().map_or(Money::ZERO, |bill| tax_of(order, bill));
        let owed = order.bill.as_ref().map_or(Money::ZERO, |bill| bill.customer_pays);
        let charged = self.payment().to_capture.min(owed).0;
        if charged <= 0 || self.payment().purpose != Purpose::Order {
            return Money::ZERO;
        }
        let exact = i128::from(tax.0) * i128::from(part.0) / i128::from(charged);
        Money(i64::try_from(exact).unwrap_or(0))
    }

    /// Whose money a refund is. A customer cannot bear what they get: then it is a kindness of the
    /// platform.
    fn bearer(&self, fault: Fault) -> Holder {
        match fault {
            Fault::Restaurant => Holder::Restaurant(self.order().restaurant_id),
            Fault::Courier => self.carrier().map_or(Holder::Platform, Holder::Courier),
            Fault::Customer | Fault::Platform => Holder::Platform,
        }
    }

    /// The customer's bank has taken it back, for now or for good, or has given it up.
    pub(crate) fn book_dispute(
        &mut self,
        city: &impl View,
        what: LedgerWhat,
        amount: Money,
    ) -> Result<(), Unreadable> {
        let mut draft = self.draft(what);
        match what {
            LedgerWhat::DisputeWon => {
                draft.owe(Holder::Gateway, Holder::Disputed, PostingKind::Dispute, amount);
            }
            LedgerWhat::DisputeLost => {
                draft.owe(Holder::Platform, Holder::Disputed, PostingKind::Loss, amount);
            }
            LedgerWhat::DisputeOpened
            | LedgerWhat::OrderEnded
            | LedgerWhat::Captured
            | LedgerWhat::CapturedUnowed
            | LedgerWhat::CashCollected
            | LedgerWhat::TipCaptured
            | LedgerWhat::Refunded
            | LedgerWhat::RefundedByHand
            | LedgerWhat::RefundReturned
            | LedgerWhat::DebtPaid
            | LedgerWhat::DebtForgiven
            | LedgerWhat::PaidOut => {
                draft.owe(Holder::Disputed, Holder::Gateway, PostingKind::Dispute, amount);
            }
        }
        self.book(city, draft)
    }

    /// Who carries or has carried it.
    pub(crate) fn carrier(&self) -> Option<crate::ids::CourierId> {
        self.delivery().and_then(|delivery| delivery.status.holder())
    }
}
