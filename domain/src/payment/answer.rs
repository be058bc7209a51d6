//! What the gateway said. The only way to `Authorized` is its word, never a client's.

use super::{PaymentStatus, Work, WorkId};
use crate::authority::is_system;
use crate::city::{City, CityTerms, terms_of};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::PaymentId;
use crate::limits::TOKEN_LETTERS;
use crate::money::Money;
use crate::order::case::Case;
use crate::order::ending::Ending;
use crate::order::{CancelReason, Fault, OrderStatus, Situation};
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
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
    Done { gateway_ref: String },
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
    // Answered before, or never asked.
    let Some(work) = city.work(work_id)? else {
        return Ok(Outcome::rejected(Rejection::WorkUnknown));
    };
    if let Err(why) = check(&answer) {
        return Ok(Outcome::rejected(why));
    }
    let payment_id = work.payment_id();
    let Some(payment) = city.payment(payment_id)? else {
        return Ok(Outcome::rejected(Rejection::WorkUnknown));
    };
    let Some(mut case) = Case::load(city, stamp, payment.order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let restaurant = city.restaurant(case.order().restaurant_id)?;
    let Some(restaurant) = restaurant else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    case.write(Write::DropWork(work_id));
    match (&*work, answer) {
        (Work::Authorize { .. }, GatewayAnswer::Done { gateway_ref }) => {
            case.payment_mut().gateway_ref = Some(gateway_ref);
            let terms = terms_of(city, &founded)?;
            case.authorized(&founded, &terms, &restaurant);
        }
        (Work::Authorize { .. }, GatewayAnswer::Declined { .. }) => case.declined(city)?,
        (Work::Capture { .. }, GatewayAnswer::Done { .. }) => case.captured(city)?,
        (Work::Void { .. }, GatewayAnswer::Done { .. }) => case.voided(),
        (Work::Refund { refund_id, .. }, GatewayAnswer::Done { .. }) => {
            case.refund_answered(city, *refund_id, true)?;
        }
        (Work::Refund { refund_id, .. }, GatewayAnswer::Declined { .. }) => {
            case.refund_answered(city, *refund_id, false)?;
        }
        (Work::Capture { .. } | Work::Void { .. }, GatewayAnswer::Declined { .. }) => {
            case.fail_refunds(city)?;
            case.failed();
        }
    }
    Ok(case.yes())
}

fn check(answer: &GatewayAnswer) -> Result<(), Rejection> {
    match answer {
        GatewayAnswer::Done { gateway_ref } => {
            field::letters("/gateway_ref", gateway_ref, 0..=TOKEN_LETTERS)
        }
        GatewayAnswer::Declined { reason } => field::letters("/reason", reason, 0..=TOKEN_LETTERS),
    }
}

impl Work {
    /// The payment that it is about.
    pub fn payment_id(&self) -> PaymentId {
        match self {
            Self::Authorize { payment_id }
            | Self::Capture { payment_id }
            | Self::Void { payment_id }
            | Self::Refund { payment_id, .. } => *payment_id,
        }
    }
}

impl Case {
    /// The money is set aside. An order that ended meanwhile gives it back: money never stays on a
    /// dead order.
    fn authorized(&mut self, founded: &City, terms: &CityTerms, restaurant: &Restaurant) {
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        let OrderStatus::Pending { pay_by } = self.order().status else {
            return self.let_go();
        };
        self.drop_due(pay_by, crate::deadline::Due::PayBy(order_id));
        self.move_payment(PaymentStatus::Authorized);
        self.event(Event::PaymentAuthorized { payment_id, order_id });
        self.show_to_kitchen(founded, terms, restaurant);
    }

    /// The bank said no. There is no second attempt yet, so the order ends with it.
    fn declined(&mut self, city: &impl View) -> Result<(), Unreadable> {
        self.failed();
        if let OrderStatus::Pending { .. } = self.order().status {
            let ending = Ending::Cancelled(CancelReason::PaymentFailed, Fault::Customer);
            self.end(city, ending, Situation::BeforeAccept(Fault::Customer))?;
        }
        Ok(())
    }

    fn captured(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        let amount = self.payment().to_capture;
        self.move_payment(PaymentStatus::Captured);
        self.event(Event::PaymentCaptured { payment_id, order_id, amount });
        self.ask_for_refunds(city)
    }

    fn voided(&mut self) {
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        self.move_payment(PaymentStatus::Voided);
        self.event(Event::PaymentVoided { payment_id, order_id });
    }

    fn failed(&mut self) {
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        self.payment_mut().to_capture = Money::ZERO;
        self.move_payment(PaymentStatus::Failed);
        self.event(Event::PaymentFailed { payment_id, order_id });
    }
}
