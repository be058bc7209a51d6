//! An attempt at the money of an order. Key: kind, payment id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::PaymentId;
use domain::payment::Payment;

impl Record for Payment {
    type Key = PaymentId;
    const COLUMN: Column = Column::Orders;

    fn row(key: PaymentId) -> Row {
        Row::new(Kind::Payment).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.payments
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8c\a2id\c4\10pppppppppppppppp\a8order_id\c4\10oooooooooooooooo\abcustomer_
            id\c4\10aaaaaaaaaaaaaaaa\a6method\81\a4Card\81\a5token\a3tok\a6amount\cd\0c\1a\aa
            to_capture\cd\0c\1a\a8refundedd\a9refunding2\a6status\aaauthorized\abgateway_ref\a2
            gw\aacreated_at\1e\a8revision\09
        "#]]
        .assert_eq(&round_trip(&samples::payment()));
    }
}
