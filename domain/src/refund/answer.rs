//! What the gateway said to a refund.

use super::{Refund, RefundStatus};
use crate::event::Event;
use crate::ids::RefundId;
use crate::order::case::Case;
use crate::outcome::Write;
use crate::payment::Work;
use crate::view::{Unreadable, View};
use std::sync::Arc;

impl Case {
    /// The customer has it, or will not get it in this way.
    pub(crate) fn refund_answered(
        &mut self,
        city: &impl View,
        refund_id: RefundId,
        done: bool,
    ) -> Result<(), Unreadable> {
        let Some(refund) = city.refund(refund_id)? else { return Ok(()) };
        match refund.status {
            RefundStatus::Pending => {}
            RefundStatus::Done | RefundStatus::Failed | RefundStatus::ByHand => return Ok(()),
        }
        let (order_id, amount) = (self.order().id, refund.amount);
        let status = if done { RefundStatus::Done } else { RefundStatus::Failed };
        let revision = self.revision();
        let refund = Refund { status, revision, ..Arc::unwrap_or_clone(refund) };
        self.write(Write::Refund(Arc::new(refund)));
        let payment = self.payment_mut();
        payment.refunding.0 = payment.refunding.0.saturating_sub(amount.0);
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
        let payment_id = self.payment().id;
        for refund_id in self.pending_refunds(city)? {
            self.work(Work::Refund { payment_id, refund_id });
        }
        Ok(())
    }

    /// The money was not taken after all: there is nothing to give back.
    pub(crate) fn fail_refunds(&mut self, city: &impl View) -> Result<(), Unreadable> {
        for refund_id in self.pending_refunds(city)? {
            self.refund_answered(city, refund_id, false)?;
        }
        Ok(())
    }

    fn pending_refunds(&self, city: &impl View) -> Result<Vec<RefundId>, Unreadable> {
        let mut pending = Vec::new();
        for refund_id in &self.order().refunds {
            let refund = city.refund(*refund_id)?;
            if refund.is_some_and(|refund| refund.status == RefundStatus::Pending) {
                pending.push(*refund_id);
            }
        }
        Ok(pending)
    }
}
