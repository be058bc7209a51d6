//! The courier rings, calls, writes: only who tried can say that nobody was there.

use super::DeliveryStatus;
use super::carry::in_the_bag;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{CourierId, OrderId};
use crate::limits::CONTACTS;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Logs an attempt to reach the customer. The holder only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LogContact {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
    /// Names this attempt, so that a repeat does not count twice.
    pub event_id: Digest,
}

pub(crate) fn log_contact(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: LogContact,
) -> Result<Outcome, Unreadable> {
    let LogContact { courier_id, order_id, fence, event_id } = command;
    let told = Some(event_id);
    let mut case = match in_the_bag(city, stamp, actor, courier_id, order_id, fence, told)? {
        Ok(case) => case,
        Err(answer) => return Ok(answer),
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let delivery_id = delivery.id;
    match delivery.status {
        DeliveryStatus::PickedUp { .. } | DeliveryStatus::AtDoor { .. } => {}
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::Assigned { .. }
        | DeliveryStatus::AtStore { .. }
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => {
            let state = delivery.status.state();
            return Ok(Outcome::rejected(Rejection::OutOfOrder { state }));
        }
    }
    case.change_delivery(|delivery| {
        if delivery.contacts.len() >= CONTACTS {
            delivery.contacts.remove(0);
        }
        delivery.contacts.push(stamp.at);
    });
    case.hear(told);
    case.event(Event::CustomerContacted { delivery_id, order_id, courier_id });
    Ok(case.yes())
}
