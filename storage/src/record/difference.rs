//! Where our books and the gateway's differ. Key: kind, its digest.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::payment::Difference;
use domain::sealed::Digest;

/// What all differences start with.
pub(crate) fn all() -> Row {
    Row::new(Kind::Difference)
}

impl Record for Difference {
    type Key = Digest;
    const COLUMN: Column = Column::Orders;

    fn row(key: Digest) -> Row {
        all().bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.differences
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\88\a3key\c4 1\82\9f\a7FE\f8,\d4^\c0\93\0a\88\e9\fc\b6\84\8f\bf\97\f2\da\ac
            p\b8\a2\85\a9RaE\abgateway_ref\a4pi_1\aapayment_id\c4\10pppppppppppppppp\a4kind\a8
            captured\a4ours\a43098\a6theirs\a10\a8found_at \a8revision\0a
        "#]]
        .assert_eq(&round_trip(&samples::difference()));
    }
}
