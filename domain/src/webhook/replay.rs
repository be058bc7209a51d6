//! Somebody wants to be told again.

use super::managed;
use crate::cursor::Cursor;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::WebhookId;
use crate::limits::WEBHOOK_AGAIN;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Everything behind this place, in order: also the way to skip what lies before it.
    After(Cursor),
    /// This event alone, with one attempt, before anything else.
    Only(Cursor),
}

/// Tells a webhook again. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReplayWebhook {
    pub webhook_id: WebhookId,
    pub what: Replay,
}

pub(super) fn replay_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ReplayWebhook,
) -> Result<Outcome, Unreadable> {
    let ReplayWebhook { webhook_id, what } = command;
    let mut webhook = match managed(city, actor, webhook_id)? {
        Ok(webhook) => webhook,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    match what {
        Replay::After(cursor) => {
            if webhook.cursor == cursor && webhook.failing.is_none() {
                return Ok(Outcome::unchanged(webhook.revision));
            }
            if let Err(why) = check_after(cursor, stamp) {
                return Ok(Outcome::rejected(why));
            }
            webhook.cursor = cursor;
            webhook.failing = None;
        }
        Replay::Only(event) => {
            if webhook.again.contains(&event) {
                return Ok(Outcome::unchanged(webhook.revision));
            }
            if webhook.again.len() >= WEBHOOK_AGAIN {
                let at_most = u32::try_from(WEBHOOK_AGAIN).unwrap_or(u32::MAX);
                return Ok(Outcome::rejected(Rejection::ReplaysTooMany { at_most }));
            }
            if event.index >= stamp.index {
                let why = field::invalid("/event", "the id of an event of the feed");
                return Ok(Outcome::rejected(why));
            }
            webhook.again.push(event);
        }
    }
    webhook.revision = stamp.index;
    let restaurant_id = webhook.owner.restaurant_id();
    let mut changes = Changes::new(stamp);
    changes.write(Write::Webhook(Arc::new(webhook)));
    changes.event(Event::WebhookReplayed { webhook_id, restaurant_id });
    Ok(changes.yes())
}

/// Nobody can be told of what follows an event that is not there yet.
pub(super) fn check_after(cursor: Cursor, stamp: &Stamp) -> Result<(), Rejection> {
    if cursor <= Cursor::after_entry(stamp.index) {
        return Ok(());
    }
    Err(field::invalid("/after", "the id of an event of the feed, or a log index"))
}
