//! What was tried at a login. Key: kind, keyed hash of the contact.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Attempts;
use domain::sealed::Digest;

impl Record for Attempts {
    type Key = Digest;
    const COLUMN: Column = Column::Accounts;

    fn row(login: Digest) -> Row {
        Row::new(Kind::Attempts).bytes(&login.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.attempts
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\a5login\c4 llllllllllllllllllllllllllllllll\a5wrong\91\05\a5asked\92\03
            \04\a4code\84\a7purpose\a5reset\a6digest\c4 cccccccccccccccccccccccccccccccc\aaex
            pires_at\cd\03\84\a5tries\02\a7look_at\cd\03\e8\a8revision\11
        "#]]
        .assert_eq(&round_trip(&samples::attempts()));
    }
}
