//! A person. Key: kind, account id. Who logs in is found by kind, keyed hash of the contact ->
//! account id. Lists:
//!
//! - of a restaurant: kind, restaurant id, account id
//! - of the platform: kind, padding to an id's width, account id

use super::{IndexRow, Record, ban};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::account::Account;
use domain::ids::{AccountId, RestaurantId};
use domain::moderation::BanSubject;
use domain::sealed::Digest;

/// What the keys of all accounts begin with.
pub(crate) const ACCOUNTS: Kind = Kind::Account;

/// Where the account of a login is named.
pub(crate) fn login_row(login: Digest) -> Row {
    Row::new(Kind::Login).bytes(&login.0)
}

/// What the people of a restaurant start with.
pub(crate) fn staff_of(id: RestaurantId) -> Row {
    Row::new(Kind::StaffOfRestaurant).bytes(&id.0)
}

/// Who stands at the end of such a key.
pub(crate) fn person(row: &[u8]) -> Option<AccountId> {
    let mut parts = Parts(row.get(1 + 16..)?);
    Some(AccountId(parts.array()?))
}

impl Record for Account {
    type Key = AccountId;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: AccountId) -> Row {
        Row::new(Kind::Account).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let value = Row::empty().bytes(&self.id.0);
        if self.is_anybody() {
            into.push(IndexRow { column: Column::Accounts, row: login_row(self.login), value });
        }
        for restaurant_id in self.staff.keys() {
            let row = staff_of(*restaurant_id).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Index, row));
        }
        let subject = BanSubject::Account(self.id);
        into.extend(self.ban.as_ref().map(|it| ban::lead(subject, it)));
        if self.operator.is_some() {
            let row = Row::new(Kind::Operators).bytes(&[0; 16]).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Index, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.accounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples, unshown};
    use domain::moderation::Ban;
    use domain::sealed::Sealed;

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\12\a2id\c4\10aaaaaaaaaaaaaaaa\a5login\c4 lllllllllllllllllllllllllll
            lllll\a7contact\c4\07contact\a4name\c4\04name\a8password\aa$argon2id$\a6locale\a2
            pt\aacreated_at\cd\03\e8\adcreated_index\07\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqq
            qqqqqqqq\a5epoch\02\a3ban\86\a6reason\a5fraud\a2at\cd\07\d0\a5until\c0\a2by\c4\10
            uuuuuuuuuuuuuuuu\abcancel_open\c3\a6appeal\83\a5words\c4\02no\a2at\cd\07\d1\a2by\c4
            \10uuuuuuuuuuuuuuuu\a5staff\81\c4\10rrrrrrrrrrrrrrrr\a7manager\a7courier\c4\10ccc
            ccccccccccccc\a8operator\a7support\a3key\c4\10kkkkkkkkkkkkkkkk\a6erased\c0\abveri
            fied_at\cd\05\dc\a8revision\0f
        "#]]
        .assert_eq(&round_trip(&samples::account()));
    }

    /// As it was stored before people had keys of their own, and bans more than a reason.
    const OLD: &str = r"
        \01\01\8f\a2id\c4\10aaaaaaaaaaaaaaaa\a5login\c4 llllllllllllllllllllllllllllllll\a7
        contact\c4\07contact\a4name\c4\04name\a8password\aa$argon2id$\a6locale\a2pt\aacre
        ated_at\cd\03\e8\adcreated_index\07\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
        \a5epoch\02\a3ban\83\a6reason\a5fraud\a2at\cd\07\d0\a5until\c0\a5staff\81\c4\10rr
        rrrrrrrrrrrrrr\a7manager\a7courier\c4\10cccccccccccccccc\a8operator\a7support\a8r
        evision\0f";

    #[test]
    fn an_old_one_still_reads() {
        let old: Account = crate::codec::decode(&unshown(OLD)).unwrap();
        let ban = samples::account().ban;
        let ban = ban.map(|ban| Ban { by: None, cancel_open: false, appeal: None, ..ban });
        assert_eq!(old, Account { key: None, verified_at: None, ban, ..samples::account() });
    }

    /// As it was stored when what somebody said against a ban lay in clear: it is not shown any
    /// more.
    const NOTED: &str = r"
        \01\01\de\00\12\a2id\c4\10aaaaaaaaaaaaaaaa\a5login\c4 lllllllllllllllllllllllllll
        lllll\a7contact\c4\07contact\a4name\c4\04name\a8password\aa$argon2id$\a6locale\a2
        pt\aacreated_at\cd\03\e8\adcreated_index\07\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqq
        qqqqqqqq\a5epoch\02\a3ban\86\a6reason\a5fraud\a2at\cd\07\d0\a5until\c0\a2by\c4\10
        uuuuuuuuuuuuuuuu\abcancel_open\c3\a6appeal\83\a4note\a2no\a2at\cd\07\d1\a2by\c4\10
        uuuuuuuuuuuuuuuu\a5staff\81\c4\10rrrrrrrrrrrrrrrr\a7manager\a7courier\c4\10cccccc
        cccccccccc\a8operator\a7support\a3key\c4\10kkkkkkkkkkkkkkkk\a6erased\c0\abverifie
        d_at\cd\05\dc\a8revision\0f";

    #[test]
    fn one_with_a_note_in_clear_still_reads() {
        let old: Account = crate::codec::decode(&unshown(NOTED)).unwrap();
        let mut now = samples::account();
        let appeal = now.ban.as_mut().and_then(|ban| ban.appeal.as_mut()).unwrap();
        appeal.words = Sealed::default();
        assert_eq!(old, now);
    }
}
