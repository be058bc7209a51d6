//! Our books and the gateway's, side by side: pure, so that every pair of states has its answer in
//! one table.

use crate::gateways::{Sight, SightState};
use domain::money::Money;
use domain::payment::{DifferenceKind, GatewayFact, Payment, PaymentStatus};
use domain::refund::{Refund, RefundStatus};
use domain::time::Timestamp;
use std::sync::Arc;

/// An approval that no payment of ours stands behind is let go after this time, and not before:
/// the payment may be on its way into the log.
pub(super) const ORPHAN_MS: i64 = 15 * 60_000;

/// What we know of a payment.
#[derive(Clone, Debug)]
pub(crate) struct Ours {
    /// The attempt.
    pub payment: Arc<Payment>,
    /// Its refunds.
    pub refunds: Vec<Arc<Refund>>,
}

/// What to do about a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nobody stands behind this approval.
    LetGo,
    /// We have missed this.
    Fact(GatewayFact),
    /// Nothing that a machine should put right.
    Difference { kind: DifferenceKind, ours: String, theirs: String },
}

/// Where a payment stands with respect to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Elsewhere,
    Asking,
    Held,
    Taking,
    Taken,
    LettingGo,
    Dead,
}

/// What follows from one of the gateway's payments and ours.
pub(crate) fn compare(ours: Option<&Ours>, theirs: &Sight, now: Timestamp) -> Vec<Finding> {
    let Some(ours) = ours else { return stranger(theirs, now) };
    let payment = &ours.payment;
    // The same payment asked for twice under two names: only one of them is ours.
    let other = payment.gateway_ref.as_deref().filter(|known| !known.is_empty());
    if other.is_some_and(|known| known != theirs.gateway_ref) {
        return stranger(theirs, now);
    }
    let mut findings = state(payment, theirs);
    if findings.is_empty() && phase(payment.status) == Phase::Taken {
        findings = money(ours, theirs);
    }
    findings
}

/// Nobody here knows it.
fn stranger(theirs: &Sight, now: Timestamp) -> Vec<Finding> {
    let old = theirs.created_at.plus_ms(ORPHAN_MS) <= now;
    match theirs.state {
        SightState::Pending | SightState::ActionRequired { .. } | SightState::Authorized => {
            if old {
                vec![Finding::LetGo]
            } else {
                Vec::new()
            }
        }
        SightState::Captured if theirs.captured > theirs.refunded => {
            vec![difference(DifferenceKind::OnlyTheirs, "nothing".to_owned(), taken(theirs))]
        }
        SightState::Captured | SightState::Declined { .. } | SightState::Voided => Vec::new(),
    }
}

fn state(payment: &Payment, theirs: &Sight) -> Vec<Finding> {
    let gateway_ref = theirs.gateway_ref.clone();
    let authorized =
        || GatewayFact::Authorized { gateway_ref: gateway_ref.clone(), amount: theirs.amount };
    let fact = |fact: GatewayFact| vec![Finding::Fact(fact)];
    let differ = || {
        let ours = word(payment.status);
        vec![difference(DifferenceKind::Status, ours, theirs.state.label().to_owned())]
    };
    let phase = phase(payment.status);
    match (&theirs.state, phase) {
        (SightState::Pending, _) => Vec::new(),
        (SightState::ActionRequired { url }, Phase::Asking) => {
            // Known, unless its address is another one.
            let known = payment.action_url.as_ref() == Some(url) || url.is_empty();
            let (gateway_ref, url) = (gateway_ref.clone(), url.clone());
            if known { Vec::new() } else { fact(GatewayFact::ActionRequired { gateway_ref, url }) }
        }
        (SightState::ActionRequired { .. }, _) => Vec::new(),
        (SightState::Declined { reason }, Phase::Asking) => {
            fact(GatewayFact::Declined { reason: reason.clone() })
        }
        (SightState::Declined { .. }, Phase::Held | Phase::Taken | Phase::Elsewhere) => differ(),
        (SightState::Declined { .. }, Phase::Taking | Phase::LettingGo | Phase::Dead) => Vec::new(),
        (SightState::Authorized, Phase::Asking | Phase::Dead) => fact(authorized()),
        (SightState::Authorized, Phase::Held | Phase::Taking | Phase::LettingGo) => Vec::new(),
        (SightState::Authorized, Phase::Taken | Phase::Elsewhere) => differ(),
        (SightState::Captured, Phase::Taking | Phase::LettingGo | Phase::Dead) => {
            fact(GatewayFact::Captured { amount: theirs.captured })
        }
        (SightState::Captured, Phase::Asking) => {
            let captured = GatewayFact::Captured { amount: theirs.captured };
            vec![Finding::Fact(authorized()), Finding::Fact(captured)]
        }
        (SightState::Captured, Phase::Held | Phase::Elsewhere) => differ(),
        (SightState::Captured, Phase::Taken) => Vec::new(),
        (SightState::Voided, Phase::Asking | Phase::Held | Phase::LettingGo) => {
            fact(GatewayFact::Voided)
        }
        (SightState::Voided, Phase::Taken | Phase::Elsewhere) => differ(),
        (SightState::Voided, Phase::Taking | Phase::Dead) => Vec::new(),
    }
}

/// Both sides have taken it: how much, and what went back.
fn money(ours: &Ours, theirs: &Sight) -> Vec<Finding> {
    let payment = &ours.payment;
    let mut findings = Vec::new();
    if payment.to_capture != theirs.captured {
        let ours = payment.to_capture.to_string();
        findings.push(difference(DifferenceKind::Captured, ours, theirs.captured.to_string()));
    }
    for refund in &theirs.refunds {
        let known = ours.refunds.iter().find(|known| Some(known.id) == refund.refund_id);
        let pending = known.filter(|known| known.status == RefundStatus::Pending);
        let (Some(known), Some(done)) = (pending, refund.done) else { continue };
        let refund_id = known.id;
        findings.push(Finding::Fact(match done {
            true => GatewayFact::Refunded { refund_id },
            false => GatewayFact::RefundFailed { refund_id },
        }));
    }
    let settled = findings.is_empty() && payment.refunding == Money::ZERO;
    if settled && payment.refunded != theirs.refunded {
        let ours = payment.refunded.to_string();
        findings.push(difference(DifferenceKind::Refunded, ours, theirs.refunded.to_string()));
    }
    if let Some(dispute) = &theirs.dispute {
        let known = payment.dispute.as_ref().filter(|known| known.id == dispute.dispute_id);
        let dispute_id = dispute.dispute_id.clone();
        if known.is_none() {
            let amount = dispute.amount;
            let opened = GatewayFact::DisputeOpened { dispute_id: dispute_id.clone(), amount };
            findings.push(Finding::Fact(opened));
        }
        if let Some(won) = dispute.won.filter(|_| known.is_none_or(|k| k.closed.is_none())) {
            findings.push(Finding::Fact(GatewayFact::DisputeClosed { dispute_id, won }));
        }
    }
    findings
}

/// A state as operators read it.
pub(super) fn word(status: PaymentStatus) -> String {
    let word = serde_json::to_value(status).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn phase(status: PaymentStatus) -> Phase {
    match status {
        PaymentStatus::None | PaymentStatus::CashDue | PaymentStatus::CashCollected => {
            Phase::Elsewhere
        }
        PaymentStatus::Authorizing | PaymentStatus::ActionRequired => Phase::Asking,
        PaymentStatus::Authorized => Phase::Held,
        PaymentStatus::Capturing => Phase::Taking,
        PaymentStatus::Captured | PaymentStatus::Disputed | PaymentStatus::Lost => Phase::Taken,
        PaymentStatus::Voiding => Phase::LettingGo,
        PaymentStatus::Failed | PaymentStatus::Voided => Phase::Dead,
    }
}

fn difference(kind: DifferenceKind, ours: String, theirs: String) -> Finding {
    Finding::Difference { kind, ours, theirs }
}

fn taken(theirs: &Sight) -> String {
    format!("captured {}, refunded {}", theirs.captured, theirs.refunded)
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
