//! What is known of a person, a device, a card or a door. Key: kind, of what (a number), id.

use super::{IndexRow, Record, ban};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::fraud::{Trace, TraceKey};
use domain::moderation::BanSubject;

impl Record for Trace {
    type Key = TraceKey;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: TraceKey) -> Row {
        // A kind keeps its number for ever.
        let (kind, id) = match key {
            TraceKey::Account(id) => (1, id.0),
            TraceKey::Device(id) => (2, id.0),
            TraceKey::Card(id) => (3, id.0),
            TraceKey::Address(id) => (4, id.0),
        };
        Row::new(Kind::Trace).byte(kind).bytes(&id)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let subject = match self.key {
            TraceKey::Device(mark) => BanSubject::Device(mark),
            TraceKey::Card(mark) => BanSubject::Card(mark),
            TraceKey::Account(_) | TraceKey::Address(_) => return,
        };
        into.extend(self.ban.as_ref().map(|it| ban::lead(subject, it)));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.traces
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8a\a3key\81\a6Device\c4\10dddddddddddddddd\a3ban\86\a6reason\a5fraud\a2at\cd
            \07\d0\a5until\cd#(\a2by\c4\10uuuuuuuuuuuuuuuu\abcancel_open\c3\a6appeal\83\a5wor
            ds\c4\02no\a2at\cd\07\d1\a2by\c4\10uuuuuuuuuuuuuuuu\a6counts\83\a7minutes\92\92\1e
            \96\01\00\00\00\00\00\92!\96\00\00\00\00\00\01\a5hours\91\92\02\96\01\00\00\00\00
            \01\a4days\91\92\00\96\01\00\00\00\00\01\a5links\91\84\aaaccount_id\c4\10aaaaaaaa
            aaaaaaaa\a2at\05\a7courier\c3\a6banned\c2\a5marks\91\81\a4Card\c4\10kkkkkkkkkkkkk
            kkk\a6totals\91\cd\04\b0\a8couriers\91\82\aacourier_id\c4\10cccccccccccccccc\a2at
            \06\aapass_until\08\a9denied_at\07\a8revision+
        "#]]
        .assert_eq(&round_trip(&samples::trace()));
    }
}
