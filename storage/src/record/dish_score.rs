//! What people think of a dish. Key: kind, restaurant id, dish id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::{DishId, RestaurantId};
use domain::rating::DishScore;

/// What the scores of a restaurant's dishes start with.
pub(crate) fn of_restaurant(id: RestaurantId) -> Row {
    Row::new(Kind::DishScore).bytes(&id.0)
}

impl Record for DishScore {
    type Key = (RestaurantId, DishId);
    const COLUMN: Column = Column::Menus;

    fn row((restaurant, dish): Self::Key) -> Row {
        of_restaurant(restaurant).bytes(&dish.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.dish_scores
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\84\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a7dish_id\c4\10dddddddddddddddd\a5
            tally\82\a3sum\09\a5count\02\a8revision'
        "#]]
        .assert_eq(&round_trip(&samples::dish_score()));
    }
}
