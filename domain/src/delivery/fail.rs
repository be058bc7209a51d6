//! It could not be handed over. The food is still somewhere, and an operator is told.

use super::carry::{in_the_bag, moment};
use super::{Delivery, DeliveryStatus};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{CourierId, OrderId};
use crate::limits::{ABSENT_WAIT_MS, CONTACTS_BEFORE_ABSENT};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// The holder reports that the delivery failed after pick-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct FailDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub reason: FailReason,
    pub fence: Option<u32>,
    pub occurred_at: Option<Timestamp>,
    /// Names what a phone tells, so that it can tell it twice.
    pub event_id: Option<Digest>,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FailReason {
    CustomerAbsent,
    WrongAddress,
    Refused,
    Unsafe,
    Damaged,
    Lost,
    Accident,
    Vehicle,
}

impl FailReason {
    /// As the API and the audit chain have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerAbsent => "customer_absent",
            Self::WrongAddress => "wrong_address",
            Self::Refused => "refused",
            Self::Unsafe => "unsafe",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
            Self::Accident => "accident",
            Self::Vehicle => "vehicle",
        }
    }
}

pub(crate) fn fail_delivery(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: FailDelivery,
) -> Result<Outcome, Unreadable> {
    let FailDelivery { courier_id, order_id, reason, fence, occurred_at, event_id } = command;
    let mut case = match in_the_bag(city, stamp, actor, courier_id, order_id, fence, event_id)? {
        Ok(case) => case,
        Err(answer) => return Ok(answer),
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let delivery_id = delivery.id;
    match delivery.status {
        DeliveryStatus::PickedUp { .. } | DeliveryStatus::AtDoor { .. } => {}
        DeliveryStatus::Failed { reason: said, .. } if said == reason => {
            return Ok(case.holds_already(event_id));
        }
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
    let occurred_at = match moment(delivery, stamp.at, occurred_at) {
        Ok(moment) => moment,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if reason == FailReason::CustomerAbsent && !has_waited(delivery, stamp.at, occurred_at) {
        let rule = "absent: after 8 minutes at the door and 2 attempts to reach them";
        return Ok(Outcome::rejected(field::invalid("/reason", rule)));
    }
    case.change_delivery(|delivery| {
        delivery.last_step_at = Some(occurred_at);
        delivery.fail_reason = Some(reason);
    });
    case.happened_at(occurred_at);
    case.hear(event_id);
    case.move_delivery(DeliveryStatus::Failed { courier_id, reason });
    case.event(Event::DeliveryFailed { delivery_id, order_id, courier_id, reason });
    Ok(case.yes())
}

/// Whether the courier stood at the door long enough, and tried often enough to reach the customer,
/// for them to count as absent. Both moments are by the courier's clock: it was offline, or not.
fn has_waited(delivery: &Delivery, now: Timestamp, occurred_at: Timestamp) -> bool {
    // A clock that runs ahead does not make a wait longer.
    let until = occurred_at.min(now);
    matches!(delivery.status, DeliveryStatus::AtDoor { .. })
        && delivery.last_step_at.is_some_and(|since| until.ms_since(since) >= ABSENT_WAIT_MS)
        && delivery.contacts.len() >= CONTACTS_BEFORE_ABSENT
}
