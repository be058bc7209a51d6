//! Something for a person to look at. Key: kind, case id. The list, newest first:
//! kind, state and padding to an id's width, moment backwards, case id. Those about one customer:
//! kind, account id, moment backwards, case id.

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::fraud::{CaseAbout, CaseState, FraudCase};
use domain::ids::{AccountId, CaseId};

/// What the cases in one state start with.
pub(crate) fn of_city(state: CaseState) -> Row {
    Row::new(Kind::CaseOfCity).byte(state_byte(state)).bytes(&[0; 15])
}

/// What the cases about one customer's orders start with.
pub(crate) fn of_customer(id: AccountId) -> Row {
    Row::new(Kind::CaseOfCustomer).bytes(&id.0)
}

/// Part of stored keys: a state keeps its number for ever.
fn state_byte(state: CaseState) -> u8 {
    match state {
        CaseState::Open => 1,
        CaseState::Allowed => 2,
        CaseState::Denied => 3,
        CaseState::Moot => 4,
    }
}

impl Record for FraudCase {
    type Key = CaseId;
    const COLUMN: Column = Column::Accounts;
    const INDEXED: bool = true;

    fn row(key: CaseId) -> Row {
        Row::new(Kind::FraudCase).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let CaseAbout::Order { customer_id, .. } = self.about;
        let lists = [of_city(self.status.state()), of_customer(customer_id)];
        let rows = lists.map(|list| list.time_backwards(self.opened_at).bytes(&self.id.0));
        into.extend(rows.map(|row| IndexRow::new(Column::Index, row)));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.fraud_cases
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8a\a2id\c4\10ffffffffffffffff\a5about\81\a5Order\82\a8order_id\c4\10oooooo
            oooooooooo\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\a5marks\83\a6device\c4\10ddddddddd
            ddddddd\a4card\c4\10kkkkkkkkkkkkkkkk\aethrowaway_mail\c3\a5total\cd\0c\1a\a6point
            s-\a4hits\91\82\a4rule\83\a6signal\b3account_orders_hour\a8at_least\05\a6points(\a5
            value\06\adrules_version\02\a9opened_at2\a6status\81\a6Denied\83\a2by\c4\10uuuuuu
            uuuuuuuuuu\a6reason\a2no\a2at<\a8revision,
        "#]]
        .assert_eq(&round_trip(&samples::fraud_case()));
    }
}
