//! Rules of single fields. Pointers name the member of the request body that breaks one.

use crate::calendar::WeeklyHours;
use crate::limits::{AMOUNT, RANGES_PER_DAY, SEALED_BYTES};
use crate::money::Money;
use crate::position::Position;
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use std::ops::RangeInclusive;

/// This field breaks this rule.
pub(crate) fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Rejection {
    Rejection::FieldInvalid { field: field.into(), rule: rule.into() }
}

/// A text has so many letters.
pub(crate) fn letters(
    field: &str,
    text: &str,
    range: RangeInclusive<usize>,
) -> Result<(), Rejection> {
    // Bytes bound letters from above: the common case counts nothing.
    let few = text.len() <= *range.end() && text.len() >= 4 * *range.start();
    if few || range.contains(&text.chars().count()) {
        return Ok(());
    }
    Err(invalid(field, format!("from {} to {} letters", range.start(), range.end())))
}

/// A price, fee or tip is not negative and not absurd.
pub(crate) fn amount(field: &str, money: Money) -> Result<(), Rejection> {
    if (0..=AMOUNT).contains(&money.0) {
        return Ok(());
    }
    Err(invalid(field, format!("an amount from 0 to {AMOUNT}")))
}

/// A whole number lies in a range.
pub(crate) fn number(field: &str, value: i64, range: RangeInclusive<i64>) -> Result<(), Rejection> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(invalid(field, format!("a number from {} to {}", range.start(), range.end())))
}

/// A list has so many members.
pub(crate) fn length(
    field: &str,
    length: usize,
    range: RangeInclusive<usize>,
) -> Result<(), Rejection> {
    if range.contains(&length) {
        return Ok(());
    }
    Err(invalid(field, format!("from {} to {} of them", range.start(), range.end())))
}

/// A closed value is not too long.
pub(crate) fn sealed(field: &str, value: &Sealed) -> Result<(), Rejection> {
    if value.0.len() <= SEALED_BYTES {
        return Ok(());
    }
    Err(invalid(field, format!("at most {SEALED_BYTES} bytes, closed")))
}

/// A week's ranges are few, and lie within their days.
pub(crate) fn week(field: &str, hours: &WeeklyHours) -> Result<(), Rejection> {
    for (day, ranges) in hours.0.iter().enumerate() {
        length(&format!("{field}/{day}"), ranges.len(), 0..=RANGES_PER_DAY)?;
        for (place, range) in ranges.iter().enumerate() {
            number(&format!("{field}/{day}/{place}/from"), range.from.into(), 0..=1439)?;
            number(&format!("{field}/{day}/{place}/to"), range.to.into(), 0..=1440)?;
        }
    }
    Ok(())
}

/// A place is on Earth.
pub(crate) fn position(field: &str, place: Position) -> Result<(), Rejection> {
    number(&format!("{field}/lat"), place.lat_e7.into(), -900_000_000..=900_000_000)?;
    number(&format!("{field}/lng"), place.lng_e7.into(), -1_800_000_000..=1_800_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_not_bytes() {
        assert!(letters("/name", "ééé", 1..=3).is_ok());
        assert!(letters("/name", "éééé", 1..=3).is_err());
        assert!(letters("/name", "", 1..=3).is_err());
        assert!(letters("/name", "a", 1..=3).is_ok());
        assert!(letters("/note", "", 0..=3).is_ok());
    }
}
