//! A kitchen. Key: kind, restaurant id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::RestaurantId;
use domain::restaurant::Restaurant;

/// All of them, in the order of ids.
pub(crate) const RESTAURANTS: Kind = Kind::Restaurant;

impl Record for Restaurant {
    type Key = RestaurantId;
    const COLUMN: Column = Column::Menus;

    fn row(key: RestaurantId) -> Row {
        Row::new(Kind::Restaurant).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.restaurants
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::restaurant()));
    }
}
