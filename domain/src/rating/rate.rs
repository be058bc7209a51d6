//! A customer says how it was, or says it anew.

use super::{Rating, Stars};
use crate::authority::person;
use crate::courier::Courier;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{CourierId, DishId, OrderId, RatingId};
use crate::limits::{RATE_WITHIN_MS, RATING_EDIT_MS, TEXT_LETTERS};
use crate::order::{Order, OrderState, StepKind};
use crate::outcome::{Changes, Outcome, Write};
use crate::payment::PaymentStatus;
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rates an order that has ended and was paid for; its customer only. Editable for 7 days: the old
/// stars leave the sums in the same entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RateOrder {
    pub rating_id: RatingId,
    pub order_id: OrderId,
    pub stars: Stars,
    /// Of dishes on the receipt.
    pub dishes: BTreeMap<DishId, u8>,
    pub text: Option<String>,
}

pub(crate) fn rate_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RateOrder,
) -> Result<Outcome, Unreadable> {
    let RateOrder { rating_id, order_id, stars, dishes, text } = command;
    let order = city.order(order_id)?.filter(|order| person(actor) == Some(order.customer_id));
    let Some(order) = order else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    // One order, one rating: another name for it would be a second one.
    if rating_id != RatingId::of(order_id) {
        return Ok(Outcome::rejected(Rejection::IdReused));
    }
    let before = city.rating(rating_id)?;
    if let Some(rating) = &before
        && rating.stars == stars
        && rating.text == text
    {
        return Ok(Outcome::unchanged(rating.revision));
    }
    let (Some(payment), Some(restaurant)) =
        (city.payment(order.payment_id)?, city.restaurant(order.restaurant_id)?)
    else {
        return Ok(Outcome::rejected(Rejection::NotRateable));
    };
    if !is_paid(&order, payment.status) || !in_time(&order, before.as_deref(), stamp.at) {
        return Ok(Outcome::rejected(Rejection::NotRateable));
    }
    let delivery = match order.delivery_id {
        Some(id) => city.delivery(id)?,
        None => None,
    };
    let holder = delivery.and_then(|delivery| delivery.status.holder());
    if let Err(why) = check(stars, text.as_deref(), holder) {
        return Ok(Outcome::rejected(why));
    }
    let courier = match holder {
        Some(courier_id) => city.courier(courier_id)?,
        None => None,
    };
    let mut changes = Changes::new(stamp);
    let stars_before = before.as_ref().map(|rating| rating.stars);
    changes.write(Write::Restaurant(Arc::new(rated_restaurant(
        stamp,
        restaurant,
        stars_before,
        stars,
    ))));
    let courier_id = courier.as_ref().map(|courier| courier.id);
    if let Some(courier) =
        courier.and_then(|found| rated_courier(stamp, found, stars_before, stars))
    {
        changes.write(Write::Courier(Arc::new(courier)));
    }
    let restaurant_id = order.restaurant_id;
    changes.write(Write::Rating(Arc::new(Rating {
        id: rating_id,
        order_id,
        customer_id: order.customer_id,
        restaurant_id,
        courier_id,
        stars,
        dishes,
        text,
        held: false,
        reply: None,
        rated_at: before.map_or(stamp.at, |rating| rating.rated_at),
        revision: stamp.index,
    })));
    changes.event(Event::OrderRated { order_id, restaurant_id, stars: stars.restaurant });
    Ok(changes.yes())
}

fn check(stars: Stars, text: Option<&str>, holder: Option<CourierId>) -> Result<(), Rejection> {
    let Stars { restaurant, food, packaging, accuracy: _, courier, .. } = stars;
    let given = [
        ("/stars", Some(restaurant)),
        ("/food", food),
        ("/packaging", packaging),
        ("/courier", courier),
    ];
    for (field, stars) in given {
        if let Some(stars) = stars {
            field::number(field, stars.into(), 1..=5)?;
        }
    }
    if courier.is_some() && holder.is_none() {
        return Err(field::invalid("/courier", "no courier carried this order"));
    }
    field::letters("/text", text.unwrap_or(""), 0..=TEXT_LETTERS)
}

/// Ended, and paid for: whoever paid nothing has not eaten.
fn is_paid(order: &Order, payment: PaymentStatus) -> bool {
    let state = order.status.state();
    let charged = match payment {
        PaymentStatus::CashCollected
        | PaymentStatus::Capturing
        | PaymentStatus::Captured
        | PaymentStatus::Disputed
        | PaymentStatus::Lost => true,
        PaymentStatus::None
        | PaymentStatus::CashDue
        | PaymentStatus::Authorizing
        | PaymentStatus::ActionRequired
        | PaymentStatus::Failed
        | PaymentStatus::Authorized
        | PaymentStatus::Voiding
        | PaymentStatus::Voided => false,
    };
    state == OrderState::Completed || (state.is_terminal() && charged)
}

/// A first rating comes within 30 days of the end; a changed one within 7 days of the first.
fn in_time(order: &Order, before: Option<&Rating>, now: Timestamp) -> bool {
    if let Some(rating) = before {
        return now.ms_since(rating.rated_at) <= RATING_EDIT_MS;
    }
    let ended = order.timeline.iter().rev().find_map(|step| match step.what {
        StepKind::Order(state) if state.is_terminal() => Some(step.at),
        StepKind::Order(_)
        | StepKind::Delivery(_)
        | StepKind::Delayed
        | StepKind::KitchenDue
        | StepKind::SubstitutionProposed
        | StepKind::SubstitutionAnswered
        | StepKind::Refunded => None,
    });
    ended.is_some_and(|ended| now.ms_since(ended) <= RATE_WITHIN_MS)
}

/// The restaurant with the old stars taken out of its sum and the new ones put in.
fn rated_restaurant(
    stamp: &Stamp,
    restaurant: Arc<Restaurant>,
    before: Option<Stars>,
    stars: Stars,
) -> Restaurant {
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    let (sum, count) = (restaurant.rating_sum, restaurant.rating_count);
    let before = before.map(|before| before.restaurant);
    (restaurant.rating_sum, restaurant.rating_count) =
        recount((sum, count), before, Some(stars.restaurant));
    restaurant.revision = stamp.index;
    restaurant
}

/// The same for the courier; nothing if nobody said anything of them.
fn rated_courier(
    stamp: &Stamp,
    courier: Arc<Courier>,
    before: Option<Stars>,
    stars: Stars,
) -> Option<Courier> {
    let before = before.and_then(|before| before.courier);
    if before == stars.courier {
        return None;
    }
    let mut courier = Arc::unwrap_or_clone(courier);
    let (sum, count) = (courier.rating_sum, courier.rating_count);
    (courier.rating_sum, courier.rating_count) = recount((sum, count), before, stars.courier);
    courier.revision = stamp.index;
    Some(courier)
}

fn recount((sum, count): (u64, u64), before: Option<u8>, now: Option<u8>) -> (u64, u64) {
    let (out, gone) = before.map_or((0, 0), |stars| (u64::from(stars), 1));
    let (new, come) = now.map_or((0, 0), |stars| (u64::from(stars), 1));
    (sum.saturating_sub(out) + new, count.saturating_sub(gone) + come)
}
