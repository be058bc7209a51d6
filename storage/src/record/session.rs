//! A login on one device. Key: kind, session id. List of an account: kind, account id, session id.

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::account::Session;
use domain::ids::{AccountId, SessionId};

/// What the logins of an account start with.
pub(crate) fn of_account(id: AccountId) -> Row {
    Row::new(Kind::SessionOfAccount).bytes(&id.0)
}

/// Which one stands at the end of such a key.
pub(crate) fn session(row: &[u8]) -> Option<SessionId> {
    let mut parts = Parts(row.get(1 + 16..)?);
    Some(SessionId(parts.array()?))
}

impl Record for Session {
    type Key = SessionId;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: SessionId) -> Row {
        Row::new(Kind::Session).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let row = of_account(self.account_id).bytes(&self.id.0);
        into.push(IndexRow::new(Column::Index, row));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.sessions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples, unshown};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8a\a2id\c4\10ssssssssssssssss\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a7refresh
            \c4 ffffffffffffffffffffffffffffffff\a8previous\82\a7refresh\c4 ppppppppppppppppp
            ppppppppppppppp\abreplaced_at\05\a9opened_at\01\a7ends_at\09\a5epoch\02\a6device\c4
            \05phone\a7seen_at\06\a8revision\10
        "#]]
        .assert_eq(&round_trip(&samples::session()));
    }

    /// As it was stored before devices had names.
    const OLD: &str = r"
        \01\01\88\a2id\c4\10ssssssssssssssss\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a7refresh
        \c4 ffffffffffffffffffffffffffffffff\a8previous\82\a7refresh\c4 ppppppppppppppppp
        ppppppppppppppp\abreplaced_at\05\a9opened_at\01\a7ends_at\09\a5epoch\02\a8revisio
        n\10";

    #[test]
    fn an_old_one_still_reads() {
        let old: Session = crate::codec::decode(&unshown(OLD)).unwrap();
        let nameless = Session { device: Default::default(), seen_at: None, ..samples::session() };
        assert_eq!(old, nameless);
    }
}
