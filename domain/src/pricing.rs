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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CityNumber, RestaurantId};
    use proptest::prelude::*;

    const CITY: CityNumber = CityNumber(1);

    fn dish_id(place: u8) -> DishId {
        DishId::derive(CITY, &[&[place]])
    }

    fn option_id(place: u8) -> OptionId {
        OptionId::derive(CITY, &[&[place]])
    }

    /// One dish for each price, all with the one group.
    fn menu(prices: &[i64], options: &[i64]) -> OnSale {
        let restaurant_id = RestaurantId::derive(CITY, &[b"r1"]);
        let group_id = OptionGroupId::derive(CITY, &[b"g"]);
        let group = OptionGroup {
            id: group_id,
            restaurant_id,
            title: Words::new(),
            min: 0,
            max: 1_000,
            options: (0..)
                .zip(options)
                .map(|(place, price)| DishOption {
                    id: option_id(place),
                    title: Words::new(),
                    price: Money(*price),
                })
                .collect(),
            archived: false,
        };
        let dish = |(place, price): (u8, &i64)| Dish {
            id: dish_id(place),
            restaurant_id,
            own_ref: None,
            title: Words::from([("pt".to_owned(), "sopa".to_owned())]),
            description: Words::new(),
            price: Money(*price),
            option_group_ids: vec![group_id],
            hidden: false,
            archived: false,
        };
        OnSale {
            dishes: (0..).zip(prices).map(dish).map(|dish| (dish.id, Arc::new(dish))).collect(),
            groups: BTreeMap::from([(group_id, Arc::new(group))]),
        }
    }

    fn terms(fees: (i64, i64), tip: i64, tax_millionths: i64) -> Terms<'static> {
        Terms {
            language: "pt",
            menu_version: 7,
            delivery_fee: Money(fees.0),
            service_fee: Money(fees.1),
            tax_millionths,
            tip: Money(tip),
        }
    }

    /// A dish, how often, and its options, each how often.
    type Line = (u8, u32, Vec<(u8, u32)>);

    fn wanted(lines: &[Line]) -> Vec<BasketLine> {
        let options = |options: &[(u8, u32)]| {
            options
                .iter()
                .map(|(place, quantity)| BasketOption {
                    option_id: option_id(*place),
                    quantity: *quantity,
                })
                .collect()
        };
        lines
            .iter()
            .map(|(place, quantity, chosen)| BasketLine {
                dish_id: dish_id(*place),
                quantity: *quantity,
                options: options(chosen),
            })
            .collect()
    }

    #[test]
    fn a_receipt_says_how_its_total_came_about() {
        let basket = wanted(&[(0, 2, vec![(0, 3)]), (1, 1, vec![])]);
        let receipt =
            price(&basket, &menu(&[1_000, 333], &[50]), &terms((299, 99), 100, 100_000)).unwrap();
        assert_eq!(receipt.lines[0].unit, Money(1_150));
        assert_eq!(receipt.lines[0].title, "sopa");
        assert_eq!(receipt.dishes, Money(2_300 + 333));
        assert_eq!(receipt.total, Money(2_633 + 299 + 99 + 100));
        // 209.09 + 30.27 + 27.18 + 9.00, each rounded
        assert_eq!(receipt.tax_included, Money(209 + 30 + 27 + 9));
        let untipped = receipt.clone().with_tip(Money::ZERO).unwrap();
        assert_eq!(untipped.total, Money(2_633 + 299 + 99));
        assert_eq!(untipped.with_tip(Money(100)), Some(receipt));
    }

    #[test]
    fn groups_are_answered_as_often_as_they_want() {
        let mut on_sale = menu(&[1_000], &[50, 60]);
        for group in on_sale.groups.values_mut() {
            let group = Arc::make_mut(group);
            (group.min, group.max) = (1, 2);
        }
        let try_with = |options: Vec<(u8, u32)>| {
            let basket = wanted(&[(0, 1, options)]);
            price(&basket, &on_sale, &terms((0, 0), 0, 0)).map(|receipt| receipt.total.0)
        };
        let wrong = |problem| Err(Rejection::BasketInvalid { line: 0, problem });
        assert_eq!(try_with(vec![]), wrong(BasketProblem::OptionCount));
        assert_eq!(try_with(vec![(0, 1)]), Ok(1_050));
        assert_eq!(try_with(vec![(0, 1), (1, 1)]), Ok(1_110));
        assert_eq!(try_with(vec![(1, 3)]), wrong(BasketProblem::OptionCount));
        assert_eq!(try_with(vec![(0, 0)]), wrong(BasketProblem::Quantity));
        assert_eq!(try_with(vec![(9, 1)]), wrong(BasketProblem::OptionUnknown));
        assert_eq!(try_with(vec![(0, 1), (0, 1)]), wrong(BasketProblem::OptionTwice));
    }

    fn line() -> impl Strategy<Value = Line> {
        let option = (0_u8..3, 1_u32..=99);
        (0_u8..4, 1_u32..=99, proptest::collection::vec(option, 0..3))
    }

    /// The rational sum of a basket, exactly, without any of the bounds.
    fn exact(lines: &[Line], prices: &[i64], options: &[i64]) -> i128 {
        let one = |(place, quantity, chosen): &Line| {
            let extras = chosen.iter().map(|(option, quantity)| {
                i128::from(options[usize::from(*option)]) * i128::from(*quantity)
            });
            let unit = i128::from(prices[usize::from(*place)]) + extras.sum::<i128>();
            unit * i128::from(*quantity)
        };
        lines.iter().map(one).sum()
    }

    proptest! {
        #[test]
        fn lines_sum_to_the_total(
            lines in proptest::collection::vec(line(), 1..20),
            prices in proptest::array::uniform4(prop_oneof![0_i64..5_000, 0..=AMOUNT]),
            options in proptest::array::uniform3(prop_oneof![0_i64..500, 0..=AMOUNT]),
            fees in (0_i64..2_000, 0_i64..500),
            tip in 0_i64..2_000,
            tax in 0_i64..=1_000_000,
        ) {
            let basket = wanted(&lines);
            let dishes = exact(&lines, &prices, &options);
            let total = dishes + i128::from(fees.0 + fees.1 + tip);
            match price(&basket, &menu(&prices, &options), &terms(fees, tip, tax)) {
                Ok(receipt) => {
                    prop_assert_eq!(i128::from(receipt.total.0), total);
                    prop_assert_eq!(i128::from(receipt.dishes.0), dishes);
                    let summed: i64 = receipt.lines.iter().map(|line| line.total.0).sum();
                    prop_assert_eq!(receipt.dishes.0, summed);
                    prop_assert!((0..=AMOUNT).contains(&receipt.total.0));
                    // Rounded once per line and fee: never further off than half a cent each.
                    let rate = i128::from(tax);
                    let taxed = total - i128::from(tip);
                    let claimed = i128::from(receipt.tax_included.0);
                    let off = claimed * (1_000_000 + rate) - taxed * rate;
                    let parts = i128::try_from(lines.len() + 2).unwrap();
                    prop_assert!(off.abs() * 2 <= parts * (1_000_000 + rate));
                }
                Err(Rejection::BasketInvalid { problem: BasketProblem::AmountTooLarge, .. }) => {
                    prop_assert!(total > i128::from(AMOUNT));
                }
                Err(Rejection::BasketInvalid { problem: BasketProblem::OptionTwice, .. }) => {}
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
