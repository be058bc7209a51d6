//! Asks the gateway what the outbox says, and proposes its answers.

use super::Desk;
use domain::Command;
use domain::payment::{GatewayAnswer, RecordGatewayAnswer, Work, WorkId};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Calls to the gateway at once.
const AT_ONCE: usize = 512;
/// New work is gathered this long, so that a busy second costs few looks at the outbox.
const GATHER: Duration = Duration::from_millis(3);
/// The first wait after a call without an answer, and the longest.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LONGEST: Duration = Duration::from_secs(600);

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let mut applied = desk.city.applied_watch();
    let mut calls = JoinSet::new();
    let mut after: Option<WorkId> = None;
    loop {
        let room = AT_ONCE - calls.len();
        let found = if room == 0 { Ok(Vec::new()) } else { desk.reader.outbox(after, room) };
        match found {
            Ok(works) => {
                for (id, work) in works {
                    after = Some(id);
                    calls.spawn(see_to(desk.clone(), stop.clone(), id, work));
                }
            }
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = calls.join_next(), if calls.len() >= AT_ONCE => {}
            changed = applied.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(GATHER).await;
                while calls.try_join_next().is_some() {}
            }
        }
    }
}

/// One piece of work, until its answer is in the log. Unknown answers are asked for, never guessed.
async fn see_to(desk: Desk, stop: CancellationToken, id: WorkId, work: Work) {
    let mut wait = RETRY_FIRST;
    loop {
        if let Some(answer) = ask(&desk, &work).await {
            let record = RecordGatewayAnswer { work_id: id, answer };
            let command = Command::RecordGatewayAnswer(record);
            if desk.propose("payments", command).await.is_some() {
                return;
            }
        }
        desk.metrics.gateway_retried();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(RETRY_LONGEST);
    }
}

async fn ask(desk: &Desk, work: &Work) -> Option<GatewayAnswer> {
    let payment = match desk.reader.view().payment(work.payment_id()) {
        Ok(payment) => payment?,
        Err(error) => {
            tracing::error!(%error, "a payment cannot be read");
            return None;
        }
    };
    desk.gateway.ask(&payment, work).await.ok()
}
