//! The whole menu at once.

use super::{Category, Dish, Menu, OptionGroup, check};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::city::Taxes;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{DishId, OptionGroupId, RestaurantId};
use crate::limits::{MENU_CATEGORIES, MENU_DISHES, MENU_GROUPS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::Restaurant;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Replaces the menu; what it leaves out is archived, and no stock is touched. Managers and
/// operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutMenu {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// The version this replaces, if the caller saw one: another is `VersionChanged`.
    pub if_version: Option<u64>,
    /// In the order they are shown.
    pub categories: Vec<Category>,
    /// Every dish that a category names, and no dish twice.
    pub dishes: Vec<Dish>,
    /// Every group that a dish names.
    pub option_groups: Vec<OptionGroup>,
}

pub(crate) fn put_menu(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    mut command: PutMenu,
) -> Result<Outcome, Unreadable> {
    let restaurant_id = command.restaurant_id;
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let taxes = match check::taxes(city, stamp)? {
        Ok(taxes) => taxes,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if let Err(why) = check(&command, &taxes) {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = check::images(city, &command.dishes)? {
        return Ok(Outcome::rejected(why));
    }
    command.dishes.iter_mut().for_each(|dish| dish.archived = false);
    set_category_windows(&mut command.dishes, &command.categories);
    command.option_groups.iter_mut().for_each(|group| group.archived = false);

    let before = city.menu(restaurant_id)?;
    let mut changes = Changes::new(stamp);
    let dish_ids: BTreeSet<DishId> = command.dishes.iter().map(|dish| dish.id).collect();
    let group_ids: BTreeSet<OptionGroupId> = command.option_groups.iter().map(|g| g.id).collect();
    let mut changed = write_new(city, &mut changes, command.dishes, command.option_groups)?;
    if let Some(menu) = before.as_deref() {
        changed |= archive_old(city, &mut changes, menu, &dish_ids, &group_ids)?;
    }
    changed |= before.as_ref().map(|menu| &menu.categories) != Some(&command.categories);
    // Before the version: a repeat has seen the version that it has itself replaced.
    if !changed {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    let version = restaurant.menu_version;
    if command.if_version.is_some_and(|seen| seen != version) {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    let menu = Menu {
        restaurant_id,
        version: version + 1,
        categories: command.categories,
        dish_ids: dish_ids.into_iter().collect(),
        option_group_ids: group_ids.into_iter().collect(),
    };
    write_menu(&mut changes, restaurant, menu);
    Ok(changes.yes())
}

/// Each dish keeps the hours of its category, so that selling it reads no menu.
pub(super) fn set_category_windows(dishes: &mut [Dish], categories: &[Category]) {
    let mut windows = BTreeMap::new();
    for category in categories {
        windows.extend(category.dish_ids.iter().map(|dish_id| (*dish_id, &category.windows)));
    }
    for dish in dishes {
        dish.category_windows = windows.get(&dish.id).and_then(|windows| (*windows).clone());
    }
}

fn check(wish: &PutMenu, taxes: &Taxes) -> Result<(), Rejection> {
    field::length("/categories", wish.categories.len(), 0..=MENU_CATEGORIES)?;
    field::length("/dishes", wish.dishes.len(), 0..=MENU_DISHES)?;
    field::length("/option_groups", wish.option_groups.len(), 0..=MENU_GROUPS)?;
    check::categories(&wish.categories)?;
    let dishes: BTreeSet<DishId> = wish.dishes.iter().map(|dish| dish.id).collect();
    check::option_groups(wish.restaurant_id, &wish.option_groups, |id| dishes.contains(&id))?;
    let groups: BTreeSet<OptionGroupId> = wish.option_groups.iter().map(|g| g.id).collect();
    check::dishes(wish.restaurant_id, &wish.dishes, taxes, |id| groups.contains(&id))?;

    let mut shown = BTreeSet::new();
    for (place, category) in wish.categories.iter().enumerate() {
        for (number, dish_id) in category.dish_ids.iter().enumerate() {
            let pointer = || format!("/categories/{place}/dish_ids/{number}");
            if !dishes.contains(dish_id) {
                return Err(field::invalid(pointer(), "a dish of this menu"));
            }
            if !shown.insert(*dish_id) {
                return Err(field::invalid(pointer(), "each dish in one category"));
            }
        }
    }
    match wish.dishes.iter().position(|dish| !shown.contains(&dish.id)) {
        Some(place) => Err(field::invalid(format!("/dishes/{place}"), "a dish of a category")),
        None => Ok(()),
    }
}

/// Writes what is new or different, and says whether anything is.
pub(super) fn write_new(
    city: &impl View,
    changes: &mut Changes,
    dishes: Vec<Dish>,
    groups: Vec<OptionGroup>,
) -> Result<bool, Unreadable> {
    let mut changed = false;
    for dish in dishes {
        if city.dish(dish.restaurant_id, dish.id)?.as_deref() != Some(&dish) {
            changes.write(Write::Dish(Arc::new(dish)));
            changed = true;
        }
    }
    for group in groups {
        if city.option_group(group.restaurant_id, group.id)?.as_deref() != Some(&group) {
            changes.write(Write::OptionGroup(Arc::new(group)));
            changed = true;
        }
    }
    Ok(changed)
}

/// Archives what the new menu leaves out, and says whether there is any of it.
fn archive_old(
    city: &impl View,
    changes: &mut Changes,
    before: &Menu,
    dishes: &BTreeSet<DishId>,
    groups: &BTreeSet<OptionGroupId>,
) -> Result<bool, Unreadable> {
    let restaurant_id = before.restaurant_id;
    let mut changed = false;
    for dish_id in before.dish_ids.iter().filter(|id| !dishes.contains(id)) {
        if let Some(dish) = city.dish(restaurant_id, *dish_id)? {
            let mut dish = Arc::unwrap_or_clone(dish);
            dish.archived = true;
            changes.write(Write::Dish(Arc::new(dish)));
            changed = true;
        }
    }
    for group_id in before.option_group_ids.iter().filter(|id| !groups.contains(id)) {
        if let Some(group) = city.option_group(restaurant_id, *group_id)? {
            let mut group = Arc::unwrap_or_clone(group);
            group.archived = true;
            changes.write(Write::OptionGroup(Arc::new(group)));
            changed = true;
        }
    }
    Ok(changed)
}

/// The new order of things, and the restaurant that has it.
pub(super) fn write_menu(changes: &mut Changes, restaurant: Arc<Restaurant>, menu: Menu) {
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.menu_version = menu.version;
    restaurant.dish_count = u32::try_from(menu.dish_ids.len()).unwrap_or(u32::MAX);
    restaurant.revision = changes.stamp().index;
    let (restaurant_id, version) = (menu.restaurant_id, menu.version);
    changes.write(Write::Menu(Arc::new(menu)));
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    changes.event(Event::MenuChanged { restaurant_id, version });
}
