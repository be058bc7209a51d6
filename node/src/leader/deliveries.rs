//! Tells one webhook all that it has not been told, in order, one request at a time.
//!
//! What is taken is written down twice a second and not for each event, so that a busy receiver
//! costs few entries; a failure is written down at once, since the wait counts from there. Whatever
//! was sent and not written down is sent again by whoever leads then, under the same id.

use super::Desk;
use crate::webhooks::{Message, Sent};
use domain::ids::WebhookId;
use domain::limits::{WEBHOOK_ATTEMPTS, WEBHOOK_SPREAD_PERMILLE};
use domain::time::Timestamp;
use domain::webhook::{
    Attempt, DeliveryEnd, RecordDeliveries, Webhook, WebhookCommand, WebhookOwner,
};
use domain::{Command, Cursor, Verdict, Viewer};
use std::sync::Arc;
use std::time::Duration;
use storage::FeedEvent;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Events read at once.
const PAGE: usize = 200;
/// What was taken is written down this often, ...
const NOTE_AFTER: Duration = Duration::from_millis(500);
/// ... and where nothing was taken, when so many entries were read over.
const NOTE_ENTRIES: u64 = 1_000;
/// How long this node may take to apply what it has proposed.
const APPLIED_WITHIN: Duration = Duration::from_secs(2);

/// Where an earlier run ended: everything up to `done` was looked at for the record with this
/// revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct From {
    pub(super) revision: u64,
    pub(super) done: Cursor,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// There is nothing more to tell.
    Done(From),
    /// It did not take an event: the next attempt is due then.
    Until(Timestamp),
    /// It is off, or gone.
    Off,
    /// Something could not be read or written down. Nothing is lost by beginning again.
    Again,
}

/// Tells until there is nothing to tell, or it does not take it.
pub(super) async fn run(
    desk: Desk,
    stop: CancellationToken,
    id: WebhookId,
    from: Option<From>,
) -> Rest {
    let mut from = from;
    loop {
        let webhook = match desk.reader.view().webhook(id) {
            Ok(Some(webhook)) if webhook.is_on() => webhook,
            Ok(_) => return Rest::Off,
            Err(error) => {
                tracing::error!(%error, "a webhook cannot be read");
                return Rest::Again;
            }
        };
        let due = webhook.failing.map(|failing| failing.next_at);
        let again = webhook.again.first().copied();
        let mut run = Run::new(&desk, &stop, webhook, from.take());
        let step = match (again, due) {
            (Some(event), _) => run.tell_again(event).await,
            (None, Some(due)) if due > desk.clock.now() => return Rest::Until(due),
            (None, _) => run.tell_all().await,
        };
        match step {
            Ok(Step::Reload) => {}
            Ok(Step::Done) => return Rest::Done(run.place()),
            Err(Stopped) => return Rest::Again,
        }
    }
}

/// What to do after a part of a run.
enum Step {
    /// Begin again with the record as it is now.
    Reload,
    Done,
}

/// The run cannot go on: the store, the log or this leader's time has ended.
struct Stopped;

struct Run<'a> {
    desk: &'a Desk,
    stop: &'a CancellationToken,
    webhook: Arc<Webhook>,
    url: String,
    revision: u64,
    /// The record's cursor and attempts, as they were last written down.
    from: Cursor,
    tried: u32,
    /// Everything up to here is done.
    done: Cursor,
    /// Taken since it was last written down.
    delivered: u32,
    attempts: Vec<Attempt>,
    /// The first success that is not written down.
    since: Option<Instant>,
}

impl<'a> Run<'a> {
    fn new(
        desk: &'a Desk,
        stop: &'a CancellationToken,
        webhook: Arc<Webhook>,
        from: Option<From>,
    ) -> Self {
        let seen = from.filter(|from| from.revision == webhook.revision);
        let done = seen.map_or(webhook.cursor, |from| from.done.max(webhook.cursor));
        let url = desk.vault.open(webhook.made_by, &webhook.url).unwrap_or_default();
        Self {
            desk,
            stop,
            url,
            revision: webhook.revision,
            from: webhook.cursor,
            tried: webhook.failing.map_or(0, |failing| failing.attempts),
            done,
            webhook,
            delivered: 0,
            attempts: Vec::new(),
            since: None,
        }
    }

    fn place(&self) -> From {
        From { revision: self.revision, done: self.done }
    }

    async fn tell_all(&mut self) -> Result<Step, Stopped> {
        let mut applied = self.desk.city.applied_watch();
        loop {
            // Where nothing is wanted there is nothing to wait for: others want to run as well.
            tokio::task::yield_now().await;
            if self.stop.is_cancelled() {
                return Err(Stopped);
            }
            applied.mark_unchanged();
            let page = match self.desk.reader.view().feed(self.done, PAGE) {
                Ok(page) => page,
                Err(storage::Error::BehindRetention { oldest }) => {
                    self.note(DeliveryEnd::Well).await?;
                    tracing::warn!(webhook = %self.webhook.id, %oldest, "the feed begins later");
                    self.done = oldest;
                    self.note(DeliveryEnd::Gap).await?;
                    return Ok(Step::Reload);
                }
                Err(error) => return Err(unreadable(&error)),
            };
            for event in &page.events {
                if self.changed()? {
                    self.note(DeliveryEnd::Well).await?;
                    return Ok(Step::Reload);
                }
                if self.wants(event)? {
                    let Some(sent) = self.send(event).await else {
                        // Another leads from here on; what was taken is written down by its log.
                        self.note(DeliveryEnd::Well).await?;
                        return Err(Stopped);
                    };
                    if !sent.answer.is_yes() {
                        self.note(self.failed(event.cursor, sent)?).await?;
                        return Ok(Step::Reload);
                    }
                    self.delivered += 1;
                    self.since.get_or_insert_with(Instant::now);
                }
                self.done = event.cursor;
                if self.left().is_some_and(|left| left.is_zero()) {
                    self.note(DeliveryEnd::Well).await?;
                }
            }
            if self.done.index.saturating_sub(self.from.index) >= NOTE_ENTRIES {
                self.note(DeliveryEnd::Well).await?;
            }
            if !page.events.is_empty() {
                continue;
            }
            let Some(left) = self.left() else { return Ok(Step::Done) };
            // What comes soon is written down with what was taken.
            tokio::select! {
                () = self.stop.cancelled() => {}
                _ = tokio::time::timeout(left, applied.changed()) => {}
            }
            if self.stop.is_cancelled() || self.left().is_some_and(|left| left.is_zero()) {
                self.note(DeliveryEnd::Well).await?;
            }
        }
    }

    /// How long what was taken may still wait to be written down; nothing if there is nothing.
    fn left(&self) -> Option<Duration> {
        self.since.map(|since| NOTE_AFTER.saturating_sub(since.elapsed()))
    }

    /// One event that somebody wants told once more.
    async fn tell_again(&mut self, cursor: Cursor) -> Result<Step, Stopped> {
        let before = cursor.predecessor().unwrap_or_default();
        let page = match self.desk.reader.view().feed(before, 1) {
            Ok(page) => page.events,
            // Forgotten in the meantime: it is taken off the queue.
            Err(storage::Error::BehindRetention { .. }) => Vec::new(),
            Err(error) => return Err(unreadable(&error)),
        };
        // A record that was read over is no reason to move the cursor.
        self.done = self.from;
        if let Some(event) = page.first().filter(|event| event.cursor == cursor)
            && self.may_see(event)?
        {
            let sent = self.send(event).await.ok_or(Stopped)?;
            self.delivered = u32::from(sent.answer.is_yes());
        }
        self.note(DeliveryEnd::Again { event: cursor }).await?;
        Ok(Step::Reload)
    }

    /// Whether the record is another one than this run has read or written.
    fn changed(&self) -> Result<bool, Stopped> {
        let now = self.desk.reader.view().webhook(self.webhook.id);
        let now = now.map_err(|error| unreadable(&error))?;
        Ok(now.is_none_or(|webhook| webhook.revision != self.revision))
    }

    fn wants(&self, event: &FeedEvent) -> Result<bool, Stopped> {
        Ok(self.webhook.wants(event.event.name()) && self.may_see(event)?)
    }

    fn may_see(&self, event: &FeedEvent) -> Result<bool, Stopped> {
        let viewer = match self.webhook.owner {
            WebhookOwner::City => return Ok(true),
            WebhookOwner::Restaurant(id) => Viewer::Restaurant(id),
        };
        let audience = self.desk.reader.view().audience(&event.event);
        Ok(audience.map_err(|error| unreadable(&error))?.has(viewer))
    }

    /// Sends an event; nothing if this node stops leading meanwhile.
    async fn send(&mut self, event: &FeedEvent) -> Option<Sent> {
        let at = self.desk.clock.outside();
        let id = format!("msg_{}_{}", event.cursor.index, event.cursor.number);
        let body = crate::live::text(&self.desk.facts, event);
        let webhook = &self.webhook;
        let secrets =
            webhook.secrets_at(at).filter_map(|it| self.desk.vault.open(webhook.made_by, it));
        let secrets: Vec<String> = secrets.collect();
        let message = Message { id: &id, at, body: &body };
        let sent = tokio::select! {
            () = self.stop.cancelled() => return None,
            sent = self.desk.webhooks.send(&self.url, &secrets, message) => sent,
        };
        self.desk.metrics.webhook_told(sent.answer.is_yes());
        let Sent { answer, took_ms, .. } = sent;
        if self.attempts.len() == WEBHOOK_ATTEMPTS {
            self.attempts.remove(0);
        }
        self.attempts.push(Attempt { event: event.cursor, at, took_ms, answer });
        Some(sent)
    }

    fn failed(&self, event: Cursor, sent: Sent) -> Result<DeliveryEnd, Stopped> {
        let drawn = self.desk.vault.random::<2>().map_err(|_| Stopped)?;
        let range = 2 * WEBHOOK_SPREAD_PERMILLE + 1;
        let spread = i64::from(u16::from_be_bytes(drawn)) % range - WEBHOOK_SPREAD_PERMILLE;
        let spread_permille = i16::try_from(spread).unwrap_or(0);
        Ok(DeliveryEnd::Failed { event, spread_permille, retry_after_ms: sent.retry_after_ms })
    }

    /// Writes down how far it has come. What somebody asked for in the meantime stands: then the
    /// log refuses, and the run begins again with the record as it is.
    async fn note(&mut self, end: DeliveryEnd) -> Result<(), Stopped> {
        if end == DeliveryEnd::Well && self.done == self.from {
            return Ok(());
        }
        let record = WebhookCommand::Record(RecordDeliveries {
            webhook_id: self.webhook.id,
            from: self.from,
            tried: self.tried,
            to: self.done,
            delivered: std::mem::take(&mut self.delivered),
            attempts: std::mem::take(&mut self.attempts),
            end,
        });
        let verdict = self.desk.propose("webhooks", Command::Webhook(Box::new(record))).await;
        match verdict {
            Some(Verdict::Yes { index, .. }) => {
                let here = self.desk.city.wait_applied(index, APPLIED_WITHIN).await;
                here.map_err(|_| Stopped)?;
                (self.revision, self.from, self.tried) = (index, self.done, 0);
                self.since = None;
                Ok(())
            }
            // Refused: the record has changed. No verdict: nobody knows. Both begin again.
            Some(Verdict::No(_)) | None => Err(Stopped),
        }
    }
}

fn unreadable(error: &storage::Error) -> Stopped {
    tracing::error!(%error, "what a webhook shall be told cannot be read");
    Stopped
}
