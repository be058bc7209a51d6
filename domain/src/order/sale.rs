//! What a quote and an order check alike: that this kitchen sells this basket, now, there.

use super::Destination;
use crate::city::City;
use crate::field;
use crate::ids::RestaurantId;
use crate::limits::BASKET_LINES;
use crate::menu::Dish;
use crate::money::Money;
use crate::outcome::Checked;
use crate::pricing::{BasketLine, OnSale, Receipt, Terms, price};
use crate::rejection::Rejection;
use crate::restaurant::{NotTaking, Restaurant};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// The kitchen, if it takes orders at this moment and delivers that far.
pub(crate) fn open_kitchen(
    city: &impl View,
    founded: &City,
    at: Timestamp,
    restaurant_id: RestaurantId,
    distance_m: u32,
) -> Checked<Arc<Restaurant>> {
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Err(Rejection::RestaurantUnknown));
    };
    match restaurant.taking_orders(at, &founded.time_zone) {
        Ok(()) => {}
        Err(NotTaking::NotApproved) => return Ok(Err(Rejection::NotDeliverable)),
        Err(NotTaking::Paused { until }) => {
            return Ok(Err(Rejection::RestaurantPaused { until }));
        }
        Err(NotTaking::Closed { next_open }) => {
            return Ok(Err(Rejection::RestaurantClosed { next_open }));
        }
    }
    if distance_m > restaurant.profile.delivery_radius_m {
        return Ok(Err(Rejection::NotDeliverable));
    }
    Ok(Ok(restaurant))
}

/// The basket at today's prices.
pub(crate) fn priced(
    city: &impl View,
    founded: &City,
    restaurant: &Restaurant,
    basket: &[BasketLine],
    tip: Money,
) -> Checked<Receipt> {
    let terms = Terms {
        language: &founded.language,
        menu_version: restaurant.menu_version,
        delivery_fee: restaurant.profile.delivery_fee,
        service_fee: founded.rules.service_fee,
        tax_millionths: founded.rules.tax_millionths,
        tip,
    };
    let on_sale = on_sale(city, restaurant.id, basket)?;
    Ok(price(basket, &on_sale, &terms))
}

/// The kitchen cooks nothing below its minimum.
pub(crate) fn enough(restaurant: &Restaurant, receipt: &Receipt) -> Result<(), Rejection> {
    let minimum = restaurant.profile.minimum;
    if receipt.dishes >= minimum {
        return Ok(());
    }
    Err(Rejection::BelowMinimum { minimum: minimum.0 })
}

/// The price of a quote holds, but what has left the menu since cannot be cooked.
pub(crate) fn still_cooked(
    city: &impl View,
    restaurant: &Restaurant,
    receipt: &Receipt,
) -> Checked<()> {
    if receipt.menu_version == restaurant.menu_version {
        return Ok(Ok(()));
    }
    let mut gone = Vec::new();
    for line in &receipt.lines {
        if !city.dish(restaurant.id, line.dish_id)?.is_some_and(|dish| is_cooked(&dish)) {
            gone.push(line.dish_id);
        }
    }
    Ok(if gone.is_empty() { Ok(()) } else { Err(Rejection::OutOfStock { dishes: gone }) })
}

/// Where it goes is on Earth, and its address is no novel.
pub(crate) fn check_destination(destination: &Destination) -> Result<(), Rejection> {
    field::position("/address/position", destination.position)?;
    field::sealed("/address", &destination.address)
}

fn is_cooked(dish: &Dish) -> bool {
    !dish.archived && !dish.hidden
}

/// The part of the menu that the basket names.
fn on_sale(
    city: &impl View,
    restaurant_id: RestaurantId,
    basket: &[BasketLine],
) -> Result<OnSale, Unreadable> {
    let mut found = OnSale::default();
    for line in basket.iter().take(BASKET_LINES) {
        if found.dishes.contains_key(&line.dish_id) {
            continue;
        }
        let Some(dish) = city.dish(restaurant_id, line.dish_id)? else {
            continue;
        };
        for group_id in &dish.option_group_ids {
            if found.groups.contains_key(group_id) {
                continue;
            }
            if let Some(group) = city.option_group(restaurant_id, *group_id)? {
                found.groups.insert(*group_id, group);
            }
        }
        found.dishes.insert(line.dish_id, dish);
    }
    Ok(found)
}
