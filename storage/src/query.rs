//! Reads for handlers and for the leader's tasks: one view of one moment for each request.

use crate::codec;
use crate::column::Column;
use crate::engine::{Moment, Rows};
use crate::error::Error;
use crate::live::Live;
use crate::orders;
use crate::record::{self, ACCOUNTS, COURIERS, RESTAURANTS, Record};
use crate::row::Row;
use crate::state::State;
use crate::view::account_id;
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
use domain::ledger::{Balance, Holder, Payout};
use domain::menu::{Dish, Menu, OptionGroup};
use domain::notice::{Notice, Notified, Preferences};
use domain::order::{Order, OrderState};
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
use std::sync::Arc;

/// Records in one page at most.
pub const PAGE: usize = 200;

self_cell::self_cell!(
    /// All rows at one moment, together with the database that they belong to.
    struct Held {
        owner: Arc<State>,
        #[covariant]
        dependent: Moment,
    }
);

/// The city at one moment. Cheap; take one for each request, after any read barrier, and drop it
/// with the request: it keeps old files, and after a snapshot from the leader a whole directory.
pub struct CityView {
    held: Held,
    /// Up to which version a cached record belongs to this moment; `None` if a commit was running.
    version: Option<u64>,
}

impl std::fmt::Debug for CityView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the city at {:?}", self.held.borrow_dependent())
    }
}

/// Where a page of orders ends, and the next begins: newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCursor {
    /// When the last order of the page was placed.
    pub placed_at: Timestamp,
    /// That order.
    pub id: OrderId,
}

/// Where a record stands in a list that is newest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) at: Timestamp,
    pub(crate) id: [u8; 16],
}

/// Some orders, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Arc<Order>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<OrderCursor>,
}

/// All that a restaurant sells now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuGraph {
    /// The order of things, and the version.
    pub menu: Arc<Menu>,
    /// Every dish on the menu, in the order of ids.
    pub dishes: Vec<Arc<Dish>>,
    /// Every choice on the menu, in the order of ids.
    pub option_groups: Vec<Arc<OptionGroup>>,
}

/// What a courier has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignments {
    /// What they hold.
    pub carrying: Vec<Arc<Delivery>>,
    /// What they are being asked.
    pub offered: Option<Arc<Delivery>>,
}

impl CityView {
    pub(crate) fn new(live: &Live) -> Self {
        let state = live.state();
        let look = || Held::new(state.clone(), |state| state.engine().moment());
        let (held, version) = state.at_version(look);
        Self { held, version }
    }

    fn state(&self) -> &State {
        self.held.borrow_owner()
    }

    fn moment(&self) -> &Moment<'_> {
        self.held.borrow_dependent()
    }

    pub(crate) fn record<T: Record>(&self, key: T::Key) -> Result<Option<Arc<T>>, Error> {
        let cached = self.version.and_then(|v| T::shelf(&self.state().hot).as_of(key, v));
        if cached.is_some() {
            return Ok(cached);
        }
        let found = self.moment().read(T::COLUMN, T::row(key).as_ref(), codec::decode::<T>)?;
        Ok(found.transpose()?.map(Arc::new))
    }

    pub(crate) fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.moment().read(column, key, <[u8]>::to_vec)
    }

    /// Rows of a column from `from` on, up to the first one at or behind `end`. In a column with
    /// prefixes the two must share one, unless `from` is shorter than that.
    pub(crate) fn rows(&self, column: Column, from: Row, end: Option<Vec<u8>>) -> Rows<'_> {
        self.moment().rows(column, from.as_ref(), end)
    }

    /// How far the log was applied at this moment; raft's own bytes.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn applied_bytes(&self) -> Result<Option<Vec<u8>>, Error> {
        self.get(Column::Meta, crate::column::meta::POSITION.as_bytes())
    }

    /// Every restaurant, in the order of ids: for what is rebuilt from all of them.
    pub fn restaurants(&self) -> impl Iterator<Item = Result<Arc<Restaurant>, Error>> {
        let kind = Row::new(RESTAURANTS);
        let rows = self.rows(Column::Menus, kind, kind.behind());
        rows.map(|row| row.and_then(|(_, bytes)| codec::decode(&bytes).map(Arc::new)))
    }

    /// Every account, in the order of ids: for what is made from all of them at a start.
    pub fn accounts(&self) -> impl Iterator<Item = Result<Arc<Account>, Error>> {
        let kind = Row::new(ACCOUNTS);
        let rows = self.rows(Column::Accounts, kind, kind.behind());
        rows.map(|row| row.and_then(|(_, bytes)| codec::decode(&bytes).map(Arc::new)))
    }

    /// The logins of an account that go on with this epoch of it, up to [`PAGE`], in the order of
    /// ids. Those that an earlier epoch has ended do not take their places.
    ///
    /// # Errors
    /// The database could not be read, or a login is missing.
    pub fn sessions_of(&self, id: AccountId, epoch: u32) -> Result<Vec<Arc<Session>>, Error> {
        let mut found = Vec::new();
        for session_id in self.login_rows(id) {
            let session = self.record::<Session>(session_id?)?;
            found.extend(session.filter(|session| session.epoch == epoch));
            if found.len() == PAGE {
                break;
            }
        }
        Ok(found)
    }

    fn login_rows(&self, id: AccountId) -> impl Iterator<Item = Result<SessionId, Error>> + '_ {
        let list = record::session::of_account(id);
        self.rows(Column::Index, list, list.behind()).map(|row| {
            let (key, _) = row?;
            record::session::session(&key).ok_or_else(|| corrupt_row(&key))
        })
    }

    /// All that a restaurant sells now; nothing if it has no menu.
    ///
    /// # Errors
    /// The database could not be read, or a dish of the menu is missing.
    pub fn menu_graph(&self, id: RestaurantId) -> Result<Option<MenuGraph>, Error> {
        let Some(menu) = self.record::<Menu>(id)? else { return Ok(None) };
        let dishes = menu.dish_ids.iter().map(|dish| (id, *dish));
        let dishes = self.all_of("a dish on a menu", dishes)?;
        let option_groups = menu.option_group_ids.iter().map(|group| (id, *group));
        let option_groups = self.all_of("an option group on a menu", option_groups)?;
        Ok(Some(MenuGraph { menu, dishes, option_groups }))
    }

    pub(crate) fn all_of<T: Record>(
        &self,
        what: &'static str,
        keys: impl Iterator<Item = T::Key>,
    ) -> Result<Vec<Arc<T>>, Error> {
        let missing = |key| Error::Corrupt { what, detail: format!("{key:?} is missing") };
        keys.map(|key| self.record::<T>(key)?.ok_or_else(|| missing(key))).collect()
    }

    /// Up to `limit` couriers (never more than [`PAGE`]) behind `after`, in the order of ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn couriers(
        &self,
        after: Option<CourierId>,
        limit: usize,
    ) -> Result<Vec<Arc<Courier>>, Error> {
        let kind = Row::new(COURIERS);
        let from = match after {
            Some(id) => Courier::row(id).byte(0),
            None => kind,
        };
        self.rows(Column::Accounts, from, kind.behind())
            .take(limit.clamp(1, PAGE))
            .map(|row| row.and_then(|(_, bytes)| codec::decode(&bytes).map(Arc::new)))
            .collect()
    }

    /// What a courier holds and is being asked; nothing if there is no such courier.
    ///
    /// # Errors
    /// The database could not be read, or a delivery is missing.
    pub fn assignments(&self, id: CourierId) -> Result<Option<Assignments>, Error> {
        let Some(courier) = self.record::<Courier>(id)? else { return Ok(None) };
        let carrying =
            self.all_of("a delivery that a courier holds", courier.carrying.iter().copied())?;
        let mut offered =
            self.all_of("a delivery that a courier is offered", courier.offered.into_iter())?;
        Ok(Some(Assignments { carrying, offered: offered.pop() }))
    }

    /// A restaurant's orders in these states (in any, if none is named), newest first, behind
    /// `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn orders_of_restaurant(
        &self,
        id: RestaurantId,
        states: &[OrderState],
        before: Option<OrderCursor>,
        limit: usize,
    ) -> Result<OrderPage, Error> {
        let lists = or_all(states).iter().map(|state| record::order::of_restaurant(id, *state));
        self.order_page(lists, before, limit)
    }

    /// A customer's orders, newest first, behind `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn orders_of_customer(
        &self,
        id: AccountId,
        before: Option<OrderCursor>,
        limit: usize,
    ) -> Result<OrderPage, Error> {
        self.order_page([record::order::of_customer(id)].into_iter(), before, limit)
    }

    /// The city's orders in these states (in any, if none is named), newest first, behind `before`;
    /// never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn orders(
        &self,
        states: &[OrderState],
        before: Option<OrderCursor>,
        limit: usize,
    ) -> Result<OrderPage, Error> {
        let lists = or_all(states).iter().map(|state| record::order::of_city(*state));
        self.order_page(lists, before, limit)
    }

    /// The orders that operators were told of because their kitchens do not react, newest first,
    /// behind `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn unanswered_orders(
        &self,
        before: Option<OrderCursor>,
        limit: usize,
    ) -> Result<OrderPage, Error> {
        self.order_page([record::order::unanswered()].into_iter(), before, limit)
    }

    fn order_page(
        &self,
        lists: impl Iterator<Item = Row>,
        before: Option<OrderCursor>,
        limit: usize,
    ) -> Result<OrderPage, Error> {
        let before = before.map(|cursor| Place { at: cursor.placed_at, id: cursor.id.0 });
        let (places, next) = self.newest_first(lists, before, limit)?;
        let ids = places.into_iter().map(|place| OrderId(place.id));
        let orders = self.all_of("an order of a list", ids)?;
        let next = next.map(|place| OrderCursor { placed_at: place.at, id: OrderId(place.id) });
        Ok(OrderPage { orders, next })
    }

    /// Merges lists that are each newest first: a page of what they hold behind `before`, and the
    /// place at which the next page begins. Only keys are read.
    pub(crate) fn newest_first(
        &self,
        lists: impl Iterator<Item = Row>,
        before: Option<Place>,
        limit: usize,
    ) -> Result<(Vec<Place>, Option<Place>), Error> {
        let limit = limit.clamp(1, PAGE);
        let mut found = Vec::new();
        for list in lists {
            let from = match before {
                Some(Place { at, id }) => list.time_backwards(at).bytes(&id).byte(0),
                None => list,
            };
            // One more than asked for: it says whether there is a next page.
            for row in self.rows(Column::Index, from, list.behind()).take(limit + 1) {
                let (key, _) = row?;
                let (at, id) = record::tail(&key).ok_or_else(|| corrupt_row(&key))?;
                found.push(Place { at, id });
            }
        }
        found.sort_unstable_by(|one, other| other.at.cmp(&one.at).then(one.id.cmp(&other.id)));
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().copied().filter(|_| more);
        Ok((found, next))
    }
}

fn or_all(states: &[OrderState]) -> &[OrderState] {
    if states.is_empty() { &OrderState::ALL } else { states }
}

pub(crate) fn corrupt_row(key: &[u8]) -> Error {
    Error::Corrupt { what: "an index key", detail: format!("{key:02x?}") }
}

macro_rules! lookups {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) -> $record:ty = $key:expr;)*) => {
        /// One record by its name.
        ///
        /// All of these fail only if the database could not be read.
        #[allow(clippy::missing_errors_doc)]
        impl CityView {
            $($(#[$doc])*
            pub fn $name(&self, $($arg: $of),*) -> Result<Option<Arc<$record>>, Error> {
                self.record::<$record>($key)
            })*

            /// Who logs in with this name.
            pub fn account_by_login(&self, login: Digest) -> Result<Option<Arc<Account>>, Error> {
                match self.get(Column::Accounts, record::login_row(login).as_ref())? {
                    Some(id) => self.record::<Account>(account_id(&id)?),
                    None => Ok(None),
                }
            }
        }

        /// Handlers may ask the domain's own questions of it, a price for instance.
        impl View for CityView {
            $(fn $name(&self, $($arg: $of),*) -> Found<$record> {
                Ok(self.record::<$record>($key)?)
            })*

            fn account_by_login(&self, login: Digest) -> Result<Option<AccountId>, Unreadable> {
                let found = self.get(Column::Accounts, record::login_row(login).as_ref())?;
                Ok(found.map(|id| account_id(&id)).transpose()?)
            }

            fn newest_orders(&self, of: OrdersOf, most: usize) -> Result<Vec<OrderId>, Unreadable> {
                let rows = |from: Row, end| self.rows(Column::Index, from, end);
                let found = orders::newest(of, most, rows)?;
                Ok(found.into_iter().map(|(_, id)| id).collect())
            }

            fn logins_of(
                &self,
                id: AccountId,
                most: usize,
            ) -> Result<Vec<SessionId>, Unreadable> {
                let rows = self.login_rows(id).take(most);
                Ok(rows.collect::<Result<Vec<_>, Error>>()?)
            }

            fn feed_trimmed(&self) -> Result<u64, Unreadable> {
                Ok(self.feed_oldest()?.index)
            }
        }
    };
}

lookups! {
    /// The city and its rules; nothing before it is founded.
    city() -> City = ();
    /// A person.
    account(id: AccountId) -> Account = id;
    /// A login.
    session(id: SessionId) -> Session = id;
    /// A kitchen.
    restaurant(id: RestaurantId) -> Restaurant = id;
    /// The order of a menu, without its dishes.
    menu(id: RestaurantId) -> Menu = id;
    /// A dish, also one that has left the menu.
    dish(restaurant: RestaurantId, id: DishId) -> Dish = (restaurant, id);
    /// A choice, also one that has left the menu.
    option_group(restaurant: RestaurantId, id: OptionGroupId) -> OptionGroup = (restaurant, id);
    /// A priced basket.
    quote(id: QuoteId) -> Quote = id;
    /// An order.
    order(id: OrderId) -> Order = id;
    /// A payment.
    payment(id: PaymentId) -> Payment = id;
    /// A delivery.
    delivery(id: DeliveryId) -> Delivery = id;
    /// A courier.
    courier(id: CourierId) -> Courier = id;
    /// Stars and words.
    rating(id: RatingId) -> Rating = id;
    /// Something asked of the outside world and not answered yet.
    work(id: WorkId) -> Work = id;
    /// What operators have decided for the whole city; nothing until they have.
    terms() -> CityTerms = ();
    /// How much there is of a dish or option; nothing if nobody counts it.
    stock(restaurant: RestaurantId, target: StockTarget) -> Stock = (restaurant, target);
    /// What was promised for the 15 minutes that start then; nothing if nothing was.
    slot(restaurant: RestaurantId, start: Timestamp) -> Slot = (restaurant, start);
    /// A code that lowers a total.
    coupon(id: CouponId) -> Coupon = id;
    /// How often somebody has redeemed it.
    coupon_use(coupon: CouponId, account: AccountId) -> CouponUse = (coupon, account);
    /// What a customer owes; nothing if they were never charged.
    tab(account: AccountId) -> Tab = account;
    /// A complaint.
    claim(id: ClaimId) -> Claim = id;
    /// Money back.
    refund(id: RefundId) -> Refund = id;
    /// A gateway's call that was taken in; see [`domain::payment::gateway_event_key`].
    attempts(login: Digest) -> Attempts = login;
    gateway_event(key: Digest) -> GatewayEvent = key;
    /// Where our books and the gateway's differ; see [`domain::payment::difference_key`].
    difference(key: Digest) -> Difference = key;
    /// What somebody has, or is owed; nothing for whom no entry names.
    balance(holder: Holder) -> Balance = holder;
    /// Earnings that were paid.
    payout(id: PayoutId) -> Payout = id;
    /// What people think of a dish; nothing if nobody has said.
    dish_score(restaurant: RestaurantId, id: DishId) -> DishScore = (restaurant, id);
    /// How somebody wants to be told; nothing if they have chosen nothing.
    preferences(account: AccountId) -> Preferences = account;
    /// What somebody keeps for their next order; nothing while they keep nothing.
    belongings(account: AccountId) -> Belongings = account;
    /// A message that waits, or could not be sent.
    notice(id: NoticeId) -> Notice = id;
    /// How far the feed was turned into messages; nothing before that began.
    notified() -> Notified = ();
    /// A picture.
    image(hash: ImageHash) -> Image = hash;
    /// An address that is told of events.
    webhook(id: WebhookId) -> Webhook = id;
    /// Something for a person to look at.
    fraud_case(id: CaseId) -> FraudCase = id;
    /// What operators make of what is known; nothing while the defaults hold.
    fraud_rules() -> FraudRules = ();
    /// How somebody has worked lately; nothing if nothing was counted.
    quality(of: QualityOf) -> Quality = of;
    /// What is known of a person, a device, a card or a door; nothing if nothing is.
    trace(key: TraceKey) -> Trace = key;
    /// All keys of one owner; nothing for an owner who never had one.
    api_keys(owner: KeyOwner) -> ApiKeys = owner;
    /// Who has which role at the platform; nothing while the founder alone has one.
    roster() -> Roster = ();
    /// All that one owner has; nothing if they never had one.
    webhooks_of(owner: WebhookOwner) -> WebhooksOf = owner;
}
