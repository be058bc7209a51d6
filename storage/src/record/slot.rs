//! What was promised for 15 minutes of a kitchen. Key: kind, restaurant id, moment it starts.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::RestaurantId;
use domain::slot::Slot;
use domain::time::Timestamp;

/// What a restaurant's slots start with.
pub(crate) fn of_restaurant(id: RestaurantId) -> Row {
    Row::new(Kind::Slot).bytes(&id.0)
}

impl Record for Slot {
    type Key = (RestaurantId, Timestamp);
    const COLUMN: Column = Column::Menus;

    fn row((restaurant, start): Self::Key) -> Row {
        of_restaurant(restaurant).time(start)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.slots
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a5start\ce\00\0d\bb\a0\a6orders\02
            \a6dishes\05\a5money\cd\17p\a8revision 
        "#]]
        .assert_eq(&round_trip(&samples::slot()));
    }
}
