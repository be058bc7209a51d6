//! A city in memory: the second implementation of `View`, for tests of every crate.

use crate::account::{Account, Session};
use crate::city::City;
use crate::courier::Courier;
use crate::deadline::Deadline;
use crate::delivery::Delivery;
use crate::ids::*;
use crate::menu::{Dish, Menu, OptionGroup};
use crate::order::Order;
use crate::payment::{Payment, Work, WorkId};
use crate::quote::Quote;
use crate::rating::Rating;
use crate::restaurant::Restaurant;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::{Actor, Command, Event, Found, Outcome, Proposal, Stamp, Unreadable, View, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every record of a city, and the feed so far. Its fields are open: tests look where they like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MemoryCity {
    /// Position of the last entry.
    pub index: u64,
    /// Moment of the last entry.
    pub at: Timestamp,
    pub city: Option<Arc<City>>,
    pub accounts: BTreeMap<AccountId, Arc<Account>>,
    pub logins: BTreeMap<Digest, AccountId>,
    pub sessions: BTreeMap<SessionId, Arc<Session>>,
    pub restaurants: BTreeMap<RestaurantId, Arc<Restaurant>>,
    pub menus: BTreeMap<RestaurantId, Arc<Menu>>,
    pub dishes: BTreeMap<(RestaurantId, DishId), Arc<Dish>>,
    pub option_groups: BTreeMap<(RestaurantId, OptionGroupId), Arc<OptionGroup>>,
    pub quotes: BTreeMap<QuoteId, Arc<Quote>>,
    pub orders: BTreeMap<OrderId, Arc<Order>>,
    pub payments: BTreeMap<PaymentId, Arc<Payment>>,
    pub deliveries: BTreeMap<DeliveryId, Arc<Delivery>>,
    pub couriers: BTreeMap<CourierId, Arc<Courier>>,
    pub ratings: BTreeMap<RatingId, Arc<Rating>>,
    pub deadlines: BTreeSet<Deadline>,
    pub works: BTreeMap<WorkId, Arc<Work>>,
    /// (index, number) and what happened.
    pub feed: Vec<((u64, u32), Event)>,
}

impl MemoryCity {
    /// Decides the next entry and keeps what it did. Time stands still rather than move back.
    pub fn propose(&mut self, at: Timestamp, actor: Actor, command: Command) -> Outcome {
        let stamp = Stamp { index: self.index + 1, at: at.max(self.at) };
        let proposal = Proposal { actor, request_id: format!("req-{}", stamp.index), command };
        let outcome =
            crate::apply(self, &stamp, proposal).expect("a consistent city in memory is readable");
        self.commit(&stamp, &outcome);
        outcome
    }

    /// Keeps what an entry did.
    pub fn commit(&mut self, stamp: &Stamp, outcome: &Outcome) {
        self.index = stamp.index;
        self.at = stamp.at;
        for write in outcome.writes.iter().cloned() {
            self.keep(write);
        }
        let numbered = (0..).map(|number| (stamp.index, number));
        self.feed.extend(numbered.zip(outcome.events.iter().cloned()));
    }

    fn keep(&mut self, write: Write) {
        match write {
            Write::City(it) => self.city = Some(it),
            Write::Account(it) => {
                self.logins.insert(it.login, it.id);
                self.accounts.insert(it.id, it);
            }
            Write::Session(it) => drop(self.sessions.insert(it.id, it)),
            Write::DropSession(id) => drop(self.sessions.remove(&id)),
            Write::Restaurant(it) => drop(self.restaurants.insert(it.id, it)),
            Write::Menu(it) => drop(self.menus.insert(it.restaurant_id, it)),
            Write::Dish(it) => drop(self.dishes.insert((it.restaurant_id, it.id), it)),
            Write::OptionGroup(it) => {
                self.option_groups.insert((it.restaurant_id, it.id), it);
            }
            Write::Quote(it) => drop(self.quotes.insert(it.id, it)),
            Write::DropQuote(id) => drop(self.quotes.remove(&id)),
            Write::Order(it) => drop(self.orders.insert(it.id, it)),
            Write::Payment(it) => drop(self.payments.insert(it.id, it)),
            Write::Delivery(it) => drop(self.deliveries.insert(it.id, it)),
            Write::Courier(it) => drop(self.couriers.insert(it.id, it)),
            Write::Rating(it) => drop(self.ratings.insert(it.id, it)),
            Write::Deadline(it) => drop(self.deadlines.insert(it)),
            Write::DropDeadline(it) => drop(self.deadlines.remove(&it)),
            Write::Work(id, it) => drop(self.works.insert(id, Arc::new(it))),
            Write::DropWork(id) => drop(self.works.remove(&id)),
        }
    }
}

impl View for MemoryCity {
    fn city(&self) -> Found<City> {
        Ok(self.city.clone())
    }
    fn account(&self, id: AccountId) -> Found<Account> {
        Ok(self.accounts.get(&id).cloned())
    }
    fn account_by_login(&self, login: Digest) -> Result<Option<AccountId>, Unreadable> {
        Ok(self.logins.get(&login).copied())
    }
    fn session(&self, id: SessionId) -> Found<Session> {
        Ok(self.sessions.get(&id).cloned())
    }
    fn restaurant(&self, id: RestaurantId) -> Found<Restaurant> {
        Ok(self.restaurants.get(&id).cloned())
    }
    fn menu(&self, id: RestaurantId) -> Found<Menu> {
        Ok(self.menus.get(&id).cloned())
    }
    fn dish(&self, restaurant: RestaurantId, id: DishId) -> Found<Dish> {
        Ok(self.dishes.get(&(restaurant, id)).cloned())
    }
    fn option_group(&self, restaurant: RestaurantId, id: OptionGroupId) -> Found<OptionGroup> {
        Ok(self.option_groups.get(&(restaurant, id)).cloned())
    }
    fn quote(&self, id: QuoteId) -> Found<Quote> {
        Ok(self.quotes.get(&id).cloned())
    }
    fn order(&self, id: OrderId) -> Found<Order> {
        Ok(self.orders.get(&id).cloned())
    }
    fn payment(&self, id: PaymentId) -> Found<Payment> {
        Ok(self.payments.get(&id).cloned())
    }
    fn delivery(&self, id: DeliveryId) -> Found<Delivery> {
        Ok(self.deliveries.get(&id).cloned())
    }
    fn courier(&self, id: CourierId) -> Found<Courier> {
        Ok(self.couriers.get(&id).cloned())
    }
    fn rating(&self, id: RatingId) -> Found<Rating> {
        Ok(self.ratings.get(&id).cloned())
    }
    fn work(&self, id: WorkId) -> Found<Work> {
        Ok(self.works.get(&id).cloned())
    }
}
