//! Samples of what people are told.

use super::id;
use domain::Cursor;
use domain::calendar::Range;
use domain::ids::*;
use domain::money::Money;
use domain::notice::{
    About, Channel, Device, Notice, NoticeKind, Notified, Preferences, Recipient, Topic,
};
use domain::sealed::Sealed;
use domain::time::Timestamp;

pub(crate) fn preferences() -> Preferences {
    Preferences {
        account_id: AccountId(id(b'a')),
        language: Some("pt".to_owned()),
        channels: [(Topic::Orders, [Channel::Push, Channel::Email].into())].into(),
        quiet: Some(Range { from: 1320, to: 420 }),
        devices: vec![Device {
            id: DeviceId(id(b'v')),
            token: Sealed(b"token".to_vec()),
            session_id: Some(SessionId(id(b's'))),
            renewed_at: Timestamp(50),
        }],
        revision: 41,
    }
}

pub(crate) fn notice() -> Notice {
    Notice {
        id: NoticeId(id(b'n')),
        event: Cursor { index: 42, number: 1 },
        at: Timestamp(51),
        kind: NoticeKind::RefundDone,
        about: About {
            order_id: Some(OrderId(id(b'o'))),
            restaurant_id: Some(RestaurantId(id(b'r'))),
            amount: Some(Money(1_350)),
            moment: Some(Timestamp(52)),
        },
        to: Recipient::Device(AccountId(id(b'a')), DeviceId(id(b'v'))),
        channel: Channel::Push,
        tries: 2,
        next_at: Some(Timestamp(53)),
        error: Some("no answer".to_owned()),
        revision: 43,
    }
}

pub(crate) fn notified() -> Notified {
    Notified { through: Cursor { index: 44, number: 2 }, revision: 45 }
}
