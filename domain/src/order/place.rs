//! The tap on "order": one entry checks and reserves everything, or nothing.

use super::case::Case;
use super::sale::{check_destination, enough, open_kitchen, priced, still_cooked};
use super::{Destination, Order, OrderStatus};
use crate::authority::person;
use crate::city::City;
use crate::deadline::Due;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, DeliveryId, OrderId, PaymentId, QuoteId, RestaurantId};
use crate::limits::TOKEN_LETTERS;
use crate::money::Money;
use crate::outcome::{Checked, Outcome, Write};
use crate::payment::{Method, Payment, PaymentStatus, Work};
use crate::pricing::{BasketLine, Receipt};
use crate::quote::Quote;
use crate::rejection::{BasketProblem, Rejection};
use crate::restaurant::Restaurant;
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Places an order. Customers only; the customer is the actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// Derived from the customer and their key, so that a repeat names the same order.
    pub order_id: OrderId,
    /// What is bought.
    pub goods: Goods,
    /// Metres from the kitchen to the door, measured before the log.
    pub distance_m: u32,
    /// How it is paid.
    pub method: Method,
    /// For the courier.
    pub tip: Money,
    /// For the kitchen, closed.
    pub note: Sealed,
    /// What the customer saw; another total is `PriceChanged`.
    pub expected_total: Option<Money>,
    /// SHA-256 of the request: the same id with another request is `IdReused`.
    pub request: Digest,
}

/// A basket that was priced before, or one that is priced now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Goods {
    Quote(QuoteId),
    Basket { restaurant_id: RestaurantId, basket: Vec<BasketLine>, destination: Destination },
}

/// What is bought, checked and priced.
#[derive(Debug)]
struct Sale {
    restaurant: Arc<Restaurant>,
    receipt: Receipt,
    destination: Destination,
    quote: Option<Arc<Quote>>,
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
    let sale = match &command.goods {
        Goods::Quote(quote_id) => {
            by_quote(city, &founded, stamp, customer_id, *quote_id, &command)?
        }
        Goods::Basket { restaurant_id, basket, destination } => {
            by_basket(city, &founded, stamp, *restaurant_id, basket, destination, &command)?
        }
    };
    let sale = match sale {
        Ok(sale) => sale,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if let Err(why) = enough(&sale.restaurant, &sale.receipt) {
        return Ok(Outcome::rejected(why));
    }
    if command.expected_total.is_some_and(|seen| seen != sale.receipt.total) {
        let receipt = Box::new(sale.receipt);
        return Ok(Outcome::rejected(Rejection::PriceChanged { receipt }));
    }
    Ok(open_case(stamp, &founded, customer_id, sale, command))
}

fn check(wish: &PlaceOrder) -> Result<(), Rejection> {
    field::amount("/tip", wish.tip)?;
    field::sealed("/note", &wish.note)?;
    match &wish.method {
        Method::Card { token } | Method::Wallet { token } => {
            field::letters("/payment/token", token, 1..=TOKEN_LETTERS)
        }
        Method::Cash => Ok(()),
    }
}

fn by_quote(
    city: &impl View,
    founded: &City,
    stamp: &Stamp,
    customer_id: AccountId,
    quote_id: QuoteId,
    wish: &PlaceOrder,
) -> Checked<Sale> {
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
    let kitchen = open_kitchen(city, founded, stamp.at, quote.restaurant_id, wish.distance_m)?;
    let restaurant = match kitchen {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Err(why)),
    };
    if let Err(why) = still_cooked(city, &restaurant, &quote.receipt)? {
        return Ok(Err(why));
    }
    let Some(receipt) = quote.receipt.clone().with_tip(wish.tip) else {
        let problem = BasketProblem::AmountTooLarge;
        return Ok(Err(Rejection::BasketInvalid { line: 0, problem }));
    };
    let destination = quote.destination.clone();
    Ok(Ok(Sale { restaurant, receipt, destination, quote: Some(quote) }))
}

fn by_basket(
    city: &impl View,
    founded: &City,
    stamp: &Stamp,
    restaurant_id: RestaurantId,
    basket: &[BasketLine],
    destination: &Destination,
    wish: &PlaceOrder,
) -> Checked<Sale> {
    if let Err(why) = check_destination(destination) {
        return Ok(Err(why));
    }
    let restaurant = match open_kitchen(city, founded, stamp.at, restaurant_id, wish.distance_m)? {
        Ok(restaurant) => restaurant,
        Err(why) => return Ok(Err(why)),
    };
    Ok(priced(city, founded, &restaurant, basket, wish.tip)?.map(|receipt| Sale {
        restaurant,
        receipt,
        destination: destination.clone(),
        quote: None,
    }))
}

/// The three records of a new order. What needs no bank goes to the kitchen in the same entry; for
/// the rest the leader asks the gateway, and nobody waits for it here.
fn open_case(
    stamp: &Stamp,
    founded: &City,
    customer_id: AccountId,
    sale: Sale,
    wish: PlaceOrder,
) -> Outcome {
    let Sale { restaurant, receipt, destination, quote } = sale;
    let order_id = wish.order_id;
    let restaurant_id = restaurant.id;
    let total = receipt.total;
    let status = first_status(&wish.method, total);
    let pay_by = stamp.at.plus_ms(founded.rules.pay_by_ms);
    let payment = new_payment(stamp, customer_id, &wish, total, status);
    let payment_id = payment.id;
    let delivery = new_delivery(stamp, customer_id, order_id, &restaurant, &destination);
    let order = Order {
        id: order_id,
        customer_id,
        restaurant_id,
        receipt,
        destination,
        distance_m: wish.distance_m,
        note: wish.note,
        payment_id,
        delivery_id: delivery.id,
        placed_at: stamp.at,
        placed_index: stamp.index,
        placed_as_pending: status == PaymentStatus::Authorizing,
        request: wish.request,
        status: OrderStatus::Pending { pay_by },
        ready_at: None,
        delays: 0,
        timeline: Vec::new(),
        revision: stamp.index,
    };
    let mut case = Case::new(stamp, founded.rules.clone(), order, payment, delivery);
    case.event(Event::OrderPending { order_id, restaurant_id, total });
    if status == PaymentStatus::Authorizing {
        case.await_due(pay_by, Due::PayBy(order_id));
        case.work(Work::Authorize { payment_id });
    } else {
        case.show_to_kitchen(&restaurant.profile);
    }
    if let Some(quote) = quote {
        let mut quote = Arc::unwrap_or_clone(quote);
        quote.used_by = Some(order_id);
        case.write(Write::Quote(Arc::new(quote)));
    }
    case.yes()
}

fn first_status(method: &Method, total: Money) -> PaymentStatus {
    match method {
        _ if total == Money::ZERO => PaymentStatus::None,
        Method::Cash => PaymentStatus::CashDue,
        Method::Card { .. } | Method::Wallet { .. } => PaymentStatus::Authorizing,
    }
}

fn new_payment(
    stamp: &Stamp,
    customer_id: AccountId,
    wish: &PlaceOrder,
    amount: Money,
    status: PaymentStatus,
) -> Payment {
    Payment {
        id: PaymentId::of(wish.order_id, 1),
        order_id: wish.order_id,
        customer_id,
        method: wish.method.clone(),
        amount,
        to_capture: amount,
        status,
        gateway_ref: None,
        created_at: stamp.at,
        revision: stamp.index,
    }
}

fn new_delivery(
    stamp: &Stamp,
    customer_id: AccountId,
    order_id: OrderId,
    restaurant: &Restaurant,
    destination: &Destination,
) -> Delivery {
    Delivery {
        id: DeliveryId::of(order_id),
        order_id,
        restaurant_id: restaurant.id,
        customer_id,
        pickup: restaurant.profile.position,
        drop: destination.position,
        ready_at: stamp.at.plus_ms(restaurant.profile.preparation_ms),
        status: DeliveryStatus::Waiting,
        fence: 0,
        declined_by: BTreeSet::new(),
        last_step_at: None,
        fail_reason: None,
        no_courier_at: None,
        revision: stamp.index,
    }
}
