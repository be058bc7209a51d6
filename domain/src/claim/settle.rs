//! An operator decides a complaint.

use super::{Claim, ClaimStatus};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{ClaimId, RefundId};
use crate::limits::TEXT_LETTERS;
use crate::money::Money;
use crate::order::Fault;
use crate::order::case::Case;
use crate::outcome::{Checked, Outcome};
use crate::refund::make::Gift;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Decides an open or contested claim. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SettleClaim {
    pub claim_id: ClaimId,
    /// What the customer gets; zero refuses the claim.
    pub amount: Money,
    pub fault: Fault,
    pub reason: String,
    /// The refund that this makes, if it makes one.
    pub refund_id: RefundId,
}

pub(crate) fn settle_claim(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SettleClaim,
) -> Result<Outcome, Unreadable> {
    let SettleClaim { claim_id, amount, fault, reason, refund_id } = command;
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(claim) = city.claim(claim_id)? else {
        return Ok(Outcome::rejected(Rejection::ClaimUnknown));
    };
    let wanted = ClaimStatus::Settled { amount, fault, refund_id: Some(refund_id) };
    match claim.status {
        ClaimStatus::Open { .. } | ClaimStatus::Contested => {}
        ClaimStatus::Settled { .. } if claim.status == wanted => {
            return Ok(Outcome::unchanged(claim.revision));
        }
        ClaimStatus::Refused if amount == Money::ZERO => {
            return Ok(Outcome::unchanged(claim.revision));
        }
        ClaimStatus::Settled { .. } | ClaimStatus::Refused => {
            return Ok(Outcome::rejected(Rejection::ClaimClosed));
        }
    }
    let shape = field::letters("/reason", &reason, 1..=TEXT_LETTERS)
        .and_then(|()| field::amount("/amount", amount));
    if let Err(why) = shape {
        return Ok(Outcome::rejected(why));
    }
    if amount > Money::ZERO && city.refund(refund_id)?.is_some() {
        return Ok(Outcome::rejected(Rejection::IdReused));
    }
    let Some(mut case) = Case::load(city, stamp, claim.order_id)? else {
        return Ok(Outcome::rejected(Rejection::ClaimUnknown));
    };
    let decision = Some(reason.clone());
    let claim = Claim { decision, ..Arc::unwrap_or_clone(claim) };
    if amount == Money::ZERO {
        case.refuse_claim(claim);
        return Ok(case.yes());
    }
    let gift = Gift { refund_id, amount, lines: Vec::new(), fault, reason, request: claim.request };
    Ok(match case.settle_claim(city, claim, gift)? {
        Ok(()) => case.yes(),
        Err(why) => Outcome::rejected(why),
    })
}

impl Case {
    /// The customer gets something. A claim whose money has gone back already is settled too, with
    /// nothing more.
    pub(super) fn settle_claim(
        &mut self,
        city: &impl View,
        mut claim: Claim,
        gift: Gift,
    ) -> Checked<()> {
        let (claim_id, order_id) = (claim.id, claim.order_id);
        let restaurant_id = claim.restaurant_id;
        let Gift { refund_id, amount, fault, .. } = gift;
        let refund_id = if amount > Money::ZERO {
            if let Err(why) = self.give(city, gift)? {
                return Ok(Err(why));
            }
            Some(refund_id)
        } else {
            None
        };
        self.judge_claim(city, claim.kind, fault)?;
        self.answered(&claim);
        claim.status = ClaimStatus::Settled { amount, fault, refund_id };
        self.keep_claim(claim);
        self.event(Event::ClaimSettled { claim_id, order_id, restaurant_id, amount, fault });
        Ok(Ok(()))
    }

    fn refuse_claim(&mut self, mut claim: Claim) {
        let (claim_id, order_id) = (claim.id, claim.order_id);
        let restaurant_id = claim.restaurant_id;
        self.answered(&claim);
        claim.status = ClaimStatus::Refused;
        self.keep_claim(claim);
        self.event(Event::ClaimRefused { claim_id, order_id, restaurant_id });
    }
}
