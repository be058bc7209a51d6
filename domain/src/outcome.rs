//! What an entry did: yes or no, the records to write, and the events that tell of it.

use crate::account::{Account, Attempts, Belongings, Session, Tab};
use crate::city::{City, CityTerms};
use crate::claim::Claim;
use crate::coupon::{Coupon, CouponUse};
use crate::courier::Courier;
use crate::deadline::Deadline;
use crate::delivery::Delivery;
use crate::entry::Stamp;
use crate::event::Event;
use crate::fraud::{FraudCase, FraudRules, Trace, TraceKey};
use crate::ids::*;
use crate::image::{Image, ImageHash};
use crate::key::ApiKeys;
use crate::ledger::{Balance, Books, LedgerEntry, Payout};
use crate::menu::{Dish, Menu, OptionGroup};
use crate::notice::{Notice, Notified, Preferences};
use crate::order::Order;
use crate::payment::{Difference, GatewayEvent, Payment, Work, WorkId};
use crate::quality::Quality;
use crate::quote::Quote;
use crate::rating::{DishScore, Rating};
use crate::refund::Refund;
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::role::Roster;
use crate::sealed::Digest;
use crate::slot::Slot;
use crate::stock::Stock;
use crate::time::Timestamp;
use crate::view::Unreadable;
use crate::webhook::{Webhook, WebhooksOf};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It holds. `index` is the entry that made it so: an earlier one if this was a repeat.
    Yes {
        /// False if this was a repeat and nothing happened.
        changed: bool,
        /// The entry that made it so.
        index: u64,
    },
    /// It does not, and nothing came of it. Where an order was not taken for fear of fraud, a case
    /// is left for operators; nothing else is ever written.
    No(Rejection),
}

/// One record to keep or to forget. Storage has one file for each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The one record of the city itself.
    City(Arc<City>),
    /// A person.
    Account(Arc<Account>),
    /// A login.
    Session(Arc<Session>),
    /// A login that ended.
    DropSession(SessionId),
    /// What was tried at a login.
    Attempts(Arc<Attempts>),
    /// Nothing lately.
    DropAttempts(Digest),
    /// A kitchen.
    Restaurant(Arc<Restaurant>),
    /// The order of a restaurant's dishes, and the version of its menu.
    Menu(Arc<Menu>),
    /// A dish.
    Dish(Arc<Dish>),
    /// A choice.
    OptionGroup(Arc<OptionGroup>),
    /// A priced basket.
    Quote(Arc<Quote>),
    /// A quote that nobody may use any more.
    DropQuote(QuoteId),
    /// An order.
    Order(Arc<Order>),
    /// A payment.
    Payment(Arc<Payment>),
    /// A delivery.
    Delivery(Arc<Delivery>),
    /// A courier.
    Courier(Arc<Courier>),
    /// Stars and words.
    Rating(Arc<Rating>),
    /// What operators have decided for the whole city.
    Terms(Arc<CityTerms>),
    /// How much there is of a dish or option.
    Stock(Arc<Stock>),
    /// What was promised for 15 minutes of a kitchen.
    Slot(Arc<Slot>),
    /// A slot that is over.
    DropSlot(RestaurantId, Timestamp),
    /// A code that lowers a total.
    Coupon(Arc<Coupon>),
    /// How often somebody has redeemed it.
    CouponUse(Arc<CouponUse>),
    /// What a customer owes.
    Tab(Arc<Tab>),
    /// A complaint.
    Claim(Arc<Claim>),
    /// Money back.
    Refund(Arc<Refund>),
    /// A gateway's call that was taken in.
    GatewayEvent(Arc<GatewayEvent>),
    /// A call that cannot come again.
    DropGatewayEvent(Digest),
    /// Where our books and the gateway's say different things.
    Difference(Arc<Difference>),
    /// A fact about money.
    Ledger(Arc<LedgerEntry>),
    /// What somebody has, or is owed.
    Balance(Arc<Balance>),
    /// Earnings that were paid.
    Payout(Arc<Payout>),
    /// What people think of a dish.
    DishScore(Arc<DishScore>),
    /// A picture.
    Image(Arc<Image>),
    /// Whom it concerned is gone.
    DropImage(ImageHash),
    /// How somebody wants to be told.
    Preferences(Arc<Preferences>),
    /// What somebody keeps for their next order.
    Belongings(Arc<Belongings>),
    /// They are gone, and it with them.
    DropBelongings(AccountId),
    /// A message that waits, or could not be sent.
    Notice(Arc<Notice>),
    /// It was sent, or is forgotten.
    DropNotice(NoticeId),
    /// How far the feed was turned into messages.
    Notified(Arc<Notified>),
    /// An address that is told of events.
    Webhook(Arc<Webhook>),
    /// One that is told nothing any more.
    DropWebhook(WebhookId),
    /// All that one owner has.
    WebhooksOf(Arc<WebhooksOf>),
    /// All keys of one owner.
    ApiKeys(Arc<ApiKeys>),
    /// Who has which role at the platform.
    Roster(Arc<Roster>),
    /// What is known of a person, a device, a card or a door.
    Trace(Arc<Trace>),
    /// Nobody needs it any more.
    DropTrace(TraceKey),
    /// Something for a person to look at.
    FraudCase(Arc<FraudCase>),
    /// What operators make of what is known.
    FraudRules(Arc<FraudRules>),
    /// How somebody has worked lately.
    Quality(Arc<Quality>),
    /// A moment at which the leader must propose something.
    Deadline(Deadline),
    /// That moment is not awaited any more.
    DropDeadline(Deadline),
    /// Something that the leader must ask of the outside world.
    Work(WorkId, Work),
    /// The outside world has answered.
    DropWork(WorkId),
    /// The feed forgets the events up to and with this entry.
    TrimFeed(u64),
}

/// A check on the way to a verdict: what it found, or the no that it leads to.
pub(crate) type Checked<T> = Result<Result<T, Rejection>, Unreadable>;

/// What `apply` decided about one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Yes or no.
    pub verdict: Verdict,
    /// Records, in the order in which they were decided; a later one of the same key wins.
    pub writes: Vec<Write>,
    /// What the feed tells of it, in order.
    pub events: Vec<Event>,
}

impl Outcome {
    /// No, and why. Nothing is written.
    pub fn rejected(why: Rejection) -> Self {
        Self { verdict: Verdict::No(why), writes: Vec::new(), events: Vec::new() }
    }

    /// Yes already: the entry `index` did it.
    pub fn unchanged(index: u64) -> Self {
        let verdict = Verdict::Yes { changed: false, index };
        Self { verdict, writes: Vec::new(), events: Vec::new() }
    }
}

/// Writes and events of an entry while it is decided.
#[derive(Debug)]
pub(crate) struct Changes {
    stamp: Stamp,
    writes: Vec<Write>,
    events: Vec<Event>,
    works: u32,
    pub(crate) books: Books,
}

impl Changes {
    pub(crate) fn new(stamp: &Stamp) -> Self {
        let books = Books::default();
        Self { stamp: *stamp, writes: Vec::new(), events: Vec::new(), works: 0, books }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Asks the leader to do something outside; named by this entry, so it is asked once.
    pub(crate) fn work(&mut self, work: Work) -> WorkId {
        let id = WorkId { index: self.stamp.index, number: self.works };
        self.works += 1;
        self.writes.push(Write::Work(id, work));
        id
    }

    /// No, and what is left of it.
    pub(crate) fn no(self, why: Rejection) -> Outcome {
        Outcome { verdict: Verdict::No(why), writes: self.writes, events: self.events }
    }

    pub(crate) fn yes(mut self) -> Outcome {
        self.writes.extend(self.books.close());
        let verdict = Verdict::Yes { changed: true, index: self.stamp.index };
        Outcome { verdict, writes: self.writes, events: self.events }
    }
}
