//! What operators have decided for the whole city. Key: kind.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::city::CityTerms;

impl Record for CityTerms {
    type Key = ();
    const COLUMN: Column = Column::Accounts;

    fn row((): ()) -> Row {
        Row::new(Kind::Terms)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.terms
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\87\a7version\02\a5zones\82\a3now\90\a4next\92\cd\01\f4\91\84\a2id\c4\10zzz
            zzzzzzzzzzzzz\a4name\a5Baixa\a4area\93\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de
            \10\eb\82\a6lat_e7\ce\18\8e\9f\00\a6lng_e7\d2\fa\de\10\eb\82\a6lat_e7\ce\18\86\ee
            @\a6lng_e7\d2\fa\df\be\80\a3fee\84\a4base\cc\c7\aaincluded_m\cd\07\d0\a8per_100m\0a
            \a9free_from\cd\0b\b8\a4fees\82\a3now\88\a8delivery\84\a4base\cc\c7\aaincluded_m\cd
            \07\d0\a8per_100m\0a\a9free_from\cd\0b\b8\a5peaks\91\82\a5hours\97\91\82\a4from\cd
            \02X\a2to\cd\05(\90\90\90\90\90\90\b1factor_millionths\ce\00\16\e3`\a7servicec\b2
            service_millionths\cdN \afservice_at_most\cd\01,\absmall_below\cd\03\e8\a9small_f
            ee2\a3bag\0a\a4next\c0\a5taxes\82\a3now\83\a8included\c3\a7classes\82\a4food\ce\00
            \01\fb\d0\a8standard\ce\00\03\82p\aafees_class\a8standard\a4next\c0\a8holidays\82
            \a3now\91\aa2026-12-25\a4next\c0\a5rules\82\a3now\de\00\11\a8quote_ms\ce\00\04\93
            \e0\a9pay_by_ms\ce\00\09'\c0\a9accept_ms\ce\00\04\93\e0\a8offer_ms\cdu0\adno_cour
            ier_ms\ce\00)2\e0\abservice_feec\aetax_millionths\ce\00\01\86\a0\afsubstitution_m
            s\ce\00\04\93\e0\afclaim_answer_ms\ce\05&\5c\00\abclaim_limit\cd\07\d0\a8pin_from
            \c0\abcallout_fee\cd\01,\a6tip_ms\ce\05&\5c\00\b5commission_millionths\ce\00\03\0d
            @\accourier_base\cd\01,\aecourier_per_km<\a6alerts\84\a7push_ms\cd\af\c8\a6sms_ms
            \ce\00\01_\90\a7call_ms\ce\00\02I\f0\acoperators_ms\ce\00\02\bf \a4next\c0\a8revi
            sion\1e
        "#]]
        .assert_eq(&round_trip(&samples::terms()));
    }
}
