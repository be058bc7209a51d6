//! How much there is of a dish or option. Key: kind, restaurant id, what is counted: a number for
//! dish or option, then its id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::{DishId, OptionId, RestaurantId};
use domain::stock::{Stock, StockTarget};

/// Part of stored keys: what can be counted keeps its number for ever.
const DISH: u8 = 1;
const OPTION: u8 = 2;

/// What a restaurant's stock starts with.
pub(crate) fn of_restaurant(id: RestaurantId) -> Row {
    Row::new(Kind::Stock).bytes(&id.0)
}

/// A key that ends with what is counted.
pub(crate) fn with_target(row: Row, target: StockTarget) -> Row {
    match target {
        StockTarget::Dish(id) => row.byte(DISH).bytes(&id.0),
        StockTarget::Option(id) => row.byte(OPTION).bytes(&id.0),
    }
}

/// What is counted, at the end of such a key.
pub(crate) fn target(parts: &mut Parts<'_>) -> Option<StockTarget> {
    match parts.byte()? {
        DISH => Some(StockTarget::Dish(DishId(parts.array()?))),
        OPTION => Some(StockTarget::Option(OptionId(parts.array()?))),
        _ => None,
    }
}

impl Record for Stock {
    type Key = (RestaurantId, StockTarget);
    const COLUMN: Column = Column::Menus;

    fn row((restaurant, target): Self::Key) -> Row {
        with_target(of_restaurant(restaurant), target)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.stocks
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8a\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a6target\81\a6Option\c4\10ooooooo
            ooooooooo\a6supply\a8quantity\a5added\0a\a4free\05\a8reserved\02\a4sold\03\aaretu
            rns_at\cd\03 \a6set_by\c4 ssssssssssssssssssssssssssssssss\a8revision\1f
        "#]]
        .assert_eq(&round_trip(&samples::stock()));
    }
}
