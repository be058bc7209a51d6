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
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::payment()));
    }
}
