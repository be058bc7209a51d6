//! The customer answers a proposal, or their silence does.

use super::{Answered, Substitution, SubstitutionAnswer};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::coupon::CouponHold;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::OrderId;
use crate::money::Money;
use crate::order::cancel::situation;
use crate::order::case::Case;
use crate::order::ending::Ending;
use crate::order::{CancelReason, Fault, StepKind};
use crate::outcome::{Outcome, Write};
use crate::payment::PaymentStatus;
use crate::pricing::{IfUnavailable, Receipt};
use crate::rejection::Rejection;
use crate::stock::StockHold;
use crate::stock::hold::portions;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The customer's answer. The customer, or an operator for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerSubstitution {
    pub order_id: OrderId,
    pub answer: SubstitutionAnswer,
    /// The receipt's revision that they saw: an answer to an earlier proposal is none to this one.
    #[serde(default)]
    pub revision: Option<u32>,
}

pub(crate) fn answer_substitution(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AnswerSubstitution,
) -> Result<Outcome, Unreadable> {
    let AnswerSubstitution { order_id, answer, revision } = command;
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let theirs = person(actor) == Some(case.order().customer_id);
    if !theirs && !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    }
    let order = case.order();
    // The receipt's revision names the proposal: an answer to an earlier one is none to this one.
    let meant = revision.is_none_or(|seen| seen == order.receipt.revision);
    let Some(open) = order.substitution.as_deref().filter(|_| meant) else {
        let said = order.last_answer.filter(|said| said.answer == answer);
        return Ok(match said {
            Some(said) if revision.is_none_or(|seen| seen == said.revision) => {
                Outcome::unchanged(order.revision)
            }
            Some(_) | None => Outcome::rejected(Rejection::ProposalClosed),
        });
    };
    // The deadline may be late; its moment is not.
    if stamp.at > open.answer_by {
        return Ok(Outcome::rejected(Rejection::ProposalClosed));
    }
    case.answer(city, answer)?;
    Ok(case.yes())
}

/// The customer said nothing: the line's own preference decides.
pub(crate) fn nobody_answered(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let open = case.order().substitution.as_deref();
    let Some(open) = open.filter(|open| open.answer_by == deadline.due_at) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let answer = preference(&case.order().receipt, open);
    case.answer(city, answer)?;
    Ok(case.yes())
}

/// What the line itself says. A substitute with allergens that the line had not is never taken
/// for granted.
fn preference(receipt: &Receipt, open: &Substitution) -> SubstitutionAnswer {
    let line = usize::try_from(open.line).ok().and_then(|place| receipt.lines.get(place));
    match line.map(|line| line.if_unavailable).unwrap_or_default() {
        IfUnavailable::Substitute if open.new_allergens.is_empty() => SubstitutionAnswer::Accept,
        IfUnavailable::Substitute | IfUnavailable::Remove => SubstitutionAnswer::CancelLine,
        IfUnavailable::CancelOrder => SubstitutionAnswer::CancelOrder,
    }
}

impl Case {
    fn answer(&mut self, city: &impl View, answer: SubstitutionAnswer) -> Result<(), Unreadable> {
        let (order_id, restaurant_id) = (self.order().id, self.order().restaurant_id);
        let Some(open) = self.order_mut().substitution.take() else { return Ok(()) };
        let Substitution { line, priced, holds, answer_by, .. } = *open;
        self.drop_due(answer_by, Due::SubstitutionBy(order_id));
        let revision = self.order().receipt.revision;
        self.order_mut().last_answer = Some(Answered { revision, answer });
        self.step(StepKind::SubstitutionAnswered);
        let place = usize::try_from(line).unwrap_or(usize::MAX);
        let (with, kept) = match answer {
            SubstitutionAnswer::Accept => (priced, true),
            SubstitutionAnswer::Refuse | SubstitutionAnswer::CancelLine => (None, false),
            SubstitutionAnswer::CancelOrder => (None, false),
        };
        if !kept {
            self.free_portions(city, &holds)?;
        }
        let receipt = match answer {
            SubstitutionAnswer::CancelOrder => None,
            SubstitutionAnswer::Accept
            | SubstitutionAnswer::Refuse
            | SubstitutionAnswer::CancelLine => self.order().receipt.replaced(place, with),
        };
        let total = receipt.as_ref().map_or(Money::ZERO, |receipt| receipt.total);
        let told = Event::SubstitutionAnswered { order_id, restaurant_id, line, answer, total };
        self.event(told);
        let Some(receipt) = receipt else {
            return self.end_for_want_of(city);
        };
        self.put_receipt(city, receipt)?;
        if kept {
            self.add_portions(city, holds)?;
        }
        self.free_what_is_not_needed(city)
    }

    /// Nothing is left, or nothing else is wanted: the kitchen has not what it sold.
    fn end_for_want_of(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let Ok(situation) = situation(self.order(), self.delivery(), Fault::Restaurant) else {
            return Ok(());
        };
        let ending = Ending::Cancelled(CancelReason::OutOfStock, Fault::Restaurant);
        self.end(city, ending, situation)
    }

    /// A lower total: cash is asked for less, of a card less is taken in the end.
    fn put_receipt(&mut self, city: &impl View, receipt: Receipt) -> Result<(), Unreadable> {
        let total = receipt.total;
        self.shrink_coupon(city, receipt.coupon)?;
        let order = self.order_mut();
        let before = std::mem::replace(&mut order.receipt, receipt);
        order.first_receipt.get_or_insert_with(|| Box::new(before));
        match self.payment().status {
            PaymentStatus::CashDue => {
                let payment = self.payment_mut();
                (payment.amount, payment.to_capture) = (total, total);
                if total == Money::ZERO {
                    self.move_payment(PaymentStatus::None);
                }
            }
            PaymentStatus::Authorized => self.payment_mut().to_capture = total,
            PaymentStatus::None
            | PaymentStatus::CashCollected
            | PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Failed
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => {}
        }
        Ok(())
    }

    /// A coupon gives less where less is bought: its budget has the difference again.
    fn shrink_coupon(
        &mut self,
        city: &impl View,
        now: Option<CouponHold>,
    ) -> Result<(), Unreadable> {
        let (Some(before), Some(now)) = (self.order().holds.coupon, now) else { return Ok(()) };
        if before.amount == now.amount {
            return Ok(());
        }
        if let Some(coupon) = city.coupon(before.coupon_id)? {
            let mut coupon = Arc::unwrap_or_clone(coupon);
            coupon.spent.0 = coupon.spent.0.saturating_sub(before.amount.0 - now.amount.0);
            coupon.revision = self.revision();
            self.write(Write::Coupon(Arc::new(coupon)));
        }
        self.order_mut().holds.coupon = Some(now);
        Ok(())
    }

    /// A proposal ends with its order.
    pub(crate) fn drop_proposal(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let order_id = self.order().id;
        if self.order().substitution.is_none() {
            return Ok(());
        }
        let Some(open) = self.order_mut().substitution.take() else { return Ok(()) };
        self.drop_due(open.answer_by, Due::SubstitutionBy(order_id));
        self.free_portions(city, &open.holds)
    }

    /// Portions that only waited for an answer; they were never in the pan.
    fn free_portions(&mut self, city: &impl View, holds: &[StockHold]) -> Result<(), Unreadable> {
        for hold in holds {
            self.change_stock(city, hold.target, |stock| stock.give_back(hold.quantity))?;
        }
        Ok(())
    }

    /// The substitute's portions are the order's own; in the pan if the kitchen has begun.
    fn add_portions(&mut self, city: &impl View, holds: Vec<StockHold>) -> Result<(), Unreadable> {
        if self.order().holds.cooked {
            for hold in &holds {
                self.change_stock(city, hold.target, |stock| stock.sell(hold.quantity))?;
            }
        }
        let own = &mut self.order_mut().holds.stock;
        for hold in holds {
            match own.iter_mut().find(|held| held.target == hold.target) {
                Some(held) => held.quantity = held.quantity.saturating_add(hold.quantity),
                None => own.push(hold),
            }
        }
        Ok(())
    }

    /// What the receipt does not name any more is there for others, unless it is in the pan.
    fn free_what_is_not_needed(&mut self, city: &impl View) -> Result<(), Unreadable> {
        if self.order().holds.cooked {
            return Ok(());
        }
        let needed: BTreeMap<_, _> = portions(&self.order().receipt);
        let held = std::mem::take(&mut self.order_mut().holds.stock);
        for StockHold { target, quantity } in held {
            let keep = quantity.min(needed.get(&target).copied().unwrap_or(0));
            let free = quantity - keep;
            if free > 0 {
                self.change_stock(city, target, |stock| stock.give_back(free))?;
            }
            if keep > 0 {
                self.order_mut().holds.stock.push(StockHold { target, quantity: keep });
            }
        }
        Ok(())
    }
}
