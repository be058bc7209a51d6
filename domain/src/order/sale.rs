//! What a quote and an order check alike: that this kitchen sells this basket, then, there. One
//! entry checks all of it, and says what an order would take of stock, slot and coupon.

use super::place::Wanted;
use super::schedule::{Plan, When, plan};
use super::{Destination, Fulfilment};
use crate::city::{City, CityTerms, Zone, ZoneFound, terms_of};
use crate::coupon::redeem::{Redemption, good_for, redeem};
use crate::entry::Stamp;
use crate::field;
use crate::ids::AccountId;
use crate::limits::{BASKET_LINES, CODE_LETTERS, SCHEDULED_MS, SLOT_MS};
use crate::menu::Dish;
use crate::outcome::Checked;
use crate::pricing::{BasketLine, OnSale, Receipt, Terms, price};
use crate::rejection::Rejection;
use crate::restaurant::{NotTaking, Restaurant};
use crate::slot::hold::{Taken, take};
use crate::stock::StockTarget;
use crate::stock::hold::{Missing, Reserved, portions, reserve};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// What is bought: checked, priced without a tip, and with all that it takes.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) restaurant: Arc<Restaurant>,
    pub(crate) terms: Arc<CityTerms>,
    pub(crate) receipt: Receipt,
    pub(crate) plan: Plan,
    pub(crate) stock: Reserved,
    pub(crate) slot: Option<Taken>,
    pub(crate) coupon: Option<Redemption>,
}

/// Checks a wish. A price that was promised by a quote holds; all else is judged anew.
pub(crate) fn sell(
    city: &impl View,
    founded: &City,
    stamp: &Stamp,
    customer_id: AccountId,
    wanted: &Wanted,
    promised: Option<&Receipt>,
) -> Checked<Sale> {
    if let Err(why) = check(wanted, stamp.at) {
        return Ok(Err(why));
    }
    let Some(restaurant) = city.restaurant(wanted.restaurant_id)? else {
        return Ok(Err(Rejection::RestaurantUnknown));
    };
    let terms = terms_of(city, founded)?;
    let sold_at = sold_at(wanted.when, stamp.at);
    if let Err(why) = takes_orders(&restaurant, founded, &terms, wanted.fulfilment, sold_at) {
        return Ok(Err(why));
    }
    let zone = match reaches(&restaurant, &terms, wanted, stamp.at) {
        Ok(zone) => zone,
        Err(why) => return Ok(Err(why)),
    };
    let redemption = match coupon(city, founded, stamp.at, customer_id, wanted)? {
        Ok(redemption) => redemption,
        Err(why) => return Ok(Err(why)),
    };
    let receipt = match promised {
        Some(receipt) => still_cooked(city, &restaurant, receipt)?.map(|()| receipt.clone()),
        None => priced(city, founded, &restaurant, &terms, wanted, zone, stamp.at, &redemption)?,
    };
    let receipt = match receipt {
        Ok(receipt) => receipt,
        Err(why) => return Ok(Err(why)),
    };
    if receipt.dishes < restaurant.profile.minimum {
        return Ok(Err(Rejection::BelowMinimum { minimum: restaurant.profile.minimum.0 }));
    }
    let preparation_ms = restaurant.preparation_ms_at(sold_at);
    let plan = plan(stamp.at, wanted.when, preparation_ms, wanted.way_ms());
    let stock = match reserve(city, restaurant.id, &portions(&receipt), plan.kitchen_at)? {
        Ok(stock) => stock,
        Err(Missing { dishes, options }) => {
            return Ok(Err(Rejection::OutOfStock { dishes, options }));
        }
    };
    let slot = match take(city, founded, &restaurant, wanted, &plan, &receipt, stamp.at)? {
        Ok(slot) => slot,
        Err(why) => return Ok(Err(why)),
    };
    let coupon = match redemption.map(|found| redeem(found, &receipt)).transpose() {
        Ok(coupon) => coupon,
        Err(problem) => return Ok(Err(Rejection::CouponRefused { problem })),
    };
    Ok(Ok(Sale { restaurant, terms, receipt, plan, stock, slot, coupon }))
}

/// The shape of a wish: what belongs together is there, and nothing else.
fn check(wanted: &Wanted, now: Timestamp) -> Result<(), Rejection> {
    match (wanted.fulfilment, &wanted.destination) {
        (Fulfilment::Delivery, Some(destination)) => check_destination(destination)?,
        (Fulfilment::Delivery, None) => {
            return Err(field::invalid("/address", "an address, for what is delivered"));
        }
        (Fulfilment::Pickup, None) => {}
        (Fulfilment::Pickup, Some(_)) => {
            return Err(field::invalid("/address", "nothing, for what is picked up"));
        }
    }
    if let When::Slot { start } = wanted.when {
        if start.0.rem_euclid(SLOT_MS) != 0 {
            return Err(field::invalid("/when/slot", "the start of a quarter of an hour"));
        }
        if !SCHEDULED_MS.contains(&start.ms_since(now)) {
            return Err(field::invalid("/when/slot", "from 30 minutes to 6 days ahead"));
        }
    }
    if let Some(code) = &wanted.coupon_code {
        field::letters("/coupon_code", code, CODE_LETTERS)?;
    }
    for (place, line) in wanted.basket.iter().take(BASKET_LINES).enumerate() {
        // Named only where it is wrong: most notes are empty, and every order has some.
        if field::sealed("/note", &line.note).is_err() {
            field::sealed(&format!("/basket/{place}/note"), &line.note)?;
        }
    }
    Ok(())
}

/// The moment at which the kitchen must be open, and whose prices hold.
fn sold_at(when: When, now: Timestamp) -> Timestamp {
    match when {
        When::Asap => now,
        When::Slot { start } => start,
    }
}

/// Whether the kitchen takes orders for this moment, in this way.
pub(crate) fn takes_orders(
    restaurant: &Restaurant,
    founded: &City,
    terms: &CityTerms,
    fulfilment: Fulfilment,
    at: Timestamp,
) -> Result<(), Rejection> {
    match restaurant.taking_orders(at, fulfilment, &founded.time_zone, terms.holidays.at(at)) {
        Ok(()) => Ok(()),
        Err(NotTaking::NotApproved) => Err(Rejection::NotDeliverable),
        Err(NotTaking::Paused { until }) => Err(Rejection::RestaurantPaused { until }),
        Err(NotTaking::Closed { next_open }) => Err(Rejection::RestaurantClosed { next_open }),
        Err(NotTaking::FulfilmentOff) => Err(Rejection::FulfilmentOff),
    }
}

/// Whether the kitchen brings it there, and in which zone that lies.
fn reaches<'a>(
    restaurant: &Restaurant,
    terms: &'a CityTerms,
    wanted: &Wanted,
    at: Timestamp,
) -> Result<Option<&'a Zone>, Rejection> {
    let Some(destination) = &wanted.destination else {
        return Ok(None);
    };
    let profile = &restaurant.profile;
    let outside = |area: &crate::area::Polygon| !area.contains(destination.position);
    if wanted.distance_m > profile.delivery_radius_m
        || profile.delivery_area.as_ref().is_some_and(outside)
    {
        return Err(Rejection::NotDeliverable);
    }
    match terms.zone_of(destination.position, at) {
        ZoneFound::NoZones => Ok(None),
        ZoneFound::Inside(zone) => Ok(Some(zone)),
        ZoneFound::Outside => Err(Rejection::NotDeliverable),
    }
}

/// The coupon that a wish names, if it is good for this person here.
fn coupon(
    city: &impl View,
    founded: &City,
    at: Timestamp,
    customer_id: AccountId,
    wanted: &Wanted,
) -> Checked<Option<Redemption>> {
    let Some(code) = &wanted.coupon_code else {
        return Ok(Ok(None));
    };
    let found = good_for(city, founded, at, customer_id, wanted.restaurant_id, code)?;
    Ok(match found {
        Ok(redemption) => Ok(Some(redemption)),
        Err(problem) => Err(Rejection::CouponRefused { problem }),
    })
}

/// The basket at the prices of the moment.
#[allow(clippy::too_many_arguments)] // everything a price depends on, and each of it once
fn priced(
    city: &impl View,
    founded: &City,
    restaurant: &Restaurant,
    terms: &CityTerms,
    wanted: &Wanted,
    zone: Option<&Zone>,
    at: Timestamp,
    redemption: &Option<Redemption>,
) -> Checked<Receipt> {
    let with = Terms {
        language: &founded.language,
        time_zone: &founded.time_zone,
        menu_version: restaurant.menu_version,
        terms_version: terms.version,
        at: sold_at(wanted.when, at),
        fulfilment: wanted.fulfilment,
        distance_m: wanted.distance_m,
        restaurant_fee: restaurant.profile.delivery_fee,
        zone,
        fees: terms.fees.at(at),
        taxes: terms.taxes.at(at),
        coupon: redemption.as_ref().map(|found| found.coupon()),
    };
    let on_sale = on_sale(city, wanted.restaurant_id, &wanted.basket)?;
    Ok(price(&wanted.basket, &on_sale, &with))
}

/// The price of a quote holds, but what has left the menu since cannot be cooked.
fn still_cooked(city: &impl View, restaurant: &Restaurant, receipt: &Receipt) -> Checked<()> {
    if receipt.menu_version == restaurant.menu_version {
        return Ok(Ok(()));
    }
    let mut gone = Missing::default();
    for line in &receipt.lines {
        if !city.dish(restaurant.id, line.dish_id)?.is_some_and(|dish| is_cooked(&dish)) {
            gone.add(StockTarget::Dish(line.dish_id));
        }
    }
    let Missing { dishes, options } = gone;
    Ok(if dishes.is_empty() { Ok(()) } else { Err(Rejection::OutOfStock { dishes, options }) })
}

/// Where it goes is on Earth, and its address is no novel.
fn check_destination(destination: &Destination) -> Result<(), Rejection> {
    field::position("/address/position", destination.position)?;
    field::sealed("/address", &destination.address)
}

fn is_cooked(dish: &Dish) -> bool {
    !dish.archived && !dish.hidden
}

/// The part of the menu that the basket names.
pub(crate) fn on_sale(
    city: &impl View,
    restaurant_id: crate::ids::RestaurantId,
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
