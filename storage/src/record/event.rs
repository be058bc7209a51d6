//! A fact of the feed. Key: log index, number in that entry. Value: when it happened, and the fact.

use crate::row::{Parts, Row};
use domain::time::Timestamp;
use domain::{Cursor, Event};
use serde::{Deserialize, Serialize};

/// What is stored of an event; where it stands is its key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct StoredEvent {
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
}

/// The same, while it still belongs to the outcome. One encoding: same names, same order.
#[derive(Debug, Serialize)]
pub(crate) struct EventToStore<'a> {
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
}

pub(crate) fn row(cursor: Cursor) -> Row {
    Row::empty().number(cursor.index).short(cursor.number)
}

pub(crate) fn cursor_of(row: &[u8]) -> Option<Cursor> {
    let mut parts = Parts(row);
    Some(Cursor { index: parts.number()?, number: parts.short()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::record::{samples, shown};

    #[test]
    fn golden_bytes() {
        let event = samples::event();
        let bytes = codec::encode(&EventToStore { at: Timestamp(5), event: &event });
        expect_test::expect![[r#"
            \01\01\82\a2at\05\a5event\81\abOrderPlaced\83\a8order_id\c4\10oooooooooooooooo\ad
            restaurant_id\c4\10rrrrrrrrrrrrrrrr\a9accept_by<
        "#]]
        .assert_eq(&shown(&bytes));
        let back: StoredEvent = codec::decode(&bytes).unwrap();
        assert_eq!(back, StoredEvent { at: Timestamp(5), event });
    }

    #[test]
    fn the_row_is_the_cursor() {
        let cursor = Cursor { index: 1 << 33, number: 2 };
        assert_eq!(cursor_of(row(cursor).as_ref()), Some(cursor));
    }
}
