//! What a customer owes. Key: kind, account id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Tab;
use domain::ids::AccountId;

impl Record for Tab {
    type Key = AccountId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: AccountId) -> Row {
        Row::new(Kind::Tab).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.tabs
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\84\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\aecharged_orders\03\a4debt\cd\0a\82\a8
            revision#
        "#]]
        .assert_eq(&round_trip(&samples::tab()));
    }
}
