//! Who has which role at the platform. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::role::Roster;

impl Record for Roster {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::Roster)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.rosters
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\83\a6grants\81\c4\10ssssssssssssssss\86\a4role\a7support\a5until\cd\03\de\a2
            by\c4\10aaaaaaaaaaaaaaaa\a2at\cd\01r\a6reason\a8holidays\a5index,\a6wishes\81\c4\10
            oooooooooooooooo\86\a4role\a8operator\a5until\c0\a2by\c4\10aaaaaaaaaaaaaaaa\a2at\cd
            \01r\a6reason\a8holidays\a5index,\a8revision,
        "#]]
        .assert_eq(&round_trip(&samples::roster()));
    }
}
