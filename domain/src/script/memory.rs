//! A city in memory: the second implementation of `View`, for tests of every crate.

use crate::account::{Account, Attempts, Belongings, Session, Tab};
use crate::city::{City, CityTerms};
use crate::claim::Claim;
use crate::coupon::{Coupon, CouponUse};
use crate::courier::Courier;
use crate::deadline::Deadline;
use crate::delivery::Delivery;
use crate::fraud::{FraudCase, FraudRules, Trace, TraceKey};
use crate::ids::*;
use crate::image::{Image, ImageHash};
use crate::key::{ApiKeys, KeyOwner};
use crate::ledger::{Balance, Holder, LedgerEntry, Payout};
use crate::menu::{Dish, Menu, OptionGroup};
use crate::notice::{Notice, Notified, Preferences};
use crate::order::Order;
use crate::payment::{Difference, GatewayEvent, Payment, Work, WorkId};
use crate::quality::{Quality, QualityOf};
use crate::quote::Quote;
use crate::rating::{DishScore, Rating};
use crate::refund::Refund;
use crate::restaurant::Restaurant;
use crate::role::Roster;
use crate::sealed::Digest;
use crate::slot::Slot;
use crate::stock::{Stock, StockTarget};
use crate::time::Timestamp;
use crate::webhook::{Webhook, WebhookOwner, WebhooksOf};
use crate::{
    Actor, Command, Event, Found, OrdersOf, Outcome, Proposal, Stamp, Unreadable, View, Write,
};
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
    pub terms: Option<Arc<CityTerms>>,
    pub stocks: BTreeMap<(RestaurantId, StockTarget), Arc<Stock>>,
    pub slots: BTreeMap<(RestaurantId, Timestamp), Arc<Slot>>,
    pub coupons: BTreeMap<CouponId, Arc<Coupon>>,
    pub coupon_uses: BTreeMap<(CouponId, AccountId), Arc<CouponUse>>,
    pub tabs: BTreeMap<AccountId, Arc<Tab>>,
    pub claims: BTreeMap<ClaimId, Arc<Claim>>,
    pub refunds: BTreeMap<RefundId, Arc<Refund>>,
    pub attempts: BTreeMap<Digest, Arc<Attempts>>,
    pub gateway_events: BTreeMap<Digest, Arc<GatewayEvent>>,
    pub differences: BTreeMap<Digest, Arc<Difference>>,
    pub ledger: BTreeMap<(u64, u32), Arc<LedgerEntry>>,
    pub balances: BTreeMap<Holder, Arc<Balance>>,
    pub payouts: BTreeMap<PayoutId, Arc<Payout>>,
    pub dish_scores: BTreeMap<(RestaurantId, DishId), Arc<DishScore>>,
    pub images: BTreeMap<ImageHash, Arc<Image>>,
    pub preferences: BTreeMap<AccountId, Arc<Preferences>>,
    pub belongings: BTreeMap<AccountId, Arc<Belongings>>,
    pub notices: BTreeMap<NoticeId, Arc<Notice>>,
    pub notified: Option<Arc<Notified>>,
    pub webhooks: BTreeMap<WebhookId, Arc<Webhook>>,
    pub webhooks_of: BTreeMap<WebhookOwner, Arc<WebhooksOf>>,
    pub api_keys: BTreeMap<KeyOwner, Arc<ApiKeys>>,
    pub roster: Option<Arc<Roster>>,
    pub traces: BTreeMap<TraceKey, Arc<Trace>>,
    pub fraud_cases: BTreeMap<CaseId, Arc<FraudCase>>,
    pub fraud_rules: Option<Arc<FraudRules>>,
    pub qualities: BTreeMap<QualityOf, Arc<Quality>>,
    pub deadlines: BTreeSet<Deadline>,
    pub works: BTreeMap<WorkId, Arc<Work>>,
    /// The last entry whose events are forgotten.
    pub feed_trimmed: u64,
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

    /// A person is found by how they log in as well.
    fn keep_account(&mut self, it: Arc<Account>) {
        let before = self.accounts.get(&it.id).map(|before| before.login);
        let _ = before.and_then(|login| self.logins.remove(&login));
        if it.is_anybody() {
            self.logins.insert(it.login, it.id);
        }
        self.accounts.insert(it.id, it);
    }

    fn keep(&mut self, write: Write) {
        match write {
            Write::City(it) => self.city = Some(it),
            Write::Account(it) => self.keep_account(it),
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
            Write::Terms(it) => self.terms = Some(it),
            Write::Stock(it) => drop(self.stocks.insert((it.restaurant_id, it.target), it)),
            Write::Slot(it) => drop(self.slots.insert((it.restaurant_id, it.start), it)),
            Write::DropSlot(id, start) => drop(self.slots.remove(&(id, start))),
            Write::Coupon(it) => drop(self.coupons.insert(it.id, it)),
            Write::CouponUse(it) => {
                self.coupon_uses.insert((it.coupon_id, it.account_id), it);
            }
            Write::Tab(it) => drop(self.tabs.insert(it.account_id, it)),
            Write::Claim(it) => drop(self.claims.insert(it.id, it)),
            Write::Refund(it) => drop(self.refunds.insert(it.id, it)),
            Write::Attempts(it) => drop(self.attempts.insert(it.login, it)),
            Write::DropAttempts(login) => drop(self.attempts.remove(&login)),
            Write::GatewayEvent(it) => drop(self.gateway_events.insert(it.key, it)),
            Write::DropGatewayEvent(key) => drop(self.gateway_events.remove(&key)),
            Write::Difference(it) => drop(self.differences.insert(it.key, it)),
            Write::Ledger(it) => drop(self.ledger.insert((it.index, it.number), it)),
            Write::Balance(it) => drop(self.balances.insert(it.holder, it)),
            Write::Payout(it) => drop(self.payouts.insert(it.id, it)),
            Write::DishScore(it) => {
                self.dish_scores.insert((it.restaurant_id, it.dish_id), it);
            }
            Write::Image(it) => drop(self.images.insert(it.hash, it)),
            Write::DropImage(hash) => drop(self.images.remove(&hash)),
            Write::Preferences(it) => drop(self.preferences.insert(it.account_id, it)),
            Write::Belongings(it) => drop(self.belongings.insert(it.account_id, it)),
            Write::DropBelongings(id) => drop(self.belongings.remove(&id)),
            Write::Notice(it) => drop(self.notices.insert(it.id, it)),
            Write::DropNotice(id) => drop(self.notices.remove(&id)),
            Write::Notified(it) => self.notified = Some(it),
            Write::Webhook(it) => drop(self.webhooks.insert(it.id, it)),
            Write::DropWebhook(id) => drop(self.webhooks.remove(&id)),
            Write::WebhooksOf(it) => drop(self.webhooks_of.insert(it.owner, it)),
            Write::ApiKeys(it) => drop(self.api_keys.insert(it.owner, it)),
            Write::Roster(it) => self.roster = Some(it),
            Write::Trace(it) => drop(self.traces.insert(it.key, it)),
            Write::DropTrace(key) => drop(self.traces.remove(&key)),
            Write::FraudCase(it) => drop(self.fraud_cases.insert(it.id, it)),
            Write::FraudRules(it) => self.fraud_rules = Some(it),
            Write::Quality(it) => drop(self.qualities.insert(it.of, it)),
            Write::Deadline(it) => drop(self.deadlines.insert(it)),
            Write::DropDeadline(it) => drop(self.deadlines.remove(&it)),
            Write::Work(id, it) => drop(self.works.insert(id, Arc::new(it))),
            Write::DropWork(id) => drop(self.works.remove(&id)),
            Write::TrimFeed(upto) => {
                self.feed_trimmed = upto;
                self.feed.retain(|((index, _), _)| *index > upto);
            }
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
    fn logins_of(&self, id: AccountId, most: usize) -> Result<Vec<SessionId>, Unreadable> {
        let own = self.sessions.values().filter(|session| session.account_id == id);
        Ok(own.take(most).map(|session| session.id).collect())
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
    fn terms(&self) -> Found<CityTerms> {
        Ok(self.terms.clone())
    }
    fn stock(&self, restaurant: RestaurantId, target: StockTarget) -> Found<Stock> {
        Ok(self.stocks.get(&(restaurant, target)).cloned())
    }
    fn slot(&self, restaurant: RestaurantId, start: Timestamp) -> Found<Slot> {
        Ok(self.slots.get(&(restaurant, start)).cloned())
    }
    fn coupon(&self, id: CouponId) -> Found<Coupon> {
        Ok(self.coupons.get(&id).cloned())
    }
    fn coupon_use(&self, coupon: CouponId, account: AccountId) -> Found<CouponUse> {
        Ok(self.coupon_uses.get(&(coupon, account)).cloned())
    }
    fn tab(&self, account: AccountId) -> Found<Tab> {
        Ok(self.tabs.get(&account).cloned())
    }
    fn claim(&self, id: ClaimId) -> Found<Claim> {
        Ok(self.claims.get(&id).cloned())
    }
    fn refund(&self, id: RefundId) -> Found<Refund> {
        Ok(self.refunds.get(&id).cloned())
    }
    fn attempts(&self, login: Digest) -> Found<Attempts> {
        Ok(self.attempts.get(&login).cloned())
    }
    fn gateway_event(&self, key: Digest) -> Found<GatewayEvent> {
        Ok(self.gateway_events.get(&key).cloned())
    }
    fn difference(&self, key: Digest) -> Found<Difference> {
        Ok(self.differences.get(&key).cloned())
    }
    fn balance(&self, holder: Holder) -> Found<Balance> {
        Ok(self.balances.get(&holder).cloned())
    }
    fn payout(&self, id: PayoutId) -> Found<Payout> {
        Ok(self.payouts.get(&id).cloned())
    }
    fn dish_score(&self, restaurant: RestaurantId, id: DishId) -> Found<DishScore> {
        Ok(self.dish_scores.get(&(restaurant, id)).cloned())
    }
    fn image(&self, hash: ImageHash) -> Found<Image> {
        Ok(self.images.get(&hash).cloned())
    }
    fn preferences(&self, account: AccountId) -> Found<Preferences> {
        Ok(self.preferences.get(&account).cloned())
    }
    fn belongings(&self, account: AccountId) -> Found<Belongings> {
        Ok(self.belongings.get(&account).cloned())
    }
    fn notice(&self, id: NoticeId) -> Found<Notice> {
        Ok(self.notices.get(&id).cloned())
    }
    fn notified(&self) -> Found<Notified> {
        Ok(self.notified.clone())
    }
    fn feed_trimmed(&self) -> Result<u64, Unreadable> {
        Ok(self.feed_trimmed)
    }
    fn webhook(&self, id: WebhookId) -> Found<Webhook> {
        Ok(self.webhooks.get(&id).cloned())
    }
    fn api_keys(&self, owner: KeyOwner) -> Found<ApiKeys> {
        Ok(self.api_keys.get(&owner).cloned())
    }
    fn roster(&self) -> Found<Roster> {
        Ok(self.roster.clone())
    }
    fn webhooks_of(&self, owner: WebhookOwner) -> Found<WebhooksOf> {
        Ok(self.webhooks_of.get(&owner).cloned())
    }
    fn trace(&self, key: TraceKey) -> Found<Trace> {
        Ok(self.traces.get(&key).cloned())
    }
    fn fraud_case(&self, id: CaseId) -> Found<FraudCase> {
        Ok(self.fraud_cases.get(&id).cloned())
    }
    fn fraud_rules(&self) -> Found<FraudRules> {
        Ok(self.fraud_rules.clone())
    }

    fn quality(&self, of: QualityOf) -> Found<Quality> {
        Ok(self.qualities.get(&of).cloned())
    }
    fn newest_orders(&self, of: OrdersOf, most: usize) -> Result<Vec<OrderId>, Unreadable> {
        let mut orders: Vec<_> = self.orders.values().filter(|order| of.has(order)).collect();
        orders.sort_by_key(|order| (std::cmp::Reverse(order.placed_at), order.id));
        Ok(orders.into_iter().take(most).map(|order| order.id).collect())
    }
    fn work(&self, id: WorkId) -> Found<Work> {
        Ok(self.works.get(&id).cloned())
    }
}
