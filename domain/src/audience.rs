//! Who may see which event.
//!
//! The table in `event.rs` says to which parties an event is told; here those parties get names.
//! Whose an order is never changes, so the same event has the same audience whenever it is read:
//! live, from the feed, or a month later.

use crate::event::Event;
use crate::ids::{AccountId, CourierId, OrderId, RestaurantId};
use crate::order::Order;

/// Somebody to whom an event can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The customer of the order.
    Customer,
    /// The restaurant of the order, or the one that it is about.
    Restaurant,
    /// The courier whom the event names.
    Courier,
    /// The account that the event names.
    Account,
}

/// What an event can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Concern {
    Order,
    Courier,
    Restaurant,
    Account,
}

/// A row of the table of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// As `order.placed`.
    pub name: &'static str,
    /// To whom it is told, besides the operators.
    pub told: &'static [Party],
    /// What it names.
    pub concerns: &'static [Concern],
}

/// Those to whom one event is told; operators see it in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// Its customer.
    pub customer: Option<AccountId>,
    /// A restaurant.
    pub restaurant: Option<RestaurantId>,
    /// A courier.
    pub courier: Option<CourierId>,
    /// Somebody whose account it is about.
    pub account: Option<AccountId>,
}

/// Somebody who reads the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Viewer {
    /// A person: their own orders and their account, and their work if they are a courier.
    Person(AccountId, Option<CourierId>),
    /// Those who work at a restaurant.
    Restaurant(RestaurantId),
    /// A courier at work.
    Courier(CourierId),
    /// The platform.
    Operator,
}

impl Event {
    /// Who is told. `order` is the record of [`Event::order_id`], as it is at or after the event.
    pub fn audience(&self, order: Option<&Order>) -> Audience {
        let mut audience = Audience { order: self.order_id(), ..Audience::default() };
        for party in self.told() {
            match party {
                Party::Customer => audience.customer = order.map(|order| order.customer_id),
                Party::Restaurant => {
                    let of_order = order.filter(|order| order.came_to_the_kitchen());
                    let of_order = of_order.map(|order| order.restaurant_id);
                    audience.restaurant = self.restaurant_id().or(of_order);
                }
                Party::Courier => audience.courier = self.courier_id(),
                Party::Account => audience.account = self.account_id(),
            }
        }
        audience
    }
}

impl Audience {
    /// Whether it is told to them.
    pub fn has(&self, viewer: Viewer) -> bool {
        match viewer {
            Viewer::Person(account, courier) => {
                self.customer == Some(account)
                    || self.account == Some(account)
                    || (courier.is_some() && self.courier == courier)
            }
            Viewer::Restaurant(restaurant) => self.restaurant == Some(restaurant),
            Viewer::Courier(courier) => self.courier == Some(courier),
            Viewer::Operator => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Stamp;
    use crate::order::OrderState;
    use crate::order::{Step, StepKind};
    use crate::time::Timestamp;

    /// What a row needs, so that those whom it names can be found.
    #[test]
    fn every_row_names_those_whom_it_is_told_to() {
        for kind in Event::KINDS {
            let names = |concern| kind.concerns.contains(&concern);
            for party in kind.told {
                let found = match party {
                    Party::Customer => names(Concern::Order),
                    Party::Restaurant => names(Concern::Order) || names(Concern::Restaurant),
                    Party::Courier => names(Concern::Courier),
                    Party::Account => names(Concern::Account),
                };
                assert!(found, "{}: who is its {party:?}?", kind.name);
            }
        }
        let mut names: Vec<_> = Event::KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Event::KINDS.len(), "two events of one name");
    }

    #[test]
    fn a_pending_order_is_nothing_to_its_restaurant_until_it_comes_to_the_kitchen() {
        let (order_id, restaurant_id) = (OrderId([1; 16]), RestaurantId([2; 16]));
        let stamp = Stamp { index: 7, at: Timestamp(0) };
        let mut order = Order::new(order_id, AccountId([3; 16]), restaurant_id, &stamp);
        let cancelled = Event::OrderCancelled {
            order_id,
            restaurant_id,
            reason: crate::order::CancelReason::PaymentFailed,
            fault: crate::order::Fault::Customer,
        };
        let step = |order: &mut Order, state| {
            let what = StepKind::Order(state);
            order.timeline.push(Step { at: stamp.at, what, occurred_at: None });
        };
        step(&mut order, OrderState::Pending);
        let total = crate::money::Money(5);
        let pending = Event::OrderPending { order_id, restaurant_id, total };
        for event in [&pending, &cancelled] {
            let audience = event.audience(Some(&order));
            assert!(audience.has(Viewer::Person(order.customer_id, None)));
            assert!(!audience.has(Viewer::Restaurant(restaurant_id)), "{}", event.name());
        }

        step(&mut order, OrderState::Placed);
        step(&mut order, OrderState::Cancelled);
        assert!(cancelled.audience(Some(&order)).has(Viewer::Restaurant(restaurant_id)));
        assert!(!pending.audience(Some(&order)).has(Viewer::Restaurant(restaurant_id)));
    }

    /// Every event and every role: nobody sees what the table does not tell them.
    #[test]
    fn every_event_and_every_role() {
        for kind in Event::KINDS {
            let told = |party| kind.told.contains(&party);
            let (own, other) = ([1; 16], [2; 16]);
            let audience = Audience {
                order: Some(OrderId(own)),
                customer: told(Party::Customer).then_some(AccountId([3; 16])),
                restaurant: told(Party::Restaurant).then_some(RestaurantId(own)),
                courier: told(Party::Courier).then_some(CourierId(own)),
                account: told(Party::Account).then_some(AccountId([4; 16])),
            };
            let sees = |viewer| audience.has(viewer);
            let customer = Viewer::Person(AccountId([3; 16]), None);
            assert_eq!(sees(customer), told(Party::Customer), "{}", kind.name);
            let account = Viewer::Person(AccountId([4; 16]), None);
            assert_eq!(sees(account), told(Party::Account), "{}", kind.name);
            let restaurant = Viewer::Restaurant(RestaurantId(own));
            assert_eq!(sees(restaurant), told(Party::Restaurant), "{}", kind.name);
            for courier in [
                Viewer::Courier(CourierId(own)),
                Viewer::Person(AccountId(other), Some(CourierId(own))),
            ] {
                assert_eq!(sees(courier), told(Party::Courier), "{}", kind.name);
            }
            for stranger in [
                Viewer::Person(AccountId(other), Some(CourierId(other))),
                Viewer::Person(AccountId(own), None),
                Viewer::Restaurant(RestaurantId(other)),
                Viewer::Courier(CourierId(other)),
            ] {
                assert!(!sees(stranger), "{} and {stranger:?}", kind.name);
            }
            assert!(sees(Viewer::Operator));
        }
    }
}
