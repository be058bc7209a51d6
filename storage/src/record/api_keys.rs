//! The keys of programs that act for the city, or for one restaurant. Key: kind, the restaurant's
//! id if it is one.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::key::{ApiKeys, KeyOwner};

impl Record for ApiKeys {
    type Key = KeyOwner;
    const COLUMN: Column = Column::Accounts;

    fn row(key: KeyOwner) -> Row {
        let kind = Row::new(Kind::ApiKeys);
        match key {
            KeyOwner::City => kind,
            KeyOwner::Restaurant(id) => kind.bytes(&id.0),
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.api_keys
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\83\a5owner\81\aarestaurant\c4\10rrrrrrrrrrrrrrrr\a4keys\91\89\a2id\c4\10kk
            kkkkkkkkkkkkkk\a7made_by\c4\10aaaaaaaaaaaaaaaa\a5label\a4till\a6secret\c4 sssssss
            sssssssssssssssssssssssss\a6scopes\92\a6orders\a4menu\a7made_at\cd\01h\aamade_ind
            ex(\aaexpires_at\cd\03\84\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\a8revisio
            n+
        "#]]
        .assert_eq(&round_trip(&samples::api_keys()));
    }
}
