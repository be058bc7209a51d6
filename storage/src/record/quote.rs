//! A priced basket with an expiry. Key: kind, quote id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::QuoteId;
use domain::quote::Quote;

impl Record for Quote {
    type Key = QuoteId;
    const COLUMN: Column = Column::Quotes;

    fn row(key: QuoteId) -> Row {
        Row::new(Kind::Quote).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.quotes
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::quote()));
    }
}
