//! How far the feed was turned into messages: one record. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::notice::Notified;

impl Record for Notified {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::Notified)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.notified
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\82\a7through\82\a5index,\a6number\02\a8revision-
        "#]]
        .assert_eq(&round_trip(&samples::notified()));
    }
}
