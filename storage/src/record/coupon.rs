//! A code that lowers a total, and how much of it is used. Key: kind, coupon id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::coupon::Coupon;
use domain::ids::CouponId;

/// What the city's coupons start with.
pub(crate) const COUPONS: Kind = Kind::Coupon;

impl Record for Coupon {
    type Key = CouponId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: CouponId) -> Row {
        Row::new(COUPONS).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.coupons
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\a2id\c4\10cccccccccccccccc\a5terms\8c\a4code\a6SOUP10\a5gives\81\a7perc
            ent\82\aamillionths\ce\00\01\86\a0\a5up_to\cd\01\f4\a4from\01\a5until\cd\03\e8\ab
            restaurants\91\c4\10rrrrrrrrrrrrrrrr\a7minimum\cd\03\e8\abfirst_order\c3\aaper_pe
            rson\01\a5totald\a6budget\cd\c3P\a5payer\aarestaurant\a8disabled\c2\a4used\01\a5s
            pent\cd\01\d5\a7version\03\a8revision!
        "#]]
        .assert_eq(&round_trip(&samples::coupon()));
    }
}
