//! What a receipt says of its parts: what goes back for some of it, and what is left without some.
//!
//! All of it is computed from the receipt alone, whatever the menu or the terms say by then.

use super::price::count;
use super::rounding::{bounded, share, tax};
use super::{Receipt, ReceiptLine, TaxLine};
use crate::claim::ClaimLine;
use crate::money::Money;
use std::collections::BTreeMap;

impl Receipt {
    /// The sum of all that stands above the total; nothing where it would overflow.
    pub(super) fn sum(&self) -> Option<Money> {
        let added = [
            self.delivery_fee,
            self.service_fee,
            self.small_order_fee,
            self.bag_fee,
            self.tax_added,
            self.tip,
        ];
        let off = [self.discount, self.delivery_discount];
        let sum = added.into_iter().try_fold(self.dishes, Money::checked_add)?;
        off.into_iter().try_fold(sum, Money::checked_sub)
    }

    /// What is owed where only the dishes are: after the coupon, with the tax that comes on top.
    pub fn dishes_with_tax(&self) -> Money {
        Money(self.lines.iter().map(|line| self.whole(line).0).sum())
    }

    /// What is owed for the way: after the coupon, with the tax that comes on top.
    pub fn delivery_with_tax(&self) -> Money {
        let on_top = if self.tax_on_top { self.delivery_tax.0 } else { 0 };
        Money(self.delivery_fee.0 - self.delivery_discount.0 + on_top)
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

    /// What was paid for some of the lines: after the coupon, with the tax that comes on top.
    /// Nothing if a line is not there, or not that often.
    ///
    /// All of a line is exactly what it cost. A part of one is rounded down, so that parts never
    /// make more than the whole; who gives back in pieces asks [`Receipt::part_after`].
    pub fn part_of(&self, lines: &[ClaimLine]) -> Option<Money> {
        self.part_after(&[], lines)
    }

    /// The same, where `before` was given back already: all pieces together are exactly the whole,
    /// in whatever order they come. Nothing if together they are more than was bought.
    pub fn part_after(&self, before: &[ClaimLine], lines: &[ClaimLine]) -> Option<Money> {
        let mut taken = BTreeMap::new();
        self.take(&mut taken, before)?;
        let earlier = self.value(&taken)?;
        self.take(&mut taken, lines)?;
        self.value(&taken)?.checked_sub(earlier)
    }

    /// The receipt with another content of one line, or without that line. Its discount shrinks in
    /// proportion, its tax is that of its own rate, and all fees stay as they are: nobody loses
    /// free delivery because a kitchen has run out. The total only falls, and the revision rises.
    ///
    /// Nothing if there is no such line, if the new one costs more (after tax on top), or if no
    /// line would be left: an order of nothing is cancelled instead.
    pub fn replaced(&self, line: usize, with: Option<ReceiptLine>) -> Option<Self> {
        let old = self.lines.get(line)?;
        let mut next = self.clone();
        let mut taxes = Taxed::of(self);
        taxes.count(old, -1);
        next.discount.0 -= old.discount.0;
        next.dishes.0 -= old.total.0;
        match with {
            Some(mut new) => {
                if !(Money::ZERO..=old.total).contains(&new.total) {
                    return None;
                }
                new.discount = share(old.discount, new.total.0, old.total.0);
                let net = Money(new.total.0 - new.discount.0);
                new.tax = tax(net, new.tax_millionths, self.tax_on_top);
                if self.whole(&new) > self.whole(old) {
                    return None;
                }
                taxes.count(&new, 1);
                next.discount.0 += new.discount.0;
                next.dishes.0 += new.total.0;
                next.lines[line] = new;
            }
            None if self.lines.len() == 1 => return None,
            None => {
                next.lines.remove(line);
            }
        }
        if let Some(coupon) = &mut next.coupon {
            coupon.amount = Money(next.discount.0 + next.delivery_discount.0);
        }
        if self.tax_on_top {
            next.tax_added = taxes.tax;
        } else {
            next.tax_included = taxes.tax;
        }
        next.taxes = taxes.table;
        next.total = bounded(next.sum())?;
        next.revision = self.revision.checked_add(1)?;
        Some(next)
    }

    /// The line at a place with fewer of it, as [`Receipt::replaced`] takes it; nothing if it is
    /// not fewer.
    pub fn fewer(&self, line: usize, quantity: u32) -> Option<ReceiptLine> {
        let mut fewer = self.lines.get(line)?.clone();
        if quantity == 0 || quantity >= fewer.quantity {
            return None;
        }
        fewer.total = fewer.unit.checked_mul(quantity.into())?.min(fewer.total);
        fewer.quantity = quantity;
        Some(fewer)
    }

    /// What one line costs in the end.
    fn whole(&self, line: &ReceiptLine) -> Money {
        let on_top = if self.tax_on_top { line.tax.0 } else { 0 };
        Money(line.total.0 - line.discount.0 + on_top)
    }

    fn take(&self, taken: &mut BTreeMap<usize, u32>, lines: &[ClaimLine]) -> Option<()> {
        for ClaimLine { line, quantity } in lines {
            let place = usize::try_from(*line).ok()?;
            let bought = self.lines.get(place)?.quantity;
            let so_far = taken.entry(place).or_insert(0);
            *so_far = so_far.checked_add(*quantity).filter(|n| *quantity > 0 && *n <= bought)?;
        }
        Some(())
    }

    fn value(&self, taken: &BTreeMap<usize, u32>) -> Option<Money> {
        let mut sum = Money::ZERO;
        for (place, quantity) in taken {
            let line = self.lines.get(*place)?;
            let part = i128::from(self.whole(line).0) * i128::from(*quantity);
            let part = part.checked_div(i128::from(line.quantity))?;
            sum = sum.checked_add(Money(i64::try_from(part).ok()?))?;
        }
        Some(sum)
    }

    /// Whether everything on it fits together: see [`Receipt::checks`].
    pub fn adds_up(&self) -> bool {
        self.checks().is_ok()
    }

    /// What must hold of every receipt that was priced: lines make the dishes, parts make the
    /// total, nothing is below nothing.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn checks(&self) -> Result<(), &'static str> {
        let sum = |of: fn(&ReceiptLine) -> Money| -> Money {
            Money(self.lines.iter().map(|line| of(line).0).sum())
        };
        let within = |part: Money, whole: Money| (Money::ZERO..=whole).contains(&part);
        let fees = [self.service_fee, self.small_order_fee, self.bag_fee, self.tip];
        let tax = if self.tax_on_top { self.tax_added } else { self.tax_included };
        let other_tax = if self.tax_on_top { self.tax_included } else { self.tax_added };
        let row = |of: fn(&TaxLine) -> i64| -> Money { Money(self.taxes.iter().map(of).sum()) };
        let gross = self.without_tip().0 - self.tax_added.0;
        let given = Money(self.discount.0 + self.delivery_discount.0);
        let rules = [
            (sum(|line| line.total) == self.dishes, "the lines make the dishes"),
            (sum(|line| line.discount) == self.discount, "their discounts make the discount"),
            (
                self.lines.iter().all(|line| within(line.discount, line.total)),
                "no line gets more than it costs",
            ),
            (within(self.delivery_discount, self.delivery_fee), "nor does the way"),
            (fees.iter().all(|fee| *fee >= Money::ZERO), "no fee is below nothing"),
            (self.coupon.is_none_or(|held| held.amount == given), "the coupon gave the discounts"),
            (self.coupon.is_some() || given == Money::ZERO, "only a coupon gives discounts"),
            (self.sum() == Some(self.total), "the parts make the total"),
            (self.total >= self.tip, "the total is not below the tip"),
            (other_tax == Money::ZERO && tax >= Money::ZERO, "tax is in it or on it, not both"),
            (row(|row| row.tax.0) == tax, "the table makes the tax"),
            (row(|row| row.base.0).0 == gross, "the table taxes everything but the tip"),
        ];
        rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(*rule))
    }
}

/// The tax of a receipt while a line of it changes.
struct Taxed {
    /// Receipts of before taxes had classes have no table, and none is made up for them.
    known: bool,
    table: Vec<TaxLine>,
    tax: Money,
}

impl Taxed {
    fn of(receipt: &Receipt) -> Self {
        let tax = if receipt.tax_on_top { receipt.tax_added } else { receipt.tax_included };
        let table = receipt.taxes.clone();
        Self { known: !table.is_empty(), table, tax }
    }

    fn count(&mut self, line: &ReceiptLine, sign: i64) {
        self.tax.0 += sign * line.tax.0;
        if !self.known {
            return;
        }
        let base = Money(sign * (line.total.0 - line.discount.0));
        count(
            &mut self.table,
            &line.tax_class,
            line.tax_millionths,
            base,
            Money(sign * line.tax.0),
        );
    }
}
