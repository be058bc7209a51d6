//! The city's one record: its rules. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::city::City;

impl Record for City {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::City)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.city
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::city()));
    }
}
