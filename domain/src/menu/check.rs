//! What may stand on a menu. Both commands that write one ask here.

use super::{Category, ContextPrice, Dish, DishOption, OptionGroup, Words};
use crate::calendar::WeeklyHours;
use crate::city::Taxes;
use crate::entry::Stamp;
use crate::field;
use crate::ids::{DishId, OptionGroupId, RestaurantId};
use crate::image::ImageHash;
use crate::limits::{
    DISH_CALORIES, DISH_GROUPS, DISH_PRICES, GROUP_OPTIONS, LANGUAGES, LINE_OPTIONS, LINE_QUANTITY,
    LOCALE_LETTERS, MENU_NEW_IMAGES, MINIMUM_AGE, NAME_LETTERS, TEXT_LETTERS,
};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::view::View;
use std::collections::BTreeSet;

/// The taxes that a menu is checked against.
pub(super) fn taxes(city: &impl View, stamp: &Stamp) -> Checked<Taxes> {
    let Some(founded) = city.city()? else {
        return Ok(Err(Rejection::CityUnknown));
    };
    Ok(Ok(crate::city::terms_of(city, &founded)?.taxes.at(stamp.at).clone()))
}

/// The pictures that dishes name anew are there, for everybody to see. Each is read with all its
/// bytes, so that one change may only bring so many.
pub(super) fn images(city: &impl View, dishes: &[Dish]) -> Checked<()> {
    let mut looked_at: BTreeSet<ImageHash> = BTreeSet::new();
    for (place, dish) in dishes.iter().enumerate() {
        let Some(hash) = dish.image else {
            continue;
        };
        let before = city.dish(dish.restaurant_id, dish.id)?;
        if before.and_then(|before| before.image) == Some(hash) || !looked_at.insert(hash) {
            continue;
        }
        let pointer = format!("/dishes/{place}/image");
        if looked_at.len() > MENU_NEW_IMAGES {
            let rule = format!("at most {MENU_NEW_IMAGES} new pictures in one change");
            return Ok(Err(field::invalid(pointer, rule)));
        }
        if city.image(hash)?.is_none_or(|image| image.private) {
            return Ok(Err(field::invalid(pointer, "a picture that was uploaded for everybody")));
        }
    }
    Ok(Ok(()))
}

/// The dishes are this restaurant's, each stands there once, and each names groups that are there.
pub(super) fn dishes(
    restaurant_id: RestaurantId,
    dishes: &[Dish],
    taxes: &Taxes,
    has_group: impl Fn(OptionGroupId) -> bool,
) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    for (place, dish) in dishes.iter().enumerate() {
        let pointer = format!("/dishes/{place}");
        if dish.restaurant_id != restaurant_id {
            return Err(field::invalid(pointer, "a dish of this restaurant"));
        }
        if !seen.insert(dish.id) {
            return Err(field::invalid(format!("{pointer}/dish_id"), "each dish once"));
        }
        let own_ref = dish.own_ref.as_deref().unwrap_or("");
        field::letters(&format!("{pointer}/ref"), own_ref, 0..=NAME_LETTERS)?;
        words(&format!("{pointer}/title"), &dish.title, 1, NAME_LETTERS)?;
        words(&format!("{pointer}/description"), &dish.description, 0, TEXT_LETTERS)?;
        field::amount(&format!("{pointer}/price"), dish.price)?;
        facts(&pointer, dish, taxes)?;
        let groups = format!("{pointer}/option_group_ids");
        field::length(&groups, dish.option_group_ids.len(), 0..=DISH_GROUPS)?;
        for (number, group_id) in dish.option_group_ids.iter().enumerate() {
            if !has_group(*group_id) {
                let rule = "an option group of this menu";
                return Err(field::invalid(format!("{groups}/{number}"), rule));
            }
        }
    }
    Ok(())
}

/// What is said of a dish besides its name: prices, tax, hours, numbers.
fn facts(pointer: &str, dish: &Dish, taxes: &Taxes) -> Result<(), Rejection> {
    let prices = format!("{pointer}/prices_by");
    field::length(&prices, dish.prices.len(), 0..=DISH_PRICES)?;
    for (place, price) in dish.prices.iter().enumerate() {
        context_price(&format!("{prices}/{place}"), price)?;
    }
    if let Some(class) = &dish.tax_class
        && !taxes.classes.contains_key(class)
    {
        let rule = "a class of the city's taxes";
        return Err(field::invalid(format!("{pointer}/tax_class"), rule));
    }
    windows(&format!("{pointer}/windows"), dish.windows.as_ref())?;
    let calories = dish.calories.unwrap_or(0).into();
    field::number(&format!("{pointer}/calories"), calories, 0..=DISH_CALORIES)?;
    field::number(&format!("{pointer}/min_age"), dish.min_age.into(), 0..=MINIMUM_AGE)
}

fn context_price(pointer: &str, price: &ContextPrice) -> Result<(), Rejection> {
    if price.fulfilment.is_none() && price.windows.is_none() {
        // It would hold always, and the dish's price never.
        return Err(field::invalid(pointer, "a fulfilment, windows, or both"));
    }
    windows(&format!("{pointer}/windows"), price.windows.as_ref())?;
    field::amount(&format!("{pointer}/price"), price.price)
}

fn windows(pointer: &str, windows: Option<&WeeklyHours>) -> Result<(), Rejection> {
    windows.map_or(Ok(()), |windows| field::week(pointer, windows))
}

/// The groups are this restaurant's, each stands there once, and each can be answered.
pub(super) fn option_groups(
    restaurant_id: RestaurantId,
    groups: &[OptionGroup],
    has_dish: impl Fn(DishId) -> bool,
) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    let mut options = BTreeSet::new();
    for (place, group) in groups.iter().enumerate() {
        let pointer = format!("/option_groups/{place}");
        if group.restaurant_id != restaurant_id {
            return Err(field::invalid(pointer, "an option group of this restaurant"));
        }
        if !seen.insert(group.id) {
            return Err(field::invalid(format!("{pointer}/option_group_id"), "each group once"));
        }
        option_group(&pointer, group)?;
        for (place, option) in group.options.iter().enumerate() {
            let pointer = format!("{pointer}/options/{place}");
            if !options.insert(option.id) {
                return Err(field::invalid(format!("{pointer}/option_id"), "each option once"));
            }
            dish_option(&pointer, option, &has_dish)?;
        }
    }
    Ok(())
}

fn option_group(pointer: &str, group: &OptionGroup) -> Result<(), Rejection> {
    words(&format!("{pointer}/title"), &group.title, 1, NAME_LETTERS)?;
    field::length(&format!("{pointer}/options"), group.options.len(), 1..=GROUP_OPTIONS)?;
    // The most that one line of a basket can choose.
    let most = i64::from(LINE_QUANTITY) * i64::try_from(LINE_OPTIONS).unwrap_or(i64::MAX);
    field::number(&format!("{pointer}/max"), group.max.into(), 1..=most)?;
    field::number(&format!("{pointer}/min"), group.min.into(), 0..=group.max.into())?;
    field::number(&format!("{pointer}/free"), group.free.into(), 0..=group.max.into())?;
    let can_be_chosen: u64 = group.options.iter().map(|o| u64::from(o.max_quantity)).sum();
    if u64::from(group.min) > can_be_chosen {
        let rule = "at most as many as its options allow together";
        return Err(field::invalid(format!("{pointer}/min"), rule));
    }
    let defaults = group.options.iter().filter(|option| option.default).count();
    if usize::try_from(group.max).is_ok_and(|max| defaults > max) {
        let rule = "no more options by default than can be chosen";
        return Err(field::invalid(format!("{pointer}/options"), rule));
    }
    Ok(())
}

fn dish_option(
    pointer: &str,
    option: &DishOption,
    has_dish: impl Fn(DishId) -> bool,
) -> Result<(), Rejection> {
    words(&format!("{pointer}/title"), &option.title, 1, NAME_LETTERS)?;
    field::amount(&format!("{pointer}/price"), option.price)?;
    let most = i64::from(LINE_QUANTITY);
    field::number(&format!("{pointer}/max_quantity"), option.max_quantity.into(), 1..=most)?;
    if option.dish_id.is_some_and(|dish_id| !has_dish(dish_id)) {
        return Err(field::invalid(format!("{pointer}/dish_id"), "a dish of this menu"));
    }
    Ok(())
}

/// Titles are words, and no category stands there twice.
pub(super) fn categories(categories: &[Category]) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    for (place, category) in categories.iter().enumerate() {
        let pointer = format!("/categories/{place}");
        if !seen.insert(category.id) {
            return Err(field::invalid(format!("{pointer}/category_id"), "each category once"));
        }
        words(&format!("{pointer}/title"), &category.title, 0, NAME_LETTERS)?;
        windows(&format!("{pointer}/windows"), category.windows.as_ref())?;
    }
    Ok(())
}

fn words(pointer: &str, words: &Words, least: usize, letters: usize) -> Result<(), Rejection> {
    field::length(pointer, words.len(), least..=LANGUAGES)?;
    for (language, text) in words {
        field::letters(pointer, language, 1..=LOCALE_LETTERS)?;
        field::letters(pointer, text, least..=letters)?;
    }
    Ok(())
}
