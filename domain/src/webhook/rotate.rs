//! A new secret; the old one signs beside it for a day, so that a receiver can change over.

use super::{PreviousSecret, managed};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::WebhookId;
use crate::limits::WEBHOOK_ROTATION_MS;
use crate::outcome::{Changes, Outcome, Write};
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Replaces the secret. A secret that was still signing beside the present one ends at once: there
/// are never more than two. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RotateWebhook {
    pub webhook_id: WebhookId,
    /// Drawn before, and closed under the name of whoever made the webhook.
    pub secret: Sealed,
    /// Names this rotation, so that a repeat makes no third secret.
    pub request: Digest,
}

pub(super) fn rotate_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RotateWebhook,
) -> Result<Outcome, Unreadable> {
    let RotateWebhook { webhook_id, secret, request } = command;
    let mut webhook = match managed(city, actor, webhook_id)? {
        Ok(webhook) => webhook,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    if webhook.rotation == Some(request) {
        return Ok(Outcome::unchanged(webhook.revision));
    }
    if let Err(why) = field::sealed("/secret", &secret) {
        return Ok(Outcome::rejected(why));
    }
    let until = stamp.at.plus_ms(WEBHOOK_ROTATION_MS);
    let replaced = std::mem::replace(&mut webhook.secret, secret);
    webhook.previous = Some(PreviousSecret { secret: replaced, until });
    webhook.rotation = Some(request);
    webhook.version += 1;
    webhook.revision = stamp.index;
    let restaurant_id = webhook.owner.restaurant_id();
    let mut changes = Changes::new(stamp);
    changes.write(Write::Webhook(Arc::new(webhook)));
    changes.event(Event::WebhookRotated { webhook_id, restaurant_id, until });
    Ok(changes.yes())
}
