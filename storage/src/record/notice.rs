//! A message that waits, or could not be sent. Key: kind, notice id. Lists:
//!
//! - what must be tried, in the queue of its channel: kind, moment, notice id
//! - of the city, newest first: kind, state and padding to an id's width, moment backwards, id

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::NoticeId;
use domain::notice::{Channel, Notice, NoticeState};
use domain::time::Timestamp;

/// What the city's messages in one state start with.
pub(crate) fn of_city(state: NoticeState) -> Row {
    Row::new(Kind::NoticeOfCity).byte(state_byte(state)).bytes(&[0; 15])
}

/// What the rows of a channel's queue start with.
pub(crate) fn queue(channel: Channel) -> Kind {
    match channel {
        Channel::Push => Kind::PushDue,
        Channel::Sms => Kind::SmsDue,
        Channel::Email => Kind::EmailDue,
        Channel::Voice => Kind::VoiceDue,
    }
}

/// Behind the last message that must be tried at this moment.
pub(crate) fn behind(channel: Channel, until: Timestamp) -> Option<Vec<u8>> {
    Row::new(queue(channel)).time(until).behind()
}

/// The message in a row of the queue.
pub(crate) fn due(row: &[u8]) -> Option<NoticeId> {
    let mut parts = Parts(row.get(1..)?);
    parts.time()?;
    Some(NoticeId(parts.array()?))
}

/// Part of stored keys: a state keeps its number for ever.
fn state_byte(state: NoticeState) -> u8 {
    match state {
        NoticeState::Waiting => 1,
        NoticeState::Failed => 2,
    }
}

impl Record for Notice {
    type Key = NoticeId;
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row(key: NoticeId) -> Row {
        Row::new(Kind::Notice).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let list = of_city(self.state()).time_backwards(self.at).bytes(&self.id.0);
        into.push(IndexRow::new(Column::Index, list));
        if let Some(next_at) = self.next_at {
            let row = Row::new(queue(self.channel)).time(next_at).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Queues, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8b\a2id\c4\10nnnnnnnnnnnnnnnn\a5event\82\a5index*\a6number\01\a2at3\a4kind
            \abrefund_done\a5about\84\a8order_id\c4\10oooooooooooooooo\adrestaurant_id\c4\10r
            rrrrrrrrrrrrrrr\a6amount\cd\05F\a6moment4\a2to\81\a6device\92\c4\10aaaaaaaaaaaaaa
            aa\c4\10vvvvvvvvvvvvvvvv\a7channel\a4push\a5tries\02\a7next_at5\a5error\a9no answ
            er\a8revision+
        "#]]
        .assert_eq(&round_trip(&samples::notice()));
    }

    #[test]
    fn the_queue_names_it() {
        let notice = samples::notice();
        let mut rows = Vec::new();
        notice.index(&mut rows);
        assert_eq!(due(rows[1].row.as_ref()), Some(notice.id));
    }
}
