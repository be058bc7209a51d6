//! Tells people what happened: follows the feed, sends, and records how far it has come.
//!
//! What goes out at once leaves one entry for many facts. What must wait, or what got no answer, is
//! kept in hard state in that same entry and tried again by a loop of its own for each channel: a
//! provider that is down holds up neither the feed nor the other channels. A leader that begins
//! plans again what was not recorded, with the same keys.

use super::Desk;
use crate::notices::{Letter, People, SendError};
use domain::ids::{AccountId, DeviceId, NoticeId};
use domain::limits::{NOTICE_BATCH, NOTICE_KEPT_MS};
use domain::notice::{
    Channel, Notice, NoticeCommand, Recipient, RecordNotices, TriedNotice, TryResult, planned,
};
use domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use domain::{Command, Cursor, Unreadable, Verdict};
use futures_util::future::try_join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use storage::FeedEvent;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_util::sync::CancellationToken;

/// Facts that are looked at together.
const PAGE: usize = 200;
/// Messages of one entry; what one fact leads to may go beyond.
const BATCH: usize = 400;
/// Facts without a message, or time, after which an entry says all the same how far we are.
const QUIET_FACTS: usize = 2_000;
const QUIET_FOR: Duration = Duration::from_secs(3_600);
/// New facts are gathered this long.
const GATHER: Duration = Duration::from_millis(20);
/// How long a batch waits for its first tries; what has no answer then is kept and tried again.
const FIRST_TRIES: Duration = Duration::from_secs(2);
/// Calls to one provider at once.
const AT_ONCE: usize = 64;
/// Failures in a row after which a channel counts as down: one message is its probe then.
const DOWN_AFTER: u32 = 3;
/// What waits is looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After a batch that could not be recorded.
const PAUSE: Duration = Duration::from_millis(200);
/// What was given up long ago is looked for this often.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// Waits between tries, in milliseconds; after the last one a message is given up.
const WAITS_MS: [i64; 8] = [
    5 * SECOND_MS,
    30 * SECOND_MS,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
];

/// What is known of one channel's provider.
#[derive(Debug, Default)]
struct Lane {
    failures: AtomicU32,
}

impl Lane {
    fn is_down(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= DOWN_AFTER
    }

    fn heard(&self, answer: &Result<(), SendError>) {
        match answer {
            Ok(()) | Err(SendError::Refused(_) | SendError::Gone) => {
                self.failures.store(0, Ordering::Relaxed)
            }
            Err(SendError::NoAnswer(_)) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The task, on the node that leads.
struct Notifier {
    desk: Desk,
    lanes: [Lane; Channel::ALL.len()],
    /// Devices that are not there any more, to be recorded with the next word.
    gone: Mutex<Vec<(AccountId, DeviceId)>>,
}

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let notifier = Notifier { desk, lanes: Default::default(), gone: Mutex::default() };
    tokio::select! {
        () = stop.cancelled() => {}
        () = notifier.follow() => {}
        () = notifier.retry(Channel::Push) => {}
        () = notifier.retry(Channel::Sms) => {}
        () = notifier.retry(Channel::Email) => {}
        () = notifier.retry(Channel::Voice) => {}
        () = notifier.forget() => {}
    }
}

/// What one batch of facts leads to.
struct Batch {
    to: Cursor,
    messages: Vec<Notice>,
    /// Facts in it.
    facts: usize,
}

impl Notifier {
    fn lane(&self, channel: Channel) -> &Lane {
        &self.lanes[channel as usize]
    }

    /// Follows the feed, for ever.
    async fn follow(&self) {
        let mut applied = self.desk.city.applied_watch();
        let mut quiet = None;
        loop {
            applied.mark_unchanged();
            match self.step(quiet).await {
                Ok(Step::Idle(seen)) => {
                    quiet = seen;
                    if applied.changed().await.is_err() {
                        return;
                    }
                    tokio::time::sleep(GATHER).await;
                }
                Ok(Step::On(seen)) => {
                    quiet = seen;
                    // Pages without a word to say would keep others from their turn.
                    tokio::task::yield_now().await;
                }
                Ok(Step::Refused) => {
                    quiet = None;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the notifier cannot read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// One batch, from the feed to the log.
    async fn step(&self, quiet: Option<Quiet>) -> Result<Step, Unreadable> {
        let Some(recorded) = self.desk.reader.view().notified()?.map(|it| it.through) else {
            return Ok(self.begin().await);
        };
        // What was looked at without a word to say is looked at once.
        let quiet = quiet.filter(|quiet| quiet.recorded == recorded);
        let from = quiet.map_or(recorded, |quiet| quiet.seen);
        let page = match self.desk.reader.view().feed(from, PAGE) {
            Err(storage::Error::BehindRetention { oldest }) => {
                tracing::error!(%from, %oldest, "facts are gone that nobody was told of");
                return Ok(self.move_on(recorded, oldest, Vec::new()).await);
            }
            page => page?,
        };
        if page.events.is_empty() {
            self.desk.metrics.notices_at(self.desk.city.applied());
            return Ok(Step::Idle(quiet));
        }
        let batch = self.plan(&page.events)?;
        self.desk.metrics.notices_at(batch.to.index);
        let before =
            quiet.unwrap_or(Quiet { recorded, seen: from, facts: 0, since: Instant::now() });
        let quiet = Quiet { seen: batch.to, facts: before.facts + batch.facts, ..before };
        if batch.messages.is_empty()
            && quiet.facts < QUIET_FACTS
            && quiet.since.elapsed() < QUIET_FOR
        {
            return Ok(Step::On(Some(quiet)));
        }
        let keep = self.send_first(batch.messages).await?;
        Ok(self.move_on(recorded, batch.to, keep).await)
    }

    /// Nobody is told of what happened before messages were sent at all.
    async fn begin(&self) -> Step {
        let head = Cursor::after_entry(self.desk.city.applied());
        self.move_on(Cursor::START, head, Vec::new()).await
    }

    async fn move_on(&self, from: Cursor, to: Cursor, keep: Vec<Notice>) -> Step {
        let (tried, forget) = (Vec::new(), Vec::new());
        let record = RecordNotices { from, to, keep, tried, forget, gone: self.take_gone() };
        let command = Command::Notice(Box::new(NoticeCommand::Record(record)));
        match self.desk.propose("notifier", command).await {
            Some(Verdict::Yes { .. }) => Step::On(None),
            Some(Verdict::No(_)) | None => Step::Refused,
        }
    }

    /// Found again with the next message, if the word that tells of them is not taken.
    fn take_gone(&self) -> Vec<(AccountId, DeviceId)> {
        let mut gone = self.gone.lock();
        let some = gone.len().min(NOTICE_BATCH);
        gone.drain(..some).collect()
    }

    /// Who is told what, until there is enough for one entry.
    fn plan(&self, events: &[FeedEvent]) -> Result<Batch, Unreadable> {
        let view = self.desk.reader.view();
        let people = self.people(&view);
        let offered = self.desk.providers.offered();
        let mut batch = Batch { to: Cursor::START, messages: Vec::new(), facts: 0 };
        for FeedEvent { cursor, at, event } in events {
            let mut own = Vec::new();
            for planned in planned(&view, event)? {
                let all = people.addressed(*cursor, *at, &planned, &offered)?;
                let useful = |it: &Notice| it.next_at.is_some_and(|at| at < it.useless_from());
                own.extend(all.into_iter().filter(useful));
            }
            if own.len() > NOTICE_BATCH {
                let left_out = own.len() - NOTICE_BATCH;
                tracing::warn!(event = event.name(), left_out, "too many people for one fact");
                own.truncate(NOTICE_BATCH);
            }
            if !batch.messages.is_empty() && batch.messages.len() + own.len() > BATCH {
                break;
            }
            batch.messages.append(&mut own);
            batch.to = *cursor;
            batch.facts += 1;
        }
        Ok(batch)
    }

    fn people<'a>(&'a self, view: &'a storage::CityView) -> People<'a> {
        let Desk { vault, facts, clock, .. } = &self.desk;
        People { view, vault, facts, now: clock.now() }
    }

    /// Sends what may go now; gives what must be kept.
    async fn send_first(&self, messages: Vec<Notice>) -> Result<Vec<Notice>, Unreadable> {
        let now = self.desk.clock.now();
        let until = Instant::now() + FIRST_TRIES;
        let (now_or_never, later): (Vec<_>, Vec<_>) = messages
            .into_iter()
            .partition(|it| it.next_at <= Some(now) && !self.lane(it.channel).is_down());
        let mut keep: Vec<Notice> = later;
        for notice in &keep {
            self.desk.metrics.notice(notice.channel, "held");
        }
        let mut lanes = Vec::new();
        for channel in Channel::ALL {
            let own = now_or_never.iter().filter(|it| it.channel == channel);
            lanes.push(self.send_all(own.cloned().collect(), until));
        }
        for (notice, result) in try_join_all(lanes).await?.into_iter().flatten() {
            match result {
                Some(TryResult::Done) => {}
                Some(TryResult::Later { next_at, error }) => {
                    let (next_at, error) = (Some(next_at), Some(error));
                    keep.push(Notice { tries: 1, next_at, error, ..notice });
                }
                Some(TryResult::GivenUp { error }) => {
                    let error = Some(error);
                    keep.push(Notice { tries: 1, next_at: None, error, ..notice });
                }
                // In a rush: its turn comes with those that wait.
                None => keep.push(notice),
            }
        }
        Ok(keep)
    }

    /// Tries messages of one channel, some at once, and until a moment; those whose turn did not
    /// come have no result.
    async fn send_all(
        &self,
        notices: Vec<Notice>,
        until: Instant,
    ) -> Result<Vec<(Notice, Option<TryResult>)>, Unreadable> {
        let mut results = Vec::with_capacity(notices.len());
        let mut letters = Vec::with_capacity(notices.len());
        {
            let view = self.desk.reader.view();
            let people = self.people(&view);
            for notice in notices {
                match people.letter(&notice)? {
                    Some(letter) => letters.push((notice, letter)),
                    // Logged out, or without a phone by now.
                    None => results.push((notice, Some(TryResult::Done))),
                }
            }
        }
        let mut calls = FuturesUnordered::new();
        for (notice, letter) in letters {
            if calls.len() >= AT_ONCE {
                results.extend(calls.next().await);
            }
            calls.push(self.send(notice, letter, until));
        }
        while let Some(result) = calls.next().await {
            results.push(result);
        }
        Ok(results)
    }

    async fn send(
        &self,
        notice: Notice,
        letter: Letter,
        until: Instant,
    ) -> (Notice, Option<TryResult>) {
        if Instant::now() >= until {
            return (notice, None);
        }
        let answer = timeout_at(until, self.desk.providers.send(&letter)).await;
        let answer = answer.unwrap_or_else(|_| Err(SendError::NoAnswer("time-out".to_owned())));
        self.lane(notice.channel).heard(&answer);
        if let (Err(SendError::Gone), Recipient::Device(id, device)) = (&answer, notice.to) {
            self.gone.lock().push((id, device));
        }
        let result = judged(&notice, self.desk.clock.now(), answer);
        let word = match &result {
            TryResult::Done => "sent",
            TryResult::Later { .. } => "later",
            TryResult::GivenUp { .. } => "failed",
        };
        self.desk.metrics.notice(notice.channel, word);
        (notice, Some(result))
    }

    /// Tries again what waits on one channel, for ever.
    async fn retry(&self, channel: Channel) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.retry_once(channel).await {
                // As long as there is more, nobody waits.
                Ok(true) => ticks.reset_immediately(),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "waiting messages cannot be read"),
            }
        }
    }

    /// True if there may be more to try at once.
    async fn retry_once(&self, channel: Channel) -> Result<bool, Unreadable> {
        let now = self.desk.clock.now();
        let due = self.desk.reader.notices_due(channel, now, PAGE)?;
        if due.is_empty() {
            return Ok(false);
        }
        let (useless, useful): (Vec<_>, Vec<_>) =
            due.iter().partition(|notice| notice.useless_from() <= now);
        let down = self.lane(channel).is_down();
        let some = if down { 1 } else { useful.len() };
        let some: Vec<_> = useful.iter().take(some).map(|it| Notice::clone(it)).collect();
        let until = Instant::now() + self.desk.providers.patience();
        let results = self.send_all(some, until).await?.into_iter();
        let mut tried: Vec<_> = results
            .filter_map(|(Notice { id, tries, .. }, result)| {
                result.map(|result| TriedNotice { id, tries, result })
            })
            .collect();
        for Notice { id, tries, error, .. } in useless.into_iter().map(AsRef::as_ref) {
            let error = error.as_deref().unwrap_or("its hour has passed");
            let result = TryResult::GivenUp { error: format!("too late: {error}") };
            tried.push(TriedNotice { id: *id, tries: *tries, result });
        }
        let recorded = self.record(tried, Vec::new()).await;
        Ok(recorded && due.len() == PAGE && !self.lane(channel).is_down())
    }

    async fn record(&self, tried: Vec<TriedNotice>, forget: Vec<NoticeId>) -> bool {
        let (from, to) = (Cursor::START, Cursor::START);
        let (keep, gone) = (Vec::new(), self.take_gone());
        let record = RecordNotices { from, to, keep, tried, forget, gone };
        let command = Command::Notice(Box::new(NoticeCommand::Record(record)));
        matches!(self.desk.propose("notifier", command).await, Some(Verdict::Yes { .. }))
    }

    /// Lets go of what was given up so long ago that nobody will look at it.
    async fn forget(&self) {
        let mut ticks = interval(FORGET_EVERY);
        loop {
            ticks.tick().await;
            let until = self.desk.clock.now().plus_ms(-NOTICE_KEPT_MS);
            match self.desk.reader.view().failed_before(until, PAGE) {
                Ok(old) if old.is_empty() => {}
                Ok(old) => {
                    self.record(Vec::new(), old).await;
                }
                Err(error) => tracing::error!(%error, "old messages cannot be read"),
            }
        }
    }
}

/// Facts beyond what is recorded that nobody need hear of: a word for each would cost an entry.
#[derive(Clone, Copy)]
struct Quiet {
    recorded: Cursor,
    /// Through where they were looked at.
    seen: Cursor,
    facts: usize,
    since: Instant,
}

/// Where `follow` stands after a batch.
enum Step {
    /// Nothing is new.
    Idle(Option<Quiet>),
    /// There may be more.
    On(Option<Quiet>),
    /// Another leader was faster, or nobody can say.
    Refused,
}

/// What becomes of a message after an answer to it.
fn judged(notice: &Notice, now: Timestamp, answer: Result<(), SendError>) -> TryResult {
    let error = match answer {
        // With its app the message has gone too.
        Ok(()) | Err(SendError::Gone) => return TryResult::Done,
        Err(error @ SendError::Refused(_)) => {
            return TryResult::GivenUp { error: error.to_string() };
        }
        Err(error @ SendError::NoAnswer(_)) => error.to_string(),
    };
    let wait = usize::try_from(notice.tries).ok().and_then(|tries| WAITS_MS.get(tries));
    match wait.map(|wait| now.plus_ms(*wait)) {
        Some(next_at) if next_at < notice.useless_from() => TryResult::Later { next_at, error },
        Some(_) => TryResult::GivenUp { error: format!("too late: {error}") },
        None => TryResult::GivenUp { error: format!("tried often enough: {error}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::CityNumber;
    use domain::notice::{About, NoticeKind};

    fn notice(kind: NoticeKind) -> Notice {
        let (event, channel) = (Cursor { index: 7, number: 0 }, Channel::Sms);
        let to = Recipient::Account(AccountId([1; 16]));
        Notice {
            id: NoticeId::of(CityNumber(1), event, to, channel),
            event,
            at: Timestamp(0),
            kind,
            about: About::default(),
            to,
            channel,
            tries: 0,
            next_at: None,
            error: None,
            revision: 0,
        }
    }

    fn life(kind: NoticeKind) -> String {
        let mut notice = notice(kind);
        let (mut now, mut told) = (Timestamp(0), String::new());
        loop {
            let no_answer = Err(SendError::NoAnswer("503".to_owned()));
            match judged(&notice, now, no_answer) {
                TryResult::Later { next_at, .. } => {
                    told += &format!("{} s, ", next_at.0 / 1_000);
                    notice.tries += 1;
                    now = next_at;
                }
                TryResult::GivenUp { error } => return told + &error,
                TryResult::Done => return told + "sent",
            }
        }
    }

    #[test]
    fn tries_are_bounded_in_number_and_by_use() {
        expect_test::expect!["5 s, 35 s, 155 s, too late: no answer: 503"]
            .assert_eq(&life(NoticeKind::KitchenSms));
        expect_test::expect![[
            "5 s, 35 s, 155 s, 755 s, 2555 s, 6155 s, 13355 s, 27755 s, tried often enough: \
             no answer: 503"
        ]]
        .assert_eq(&life(NoticeKind::RefundDone));
        let refused = Err(SendError::Refused("422".to_owned()));
        let given_up = TryResult::GivenUp { error: "refused: 422".to_owned() };
        assert_eq!(judged(&notice(NoticeKind::RefundDone), Timestamp(0), refused), given_up);
    }
}
