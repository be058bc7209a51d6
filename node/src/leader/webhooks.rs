//! Tells webhooks what happens: who is told when. The telling itself is in `deliveries.rs`.
//!
//! One reader of the feed serves all webhooks: an event wakes those who want it, and the others
//! move on with the reader, so that a thousand restaurants with a webhook each cost one reading.
//! Whoever is woken has a run of its own, which reads the feed from its own place and sends one
//! request at a time. So a slow receiver holds up nobody but itself.
//!
//! What is kept here can be lost: the records say how far each webhook has come, and the next
//! leader begins with them.

use super::Desk;
use super::deliveries::{self, From, Rest};
use domain::ids::{RestaurantId, WebhookId};
use domain::time::{HOUR_MS, Timestamp};
use domain::webhook::{Webhook, WebhookOwner};
use domain::{Cursor, Event};
use futures_util::FutureExt;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use storage::{FEED_PAGE, FeedEvent, PAGE};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Runs at once: each is a request on its way, or a short reading.
const AT_ONCE: usize = 512;
/// The clock is looked at this often for attempts that are due.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A webhook that is so many entries behind reads the feed by itself, when a leader begins.
const NEAR_ENTRIES: u64 = 100_000;
/// How often those who want nothing of what happens have their place written down.
const NOTE_EVERY_MS: i64 = HOUR_MS;
/// The wait after a run that could not be recorded or read.
const AGAIN_AFTER_MS: i64 = 1_000;

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let mut applied = desk.city.applied_watch();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut desks = Watch::new(desk, stop.clone());
    while let Err(error) = desks.begin() {
        tracing::error!(%error, "webhooks cannot be read");
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
    }
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = desks.running.join_next() => desks.rest(ended),
            changed = applied.changed() => {
                if changed.is_err() {
                    break;
                }
            }
            _ = ticks.tick() => desks.look_at_the_clock(),
        }
        desks.read();
        desks.start();
    }
    // Each writes down what was taken so far, so that the next leader repeats little.
    while desks.running.join_next().await.is_some() {}
}

/// All webhooks, and what each is doing.
struct Watch {
    desk: Desk,
    stop: CancellationToken,
    all: BTreeMap<WebhookId, Watched>,
    of_city: BTreeSet<WebhookId>,
    of_restaurant: BTreeMap<RestaurantId, BTreeSet<WebhookId>>,
    /// Attempts that are not due yet.
    waiting: BTreeSet<(Timestamp, WebhookId)>,
    /// Those who wait for a free run.
    ready: VecDeque<WebhookId>,
    running: JoinSet<(WebhookId, Rest)>,
    /// Everything up to here was looked at.
    read: Cursor,
    noted_at: Timestamp,
}

struct Watched {
    webhook: Arc<Webhook>,
    doing: Doing,
    /// Where the last run ended.
    from: Option<From>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// Nothing to tell up to what was read.
    Idle,
    /// In `ready`.
    Ready,
    /// With a run; true if there may be more by now than it saw.
    Running(bool),
    /// In `waiting`.
    Waiting(Timestamp),
    /// Off.
    Off,
}

impl Watch {
    fn new(desk: Desk, stop: CancellationToken) -> Self {
        let noted_at = desk.clock.now();
        Self {
            desk,
            stop,
            all: BTreeMap::new(),
            of_city: BTreeSet::new(),
            of_restaurant: BTreeMap::new(),
            waiting: BTreeSet::new(),
            ready: VecDeque::new(),
            running: JoinSet::new(),
            read: Cursor::START,
            noted_at,
        }
    }

    /// Finds all webhooks. Those who are not far behind are told by the one reader.
    fn begin(&mut self) -> Result<(), storage::Error> {
        let head = self.desk.city.applied();
        let view = self.desk.reader.view();
        let mut begin = Cursor::after_entry(head);
        let mut after = None;
        loop {
            let page = view.webhooks(after, PAGE)?;
            after = page.last().map(|webhook| webhook.id);
            let whole = page.len() == PAGE;
            for webhook in page {
                let near = webhook.cursor.index.saturating_add(NEAR_ENTRIES) >= head;
                let idle = near && webhook.failing.is_none() && webhook.again.is_empty();
                if webhook.is_on() && idle {
                    begin = begin.min(webhook.cursor);
                }
                let id = webhook.id;
                let from = From { revision: webhook.revision, done: webhook.cursor };
                self.add(webhook, idle.then_some(from));
                if !idle {
                    self.wake(id);
                }
            }
            if !whole {
                break;
            }
        }
        self.read = begin;
        Ok(())
    }

    /// `from`: where it stands, if the one reader has yet to come there.
    fn add(&mut self, webhook: Arc<Webhook>, from: Option<From>) {
        let id = webhook.id;
        match webhook.owner {
            WebhookOwner::City => self.of_city.insert(id),
            WebhookOwner::Restaurant(place) => {
                self.of_restaurant.entry(place).or_default().insert(id)
            }
        };
        let doing = if webhook.is_on() { Doing::Idle } else { Doing::Off };
        self.all.insert(id, Watched { webhook, doing, from });
    }

    fn forget(&mut self, id: WebhookId) {
        let Some(watched) = self.all.remove(&id) else { return };
        match watched.webhook.owner {
            WebhookOwner::City => drop(self.of_city.remove(&id)),
            WebhookOwner::Restaurant(place) => {
                if let Some(here) = self.of_restaurant.get_mut(&place) {
                    here.remove(&id);
                    if here.is_empty() {
                        self.of_restaurant.remove(&place);
                    }
                }
            }
        }
        if let Doing::Waiting(until) = watched.doing {
            self.waiting.remove(&(until, id));
        }
    }

    /// Lets a webhook look for something to tell, now or when its run has ended.
    fn wake(&mut self, id: WebhookId) {
        let Some(watched) = self.all.get_mut(&id) else { return };
        match watched.doing {
            Doing::Running(_) => watched.doing = Doing::Running(true),
            Doing::Ready => {}
            Doing::Idle | Doing::Off => {
                if let (Doing::Idle, Some(from)) = (watched.doing, &mut watched.from) {
                    // Nothing of what was read in the meantime was for it.
                    from.done = from.done.max(self.read);
                }
                watched.doing = Doing::Ready;
                self.ready.push_back(id);
            }
            Doing::Waiting(until) => {
                self.waiting.remove(&(until, id));
                watched.doing = Doing::Ready;
                self.ready.push_back(id);
            }
        }
    }

    fn start(&mut self) {
        while self.running.len() < AT_ONCE
            && let Some(id) = self.ready.pop_front()
        {
            // It may be forgotten by now.
            let Some(watched) = self.all.get_mut(&id) else { continue };
            watched.doing = Doing::Running(false);
            let run = deliveries::run(self.desk.clone(), self.stop.clone(), id, watched.from);
            // A run that breaks off is begun again later, like one that could not read.
            let whole = AssertUnwindSafe(run).catch_unwind();
            self.running.spawn(async move { (id, whole.await.unwrap_or(Rest::Again)) });
        }
    }

    /// A run has ended.
    fn rest(&mut self, ended: Result<(WebhookId, Rest), tokio::task::JoinError>) {
        let (id, rest) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "a run of a webhook broke off");
                return;
            }
        };
        let now = self.desk.clock.now();
        let Some(watched) = self.all.get_mut(&id) else { return };
        let more = watched.doing == Doing::Running(true);
        watched.doing = match rest {
            Rest::Done(from) => {
                watched.from = Some(from);
                Doing::Idle
            }
            Rest::Until(due) => Doing::Waiting(due),
            Rest::Off => Doing::Off,
            Rest::Again => Doing::Waiting(now.plus_ms(AGAIN_AFTER_MS)),
        };
        match (watched.doing, rest) {
            // What was read in the meantime may be for it, or have changed it: the next run sees.
            (
                Doing::Idle | Doing::Waiting(_) | Doing::Off,
                Rest::Done(_) | Rest::Until(_) | Rest::Off,
            ) if more => {
                watched.doing = Doing::Ready;
                self.ready.push_back(id);
            }
            (Doing::Waiting(due), _) => drop(self.waiting.insert((due, id))),
            (Doing::Idle | Doing::Ready | Doing::Running(_) | Doing::Off, _) => {}
        }
    }

    fn look_at_the_clock(&mut self) {
        let now = self.desk.clock.now();
        while let Some((due, id)) = self.waiting.first().copied()
            && due <= now
        {
            self.wake(id);
        }
        if now.ms_since(self.noted_at) >= NOTE_EVERY_MS {
            self.noted_at = now;
            let idle = self.all.iter().filter(|(_, watched)| watched.doing == Doing::Idle);
            let idle: Vec<WebhookId> = idle.map(|(id, _)| *id).collect();
            idle.into_iter().for_each(|id| self.wake(id));
        }
    }

    /// Looks at what has happened since.
    fn read(&mut self) {
        loop {
            let page = match self.desk.reader.view().feed(self.read, FEED_PAGE) {
                Ok(page) => page,
                Err(storage::Error::BehindRetention { oldest }) => {
                    // Each finds out by itself what it has missed.
                    self.read = oldest;
                    let all: Vec<WebhookId> = self.all.keys().copied().collect();
                    all.into_iter().for_each(|id| self.wake(id));
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "the feed cannot be read");
                    return;
                }
            };
            for event in &page.events {
                if let Err(error) = self.see(event) {
                    tracing::error!(%error, "webhooks cannot be read");
                    return;
                }
                self.read = event.cursor;
            }
            if page.events.len() < FEED_PAGE {
                return;
            }
        }
    }

    /// One event: wakes those who want it, and whoever it is about.
    fn see(&mut self, seen: &FeedEvent) -> Result<(), storage::Error> {
        if let Some(id) = changed(&seen.event) {
            self.reload(id)?;
        }
        if self.all.is_empty() {
            return Ok(());
        }
        let audience = self.desk.reader.view().audience(&seen.event)?;
        let here = audience.restaurant.and_then(|place| self.of_restaurant.get(&place));
        let told = self.of_city.iter().chain(here.into_iter().flatten()).filter(|id| {
            self.all.get(id).is_some_and(|watched| {
                let behind = watched.from.is_none_or(|from| from.done < seen.cursor);
                let takes = matches!(watched.doing, Doing::Idle | Doing::Running(_));
                takes && behind && watched.webhook.wants(seen.event.name())
            })
        });
        let told: Vec<WebhookId> = told.copied().collect();
        told.into_iter().for_each(|id| self.wake(id));
        Ok(())
    }

    fn reload(&mut self, id: WebhookId) -> Result<(), storage::Error> {
        match self.desk.reader.view().webhook(id)? {
            None => self.forget(id),
            Some(webhook) => match self.all.get_mut(&id) {
                None => {
                    self.add(webhook, None);
                    self.wake(id);
                }
                Some(watched) => {
                    watched.webhook = webhook;
                    self.wake(id);
                }
            },
        }
        Ok(())
    }
}

/// The webhook that somebody has made, changed or dropped.
fn changed(event: &Event) -> Option<WebhookId> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other event changes a webhook")]
    match event {
        Event::WebhookPut { webhook_id, .. }
        | Event::WebhookRotated { webhook_id, .. }
        | Event::WebhookDropped { webhook_id, .. }
        | Event::WebhookReplayed { webhook_id, .. } => Some(*webhook_id),
        _ => None,
    }
}
