//! The first entry of every city.

use super::Rules;
use crate::account::SignUp;
use crate::ids::CityNumber;
use crate::money::Currency;
use crate::position::Position;
use serde::{Deserialize, Serialize};

/// Founds the city and gives it its first operator. The same again is yes; another city is no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCity {
    /// See [`super::City::number`].
    pub number: CityNumber,
    /// See [`super::City::name`].
    pub name: String,
    /// See [`super::City::currency`].
    pub currency: Currency,
    /// See [`super::City::time_zone`].
    pub time_zone: String,
    /// See [`super::City::language`].
    pub language: String,
    /// See [`super::City::centre`].
    pub centre: Position,
    /// See [`super::City::rules`].
    pub rules: Rules,
    /// Signed up in the same entry, with the operator role.
    pub founder: SignUp,
}
