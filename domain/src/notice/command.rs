//! Everything that can be asked of messages. One variant is one file.

use super::device::{DropDevice, PutDevice, drop_device, put_device};
use super::phone::{SetAlertPhone, set_alert_phone};
use super::prefer::{SetPreferences, set_preferences};
use super::record::{RecordNotices, record_notices};
use super::retry::{RetryNotice, retry_notice};
use crate::entry::{Actor, Stamp};
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum NoticeCommand {
    Prefer(SetPreferences),
    PutDevice(PutDevice),
    DropDevice(DropDevice),
    Phone(SetAlertPhone),
    Record(RecordNotices),
    Retry(RetryNotice),
}

impl NoticeCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prefer(_) => "set_preferences",
            Self::PutDevice(_) => "put_device",
            Self::DropDevice(_) => "drop_device",
            Self::Phone(_) => "set_alert_phone",
            Self::Record(_) => "record_notices",
            Self::Retry(_) => "retry_notice",
        }
    }

    /// The id of the thing it is about, for the audit chain.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::Prefer(_) | Self::Record(_) => None,
            Self::PutDevice(c) => Some(c.device_id.to_string()),
            Self::DropDevice(c) => Some(c.device_id.to_string()),
            Self::Phone(c) => Some(c.restaurant_id.to_string()),
            Self::Retry(c) => Some(c.notice_id.to_string()),
        }
    }
}

pub(crate) fn apply_notice(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: NoticeCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        NoticeCommand::Prefer(wish) => set_preferences(city, stamp, actor, wish),
        NoticeCommand::PutDevice(wish) => put_device(city, stamp, actor, wish),
        NoticeCommand::DropDevice(wish) => drop_device(city, stamp, actor, wish),
        NoticeCommand::Phone(wish) => set_alert_phone(city, stamp, actor, wish),
        NoticeCommand::Record(wish) => record_notices(city, stamp, actor, wish),
        NoticeCommand::Retry(wish) => retry_notice(city, stamp, actor, wish),
    }
}
