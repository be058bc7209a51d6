//! The holder's steps from "yes" to the customer's hands.

use super::proof::{Proof, ProofNeeded};
use super::{Delivery, DeliveryState, DeliveryStatus, FailReason, Told};
use crate::authority::rides_as;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{CourierId, OrderId};
use crate::limits::{CLOCK_AHEAD_MS, CLOCK_BEHIND_MS, HEARD_EVENTS};
use crate::order::case::Case;
use crate::order::ending::Ending;
use crate::order::pin::Said;
use crate::order::{CancelReason, Fault, OrderState, OrderStatus, PinKind, Situation};
use crate::outcome::{Checked, Outcome};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// One step further. The holder only; each step only from the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AdvanceDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub to: Progress,
    /// The holder's fence; the current one if absent.
    pub fence: Option<u32>,
    /// When it happened, if the phone was offline.
    pub occurred_at: Option<Timestamp>,
    /// Names what a phone tells, so that it can tell it twice.
    pub event_id: Option<Digest>,
    /// What the courier shows with it.
    pub proof: Proof,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Progress {
    AtStore,
    PickedUp,
    AtDoor,
    Delivered,
    Returning,
    Returned,
}

pub(crate) fn advance_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AdvanceDelivery,
) -> Result<Outcome, Unreadable> {
    let AdvanceDelivery { courier_id, order_id, to, fence, occurred_at, event_id, proof } = command;
    let mut case = match in_the_bag(city, stamp, actor, courier_id, order_id, fence, event_id)? {
        Ok(case) => case,
        Err(answer) => return Ok(answer),
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let state = delivery.status.state();
    if state == to.state() {
        return Ok(case.holds_already(event_id));
    }
    if !follows(state, to) {
        return Ok(Outcome::rejected(Rejection::OutOfOrder { state }));
    }
    let by_phone = occurred_at.is_some();
    let occurred_at = match moment(delivery, stamp.at, occurred_at) {
        Ok(moment) => moment,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    match case.shows(city, actor, to, &proof)? {
        Ok(Said::Right) => {}
        Ok(Said::Wrong) => {
            case.hear(event_id);
            return Ok(case.yes());
        }
        Ok(Said::Again) => return Ok(Outcome::unchanged(case.order().revision)),
        Err(why) => return Ok(Outcome::rejected(why)),
    }
    case.happened_at(occurred_at);
    case.hear(event_id);
    case.rides(city, to, Told { at: occurred_at, by_phone })?;
    case.change_delivery(|delivery| delivery.last_step_at = Some(occurred_at));
    case.carry(city, to, courier_id)?;
    Ok(case.yes())
}

/// The order, if this courier holds its delivery at this fence; or the answer, if there is one
/// already: what a phone has told before is a yes, whatever has happened since.
pub(crate) fn in_the_bag(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    courier_id: CourierId,
    order_id: OrderId,
    fence: Option<u32>,
    event_id: Option<Digest>,
) -> Result<Result<Case, Outcome>, Unreadable> {
    if !rides_as(city, actor, courier_id)? {
        return Ok(Err(Outcome::rejected(Rejection::Forbidden)));
    }
    let Some(case) = Case::load(city, stamp, order_id)? else {
        return Ok(Err(Outcome::rejected(Rejection::OrderUnknown)));
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Err(Outcome::rejected(Rejection::OrderUnknown)));
    };
    if event_id.is_some_and(|event_id| delivery.heard.contains(&event_id)) {
        return Ok(Err(Outcome::unchanged(delivery.revision)));
    }
    let holds = delivery.status.holder() == Some(courier_id);
    if !holds || fence.is_some_and(|fence| fence != delivery.fence) {
        return Ok(Err(Outcome::rejected(Rejection::NotYours)));
    }
    Ok(Ok(case))
}

/// When a step happened. A phone that was offline is believed within bounds, but not that a step
/// came before the one it follows.
pub(crate) fn moment(
    delivery: &Delivery,
    now: Timestamp,
    occurred_at: Option<Timestamp>,
) -> Result<Timestamp, Rejection> {
    let Some(occurred_at) = occurred_at else {
        return Ok(delivery.last_step_at.map_or(now, |last| last.max(now)));
    };
    if !(-CLOCK_BEHIND_MS..=CLOCK_AHEAD_MS).contains(&occurred_at.ms_since(now)) {
        let rule = "from 12 hours ago to 5 minutes ahead";
        return Err(field::invalid("/occurred_at", rule));
    }
    if delivery.last_step_at.is_some_and(|last| occurred_at < last) {
        return Err(field::invalid("/occurred_at", "not before the step before it"));
    }
    Ok(occurred_at)
}

/// Whether this step can be the next one.
fn follows(state: DeliveryState, to: Progress) -> bool {
    match to {
        Progress::AtStore => state == DeliveryState::Assigned,
        Progress::PickedUp => matches!(state, DeliveryState::Assigned | DeliveryState::AtStore),
        Progress::AtDoor => state == DeliveryState::PickedUp,
        Progress::Delivered => matches!(state, DeliveryState::PickedUp | DeliveryState::AtDoor),
        Progress::Returning => state == DeliveryState::Failed,
        Progress::Returned => state == DeliveryState::Returning,
    }
}

impl Progress {
    /// The state that this step leads to.
    pub fn state(self) -> DeliveryState {
        match self {
            Self::AtStore => DeliveryState::AtStore,
            Self::PickedUp => DeliveryState::PickedUp,
            Self::AtDoor => DeliveryState::AtDoor,
            Self::Delivered => DeliveryState::Delivered,
            Self::Returning => DeliveryState::Returning,
            Self::Returned => DeliveryState::Returned,
        }
    }

    /// Whether a delivery that stands there has taken this step. After a yes this tells a step from
    /// a wrong number, which moves nothing; a step that needs no number is always taken then.
    pub fn is_done_in(self, state: DeliveryState) -> bool {
        use DeliveryState as D;
        match self {
            Self::AtStore | Self::AtDoor | Self::Returning => true,
            Self::PickedUp => match state {
                D::Waiting | D::Unassigned | D::Offering | D::Assigned | D::AtStore => false,
                D::PickedUp
                | D::AtDoor
                | D::Delivered
                | D::Failed
                | D::Returning
                | D::Returned
                | D::Disposed
                | D::Lost => true,
                D::Cancelled => false,
            },
            Self::Delivered => state == D::Delivered,
            Self::Returned => state == D::Returned,
        }
    }
}

impl Case {
    /// Whether the courier shows what this step needs.
    fn shows(
        &mut self,
        city: &impl View,
        actor: &Actor,
        to: Progress,
        proof: &Proof,
    ) -> Checked<Said> {
        Ok(match to {
            Progress::AtStore | Progress::AtDoor | Progress::Returning => Ok(Said::Right),
            Progress::PickedUp => self.may_leave(proof.code),
            Progress::Delivered => return self.prove(city, actor, proof),
            // The kitchen says the number when it has its food back.
            Progress::Returned => match proof.code {
                Some(code) => self.say(PinKind::HandOver, code),
                None => Err(Rejection::ProofMissing { needed: vec![ProofNeeded::Code] }),
            },
        })
    }

    /// Food leaves the kitchen when it is ready, or when the kitchen says its number.
    fn may_leave(&mut self, code: Option<Digest>) -> Result<Said, Rejection> {
        if self.order().status.state() == OrderState::Ready {
            return Ok(Said::Right);
        }
        let Some(code) = code else {
            let state = self.delivery().map_or(DeliveryState::Waiting, |it| it.status.state());
            return Err(Rejection::OutOfOrder { state });
        };
        if self.order().awaits_answer() {
            return Err(Rejection::ProposalOpen);
        }
        self.say(PinKind::HandOver, code)
    }

    /// This was told, by its name. The oldest is forgotten when there are many.
    pub(super) fn hear(&mut self, event_id: Option<Digest>) {
        let Some(event_id) = event_id else { return };
        self.change_delivery(|delivery| {
            if delivery.heard.len() >= HEARD_EVENTS {
                delivery.heard.remove(0);
            }
            delivery.heard.push(event_id);
        });
    }

    /// What is told holds already. Its name is kept all the same: told again after the next step,
    /// it is still a yes.
    pub(super) fn holds_already(mut self, event_id: Option<Digest>) -> Outcome {
        if event_id.is_none() {
            let revision = self.delivery().map_or(self.order().revision, |it| it.revision);
            return Outcome::unchanged(revision);
        }
        self.hear(event_id);
        self.yes()
    }

    /// A courier who has the kitchen's number takes food that nobody called ready yet.
    fn leave_early(&mut self, city: &impl View) -> Result<(), Unreadable> {
        if self.order().status.state() == OrderState::Ready {
            return Ok(());
        }
        let (order_id, restaurant_id) = (self.order().id, self.order().restaurant_id);
        self.begin(city)?;
        self.move_order(OrderStatus::Ready);
        self.promise(self.at());
        let courier_id = self.holder();
        self.event(Event::OrderReady { order_id, restaurant_id, courier_id });
        Ok(())
    }

    fn carry(
        &mut self,
        city: &impl View,
        to: Progress,
        courier_id: CourierId,
    ) -> Result<(), Unreadable> {
        let Some(delivery_id) = self.order().delivery_id else {
            return Ok(());
        };
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        match to {
            Progress::AtStore => {
                let now = self.at();
                self.change_delivery(|delivery| delivery.at_store_at = Some(now));
                self.move_delivery(DeliveryStatus::AtStore { courier_id });
                self.event(Event::CourierAtStore { delivery_id, order_id, courier_id });
            }
            Progress::PickedUp => {
                self.leave_early(city)?;
                self.move_delivery(DeliveryStatus::PickedUp { courier_id });
                self.event(Event::DeliveryPickedUp { delivery_id, order_id, courier_id });
                self.cook(city)?;
                self.move_order(OrderStatus::HandedOff);
                self.event(Event::OrderHandedOff { order_id, restaurant_id });
            }
            Progress::AtDoor => {
                let now = self.at();
                self.change_delivery(|delivery| delivery.at_door_at = Some(now));
                self.move_delivery(DeliveryStatus::AtDoor { courier_id });
                self.event(Event::CourierAtDoor { delivery_id, order_id, courier_id });
            }
            Progress::Delivered => {
                self.move_delivery(DeliveryStatus::Delivered { courier_id });
                self.event(Event::DeliveryDelivered { delivery_id, order_id, courier_id });
                self.part_from_courier();
                self.end(city, Ending::Completed, Situation::Completed)?;
            }
            Progress::Returning => {
                self.move_delivery(DeliveryStatus::Returning { courier_id });
                self.event(Event::DeliveryReturning { delivery_id, order_id, courier_id });
            }
            Progress::Returned => self.come_back(city, courier_id)?,
        }
        Ok(())
    }

    /// The kitchen has its food back.
    pub(super) fn come_back(
        &mut self,
        city: &impl View,
        courier_id: CourierId,
    ) -> Result<(), Unreadable> {
        let Some(delivery_id) = self.order().delivery_id else { return Ok(()) };
        let order_id = self.order().id;
        self.move_delivery(DeliveryStatus::Returned { courier_id });
        self.event(Event::DeliveryReturned { delivery_id, order_id, courier_id });
        self.part_from_courier();
        let (ending, situation) = self.undelivered();
        self.end(city, ending, situation)
    }

    /// How an order ends whose food was not handed over: who was at fault bears it.
    pub(super) fn undelivered(&self) -> (Ending, Situation) {
        let reason = self.delivery().and_then(|delivery| delivery.fail_reason);
        let (fault, situation) = match reason {
            Some(FailReason::CustomerAbsent | FailReason::WrongAddress | FailReason::Refused) => {
                return (Ending::NoShow, Situation::Undelivered);
            }
            Some(
                FailReason::Damaged | FailReason::Lost | FailReason::Accident | FailReason::Vehicle,
            ) => (Fault::Courier, Situation::Courier),
            Some(FailReason::Unsafe) | None => {
                let fault = Fault::Platform;
                (fault, Situation::Platform { fault, started: true, assigned: true })
            }
        };
        (Ending::Cancelled(CancelReason::Undeliverable, fault), situation)
    }
}
