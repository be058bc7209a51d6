//! Stars are added up exactly: an edit takes the old ones out of the sums and puts the new ones in.

use super::{DishScore, Rating, Stars, Tally};
use crate::courier::Courier;
use crate::ids::{DishId, RestaurantId};
use crate::restaurant::Restaurant;
use crate::view::{Unreadable, View};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Tally {
    /// The tally with somebody's old stars replaced by their new ones; either may be none.
    fn changed(self, before: Option<u8>, now: Option<u8>) -> Self {
        let (out, gone) = before.map_or((0, 0), |stars| (u64::from(stars), 1));
        let (new, come) = now.map_or((0, 0), |stars| (u64::from(stars), 1));
        Self {
            sum: self.sum.saturating_sub(out).saturating_add(new),
            count: self.count.saturating_sub(gone).saturating_add(come),
        }
    }
}

impl Stars {
    /// The restaurant's, if it was rated: whoever rates the courier alone says nothing of it.
    pub(super) fn of_restaurant(self) -> Option<u8> {
        (self.restaurant > 0).then_some(self.restaurant)
    }

    /// The parts of the courier's work that were rated.
    pub(super) fn of_courier(self) -> [Option<u8>; 4] {
        [self.courier, self.care, self.manner, self.speed]
    }

    /// The parts of the restaurant's work that were rated.
    pub(super) fn of_kitchen(self) -> [Option<u8>; 4] {
        [self.of_restaurant(), self.food, self.packaging, self.accuracy]
    }
}

/// The restaurant with other stars; nothing if they are the same.
pub(super) fn rated_restaurant(
    restaurant: Arc<Restaurant>,
    before: Stars,
    now: Stars,
    revision: u64,
) -> Option<Restaurant> {
    if before.of_kitchen() == now.of_kitchen() {
        return None;
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    let whole = Tally { sum: restaurant.rating_sum, count: restaurant.rating_count };
    let Tally { sum, count } = whole.changed(before.of_restaurant(), now.of_restaurant());
    (restaurant.rating_sum, restaurant.rating_count) = (sum, count);
    let tallies = &mut restaurant.tallies;
    tallies.food = tallies.food.changed(before.food, now.food);
    tallies.packaging = tallies.packaging.changed(before.packaging, now.packaging);
    tallies.accuracy = tallies.accuracy.changed(before.accuracy, now.accuracy);
    restaurant.revision = revision;
    Some(restaurant)
}

/// The courier with other stars; nothing if they are the same.
pub(super) fn rated_courier(
    courier: Arc<Courier>,
    before: Stars,
    now: Stars,
    revision: u64,
) -> Option<Courier> {
    if before.of_courier() == now.of_courier() {
        return None;
    }
    let mut courier = Arc::unwrap_or_clone(courier);
    let whole = Tally { sum: courier.rating_sum, count: courier.rating_count };
    let Tally { sum, count } = whole.changed(before.courier, now.courier);
    (courier.rating_sum, courier.rating_count) = (sum, count);
    let tallies = &mut courier.tallies;
    tallies.care = tallies.care.changed(before.care, now.care);
    tallies.manner = tallies.manner.changed(before.manner, now.manner);
    tallies.speed = tallies.speed.changed(before.speed, now.speed);
    courier.revision = revision;
    Some(courier)
}

/// The dishes with other stars than before.
pub(super) fn rated_dishes(
    city: &impl View,
    restaurant_id: RestaurantId,
    before: Option<&Rating>,
    now: &BTreeMap<DishId, u8>,
    revision: u64,
) -> Result<Vec<DishScore>, Unreadable> {
    let none = BTreeMap::new();
    let before = before.map_or(&none, |rating| &rating.dishes);
    let named: BTreeSet<DishId> = before.keys().chain(now.keys()).copied().collect();
    let mut scores = Vec::new();
    for dish_id in named {
        let (old, new) = (before.get(&dish_id).copied(), now.get(&dish_id).copied());
        if old == new {
            continue;
        }
        let score = city.dish_score(restaurant_id, dish_id)?;
        let tally = score.map_or(Tally::default(), |score| score.tally).changed(old, new);
        scores.push(DishScore { restaurant_id, dish_id, tally, revision });
    }
    Ok(scores)
}
