//! Decoded records in memory, so that placing an order does not decode the menu again.
//!
//! Only the writer fills it, after a read or a commit: what stands here is what the database says
//! now. Each entry carries the version at which it was known to hold; a reader, who looks at one
//! moment, takes it only if that is not later than its moment (`State::version`).

use crate::record::Record;
use domain::account::{Account, Attempts, Belongings, Session, Tab};
use domain::city::{City, CityTerms};
use domain::claim::Claim;
use domain::coupon::{Coupon, CouponUse};
use domain::courier::Courier;
use domain::delivery::Delivery;
use domain::fraud::{FraudCase, FraudRules, Trace};
use domain::image::Image;
use domain::key::ApiKeys;
use domain::ledger::{Balance, LedgerEntry, Payout};
use domain::menu::{Dish, Menu, OptionGroup};
use domain::notice::{Notice, Notified, Preferences};
use domain::order::Order;
use domain::payment::{Difference, GatewayEvent, Payment, Work};
use domain::quality::Quality;
use domain::quote::Quote;
use domain::rating::{DishScore, Rating};
use domain::refund::Refund;
use domain::restaurant::Restaurant;
use domain::role::Roster;
use domain::slot::Slot;
use domain::stock::Stock;
use domain::webhook::{Webhook, WebhooksOf};
use std::sync::Arc;

/// The cached records of one kind; the one that was not used for long makes room.
pub(crate) struct Shelf<T: Record> {
    records: quick_cache::sync::Cache<T::Key, (u64, Arc<T>)>,
}

impl<T: Record> Shelf<T> {
    fn new(capacity: usize) -> Self {
        Self { records: quick_cache::sync::Cache::new(capacity) }
    }

    /// For the writer: always what the database says now.
    pub(crate) fn now(&self, key: T::Key) -> Option<Arc<T>> {
        self.records.get(&key).map(|(_, record)| record)
    }

    /// For a reader that looks at the moment `version`.
    pub(crate) fn as_of(&self, key: T::Key, version: u64) -> Option<Arc<T>> {
        self.records.get(&key).filter(|(since, _)| *since <= version).map(|(_, record)| record)
    }

    /// Only the writer calls this; `version` is the one at which the record is known to hold.
    pub(crate) fn keep(&self, key: T::Key, version: u64, record: Arc<T>) {
        self.records.insert(key, (version, record));
    }

    pub(crate) fn forget(&self, key: T::Key) {
        self.records.remove(&key);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}

macro_rules! hot {
    ($($name:ident: $record:ty, $share:literal;)*) => {
        /// All shelves.
        pub(crate) struct Hot {
            $(pub(crate) $name: Shelf<$record>,)*
        }

        impl Hot {
            /// Shares a number of records between the kinds.
            pub(crate) fn new(records: usize) -> Self {
                Self { $($name: Shelf::new((records * $share / 1_000).max(1)),)* }
            }

            pub(crate) fn len(&self) -> usize {
                0 $(+ self.$name.len())*
            }
        }
    };
}

// The shares are of a thousand, by memory. What an order touches while it lives is there for some
// minutes; what every order touches (dishes above all) is there always. Counters (stock, slots,
// uses of coupons, tabs) take an eighth of what a dish takes, so that eight have the room of one.
// Pictures are megabytes, and whoever serves them keeps them: here is one at most.
hot! {
    city: City, 1;
    terms: CityTerms, 1;
    accounts: Account, 110;
    sessions: Session, 70;
    tabs: Tab, 160;
    couriers: Courier, 45;
    restaurants: Restaurant, 70;
    menus: Menu, 20;
    dishes: Dish, 230;
    option_groups: OptionGroup, 90;
    stocks: Stock, 480;
    slots: Slot, 120;
    dish_scores: DishScore, 8;
    coupons: Coupon, 5;
    coupon_uses: CouponUse, 80;
    quotes: Quote, 60;
    orders: Order, 85;
    payments: Payment, 40;
    deliveries: Delivery, 40;
    ratings: Rating, 6;
    claims: Claim, 3;
    refunds: Refund, 3;
    preferences: Preferences, 30;
    belongings: Belongings, 15;
    notices: Notice, 8;
    notified: Notified, 1;
    works: Work, 8;
    attempts: Attempts, 4;
    traces: Trace, 160;
    fraud_cases: FraudCase, 3;
    fraud_rules: FraudRules, 1;
    qualities: Quality, 16;
    gateway_events: GatewayEvent, 1;
    differences: Difference, 1;
    ledger: LedgerEntry, 1;
    balances: Balance, 40;
    payouts: Payout, 1;
    images: Image, 0;
    webhooks: Webhook, 5;
    webhooks_of: WebhooksOf, 1;
    api_keys: ApiKeys, 2;
    rosters: Roster, 1;
}

impl std::fmt::Debug for Hot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cached records", self.len())
    }
}
