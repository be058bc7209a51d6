//! A customer says how it was, or says it anew.

use super::tally::{rated_courier, rated_dishes, rated_restaurant};
use super::{Rating, Stars};
use crate::authority::person;
use crate::courier::Courier;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{DishId, OrderId, RatingId};
use crate::limits::{RATE_WITHIN_MS, RATED_DISHES, RATING_EDIT_MS};
use crate::order::{Order, OrderState, StepKind};
use crate::outcome::{Changes, Outcome, Write};
use crate::payment::PaymentStatus;
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use crate::time::Timestamp;
use crate::view::{Found, Unreadable, View};
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
    /// What they say, closed under their own key.
    pub words: Sealed,
}

pub(crate) fn rate_order(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RateOrder,
) -> Result<Outcome, Unreadable> {
    let order_id = command.order_id;
    let order = city.order(order_id)?.filter(|order| person(actor) == Some(order.customer_id));
    let Some(order) = order else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    // One order, one rating: another name for it would be a second one.
    if command.rating_id != RatingId::of(order_id) {
        return Ok(Outcome::rejected(Rejection::IdReused));
    }
    let before = city.rating(command.rating_id)?;
    if let Some(rating) = before.as_deref().filter(|rating| says(rating, &command)) {
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
    let courier = carrier(city, &order)?;
    if let Err(why) = check(&command, &order, courier.is_some()) {
        return Ok(Outcome::rejected(why));
    }
    let RateOrder { rating_id, stars, dishes, words, .. } = command;
    let mut changes = Changes::new(stamp);
    // What was withdrawn is in no sum.
    let counted = before.as_deref().filter(|rating| !rating.withdrawn);
    let old = counted.map(|rating| rating.stars).unwrap_or_default();
    if let Some(it) = rated_restaurant(restaurant, old, stars, stamp.index) {
        changes.write(Write::Restaurant(Arc::new(it)));
    }
    let courier_id = courier.as_ref().map(|courier| courier.id);
    if let Some(it) = courier.and_then(|it| rated_courier(it, old, stars, stamp.index)) {
        changes.write(Write::Courier(Arc::new(it)));
    }
    let restaurant_id = order.restaurant_id;
    for score in rated_dishes(city, restaurant_id, counted, &dishes, stamp.index)? {
        changes.write(Write::DishScore(Arc::new(score)));
    }
    changes.write(Write::Rating(Arc::new(Rating {
        id: rating_id,
        order_id,
        customer_id: order.customer_id,
        restaurant_id,
        courier_id,
        stars,
        dishes,
        words,
        withdrawn: false,
        reply: before.as_ref().and_then(|rating| rating.reply.clone()),
        rated_at: before.map_or(stamp.at, |rating| rating.rated_at),
        revision: stamp.index,
    })));
    changes.event(Event::OrderRated { order_id, restaurant_id, stars: stars.restaurant });
    Ok(changes.yes())
}

/// Whether a rating says the same already.
fn says(rating: &Rating, wish: &RateOrder) -> bool {
    rating.stars == wish.stars && rating.words == wish.words && rating.dishes == wish.dishes
}

/// Who carried it, if anybody did.
fn carrier(city: &impl View, order: &Order) -> Found<Courier> {
    let delivery = match order.delivery_id {
        Some(id) => city.delivery(id)?,
        None => None,
    };
    match delivery.and_then(|delivery| delivery.status.holder()) {
        Some(courier_id) => city.courier(courier_id),
        None => Ok(None),
    }
}

fn check(wish: &RateOrder, order: &Order, carried: bool) -> Result<(), Rejection> {
    let stars = wish.stars;
    let parts = [
        ("/food", stars.food),
        ("/packaging", stars.packaging),
        ("/accuracy", stars.accuracy),
        ("/courier", stars.courier),
        ("/care", stars.care),
        ("/manner", stars.manner),
        ("/speed", stars.speed),
    ];
    let whole = ("/stars", Some(stars.restaurant));
    // Whoever says something of the courier need not say anything of the kitchen.
    let alone = stars.of_restaurant().is_none() && stars.courier.is_some();
    for (field, given) in parts.into_iter().chain((!alone).then_some(whole)) {
        if let Some(given) = given {
            field::number(field, given.into(), 1..=5)?;
        }
    }
    if stars.of_courier().iter().any(Option::is_some) && !carried {
        return Err(field::invalid("/courier", "no courier carried this order"));
    }
    field::length("/dishes", wish.dishes.len(), 0..=RATED_DISHES)?;
    for (dish_id, given) in &wish.dishes {
        let field = format!("/dishes/{dish_id}");
        field::number(&field, (*given).into(), 1..=5)?;
        if !order.receipt.lines.iter().any(|line| line.dish_id == *dish_id) {
            return Err(field::invalid(field, "a dish of this order"));
        }
    }
    field::sealed("/text", &wish.words)
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
    ended_at(order).is_some_and(|ended| now.ms_since(ended) <= RATE_WITHIN_MS)
}

/// When it ended; the timeline of an old order knows it too.
fn ended_at(order: &Order) -> Option<Timestamp> {
    order.ended_at.or_else(|| {
        order.timeline.iter().rev().find_map(|step| match step.what {
            StepKind::Order(state) if state.is_terminal() => Some(step.at),
            StepKind::Order(_)
            | StepKind::Delivery(_)
            | StepKind::Delayed
            | StepKind::KitchenDue
            | StepKind::SubstitutionProposed
            | StepKind::SubstitutionAnswered
            | StepKind::Refunded => None,
        })
    })
}
