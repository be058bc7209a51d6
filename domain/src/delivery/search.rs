//! The search for a courier: what opens, closes and reopens it.

use super::{DeliveryState, DeliveryStatus};
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::{CourierId, OrderId};
use crate::limits::{COURIER_MISSING_MS, NO_PROGRESS_MS};
use crate::order::case::Case;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};

/// Tells operators that an order's food is ready and nobody carries it.
pub(crate) fn courier_missing(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if delivery.missing_at != Some(deadline.due_at) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let delivery_id = delivery.id;
    case.write(Write::DropDeadline(deadline));
    case.change_delivery(|delivery| delivery.missing_at = None);
    case.event(Event::CourierMissing { order_id, delivery_id });
    Ok(case.yes())
}

impl Case {
    /// Looks for somebody until a while after `ready_at`; with nothing, the search is over.
    pub(crate) fn search_until(&mut self, ready_at: Option<Timestamp>) {
        let patience_ms = self.rules().no_courier_ms;
        let now = self.at();
        let from = ready_at.map(|ready_at| ready_at.max(now));
        let moment = from.map(|from| from.plus_ms(patience_ms));
        let Some(delivery) = self.delivery() else { return };
        let (before, told_at) = (delivery.no_courier_at, delivery.missing_at);
        if moment == before {
            return;
        }
        // Once for each search: whoever knows of it already is not told again.
        let told = before.is_some() && told_at.is_none();
        let missing_at = from.filter(|_| !told).map(|from| from.plus_ms(COURIER_MISSING_MS));
        self.tell_missing_at(missing_at);
        let due = Due::NoCourier(self.order().id);
        if let Some(before) = before {
            self.drop_due(before, due);
        }
        if let Some(moment) = moment {
            self.await_due(moment, due);
        }
        self.change_delivery(|delivery| delivery.no_courier_at = moment);
    }

    /// Operators are told then, and not at any other moment.
    fn tell_missing_at(&mut self, moment: Option<Timestamp>) {
        let due = Due::CourierMissing(self.order().id);
        if let Some(before) = self.delivery().and_then(|delivery| delivery.missing_at) {
            self.drop_due(before, due);
        }
        if let Some(moment) = moment {
            self.await_due(moment, due);
        }
        self.change_delivery(|delivery| delivery.missing_at = moment);
    }

    /// Who said yes comes to the kitchen within a while, or loses it: awaited until they are there,
    /// and until it is theirs no more.
    pub(crate) fn expect_progress(&mut self, now: DeliveryState) {
        let Some(delivery) = self.delivery() else { return };
        let due = Due::NoProgress(delivery.id, delivery.fence);
        if let Some(before) = delivery.no_progress_at {
            self.drop_due(before, due);
            self.change_delivery(|delivery| delivery.no_progress_at = None);
        }
        if now == DeliveryState::Assigned {
            let moment = self.at().plus_ms(NO_PROGRESS_MS);
            self.await_due(moment, due);
            self.change_delivery(|delivery| delivery.no_progress_at = Some(moment));
        }
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
        // While the fence still names what is awaited of them.
        self.move_delivery(DeliveryStatus::Unassigned);
        self.change_delivery(|delivery| {
            delivery.fence += 1;
            delivery.declined_by.insert(courier_id);
            delivery.last_step_at = None;
            delivery.at_store_at = None;
        });
        self.event(Event::DeliveryUnassigned { delivery_id, order_id, courier_id });
        self.search_until(Some(ready_at));
    }
}
