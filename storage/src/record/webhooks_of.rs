//! The webhooks of the city, or of one restaurant. Key: kind, the restaurant's id if it is one.

use super::Record;
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::webhook::{WebhookOwner, WebhooksOf};

impl Record for WebhooksOf {
    type Key = WebhookOwner;
    const COLUMN: Column = Column::Accounts;

    fn row(key: WebhookOwner) -> Row {
        let kind = Row::new(Kind::WebhooksOf);
        match key {
            WebhookOwner::City => kind,
            WebhookOwner::Restaurant(id) => kind.bytes(&id.0),
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.webhooks_of
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\83\a5owner\a4city\a3ids\91\c4\10wwwwwwwwwwwwwwww\a8revision*
        "#]]
        .assert_eq(&round_trip(&samples::webhooks_of()));
    }
}
