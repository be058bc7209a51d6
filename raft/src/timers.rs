//! What this node does by itself: tell who leads, flush the state, make snapshots.

use crate::city::Node;
use crate::member::{Leadership, Member};
use crate::snapshot::is_disk_full;
use openraft::ServerState;
use openraft::async_runtime::WatchReceiver;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often the snapshot driver looks.
const LOOK: Duration = Duration::from_secs(1);
/// Where every disk is full, leadership does not go round and round.
const BETWEEN_HANDOVERS: Duration = Duration::from_secs(30);
/// After one try, whatever became of it.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_secs(10);

/// Follows openraft's view of who leads, and notices its end.
pub(crate) async fn follow_leadership(node: Arc<Node>) {
    let mut metrics = node.raft.server_metrics();
    loop {
        let now = {
            let m = metrics.borrow_and_update();
            let leader = m.current_leader.map(|id| {
                let known = m.membership_config.membership().get_node(&id);
                Member::of(id, &known.cloned().unwrap_or_default())
            });
            let term = m.vote.leader_id().term;
            Leadership { leader, term, leads: m.state == ServerState::Leader }
        };
        node.leadership.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
        if metrics.changed().await.is_err() {
            break;
        }
    }
    let state = node.raft.metrics().borrow_watched().running_state.clone();
    let why = state.err().map_or_else(|| "stopped".to_owned(), |fatal| fatal.to_string());
    node.gate.close();
    node.leadership.send_replace(Leadership::default());
    node.stopped.send_replace(Some(why));
}

/// A restart replays the log from the last flush on.
pub(crate) async fn flush_state(node: Arc<Node>) {
    let mut ticks = interval(Duration::from_millis(node.settings.timings.flush_ms.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut flushed = node.progress.applied();
    loop {
        ticks.tick().await;
        let applied = node.progress.applied();
        if applied != flushed && node.flush().await {
            flushed = applied;
        }
    }
}

/// Makes a snapshot when enough has gathered, so that the log can be cut.
pub(crate) async fn make_snapshots(node: Arc<Node>) {
    let policy = node.settings.snapshots;
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = Instant::now();
    loop {
        ticks.tick().await;
        let entries = node.progress.entries_since_snapshot.load(Ordering::Relaxed);
        let bytes = node.progress.bytes_since_snapshot.load(Ordering::Relaxed);
        let due = entries >= policy.entries
            || bytes >= policy.bytes
            || last.elapsed() >= Duration::from_secs(policy.seconds);
        if !due || entries == 0 || last.elapsed() < BETWEEN_SNAPSHOTS {
            continue;
        }
        last = Instant::now();
        // Flushed before, so that the checkpoint between two applies takes milliseconds.
        if node.flush().await && node.raft.trigger().snapshot().await.is_err() {
            return;
        }
    }
}

/// A log or state that meets a full disk stops the node, so new work stops before, and somebody
/// with room leads if there is anybody.
pub(crate) async fn watch_disk(node: Arc<Node>) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (percent, mut before) = (node.settings.limits.free_disk_percent, false);
    let mut handed_over: Option<Instant> = None;
    loop {
        ticks.tick().await;
        let full = match is_disk_full(node.writer.data_dir(), percent) {
            Ok(full) => full,
            Err(error) => {
                tracing::warn!(%error, "cannot see how full the disk is");
                continue;
            }
        };
        if full != before {
            tracing::error!(full, "the disk is almost full, or no longer");
            node.gate.set_disk_full(full);
            before = full;
        }
        let lately = handed_over.is_some_and(|at| at.elapsed() < BETWEEN_HANDOVERS);
        if full && !lately && node.leadership.borrow().leads {
            handed_over = Some(Instant::now());
            if let Err(error) = node.transfer_leader(None).await {
                tracing::warn!(%error, "a leader without room on its disk was not relieved");
            }
        }
    }
}

/// Says when this replica has come at least as far as it was before its last stop.
pub(crate) async fn recover(node: Arc<Node>) {
    if node.raft.wait_for_recovery(None).await.is_ok() {
        node.recovered.send_replace(true);
    }
}
