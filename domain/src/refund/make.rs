//! Money goes back to a customer.

use super::{Refund, RefundStatus};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::claim::make::price_of;
use crate::claim::{ClaimLine, ClaimState};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::What;
use crate::ids::{OrderId, RefundId};
use crate::ledger::refund::Way;
use crate::limits::{AMOUNT, ORDER_REFUNDS, TEXT_LETTERS};
use crate::money::Money;
use crate::order::case::Case;
use crate::order::{Fault, StepKind};
use crate::outcome::{Checked, Outcome, Write};
use crate::payment::PaymentStatus;
use crate::pricing::Receipt;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gives money back, by amount or by lines. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RefundOrder {
    pub refund_id: RefundId,
    pub order_id: OrderId,
    pub what: RefundWhat,
    pub fault: Fault,
    pub reason: String,
    pub request: Digest,
}

/// How much goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RefundWhat {
    Amount(Money),
    /// By the stored receipt, with tax and coupon in proportion.
    Lines(Vec<ClaimLine>),
}

pub(crate) fn refund_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RefundOrder,
) -> Result<Outcome, Unreadable> {
    let RefundOrder { refund_id, order_id, what, fault, reason, request } = command;
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Some(refund) = city.refund(refund_id)? {
        return Ok(if refund.order_id == order_id && refund.request == request {
            Outcome::unchanged(refund.made_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let before = given_back(city, &case)?;
    let amount = match amount(&what, &case.order().receipt, &before) {
        Ok(amount) => amount,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let lines = match what {
        RefundWhat::Amount(_) => Vec::new(),
        RefundWhat::Lines(lines) => lines,
    };
    let gift = Gift { refund_id, amount, lines, fault, reason, request };
    if let Err(why) = case.give(city, gift)? {
        return Ok(Outcome::rejected(why));
    }
    case.judge_refund(city, fault)?;
    Ok(case.yes())
}

/// How much it is, by the stored receipt.
fn amount(what: &RefundWhat, receipt: &Receipt, before: &[ClaimLine]) -> Result<Money, Rejection> {
    match what {
        RefundWhat::Amount(amount) => Ok(*amount),
        RefundWhat::Lines(lines) => price_of(receipt, before, lines),
    }
}

/// The lines that refunds of this order were for, unless the gateway would not.
pub(crate) fn refunded_lines(city: &impl View, case: &Case) -> Result<Vec<ClaimLine>, Unreadable> {
    let mut lines = Vec::new();
    for refund_id in &case.order().refunds {
        let refund = city.refund(*refund_id)?;
        if let Some(refund) = refund.filter(|refund| refund.status != RefundStatus::Failed) {
            lines.extend_from_slice(&refund.lines);
        }
    }
    Ok(lines)
}

/// The same, and those of claims that were settled.
fn given_back(city: &impl View, case: &Case) -> Result<Vec<ClaimLine>, Unreadable> {
    let mut lines = refunded_lines(city, case)?;
    for claim_id in &case.order().claims {
        let claim = city.claim(*claim_id)?;
        if let Some(claim) = claim.filter(|claim| claim.status.state() == ClaimState::Settled) {
            lines.extend_from_slice(&claim.lines);
        }
    }
    Ok(lines)
}

/// Money on its way to a customer, before it is a record.
#[derive(Debug)]
pub(crate) struct Gift {
    pub(crate) refund_id: RefundId,
    pub(crate) amount: Money,
    /// Empty for an amount, and for a claim, which keeps its lines itself.
    pub(crate) lines: Vec<ClaimLine>,
    pub(crate) fault: Fault,
    pub(crate) reason: String,
    pub(crate) request: Digest,
}

impl Case {
    /// What has gone back, or is on its way.
    pub(crate) fn gone(&self) -> Money {
        Money(self.payment().refunded.0.saturating_add(self.payment().refunding.0))
    }

    /// What was charged and has not gone back yet, nor is on its way.
    pub(crate) fn refundable(&self) -> Money {
        let payment = self.payment();
        match payment.status {
            PaymentStatus::Capturing | PaymentStatus::Captured | PaymentStatus::CashCollected => {
                Money(payment.to_capture.0.saturating_sub(self.gone().0).max(0))
            }
            // Nothing was charged, or it is the bank's to say what becomes of it.
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Failed
            | PaymentStatus::Authorized
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => Money::ZERO,
        }
    }

    /// Gives money back. The caller knows that the refund's id is new.
    pub(crate) fn give(&mut self, city: &impl View, gift: Gift) -> Checked<()> {
        let status = match self.may_give(&gift) {
            Ok(status) => status,
            Err(why) => return Ok(Err(why)),
        };
        let Gift { refund_id, amount, lines, fault, reason, request } = gift;
        let (order_id, payment_id) = (self.order().id, self.payment().id);
        let (made_at, made_index) = (self.at(), self.revision());
        let refund = Refund {
            id: refund_id,
            order_id,
            payment_id,
            amount,
            lines,
            fault,
            reason,
            status,
            work: None,
            made_at,
            made_index,
            request,
            revision: made_index,
        };
        self.order_mut().refunds.push(refund_id);
        if fault != Fault::Platform {
            // What we did wrong ourselves says nothing of the customer.
            self.count(city, What::Refunds)?;
        }
        self.step(StepKind::Refunded);
        if status == RefundStatus::ByHand {
            let before = self.payment().refunded;
            self.book_refund(city, &refund, Way::Back, true, before)?;
            self.write(Write::Refund(Arc::new(refund)));
            self.payment_mut().refunded.0 += amount.0;
            self.event(Event::RefundByHand { refund_id, order_id, amount, fault });
            return Ok(Ok(()));
        }
        self.payment_mut().refunding.0 += amount.0;
        self.event(Event::RefundPending { refund_id, order_id, amount, fault });
        // While the money is being taken there is nothing to give back: the gateway is asked once
        // it has said that it was taken.
        if self.payment().status == PaymentStatus::Captured {
            self.ask_for_refund(refund);
        } else {
            self.write(Write::Refund(Arc::new(refund)));
        }
        Ok(Ok(()))
    }

    /// How it would go back, if it may.
    fn may_give(&self, gift: &Gift) -> Result<RefundStatus, Rejection> {
        field::letters("/reason", &gift.reason, 1..=TEXT_LETTERS)?;
        field::number("/amount", gift.amount.0, 1..=AMOUNT)?;
        let status = match self.payment().status {
            PaymentStatus::Capturing | PaymentStatus::Captured => RefundStatus::Pending,
            PaymentStatus::CashCollected => RefundStatus::ByHand,
            // An order that is still under way is cancelled or substituted, not refunded.
            status @ (PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Failed
            | PaymentStatus::Authorized
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost) => return Err(Rejection::PaymentMovedOn { status }),
        };
        let left = self.refundable();
        if gift.amount > left {
            return Err(Rejection::OverCaptured { left: left.0 });
        }
        field::length("/refunds", self.order().refunds.len() + 1, 1..=ORDER_REFUNDS)?;
        Ok(status)
    }
}
