//! Something the leader must ask of the outside world. Key: kind, log index, number: the order in
//! which it was asked for.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::payment::{Work, WorkId};

impl Record for Work {
    type Key = WorkId;
    const COLUMN: Column = Column::Queues;

    fn row(key: WorkId) -> Row {
        Row::new(Kind::Work).number(key.index).short(key.number)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.works
    }
}

/// The name in a row of the queue.
pub(crate) fn id_of(row: &[u8]) -> Option<WorkId> {
    let mut parts = Parts(row.get(1..)?);
    Some(WorkId { index: parts.number()?, number: parts.short()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\81\a9Authorize\81\aapayment_id\c4\10pppppppppppppppp
        "#]]
        .assert_eq(&round_trip(&samples::work()));
    }

    #[test]
    fn the_row_is_the_name() {
        let id = WorkId { index: 1 << 40, number: 3 };
        assert_eq!(id_of(Work::row(id).as_ref()), Some(id));
    }
}
