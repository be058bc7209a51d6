//! Asks the gateway what the outbox says, and proposes its answers.
//!
//! Each piece of work has a task of its own that waits longer after each silence, so that one
//! payment without an answer holds up no other; calls under way are limited, not work that waits.

use super::Desk;
use crate::gateways::{Job, NoAnswer, work_name};
use domain::Command;
use domain::payment::{GatewayAnswer, RecordGatewayAnswer, Work, WorkId};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Calls to the gateway at once.
const AT_ONCE: usize = 512;
/// Pieces of work that are known at once; the rest stays in the outbox until one of them is done.
const KNOWN: usize = 20_000;
/// New work is gathered this long, so that a busy second costs few looks at the outbox.
const GATHER: Duration = Duration::from_millis(3);
/// The first wait after a call without an answer, and the longest.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LONGEST: Duration = Duration::from_secs(600);
/// A customer who confirms with their bank waits for us; so we look at least this often.
const CONFIRM_LONGEST: Duration = Duration::from_secs(5);
/// How often open work is counted for the metrics.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// What is under way, and since when this leader knows it.
type Open = Arc<Mutex<BTreeMap<WorkId, Instant>>>;

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let mut applied = desk.city.applied_watch();
    let mut counts = tokio::time::interval(COUNT_EVERY);
    counts.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let calling = Arc::new(Semaphore::new(AT_ONCE));
    let open = Open::default();
    let mut tasks = JoinSet::new();
    let mut after: Option<WorkId> = None;
    loop {
        let room = (KNOWN - tasks.len()).min(AT_ONCE);
        let found = if room == 0 { Ok(Vec::new()) } else { desk.reader.outbox(after, room) };
        let mut more = false;
        match found {
            Ok(works) => {
                more = !works.is_empty();
                for (id, work) in works {
                    after = Some(id);
                    open.lock().insert(id, Instant::now());
                    let turn = Turn { desk: desk.clone(), calling: Arc::clone(&calling) };
                    let (open, stop) = (Arc::clone(&open), stop.clone());
                    tasks.spawn(async move {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = turn.see_to(id, &work) => {}
                        }
                        open.lock().remove(&id);
                    });
                }
            }
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
        if more {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = tasks.join_next(), if tasks.len() >= KNOWN => {}
            _ = counts.tick() => {
                let open = open.lock();
                let oldest = open.values().min().map_or(Duration::ZERO, Instant::elapsed);
                desk.metrics.outbox(open.len(), oldest);
            }
            changed = applied.changed() => {
                if changed.is_err() {
                    break;
                }
                tokio::time::sleep(GATHER).await;
            }
        }
        while tasks.try_join_next().is_some() {}
    }
    desk.metrics.outbox(0, Duration::ZERO);
}

struct Turn {
    desk: Desk,
    calling: Arc<Semaphore>,
}

impl Turn {
    /// One piece of work, until its answer is in the log. Unknown answers are asked for, never
    /// guessed.
    async fn see_to(&self, id: WorkId, work: &Work) {
        let longest = match work {
            Work::Confirm { .. } => CONFIRM_LONGEST,
            Work::Authorize { .. }
            | Work::Capture { .. }
            | Work::Void { .. }
            | Work::Refund { .. } => RETRY_LONGEST,
        };
        let mut wait = RETRY_FIRST;
        loop {
            if self.attempt(id, work).await {
                return;
            }
            self.desk.metrics.gateway_retried();
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(longest);
        }
    }

    /// Whether there is nothing left to do.
    async fn attempt(&self, id: WorkId, work: &Work) -> bool {
        let Ok(_calling) = self.calling.acquire().await else { return true };
        let answer = match ask(&self.desk, id, work).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return true,
            Err(silence) => {
                self.desk.metrics.gateway_called(work_name(work), silence.label());
                if matches!(silence, NoAnswer::KeyRefused(_)) {
                    tracing::error!(%silence, "payments stand still");
                }
                return false;
            }
        };
        self.desk.metrics.gateway_called(work_name(work), label(&answer));
        let record = RecordGatewayAnswer { work_id: id, answer };
        self.desk.propose("payments", Command::RecordGatewayAnswer(record)).await.is_some()
    }
}

/// Nothing if somebody else has brought the answer meanwhile, as a webhook does.
async fn ask(desk: &Desk, id: WorkId, work: &Work) -> Result<Option<GatewayAnswer>, NoAnswer> {
    let read = || -> Result<_, storage::Error> {
        let view = desk.reader.view();
        if view.work(id)?.is_none() {
            return Ok(None);
        }
        let Some(payment) = view.payment(work.payment_id())? else { return Ok(None) };
        let refund = match work {
            Work::Refund { refund_id, .. } => view.refund(*refund_id)?,
            Work::Authorize { .. }
            | Work::Confirm { .. }
            | Work::Capture { .. }
            | Work::Void { .. } => None,
        };
        Ok(Some((payment, refund)))
    };
    let (payment, refund) = match read() {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::error!(%error, "a payment cannot be read");
            return Err(NoAnswer::Undecided);
        }
    };
    let job = Job { payment: &payment, work, refund: refund.as_deref() };
    desk.gateway.ask(&job).await.map(Some)
}

fn label(answer: &GatewayAnswer) -> &'static str {
    match answer {
        GatewayAnswer::Done { .. } => "done",
        GatewayAnswer::ActionRequired { .. } => "action_required",
        GatewayAnswer::Declined { .. } => "declined",
    }
}
