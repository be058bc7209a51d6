//! What is known of a person, a device, a card or a door. Key: kind, of what (a number), id.

use super::{IndexRow, Record, ban};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::fraud::{Trace, TraceKey};
use domain::ids::{AccountId, AddressMark, CardMark, DeviceMark};
use domain::moderation::BanSubject;

impl Record for Trace {
    type Key = TraceKey;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: TraceKey) -> Row {
        with_key(Row::new(Kind::Trace), key)
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

// What a trace is of keeps its number for ever.
const ACCOUNT: u8 = 1;
const DEVICE: u8 = 2;
const CARD: u8 = 3;
const ADDRESS: u8 = 4;

/// Adds of what a trace is.
pub(crate) fn with_key(row: Row, key: TraceKey) -> Row {
    let (kind, id) = match key {
        TraceKey::Account(id) => (ACCOUNT, id.0),
        TraceKey::Device(id) => (DEVICE, id.0),
        TraceKey::Card(id) => (CARD, id.0),
        TraceKey::Address(id) => (ADDRESS, id.0),
    };
    row.byte(kind).bytes(&id)
}

/// Reads of what a trace is.
pub(crate) fn key(parts: &mut Parts<'_>) -> Option<TraceKey> {
    Some(match parts.byte()? {
        ACCOUNT => TraceKey::Account(AccountId(parts.array()?)),
        DEVICE => TraceKey::Device(DeviceMark(parts.array()?)),
        CARD => TraceKey::Card(CardMark(parts.array()?)),
        ADDRESS => TraceKey::Address(AddressMark(parts.array()?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::record::{round_trip, samples, unshown};
    use domain::time::Timestamp;

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8c\a3key\81\a6Device\c4\10dddddddddddddddd\a3ban\86\a6reason\a5fraud\a2at\cd
            \07\d0\a5until\cd#(\a2by\c4\10uuuuuuuuuuuuuuuu\abcancel_open\c3\a6appeal\83\a5wor
            ds\c4\02no\a2at\cd\07\d1\a2by\c4\10uuuuuuuuuuuuuuuu\a6counts\83\a7minutes\92\92\1e
            \98\01\00\00\00\00\00\00\00\92!\98\00\00\00\00\00\01\00\00\a5hours\91\92\02\98\01
            \00\00\00\00\01\00\00\a4days\91\92\00\98\01\00\00\00\00\01\00\00\a5links\91\84\aa
            account_id\c4\10aaaaaaaaaaaaaaaa\a2at\05\a7courier\c3\a6banned\c2\a5marks\91\81\a4
            Card\c4\10kkkkkkkkkkkkkkkk\a6totals\91\cd\04\b0\a8couriers\91\82\aacourier_id\c4\10
            cccccccccccccccc\a2at\06\aapass_until\08\a9denied_at\07\aatouched_at\09\a7ends_at
            \0a\a8revision+
        "#]]
        .assert_eq(&round_trip(&samples::trace()));
    }
    #[test]
    fn one_without_an_end_still_reads() {
        let stored = r#"
            \01\01\8a\a3key\81\a6Device\c4\10dddddddddddddddd\a3ban\86\a6reason\a5fraud\a2at\cd
            \07\d0\a5until\cd#(\a2by\c4\10uuuuuuuuuuuuuuuu\abcancel_open\c3\a6appeal\83\a5wor
            ds\c4\02no\a2at\cd\07\d1\a2by\c4\10uuuuuuuuuuuuuuuu\a6counts\83\a7minutes\92\92\1e
            \96\01\00\00\00\00\00\92!\96\00\00\00\00\00\01\a5hours\91\92\02\96\01\00\00\00\00
            \01\a4days\91\92\00\96\01\00\00\00\00\01\a5links\91\84\aaaccount_id\c4\10aaaaaaaa
            aaaaaaaa\a2at\05\a7courier\c3\a6banned\c2\a5marks\91\81\a4Card\c4\10kkkkkkkkkkkkk
            kkk\a6totals\91\cd\04\b0\a8couriers\91\82\aacourier_id\c4\10cccccccccccccccc\a2at
            \06\aapass_until\08\a9denied_at\07\a8revision+
        "#;
        let read: Trace = codec::decode(&unshown(stored)).unwrap();
        let now = samples::trace();
        assert_eq!(read, Trace { touched_at: Timestamp(0), ends_at: None, ..now });
    }
}
