//! What `apply` may look at: the city before this entry, record by record.

use crate::account::{Account, Attempts, Belongings, Session, Tab};
use crate::city::{City, CityTerms};
use crate::claim::Claim;
use crate::coupon::{Coupon, CouponUse};
use crate::courier::Courier;
use crate::delivery::Delivery;
use crate::fraud::{FraudCase, FraudRules, Trace, TraceKey};
use crate::ids::*;
use crate::image::{Image, ImageHash};
use crate::key::{ApiKeys, KeyOwner};
use crate::ledger::{Balance, Holder, Payout};
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
use std::sync::Arc;

/// The store could not be read. This is the replica's trouble, never a verdict: the node stops.
#[derive(Debug, thiserror::Error)]
#[error("the state of the city cannot be read: {0}")]
pub struct Unreadable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A record, if there is one. Shared, because most are only looked at.
pub type Found<T> = Result<Option<Arc<T>>, Unreadable>;

/// Whose orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OrdersOf {
    Customer(AccountId),
    Restaurant(RestaurantId),
}

impl OrdersOf {
    /// Whether an order is theirs.
    pub fn has(self, order: &Order) -> bool {
        match self {
            Self::Customer(id) => order.customer_id == id,
            Self::Restaurant(id) => order.restaurant_id == id,
        }
    }
}

/// The city as it was before the entry. Two implementations: `storage`, and `MemoryCity` for tests.
#[allow(missing_docs)]
pub trait View {
    fn city(&self) -> Found<City>;
    /// Nothing until an operator has decided something.
    fn terms(&self) -> Found<CityTerms>;
    fn account(&self, id: AccountId) -> Found<Account>;
    /// Who logs in with this name, by its keyed hash.
    fn account_by_login(&self, login: Digest) -> Result<Option<AccountId>, Unreadable>;
    fn session(&self, id: SessionId) -> Found<Session>;
    /// Logins of an account, those that an epoch has ended as well, in the order of ids.
    fn logins_of(&self, id: AccountId, most: usize) -> Result<Vec<SessionId>, Unreadable>;
    fn restaurant(&self, id: RestaurantId) -> Found<Restaurant>;
    fn menu(&self, id: RestaurantId) -> Found<Menu>;
    fn dish(&self, restaurant: RestaurantId, id: DishId) -> Found<Dish>;
    fn option_group(&self, restaurant: RestaurantId, id: OptionGroupId) -> Found<OptionGroup>;
    fn quote(&self, id: QuoteId) -> Found<Quote>;
    fn order(&self, id: OrderId) -> Found<Order>;
    fn payment(&self, id: PaymentId) -> Found<Payment>;
    fn delivery(&self, id: DeliveryId) -> Found<Delivery>;
    fn courier(&self, id: CourierId) -> Found<Courier>;
    fn rating(&self, id: RatingId) -> Found<Rating>;
    fn stock(&self, restaurant: RestaurantId, target: StockTarget) -> Found<Stock>;
    /// The slot that starts then; nothing while nobody has taken any of it.
    fn slot(&self, restaurant: RestaurantId, start: Timestamp) -> Found<Slot>;
    fn coupon(&self, id: CouponId) -> Found<Coupon>;
    fn coupon_use(&self, coupon: CouponId, account: AccountId) -> Found<CouponUse>;
    fn tab(&self, account: AccountId) -> Found<Tab>;
    fn claim(&self, id: ClaimId) -> Found<Claim>;
    fn refund(&self, id: RefundId) -> Found<Refund>;
    /// A gateway's call that was taken in, by its key.
    fn attempts(&self, login: Digest) -> Found<Attempts>;
    fn gateway_event(&self, key: Digest) -> Found<GatewayEvent>;
    fn difference(&self, key: Digest) -> Found<Difference>;
    /// Nothing for whom no entry of the ledger names.
    fn balance(&self, holder: Holder) -> Found<Balance>;
    fn payout(&self, id: PayoutId) -> Found<Payout>;
    fn dish_score(&self, restaurant: RestaurantId, id: DishId) -> Found<DishScore>;
    fn image(&self, hash: ImageHash) -> Found<Image>;
    /// Nothing until they have chosen something, or registered an app.
    fn preferences(&self, account: AccountId) -> Found<Preferences>;
    /// Nothing while they keep nothing.
    fn belongings(&self, account: AccountId) -> Found<Belongings>;
    fn notice(&self, id: NoticeId) -> Found<Notice>;
    /// Nothing before the notifier has recorded anything.
    fn notified(&self) -> Found<Notified>;
    fn webhook(&self, id: WebhookId) -> Found<Webhook>;
    fn webhooks_of(&self, owner: WebhookOwner) -> Found<WebhooksOf>;
    /// Nothing for an owner who never had one.
    fn api_keys(&self, owner: KeyOwner) -> Found<ApiKeys>;
    /// Nothing while the founder alone has a role.
    fn roster(&self) -> Found<Roster>;
    /// Nothing until something was counted or said of it.
    fn trace(&self, key: TraceKey) -> Found<Trace>;
    fn fraud_case(&self, id: CaseId) -> Found<FraudCase>;
    /// Nothing while the defaults hold.
    fn fraud_rules(&self) -> Found<FraudRules>;
    /// Nothing until something was counted.
    fn quality(&self, of: QualityOf) -> Found<Quality>;
    /// At most so many orders of somebody, the newest first.
    fn newest_orders(&self, of: OrdersOf, most: usize) -> Result<Vec<OrderId>, Unreadable>;
    fn work(&self, id: WorkId) -> Found<Work>;
    /// The last entry whose events the feed has forgotten; 0 if it has all.
    fn feed_trimmed(&self) -> Result<u64, Unreadable>;
}
