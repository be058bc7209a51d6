//! An address is told nothing any more, and forgotten.

use super::managed;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::WebhookId;
use crate::outcome::{Changes, Outcome, Write};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Forgets a webhook with all that was recorded of it. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropWebhook {
    pub webhook_id: WebhookId,
}

pub(super) fn drop_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DropWebhook,
) -> Result<Outcome, Unreadable> {
    let DropWebhook { webhook_id } = command;
    let webhook = match managed(city, actor, webhook_id)? {
        Ok(webhook) => webhook,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let mut changes = Changes::new(stamp);
    if let Some(all) = city.webhooks_of(webhook.owner)? {
        let mut all = Arc::unwrap_or_clone(all);
        all.ids.retain(|id| *id != webhook_id);
        all.revision = stamp.index;
        changes.write(Write::WebhooksOf(Arc::new(all)));
    }
    changes.write(Write::DropWebhook(webhook_id));
    let restaurant_id = webhook.owner.restaurant_id();
    changes.event(Event::WebhookDropped { webhook_id, restaurant_id });
    Ok(changes.yes())
}
