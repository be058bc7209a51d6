//! The leader has told a webhook something, and says how that went.

use super::{ATTEMPTS_AFTER_MS, Attempt, Failing, OffReason, Webhook, WebhookAnswer, WebhookState};
use crate::authority::is_system;
use crate::cursor::Cursor;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::WebhookId;
use crate::limits::{
    WEBHOOK_ATTEMPTS, WEBHOOK_RETRY_AFTER_MS, WEBHOOK_SPREAD_PERMILLE, WEBHOOK_SUCCESS_WITHIN_MS,
};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Moves a webhook's cursor. Many events that were taken are one of these; each failure is one of
/// its own. The system only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordDeliveries {
    pub webhook_id: WebhookId,
    /// The cursor as the leader saw it: what was recorded or asked for since then wins.
    pub from: Cursor,
    /// The attempts at the failing event as the leader saw them.
    pub tried: u32,
    /// Everything up to here is done.
    pub to: Cursor,
    /// Events that were taken on the way there.
    pub delivered: u32,
    /// The newest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    pub end: DeliveryEnd,
}

/// How a run of deliveries ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryEnd {
    /// All went well.
    Well,
    /// The feed begins at `to`: what lay before it cannot be told any more.
    Gap,
    /// The next event behind `to` was not taken.
    Failed {
        /// That event.
        event: Cursor,
        /// Drawn before: how much longer or shorter than planned the wait is, in thousandths.
        spread_permille: i16,
        /// The receiver asked for so much time.
        retry_after_ms: Option<i64>,
    },
    /// This event was told again, and the webhook may have taken it or not.
    Again {
        /// The first of the queue.
        event: Cursor,
    },
}

pub(super) fn record_deliveries(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RecordDeliveries,
) -> Result<Outcome, Unreadable> {
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(webhook) = city.webhook(command.webhook_id)? else {
        return Ok(Outcome::rejected(Rejection::WebhookUnknown));
    };
    let mut webhook = Webhook::clone(&webhook);
    let tried = webhook.failing.map_or(0, |failing| failing.attempts);
    if (webhook.cursor, tried) != (command.from, command.tried) {
        let version = webhook.version;
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    if let Err(why) = check(&webhook, stamp, &command) {
        return Ok(Outcome::rejected(why));
    }
    let (webhook_id, end) = (command.webhook_id, command.end);
    let mut changes = Changes::new(stamp);
    advance(&mut webhook, stamp.at, &command);
    let restaurant_id = webhook.owner.restaurant_id();
    match end {
        DeliveryEnd::Well => {}
        DeliveryEnd::Gap => {
            webhook.counts.gaps += 1;
            let (after, oldest) = (command.from, command.to);
            changes.event(Event::WebhookGap { webhook_id, restaurant_id, after, oldest });
        }
        DeliveryEnd::Failed { event, spread_permille, retry_after_ms } => {
            webhook.counts.failed += 1;
            if fail(&mut webhook, stamp.at, event, spread_permille, retry_after_ms) {
                changes.event(Event::WebhookGaveUp { webhook_id, restaurant_id, event });
            }
        }
        DeliveryEnd::Again { .. } => {
            webhook.again.remove(0);
            webhook.counts.failed += u64::from(command.delivered == 0);
        }
    }
    if let Some(why) = off(&webhook, command.attempts.last(), stamp.at) {
        webhook.state = WebhookState::Off { why, at: stamp.at };
        webhook.failing = None;
        let account_id = webhook.made_by;
        changes.event(Event::WebhookTurnedOff { webhook_id, restaurant_id, account_id, why });
    }
    webhook.revision = stamp.index;
    changes.write(Write::Webhook(Arc::new(webhook)));
    Ok(changes.yes())
}

fn check(webhook: &Webhook, stamp: &Stamp, command: &RecordDeliveries) -> Result<(), Rejection> {
    let RecordDeliveries { from, to, attempts, end, .. } = command;
    if to < from || *to > Cursor::after_entry(stamp.index) {
        return Err(field::invalid("/to", "a place behind `from` that the feed has reached"));
    }
    field::length("/attempts", attempts.len(), 0..=WEBHOOK_ATTEMPTS)?;
    match *end {
        DeliveryEnd::Well | DeliveryEnd::Gap => Ok(()),
        DeliveryEnd::Failed { event, spread_permille, retry_after_ms } => {
            if event <= *to || event.index > stamp.index {
                return Err(field::invalid(
                    "/end/failed/event",
                    "an event of the feed behind `to`",
                ));
            }
            let spread = -WEBHOOK_SPREAD_PERMILLE..=WEBHOOK_SPREAD_PERMILLE;
            field::number("/end/failed/spread_permille", spread_permille.into(), spread)?;
            let asked = retry_after_ms.unwrap_or(0);
            field::number("/end/failed/retry_after_ms", asked, 0..=WEBHOOK_RETRY_AFTER_MS)
        }
        DeliveryEnd::Again { event } if webhook.again.first() == Some(&event) => Ok(()),
        DeliveryEnd::Again { .. } => {
            Err(field::invalid("/end/again/event", "the first event of the queue"))
        }
    }
}

/// What went well, and what is remembered of it.
fn advance(webhook: &mut Webhook, at: Timestamp, command: &RecordDeliveries) {
    let RecordDeliveries { to, delivered, attempts, .. } = command;
    webhook.cursor = *to;
    webhook.failing = webhook.failing.filter(|failing| failing.event > *to);
    webhook.previous = webhook.previous.take().filter(|previous| at < previous.until);
    webhook.counts.delivered += u64::from(*delivered);
    if *delivered > 0 {
        webhook.last_success_at = Some(at);
        webhook.failing_since = None;
    }
    webhook.attempts.extend(attempts);
    let surplus = webhook.attempts.len().saturating_sub(WEBHOOK_ATTEMPTS);
    webhook.attempts.drain(..surplus);
}

/// Counts a failure and says when the next try is due; true if there is none.
fn fail(
    webhook: &mut Webhook,
    at: Timestamp,
    event: Cursor,
    spread_permille: i16,
    retry_after_ms: Option<i64>,
) -> bool {
    webhook.failing_since = Some(webhook.failing_since.unwrap_or(at));
    let before = webhook.failing.filter(|failing| failing.event == event);
    let attempts = before.map_or(0, |failing| failing.attempts) + 1;
    let planned = usize::try_from(attempts).ok().and_then(|next| ATTEMPTS_AFTER_MS.get(next));
    let Some(planned) = planned else {
        webhook.cursor = event;
        webhook.failing = None;
        webhook.counts.given_up += 1;
        return true;
    };
    let spread = planned * i64::from(spread_permille) / 1_000;
    let wait = (planned + spread).max(retry_after_ms.unwrap_or(0));
    let since = before.map_or(at, |failing| failing.since);
    webhook.failing = Some(Failing { event, attempts, next_at: at.plus_ms(wait), since });
    false
}

/// Whether it has failed for the last time, and why. Only what was tried just now counts: what it
/// answered before it was switched on again is forgiven.
fn off(webhook: &Webhook, last: Option<&Attempt>, at: Timestamp) -> Option<OffReason> {
    let last = last.filter(|_| webhook.is_on())?;
    if last.answer == WebhookAnswer::Status(410) {
        return Some(OffReason::Gone);
    }
    let since = webhook.failing_since.filter(|_| !last.answer.is_yes())?;
    (at.ms_since(since) >= WEBHOOK_SUCCESS_WITHIN_MS).then_some(OffReason::Failing)
}
