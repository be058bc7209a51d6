//! Amounts: integers in the minor unit of the city's one currency. Never a float.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in minor units (cents). The currency is the city's, so it is not repeated.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(pub i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or nothing where it would overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing where it would overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// So many times the amount, or nothing where it would overflow.
    pub fn checked_mul(self, count: i64) -> Option<Self> {
        self.0.checked_mul(count).map(Self)
    }

    /// The part that a rate in millionths makes, rounded half up away from zero.
    pub fn part(self, millionths: i64) -> Option<Self> {
        let exact = i128::from(self.0).checked_mul(i128::from(millionths))?;
        let half = if exact < 0 { -500_000 } else { 500_000 };
        i64::try_from((exact + half) / 1_000_000).ok().map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, as in EUR")]
pub struct CurrencyError;

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| CurrencyError)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(CurrencyError)
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_round_half_up() {
        assert_eq!(Money(1250).part(60_000), Some(Money(75)));
        assert_eq!(Money(25).part(100_000), Some(Money(3)), "2.5 is 3");
        assert_eq!(Money(24).part(100_000), Some(Money(2)));
        assert_eq!(Money(-25).part(100_000), Some(Money(-3)));
        assert_eq!(Money(i64::MAX).part(2_000_000), None);
    }

    #[test]
    fn a_currency_is_three_capitals() {
        assert!(Currency::try_from("EUR".to_owned()).is_ok());
        assert!(Currency::try_from("eur".to_owned()).is_err());
        assert!(Currency::try_from("EURO".to_owned()).is_err());
    }
}
