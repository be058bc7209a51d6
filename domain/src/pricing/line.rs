//! One line of a basket: the dish at the price of the moment, and its options.

use super::rounding::bounded;
use super::{BasketLine, OnSale, ReceiptLine, ReceiptOption, Terms};
use crate::calendar::WeeklyHours;
use crate::city::STANDARD;
use crate::ids::OptionId;
use crate::limits::{LINE_OPTIONS, LINE_QUANTITY};
use crate::menu::{Allergen, Dish, DishOption, OptionGroup, Words};
use crate::money::Money;
use crate::rejection::BasketProblem;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The line without a discount and without its tax.
pub(super) fn price_line(
    wanted: &BasketLine,
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<ReceiptLine, BasketProblem> {
    if !(1..=LINE_QUANTITY).contains(&wanted.quantity) {
        return Err(BasketProblem::Quantity);
    }
    let dish = on_sale.dishes.get(&wanted.dish_id).filter(|dish| !dish.archived);
    let dish = dish.ok_or(BasketProblem::DishUnknown)?;
    if !holds(&dish.windows, terms) || !holds(&dish.category_windows, terms) {
        return Err(BasketProblem::NotSoldThen);
    }
    let options = choose(wanted, dish, on_sale, terms)?;
    let mut unit = price_then(dish, terms);
    for option in &options {
        let paid = option.quantity.saturating_sub(option.free);
        let extra = option.price.checked_mul(paid.into());
        unit = bounded(extra.and_then(|extra| unit.checked_add(extra)))
            .ok_or(BasketProblem::AmountTooLarge)?;
    }
    let total =
        bounded(unit.checked_mul(wanted.quantity.into())).ok_or(BasketProblem::AmountTooLarge)?;
    let allergens = allergens(&options, dish, on_sale);
    // A class that operators have removed is taxed as standard, and the receipt says so.
    let class = dish.tax_class.as_ref().filter(|class| terms.taxes.classes.contains_key(*class));
    Ok(ReceiptLine {
        dish_id: dish.id,
        title: in_language(&dish.title, terms.language),
        quantity: wanted.quantity,
        unit,
        options,
        total,
        discount: Money::ZERO,
        tax_class: class.cloned().unwrap_or_else(|| STANDARD.to_owned()),
        tax_millionths: terms.taxes.rate(class.map(String::as_str)),
        tax: Money::ZERO,
        note: wanted.note.clone(),
        if_unavailable: wanted.if_unavailable,
        allergens,
        min_age: dish.min_age,
    })
}

/// What people can be allergic to in the dish and in what was chosen with it.
fn allergens(options: &[ReceiptOption], dish: &Dish, on_sale: &OnSale) -> BTreeSet<Allergen> {
    let is_chosen = |id| options.iter().any(|chosen| chosen.option_id == id);
    let all = groups(dish, on_sale).flat_map(|group| &group.options);
    let chosen = all.filter(|option| is_chosen(option.id)).flat_map(|option| &option.allergens);
    dish.allergens.iter().chain(chosen).copied().collect()
}

/// Whether these hours hold at the moment of the sale; no hours are all hours.
fn holds(windows: &Option<WeeklyHours>, terms: &Terms<'_>) -> bool {
    let open = |hours: &WeeklyHours| hours.state_at(terms.at, terms.time_zone).open;
    windows.as_ref().is_none_or(open)
}

/// The first of the dish's other prices that fits, else its own.
fn price_then(dish: &Dish, terms: &Terms<'_>) -> Money {
    let fits = dish.prices.iter().find(|other| {
        other.fulfilment.is_none_or(|only| only == terms.fulfilment) && holds(&other.windows, terms)
    });
    fits.map_or(dish.price, |other| other.price)
}

/// A group while its question is answered.
struct Answered<'a> {
    group: &'a OptionGroup,
    /// Places among the chosen options.
    chosen: Vec<usize>,
    units: u32,
}

/// The chosen options, if they answer each of the dish's questions as often as it wants.
fn choose(
    wanted: &BasketLine,
    dish: &Dish,
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<Vec<ReceiptOption>, BasketProblem> {
    if wanted.options.len() > LINE_OPTIONS {
        return Err(BasketProblem::OptionCount);
    }
    let mut answers: Vec<Answered<'_>> = groups(dish, on_sale)
        .map(|group| Answered { group, chosen: Vec::new(), units: 0 })
        .collect();
    let mut chosen: Vec<ReceiptOption> = Vec::with_capacity(wanted.options.len());
    for want in &wanted.options {
        if chosen.iter().any(|option| option.option_id == want.option_id) {
            return Err(BasketProblem::OptionTwice);
        }
        if !(1..=LINE_QUANTITY).contains(&want.quantity) {
            return Err(BasketProblem::Quantity);
        }
        let (answered, option) =
            find_option(&mut answers, want.option_id).ok_or(BasketProblem::OptionUnknown)?;
        if want.quantity > option.max_quantity {
            return Err(BasketProblem::OptionQuantity);
        }
        answered.add(option, want.quantity, terms, &mut chosen);
    }
    for answered in &mut answers {
        if answered.chosen.is_empty() {
            for option in answered.group.options.iter().filter(|option| option.default) {
                answered.add(option, 1, terms, &mut chosen);
            }
        }
        let range = answered.group.min..=answered.group.max;
        if !range.contains(&answered.units) || chosen.len() > LINE_OPTIONS {
            return Err(BasketProblem::OptionCount);
        }
        answered.give_free(&mut chosen);
    }
    Ok(chosen)
}

impl Answered<'_> {
    fn add(
        &mut self,
        option: &DishOption,
        quantity: u32,
        terms: &Terms<'_>,
        chosen: &mut Vec<ReceiptOption>,
    ) {
        self.units = self.units.saturating_add(quantity);
        self.chosen.push(chosen.len());
        chosen.push(ReceiptOption {
            option_id: option.id,
            title: in_language(&option.title, terms.language),
            quantity,
            price: option.price,
            free: 0,
            dish_id: option.dish_id,
        });
    }

    /// The cheapest units cost nothing, as many as the group gives away; of equal ones the first.
    fn give_free(&mut self, chosen: &mut [ReceiptOption]) {
        let mut left = self.group.free;
        self.chosen.sort_by_key(|place| chosen[*place].price);
        for place in &self.chosen {
            let free = left.min(chosen[*place].quantity);
            chosen[*place].free = free;
            left -= free;
        }
    }
}

/// The questions that come with a dish.
fn groups<'a>(dish: &'a Dish, on_sale: &'a OnSale) -> impl Iterator<Item = &'a OptionGroup> {
    let found = dish.option_group_ids.iter().filter_map(|id| on_sale.groups.get(id));
    found.map(Arc::as_ref).filter(|group| !group.archived)
}

/// The option, and the group whose answer it is: the first that has it, should two have it.
fn find_option<'a, 'b>(
    answers: &'b mut [Answered<'a>],
    id: OptionId,
) -> Option<(&'b mut Answered<'a>, &'a DishOption)> {
    answers.iter_mut().find_map(|answered| {
        let group: &'a OptionGroup = answered.group;
        let option = group.options.iter().find(|option| option.id == id)?;
        Some((answered, option))
    })
}

/// The text in that language, else in the first there is.
fn in_language(words: &Words, language: &str) -> String {
    words.get(language).or_else(|| words.values().next()).cloned().unwrap_or_default()
}
