//! What was tried at a login. Key: kind, keyed hash of the contact.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::account::Attempts;
use domain::sealed::Digest;

impl Record for Attempts {
    type Key = Digest;
    const COLUMN: Column = Column::Accounts;

    fn row(login: Digest) -> Row {
        Row::new(Kind::Attempts).bytes(&login.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.attempts
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples, unshown};
    use domain::account::Attempts;

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\87\a5login\c4 llllllllllllllllllllllllllllllll\a5wrong\91\05\a5asked\92\03
            \04\a4code\84\a7purpose\a5reset\a6digest\c4 cccccccccccccccccccccccccccccccc\aaex
            pires_at\cd\03\84\a5tries\02\a6others\91\84\a7purpose\a6log_in\a6digest\c4 cccccc
            cccccccccccccccccccccccccc\aaexpires_at\cd\03\84\a5tries\02\a7look_at\cd\03\e8\a8
            revision\11
        "#]]
        .assert_eq(&round_trip(&samples::attempts()));
    }

    /// As it was stored when one code was awaited at a login.
    const OLD: &str = r"
        \01\01\86\a5login\c4 llllllllllllllllllllllllllllllll\a5wrong\91\05\a5asked\92\03
        \04\a4code\84\a7purpose\a5reset\a6digest\c4 cccccccccccccccccccccccccccccccc\aaex
        pires_at\cd\03\84\a5tries\02\a7look_at\cd\03\e8\a8revision\11";

    #[test]
    fn an_old_one_still_reads() {
        let old: Attempts = crate::codec::decode(&unshown(OLD)).unwrap();
        assert_eq!(old, Attempts { others: Vec::new(), ..samples::attempts() });
    }
}
