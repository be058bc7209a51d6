//! What kitchens share: who may speak for one, and how an order comes to it.

use super::case::Case;
use super::{OrderState, OrderStatus};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::deadline::Due;
use crate::delivery::DeliveryStatus;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{OrderId, RestaurantId};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::restaurant::Profile;
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
    pub(crate) fn show_to_kitchen(&mut self, profile: &Profile) {
        let at = self.at();
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        let accept_by = at.plus_ms(self.rules().accept_ms);
        self.move_order(OrderStatus::Placed { accept_by });
        self.event(Event::OrderPlaced { order_id, restaurant_id, accept_by });
        if profile.auto_accept {
            self.accept(at.plus_ms(profile.preparation_ms));
        } else {
            self.await_due(accept_by, Due::AcceptBy(order_id));
        }
    }

    /// The kitchen has said yes: food at `ready_at`, and a courier is owed.
    pub(crate) fn accept(&mut self, ready_at: Timestamp) {
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        let delivery_id = self.delivery().id;
        self.order_mut().ready_at = Some(ready_at);
        self.move_order(OrderStatus::Accepted);
        self.event(Event::OrderAccepted { order_id, restaurant_id, ready_at });

        self.delivery_mut().ready_at = ready_at;
        self.move_delivery(DeliveryStatus::Unassigned);
        self.event(Event::DeliveryOpened { delivery_id, order_id });
        self.search_until(Some(ready_at));
    }

    /// The food will be ready then: the search for a courier moves along.
    pub(crate) fn promise(&mut self, ready_at: Timestamp) {
        self.order_mut().ready_at = Some(ready_at);
        self.delivery_mut().ready_at = ready_at;
        if self.delivery().no_courier_at.is_some() {
            self.search_until(Some(ready_at));
        }
    }
}
