//! Everything that can be asked of webhooks. One variant is one file.

use super::change::{ChangeWebhook, change_webhook};
use super::drop::{DropWebhook, drop_webhook};
use super::put::{PutWebhook, put_webhook};
use super::record::{RecordDeliveries, record_deliveries};
use super::replay::{ReplayWebhook, replay_webhook};
use super::rotate::{RotateWebhook, rotate_webhook};
use crate::entry::{Actor, Stamp};
use crate::ids::WebhookId;
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A wish about a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum WebhookCommand {
    Put(PutWebhook),
    Change(ChangeWebhook),
    Rotate(RotateWebhook),
    Drop(DropWebhook),
    Replay(ReplayWebhook),
    Record(RecordDeliveries),
}

impl WebhookCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Put(_) => "put_webhook",
            Self::Change(_) => "change_webhook",
            Self::Rotate(_) => "rotate_webhook",
            Self::Drop(_) => "drop_webhook",
            Self::Replay(_) => "replay_webhook",
            Self::Record(_) => "record_deliveries",
        }
    }

    /// Which webhook.
    pub fn webhook_id(&self) -> WebhookId {
        match self {
            Self::Put(c) => c.webhook_id,
            Self::Change(c) => c.webhook_id,
            Self::Rotate(c) => c.webhook_id,
            Self::Drop(c) => c.webhook_id,
            Self::Replay(c) => c.webhook_id,
            Self::Record(c) => c.webhook_id,
        }
    }
}

pub(crate) fn apply_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: WebhookCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        WebhookCommand::Put(wish) => put_webhook(city, stamp, actor, wish),
        WebhookCommand::Change(wish) => change_webhook(city, stamp, actor, wish),
        WebhookCommand::Rotate(wish) => rotate_webhook(city, stamp, actor, wish),
        WebhookCommand::Drop(wish) => drop_webhook(city, stamp, actor, wish),
        WebhookCommand::Replay(wish) => replay_webhook(city, stamp, actor, wish),
        WebhookCommand::Record(wish) => record_deliveries(city, stamp, actor, wish),
    }
}
