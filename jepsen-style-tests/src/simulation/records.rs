//! Records as people read them: looked up in a node's storage or in the city that the committed log
//! makes, and compared byte by byte.

use domain::ids::{DeliveryId, OrderId, PaymentId, RestaurantId, SessionId};
use domain::ledger::Holder;
use domain::script::MemoryCity;
use domain::stock::StockTarget;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use storage::{CityView, Error};

/// The bytes of a record in storage's encoding, if there is one.
pub(super) type Record = Option<Vec<u8>>;

/// Names one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Which {
    Stock(RestaurantId, StockTarget),
    Menu(RestaurantId),
    Order(OrderId),
    Delivery(DeliveryId),
    Payment(PaymentId),
    Session(SessionId),
    Balance(Holder),
}

impl Which {
    /// As a node shows it.
    ///
    /// # Errors
    /// Its storage could not be read.
    pub(super) fn of(self, view: &CityView) -> Result<Record, Error> {
        Ok(match self {
            Self::Stock(restaurant, target) => bytes(view.stock(restaurant, target)?.as_ref()),
            Self::Menu(id) => bytes(view.menu(id)?.as_ref()),
            Self::Order(id) => bytes(view.order(id)?.as_ref()),
            Self::Delivery(id) => bytes(view.delivery(id)?.as_ref()),
            Self::Payment(id) => bytes(view.payment(id)?.as_ref()),
            Self::Session(id) => bytes(view.session(id)?.as_ref()),
            Self::Balance(holder) => bytes(view.balance(holder)?.as_ref()),
        })
    }

    /// As the log makes it.
    pub(super) fn by_the_log(self, city: &MemoryCity) -> Record {
        match self {
            Self::Stock(restaurant, target) => bytes(city.stocks.get(&(restaurant, target))),
            Self::Menu(id) => bytes(city.menus.get(&id)),
            Self::Order(id) => bytes(city.orders.get(&id)),
            Self::Delivery(id) => bytes(city.deliveries.get(&id)),
            Self::Payment(id) => bytes(city.payments.get(&id)),
            Self::Session(id) => bytes(city.sessions.get(&id)),
            Self::Balance(holder) => bytes(city.balances.get(&holder)),
        }
    }

    /// Every record of these kinds that the city has.
    pub(super) fn all(city: &MemoryCity) -> Vec<Self> {
        let stocks =
            city.stocks.keys().map(|(restaurant, target)| Self::Stock(*restaurant, *target));
        let menus = city.menus.keys().copied().map(Self::Menu);
        let orders = city.orders.keys().copied().map(Self::Order);
        let deliveries = city.deliveries.keys().copied().map(Self::Delivery);
        let payments = city.payments.keys().copied().map(Self::Payment);
        let sessions = city.sessions.keys().copied().map(Self::Session);
        let balances = city.balances.keys().copied().map(Self::Balance);
        let all = stocks.chain(menus).chain(orders).chain(deliveries).chain(payments);
        all.chain(sessions).chain(balances).collect()
    }
}

fn bytes<T: Serialize>(record: Option<&Arc<T>>) -> Record {
    record.map(|record| storage::codec::encode(&**record))
}
