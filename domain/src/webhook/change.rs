//! Another address, other events, or a pause.

use super::{OffReason, WebhookState, check_types, managed};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::WebhookId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Changes what is named. Turned on again, a webhook goes on where it stood: what it missed comes
/// first. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ChangeWebhook {
    pub webhook_id: WebhookId,
    /// Closed under the name of whoever made it.
    pub url: Option<Sealed>,
    pub types: Option<Vec<String>>,
    pub on: Option<bool>,
    /// The version this replaces, if the caller saw one.
    pub if_version: Option<u64>,
}

pub(super) fn change_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ChangeWebhook,
) -> Result<Outcome, Unreadable> {
    let ChangeWebhook { webhook_id, url, types, on, if_version } = command;
    let mut webhook = match managed(city, actor, webhook_id)? {
        Ok(webhook) => webhook,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let checked = check_types(types.as_deref().unwrap_or_default())
        .and_then(|()| url.as_ref().map_or(Ok(()), |url| field::sealed("/url", url)));
    if let Err(why) = checked {
        return Ok(Outcome::rejected(why));
    }
    let before = webhook.clone();
    webhook.types = types.unwrap_or(webhook.types);
    webhook.url = url.unwrap_or(webhook.url);
    match on {
        Some(true) => webhook.state = WebhookState::On,
        Some(false) if webhook.is_on() => {
            webhook.state = WebhookState::Off { why: OffReason::ByHand, at: stamp.at };
        }
        Some(false) | None => {}
    }
    if webhook == before {
        return Ok(Outcome::unchanged(before.revision));
    }
    if if_version.is_some_and(|seen| seen != before.version) {
        let version = before.version;
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    if webhook.url != before.url || (webhook.is_on() && !before.is_on()) {
        // Somebody has mended something: it is tried at once, and its days are counted anew.
        webhook.failing = None;
        webhook.failing_since = None;
    }
    webhook.version += 1;
    webhook.revision = stamp.index;
    let (restaurant_id, version) = (webhook.owner.restaurant_id(), webhook.version);
    let mut changes = Changes::new(stamp);
    changes.write(Write::Webhook(Arc::new(webhook)));
    changes.event(Event::WebhookPut { webhook_id, restaurant_id, version });
    Ok(changes.yes())
}
