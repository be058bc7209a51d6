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
        expect_test::expect![[r#"
            \01\01\85\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a7version\04\aacategories\91\84\a2
            id\c4\10kkkkkkkkkkkkkkkk\a5title\81\a2en\a5Soups\a8dish_ids\91\c4\10ddddddddddddd
            ddd\a7windows\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90\90\90\90\a8dish_ids\91\c4
            \10dddddddddddddddd\b0option_group_ids\91\c4\10gggggggggggggggg
        "#]]
        .assert_eq(&round_trip(&samples::menu()));
    }
}
