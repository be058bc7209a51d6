//! What the gateway said when it was asked.

use super::{GatewayFact, Payment, PaymentStatus, Work, WorkId};
use crate::authority::is_system;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::limits::{AMOUNT, TOKEN_LETTERS, URL_LETTERS};
use crate::money::Money;
use crate::order::case::Case;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Records the gateway's answer to one piece of work. System only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordGatewayAnswer {
    pub work_id: WorkId,
    pub answer: GatewayAnswer,
}

/// What a gateway can say for sure. A time-out is no answer: the work stays and is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum GatewayAnswer {
    /// It holds: authorized, captured, voided or given back, as the work asked.
    Done {
        gateway_ref: String,
        /// How much, in minor units, if the gateway says so; else what was asked for.
        #[serde(default)]
        amount: Option<Money>,
    },
    /// The customer must confirm with their bank, there.
    ActionRequired { gateway_ref: String, url: String },
    /// It will not.
    Declined { reason: String },
}

pub(crate) fn record_gateway_answer(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RecordGatewayAnswer,
) -> Result<Outcome, Unreadable> {
    let RecordGatewayAnswer { work_id, answer } = command;
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    // Answered before, by this or by the gateway's own call; or never asked.
    let Some(work) = city.work(work_id)? else {
        return Ok(Outcome::rejected(Rejection::WorkUnknown));
    };
    let Some(payment) = city.payment(work.payment_id())? else {
        return Ok(Outcome::rejected(Rejection::WorkUnknown));
    };
    let fact = match check(&answer).and_then(|()| fact_of(&payment, &work, answer)) {
        Ok(fact) => fact,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if still_confirming(&payment, &work, &fact) {
        return Ok(Outcome::unchanged(payment.revision));
    }
    let Some(mut case) = Case::of_payment(city, stamp, payment)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    case.write(Write::DropWork(work_id));
    if case.payment().work == Some(work_id) {
        case.payment_mut().work = None;
    }
    case.learn(city, fact)?;
    Ok(case.yes())
}

/// The customer has not confirmed yet: no answer to the question whether they have, which stays.
fn still_confirming(payment: &Payment, work: &Work, fact: &GatewayFact) -> bool {
    matches!(work, Work::Confirm { .. })
        && matches!(fact, GatewayFact::ActionRequired { .. })
        && payment.status == PaymentStatus::ActionRequired
}

/// An answer is a fact: which one, depends on what was asked.
fn fact_of(
    payment: &Payment,
    work: &Work,
    answer: GatewayAnswer,
) -> Result<GatewayFact, Rejection> {
    Ok(match (work, answer) {
        (
            Work::Authorize { .. } | Work::Confirm { .. },
            GatewayAnswer::Done { gateway_ref, amount },
        ) => GatewayFact::Authorized { gateway_ref, amount: amount.unwrap_or(payment.amount) },
        (
            Work::Authorize { .. } | Work::Confirm { .. },
            GatewayAnswer::ActionRequired { gateway_ref, url },
        ) => GatewayFact::ActionRequired { gateway_ref, url },
        (Work::Authorize { .. } | Work::Confirm { .. }, GatewayAnswer::Declined { reason }) => {
            GatewayFact::Declined { reason }
        }
        (Work::Capture { .. }, GatewayAnswer::Done { amount, .. }) => {
            GatewayFact::Captured { amount: amount.unwrap_or(payment.to_capture) }
        }
        (Work::Capture { .. }, GatewayAnswer::Declined { reason }) => {
            GatewayFact::CaptureFailed { reason }
        }
        (Work::Void { .. }, GatewayAnswer::Done { .. }) => GatewayFact::Voided,
        (Work::Void { .. }, GatewayAnswer::Declined { reason }) => {
            GatewayFact::VoidFailed { reason }
        }
        (Work::Refund { refund_id, .. }, GatewayAnswer::Done { .. }) => {
            GatewayFact::Refunded { refund_id: *refund_id }
        }
        (Work::Refund { refund_id, .. }, GatewayAnswer::Declined { .. }) => {
            GatewayFact::RefundFailed { refund_id: *refund_id }
        }
        (
            Work::Capture { .. } | Work::Void { .. } | Work::Refund { .. },
            GatewayAnswer::ActionRequired { .. },
        ) => return Err(field::invalid("/answer", "only who is asked to pay can confirm")),
    })
}

fn check(answer: &GatewayAnswer) -> Result<(), Rejection> {
    match answer {
        GatewayAnswer::Done { gateway_ref, amount } => {
            field::letters("/gateway_ref", gateway_ref, 0..=TOKEN_LETTERS)?;
            field::number("/amount", amount.unwrap_or_default().0, 0..=AMOUNT)
        }
        GatewayAnswer::ActionRequired { gateway_ref, url } => {
            field::letters("/gateway_ref", gateway_ref, 0..=TOKEN_LETTERS)?;
            field::letters("/url", url, 1..=URL_LETTERS)
        }
        GatewayAnswer::Declined { reason } => field::letters("/reason", reason, 0..=TOKEN_LETTERS),
    }
}
