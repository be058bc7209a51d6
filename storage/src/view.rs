//! The batch that is being applied, over the live database: each entry sees what the entries
//! before it did, although nothing is written until the batch is committed.

use crate::column::Column;
use crate::commit::Batch;
use crate::error::Error;
use crate::orders;
use crate::query::corrupt_row;
use crate::record::{self, Record};
use crate::row::Row;
use crate::state::State;
use domain::account::{Account, Attempts, Belongings, Session, Tab};
use domain::city::{City, CityTerms};
use domain::claim::Claim;
use domain::coupon::{Coupon, CouponUse};
use domain::courier::Courier;
use domain::delivery::Delivery;
use domain::fraud::{FraudCase, FraudRules, Trace, TraceKey};
use domain::ids::*;
use domain::image::{Image, ImageHash};
use domain::key::{ApiKeys, KeyOwner};
use domain::ledger::{Balance, Holder, LedgerEntry, Payout};
use domain::menu::{Dish, Menu, OptionGroup};
use domain::notice::{Notice, Notified, Preferences};
use domain::order::Order;
use domain::payment::{Difference, GatewayEvent, Payment, Work, WorkId};
use domain::quality::{Quality, QualityOf};
use domain::quote::Quote;
use domain::rating::{DishScore, Rating};
use domain::refund::Refund;
use domain::restaurant::Restaurant;
use domain::role::Roster;
use domain::sealed::Digest;
use domain::slot::Slot;
use domain::stock::{Stock, StockTarget};
use domain::time::Timestamp;
use domain::webhook::{Webhook, WebhookOwner, WebhooksOf};
use domain::{Found, OrdersOf, Unreadable, View};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// The records of one kind that this batch has looked at or changed.
#[derive(Debug)]
pub(crate) struct Kept<T: Record> {
    seen: RefCell<HashMap<T::Key, Seen<T>>>,
}

#[derive(Debug)]
pub(crate) struct Seen<T> {
    /// Before this batch. Not looked up for a kind without index keys that is only written.
    pub(crate) before: Option<Arc<T>>,
    /// As the next entry sees it.
    pub(crate) now: Option<Arc<T>>,
    changed: bool,
}

impl<T: Record> Default for Kept<T> {
    fn default() -> Self {
        Self { seen: RefCell::default() }
    }
}

impl<T: Record> Kept<T> {
    pub(crate) fn get(&self, state: &State, key: T::Key) -> Result<Option<Arc<T>>, Error> {
        if let Some(seen) = self.seen.borrow().get(&key) {
            return Ok(seen.now.clone());
        }
        let found = state.load::<T>(key)?;
        let seen = Seen { before: found.clone(), now: found.clone(), changed: false };
        self.seen.borrow_mut().insert(key, seen);
        Ok(found)
    }

    /// Keeps or forgets a record; gives what was there before this entry, if the kind asks for it.
    pub(crate) fn put(
        &mut self,
        state: &State,
        key: T::Key,
        now: Option<Arc<T>>,
    ) -> Result<Option<Arc<T>>, Error> {
        let all = self.seen.get_mut();
        if let Some(seen) = all.get_mut(&key) {
            seen.changed = true;
            return Ok(std::mem::replace(&mut seen.now, now));
        }
        let before = if T::INDEXED { state.load::<T>(key)? } else { None };
        all.insert(key, Seen { before: before.clone(), now, changed: true });
        Ok(before)
    }

    /// Those that this batch has changed and that are wanted, as they are now.
    pub(crate) fn newest(&self, wanted: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let all = self.seen.borrow();
        let changed = all.values().filter(|seen| seen.changed);
        let now = changed.filter_map(|seen| seen.now.clone());
        now.filter(|record| wanted(record)).collect()
    }

    pub(crate) fn changed(&mut self) -> impl Iterator<Item = (T::Key, &Seen<T>)> {
        let all = self.seen.get_mut().iter();
        all.filter(|(_, seen)| seen.changed).map(|(key, seen)| (*key, seen))
    }
}

macro_rules! overlay {
    ($($name:ident: $record:ty;)*) => {
        /// What a batch has looked at or changed, all kinds.
        #[derive(Debug, Default)]
        pub(crate) struct Overlay {
            $(pub(crate) $name: Kept<$record>,)*
            /// Whose login this is, as far as this batch changed that.
            pub(crate) logins: HashMap<Digest, Option<AccountId>>,
        }

        impl Overlay {
            /// Calls the visitor for each kind; the one list that commit needs.
            pub(crate) fn visit<V: Visit>(&mut self, visitor: &mut V) -> Result<(), Error> {
                $(visitor.kind(&mut self.$name)?;)*
                Ok(())
            }
        }
    };
}

overlay! {
    city: City;
    accounts: Account;
    sessions: Session;
    couriers: Courier;
    restaurants: Restaurant;
    menus: Menu;
    dishes: Dish;
    option_groups: OptionGroup;
    quotes: Quote;
    orders: Order;
    payments: Payment;
    deliveries: Delivery;
    ratings: Rating;
    works: Work;
    terms: CityTerms;
    stocks: Stock;
    slots: Slot;
    coupons: Coupon;
    coupon_uses: CouponUse;
    tabs: Tab;
    claims: Claim;
    refunds: Refund;
    attempts: Attempts;
    gateway_events: GatewayEvent;
    differences: Difference;
    ledger: LedgerEntry;
    balances: Balance;
    payouts: Payout;
    dish_scores: DishScore;
    images: Image;
    preferences: Preferences;
    belongings: Belongings;
    notices: Notice;
    notified: Notified;
    webhooks: Webhook;
    webhooks_of: WebhooksOf;
    api_keys: ApiKeys;
    rosters: Roster;
    traces: Trace;
    fraud_cases: FraudCase;
    fraud_rules: FraudRules;
    qualities: Quality;
}

/// Does the same with each kind of record.
pub(crate) trait Visit {
    fn kind<T: Record>(&mut self, kept: &mut Kept<T>) -> Result<(), Error>;
}

impl View for Batch {
    fn city(&self) -> Found<City> {
        Ok(self.overlay.city.get(&self.state, ())?)
    }

    fn account(&self, id: AccountId) -> Found<Account> {
        Ok(self.overlay.accounts.get(&self.state, id)?)
    }

    fn account_by_login(&self, login: Digest) -> Result<Option<AccountId>, Unreadable> {
        if let Some(changed) = self.overlay.logins.get(&login) {
            return Ok(*changed);
        }
        let found = self.state.get(Column::Accounts, record::login_row(login))?;
        Ok(found.map(|id| account_id(&id)).transpose()?)
    }

    fn feed_trimmed(&self) -> Result<u64, Unreadable> {
        Ok(self.trimmed()?)
    }

    fn session(&self, id: SessionId) -> Found<Session> {
        Ok(self.overlay.sessions.get(&self.state, id)?)
    }

    fn logins_of(&self, id: AccountId, most: usize) -> Result<Vec<SessionId>, Unreadable> {
        let list = record::session::of_account(id);
        let moment = self.state.engine().moment();
        let mut found = Vec::new();
        for row in moment.rows(Column::Index, list.as_ref(), list.behind()).take(most) {
            let (key, _) = row?;
            found.push(record::session::session(&key).ok_or_else(|| corrupt_row(&key))?);
        }
        let of_batch = self.overlay.sessions.newest(|session| session.account_id == id);
        found.extend(of_batch.into_iter().map(|session| session.id));
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    fn restaurant(&self, id: RestaurantId) -> Found<Restaurant> {
        Ok(self.overlay.restaurants.get(&self.state, id)?)
    }

    fn menu(&self, id: RestaurantId) -> Found<Menu> {
        Ok(self.overlay.menus.get(&self.state, id)?)
    }

    fn dish(&self, restaurant: RestaurantId, id: DishId) -> Found<Dish> {
        Ok(self.overlay.dishes.get(&self.state, (restaurant, id))?)
    }

    fn option_group(&self, restaurant: RestaurantId, id: OptionGroupId) -> Found<OptionGroup> {
        Ok(self.overlay.option_groups.get(&self.state, (restaurant, id))?)
    }

    fn quote(&self, id: QuoteId) -> Found<Quote> {
        Ok(self.overlay.quotes.get(&self.state, id)?)
    }

    fn order(&self, id: OrderId) -> Found<Order> {
        Ok(self.overlay.orders.get(&self.state, id)?)
    }

    fn payment(&self, id: PaymentId) -> Found<Payment> {
        Ok(self.overlay.payments.get(&self.state, id)?)
    }

    fn delivery(&self, id: DeliveryId) -> Found<Delivery> {
        Ok(self.overlay.deliveries.get(&self.state, id)?)
    }

    fn courier(&self, id: CourierId) -> Found<Courier> {
        Ok(self.overlay.couriers.get(&self.state, id)?)
    }

    fn rating(&self, id: RatingId) -> Found<Rating> {
        Ok(self.overlay.ratings.get(&self.state, id)?)
    }

    fn trace(&self, key: TraceKey) -> Found<Trace> {
        Ok(self.overlay.traces.get(&self.state, key)?)
    }

    fn fraud_case(&self, id: CaseId) -> Found<FraudCase> {
        Ok(self.overlay.fraud_cases.get(&self.state, id)?)
    }

    fn fraud_rules(&self) -> Found<FraudRules> {
        Ok(self.overlay.fraud_rules.get(&self.state, ())?)
    }

    fn quality(&self, of: QualityOf) -> Found<Quality> {
        Ok(self.overlay.qualities.get(&self.state, of)?)
    }

    /// What the index says, and what this batch has added since.
    fn newest_orders(&self, of: OrdersOf, most: usize) -> Result<Vec<OrderId>, Unreadable> {
        let moment = self.state.engine().moment();
        let rows = |from: Row, end| moment.rows(Column::Index, from.as_ref(), end);
        let mut found = orders::newest(of, most, rows)?;
        let of_batch = self.overlay.orders.newest(|order| of.has(order));
        found.extend(of_batch.into_iter().map(|order| (Reverse(order.placed_at), order.id)));
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    fn work(&self, id: WorkId) -> Found<Work> {
        Ok(self.overlay.works.get(&self.state, id)?)
    }

    fn terms(&self) -> Found<CityTerms> {
        Ok(self.overlay.terms.get(&self.state, ())?)
    }

    fn stock(&self, restaurant: RestaurantId, target: StockTarget) -> Found<Stock> {
        Ok(self.overlay.stocks.get(&self.state, (restaurant, target))?)
    }

    fn slot(&self, restaurant: RestaurantId, start: Timestamp) -> Found<Slot> {
        Ok(self.overlay.slots.get(&self.state, (restaurant, start))?)
    }

    fn coupon(&self, id: CouponId) -> Found<Coupon> {
        Ok(self.overlay.coupons.get(&self.state, id)?)
    }

    fn coupon_use(&self, coupon: CouponId, account: AccountId) -> Found<CouponUse> {
        Ok(self.overlay.coupon_uses.get(&self.state, (coupon, account))?)
    }

    fn tab(&self, account: AccountId) -> Found<Tab> {
        Ok(self.overlay.tabs.get(&self.state, account)?)
    }

    fn claim(&self, id: ClaimId) -> Found<Claim> {
        Ok(self.overlay.claims.get(&self.state, id)?)
    }

    fn refund(&self, id: RefundId) -> Found<Refund> {
        Ok(self.overlay.refunds.get(&self.state, id)?)
    }

    fn attempts(&self, login: Digest) -> Found<Attempts> {
        Ok(self.overlay.attempts.get(&self.state, login)?)
    }

    fn gateway_event(&self, key: Digest) -> Found<GatewayEvent> {
        Ok(self.overlay.gateway_events.get(&self.state, key)?)
    }

    fn difference(&self, key: Digest) -> Found<Difference> {
        Ok(self.overlay.differences.get(&self.state, key)?)
    }

    fn balance(&self, holder: Holder) -> Found<Balance> {
        Ok(self.overlay.balances.get(&self.state, holder)?)
    }

    fn payout(&self, id: PayoutId) -> Found<Payout> {
        Ok(self.overlay.payouts.get(&self.state, id)?)
    }

    fn dish_score(&self, restaurant: RestaurantId, id: DishId) -> Found<DishScore> {
        Ok(self.overlay.dish_scores.get(&self.state, (restaurant, id))?)
    }

    fn preferences(&self, account: AccountId) -> Found<Preferences> {
        Ok(self.overlay.preferences.get(&self.state, account)?)
    }

    fn belongings(&self, account: AccountId) -> Found<Belongings> {
        Ok(self.overlay.belongings.get(&self.state, account)?)
    }

    fn notice(&self, id: NoticeId) -> Found<Notice> {
        Ok(self.overlay.notices.get(&self.state, id)?)
    }

    fn notified(&self) -> Found<Notified> {
        Ok(self.overlay.notified.get(&self.state, ())?)
    }

    fn image(&self, hash: ImageHash) -> Found<Image> {
        Ok(self.overlay.images.get(&self.state, hash)?)
    }

    fn webhook(&self, id: WebhookId) -> Found<Webhook> {
        Ok(self.overlay.webhooks.get(&self.state, id)?)
    }

    fn api_keys(&self, owner: KeyOwner) -> Found<ApiKeys> {
        Ok(self.overlay.api_keys.get(&self.state, owner)?)
    }

    fn roster(&self) -> Found<Roster> {
        Ok(self.overlay.rosters.get(&self.state, ())?)
    }

    fn webhooks_of(&self, owner: WebhookOwner) -> Found<WebhooksOf> {
        Ok(self.overlay.webhooks_of.get(&self.state, owner)?)
    }
}

/// The value behind a login.
pub(crate) fn account_id(bytes: &[u8]) -> Result<AccountId, Error> {
    bytes.try_into().map(AccountId).map_err(|_| Error::Corrupt {
        what: "the account of a login",
        detail: format!("{} bytes", bytes.len()),
    })
}
