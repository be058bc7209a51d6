//! How somebody wants to be told. Key: kind, account id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::AccountId;
use domain::notice::Preferences;

impl Record for Preferences {
    type Key = AccountId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: AccountId) -> Row {
        Row::new(Kind::Preferences).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.preferences
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a8language\a2pt\a8channels\81\a6orde
            rs\92\a4push\a5email\a5quiet\82\a4from\cd\05(\a2to\cd\01\a4\a7devices\91\84\a2id\c4
            \10vvvvvvvvvvvvvvvv\a5token\c4\05token\aasession_id\c4\10ssssssssssssssss\aarenew
            ed_at2\a8revision)
        "#]]
        .assert_eq(&round_trip(&samples::preferences()));
    }
}
