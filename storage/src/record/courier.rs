//! A courier's hard state; it names the deliveries it holds, so no index does. Key: kind, courier
//! id.

use super::{IndexRow, Record, ban};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::courier::Courier;
use domain::ids::CourierId;
use domain::moderation::BanSubject;

/// All of them, in the order of ids.
pub(crate) const COURIERS: Kind = Kind::Courier;

impl Record for Courier {
    type Key = CourierId;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: CourierId) -> Row {
        Row::new(Kind::Courier).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let subject = BanSubject::Courier(self.id);
        into.extend(self.ban.as_ref().map(|it| ban::lead(subject, it)));
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
        expect_test::expect![[r#"
            \01\01\8d\a2id\c4\10cccccccccccccccc\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a7vehicle
            \a7bicycle\a8approved\c3\a6online\c3\a8carrying\91\c4\10dddddddddddddddd\a7offere
            d\c4\10eeeeeeeeeeeeeeee\aarating_sum\09\acrating_count\02\a7tallies\83\a4care\82\a3
            sum\09\a5count\02\a6manner\82\a3sum\08\a5count\02\a5speed\82\a3sum\07\a5count\02\a3
            ban\86\a6reason\a5fraud\a2at\cd\07\d0\a5until\c0\a2by\c4\10uuuuuuuuuuuuuuuu\abcan
            cel_open\c3\a6appeal\83\a5words\c4\02no\a2at\cd\07\d1\a2by\c4\10uuuuuuuuuuuuuuuu\a7
            measure\85\a4step\a5limit\a2at\cd\07\d2\a5until\cd\0b\b8\a2by\c4\10uuuuuuuuuuuuuu
            uu\a6reason\a4late\a8revision(
        "#]]
        .assert_eq(&round_trip(&samples::courier()));
    }
}
