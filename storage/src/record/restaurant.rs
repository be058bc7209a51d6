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
        expect_test::expect![[r#"
            \01\01\8a\a2id\c4\10rrrrrrrrrrrrrrrr\a7profile\8b\a4name\a5Ramen\a8position\82\a6
            lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a7address\a5Rua 1\a8cuisines\91\a5ram
            en\a5hours\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90\90\90\90\b1delivery_radius
            _m\cd\0f\a0\acdelivery_fee\cc\c7\a7minimum\cd\03\e8\aepreparation_ms\ce\00\0d\bb\a0
            \abauto_accept\c2\a6sample\c3\a8approved\c3\acpaused_until\03\acmenu_version\04\aa
            dish_count\01\aarating_sum\05\acrating_count\01\aaunanswered\01\a8revision\0c
        "#]]
        .assert_eq(&round_trip(&samples::restaurant()));
    }
}
