//! The stars of somebody who is banned do not count; once they are let in again they do.

use super::tally::{rated_courier, rated_dishes, rated_restaurant};
use super::{Rating, Stars};
use crate::event::Event;
use crate::outcome::{Changes, Write};
use crate::view::{Unreadable, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether the sums say something else than they should.
pub(crate) fn is_out_of_step(rating: &Rating, out: bool) -> bool {
    rating.withdrawn != out
}

/// Takes the stars of a rating out of all sums, or puts them back in.
pub(crate) fn recount(
    city: &impl View,
    changes: &mut Changes,
    mut rating: Rating,
    out: bool,
) -> Result<(), Unreadable> {
    let revision = changes.stamp().index;
    let (before, now) = match out {
        true => (rating.stars, Stars::default()),
        false => (Stars::default(), rating.stars),
    };
    let restaurant = city.restaurant(rating.restaurant_id)?;
    if let Some(it) = restaurant.and_then(|it| rated_restaurant(it, before, now, revision)) {
        changes.write(Write::Restaurant(Arc::new(it)));
    }
    let courier = match rating.courier_id {
        Some(courier_id) => city.courier(courier_id)?,
        None => None,
    };
    if let Some(it) = courier.and_then(|it| rated_courier(it, before, now, revision)) {
        changes.write(Write::Courier(Arc::new(it)));
    }
    let none = BTreeMap::new();
    let dishes = if out { &none } else { &rating.dishes };
    let counted = out.then_some(&rating);
    for score in rated_dishes(city, rating.restaurant_id, counted, dishes, revision)? {
        changes.write(Write::DishScore(Arc::new(score)));
    }
    let (order_id, restaurant_id) = (rating.order_id, rating.restaurant_id);
    rating.withdrawn = out;
    rating.revision = revision;
    changes.write(Write::Rating(Arc::new(rating)));
    changes.event(match out {
        true => Event::RatingWithdrawn { order_id, restaurant_id },
        false => Event::RatingRestored { order_id, restaurant_id },
    });
    Ok(())
}
