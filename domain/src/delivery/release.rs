//! The holder gives a delivery back before pick-up, or an operator takes it from them.

use super::DeliveryStatus;
use crate::account::OperatorRole;
use crate::authority::{is_operator, is_system, rides_as};
use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{CourierId, DeliveryId, OrderId};
use crate::limits::TEXT_LETTERS;
use crate::order::case::Case;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The courier gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
}

/// An operator takes it from whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnassignDelivery {
    pub delivery_id: DeliveryId,
    pub reason: String,
}

pub(crate) fn drop_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DropDelivery,
) -> Result<Outcome, Unreadable> {
    let DropDelivery { courier_id, order_id, fence } = command;
    if !rides_as(city, actor, courier_id)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    if delivery.status.holder() != Some(courier_id) {
        // They gave it back already: a second word of it is heard.
        return Ok(if delivery.declined_by.contains(&courier_id) {
            Outcome::unchanged(delivery.revision)
        } else {
            Outcome::rejected(Rejection::NotYours)
        });
    }
    if fence.is_some_and(|fence| fence != delivery.fence) {
        return Ok(Outcome::rejected(Rejection::NotYours));
    }
    Ok(match delivery.status {
        DeliveryStatus::Assigned { .. } | DeliveryStatus::AtStore { .. } => {
            case.judge_given_back(city, courier_id)?;
            case.give_back();
            case.yes()
        }
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::PickedUp { .. }
        | DeliveryStatus::AtDoor { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => {
            Outcome::rejected(Rejection::OutOfOrder { state: delivery.status.state() })
        }
    })
}

pub(crate) fn unassign_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: UnassignDelivery,
) -> Result<Outcome, Unreadable> {
    let UnassignDelivery { delivery_id, reason } = command;
    if !is_system(actor) && !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(delivery) = city.delivery(delivery_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    if let Err(why) = field::letters("/reason", &reason, 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let Some(mut case) = Case::load(city, stamp, delivery.order_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    Ok(match delivery.status {
        DeliveryStatus::Assigned { .. } | DeliveryStatus::AtStore { .. } => {
            case.give_back();
            case.yes()
        }
        // Nobody has it, as was asked for.
        DeliveryStatus::Unassigned | DeliveryStatus::Offering { .. } => {
            Outcome::unchanged(delivery.revision)
        }
        DeliveryStatus::Waiting
        | DeliveryStatus::PickedUp { .. }
        | DeliveryStatus::AtDoor { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => {
            Outcome::rejected(Rejection::OutOfOrder { state: delivery.status.state() })
        }
    })
}

/// Who said yes did not come: somebody else is looked for.
pub(crate) fn nobody_comes(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    delivery_id: DeliveryId,
    fence: u32,
) -> Result<Outcome, Unreadable> {
    let delivery = city.delivery(delivery_id)?;
    let awaited = delivery.filter(|delivery| {
        delivery.fence == fence && delivery.no_progress_at == Some(deadline.due_at)
    });
    let Some(delivery) = awaited else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let Some(mut case) = Case::load(city, stamp, delivery.order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if let Some(courier_id) = case.holder() {
        case.judge_given_back(city, courier_id)?;
    }
    case.give_back();
    Ok(case.yes())
}
