//! One function prices a basket. Integers only; the receipt is stored with the order.

use crate::city::{Fees, Taxes, Zone};
use crate::coupon::{Coupon, CouponHold};
use crate::ids::{DishId, OptionGroupId, OptionId, ZoneId};
use crate::limits::{AMOUNT, BASKET_LINES, LINE_OPTIONS, LINE_QUANTITY};
use crate::menu::{Allergen, Dish, DishOption, OptionGroup, Words};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::rejection::{BasketProblem, Rejection};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody wants to eat, before it is priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketLine {
    pub dish_id: DishId,
    pub quantity: u32,
    pub options: Vec<BasketOption>,
    /// For the kitchen, closed.
    #[serde(default)]
    pub note: Sealed,
    /// What happens if it turns out to be missing.
    #[serde(default)]
    pub if_unavailable: IfUnavailable,
}

/// What a customer wants where a dish is missing and they do not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfUnavailable {
    /// The rest of the order, without it.
    #[default]
    Remove,
    /// What the kitchen proposes.
    Substitute,
    /// Nothing at all.
    CancelOrder,
}

/// One answer to one of the dish's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketOption {
    pub option_id: OptionId,
    pub quantity: u32,
}

/// A priced basket. `total` is the sum of all that stands above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// Sum of the lines.
    pub dishes: Money,
    /// What the coupon takes off the dishes, spread over the lines.
    #[serde(default)]
    pub discount: Money,
    pub delivery_fee: Money,
    /// What the coupon takes off the delivery fee.
    #[serde(default)]
    pub delivery_discount: Money,
    pub service_fee: Money,
    #[serde(default)]
    pub small_order_fee: Money,
    #[serde(default)]
    pub bag_fee: Money,
    /// Tax that the amounts above already contain.
    pub tax_included: Money,
    /// Tax that comes on top of them.
    #[serde(default)]
    pub tax_added: Money,
    pub tip: Money,
    /// `dishes - discount + delivery_fee - delivery_discount + service_fee + small_order_fee +
    /// bag_fee + tax_added + tip`
    pub total: Money,
    /// The same tax by rate: class, millionths, what it is of, how much it is.
    #[serde(default)]
    pub taxes: Vec<TaxLine>,
    /// The code that was used.
    #[serde(default)]
    pub coupon: Option<CouponHold>,
    /// Where it goes, if the city has zones.
    #[serde(default)]
    pub zone_id: Option<ZoneId>,
    /// The menu it was priced with.
    pub menu_version: u64,
    /// The city's terms that it was priced with.
    #[serde(default)]
    pub terms_version: u64,
    /// Raised by each substitution; totals only fall.
    #[serde(default)]
    pub revision: u32,
}

/// The tax of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TaxLine {
    pub class: String,
    pub millionths: i64,
    /// Sum of the amounts that are taxed so, as they stand on the receipt.
    pub base: Money,
    pub tax: Money,
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
    /// This line's part of the coupon.
    #[serde(default)]
    pub discount: Money,
    #[serde(default)]
    pub tax_class: String,
    #[serde(default)]
    pub tax_millionths: i64,
    /// Tax in, or on, `total - discount`.
    #[serde(default)]
    pub tax: Money,
    #[serde(default)]
    pub note: Sealed,
    #[serde(default)]
    pub if_unavailable: IfUnavailable,
    #[serde(default)]
    pub allergens: BTreeSet<Allergen>,
    /// Years that the customer must have for it.
    #[serde(default)]
    pub min_age: u8,
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptOption {
    pub option_id: OptionId,
    pub title: String,
    pub quantity: u32,
    pub price: Money,
    /// So many of them cost nothing.
    #[serde(default)]
    pub free: u32,
    /// The dish that it is, if it is one.
    #[serde(default)]
    pub dish_id: Option<DishId>,
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
pub struct Terms<'a> {
    /// Titles on the receipt are in this language where the menu has it.
    pub language: &'a str,
    /// In which hours are read: an IANA name.
    pub time_zone: &'a str,
    /// See [`Receipt::menu_version`].
    pub menu_version: u64,
    /// See [`Receipt::terms_version`].
    pub terms_version: u64,
    /// The moment for which it is sold: prices, windows and peaks of that moment hold.
    pub at: Timestamp,
    /// Brought, or picked up: what is picked up has no delivery fee.
    pub fulfilment: Fulfilment,
    /// Metres from the kitchen to the door.
    pub distance_m: u32,
    /// The base of the delivery fee where neither zone nor city has one.
    pub restaurant_fee: Money,
    /// Where it goes, if the city has zones.
    pub zone: Option<&'a Zone>,
    /// The city's.
    pub fees: &'a Fees,
    /// The city's.
    pub taxes: &'a Taxes,
    /// Known to be good for this person, here and now; what it gives is computed here.
    pub coupon: Option<&'a Coupon>,
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
    let rate = terms.taxes.rate(None);
    let delivery_fee = match terms.fulfilment {
        Fulfilment::Delivery => terms.restaurant_fee,
        Fulfilment::Pickup => Money::ZERO,
    };
    let service_fee = terms.fees.service;
    let mut tax = contained(delivery_fee, rate) + contained(service_fee, rate);
    for (place, wanted) in basket.iter().enumerate() {
        let line = price_line(wanted, on_sale, terms).map_err(|why| impossible(place, why))?;
        if on_sale.dishes.get(&wanted.dish_id).is_some_and(|dish| dish.hidden) {
            hidden.push(wanted.dish_id);
        }
        dishes = bounded(dishes.checked_add(line.total))
            .ok_or_else(|| impossible(place, BasketProblem::AmountTooLarge))?;
        tax += contained(line.total, rate);
        lines.push(line);
    }
    if !hidden.is_empty() {
        return Err(Rejection::OutOfStock { dishes: hidden, options: Vec::new() });
    }
    let total = [delivery_fee, service_fee]
        .into_iter()
        .try_fold(dishes, |sum, part| bounded(sum.checked_add(part)))
        .ok_or_else(|| impossible(0, BasketProblem::AmountTooLarge))?;
    Ok(Receipt {
        lines,
        dishes,
        delivery_fee,
        service_fee,
        tax_included: Money(tax),
        total,
        menu_version: terms.menu_version,
        terms_version: terms.terms_version,
        ..Receipt::default()
    })
}

impl Receipt {
    /// What is owed where only the dishes are: after the coupon, with the tax that comes on top.
    pub fn dishes_with_tax(&self) -> Money {
        let on_top = if self.tax_added == Money::ZERO { 0 } else { 1 };
        let tax: i64 = self.lines.iter().map(|line| line.tax.0).sum();
        Money(self.dishes.0 - self.discount.0 + on_top * tax)
    }

    /// The total but for the tip.
    pub fn without_tip(&self) -> Money {
        Money(self.total.0 - self.tip.0)
    }

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
        discount: Money::ZERO,
        tax_class: dish.tax_class.clone().unwrap_or_default(),
        tax_millionths: 0,
        tax: Money::ZERO,
        note: wanted.note.clone(),
        if_unavailable: wanted.if_unavailable,
        allergens: dish.allergens.clone(),
        min_age: dish.min_age,
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
            free: 0,
            dish_id: option.dish_id,
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
