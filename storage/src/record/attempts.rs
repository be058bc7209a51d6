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
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::attempts()));
    }
}
