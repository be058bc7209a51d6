//! What every shape is made of: amounts, moments, places, pages.

use domain::money;
use domain::position::{Position, PositionError};
use domain::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Rows of a page if the caller does not say.
pub const PAGE_DEFAULT: usize = 20;
/// Rows of a page at most.
pub const PAGE_MOST: usize = 100;

/// An amount in minor units, with its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Integer, in the currency's minor unit.
    #[schema(example = 1250)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

impl Money {
    /// An amount of the city's currency.
    pub fn of(amount: money::Money, currency: &str) -> Self {
        Self { amount: amount.0, currency: currency.to_owned() }
    }
}

/// A moment: RFC 3339, UTC, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = "date-time", example = "2026-03-01T18:30:00.000Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A place, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Latitude in degrees.
    #[schema(minimum = -90, maximum = 90, example = 43.55)]
    pub lat: f64,
    /// Longitude in degrees.
    #[schema(minimum = -180, maximum = 180, example = -5.92)]
    pub lng: f64,
}

impl TryFrom<Point> for Position {
    type Error = PositionError;

    fn try_from(point: Point) -> Result<Self, PositionError> {
        Self::from_degrees(point.lat, point.lng)
    }
}

impl From<Position> for Point {
    fn from(position: Position) -> Self {
        Self { lat: position.lat(), lng: position.lng() }
    }
}

/// Some rows of a list, in a stable order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// What to ask the next page with; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "AAABk3nK4gA")]
    pub next_cursor: Option<String>,
    /// Whether there is more.
    pub has_more: bool,
}

/// A yes without more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// The log entry that made it so.
    pub index: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_text_and_points_are_on_earth() {
        let time: Time = serde_json::from_str("\"2026-03-01T19:30:00+01:00\"").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-03-01T18:30:00.000Z\"");
        assert!(serde_json::from_str::<Time>("\"soon\"").is_err());
        assert!(serde_json::from_str::<Time>("5").is_err());
        assert!(Position::try_from(Point { lat: 91.0, lng: 0.0 }).is_err());
        assert!(serde_json::from_str::<Point>(r#"{"lat":1,"lng":2,"alt":3}"#).is_err());
    }
}
