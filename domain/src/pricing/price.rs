//! From a basket to a receipt.

use super::fees::{Added, fees};
use super::line::price_line;
use super::rounding::{ONE, bounded, share, spread, tax};
use super::{BasketLine, OnSale, Receipt, ReceiptLine, TaxLine, Terms};
use crate::city::STANDARD;
use crate::coupon::{Coupon, CouponGives, CouponHold};
use crate::ids::DishId;
use crate::limits::BASKET_LINES;
use crate::money::Money;
use crate::rejection::{BasketProblem, Rejection};

/// Prices a basket: the lines, what the coupon takes off them, the fees, then the tax of each. A
/// tip comes later ([`Receipt::with_tip`]) and is not taxed.
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
    let (mut lines, dishes) = price_lines(basket, on_sale, terms)?;
    let discount = terms.coupon.map_or(Money::ZERO, |coupon| off_dishes(coupon, dishes));
    let totals: Vec<Money> = lines.iter().map(|line| line.total).collect();
    for (line, part) in lines.iter_mut().zip(spread(discount, &totals)) {
        line.discount = part;
    }
    let mut receipt =
        Receipt { lines, dishes, discount, menu_version: terms.menu_version, ..Receipt::default() };
    let brings_free = terms.coupon.is_some_and(|coupon| coupon.terms.gives.brings_free());
    complete(&mut receipt, brings_free, terms)
        .ok_or_else(|| impossible(0, BasketProblem::AmountTooLarge))?;
    if let Some(coupon) = terms.coupon {
        // Only one of the two is more than nothing.
        let amount = Money(receipt.discount.0 + receipt.delivery_discount.0);
        receipt.coupon = Some(CouponHold { coupon_id: coupon.id, amount });
    }
    Ok(receipt)
}

/// What a receipt would have been under other terms: the same dishes at the same prices and with
/// the same discount on them, and fees and taxes by these terms. For a look at what a change would
/// have meant. Nothing where the total would be absurd.
pub fn reprice(receipt: &Receipt, terms: &Terms<'_>) -> Option<Receipt> {
    let mut other = receipt.clone();
    for line in &mut other.lines {
        let class = Some(line.tax_class.as_str());
        line.tax_millionths = terms.taxes.rate(class);
        if !terms.taxes.classes.contains_key(&line.tax_class) {
            line.tax_class = STANDARD.to_owned();
        }
    }
    // Whoever had the way for free by a coupon has it for free again.
    let brings_free = receipt.delivery_discount > Money::ZERO;
    complete(&mut other, brings_free, terms)?;
    if let Some(coupon) = &mut other.coupon {
        coupon.amount = Money(other.discount.0 + other.delivery_discount.0);
    }
    Some(other)
}

/// Everything below the dishes: fees, taxes, total.
fn complete(receipt: &mut Receipt, brings_free: bool, terms: &Terms<'_>) -> Option<()> {
    let added = fees(receipt.dishes, receipt.discount, terms)?;
    let Added { delivery, service, small_order, bag } = added;
    receipt.delivery_fee = delivery;
    receipt.delivery_discount = if brings_free { delivery } else { Money::ZERO };
    receipt.service_fee = service;
    receipt.small_order_fee = small_order;
    receipt.bag_fee = bag;
    receipt.zone_id = terms.zone.map(|zone| zone.id);
    receipt.terms_version = terms.terms_version;
    add_tax(receipt, terms);
    receipt.total = bounded(receipt.sum())?;
    Some(())
}

/// Prices one line as if it were bought alone and without a coupon, with its tax: for what a
/// kitchen cooks instead. What is hidden is not on the menu then.
///
/// # Errors
/// Says why the line is not possible.
pub fn price_line_alone(
    wanted: &BasketLine,
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<ReceiptLine, BasketProblem> {
    let mut line = price_line(wanted, on_sale, terms)?;
    if is_hidden(wanted.dish_id, on_sale) {
        return Err(BasketProblem::DishUnknown);
    }
    line.tax = tax(line.total, line.tax_millionths, !terms.taxes.included);
    Ok(line)
}

/// The lines without discount and tax, and their sum.
fn price_lines(
    basket: &[BasketLine],
    on_sale: &OnSale,
    terms: &Terms<'_>,
) -> Result<(Vec<ReceiptLine>, Money), Rejection> {
    let mut lines = Vec::with_capacity(basket.len());
    let mut hidden = Vec::new();
    let mut dishes = Money::ZERO;
    for (place, wanted) in basket.iter().enumerate() {
        let line = price_line(wanted, on_sale, terms).map_err(|why| impossible(place, why))?;
        if is_hidden(wanted.dish_id, on_sale) && !hidden.contains(&wanted.dish_id) {
            hidden.push(wanted.dish_id);
        }
        dishes = bounded(dishes.checked_add(line.total))
            .ok_or_else(|| impossible(place, BasketProblem::AmountTooLarge))?;
        lines.push(line);
    }
    if hidden.is_empty() {
        return Ok((lines, dishes));
    }
    Err(Rejection::OutOfStock { dishes: hidden, options: Vec::new() })
}

fn is_hidden(dish_id: DishId, on_sale: &OnSale) -> bool {
    on_sale.dishes.get(&dish_id).is_some_and(|dish| dish.hidden)
}

/// What a coupon takes off the dishes: never more than they cost.
fn off_dishes(coupon: &Coupon, dishes: Money) -> Money {
    match coupon.terms.gives {
        CouponGives::Percent { millionths, up_to } => {
            let part = share(dishes, millionths, ONE).min(dishes);
            up_to.map_or(part, |up_to| part.min(up_to))
        }
        CouponGives::Fixed { amount } => amount.min(dishes),
        CouponGives::FreeDelivery => Money::ZERO,
    }
}

/// The tax of each line and of each fee, each rounded once, and the table.
fn add_tax(receipt: &mut Receipt, terms: &Terms<'_>) {
    let taxes = terms.taxes;
    receipt.tax_on_top = !taxes.included;
    for line in &mut receipt.lines {
        let net = Money(line.total.0 - line.discount.0);
        line.tax = tax(net, line.tax_millionths, receipt.tax_on_top);
    }
    let class = if taxes.classes.contains_key(&taxes.fees_class) {
        taxes.fees_class.as_str()
    } else {
        STANDARD
    };
    let rate = taxes.rate(Some(class));
    let of = |amount: Money| tax(amount, rate, receipt.tax_on_top);
    let way = Money(receipt.delivery_fee.0 - receipt.delivery_discount.0);
    let delivery_tax = of(way);
    let mut table = Vec::new();
    for line in &receipt.lines {
        let base = Money(line.total.0 - line.discount.0);
        count(&mut table, &line.tax_class, line.tax_millionths, base, line.tax);
    }
    for fee in [way, receipt.service_fee, receipt.small_order_fee, receipt.bag_fee] {
        count(&mut table, class, rate, fee, of(fee));
    }
    let sum = Money(table.iter().map(|row| row.tax.0).sum());
    (receipt.tax_included, receipt.tax_added) =
        if receipt.tax_on_top { (Money::ZERO, sum) } else { (sum, Money::ZERO) };
    receipt.delivery_tax = delivery_tax;
    receipt.taxes = table;
}

/// Adds to the row of a class, or takes away from it; a row of nothing is none. Sorted by class.
pub(super) fn count(
    table: &mut Vec<TaxLine>,
    class: &str,
    millionths: i64,
    base: Money,
    tax: Money,
) {
    let key = (class, millionths);
    let place = table.binary_search_by(|row| (row.class.as_str(), row.millionths).cmp(&key));
    let place = place.unwrap_or_else(|place| {
        let zero = Money::ZERO;
        table.insert(place, TaxLine { class: class.to_owned(), millionths, base: zero, tax: zero });
        place
    });
    let row = &mut table[place];
    row.base.0 += base.0;
    row.tax.0 += tax.0;
    if row.base == Money::ZERO && row.tax == Money::ZERO {
        table.remove(place);
    }
}

fn impossible(line: usize, problem: BasketProblem) -> Rejection {
    Rejection::BasketInvalid { line: u32::try_from(line).unwrap_or(u32::MAX), problem }
}
