//! A priced basket with an expiry. Key: kind, quote id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::QuoteId;
use domain::quote::Quote;

impl Record for Quote {
    type Key = QuoteId;
    const COLUMN: Column = Column::Quotes;

    fn row(key: QuoteId) -> Row {
        Row::new(Kind::Quote).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.quotes
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\10\a2id\c4\10qqqqqqqqqqqqqqqq\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\ad
            restaurant_id\c4\10rrrrrrrrrrrrrrrr\a6basket\91\85\a7dish_id\c4\10ddddddddddddddd
            d\a8quantity\02\a7options\91\82\a9option_id\c4\10oooooooooooooooo\a8quantity\01\a4
            note\c4\03hot\aeif_unavailable\aasubstitute\aafulfilment\a8delivery\a4when\81\a4s
            lot\81\a5start\ce\00\0d\bb\a0\abdestination\82\a8position\82\a6lat_e7\ce\18\86\ee
            @\a6lng_e7\d2\fa\de\10\eb\a7address\c4\07address\aadistance_m\cd\04\b0\abcoupon_c
            ode\a6SOUP10\a8promised\82\a4fromd\a2ton\a7receipt\de\00\14\a5lines\91\8e\a7dish_
            id\c4\10dddddddddddddddd\a5title\a5Ramen\a8quantity\02\a4unit\cd\05F\a7options\91
            \86\a9option_id\c4\10oooooooooooooooo\a5title\a4Soft\a8quantity\01\a5priced\a4fre
            e\00\a7dish_id\c4\10eeeeeeeeeeeeeeee\a5total\cd\0a\8c\a8discount\cd\01\0e\a9tax_c
            lass\a4food\aetax_millionths\ce\00\01\86\a0\a3tax\cc\dd\a4note\c4\03hot\aeif_unav
            ailable\aasubstitute\a9allergens\91\a4eggs\a7min_age\12\a6dishes\cd\0a\8c\a8disco
            unt\cd\01\0e\acdelivery_fee\cc\c7\b1delivery_discount\cc\c7\abservice_feec\afsmal
            l_order_fee2\a7bag_fee\0a\actax_included\cc\eb\a9tax_added\01\aatax_on_top\c3\acd
            elivery_tax\0e\a3tipd\a5total\cd\0a\82\a5taxes\91\84\a5class\a4food\aamillionths\ce
            \00\01\86\a0\a4base\cd\09~\a3tax\cc\dd\a6coupon\82\a9coupon_id\c4\10ccccccccccccc
            ccc\a6amount\cd\01\d5\a7zone_id\c4\10zzzzzzzzzzzzzzzz\acmenu_version\04\adterms_v
            ersion\02\a8revision\01\a7made_at\0a\aamade_index\03\aaexpires_at\14\a7used_by\c4
            \10oooooooooooooooo\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
        "#]]
        .assert_eq(&round_trip(&samples::quote()));
    }
}
