//! How a restaurant or a courier has worked. Key: kind, of what (a number), id. The list, who has
//! lost most first: kind, of what and padding to an id's width, points lost backwards, id.

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::{CourierId, RestaurantId};
use domain::quality::{Quality, QualityKind, QualityOf};
use domain::time::Timestamp;

/// Part of stored keys: a kind keeps its number for ever.
fn kind_byte(kind: QualityKind) -> u8 {
    match kind {
        QualityKind::Restaurant => 1,
        QualityKind::Courier => 2,
    }
}

/// What the records of one kind start with in the list.
pub(crate) fn of_kind(kind: QualityKind) -> Row {
    Row::new(Kind::QualityOfCity).byte(kind_byte(kind)).bytes(&[0; 15])
}

/// Where a record stands in the list: lists are newest first, and this one has points for moments.
pub(crate) fn lost(points: u32) -> Timestamp {
    Timestamp(points.into())
}

/// Whose record the id at the end of such a key names, in a list of this kind.
pub(crate) fn of_list(kind: QualityKind, id: [u8; 16]) -> QualityOf {
    match kind {
        QualityKind::Restaurant => QualityOf::Restaurant(RestaurantId(id)),
        QualityKind::Courier => QualityOf::Courier(CourierId(id)),
    }
}

/// Whose, as part of a key.
pub(crate) fn with_of(row: Row, of: QualityOf) -> Row {
    row.byte(kind_byte(of.kind())).bytes(&id_of(of))
}

/// Whose, at this place of a key.
pub(crate) fn of(parts: &mut Parts<'_>) -> Option<QualityOf> {
    let byte = parts.byte()?;
    let kind = QualityKind::ALL.into_iter().find(|kind| kind_byte(*kind) == byte)?;
    Some(of_list(kind, parts.array()?))
}

/// The id, as it stands in keys.
pub(crate) fn id_of(of: QualityOf) -> [u8; 16] {
    match of {
        QualityOf::Restaurant(id) => id.0,
        QualityOf::Courier(id) => id.0,
    }
}

impl Record for Quality {
    type Key = QualityOf;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: QualityOf) -> Row {
        with_of(Row::new(Kind::Quality), key)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let list = of_kind(self.of.kind()).time_backwards(lost(self.lost));
        into.push(IndexRow::new(Column::Index, list.bytes(&id_of(self.of))));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.qualities
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\a2of\81\a7Courier\c4\10cccccccccccccccc\a4days\92\92\01\98\01\00\00\00\00
            \00\00\00\92\02\98\00\00\00\00\00\01\00\00\a4lost\cd\01\90\a4step\a4warn\adtruste
            d_until\09\a8revision.
        "#]]
        .assert_eq(&round_trip(&samples::quality()));
    }
}
