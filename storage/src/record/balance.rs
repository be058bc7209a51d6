//! What somebody has, or is owed. Key: kind, holder.

use super::{Record, ledger};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ledger::{Balance, Holder};

/// What all balances start with.
pub(crate) fn all() -> Row {
    Row::new(Kind::Balance)
}

impl Record for Balance {
    type Key = Holder;
    const COLUMN: Column = Column::Orders;

    fn row(key: Holder) -> Row {
        ledger::with_holder(all(), key)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.balances
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\84\a6holder\81\accourier_cash\c4\10cccccccccccccccc\a6amount\d1\fa\ba\a7en
            tries\03\a8revision,
        "#]]
        .assert_eq(&round_trip(&samples::balance()));
    }
}
