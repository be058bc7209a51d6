//! A courier's hard state; it names the deliveries it holds, so no index does. Key: kind, courier id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::courier::Courier;
use domain::ids::CourierId;

/// All of them, in the order of ids.
pub(crate) const COURIERS: Kind = Kind::Courier;

impl Record for Courier {
    type Key = CourierId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: CourierId) -> Row {
        Row::new(Kind::Courier).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.couriers
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[""]].assert_eq(&round_trip(&samples::courier()));
    }
}
