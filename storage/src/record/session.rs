//! A login on one device. Key: kind, session id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Session;
use domain::ids::SessionId;

impl Record for Session {
    type Key = SessionId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: SessionId) -> Row {
        Row::new(Kind::Session).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.sessions
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\88\a2id\c4\10ssssssssssssssss\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a7refresh
            \c4 ffffffffffffffffffffffffffffffff\a8previous\82\a7refresh\c4 ppppppppppppppppp
            ppppppppppppppp\abreplaced_at\05\a9opened_at\01\a7ends_at\09\a5epoch\02\a8revisio
            n\10
        "#]]
        .assert_eq(&round_trip(&samples::session()));
    }
}
