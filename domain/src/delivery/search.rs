//! The search for a courier: what opens, closes and reopens it.

use super::DeliveryStatus;
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::{CourierId, OrderId};
use crate::order::case::Case;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};

/// Tells operators that an order's food is ready and nobody carries it.
pub(crate) fn courier_missing(
    _city: &impl View,
    _stamp: &Stamp,
    _deadline: Deadline,
    _order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::NotDue)) // TODO-CONTRACT
}

impl Case {
    /// Looks for somebody until a while after `ready_at`; with nothing, the search is over.
    pub(crate) fn search_until(&mut self, ready_at: Option<Timestamp>) {
        let patience_ms = self.rules().no_courier_ms;
        let now = self.at();
        let moment = ready_at.map(|ready_at| ready_at.max(now).plus_ms(patience_ms));
        let Some(before) = self.delivery().map(|delivery| delivery.no_courier_at) else {
            return;
        };
        if moment == before {
            return;
        }
        let due = Due::NoCourier(self.order().id);
        if let Some(before) = before {
            self.drop_due(before, due);
        }
        if let Some(moment) = moment {
            self.await_due(moment, due);
        }
        self.change_delivery(|delivery| delivery.no_courier_at = moment);
    }

    /// The live offer is over, whoever ended it: the next one may be asked.
    pub(crate) fn close_offer(&mut self) -> Option<CourierId> {
        let delivery = self.delivery()?;
        let DeliveryStatus::Offering { courier_id, expires_at, .. } = delivery.status else {
            return None;
        };
        let due = Due::OfferExpires(delivery.id, delivery.fence);
        self.drop_due(expires_at, due);
        self.part_from_courier();
        self.move_delivery(DeliveryStatus::Unassigned);
        Some(courier_id)
    }

    /// Takes the live offer back.
    pub(crate) fn withdraw_offer(&mut self) {
        let Some(delivery_id) = self.order().delivery_id else { return };
        let order_id = self.order().id;
        if let Some(courier_id) = self.close_offer() {
            self.event(Event::OfferWithdrawn { delivery_id, order_id, courier_id });
        }
    }

    /// The holder loses it before pick-up: a new fence, a new search, and not them again. Does
    /// nothing once the food is in their bag.
    pub(crate) fn give_back(&mut self) {
        let Some(delivery) = self.delivery() else { return };
        let (DeliveryStatus::Assigned { courier_id } | DeliveryStatus::AtStore { courier_id }) =
            delivery.status
        else {
            return;
        };
        let (delivery_id, ready_at) = (delivery.id, delivery.ready_at);
        let order_id = self.order().id;
        self.part_from_courier();
        self.change_delivery(|delivery| {
            delivery.fence += 1;
            delivery.declined_by.insert(courier_id);
            delivery.last_step_at = None;
            delivery.at_store_at = None;
        });
        self.move_delivery(DeliveryStatus::Unassigned);
        self.event(Event::DeliveryUnassigned { delivery_id, order_id, courier_id });
        self.search_until(Some(ready_at));
    }
}
