//! The restaurant answers a complaint; silence is a yes, up to the city's limit.

use super::make::price_of;
use super::{Claim, ClaimLine, ClaimStatus};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{ClaimId, RefundId, RestaurantId};
use crate::limits::TEXT_LETTERS;
use crate::order::Fault;
use crate::order::case::Case;
use crate::outcome::{Checked, Outcome, Write};
use crate::refund::make::{Gift, refunded_lines};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Takes a claim, or contests it. Managers of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerClaim {
    pub claim_id: ClaimId,
    pub restaurant_id: RestaurantId,
    pub accept: bool,
    pub text: Option<String>,
}

pub(crate) fn answer_claim(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AnswerClaim,
) -> Result<Outcome, Unreadable> {
    let AnswerClaim { claim_id, restaurant_id, accept, text } = command;
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let claim = city.claim(claim_id)?.filter(|claim| claim.restaurant_id == restaurant_id);
    let Some(claim) = claim else {
        return Ok(Outcome::rejected(Rejection::ClaimUnknown));
    };
    if let Err(why) = check(accept, text.as_deref()) {
        return Ok(Outcome::rejected(why));
    }
    match claim.status {
        ClaimStatus::Open { .. } => {}
        // What the answer led to is what it would lead to again.
        ClaimStatus::Settled { .. }
            if accept && claim.decision.is_none() && claim.answer == text =>
        {
            return Ok(Outcome::unchanged(claim.revision));
        }
        ClaimStatus::Contested if !accept && claim.answer == text => {
            return Ok(Outcome::unchanged(claim.revision));
        }
        ClaimStatus::Contested | ClaimStatus::Settled { .. } | ClaimStatus::Refused => {
            return Ok(Outcome::rejected(Rejection::ClaimClosed));
        }
    }
    let Some(mut case) = Case::load(city, stamp, claim.order_id)? else {
        return Ok(Outcome::rejected(Rejection::ClaimUnknown));
    };
    let claim = Claim { answer: text, ..Arc::unwrap_or_clone(claim) };
    let taken = refunded_lines(city, &case)?;
    let decided = if accept { case.concede(city, claim, &taken)? } else { case.contest(claim) };
    Ok(match decided {
        Ok(()) => case.yes(),
        Err(why) => Outcome::rejected(why),
    })
}

/// A yes may come without words; a no says why.
fn check(accept: bool, text: Option<&str>) -> Result<(), Rejection> {
    let least = usize::from(!accept);
    field::letters("/text", text.unwrap_or(""), least..=TEXT_LETTERS)
}

/// The restaurant said nothing: small claims are the customer's, the others an operator decides.
pub(crate) fn nobody_answered(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    claim_id: ClaimId,
) -> Result<Outcome, Unreadable> {
    let awaited = ClaimStatus::Open { answer_by: deadline.due_at };
    let claim = city.claim(claim_id)?.filter(|claim| claim.status == awaited);
    let Some(claim) = claim else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let Some(mut case) = Case::load(city, stamp, claim.order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    // All that has gone back counts: many small claims are a large one.
    let small = case.gone().0.saturating_add(claim.asked.0) <= case.rules().claim_limit.0;
    let claim = Arc::unwrap_or_clone(claim);
    let taken = refunded_lines(city, &case)?;
    let decided =
        if small { case.concede(city, claim.clone(), &taken)? } else { Err(Rejection::NotDue) };
    // What cannot be given back by itself is for people to look at.
    Ok(match decided.or_else(|_| case.contest(claim)) {
        Ok(()) => case.yes(),
        Err(why) => Outcome::rejected(why),
    })
}

impl Case {
    /// The customer is right, and the restaurant bears it: what was asked for, as far as it has not
    /// gone back in another way.
    fn concede(&mut self, city: &impl View, claim: Claim, taken: &[ClaimLine]) -> Checked<()> {
        // An operator was faster with these lines: nothing is given back twice.
        if !claim.lines.is_empty() && price_of(&self.order().receipt, taken, &claim.lines).is_err()
        {
            return Ok(Err(Rejection::OverCaptured { left: 0 }));
        }
        let amount = claim.asked.min(self.refundable());
        let gift = Gift {
            refund_id: RefundId::of(claim.id),
            amount,
            lines: Vec::new(),
            fault: Fault::Restaurant,
            reason: format!("claim {}", claim.id),
            request: claim.request,
        };
        self.settle_claim(city, claim, gift)
    }

    /// The restaurant says no, or nobody can say yes: an operator decides.
    fn contest(&mut self, mut claim: Claim) -> Result<(), Rejection> {
        let (claim_id, order_id) = (claim.id, claim.order_id);
        let restaurant_id = claim.restaurant_id;
        self.answered(&claim);
        claim.status = ClaimStatus::Contested;
        self.keep_claim(claim);
        self.event(Event::ClaimContested { claim_id, order_id, restaurant_id });
        Ok(())
    }

    /// Nobody waits for the restaurant's answer any more.
    pub(super) fn answered(&mut self, claim: &Claim) {
        match claim.status {
            ClaimStatus::Open { answer_by } => {
                self.drop_due(answer_by, Due::ClaimAnswerBy(claim.id));
            }
            ClaimStatus::Contested | ClaimStatus::Settled { .. } | ClaimStatus::Refused => {}
        }
    }

    pub(super) fn keep_claim(&mut self, mut claim: Claim) {
        claim.revision = self.revision();
        self.write(Write::Claim(Arc::new(claim)));
    }
}
