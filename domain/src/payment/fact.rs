//! What the gateway says, whoever asked: one function, and the state decides what it means.
//!
//! Nothing is believed by order of arrival. A fact either moves the payment, or is known already,
//! or comes too early and waits in the payment until a move makes sense of it. Money that arrives
//! where none is owed goes back: an approval is voided, a capture refunded.

use super::{PaymentStatus, Purpose, TipFor, Work};
use crate::event::Event;
use crate::field;
use crate::fraud::What;
use crate::ids::RefundId;
use crate::limits::{AMOUNT, TOKEN_LETTERS, URL_LETTERS, WAITING_FACTS};
use crate::money::Money;
use crate::order::case::Case;
use crate::order::{Fault, OrderStatus};
use crate::refund::RefundStatus;
use crate::refund::make::Gift;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Something that has happened to a payment at its gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum GatewayFact {
    /// The money is set aside.
    Authorized { gateway_ref: String, amount: Money },
    /// The customer must confirm with their bank, there.
    ActionRequired { gateway_ref: String, url: String },
    /// The bank will not.
    Declined { reason: String },
    /// The money was taken.
    Captured { amount: Money },
    /// The money cannot be taken, and never will be.
    CaptureFailed { reason: String },
    /// The money was let go.
    Voided,
    /// There is nothing to let go.
    VoidFailed { reason: String },
    /// The customer has it back.
    Refunded { refund_id: RefundId },
    /// The customer will not get it back in this way.
    RefundFailed { refund_id: RefundId },
    /// The customer's bank has asked for it back, and has it for now.
    DisputeOpened { dispute_id: String, amount: Money },
    /// The bank has decided: won is ours.
    DisputeClosed { dispute_id: String, won: bool },
}

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It changed something.
    Moved,
    /// It says nothing new.
    Known,
    /// It will mean something later.
    Early,
}

impl GatewayFact {
    /// Texts that are not too long, amounts that are amounts.
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let reason = |reason: &str| field::letters("/fact/reason", reason, 0..=TOKEN_LETTERS);
        let name = |name: &str| field::letters("/fact/gateway_ref", name, 0..=TOKEN_LETTERS);
        let amount = |amount: Money| field::number("/fact/amount", amount.0, 0..=AMOUNT);
        let dispute = |id: &str| field::letters("/fact/dispute_id", id, 1..=TOKEN_LETTERS);
        match self {
            Self::Authorized { gateway_ref, amount: how_much } => {
                name(gateway_ref).and_then(|()| amount(*how_much))
            }
            Self::ActionRequired { gateway_ref, url } => {
                name(gateway_ref)?;
                field::letters("/fact/url", url, 1..=URL_LETTERS)
            }
            Self::Declined { reason: why }
            | Self::CaptureFailed { reason: why }
            | Self::VoidFailed { reason: why } => reason(why),
            Self::Captured { amount: how_much } => amount(*how_much),
            Self::DisputeOpened { dispute_id, amount: how_much } => {
                dispute(dispute_id).and_then(|()| amount(*how_much))
            }
            Self::DisputeClosed { dispute_id, .. } => dispute(dispute_id),
            Self::Voided | Self::Refunded { .. } | Self::RefundFailed { .. } => Ok(()),
        }
    }
}

impl Case {
    /// Takes in a fact, and those that have waited for what it makes possible.
    pub(crate) fn learn(&mut self, city: &impl View, fact: GatewayFact) -> Result<(), Unreadable> {
        match self.take_in(city, &fact)? {
            Heard::Moved => self.hear_waiting(city),
            Heard::Known => Ok(()),
            Heard::Early => {
                let waiting = &self.payment().waiting;
                if !waiting.contains(&fact) && waiting.len() < WAITING_FACTS {
                    self.payment_mut().waiting.push(fact);
                }
                Ok(())
            }
        }
    }

    /// The payment has moved: what came too early may mean something now.
    pub(crate) fn hear_waiting(&mut self, city: &impl View) -> Result<(), Unreadable> {
        // Every round takes at least one of a few facts, or is the last.
        while !self.payment().waiting.is_empty() {
            let mut moved = false;
            for fact in std::mem::take(&mut self.payment_mut().waiting) {
                match self.take_in(city, &fact)? {
                    Heard::Moved => moved = true,
                    Heard::Known => {}
                    Heard::Early => self.payment_mut().waiting.push(fact),
                }
            }
            if !moved {
                break;
            }
        }
        Ok(())
    }

    fn take_in(&mut self, city: &impl View, fact: &GatewayFact) -> Result<Heard, Unreadable> {
        // Cash never comes near a gateway.
        if matches!(
            self.payment().status,
            PaymentStatus::None | PaymentStatus::CashDue | PaymentStatus::CashCollected
        ) {
            return Ok(Heard::Known);
        }
        match fact {
            GatewayFact::Authorized { gateway_ref, amount } => {
                self.hear_authorized(city, gateway_ref, *amount)
            }
            GatewayFact::ActionRequired { gateway_ref, url } => {
                Ok(self.hear_action(gateway_ref, url))
            }
            GatewayFact::Declined { reason } => self.hear_declined(city, reason),
            GatewayFact::Captured { amount } => self.hear_captured(city, *amount),
            GatewayFact::CaptureFailed { reason } => self.hear_capture_failed(city, reason),
            GatewayFact::Voided => Ok(self.hear_voided()),
            GatewayFact::VoidFailed { reason } => Ok(self.hear_void_failed(reason)),
            GatewayFact::Refunded { refund_id } => self.hear_refund(city, *refund_id, true),
            GatewayFact::RefundFailed { refund_id } => self.hear_refund(city, *refund_id, false),
            GatewayFact::DisputeOpened { dispute_id, amount } => {
                self.hear_dispute(city, dispute_id, *amount)
            }
            GatewayFact::DisputeClosed { dispute_id, won } => {
                self.hear_dispute_closed(city, dispute_id, *won)
            }
        }
    }

    /// The money is set aside. Where nobody waits for it any more it is let go: money never stays
    /// on a dead order, nor on an attempt that another one has replaced, nor is less than the
    /// total good for anything.
    fn hear_authorized(
        &mut self,
        city: &impl View,
        gateway_ref: &str,
        amount: Money,
    ) -> Result<Heard, Unreadable> {
        match self.payment().status {
            PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            // Late: the gateway holds money that we had given up.
            | PaymentStatus::Failed
            | PaymentStatus::Voided => {}
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => return Ok(Heard::Known),
        }
        let enough = amount >= self.payment().amount;
        let awaited = self.is_awaited();
        let payment = self.payment_mut();
        payment.gateway_ref = Some(gateway_ref.to_owned());
        payment.action_url = None;
        if awaited && !enough {
            payment.decline = Some("authorized_too_little".to_owned());
        }
        if !awaited || !enough {
            self.let_go();
            return Ok(Heard::Moved);
        }
        self.stop_asking();
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        self.move_payment(PaymentStatus::Authorized);
        self.event(Event::PaymentAuthorized { payment_id, order_id });
        match self.payment().purpose {
            Purpose::Tip { .. } => self.capture(self.payment().amount),
            Purpose::Order => self.paid(city)?,
        }
        Ok(Heard::Moved)
    }

    /// Whether an approval of this payment is what somebody waits for.
    fn is_awaited(&self) -> bool {
        let payment = self.payment();
        let asked =
            matches!(payment.status, PaymentStatus::Authorizing | PaymentStatus::ActionRequired);
        asked
            && match payment.purpose {
                Purpose::Tip { .. } => payment.to_capture > Money::ZERO,
                Purpose::Order => {
                    payment.id == self.order().payment_id
                        && matches!(self.order().status, OrderStatus::Pending { .. })
                }
            }
    }

    /// The customer must confirm: somebody asks the gateway until they have, or have not.
    fn hear_action(&mut self, gateway_ref: &str, url: &str) -> Heard {
        match self.payment().status {
            PaymentStatus::Authorizing => {}
            // Another address for the same question.
            PaymentStatus::ActionRequired if self.payment().action_url.as_deref() != Some(url) => {
                self.payment_mut().action_url = Some(url.to_owned());
                return Heard::Moved;
            }
            PaymentStatus::ActionRequired
            | PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => return Heard::Known,
        }
        let awaited = self.is_awaited();
        self.payment_mut().gateway_ref = Some(gateway_ref.to_owned());
        if !awaited {
            self.let_go();
            return Heard::Moved;
        }
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        self.payment_mut().action_url = Some(url.to_owned());
        self.move_payment(PaymentStatus::ActionRequired);
        self.ask(Work::Confirm { payment_id });
        self.event(Event::PaymentActionRequired { payment_id, order_id });
        Heard::Moved
    }

    /// The bank said no. The order waits for another attempt until its time is over.
    fn hear_declined(&mut self, city: &impl View, reason: &str) -> Result<Heard, Unreadable> {
        Ok(match self.payment().status {
            PaymentStatus::Authorizing | PaymentStatus::ActionRequired => {
                self.fail(reason);
                self.count(city, What::Declines)?;
                Heard::Moved
            }
            // One card was declined before another one was taken, or so the gateway says now.
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Authorized
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => Heard::Known,
        })
    }

    fn hear_captured(&mut self, city: &impl View, amount: Money) -> Result<Heard, Unreadable> {
        match self.payment().status {
            PaymentStatus::Capturing => {
                let owed = self.payment().to_capture;
                self.captured(city, amount, true)?;
                self.even_out(city, owed, amount)?;
                Ok(Heard::Moved)
            }
            PaymentStatus::Voiding | PaymentStatus::Voided | PaymentStatus::Failed
                if amount == Money::ZERO =>
            {
                Ok(Heard::Known)
            }
            // Taken without being owed: it goes back.
            PaymentStatus::Voiding | PaymentStatus::Voided | PaymentStatus::Failed => {
                self.captured(city, amount, false)?;
                self.give_back_unowed(city, amount)?;
                Ok(Heard::Moved)
            }
            PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Authorized => Ok(Heard::Early),
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Captured
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => Ok(Heard::Known),
        }
    }

    /// The gateway refuses for good what was set aside: the customer owes it all the same.
    fn hear_capture_failed(&mut self, city: &impl View, reason: &str) -> Result<Heard, Unreadable> {
        if self.payment().status != PaymentStatus::Capturing {
            return Ok(Heard::Known);
        }
        let owed = self.payment().to_capture;
        self.fail_refunds(city)?;
        self.fail(reason);
        if self.payment().purpose == Purpose::Order && owed > Money::ZERO {
            self.owe(city, owed)?;
        }
        Ok(Heard::Moved)
    }

    fn hear_voided(&mut self) -> Heard {
        match self.payment().status {
            PaymentStatus::Voiding => {
                let (payment_id, order_id) = (self.payment().id, self.order().id);
                self.stop_asking();
                self.move_payment(PaymentStatus::Voided);
                self.event(Event::PaymentVoided { payment_id, order_id });
                Heard::Moved
            }
            // Nobody asked for that: the gateway has let the money go by itself, after its time.
            PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Authorized => {
                self.fail("voided_by_gateway");
                Heard::Moved
            }
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => Heard::Known,
        }
    }

    fn hear_void_failed(&mut self, reason: &str) -> Heard {
        if self.payment().status != PaymentStatus::Voiding {
            return Heard::Known;
        }
        self.fail(reason);
        Heard::Moved
    }

    fn hear_refund(
        &mut self,
        city: &impl View,
        refund_id: RefundId,
        done: bool,
    ) -> Result<Heard, Unreadable> {
        let refund = city.refund(refund_id)?;
        let Some(refund) = refund.filter(|refund| refund.payment_id == self.payment().id) else {
            return Ok(Heard::Known);
        };
        match (refund.status, self.payment().status) {
            // It can only go back after it has come.
            (RefundStatus::Pending, PaymentStatus::Capturing) => Ok(Heard::Early),
            // Banks send money back that an account would not take, days later.
            (RefundStatus::Done, _) if done => Ok(Heard::Known),
            (RefundStatus::Pending | RefundStatus::Done, _) => {
                self.refund_answered(city, refund_id, done)?;
                Ok(Heard::Moved)
            }
            (RefundStatus::Failed | RefundStatus::ByHand, _) => Ok(Heard::Known),
        }
    }

    /// The order is paid for: the kitchen sees it, unless a person must look at it first.
    pub(super) fn paid(&mut self, city: &impl View) -> Result<(), Unreadable> {
        self.stop_waiting_for_money();
        if self.order().held_until.is_some() {
            return Ok(());
        }
        self.show(city)
    }

    /// Takes what was set aside, or some of it.
    pub(crate) fn capture(&mut self, amount: Money) {
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        self.payment_mut().to_capture = amount;
        self.move_payment(PaymentStatus::Capturing);
        self.ask(Work::Capture { payment_id });
        self.event(Event::PaymentCapturing { payment_id, order_id, amount });
    }

    fn captured(&mut self, city: &impl View, amount: Money, owed: bool) -> Result<(), Unreadable> {
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        self.stop_asking();
        if owed {
            self.compare_captured(city, amount)?;
        }
        self.book_capture(city, amount, owed)?;
        self.payment_mut().to_capture = amount;
        self.move_payment(PaymentStatus::Captured);
        self.event(Event::PaymentCaptured { payment_id, order_id, amount });
        match self.payment().purpose {
            _ if !owed => {}
            Purpose::Order => {}
            Purpose::Tip { to: TipFor::Kitchen } => {
                self.event(Event::KitchenTipped { payment_id, order_id, amount });
            }
            Purpose::Tip { to: TipFor::Courier } => {
                let courier_id = self.carrier();
                self.event(Event::CourierTipped { payment_id, order_id, amount, courier_id });
            }
        }
        self.ask_for_refunds(city)
    }

    /// The gateway has taken more than was owed, or less: the one goes back, the other is a debt.
    fn even_out(&mut self, city: &impl View, owed: Money, taken: Money) -> Result<(), Unreadable> {
        if self.payment().purpose != Purpose::Order {
            return Ok(());
        }
        if taken > owed {
            self.give_back_unowed(city, Money(taken.0 - owed.0))?;
        }
        if taken < owed {
            self.owe(city, Money(owed.0 - taken.0))?;
        }
        Ok(())
    }

    /// Money that nobody owes goes back at once; the platform bears what that costs.
    fn give_back_unowed(&mut self, city: &impl View, amount: Money) -> Result<(), Unreadable> {
        let gift = Gift {
            refund_id: RefundId::of_unowed(self.payment().id),
            amount,
            lines: Vec::new(),
            fault: Fault::Platform,
            reason: "taken without being owed".to_owned(),
            request: Digest([0; 32]),
        };
        // It can be refused where an order has too many refunds already: then the customer's
        // balance keeps what they are owed, for an operator to see.
        self.give(city, gift).map(drop)
    }

    fn fail(&mut self, reason: &str) {
        let (payment_id, order_id) = (self.payment().id, self.order().id);
        self.stop_asking();
        let payment = self.payment_mut();
        payment.to_capture = Money::ZERO;
        payment.action_url = None;
        payment.decline = Some(reason.to_owned());
        self.move_payment(PaymentStatus::Failed);
        self.event(Event::PaymentFailed { payment_id, order_id });
    }
}
