//! From a fact to what is said of it, and to whom.
//!
//! Reads the state as it is now: a kitchen that has decided is not rung any more, however late the
//! fact is told. Who is behind a `Whom`, and by which channel they are reached, is found out by
//! whoever sends.

use super::NoticeKind;
use crate::event::Event;
use crate::fraud::{CaseAbout, CaseStatus};
use crate::ids::{AccountId, CourierId, OrderId, RestaurantId};
use crate::money::Money;
use crate::order::{AlertStep, CancelReason, Fulfilment, Order, OrderState, SubstitutionAnswer};
use crate::quality::Step;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a message is about: ids and figures, nothing of anybody's person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct About {
    pub order_id: Option<OrderId>,
    pub restaurant_id: Option<RestaurantId>,
    pub amount: Option<Money>,
    /// When something will be, or must be answered.
    pub moment: Option<Timestamp>,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A customer.
    Customer(AccountId),
    /// Somebody whose doing it is.
    Person(AccountId),
    /// Everybody who works at a restaurant; where a phone rings, the restaurant's own first.
    Kitchen(RestaurantId),
    /// Those who decide at a restaurant: its managers and owners.
    Deciders(RestaurantId),
    /// A courier.
    Courier(CourierId),
    /// The platform's own people.
    Operators,
}

/// Something to say to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub kind: NoticeKind,
    /// To whom.
    pub whom: Whom,
    /// About what.
    pub about: About,
}

/// What is said of a fact. Most facts are not worth a word.
///
/// # Errors
/// If the city cannot be read.
pub fn planned(city: &impl View, event: &Event) -> Result<Vec<Planned>, Unreadable> {
    let order = match event.order_id() {
        Some(order_id) => city.order(order_id)?,
        None => None,
    };
    let mut plan = Plan { order, said: Vec::new() };
    plan.of_order(city, event)?;
    plan.of_the_rest(event);
    plan.of_suspects(city, event)?;
    plan.of_measures(event);
    Ok(plan.said)
}

/// Whether a message about an order is of any use as the order stands now: nobody is rung for what
/// was decided meanwhile, however late the message comes.
pub fn is_wanted(kind: NoticeKind, order: &Order) -> bool {
    let state = order.status.state();
    let waits = order.alert.is_some() || order.unanswered_at.is_some();
    match kind {
        NoticeKind::KitchenNew | NoticeKind::KitchenDue => !state.is_terminal(),
        NoticeKind::KitchenAgain | NoticeKind::KitchenSms | NoticeKind::KitchenCall => {
            waits && order.seen_at.is_none()
        }
        NoticeKind::OperatorsAlert => waits,
        // An order that has ended says so itself.
        NoticeKind::PaymentDeclined => state == OrderState::Pending,
        NoticeKind::SubstitutionProposed => order.substitution.is_some(),
        NoticeKind::OperatorsReview => order.held_until.is_some(),
        NoticeKind::OrderAccepted
        | NoticeKind::OrderRejected
        | NoticeKind::OrderExpired
        | NoticeKind::OrderCancelled
        | NoticeKind::NoCourier
        | NoticeKind::OrderDelayed
        | NoticeKind::OrderReady
        | NoticeKind::OrderPickedUp
        | NoticeKind::CourierAtDoor
        | NoticeKind::OrderDelivered
        | NoticeKind::OrderNoShow
        | NoticeKind::PaymentAction
        | NoticeKind::RefundDone
        | NoticeKind::DebtAdded
        | NoticeKind::ClaimSettled
        | NoticeKind::ClaimRefused
        | NoticeKind::KitchenCancelled
        | NoticeKind::KitchenAnswered
        | NoticeKind::KitchenClaim
        | NoticeKind::KitchenWarned
        | NoticeKind::KitchenLimited
        | NoticeKind::KitchenPaused
        | NoticeKind::KitchenFreed
        | NoticeKind::CourierMeasured
        | NoticeKind::OperatorsPaused
        | NoticeKind::CourierOffer
        | NoticeKind::CourierReady
        | NoticeKind::CourierReleased
        | NoticeKind::OperatorsNoCourier
        | NoticeKind::OperatorsFailed
        | NoticeKind::OperatorsStranded
        | NoticeKind::OperatorsMoney
        | NoticeKind::OperatorsDispute
        | NoticeKind::OperatorsDifference
        | NoticeKind::WebhookOff => true,
    }
}

struct Plan {
    order: Option<Arc<Order>>,
    said: Vec<Planned>,
}

impl Plan {
    fn about(&self) -> About {
        let order = self.order.as_deref();
        About {
            order_id: order.map(|order| order.id),
            restaurant_id: order.map(|order| order.restaurant_id),
            ..About::default()
        }
    }

    fn say(&mut self, whom: Whom, kind: NoticeKind, about: About) {
        if self.order.as_deref().is_none_or(|order| is_wanted(kind, order)) {
            self.said.push(Planned { kind, whom, about });
        }
    }

    fn customer(&mut self, kind: NoticeKind) {
        self.customer_with(kind, self.about());
    }

    fn customer_with(&mut self, kind: NoticeKind, about: About) {
        if let Some(order) = &self.order {
            self.say(Whom::Customer(order.customer_id), kind, about);
        }
    }

    fn kitchen(&mut self, restaurant_id: RestaurantId, kind: NoticeKind) {
        self.say(Whom::Kitchen(restaurant_id), kind, self.about());
    }

    fn operators(&mut self, kind: NoticeKind) {
        self.say(Whom::Operators, kind, self.about());
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts are not worth a word")]
    fn of_order(&mut self, city: &impl View, event: &Event) -> Result<(), Unreadable> {
        match *event {
            Event::OrderPlaced { restaurant_id, accept_by, .. } => {
                let about = About { moment: Some(accept_by), ..self.about() };
                self.say(Whom::Kitchen(restaurant_id), NoticeKind::KitchenNew, about);
            }
            Event::OrderAlerted { restaurant_id, step, .. } => self.alert(restaurant_id, step),
            Event::OrderKitchenDue { restaurant_id, .. } => {
                self.kitchen(restaurant_id, NoticeKind::KitchenDue);
            }
            Event::OrderAccepted { ready_at, .. } => {
                let about = About { moment: Some(ready_at), ..self.about() };
                self.customer_with(NoticeKind::OrderAccepted, about);
            }
            Event::OrderDelayed { ready_at, .. } => {
                let about = About { moment: Some(ready_at), ..self.about() };
                self.customer_with(NoticeKind::OrderDelayed, about);
            }
            Event::OrderRejected { .. } => self.customer(NoticeKind::OrderRejected),
            Event::OrderExpired { .. } => self.customer(NoticeKind::OrderExpired),
            Event::OrderCancelled { restaurant_id, reason, .. } => {
                self.cancelled(restaurant_id, reason);
            }
            Event::OrderNoShow { .. } => self.customer(NoticeKind::OrderNoShow),
            Event::OrderReady { .. } => self.ready(city)?,
            Event::DeliveryPickedUp { .. } => self.customer(NoticeKind::OrderPickedUp),
            Event::CourierAtDoor { .. } => self.customer(NoticeKind::CourierAtDoor),
            Event::DeliveryDelivered { .. } => self.customer(NoticeKind::OrderDelivered),
            Event::DeliveryFailed { .. } => self.operators(NoticeKind::OperatorsFailed),
            Event::DeliveryStranded { .. } => self.operators(NoticeKind::OperatorsStranded),
            Event::CourierMissing { .. } => self.operators(NoticeKind::OperatorsNoCourier),
            Event::DeliveryOffered { courier_id, expires_at, .. } => {
                let about = About { moment: Some(expires_at), ..self.about() };
                self.say(Whom::Courier(courier_id), NoticeKind::CourierOffer, about);
            }
            Event::DeliveryUnassigned { courier_id, .. } => {
                self.say(Whom::Courier(courier_id), NoticeKind::CourierReleased, self.about());
            }
            Event::SubstitutionProposed { answer_by, .. } => {
                let about = About { moment: Some(answer_by), ..self.about() };
                self.customer_with(NoticeKind::SubstitutionProposed, about);
            }
            Event::SubstitutionAnswered { restaurant_id, answer, .. } => match answer {
                // The kitchen hears of that one as of any order that was called off.
                SubstitutionAnswer::CancelOrder => {}
                SubstitutionAnswer::Accept
                | SubstitutionAnswer::Refuse
                | SubstitutionAnswer::CancelLine => {
                    self.kitchen(restaurant_id, NoticeKind::KitchenAnswered);
                }
            },
            _ => {}
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts are not worth a word")]
    fn of_the_rest(&mut self, event: &Event) {
        let with = |amount| About { amount: Some(amount), ..self.about() };
        match *event {
            Event::PaymentFailed { .. } => self.customer(NoticeKind::PaymentDeclined),
            Event::PaymentActionRequired { .. } => self.customer(NoticeKind::PaymentAction),
            Event::PaymentStuck { .. } => self.operators(NoticeKind::OperatorsMoney),
            Event::PaymentDisputed { amount, .. } => {
                self.say(Whom::Operators, NoticeKind::OperatorsDispute, with(amount));
            }
            Event::DifferenceFound { .. } => self.operators(NoticeKind::OperatorsDifference),
            Event::WebhookTurnedOff { account_id, .. } => {
                self.say(Whom::Person(account_id), NoticeKind::WebhookOff, self.about());
            }
            Event::RefundDone { amount, .. } => {
                self.customer_with(NoticeKind::RefundDone, with(amount));
            }
            Event::DebtAdded { amount, .. } => {
                self.customer_with(NoticeKind::DebtAdded, with(amount));
            }
            Event::ClaimMade { restaurant_id, .. } => {
                self.say(Whom::Deciders(restaurant_id), NoticeKind::KitchenClaim, self.about());
            }
            Event::ClaimSettled { amount, .. } => {
                self.customer_with(NoticeKind::ClaimSettled, with(amount));
            }
            Event::ClaimRefused { .. } => self.customer(NoticeKind::ClaimRefused),
            _ => {}
        }
    }

    /// An order that is held waits for operators alone; one that was not taken waits for nobody.
    fn of_suspects(&mut self, city: &impl View, event: &Event) -> Result<(), Unreadable> {
        let Event::FraudCaseOpened { case_id } = *event else { return Ok(()) };
        let Some(case) = city.fraud_case(case_id)? else { return Ok(()) };
        if let CaseStatus::Open { decide_by } = case.status {
            let CaseAbout::Order { order_id, .. } = case.about;
            self.order = city.order(order_id)?;
            let about = About { moment: Some(decide_by), ..self.about() };
            self.say(Whom::Operators, NoticeKind::OperatorsReview, about);
        }
        Ok(())
    }

    /// Whoever is told that they work badly is told what follows from it, and until when.
    fn of_measures(&mut self, event: &Event) {
        if let Event::CourierMeasured { courier_id, until, .. } = *event {
            let about = About { moment: until, ..About::default() };
            self.say(Whom::Courier(courier_id), NoticeKind::CourierMeasured, about);
        }
        let Event::RestaurantMeasured { restaurant_id, step, until, by_hand } = *event else {
            return;
        };
        let kind = match step {
            None => NoticeKind::KitchenFreed,
            Some(Step::Warn) => NoticeKind::KitchenWarned,
            Some(Step::Limit) => NoticeKind::KitchenLimited,
            Some(Step::Pause | Step::Hide) => NoticeKind::KitchenPaused,
        };
        let about = About { restaurant_id: Some(restaurant_id), moment: until, ..About::default() };
        self.say(Whom::Deciders(restaurant_id), kind, about);
        if kind == NoticeKind::KitchenPaused && !by_hand {
            self.say(Whom::Operators, NoticeKind::OperatorsPaused, about);
        }
    }

    /// A step of the ladder.
    fn alert(&mut self, restaurant_id: RestaurantId, step: AlertStep) {
        match step {
            AlertStep::Push => self.kitchen(restaurant_id, NoticeKind::KitchenAgain),
            AlertStep::Sms => self.kitchen(restaurant_id, NoticeKind::KitchenSms),
            AlertStep::Call => self.kitchen(restaurant_id, NoticeKind::KitchenCall),
            AlertStep::Operators => self.operators(NoticeKind::OperatorsAlert),
        }
    }

    /// Whoever called it off knows; a kitchen that has never seen it need not.
    fn cancelled(&mut self, restaurant_id: RestaurantId, reason: CancelReason) {
        match reason {
            CancelReason::CustomerChangedMind
            | CancelReason::WrongAddress
            | CancelReason::TooSlow => {}
            CancelReason::NoCourier => self.customer(NoticeKind::NoCourier),
            CancelReason::OutOfStock
            | CancelReason::RestaurantClosed
            | CancelReason::PaymentFailed
            | CancelReason::Fraud
            | CancelReason::Undeliverable
            | CancelReason::Duplicate
            | CancelReason::Operator => self.customer(NoticeKind::OrderCancelled),
        }
        let was_shown = self.order.as_ref().is_some_and(|order| order.was_placed());
        if was_shown {
            self.kitchen(restaurant_id, NoticeKind::KitchenCancelled);
        }
    }

    /// Food waits: for its courier, or for the customer who comes for it.
    fn ready(&mut self, city: &impl View) -> Result<(), Unreadable> {
        let Some(order) = self.order.clone() else { return Ok(()) };
        if order.fulfilment == Fulfilment::Pickup {
            self.customer(NoticeKind::OrderReady);
        }
        let delivery = match order.delivery_id {
            Some(id) => city.delivery(id)?,
            None => None,
        };
        if let Some(courier_id) = delivery.and_then(|delivery| delivery.status.holder()) {
            self.say(Whom::Courier(courier_id), NoticeKind::CourierReady, self.about());
        }
        Ok(())
    }
}
