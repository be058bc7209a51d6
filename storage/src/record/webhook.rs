//! An address that is told of events, and how far it has come. Key: kind, webhook id.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::WebhookId;
use domain::webhook::Webhook;

/// What the city's webhooks start with.
pub(crate) const WEBHOOKS: Kind = Kind::Webhook;

impl Record for Webhook {
    type Key = WebhookId;
    const COLUMN: Column = Column::Accounts;

    fn row(key: WebhookId) -> Row {
        Row::new(WEBHOOKS).bytes(&key.0)
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.webhooks
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\14\a2id\c4\10wwwwwwwwwwwwwwww\a5owner\81\aarestaurant\c4\10rrrrrrrrr
            rrrrrrr\a7made_by\c4\10aaaaaaaaaaaaaaaa\a3url\c4\03url\a5types\91\a7order.*\a6sec
            ret\c4\06secret\a8previous\82\a6secret\c4\06before\a5until\cd\01\90\a5state\81\a3
            Off\82\a3why\a7failing\a2at\cd\01\8f\a6cursor\82\a5index)\a6number\00\a7failing\84
            \a5event\82\a5index)\a6number\01\a8attempts\02\a7next_at\cd\01\9a\a5since\cd\01\86
            \adfailing_since\cd\01\86\a5again\91\82\a5index\07\a6number\00\a6counts\84\a9deli
            vered\05\a6failed\02\a8given_up\01\a4gaps\01\aflast_success_at\cd\01|\a8attempts\91
            \84\a5event\82\a5index)\a6number\01\a2at\cd\01\86\a7took_ms\0c\a6answer\81\a6stat
            us\cd\01\f4\a7made_at\cd\01^\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\a8rota
            tion\c4 oooooooooooooooooooooooooooooooo\a7version\03\a8revision*
        "#]]
        .assert_eq(&round_trip(&samples::webhook()));
    }
}
