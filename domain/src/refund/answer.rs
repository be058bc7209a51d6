//! What the gateway said to a refund.

use super::{Refund, RefundStatus};
use crate::event::Event;
use crate::ids::RefundId;
use crate::ledger::refund::Way;
use crate::order::case::Case;
use crate::outcome::Write;
use crate::payment::Work;
use crate::view::{Unreadable, View};
use std::sync::Arc;

impl Case {
    /// The customer has it, or will not get it in this way; or had it, and their bank sent it back.
    pub(crate) fn refund_answered(
        &mut self,
        city: &impl View,
        refund_id: RefundId,
        done: bool,
    ) -> Result<(), Unreadable> {
        let Some(refund) = city.refund(refund_id)? else { return Ok(()) };
        let (order_id, amount, was) = (self.order().id, refund.amount, refund.status);
        match (was, done) {
            (RefundStatus::Pending, _) | (RefundStatus::Done, false) => {}
            (RefundStatus::Done, true) | (RefundStatus::Failed | RefundStatus::ByHand, _) => {
                return Ok(());
            }
        }
        if let Some(work_id) = refund.work {
            self.write(Write::DropWork(work_id));
        }
        let status = if done { RefundStatus::Done } else { RefundStatus::Failed };
        let revision = self.revision();
        let refund = Refund { status, revision, work: None, ..Arc::unwrap_or_clone(refund) };
        let before = self.payment().refunded;
        if done {
            self.book_refund(city, &refund, Way::Back, false, before)?;
        } else if was == RefundStatus::Done {
            self.book_refund(city, &refund, Way::Returned, false, before)?;
        }
        self.write(Write::Refund(Arc::new(refund)));
        let payment = self.payment_mut();
        if was == RefundStatus::Done {
            payment.refunded.0 = payment.refunded.0.saturating_sub(amount.0);
        } else {
            payment.refunding.0 = payment.refunding.0.saturating_sub(amount.0);
        }
        if done {
            payment.refunded.0 = payment.refunded.0.saturating_add(amount.0);
            self.event(Event::RefundDone { refund_id, order_id, amount });
        } else {
            self.event(Event::RefundFailed { refund_id, order_id });
        }
        Ok(())
    }

    /// The money was taken: what was asked back meanwhile can go now.
    pub(crate) fn ask_for_refunds(&mut self, city: &impl View) -> Result<(), Unreadable> {
        for refund in self.pending_refunds(city)? {
            self.ask_for_refund(Arc::unwrap_or_clone(refund));
        }
        Ok(())
    }

    /// Asks the gateway to give it back, and keeps the refund.
    pub(super) fn ask_for_refund(&mut self, mut refund: Refund) {
        let (payment_id, refund_id) = (refund.payment_id, refund.id);
        refund.work = Some(self.work(Work::Refund { payment_id, refund_id }));
        refund.revision = self.revision();
        self.write(Write::Refund(Arc::new(refund)));
    }

    /// The money was not taken after all: there is nothing to give back.
    pub(crate) fn fail_refunds(&mut self, city: &impl View) -> Result<(), Unreadable> {
        for refund in self.pending_refunds(city)? {
            self.refund_answered(city, refund.id, false)?;
        }
        Ok(())
    }

    fn pending_refunds(&self, city: &impl View) -> Result<Vec<Arc<Refund>>, Unreadable> {
        let mut pending = Vec::new();
        for refund_id in &self.order().refunds {
            let mine = |refund: &Arc<Refund>| {
                refund.status == RefundStatus::Pending && refund.payment_id == self.payment().id
            };
            pending.extend(city.refund(*refund_id)?.filter(mine));
        }
        Ok(pending)
    }
}
