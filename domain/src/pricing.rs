//! One function prices a basket. Integers only; the receipt is stored with the order.

use crate::ids::{DishId, OptionGroupId, OptionId};
use crate::limits::{AMOUNT, BASKET_LINES, LINE_OPTIONS, LINE_QUANTITY};
use crate::menu::{Dish, DishOption, OptionGroup, Words};
use crate::money::Money;
use crate::rejection::{BasketProblem, Rejection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What somebody wants to eat, before it is priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketLine {
    pub dish_id: DishId,
    pub quantity: u32,
    pub options: Vec<BasketOption>,
}

/// One answer to one of the dish's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketOption {
    pub option_id: OptionId,
    pub quantity: u32,
}

/// A priced basket. `total` is the sum of all that stands above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// Sum of the lines.
    pub dishes: Money,
    pub delivery_fee: Money,
    pub service_fee: Money,
    /// Tax that the amounts above already contain.
    pub tax_included: Money,
    pub tip: Money,
    pub total: Money,
    /// The menu it was priced with.
    pub menu_version: u64,
}

/// One line, with the names as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptLine {
    pub dish_id: DishId,
    pub title: String,
    pub quantity: u32,
    /// One dish with its options.
    pub unit: Money,
    pub options: Vec<ReceiptOption>,
    pub total: Money,
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptOption {
    pub option_id: OptionId,
    pub title: String,
    pub quantity: u32,
    pub price: Money,
}

/// The dishes that a basket names, and the choices on them, as they stand on the menu.
#[derive(Clone, Debug, Default)]
pub struct OnSale {
    /// Those that are there; archived and hidden ones too.
    pub dishes: BTreeMap<DishId, Arc<Dish>>,
    /// Every group of those dishes.
    pub groups: BTreeMap<OptionGroupId, Arc<OptionGroup>>,
}

/// What a basket is priced with, besides the menu.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Terms<'a> {
    /// Titles on the receipt are in this language where the menu has it.
    pub language: &'a str,
    pub menu_version: u64,
    pub delivery_fee: Money,
    pub service_fee: Money,
    /// The tax inside all prices, in millionths.
    pub tax_millionths: i64,
    /// Untaxed.
    pub tip: Money,
}

/// Prices a basket: the lines, then the fees, then the tip. Nothing here rounds but the tax that is
/// contained, once per line and fee, half up.
///
/// # Errors
/// Says which line is not possible and why, or which dishes are not sold at the moment.
pub fn price(
    basket: &[BasketLine],
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<Receipt, Rejection> {
    if basket.is_empty() {
        return Err(impossible(0, BasketProblem::Empty));
    }
    if basket.len() > BASKET_LINES {
        return Err(impossible(BASKET_LINES, BasketProblem::TooManyLines));
    }
    let mut lines = Vec::with_capacity(basket.len());
    let mut hidden = Vec::new();
    let mut dishes = Money::ZERO;
    let mut tax = contained(terms.delivery_fee, terms.tax_millionths)
        + contained(terms.service_fee, terms.tax_millionths);
    for (place, wanted) in basket.iter().enumerate() {
        let line = price_line(wanted, on_sale, terms).map_err(|why| impossible(place, why))?;
        if on_sale.dishes.get(&wanted.dish_id).is_some_and(|dish| dish.hidden) {
            hidden.push(wanted.dish_id);
        }
        dishes = bounded(dishes.checked_add(line.total))
            .ok_or_else(|| impossible(place, BasketProblem::AmountTooLarge))?;
        tax += contained(line.total, terms.tax_millionths);
        lines.push(line);
    }
    if !hidden.is_empty() {
        return Err(Rejection::OutOfStock { dishes: hidden });
    }
    let total = [terms.delivery_fee, terms.service_fee, terms.tip]
        .into_iter()
        .try_fold(dishes, |sum, part| bounded(sum.checked_add(part)))
        .ok_or_else(|| impossible(0, BasketProblem::AmountTooLarge))?;
    Ok(Receipt {
        lines,
        dishes,
        delivery_fee: terms.delivery_fee,
        service_fee: terms.service_fee,
        tax_included: Money(tax),
        tip: terms.tip,
        total,
        menu_version: terms.menu_version,
    })
}

impl Receipt {
    /// The same receipt with a tip on it; nothing where the total would be absurd.
    pub fn with_tip(mut self, tip: Money) -> Option<Self> {
        let untipped = self.total.checked_sub(self.tip)?;
        self.total = bounded(untipped.checked_add(tip))?;
        self.tip = tip;
        Some(self)
    }
}

fn price_line(
    wanted: &BasketLine,
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<ReceiptLine, BasketProblem> {
    if !(1..=LINE_QUANTITY).contains(&wanted.quantity) {
        return Err(BasketProblem::Quantity);
    }
    let dish = on_sale.dishes.get(&wanted.dish_id).filter(|dish| !dish.archived);
    let dish = dish.ok_or(BasketProblem::DishUnknown)?;
    let options = choose(wanted, dish, on_sale, terms)?;
    let mut unit = dish.price;
    for option in &options {
        let extra = option.price.checked_mul(option.quantity.into());
        unit = bounded(extra.and_then(|extra| unit.checked_add(extra)))
            .ok_or(BasketProblem::AmountTooLarge)?;
    }
    let total =
        bounded(unit.checked_mul(wanted.quantity.into())).ok_or(BasketProblem::AmountTooLarge)?;
    Ok(ReceiptLine {
        dish_id: dish.id,
        title: in_language(&dish.title, terms.language),
        quantity: wanted.quantity,
        unit,
        options,
        total,
    })
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
    let groups: Vec<&OptionGroup> = dish
        .option_group_ids
        .iter()
        .filter_map(|id| on_sale.groups.get(id))
        .filter(|group| !group.archived)
        .map(Arc::as_ref)
        .collect();
    let mut answers = vec![0_u32; groups.len()];
    let mut chosen: Vec<ReceiptOption> = Vec::with_capacity(wanted.options.len());
    for want in &wanted.options {
        if chosen.iter().any(|option| option.option_id == want.option_id) {
            return Err(BasketProblem::OptionTwice);
        }
        if !(1..=LINE_QUANTITY).contains(&want.quantity) {
            return Err(BasketProblem::Quantity);
        }
        let (group, option) =
            find_option(&groups, want.option_id).ok_or(BasketProblem::OptionUnknown)?;
        answers[group] += want.quantity;
        chosen.push(ReceiptOption {
            option_id: option.id,
            title: in_language(&option.title, terms.language),
            quantity: want.quantity,
            price: option.price,
        });
    }
    let answered = groups.iter().zip(&answers).all(|(g, n)| (g.min..=g.max).contains(n));
    if answered { Ok(chosen) } else { Err(BasketProblem::OptionCount) }
}

/// The option, and the place of its group. The first group that has it, should two have it.
fn find_option<'a>(groups: &[&'a OptionGroup], id: OptionId) -> Option<(usize, &'a DishOption)> {
    groups.iter().enumerate().find_map(|(place, group)| {
        group.options.iter().find(|option| option.id == id).map(|option| (place, option))
    })
}

/// The text in that language, else in the first there is.
fn in_language(words: &Words, language: &str) -> String {
    words.get(language).or_else(|| words.values().next()).cloned().unwrap_or_default()
}

/// The tax that an amount contains, rounded half up.
fn contained(amount: Money, millionths: i64) -> i64 {
    let rate = i128::from(millionths);
    let whole = 1_000_000 + rate;
    let part = (i128::from(amount.0) * rate * 2 + whole) / (whole * 2);
    // Never more than the amount itself, so it fits.
    i64::try_from(part).unwrap_or(amount.0)
}

/// Nothing but amounts that a person can pay.
fn bounded(amount: Option<Money>) -> Option<Money> {
    amount.filter(|amount| (0..=AMOUNT).contains(&amount.0))
}

fn impossible(line: usize, problem: BasketProblem) -> Rejection {
    Rejection::BasketInvalid { line: u32::try_from(line).unwrap_or(u32::MAX), problem }
}
