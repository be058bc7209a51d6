//! A fact about money. Key: kind, log index, number. Lists, oldest first:
//!
//! - of a holder: kind, holder (a number, then an id or zeros), moment, log index, number
//! - of an order: kind, order id, log index, number

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::OrderId;
use domain::ledger::{Holder, LedgerEntry};
use domain::time::Timestamp;

/// What all entries start with.
pub(crate) fn all() -> Row {
    Row::new(Kind::LedgerEntry)
}

/// What the entries of a holder start with.
pub(crate) fn of_holder(holder: Holder) -> Row {
    with_holder(Row::new(Kind::LedgerOfHolder), holder)
}

/// The place of a holder's entry among the others of theirs.
pub(crate) fn of_holder_at(holder: Holder, at: Timestamp, index: u64, number: u32) -> Row {
    of_holder(holder).time(at).number(index).short(number)
}

/// What the entries of an order start with.
pub(crate) fn of_order(id: OrderId) -> Row {
    Row::new(Kind::LedgerOfOrder).bytes(&id.0)
}

/// The entry that an index key leads to: its last twelve bytes.
pub(crate) fn entry_of(row: &[u8]) -> Option<(u64, u32)> {
    let start = row.len().checked_sub(8 + 4)?;
    let mut parts = Parts(row.get(start..)?);
    Some((parts.number()?, parts.short()?))
}

/// Part of stored keys: a kind of holder keeps its number for ever.
pub(super) fn with_holder(row: Row, holder: Holder) -> Row {
    let nobody = [0; 16];
    match holder {
        Holder::Gateway => row.byte(1).bytes(&nobody),
        Holder::Till => row.byte(2).bytes(&nobody),
        Holder::Bank => row.byte(3).bytes(&nobody),
        Holder::Platform => row.byte(4).bytes(&nobody),
        Holder::Tax => row.byte(5).bytes(&nobody),
        Holder::Disputed => row.byte(6).bytes(&nobody),
        Holder::Customer(id) => row.byte(7).bytes(&id.0),
        Holder::Restaurant(id) => row.byte(8).bytes(&id.0),
        Holder::Courier(id) => row.byte(9).bytes(&id.0),
        Holder::CourierCash(id) => row.byte(10).bytes(&id.0),
    }
}

impl Record for LedgerEntry {
    type Key = (u64, u32);
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row((index, number): (u64, u32)) -> Row {
        all().number(index).short(number)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        // Postings are in the order of holders.
        let mut last = None;
        for posting in &self.postings {
            if last != Some(posting.holder) {
                last = Some(posting.holder);
                let row = of_holder_at(posting.holder, self.at, self.index, self.number);
                into.push(IndexRow::new(Column::Index, row));
            }
        }
        if let Some(order_id) = self.order_id {
            let row = of_order(order_id).number(self.index).short(self.number);
            into.push(IndexRow::new(Column::Index, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.ledger
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\87\a5index,\a6number\01\a2at\cd\01@\a4what\aborder_ended\a8order_id\c4\10o
            ooooooooooooooo\aapayment_id\c4\10pppppppppppppppp\a8postings\94\83\a6holder\a3ta
            x\a4kind\a3tax\a6amount\d0\9c\83\a6holder\81\a8customer\c4\10aaaaaaaaaaaaaaaa\a4k
            ind\a6dishes\a6amount\cd\03\e8\83\a6holder\81\a8customer\c4\10aaaaaaaaaaaaaaaa\a4
            kind\a3tax\a6amountd\83\a6holder\81\aarestaurant\c4\10rrrrrrrrrrrrrrrr\a4kind\a6d
            ishes\a6amount\d1\fc\18
        "#]]
        .assert_eq(&round_trip(&samples::ledger_entry()));
    }

    #[test]
    fn golden_index() {
        let mut rows = Vec::new();
        samples::ledger_entry().index(&mut rows);
        let told: Vec<String> = rows.iter().map(|lead| format!("{:?}\n", lead.row)).collect();
        expect_test::expect![[r#"
            4b05000000000000000000000000000000008000000000000140000000000000002c00000001
            4b07616161616161616161616161616161618000000000000140000000000000002c00000001
            4b08727272727272727272727272727272728000000000000140000000000000002c00000001
            4c6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f000000000000002c00000001
        "#]]
        .assert_eq(&told.concat());
        for lead in rows {
            assert_eq!(entry_of(lead.row.as_ref()), Some((44, 1)));
        }
    }
}
