//! Menus as people write them, on their way to the domain, and back again where one is merged.

use super::error::{Answer, Fail};
use api::codes::Code;
use api::menus as shape;
use api::restaurants::Hours;
use domain::calendar::WeeklyHours;
use domain::ids::{CategoryId, CityNumber, DishId, OptionGroupId, OptionId, RestaurantId};
use domain::image::ImageHash;
use domain::menu::{Category, ContextPrice, Dish, DishOption, OptionGroup, PutMenu};
use domain::money::Money;

/// The ids of a menu's parts follow from the restaurant and its own keys. Where a key is asked for,
/// an id will do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) city: CityNumber,
    pub(super) id: RestaurantId,
}

/// A whole menu as the domain keeps it; `at` is where it stands in the body.
pub(super) fn whole(
    city: CityNumber,
    id: RestaurantId,
    body: shape::MenuInput,
    at: &str,
    if_version: Option<u64>,
) -> Answer<PutMenu> {
    let parts = Parts { city, id };
    let categories = body.categories.into_iter().enumerate();
    let categories = categories
        .map(|(place, category)| parts.category(category, &format!("{at}/categories/{place}")));
    let dishes = body.dishes.into_iter().enumerate();
    let dishes = dishes.map(|(place, dish)| parts.dish(dish, &format!("{at}/dishes/{place}")));
    let groups = body.option_groups.into_iter().enumerate();
    let groups =
        groups.map(|(place, group)| parts.group(group, &format!("{at}/option_groups/{place}")));
    Ok(PutMenu {
        restaurant_id: id,
        if_version,
        categories: categories.collect::<Result<_, _>>()?,
        dishes: dishes.collect::<Result<_, _>>()?,
        option_groups: groups.collect::<Result<_, _>>()?,
    })
}

impl Parts {
    pub(super) fn dish_id(&self, name: &str) -> DishId {
        let derived = || DishId::derive(self.city, &[&self.id.0, name.as_bytes()]);
        name.parse().unwrap_or_else(|_| derived())
    }

    pub(super) fn group_id(&self, name: &str) -> OptionGroupId {
        let derived = || OptionGroupId::derive(self.city, &[&self.id.0, name.as_bytes()]);
        name.parse().unwrap_or_else(|_| derived())
    }

    pub(super) fn category_id(&self, name: &str) -> CategoryId {
        let derived = || CategoryId::derive(self.city, &[&self.id.0, name.as_bytes()]);
        name.parse().unwrap_or_else(|_| derived())
    }

    pub(super) fn category(&self, category: shape::CategoryInput, at: &str) -> Answer<Category> {
        let id = match (category.category_id, &category.own_ref) {
            (Some(id), _) => id,
            (None, Some(own_ref)) => self.category_id(own_ref),
            (None, None) => return Err(nameless(at, "category_id")),
        };
        Ok(Category {
            id,
            title: category.title,
            dish_ids: category.dishes.iter().map(|name| self.dish_id(name)).collect(),
            windows: week(category.windows, at)?,
        })
    }

    pub(super) fn dish(&self, dish: shape::DishInput, at: &str) -> Answer<Dish> {
        let id = match (dish.dish_id, &dish.own_ref) {
            (Some(id), _) => id,
            (None, Some(own_ref)) => self.dish_id(own_ref),
            (None, None) => return Err(nameless(at, "dish_id")),
        };
        let mut prices = Vec::with_capacity(dish.prices_by.len());
        for (place, price) in dish.prices_by.into_iter().enumerate() {
            prices.push(ContextPrice {
                fulfilment: price.fulfilment,
                windows: week(price.windows, &format!("{at}/prices_by/{place}"))?,
                price: Money(price.price),
            });
        }
        Ok(Dish {
            id,
            restaurant_id: self.id,
            own_ref: dish.own_ref,
            title: dish.title,
            description: dish.description,
            price: Money(dish.price),
            prices,
            tax_class: dish.tax_class,
            image: dish.image.map(|hash| image(&hash, at)).transpose()?,
            allergens: dish.allergens,
            diet: dish.diet,
            calories: dish.calories,
            alcohol: dish.alcohol,
            min_age: dish.min_age,
            windows: week(dish.windows, at)?,
            category_windows: None,
            option_group_ids: dish.option_groups.iter().map(|name| self.group_id(name)).collect(),
            hidden: dish.hidden,
            archived: false,
        })
    }

    pub(super) fn group(&self, group: shape::OptionGroupInput, at: &str) -> Answer<OptionGroup> {
        let id = match (group.option_group_id, &group.own_ref) {
            (Some(id), _) => id,
            (None, Some(own_ref)) => self.group_id(own_ref),
            (None, None) => return Err(nameless(at, "option_group_id")),
        };
        let options = group.options.into_iter().enumerate();
        let options = options
            .map(|(place, option)| self.option(id, option, &format!("{at}/options/{place}")));
        Ok(OptionGroup {
            id,
            restaurant_id: self.id,
            title: group.title,
            min: group.min,
            max: group.max,
            free: group.free,
            options: options.collect::<Result<_, _>>()?,
            archived: false,
        })
    }

    fn option(
        &self,
        group_id: OptionGroupId,
        option: shape::OptionInput,
        at: &str,
    ) -> Answer<DishOption> {
        let id = match (option.option_id, &option.own_ref) {
            (Some(id), _) => id,
            (None, Some(own_ref)) => {
                OptionId::derive(self.city, &[&group_id.0, own_ref.as_bytes()])
            }
            (None, None) => return Err(nameless(at, "option_id")),
        };
        Ok(DishOption {
            id,
            title: option.title,
            price: Money(option.price),
            max_quantity: option.max_quantity,
            default: option.default,
            allergens: option.allergens,
            dish_id: option.dish.map(|name| self.dish_id(&name)),
        })
    }
}

/// A dish as somebody would have written it, by its id.
pub(super) fn dish_again(dish: &Dish) -> shape::DishInput {
    let price = |price: &ContextPrice| shape::PriceByInput {
        fulfilment: price.fulfilment,
        windows: price.windows.as_ref().map(Hours::of),
        price: price.price.0,
    };
    shape::DishInput {
        own_ref: dish.own_ref.clone(),
        dish_id: Some(dish.id),
        title: dish.title.clone(),
        description: dish.description.clone(),
        price: dish.price.0,
        prices_by: dish.prices.iter().map(price).collect(),
        tax_class: dish.tax_class.clone(),
        image: dish.image.map(|hash| hash.to_string()),
        allergens: dish.allergens.clone(),
        diet: dish.diet.clone(),
        calories: dish.calories,
        alcohol: dish.alcohol,
        min_age: dish.min_age,
        windows: dish.windows.as_ref().map(Hours::of),
        option_groups: dish.option_group_ids.iter().map(ToString::to_string).collect(),
        hidden: dish.hidden,
    }
}

/// A question as somebody would have written it, by its id.
pub(super) fn group_again(group: &OptionGroup) -> shape::OptionGroupInput {
    let option = |option: &DishOption| shape::OptionInput {
        own_ref: None,
        option_id: Some(option.id),
        title: option.title.clone(),
        price: option.price.0,
        max_quantity: option.max_quantity,
        default: option.default,
        allergens: option.allergens.clone(),
        dish: option.dish_id.map(|id| id.to_string()),
    };
    shape::OptionGroupInput {
        own_ref: None,
        option_group_id: Some(group.id),
        title: group.title.clone(),
        min: group.min,
        max: group.max,
        free: group.free,
        options: group.options.iter().map(option).collect(),
    }
}

/// A category as somebody would have written it, by its id.
pub(super) fn category_again(category: &Category) -> shape::CategoryInput {
    shape::CategoryInput {
        own_ref: None,
        category_id: Some(category.id),
        title: category.title.clone(),
        dishes: category.dish_ids.iter().map(ToString::to_string).collect(),
        windows: category.windows.as_ref().map(Hours::of),
    }
}

fn nameless(at: &str, id: &str) -> Fail {
    let rule = format!("name it by ref (your own key) or by {id}");
    Fail::field(Code::FieldInvalid, format!("{at}/ref"), rule)
}

fn week(hours: Option<Hours>, at: &str) -> Answer<Option<WeeklyHours>> {
    let Some(hours) = hours else { return Ok(None) };
    let read = hours.to_domain().map_err(|error| {
        let pointer = format!("{at}/windows/{}/{}", error.day, error.place);
        Fail::field(Code::FieldInvalid, pointer, "looks like 11:30-15:00")
    })?;
    Ok(Some(read))
}

fn image(hash: &str, at: &str) -> Answer<ImageHash> {
    let wrong = |error: domain::image::ImageHashError| {
        Fail::field(Code::FieldInvalid, format!("{at}/image"), error.to_string())
    };
    hash.parse().map_err(wrong)
}
