//! Where amounts are rounded, and what keeps them within bounds.

use crate::limits::AMOUNT;
use crate::money::Money;

/// A whole, in the unit of rates.
pub(super) const ONE: i64 = 1_000_000;

/// The tax of an amount: in it, or on top of it. `amount` is not negative, nor is the rate.
pub(super) fn tax(amount: Money, millionths: i64, on_top: bool) -> Money {
    let whole = if on_top { ONE } else { ONE.saturating_add(millionths) };
    share(amount, millionths, whole)
}

/// `amount * numerator / denominator`, half up. Nothing of this is negative; nothing at all if the
/// denominator is 0.
pub(super) fn share(amount: Money, numerator: i64, denominator: i64) -> Money {
    if denominator <= 0 {
        return Money::ZERO;
    }
    let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
    let part = (i128::from(amount.0) * numerator * 2 + denominator) / (denominator * 2);
    Money(i64::try_from(part).unwrap_or(i64::MAX))
}

/// Nothing but amounts that a person can pay.
pub(super) fn bounded(amount: Option<Money>) -> Option<Money> {
    amount.filter(|amount| (0..=AMOUNT).contains(&amount.0))
}

/// Spreads an amount over parts in proportion, by largest remainder; of equal ones the first.
/// Nobody gets more than their part, and together they get all of it, as far as there are parts.
pub(super) fn spread(amount: Money, parts: &[Money]) -> Vec<Money> {
    let whole: i128 = parts.iter().map(|part| i128::from(part.0)).sum();
    if whole <= 0 {
        return vec![Money::ZERO; parts.len()];
    }
    let amount = i128::from(amount.0).min(whole);
    let exact = |part: &Money| amount * i128::from(part.0);
    let mut given: Vec<i128> = parts.iter().map(|part| exact(part) / whole).collect();
    let mut by_rest: Vec<usize> = (0..parts.len()).collect();
    by_rest.sort_by_key(|place| std::cmp::Reverse(exact(&parts[*place]) % whole));
    let left = amount - given.iter().sum::<i128>();
    // Fewer are left than there are parts with a remainder.
    for place in by_rest.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        given[place] += 1;
    }
    // At most the part itself, so it fits.
    given.into_iter().map(|given| Money(i64::try_from(given).unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts<const N: usize>(amounts: [i64; N]) -> Vec<Money> {
        amounts.map(Money).to_vec()
    }

    #[test]
    fn nothing_is_lost_where_an_amount_is_spread() {
        assert_eq!(spread(Money(100), &amounts([1, 1, 1])), amounts([1, 1, 1]));
        assert_eq!(spread(Money(100), &amounts([100, 100, 100])), amounts([34, 33, 33]));
        assert_eq!(spread(Money(10), &amounts([0, 999, 1])), amounts([0, 10, 0]));
        assert_eq!(spread(Money(10), &amounts([0, 0])), amounts([0, 0]));
        assert_eq!(spread(Money(10), &[]), []);
    }

    #[test]
    fn tax_is_rounded_half_up() {
        assert_eq!(tax(Money(1_100), 100_000, false), Money(100));
        assert_eq!(tax(Money(25), 100_000, true), Money(3), "2.5 is 3");
        assert_eq!(tax(Money(24), 100_000, true), Money(2));
        assert_eq!(tax(Money(0), 100_000, true), Money(0));
    }
}
