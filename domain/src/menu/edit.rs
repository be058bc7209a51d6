//! A dish more, or a dish changed.

use super::put::{set_category_windows, write_menu, write_new};
use super::{Category, Dish, Menu, OptionGroup, Words, check};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::city::Taxes;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{CategoryId, RestaurantId};
use crate::limits::{MENU_CATEGORIES, MENU_DISHES, MENU_GROUPS};
use crate::outcome::{Changes, Outcome};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Adds or replaces dishes and option groups by id, and leaves the rest as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMenu {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// The version this was made from, if the caller saw one: another is `VersionChanged`.
    #[serde(default)]
    pub if_version: Option<u64>,
    /// New or changed dishes.
    pub dishes: Vec<Dish>,
    /// New or changed groups.
    pub option_groups: Vec<OptionGroup>,
    /// Where new dishes go; made, with no title, if it is not there.
    pub category_id: CategoryId,
}

pub(crate) fn edit_menu(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    mut command: EditMenu,
) -> Result<Outcome, Unreadable> {
    let restaurant_id = command.restaurant_id;
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let before = city.menu(restaurant_id)?;
    let before = before.map_or_else(|| empty(restaurant_id), Arc::unwrap_or_clone);
    let menu = edited(&before, &command);
    let taxes = match check::taxes(city, stamp)? {
        Ok(taxes) => taxes,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if let Err(why) = check(&command, &menu, &taxes) {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = check::images(city, &command.dishes)? {
        return Ok(Outcome::rejected(why));
    }
    set_category_windows(&mut command.dishes, &menu.categories);
    command.dishes.iter_mut().for_each(|dish| dish.archived = false);
    command.option_groups.iter_mut().for_each(|group| group.archived = false);

    let mut changes = Changes::new(stamp);
    let changed = write_new(city, &mut changes, command.dishes, command.option_groups)?;
    if !changed && menu == before {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    // Before the version: a repeat has seen the version that it has itself replaced.
    let seen = command.if_version;
    if seen.is_some_and(|seen| seen != restaurant.menu_version) {
        return Ok(Outcome::rejected(Rejection::VersionChanged {
            version: restaurant.menu_version,
        }));
    }
    let version = restaurant.menu_version + 1;
    write_menu(&mut changes, restaurant, Menu { version, ..menu });
    Ok(changes.yes())
}

fn empty(restaurant_id: RestaurantId) -> Menu {
    Menu {
        restaurant_id,
        version: 0,
        categories: Vec::new(),
        dish_ids: Vec::new(),
        option_group_ids: Vec::new(),
    }
}

/// The menu with the new ids on it; dishes that stand somewhere already stay where they are.
fn edited(before: &Menu, wish: &EditMenu) -> Menu {
    let mut menu = before.clone();
    for group in &wish.option_groups {
        if let Err(place) = menu.option_group_ids.binary_search(&group.id) {
            menu.option_group_ids.insert(place, group.id);
        }
    }
    for dish in &wish.dishes {
        let Err(place) = menu.dish_ids.binary_search(&dish.id) else {
            continue;
        };
        menu.dish_ids.insert(place, dish.id);
        match menu.categories.iter_mut().find(|category| category.id == wish.category_id) {
            Some(category) => category.dish_ids.push(dish.id),
            None => menu.categories.push(Category {
                id: wish.category_id,
                title: Words::new(),
                dish_ids: vec![dish.id],
                windows: None,
            }),
        }
    }
    menu
}

fn check(wish: &EditMenu, menu: &Menu, taxes: &Taxes) -> Result<(), Rejection> {
    field::length("/dishes", menu.dish_ids.len(), 0..=MENU_DISHES)?;
    field::length("/option_groups", menu.option_group_ids.len(), 0..=MENU_GROUPS)?;
    field::length("/categories", menu.categories.len(), 0..=MENU_CATEGORIES)?;
    check::option_groups(wish.restaurant_id, &wish.option_groups, |id| {
        menu.dish_ids.binary_search(&id).is_ok()
    })?;
    check::dishes(wish.restaurant_id, &wish.dishes, taxes, |id| {
        menu.option_group_ids.binary_search(&id).is_ok()
    })
}
