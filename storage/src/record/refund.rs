//! Money back. Key: kind, refund id. An order names its own.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::RefundId;
use domain::refund::Refund;

impl Record for Refund {
    type Key = RefundId;
    const COLUMN: Column = Column::Orders;

    fn row(key: RefundId) -> Row {
        Row::new(Kind::Refund).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.refunds
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8d\a2id\c4\10ffffffffffffffff\a8order_id\c4\10oooooooooooooooo\aapayment_i
            d\c4\10pppppppppppppppp\a6amount\cd\05F\a5lines\91\82\a4line\00\a8quantity\01\a5f
            ault\aarestaurant\a6reason\b2a dish was missing\a6status\a7pending\a4work\82\a5in
            dex%\a6number\00\a7made_at\cd\016\aamade_index%\a7request\c4 qqqqqqqqqqqqqqqqqqqq
            qqqqqqqqqqqq\a8revision&
        "#]]
        .assert_eq(&round_trip(&samples::refund()));
    }
}
