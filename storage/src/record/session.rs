//! A login on one device. Key: kind, session id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Session;
use domain::ids::SessionId;

impl Record for Session {
    type Key = SessionId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: SessionId) -> Row {
        Row::new(Kind::Session).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.sessions
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::session()));
    }
}
