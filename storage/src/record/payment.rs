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
            \01\01\de\00\15\a2id\c4\10pppppppppppppppp\a8order_id\c4\10oooooooooooooooo\abcus
            tomer_id\c4\10aaaaaaaaaaaaaaaa\a7purpose\81\a3tip\81\a2to\a7courier\a6method\81\a4
            Card\81\a5token\a3tok\a6amount\cd\0c\1a\aato_capture\cd\0c\1a\a8refundedd\a9refun
            ding2\a6status\aaauthorized\abgateway_ref\a2gw\a4work\82\a5index\05\a6number\01\aa
            action_url\achttps://bank\a7decline\a8no funds\a7waiting\93\81\a8captured\81\a6am
            ount\cd\0c\1a\81\aedispute_opened\82\aadispute_id\a2dp\a6amountb\81\a8refunded\81
            \a9refund_id\c4\10ffffffffffffffff\a8stuck_at\cd\0e\10\a7dispute\84\a2id\a2dp\a6a
            mountb\a9opened_at(\a6closed\82\a3won\c3\a2at2\a7request\c4 qqqqqqqqqqqqqqqqqqqqq
            qqqqqqqqqqq\aacreated_at\1e\adcreated_index\08\a8revision\09
        "#]]
        .assert_eq(&round_trip(&samples::payment()));
    }
}
