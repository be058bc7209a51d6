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
            \01\01\8b\a2id\c4\10qqqqqqqqqqqqqqqq\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\adrestau
            rant_id\c4\10rrrrrrrrrrrrrrrr\a6basket\91\83\a7dish_id\c4\10dddddddddddddddd\a8qu
            antity\02\a7options\91\82\a9option_id\c4\10oooooooooooooooo\a8quantity\01\abdesti
            nation\82\a8position\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a7address\c4
            \07address\a7receipt\88\a5lines\91\86\a7dish_id\c4\10dddddddddddddddd\a5title\a5R
            amen\a8quantity\02\a4unit\cd\05F\a7options\91\84\a9option_id\c4\10ooooooooooooooo
            o\a5title\a4Soft\a8quantity\01\a5priced\a5total\cd\0a\8c\a6dishes\cd\0a\8c\acdeli
            very_fee\cc\c7\abservice_feec\actax_included\cd\01\10\a3tipd\a5total\cd\0c\1a\acm
            enu_version\04\a7made_at\0a\aamade_index\03\aaexpires_at\14\a7used_by\c4\10oooooo
            oooooooooo\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
        "#]]
        .assert_eq(&round_trip(&samples::quote()));
    }
}
