//! What operators make of what is known. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::fraud::FraudRules;

impl Record for FraudRules {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::FraudRules)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.fraud_rules
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\83\a7version\02\a3set\86\a5rules\91\83\a6signal\b3account_orders_hour\a8at
            _least\05\a6points(\abreview_from(\a9deny_fromP\a4mode\a7enforce\a9review_ms\ce\00
            \09'\c0\aaunreviewed\a7release\a8revision-
        "#]]
        .assert_eq(&round_trip(&samples::fraud_rules()));
    }
}
