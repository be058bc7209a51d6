//! Lets the feed forget what is older than the city keeps it. The leader names the place; every
//! replica forgets up to there with the same entry.

use super::Desk;
use domain::city::TrimFeed;
use domain::limits::FEED_TRIM_ENTRIES;
use domain::time::{DAY_MS, Timestamp};
use domain::{Command, Verdict};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often somebody looks: at one row, most of the time.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Events that one step looks through and forgets at most.
const STEP_EVENTS: usize = 10_000;

/// Until `stop`; `keep_days` is how long an event stays.
pub(super) async fn run(desk: Desk, keep_days: u32, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // After a long time without a leader there are many steps to take.
        while trim(&desk, keep_days).await && !stop.is_cancelled() {}
    }
}

/// One step; says whether there may be another.
async fn trim(desk: &Desk, keep_days: u32) -> bool {
    let kept_from = Timestamp(desk.clock.now().0 - i64::from(keep_days) * DAY_MS);
    let view = desk.reader.view();
    let found = view.feed_older_than(kept_from, STEP_EVENTS);
    let (trimmed, old) = match view.feed_oldest().and_then(|oldest| Ok((oldest.index, found?))) {
        Ok((trimmed, Some(old))) => (trimmed, old),
        Ok((_, None)) => return false,
        Err(error) => {
            tracing::error!(%error, "the age of the feed cannot be read");
            return false;
        }
    };
    drop(view);
    let upto = old.min(trimmed + FEED_TRIM_ENTRIES);
    let verdict = desk.propose("retention", Command::TrimFeed(TrimFeed { upto })).await;
    let trimmed = matches!(verdict, Some(Verdict::Yes { changed: true, .. }));
    if trimmed {
        tracing::info!(upto, keep_days, "the feed was trimmed");
    }
    trimmed
}
