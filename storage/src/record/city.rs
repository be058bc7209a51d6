//! The city's one record: its rules. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::city::City;

impl Record for City {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::City)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.city
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\88\a6number\07\a4name\a5Porto\a8currency\a3EUR\a9time_zone\adEurope/Lisbon
            \a8language\a2pt\a6centre\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a5rule
            s\de\00\11\a8quote_ms\ce\00\04\93\e0\a9pay_by_ms\ce\00\09'\c0\a9accept_ms\ce\00\04
            \93\e0\a8offer_ms\cdu0\adno_courier_ms\ce\00)2\e0\abservice_feec\aetax_millionths
            \ce\00\01\86\a0\afsubstitution_ms\ce\00\04\93\e0\afclaim_answer_ms\ce\05&\5c\00\ab
            claim_limit\cd\07\d0\a8pin_from\c0\abcallout_fee\cd\01,\a6tip_ms\ce\05&\5c\00\b5c
            ommission_millionths\ce\00\03\0d@\accourier_base\cd\01,\aecourier_per_km<\a6alert
            s\84\a7push_ms\cd\af\c8\a6sms_ms\ce\00\01_\90\a7call_ms\ce\00\02I\f0\acoperators_
            ms\ce\00\02\bf \a7founder\c4\10aaaaaaaaaaaaaaaa
        "#]]
        .assert_eq(&round_trip(&samples::city()));
    }
}
