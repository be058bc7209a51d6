//! The customer's bank asks for the money back, and decides.

use super::fact::Heard;
use super::{Dispute, DisputeClosed, Payment, PaymentStatus};
use crate::event::Event;
use crate::ledger::LedgerWhat;
use crate::money::Money;
use crate::order::case::Case;
use crate::view::{Unreadable, View};

impl Case {
    /// One dispute at a time; what it is about is out of our hands until it is closed.
    pub(super) fn hear_dispute(
        &mut self,
        city: &impl View,
        dispute_id: &str,
        amount: Money,
    ) -> Result<Heard, Unreadable> {
        let known = |payment: &Payment| {
            payment.dispute.as_ref().is_some_and(|dispute| dispute.id == dispute_id)
        };
        Ok(match self.payment().status {
            _ if known(self.payment()) => Heard::Known,
            PaymentStatus::Captured => {
                let (payment_id, order_id) = (self.payment().id, self.order().id);
                let (id, opened_at) = (dispute_id.to_owned(), self.at());
                self.payment_mut().dispute = Some(Dispute { id, amount, opened_at, closed: None });
                self.move_payment(PaymentStatus::Disputed);
                self.event(Event::PaymentDisputed { payment_id, order_id, amount });
                self.book_dispute(city, LedgerWhat::DisputeOpened, amount)?;
                Heard::Moved
            }
            PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing
            // One at a time: another one waits for the end of this one.
            | PaymentStatus::Disputed => Heard::Early,
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Lost => Heard::Known,
        })
    }

    /// The bank has decided.
    pub(super) fn hear_dispute_closed(
        &mut self,
        city: &impl View,
        dispute_id: &str,
        won: bool,
    ) -> Result<Heard, Unreadable> {
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        let (status, at) = (self.payment().status, self.at());
        let named = self.payment().dispute.as_ref().filter(|dispute| dispute.id == dispute_id);
        let Some(mut dispute) = named.cloned() else {
            // Its beginning has not come yet.
            return Ok(Heard::Early);
        };
        if dispute.closed.is_some() || status != PaymentStatus::Disputed {
            return Ok(Heard::Known);
        }
        let amount = dispute.amount;
        dispute.closed = Some(DisputeClosed { won, at });
        self.payment_mut().dispute = Some(dispute);
        let (status, what) = match won {
            true => (PaymentStatus::Captured, LedgerWhat::DisputeWon),
            false => (PaymentStatus::Lost, LedgerWhat::DisputeLost),
        };
        self.move_payment(status);
        self.event(Event::DisputeClosed { payment_id, order_id, won });
        self.book_dispute(city, what, amount)?;
        Ok(Heard::Moved)
    }
}
