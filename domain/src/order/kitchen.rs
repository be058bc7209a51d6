//! What kitchens share: who may speak for one, and how an order comes to it.

use super::case::Case;
use super::schedule::When;
use super::{Fulfilment, OrderState, OrderStatus};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::city::{City, CityTerms};
use crate::deadline::Due;
use crate::delivery::DeliveryStatus;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::limits::{NO_SHOW_MS, SCHEDULED_ACCEPT_MS};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::time::Timestamp;
use crate::view::View;

/// The order, if the actor may answer for its kitchen.
pub(crate) fn at_the_stove(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    restaurant_id: RestaurantId,
    order_id: OrderId,
) -> Checked<Case> {
    if !works_at(city, actor, restaurant_id, StaffRole::Kitchen)? {
        return Ok(Err(Rejection::Forbidden));
    }
    let Some(case) = Case::load(city, stamp, order_id)? else {
        return Ok(Err(Rejection::OrderUnknown));
    };
    // The same answer as for a missing order: a stranger's order is nobody's business, and one
    // that is not paid for is not the kitchen's yet.
    let order = case.order();
    if order.restaurant_id != restaurant_id || order.status.state() == OrderState::Pending {
        return Ok(Err(Rejection::OrderUnknown));
    }
    Ok(Ok(case))
}

impl Case {
    /// The kitchen sees the order from here on; one that takes all has said yes already.
    pub(crate) fn show_to_kitchen(
        &mut self,
        founded: &City,
        terms: &CityTerms,
        restaurant: &Restaurant,
    ) {
        let at = self.at();
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        let accept_by = self.accept_by(founded, terms, restaurant);
        self.move_order(OrderStatus::Placed { accept_by });
        self.event(Event::OrderPlaced { order_id, restaurant_id, accept_by });
        let kitchen_at = self.order().kitchen_at;
        if matches!(self.order().when, When::Slot { .. }) && kitchen_at > at {
            self.order_mut().kitchen_awaited = true;
            self.await_due(kitchen_at, Due::KitchenAt(order_id));
        }
        if restaurant.profile.auto_accept {
            let ready_at = self.planned_ready(restaurant);
            self.accept(ready_at);
        } else {
            self.await_due(accept_by, Due::AcceptBy(order_id));
            let since = self.first_ring(founded, terms, restaurant);
            self.ring(since);
        }
    }

    /// Nobody is called out of bed for an order for later: it rings when the kitchen is open.
    fn first_ring(&self, founded: &City, terms: &CityTerms, restaurant: &Restaurant) -> Timestamp {
        let at = self.at();
        match self.order().when {
            When::Asap => at,
            When::Slot { .. } => {
                let (zone, holidays) = (&founded.time_zone, terms.holidays.at(at));
                restaurant.calendar(self.order().fulfilment, zone, holidays).after_open_ms(at, 0)
            }
        }
    }

    /// An order for now is answered within minutes; one for later within half an hour of opening
    /// time, and before the kitchen should begin.
    fn accept_by(&self, founded: &City, terms: &CityTerms, restaurant: &Restaurant) -> Timestamp {
        let (at, accept_ms) = (self.at(), self.rules().accept_ms);
        match self.order().when {
            When::Asap => at.plus_ms(accept_ms),
            When::Slot { .. } => {
                let (zone, holidays) = (&founded.time_zone, terms.holidays.at(at));
                let calendar = restaurant.calendar(self.order().fulfilment, zone, holidays);
                let open = calendar.after_open_ms(at, SCHEDULED_ACCEPT_MS);
                // Nobody can answer who is not there yet: one for the first slot of the morning
                // waits for the door to open.
                let soon = calendar.after_open_ms(at, accept_ms);
                open.min(self.order().kitchen_at).max(soon)
            }
        }
    }

    /// When the food should be ready if the kitchen says nothing else.
    pub(crate) fn planned_ready(&self, restaurant: &Restaurant) -> Timestamp {
        let from_now = self.at().plus_ms(restaurant.preparation_ms_at(self.at()));
        match self.order().when {
            When::Asap => from_now,
            When::Slot { .. } => self.order().ready_at.map_or(from_now, |at| at.max(from_now)),
        }
    }

    /// The kitchen has said yes: food at `ready_at`, and a courier is owed.
    pub(crate) fn accept(&mut self, ready_at: Timestamp) {
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        self.silence();
        let order = self.order_mut();
        (order.ready_at, order.first_ready_at) = (Some(ready_at), Some(ready_at));
        self.move_order(OrderStatus::Accepted);
        self.event(Event::OrderAccepted { order_id, restaurant_id, ready_at });
        self.change_delivery(|delivery| delivery.ready_at = ready_at);
        if !self.order().kitchen_awaited {
            self.open_search();
        }
    }

    /// From now on somebody must be found to carry it.
    pub(crate) fn open_search(&mut self) {
        let order_id = self.order().id;
        let Some(delivery) = self.delivery() else { return };
        if delivery.status != DeliveryStatus::Waiting {
            return;
        }
        let (delivery_id, ready_at) = (delivery.id, delivery.ready_at);
        self.move_delivery(DeliveryStatus::Unassigned);
        self.event(Event::DeliveryOpened { delivery_id, order_id });
        self.search_until(Some(ready_at));
    }

    /// The food will be ready then: the search for a courier moves along.
    pub(crate) fn promise(&mut self, ready_at: Timestamp) {
        self.order_mut().ready_at = Some(ready_at);
        self.change_delivery(|delivery| delivery.ready_at = ready_at);
        if self.delivery().is_some_and(|delivery| delivery.no_courier_at.is_some()) {
            self.search_until(Some(ready_at));
        }
    }

    /// Somebody who comes for their food has so long to do it.
    pub(crate) fn await_customer(&mut self) {
        if self.order().fulfilment != Fulfilment::Pickup {
            return;
        }
        let order_id = self.order().id;
        let no_show_at = self.order().promised.to.max(self.at()).plus_ms(NO_SHOW_MS);
        self.order_mut().no_show_at = Some(no_show_at);
        self.await_due(no_show_at, Due::NoShowAt(order_id));
    }
}
