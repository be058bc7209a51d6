//! Earnings that were paid. Key: kind, payout id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::PayoutId;
use domain::ledger::Payout;

/// What all payouts start with.
pub(crate) fn all() -> Row {
    Row::new(Kind::Payout)
}

impl Record for Payout {
    type Key = PayoutId;
    const COLUMN: Column = Column::Orders;

    fn row(key: PayoutId) -> Row {
        all().bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.payouts
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\89\a2id\c4\10pppppppppppppppp\a5payee\81\a7courier\c4\10cccccccccccccccc\a6
            amount\cd\13\88\a4cash\cd\04\b0\a6reason\a7week 12\a7made_by\c4\10aaaaaaaaaaaaaaa
            a\a7made_at\cd\01J\aamade_index-\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
        "#]]
        .assert_eq(&round_trip(&samples::payout()));
    }
}
