//! The reasons for a no. Data, and the same on every replica; the edge turns each into a code.

use crate::coupon::CouponProblem;
use crate::delivery::{DeliveryState, ProofNeeded};
use crate::ids::{DishId, OptionId, OrderId};
use crate::key::Scope;
use crate::order::OrderState;
use crate::payment::PaymentStatus;
use crate::pricing::Receipt;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Why not. Sending the same again changes nothing until the city has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    // ---- who ----
    /// The token is of an older epoch, or its session has ended: log in again.
    #[error("this session has ended")]
    SessionEnded,
    /// The account is banned.
    #[error("this account is banned")]
    Banned,
    /// The role is missing.
    #[error("this role may not do that")]
    Forbidden,
    /// The password was changed while it was being checked, or the refresh token is not this one.
    #[error("the credentials are wrong")]
    CredentialsWrong,
    /// The code is not this one, is used or too old, or for something else.
    #[error("the code is wrong, or not good any more")]
    CodeWrong,
    /// Too often at one login.
    #[error("too often: wait a while before the next try")]
    TooOften {
        /// From then on.
        until: Timestamp,
    },
    /// A refresh token was used twice: the session has ended for everybody.
    #[error("this refresh token was used before")]
    RefreshReused,

    // ---- repeats and versions ----
    /// The same id with other content.
    #[error("the same key came with another request")]
    IdReused,
    /// They eat or carry something, or are operators: that has to end first.
    #[error("there are orders under way, or a role at the platform")]
    OrdersOpen,
    /// The contact belongs to another account.
    #[error("this contact is taken")]
    ContactTaken,
    /// Somebody changed the thing since the caller saw it.
    #[error("it has changed; the version is {version} now")]
    VersionChanged {
        /// The one that holds now.
        version: u64,
    },
    /// The city was founded with other words.
    #[error("the city was founded differently")]
    CityFounded,

    // ---- unknown; also the answer for a stranger's record ----
    /// No city yet.
    #[error("the city is not founded yet")]
    CityUnknown,
    /// No such account.
    #[error("there is no such account")]
    AccountUnknown,
    /// No such address among those that they have saved.
    #[error("there is no such saved address")]
    AddressUnknown,
    /// No such card or wallet among those that they have saved.
    #[error("there is no such saved payment method")]
    PaymentMethodUnknown,
    /// No such session.
    #[error("there is no such session")]
    SessionUnknown,
    /// No such restaurant.
    #[error("there is no such restaurant")]
    RestaurantUnknown,
    /// No such dish on that menu.
    #[error("there is no such dish on the menu")]
    DishUnknown,
    /// No such quote.
    #[error("there is no such quote")]
    QuoteUnknown,
    /// No such order.
    #[error("there is no such order")]
    OrderUnknown,
    /// No such payment.
    #[error("there is no such payment")]
    PaymentUnknown,
    /// No such delivery.
    #[error("there is no such delivery")]
    DeliveryUnknown,
    /// No such courier.
    #[error("there is no such courier")]
    CourierUnknown,
    /// No such piece of work: it was answered before.
    #[error("there is no such work")]
    WorkUnknown,

    // ---- input that only the state can judge ----
    /// A field's value breaks a rule.
    #[error("{field}: {rule}")]
    FieldInvalid {
        /// JSON pointer into the request body.
        field: String,
        /// What it should be.
        rule: String,
    },
    /// The basket names what is not on the menu, or nothing at all.
    #[error("the basket is not possible: {problem}")]
    BasketInvalid {
        /// Which line.
        line: u32,
        /// What is wrong with it.
        problem: BasketProblem,
    },
    /// The basket costs less than the kitchen starts for.
    #[error("the basket is below the minimum of {minimum}")]
    BelowMinimum {
        /// In minor units.
        minimum: i64,
    },

    // ---- placing ----
    /// The kitchen is closed.
    #[error("the restaurant is closed")]
    RestaurantClosed {
        /// When it opens again.
        next_open: Option<Timestamp>,
    },
    /// The kitchen takes a break.
    #[error("the restaurant is paused")]
    RestaurantPaused {
        /// Until when.
        until: Timestamp,
    },
    /// Too far, or not approved.
    #[error("the restaurant does not deliver there")]
    NotDeliverable,
    /// Not for sale at the moment.
    #[error("some dishes are out of stock")]
    OutOfStock {
        /// Which.
        dishes: Vec<DishId>,
        /// And which options.
        options: Vec<OptionId>,
    },
    /// The total is another one now.
    #[error("the price has changed")]
    PriceChanged {
        /// What it costs now.
        receipt: Box<Receipt>,
    },
    /// The quote's time is over.
    #[error("the quote has expired")]
    QuoteExpired,
    /// Another order used it.
    #[error("the quote was used")]
    QuoteUsed {
        /// That order.
        order_id: OrderId,
    },

    /// The kitchen can take no more for that time.
    #[error("this time is full")]
    SlotFull {
        /// The next ones that have room.
        next: Vec<Timestamp>,
    },
    /// The coupon is not good here.
    #[error("the coupon is refused: {problem}")]
    CouponRefused {
        /// Why.
        problem: CouponProblem,
    },
    /// The restaurant does not sell in this way at the moment.
    #[error("the restaurant does not offer that at the moment")]
    FulfilmentOff,
    /// The customer owes for an earlier cash order.
    #[error("an earlier order has to be paid first")]
    CashBarred {
        /// In minor units.
        debt: i64,
    },

    /// Not from this device, card or person; why is for operators to know.
    #[error("this order cannot be taken")]
    OrderDeclined,

    // ---- moving on ----
    /// The order is in a state from which this cannot happen.
    #[error("the order has moved on")]
    OrderMovedOn {
        /// Where it is.
        state: OrderState,
    },
    /// The deadline has passed.
    #[error("it is too late")]
    TooLate,
    /// The delivery is in a state from which this cannot happen.
    #[error("this step is out of order")]
    OutOfOrder {
        /// Where it is.
        state: DeliveryState,
    },
    /// Somebody else has the delivery, or the fence is an old one.
    #[error("this delivery is not yours")]
    NotYours,
    /// The offer was taken, declined, withdrawn, or its time is over.
    #[error("the offer is closed")]
    OfferClosed,
    /// The delivery is not free to be offered, or the courier not free to take it.
    #[error("the offer cannot be made")]
    NotOfferable,
    /// The payment is in a state from which this cannot happen.
    #[error("the payment has moved on")]
    PaymentMovedOn {
        /// Where it is.
        status: PaymentStatus,
    },
    /// The bank is still thinking about the attempt before.
    #[error("an attempt to pay is still under way")]
    PaymentOpen,
    /// Not ended, not paid, too old, or somebody else's.
    #[error("this order cannot be rated")]
    NotRateable,
    /// The courier is not approved, or carries something.
    #[error("this courier cannot do that now")]
    CourierNotReady,
    /// It is too early for that.
    #[error("it is too early")]
    TooEarly {
        /// From when on it can be done.
        from: Timestamp,
    },
    /// The PIN or code is another one.
    #[error("the number is wrong")]
    PinWrong {
        /// How often it may still be tried; with none left an operator helps.
        tries_left: u32,
    },
    /// Something must be shown before that counts.
    #[error("something is missing that shows it")]
    ProofMissing {
        /// What.
        needed: Vec<ProofNeeded>,
    },
    /// There is a proposal that nobody has answered.
    #[error("a proposal waits for its answer")]
    ProposalOpen,
    /// There is no proposal, or its time is over.
    #[error("there is no open proposal")]
    ProposalClosed,
    /// Decided already, or too late.
    #[error("this claim is closed")]
    ClaimClosed,
    /// No such claim.
    #[error("there is no such claim")]
    ClaimUnknown,
    /// No such message on record: it was sent, or is forgotten.
    #[error("there is no such message on record")]
    NoticeUnknown,
    /// No such rating.
    #[error("there is no such rating")]
    RatingUnknown,
    /// No such picture.
    #[error("there is no such picture")]
    ImageUnknown,
    /// No such webhook.
    #[error("there is no such webhook")]
    WebhookUnknown,
    /// As many as one may have.
    #[error("there are {at_most} webhooks already")]
    WebhooksTooMany {
        /// How many one may have.
        at_most: u32,
    },
    /// As many as one person may keep.
    #[error("there are {at_most} of them already")]
    LimitReached {
        /// How many one may keep.
        at_most: u32,
    },
    /// As many events as may wait to be told once more.
    #[error("{at_most} events wait to be told once more")]
    ReplaysTooMany {
        /// How many may wait.
        at_most: u32,
    },
    /// The courier is off shift by what was done about how they work.
    #[error("this courier is paused")]
    CourierPaused {
        /// Until when, if there is an end.
        until: Option<Timestamp>,
    },
    /// No such case.
    #[error("there is no such case")]
    CaseUnknown,
    /// Decided, or over.
    #[error("this case is closed")]
    CaseClosed,
    /// Nobody has banned it.
    #[error("there is no such ban")]
    BanUnknown,
    /// No such closing or special day.
    #[error("there is no such closing")]
    ClosingUnknown,
    /// More than was paid.
    #[error("that is more than was paid")]
    OverCaptured {
        /// What can still go back, in minor units.
        left: i64,
    },
    /// The deadline has not come, or nobody waits for it any more.
    #[error("this deadline is not due")]
    NotDue,
    /// The key was revoked, has run out, or never was.
    #[error("this key is not good, or not any more")]
    KeyInvalid,
    /// The key is for other things.
    #[error("{}", scope_missing(*scope))]
    ScopeMissing {
        /// What it would need; nothing if no key may ask for this.
        scope: Option<Scope>,
    },
    /// No such key.
    #[error("there is no such key")]
    KeyUnknown,
    /// Nobody would be an operator for good any more.
    #[error("nobody else is an operator for good: make somebody one first")]
    LastOperator,
    /// Operators are not banned: take the role first.
    #[error("an operator cannot be banned")]
    OperatorNotBanned,
}

fn scope_missing(scope: Option<Scope>) -> String {
    match scope {
        Some(scope) => format!("this key has not the scope {scope}"),
        None => "no key opens this: log in".to_owned(),
    }
}

/// What is wrong with a basket's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum BasketProblem {
    #[error("there is nothing in it")]
    Empty,
    #[error("too many lines")]
    TooManyLines,
    #[error("a quantity is from 1 to 99")]
    Quantity,
    #[error("this dish is not on the menu")]
    DishUnknown,
    #[error("this option does not belong to the dish")]
    OptionUnknown,
    #[error("too few or too many options of a group")]
    OptionCount,
    #[error("an option is named twice")]
    OptionTwice,
    #[error("the amount is too large")]
    AmountTooLarge,
    #[error("an option is chosen too often")]
    OptionQuantity,
    #[error("this dish is not sold at that time")]
    NotSoldThen,
}
