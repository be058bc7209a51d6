//! Telling people: what they are told, how they want it, and what could not be told yet.
//!
//! Messages follow from the feed. A task of the leader plans them, sends them and records how far
//! it has come; a message that went out at once leaves nothing behind. Only what must wait, or what
//! failed, becomes a record.

pub(crate) mod command;
mod device;
mod kind;
mod phone;
mod plan;
mod prefer;
mod record;
mod retry;
mod ways;

pub use command::NoticeCommand;
pub use device::{DropDevice, PutDevice};
pub use kind::{NoticeKind, Reach};
pub use phone::{AlertPhone, SetAlertPhone};
pub use plan::{About, Planned, Whom, is_wanted, planned};
pub use prefer::SetPreferences;
pub use record::{RecordNotices, TriedNotice, TryResult};
pub use retry::RetryNotice;
pub use ways::{Ear, not_before, way};

use crate::calendar::Range;
use crate::cursor::Cursor;
use crate::ids::{AccountId, CityNumber, DeviceId, NoticeId, RestaurantId, SessionId};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a message reaches somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// To an app on a device.
    Push,
    /// A short message to a phone.
    Sms,
    /// To a mail address.
    Email,
    /// A machine calls and reads it out.
    Voice,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Push, Self::Sms, Self::Email, Self::Voice];

    /// As it stands in keys, metrics and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Voice => "voice",
        }
    }
}

/// What a message is about, as far as people choose by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The orders of a customer.
    Orders,
    /// What somebody does for a living here: kitchen, courier, operator.
    Work,
    /// What a city would like people to buy. Off until somebody asks for it.
    Offers,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 3] = [Self::Orders, Self::Work, Self::Offers];

    /// The channels of somebody who has chosen none.
    pub fn usual(self) -> BTreeSet<Channel> {
        match self {
            Self::Orders => [Channel::Push, Channel::Sms, Channel::Email].into(),
            Self::Work => Channel::ALL.into(),
            Self::Offers => BTreeSet::new(),
        }
    }
}

/// How somebody wants to be told. Whoever has chosen nothing has no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose.
    pub account_id: AccountId,
    /// BCP 47; the account's, else the city's, if absent.
    pub language: Option<String>,
    /// By topic; a topic that is absent goes its usual ways.
    pub channels: BTreeMap<Topic, BTreeSet<Channel>>,
    /// Local minutes in which only what is urgent is sent; `to <= from` runs past midnight.
    pub quiet: Option<Range>,
    /// Apps that take messages, the one that was renewed last at the end.
    pub devices: Vec<Device>,
    /// The entry that wrote this record last; 0 if there is none.
    pub revision: u64,
}

impl Preferences {
    /// Of somebody who has chosen nothing.
    pub fn usual(account_id: AccountId) -> Self {
        Self {
            account_id,
            language: None,
            channels: BTreeMap::new(),
            quiet: None,
            devices: Vec::new(),
            revision: 0,
        }
    }

    /// The channels for a topic.
    pub fn channels_of(&self, topic: Topic) -> BTreeSet<Channel> {
        self.channels.get(&topic).cloned().unwrap_or_else(|| topic.usual())
    }
}

/// An app that takes messages for somebody while their login there lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Derived from the account and the token.
    pub id: DeviceId,
    /// What the push provider calls it, closed.
    pub token: Sealed,
    /// The login that registered it: with that it falls silent.
    pub session_id: Option<SessionId>,
    /// When it was registered or renewed.
    pub renewed_at: Timestamp,
}

/// Who gets one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Somebody, at the contact they signed up with.
    Account(AccountId),
    /// Somebody, on one of their devices.
    Device(AccountId, DeviceId),
    /// A restaurant, at its own phone.
    Restaurant(RestaurantId),
}

impl NoticeId {
    /// The name of one message: the same whoever plans it, so that it is sent once.
    pub fn of(city: CityNumber, event: Cursor, to: Recipient, channel: Channel) -> Self {
        let (index, number) = (event.index.to_be_bytes(), event.number.to_be_bytes());
        let (whom, device): (&[u8], &[u8]) = match &to {
            Recipient::Account(id) => (&id.0, b"contact"),
            Recipient::Device(id, device) => (&id.0, &device.0),
            Recipient::Restaurant(id) => (&id.0, b"restaurant"),
        };
        Self::derive(city, &[&index, &number, whom, device, channel.name().as_bytes()])
    }
}

/// A message that waits, or that could not be sent. Its text is made when it is sent, so that no
/// record holds more than ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What the provider knows it by, too.
    pub id: NoticeId,
    /// What it tells of.
    pub event: Cursor,
    /// When that happened, or when an operator asked for it again: it is of use only for a while.
    pub at: Timestamp,
    /// What it says.
    pub kind: NoticeKind,
    /// About what.
    pub about: About,
    /// Who gets it.
    pub to: Recipient,
    /// How.
    pub channel: Channel,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; it was given up if absent.
    pub next_at: Option<Timestamp>,
    /// What went wrong last, without any contact in it.
    pub error: Option<String>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What becomes of a message that is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// It is tried again.
    Waiting,
    /// It was given up.
    Failed,
}

impl NoticeState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Waiting, Self::Failed];
}

impl Notice {
    /// Whether it is still tried.
    pub fn state(&self) -> NoticeState {
        if self.next_at.is_some() { NoticeState::Waiting } else { NoticeState::Failed }
    }

    /// The moment after which nobody needs it any more.
    pub fn useless_from(&self) -> Timestamp {
        self.at.plus_ms(self.kind.useful_ms())
    }
}

/// How far the feed has been turned into messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notified {
    /// Everything up to here was planned, and sent or kept.
    pub through: Cursor,
    /// The entry that wrote this record last.
    pub revision: u64,
}
