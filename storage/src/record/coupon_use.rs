//! How often somebody has redeemed a coupon. Key: kind, coupon id, account id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::coupon::CouponUse;
use domain::ids::{AccountId, CouponId};

impl Record for CouponUse {
    type Key = (CouponId, AccountId);
    const COLUMN: Column = Column::Accounts;

    fn row((coupon, account): Self::Key) -> Row {
        Row::new(Kind::CouponUse).bytes(&coupon.0).bytes(&account.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.coupon_uses
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\84\a9coupon_id\c4\10cccccccccccccccc\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a5
            count\01\a8revision"
        "#]]
        .assert_eq(&round_trip(&samples::coupon_use()));
    }
}
