//! What may stand on a menu. Both commands that write one ask here.

use super::{Category, Dish, OptionGroup, Words};
use crate::field;
use crate::ids::{OptionGroupId, OptionId, RestaurantId};
use crate::limits::{
    DISH_GROUPS, GROUP_OPTIONS, LANGUAGES, LINE_OPTIONS, LINE_QUANTITY, LOCALE_LETTERS,
    NAME_LETTERS, TEXT_LETTERS,
};
use crate::rejection::Rejection;
use std::collections::BTreeSet;

/// The dishes are this restaurant's, each stands there once, and each names groups that are there.
pub(super) fn dishes(
    restaurant_id: RestaurantId,
    dishes: &[Dish],
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

/// The groups are this restaurant's, each stands there once, and each can be answered.
pub(super) fn option_groups(
    restaurant_id: RestaurantId,
    groups: &[OptionGroup],
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
        option_group(&pointer, group, &mut options)?;
    }
    Ok(())
}

fn option_group(
    pointer: &str,
    group: &OptionGroup,
    seen: &mut BTreeSet<OptionId>,
) -> Result<(), Rejection> {
    words(&format!("{pointer}/title"), &group.title, 1, NAME_LETTERS)?;
    field::length(&format!("{pointer}/options"), group.options.len(), 1..=GROUP_OPTIONS)?;
    // The most that one line of a basket can choose.
    let most = i64::from(LINE_QUANTITY) * i64::try_from(LINE_OPTIONS).unwrap_or(i64::MAX);
    field::number(&format!("{pointer}/max"), group.max.into(), 1..=most)?;
    field::number(&format!("{pointer}/min"), group.min.into(), 0..=group.max.into())?;
    for (place, option) in group.options.iter().enumerate() {
        let pointer = format!("{pointer}/options/{place}");
        if !seen.insert(option.id) {
            return Err(field::invalid(format!("{pointer}/option_id"), "each option once"));
        }
        words(&format!("{pointer}/title"), &option.title, 1, NAME_LETTERS)?;
        field::amount(&format!("{pointer}/price"), option.price)?;
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
