//! Looks at the gateway's side again and again: every minute what is recent, and once a night, and
//! whenever this node begins to lead, all of a week.

use super::Desk;
use crate::reconcile::{Look, Reconciler};
use domain::time::Timestamp;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often the clock is asked whether it is time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Each look goes back further than the last one: an approval that nobody stands behind is only
/// let go when it is 15 minutes old, so it must be seen again by then.
const BACK_MS: i64 = 20 * 60_000;
/// An authorization is worth nothing after this time at the latest.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;
/// Between two looks at all of a week.
const NIGHT_MS: i64 = 24 * 3_600_000;
/// How long one look may take; one that did not come to its end is not counted as done.
const WITHIN: Duration = Duration::from_secs(600);

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    if !desk.gateway.can_be_compared() {
        return;
    }
    let every_ms = i64::from(desk.reconcile_s) * 1_000;
    let reconciler = Reconciler {
        gateway: desk.gateway.clone(),
        city: desk.city.clone(),
        reader: desk.reader.clone(),
        clock: desk.clock.clone(),
        metrics: desk.metrics.clone(),
    };
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut tried, mut done, mut done_full) = (None::<Timestamp>, None::<Timestamp>, None);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = desk.clock.outside();
        let passed = |since: Option<Timestamp>, ms| since.is_none_or(|at| now.ms_since(at) >= ms);
        if !passed(tried, every_ms) {
            continue;
        }
        tried = Some(now);
        let full = passed(done_full, NIGHT_MS);
        let since = match done {
            Some(done) if !full => done.plus_ms(-BACK_MS),
            Some(_) | None => now.plus_ms(-WEEK_MS),
        };
        let look = Look { since, dry_run: false, until: Instant::now() + WITHIN };
        let looked = tokio::select! {
            () = stop.cancelled() => return,
            looked = reconciler.look(look) => looked,
        };
        match looked {
            Ok(report) => {
                if report.complete {
                    done = Some(now);
                    done_full = if full { done } else { done_full };
                }
                tell(&report);
            }
            Err(error) => tracing::info!(%error, "the gateway's side could not be compared"),
        }
    }
}

fn tell(report: &crate::reconcile::Report) {
    let (repaired, let_go) = (report.repaired.len(), report.let_go.len());
    let (differences, left) = (report.differences.len(), report.left);
    if repaired + let_go + differences > 0 || left > 0 {
        tracing::warn!(
            repaired,
            let_go,
            differences,
            left,
            checked = report.checked,
            "the gateway's side differed"
        );
    }
}
