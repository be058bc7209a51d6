//! An operator decides what becomes of food that could not be handed over.

use super::{DeliveryState, DeliveryStatus, FailReason, ProofNeeded};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{CourierId, DeliveryId};
use crate::limits::TEXT_LETTERS;
use crate::order::case::Case;
use crate::order::ending::Ending;
use crate::order::{PinKind, Situation};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Moves a delivery that is stuck. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DirectDelivery {
    pub delivery_id: DeliveryId,
    pub to: Direction,
    pub reason: String,
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Back to the kitchen.
    Returning,
    /// The kitchen has it, code or not.
    Returned,
    /// Thrown away.
    Disposed,
    /// Another try at the door.
    Resumed,
    /// Courier and food are gone.
    Lost,
    /// It came, though nobody knew the PIN: after five wrong ones a photo and the operator's word
    /// stand for it.
    Delivered,
}

pub(crate) fn direct_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DirectDelivery,
) -> Result<Outcome, Unreadable> {
    let DirectDelivery { delivery_id, to, reason } = command;
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = field::letters("/reason", &reason, 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let Some(delivery) = city.delivery(delivery_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    let Some(mut case) = Case::load(city, stamp, delivery.order_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    let state = delivery.status.state();
    if state == to.state() {
        return Ok(Outcome::unchanged(delivery.revision));
    }
    let Some(courier_id) = delivery.status.holder().filter(|_| leads(state, to)) else {
        return Ok(Outcome::rejected(Rejection::OutOfOrder { state }));
    };
    if to == Direction::Delivered
        && let Err(why) = case.may_be_believed()
    {
        return Ok(Outcome::rejected(why));
    }
    case.direct(city, to, courier_id)?;
    Ok(case.yes())
}

/// Whether an operator may turn a delivery that stands there in this direction.
fn leads(state: DeliveryState, to: Direction) -> bool {
    use DeliveryState as D;
    match to {
        Direction::Returning => state == D::Failed,
        Direction::Returned | Direction::Disposed | Direction::Resumed => {
            matches!(state, D::Failed | D::Returning)
        }
        Direction::Lost => matches!(state, D::PickedUp | D::AtDoor | D::Failed | D::Returning),
        Direction::Delivered => matches!(state, D::PickedUp | D::AtDoor),
    }
}

impl Direction {
    /// The state that it leads to.
    pub fn state(self) -> DeliveryState {
        match self {
            Self::Returning => DeliveryState::Returning,
            Self::Returned => DeliveryState::Returned,
            Self::Disposed => DeliveryState::Disposed,
            Self::Resumed => DeliveryState::PickedUp,
            Self::Lost => DeliveryState::Lost,
            Self::Delivered => DeliveryState::Delivered,
        }
    }
}

impl Case {
    /// An operator's word replaces a PIN only when that was tried in vain, and never the photo.
    fn may_be_believed(&self) -> Result<(), Rejection> {
        let pins = &self.order().pins;
        if pins.door.is_none() || pins.tries_left(PinKind::Door) > 0 {
            let state = self.delivery().map_or(DeliveryState::Waiting, |it| it.status.state());
            return Err(Rejection::OutOfOrder { state });
        }
        match self.delivery().and_then(|delivery| delivery.proven.photo) {
            Some(_) => Ok(()),
            None => Err(Rejection::ProofMissing { needed: vec![ProofNeeded::Photo] }),
        }
    }

    fn direct(
        &mut self,
        city: &impl View,
        to: Direction,
        courier_id: CourierId,
    ) -> Result<(), Unreadable> {
        let Some(delivery_id) = self.order().delivery_id else { return Ok(()) };
        let order_id = self.order().id;
        match to {
            Direction::Returning => {
                self.move_delivery(DeliveryStatus::Returning { courier_id });
                self.event(Event::DeliveryReturning { delivery_id, order_id, courier_id });
                Ok(())
            }
            Direction::Returned => self.come_back(city, courier_id),
            Direction::Disposed => {
                self.move_delivery(DeliveryStatus::Disposed { courier_id });
                self.event(Event::DeliveryDisposed { delivery_id, order_id, courier_id });
                self.part_from_courier();
                let (ending, situation) = self.undelivered();
                self.end(city, ending, situation)
            }
            Direction::Resumed => {
                // Another try: whoever was not there must be waited for and called anew.
                self.change_delivery(|delivery| {
                    delivery.fail_reason = None;
                    delivery.left_at = None;
                    delivery.at_door_at = None;
                    delivery.contacts.clear();
                });
                self.move_delivery(DeliveryStatus::PickedUp { courier_id });
                self.event(Event::DeliveryResumed { delivery_id, order_id, courier_id });
                Ok(())
            }
            Direction::Lost => {
                self.change_delivery(|delivery| delivery.fail_reason = Some(FailReason::Lost));
                self.move_delivery(DeliveryStatus::Lost { courier_id });
                self.event(Event::DeliveryLost { delivery_id, order_id, courier_id });
                self.part_from_courier();
                let (ending, situation) = self.undelivered();
                self.end(city, ending, situation)
            }
            Direction::Delivered => {
                self.move_delivery(DeliveryStatus::Delivered { courier_id });
                self.event(Event::DeliveryDelivered { delivery_id, order_id, courier_id });
                self.part_from_courier();
                self.end(city, Ending::Completed, Situation::Completed)
            }
        }
    }
}
