//! A choice on a dish. Key: kind, restaurant id, option group id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::{OptionGroupId, RestaurantId};
use domain::menu::OptionGroup;

impl Record for OptionGroup {
    type Key = (RestaurantId, OptionGroupId);
    const COLUMN: Column = Column::Menus;

    fn row((restaurant, id): Self::Key) -> Row {
        Row::new(Kind::OptionGroup).bytes(&restaurant.0).bytes(&id.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.option_groups
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::option_group()));
    }
}
