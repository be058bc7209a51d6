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
        expect_test::expect![[r#"
            \01\01\88\a2id\c4\10gggggggggggggggg\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a5titl
            e\81\a2en\a3Egg\a3min\00\a3max\02\a4free\01\a7options\91\87\a2id\c4\10ooooooooooo
            ooooo\a5title\81\a2en\a4Soft\a5priced\acmax_quantity\02\a7default\c3\a9allergens\91
            \a4eggs\a7dish_id\c4\10eeeeeeeeeeeeeeee\a8archived\c2
        "#]]
        .assert_eq(&round_trip(&samples::option_group()));
    }
}
