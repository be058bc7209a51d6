//! A gateway's call that was taken in. Key: kind, its digest.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::payment::GatewayEvent;
use domain::sealed::Digest;

impl Record for GatewayEvent {
    type Key = Digest;
    const COLUMN: Column = Column::Orders;

    fn row(key: Digest) -> Row {
        Row::new(Kind::GatewayEvent).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.gateway_events
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\88\a3key\c4 \f6\9d\bc`-\f2\de\cf\11\a37I\eb\8b\0e\93\cc\b4\97\d5c\fd\ae\fe
            \ef4\84g\7f\15\ed\ce\a7gateway\a6stripe\a8event_id\a5evt_1\aapayment_id\c4\10pppp
            pppppppppppp\a4fact\81\aaauthorized\82\abgateway_ref\a4pi_1\a6amount\cd\0c\1a\a2a
            t\1f\a5index\09\a7gone_at\cd\13\88
        "#]]
        .assert_eq(&round_trip(&samples::gateway_event()));
    }
}
