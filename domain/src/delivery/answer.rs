//! The courier answers an offer. Silence is a no too: the deadline says it.

use super::DeliveryStatus;
use crate::authority::rides_as;
use crate::courier::Courier;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{CourierId, DeliveryId, OrderId};
use crate::mutant::{Mutant, is_planted};
use crate::order::case::Case;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Yes. The courier's own live offer for this order; a second yes is a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TakeOffer {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    /// The fence of the offer that was seen; the live one if absent.
    pub fence: Option<u32>,
}

/// No. Costs the courier nothing; the delivery goes to the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DeclineOffer {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    /// The fence of the offer that was seen; the live one if absent.
    pub fence: Option<u32>,
}

pub(crate) fn take_offer(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: TakeOffer,
) -> Result<Outcome, Unreadable> {
    let TakeOffer { courier_id, order_id, fence } = command;
    if !rides_as(city, actor, courier_id)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let delivery_id = delivery.id;
    let current = fence.is_none_or(|fence| fence == delivery.fence);
    match delivery.status {
        DeliveryStatus::Offering { courier_id: asked, expires_at, .. }
            if asked == courier_id && current && stamp.at < expires_at => {}
        DeliveryStatus::Offering { .. } | DeliveryStatus::Assigned { .. }
            if is_planted(Mutant::DoubleAssignment) => {}
        // The same yes again.
        DeliveryStatus::Assigned { courier_id: holder } if holder == courier_id && current => {
            return Ok(Outcome::unchanged(delivery.revision));
        }
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::Assigned { .. }
        | DeliveryStatus::AtStore { .. }
        | DeliveryStatus::PickedUp { .. }
        | DeliveryStatus::AtDoor { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => return Ok(Outcome::rejected(Rejection::OfferClosed)),
    }
    let full = |it: &Courier| it.carrying.len() >= it.capacity() as usize;
    if case.courier().is_none_or(full) {
        return Ok(Outcome::rejected(Rejection::NotOfferable));
    }
    case.close_offer();
    case.change_courier(|courier| {
        courier.carrying.insert(delivery_id);
    });
    case.search_until(None);
    let fence = case.delivery().map_or(0, |delivery| delivery.fence);
    case.move_delivery(DeliveryStatus::Assigned { courier_id });
    case.event(Event::DeliveryAssigned { delivery_id, order_id, courier_id, fence });
    Ok(case.yes())
}

pub(crate) fn decline_offer(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DeclineOffer,
) -> Result<Outcome, Unreadable> {
    let DeclineOffer { courier_id, order_id, fence } = command;
    if !rides_as(city, actor, courier_id)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let delivery_id = delivery.id;
    let current = fence.is_none_or(|fence| fence == delivery.fence);
    let asked = matches!(delivery.status,
        DeliveryStatus::Offering { courier_id: asked, .. } if asked == courier_id);
    if !asked || !current {
        // A no that was heard already is heard again, whatever has become of the delivery since.
        return Ok(if delivery.declined_by.contains(&courier_id) {
            Outcome::unchanged(delivery.revision)
        } else {
            Outcome::rejected(Rejection::OfferClosed)
        });
    }
    case.close_offer();
    case.change_delivery(|delivery| {
        delivery.declined_by.insert(courier_id);
    });
    case.event(Event::OfferDeclined { delivery_id, order_id, courier_id });
    Ok(case.yes())
}

/// Silence is a no too, or the dispatcher would ask the same courier for ever.
pub(crate) fn offer_expires(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    delivery_id: DeliveryId,
    fence: u32,
) -> Result<Outcome, Unreadable> {
    let Some(delivery) = city.delivery(delivery_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let order_id = delivery.order_id;
    let awaited = match delivery.status {
        DeliveryStatus::Offering { courier_id, expires_at, .. } => Some(courier_id).filter(|_| {
            let due = Due::OfferExpires(delivery_id, delivery.fence);
            delivery.fence == fence && Deadline { due_at: expires_at, due } == deadline
        }),
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Assigned { .. }
        | DeliveryStatus::AtStore { .. }
        | DeliveryStatus::PickedUp { .. }
        | DeliveryStatus::AtDoor { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => None,
    };
    let Some(courier_id) = awaited else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    case.close_offer();
    case.change_delivery(|delivery| {
        delivery.declined_by.insert(courier_id);
    });
    case.event(Event::OfferExpired { delivery_id, order_id, courier_id });
    Ok(case.yes())
}
