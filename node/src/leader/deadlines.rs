//! Proposes what is due. The deadline itself is a record; `apply` checks that it has come.

use super::Desk;
use domain::mutant::{Mutant, is_planted};
use domain::{Command, Verdict};
use futures_util::future::join_all;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Deadlines that are fired together.
const AT_ONCE: usize = 64;
/// The queue is looked at this often; nothing can become due much earlier than it is read.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// By so much a planted bug is ahead of its time, in milliseconds.
const EARLY_MS: i64 = 5_000;

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // A rush leaves many moments behind: as long as whole batches are due, nobody waits.
        while fire(&desk).await == AT_ONCE && !stop.is_cancelled() {}
    }
}

/// Proposes what is due, up to a batch of it; says how many were decided.
async fn fire(desk: &Desk) -> usize {
    let mut now = desk.clock.now();
    if is_planted(Mutant::EarlyTimer) {
        now = now.plus_ms(EARLY_MS);
    }
    let due = match desk.reader.deadlines_due(now, AT_ONCE) {
        Ok(due) => due,
        Err(error) => {
            tracing::error!(%error, "deadlines cannot be read");
            return 0;
        }
    };
    desk.metrics.deadlines_fired(due.len());
    let fired = due.into_iter().map(|due| desk.propose("deadlines", Command::FireDeadline(due)));
    let decided = join_all(fired).await.into_iter();
    decided.filter(|verdict| matches!(verdict, Some(Verdict::Yes { .. }))).count()
}
