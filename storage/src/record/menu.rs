//! The order of things on a menu; its dishes and choices lie beside it. Key: kind, restaurant id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::RestaurantId;
use domain::menu::Menu;

impl Record for Menu {
    type Key = RestaurantId;
    const COLUMN: Column = Column::Menus;

    fn row(key: RestaurantId) -> Row {
        Row::new(Kind::Menu).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.menus
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::menu()));
    }
}
