//! A thing on the menu. Key: kind, restaurant id, dish id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::{DishId, RestaurantId};
use domain::menu::Dish;

impl Record for Dish {
    type Key = (RestaurantId, DishId);
    const COLUMN: Column = Column::Menus;

    fn row((restaurant, id): Self::Key) -> Row {
        Row::new(Kind::Dish).bytes(&restaurant.0).bytes(&id.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.dishes
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\13\a2id\c4\10dddddddddddddddd\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a7
            own_ref\a2R1\a5title\81\a2en\a5Ramen\abdescription\81\a2en\a3Hot\a5price\cd\04\e2
            \a6prices\91\83\aafulfilment\a6pickup\a7windows\97\91\82\a4from\cd\02X\a2to\cd\05
            (\90\90\90\90\90\90\a5price\cd\04L\a9tax_class\a4food\a5image\d9 abababababababab
            abababababababab\a9allergens\92\a6gluten\a4eggs\a4diet\91\a5halal\a8calories\cd\03
            \0c\a7alcohol\c3\a7min_age\12\a7windows\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90
            \90\90\90\b0category_windows\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90\90\90\90
            \b0option_group_ids\91\c4\10gggggggggggggggg\a6hidden\c2\a8archived\c2
        "#]]
        .assert_eq(&round_trip(&samples::dish()));
    }
}
