//! A delivery is shown to one courier.

use super::{Delivery, DeliveryStatus};
use crate::account::OperatorRole;
use crate::authority::{is_operator, is_system};
use crate::courier::Courier;
use crate::deadline::Due;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{CourierId, DeliveryId, OfferId};
use crate::limits::OFFER_MS;
use crate::order::case::Case;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Offers an unassigned delivery. System (the dispatcher) or an operator. `apply` checks that it is
/// still unassigned at this fence, and the courier still free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OfferDelivery {
    pub delivery_id: DeliveryId,
    pub courier_id: CourierId,
    /// The fence that the dispatcher saw.
    pub fence: u32,
}

pub(crate) fn offer_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: OfferDelivery,
) -> Result<Outcome, Unreadable> {
    let OfferDelivery { delivery_id, courier_id, fence } = command;
    if !is_system(actor) && !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(delivery) = city.delivery(delivery_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    let Some(courier) = city.courier(courier_id)? else {
        return Ok(Outcome::rejected(Rejection::CourierUnknown));
    };
    if is_offered_so(&delivery, courier_id, fence) {
        return Ok(Outcome::unchanged(delivery.revision));
    }
    let free = match delivery.status {
        DeliveryStatus::Unassigned => delivery.fence == fence,
        DeliveryStatus::Waiting
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
        | DeliveryStatus::Lost { .. } => false,
    };
    if !free || !may_be_asked(&courier) || delivery.declined_by.contains(&courier_id) {
        return Ok(Outcome::rejected(Rejection::NotOfferable));
    }
    let Some(mut case) = Case::load(city, stamp, delivery.order_id)? else {
        return Ok(Outcome::rejected(Rejection::DeliveryUnknown));
    };
    let fence = fence + 1;
    let offer_ms = case.rules().offer_ms.clamp(*OFFER_MS.start(), *OFFER_MS.end());
    let expires_at = stamp.at.plus_ms(offer_ms);
    let offer_id = OfferId::of(delivery_id, fence);
    case.bring_in(Arc::unwrap_or_clone(courier));
    case.change_courier(|courier| courier.offered = Some(delivery_id));
    case.change_delivery(|delivery| delivery.fence = fence);
    case.move_delivery(DeliveryStatus::Offering { offer_id, courier_id, expires_at });
    case.await_due(expires_at, Due::OfferExpires(delivery_id, fence));
    let order_id = delivery.order_id;
    case.event(Event::DeliveryOffered { delivery_id, order_id, courier_id, expires_at, fence });
    Ok(case.yes())
}

/// Whether this very offer stands: the entry before may have been the same.
fn is_offered_so(delivery: &Delivery, courier_id: CourierId, seen: u32) -> bool {
    matches!(delivery.status, DeliveryStatus::Offering { courier_id: asked, .. }
        if asked == courier_id && seen.checked_add(1) == Some(delivery.fence))
}

/// One question at a time, and only to somebody on shift with room in the bag.
fn may_be_asked(courier: &Courier) -> bool {
    courier.may_carry()
        && courier.online
        && courier.offered.is_none()
        && courier.carrying.len() < courier.capacity() as usize
}
