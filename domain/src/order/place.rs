//! The tap on "order": one entry checks and reserves everything, or nothing.

use super::case::{Case, torn};
use super::sale::{Sale, sell};
use super::schedule::{When, travel_ms};
use super::{Destination, Fulfilment, Holds, Order, OrderStatus, Pins};
use crate::authority::person;
use crate::city::{City, Rules};
use crate::coupon::redeem::Redemption;
use crate::deadline::Due;
use crate::delivery::{Delivery, DeliveryStatus, Proven};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::{Asked, FraudVerdict, Judged, Marks, judge, let_in};
use crate::ids::{AccountId, DeliveryId, OrderId, PaymentId, QuoteId, RestaurantId};
use crate::limits::TOKEN_LETTERS;
use crate::money::Money;
use crate::outcome::{Checked, Outcome, Write};
use crate::payment::{Method, Payment, PaymentStatus, Purpose, Work};
use crate::pricing::{BasketLine, Receipt};
use crate::quote::Quote;
use crate::rejection::{BasketProblem, Rejection};
use crate::restaurant::Restaurant;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Places an order. Customers only; the customer is the actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// Derived from the customer and their key, so that a repeat names the same order.
    pub order_id: OrderId,
    /// What is bought.
    pub goods: Goods,
    /// How it is paid.
    pub method: Method,
    /// For the courier.
    pub tip: Money,
    /// For the kitchen, closed.
    pub note: Sealed,
    /// Put it down at the door.
    pub contactless: bool,
    /// Whether the customer wants the food for a PIN only. A city can want it too.
    pub pin_at_door: bool,
    /// Drawn before the log; what the order does not need is not kept.
    pub pins: Pins,
    /// What the customer saw; another total is `PriceChanged`.
    pub expected_total: Option<Money>,
    /// What it comes from, by keyed hashes that were made before the log.
    #[serde(default)]
    pub marks: Marks,
    /// SHA-256 of the request: the same id with another request is `IdReused`.
    pub request: Digest,
}

/// A basket that was priced before, or one that is priced now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Goods {
    Quote(QuoteId),
    Basket(Wanted),
}

/// What somebody wants, from whom, how and when: the same for a quote and for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Who cooks.
    pub restaurant_id: RestaurantId,
    /// What.
    pub basket: Vec<BasketLine>,
    /// Brought, or picked up.
    pub fulfilment: Fulfilment,
    /// At once, or in a slot.
    pub when: When,
    /// Where it goes; only for what is brought, and always for that.
    pub destination: Option<Destination>,
    /// Metres from the kitchen to the door, measured before the log; 0 for pickup.
    pub distance_m: u32,
    /// As it was typed.
    pub coupon_code: Option<String>,
}

impl Wanted {
    /// How long the way takes, in milliseconds; none for those who come themselves.
    pub(crate) fn way_ms(&self) -> i64 {
        match self.fulfilment {
            Fulfilment::Delivery => travel_ms(self.distance_m),
            Fulfilment::Pickup => 0,
        }
    }
}

pub(crate) fn place_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PlaceOrder,
) -> Result<Outcome, Unreadable> {
    let Some(customer_id) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    let order_id = command.order_id;
    if let Some(order) = city.order(order_id)? {
        return Ok(if order.customer_id == customer_id && order.request == command.request {
            Outcome::unchanged(order.placed_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    if let Err(why) = check(&command) {
        return Ok(Outcome::rejected(why));
    }
    let (wanted, quote) = match &command.goods {
        Goods::Quote(quote_id) => match usable(city, stamp, customer_id, *quote_id)? {
            Ok(quote) => (Cow::Owned(quote.wanted()), Some(quote)),
            Err(why) => return Ok(Outcome::rejected(why)),
        },
        Goods::Basket(wanted) => (Cow::Borrowed(wanted), None),
    };
    if let Err(why) = cash_allowed(city, customer_id, &command.method)? {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = let_in(city, stamp, &command.marks)? {
        return Ok(Outcome::rejected(why));
    }
    let promised = quote.as_ref().map(|quote| &quote.receipt);
    let mut sale = match sell(city, &founded, stamp, customer_id, &wanted, promised)? {
        Ok(sale) => sale,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let Some(receipt) = sale.receipt.with_tip(command.tip) else {
        let problem = BasketProblem::AmountTooLarge;
        return Ok(Outcome::rejected(Rejection::BasketInvalid { line: 0, problem }));
    };
    if command.expected_total.is_some_and(|seen| seen != receipt.total) {
        let receipt = Box::new(receipt);
        return Ok(Outcome::rejected(Rejection::PriceChanged { receipt }));
    }
    sale.receipt = receipt;
    let judged = look_at(city, &founded, stamp, customer_id, &command, &wanted, &sale)?;
    if judged.verdict() == FraudVerdict::Deny {
        return judged.deny(city, stamp);
    }
    let held = judged.verdict() == FraudVerdict::Review;
    let mut case = open_case(stamp, &founded, customer_id, &wanted, sale, &command, held);
    judged.keep(city, stamp, &mut case)?;
    if let Some(quote) = quote {
        let mut quote = Arc::unwrap_or_clone(quote);
        quote.used_by = Some(order_id);
        case.write(Write::Quote(Arc::new(quote)));
    }
    Ok(case.yes())
}

/// What the rules make of it. Whoever asks is there: `apply` has looked at their standing.
fn look_at(
    city: &impl View,
    founded: &City,
    stamp: &Stamp,
    customer_id: AccountId,
    wish: &PlaceOrder,
    wanted: &Wanted,
    sale: &Sale,
) -> Result<Judged, Unreadable> {
    let customer = city.account(customer_id)?.ok_or_else(|| torn("nobody orders"))?;
    let asked = Asked {
        order_id: wish.order_id,
        customer: &customer,
        marks: wish.marks,
        destination: wanted.destination.as_ref(),
        total: sale.receipt.total,
        coupon: sale.coupon.is_some(),
        before: None,
    };
    judge(city, founded, stamp, &asked)
}

fn check(wish: &PlaceOrder) -> Result<(), Rejection> {
    field::amount("/tip", wish.tip)?;
    field::sealed("/note", &wish.note)?;
    check_method(&wish.method)
}

/// A token is a name that a gateway has given, not a novel.
pub(crate) fn check_method(method: &Method) -> Result<(), Rejection> {
    match method {
        Method::Card { token } | Method::Wallet { token } => {
            field::letters("/payment/token", token, 1..=TOKEN_LETTERS)
        }
        Method::Cash => Ok(()),
    }
}

/// The customer's own quote, neither used nor too old.
fn usable(
    city: &impl View,
    stamp: &Stamp,
    customer_id: AccountId,
    quote_id: QuoteId,
) -> Checked<Arc<Quote>> {
    let quote = city.quote(quote_id)?.filter(|quote| quote.customer_id == customer_id);
    let Some(quote) = quote else {
        return Ok(Err(Rejection::QuoteUnknown));
    };
    if let Some(order_id) = quote.used_by {
        return Ok(Err(Rejection::QuoteUsed { order_id }));
    }
    if stamp.at >= quote.expires_at {
        return Ok(Err(Rejection::QuoteExpired));
    }
    Ok(Ok(quote))
}

/// Whoever owes for an earlier cash order pays in another way until that is settled.
pub(crate) fn cash_allowed(
    city: &impl View,
    customer_id: AccountId,
    method: &Method,
) -> Checked<()> {
    match method {
        Method::Cash => {}
        Method::Card { .. } | Method::Wallet { .. } => return Ok(Ok(())),
    }
    let debt = city.tab(customer_id)?.map_or(Money::ZERO, |tab| tab.debt);
    Ok(if debt > Money::ZERO { Err(Rejection::CashBarred { debt: debt.0 }) } else { Ok(()) })
}

/// The records of a new order, and what it holds. What needs no bank goes to the kitchen in the
/// same entry; for the rest the leader asks the gateway, and nobody waits for it here.
fn open_case(
    stamp: &Stamp,
    founded: &City,
    customer_id: AccountId,
    wanted: &Wanted,
    sale: Sale,
    wish: &PlaceOrder,
    held: bool,
) -> Case {
    let Sale { restaurant, terms, receipt, plan, stock, slot, coupon } = sale;
    let rules = terms.rules.at(stamp.at).clone();
    let (order_id, restaurant_id) = (wish.order_id, restaurant.id);
    let total = receipt.total;
    let pay_by = stamp.at.plus_ms(rules.pay_by_ms);
    let payment_id = PaymentId::of(order_id, 1);
    let (whose, method) = ((order_id, customer_id), wish.method.clone());
    let payment = Payment::open(payment_id, whose, Purpose::Order, method, total, stamp);
    let status = payment.status;
    let delivery = wanted.destination.as_ref().map(|destination| {
        new_delivery(stamp, customer_id, order_id, &restaurant, destination, plan.ready_at)
    });
    let pins = needed_pins(wish, wanted.fulfilment, total, &rules);
    let holds = Holds {
        stock: stock.holds,
        cooked: false,
        slot: slot.as_ref().map(|taken| taken.held),
        coupon: coupon.as_ref().map(Redemption::hold),
    };
    let mut order = Order::new(order_id, customer_id, restaurant_id, stamp);
    order.fulfilment = wanted.fulfilment;
    order.when = wanted.when;
    order.receipt = Receipt { coupon: holds.coupon, ..receipt };
    order.destination = wanted.destination.clone();
    order.distance_m = wanted.distance_m;
    order.contactless = wish.contactless;
    order.pins = pins;
    order.note = wish.note.clone();
    order.payment_id = payment_id;
    order.attempts = vec![payment_id];
    order.delivery_id = delivery.as_ref().map(|delivery| delivery.id);
    order.placed_as_pending = held || status == PaymentStatus::Authorizing;
    order.request = wish.request;
    order.status = OrderStatus::Pending { pay_by };
    order.promised = plan.promised;
    order.kitchen_at = plan.kitchen_at;
    order.ready_at = match wanted.when {
        When::Asap => None,
        When::Slot { .. } => Some(plan.ready_at),
    };
    order.holds = holds;
    let mut case = Case::new(stamp, rules, order, payment, delivery);
    case.event(Event::OrderPending { order_id, restaurant_id, total });
    case.take(stock.stocks, slot, coupon);
    if status == PaymentStatus::Authorizing {
        case.await_due(pay_by, Due::PayBy(order_id));
        case.ask(Work::Authorize { payment_id });
    } else if !held {
        case.show_to_kitchen(founded, &terms, &restaurant);
    }
    case
}

/// The numbers that this order needs, of those that were drawn for it.
fn needed_pins(wish: &PlaceOrder, fulfilment: Fulfilment, total: Money, rules: &Rules) -> Pins {
    let Pins { pickup, door, handover, .. } = &wish.pins;
    let at_door = wish.pin_at_door || rules.pin_from.is_some_and(|from| total >= from);
    match fulfilment {
        Fulfilment::Pickup => Pins { pickup: pickup.clone(), ..Pins::default() },
        Fulfilment::Delivery => Pins {
            door: door.as_ref().filter(|_| at_door).cloned(),
            handover: handover.clone(),
            ..Pins::default()
        },
    }
}

fn new_delivery(
    stamp: &Stamp,
    customer_id: AccountId,
    order_id: OrderId,
    restaurant: &Restaurant,
    destination: &Destination,
    ready_at: Timestamp,
) -> Delivery {
    Delivery {
        id: DeliveryId::of(order_id),
        order_id,
        restaurant_id: restaurant.id,
        customer_id,
        pickup: restaurant.profile.position,
        drop: destination.position,
        ready_at,
        status: DeliveryStatus::Waiting,
        fence: 0,
        declined_by: BTreeSet::new(),
        last_step_at: None,
        left_at: None,
        fail_reason: None,
        proven: Proven::default(),
        at_door_at: None,
        at_store_at: None,
        contacts: Vec::new(),
        heard: Vec::new(),
        no_courier_at: None,
        missing_at: None,
        no_progress_at: None,
        revision: stamp.index,
    }
}
