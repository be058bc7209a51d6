//! What somebody keeps for their next order. Key: kind, account id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Belongings;
use domain::ids::AccountId;

impl Record for Belongings {
    type Key = AccountId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: AccountId) -> Row {
        Row::new(Kind::Belongings).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.belongings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples, unshown};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\86\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a9addresses\91\85\a2id\c4\10hhhhhhhh
            hhhhhhhh\a8contents\c4\07address\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\a4
            said\c4 ssssssssssssssssssssssssssssssss\a8revision-\aafavourites\92\81\aarestaur
            ant\c4\10rrrrrrrrrrrrrrrr\81\a4dish\92\c4\10rrrrrrrrrrrrrrrr\c4\10ddddddddddddddd
            d\afpayment_methods\91\84\a2id\c4\10pppppppppppppppp\a8contents\c4\04card\a7reque
            st\c4 tttttttttttttttttttttttttttttttt\a8revision.\b6default_payment_method\c4\10
            pppppppppppppppp\a8revision/
        "#]]
        .assert_eq(&round_trip(&samples::belongings()));
    }

    /// One that knows of nothing that was thought of later.
    const OLD: &str = r"\01\01\82\aaaccount_id\c4\10aaaaaaaaaaaaaaaa\a8revision/";

    #[test]
    fn an_old_one_still_reads() {
        let old: Belongings = crate::codec::decode(&unshown(OLD)).unwrap();
        let id = samples::belongings().account_id;
        assert_eq!(old, Belongings { revision: 47, ..Belongings::none(id) });
    }
}
