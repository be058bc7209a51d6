//! Looks for damage on this node's disk (bytes that were turned, sectors that are not given back),
//! and stops the node when there is any: what it would serve, or send to others as a snapshot, may
//! be wrong, and the two others are whole.
//!
//! Everything is read once from the start on and once a day from then on. What a reader meets in
//! between is noticed within a second.

use crate::city::Node;
use crate::world::blocking;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use storage::Scrub;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

/// Bytes that are read at once, ...
const STEP_BYTES: u64 = 4 << 20;
/// ... and how often: some 40 MB/s, which leaves most of any disk to others.
const STEP: Duration = Duration::from_millis(100);
/// How often damage that others met is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How long a reading rests where it cannot go on.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// From one reading of everything to the next.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Reads everything, again and again. What is damaged is remembered where it was read, and
/// [`notice`] acts on it.
pub(crate) async fn read_everything(node: Arc<Node>) {
    loop {
        let began = Instant::now();
        let Some(Scrub { rows, bytes, .. }) = read_once(&node).await else { return };
        tracing::info!(rows, bytes, took = ?began.elapsed(), "everything was read");
        sleep_until(began + AGAIN_AFTER).await;
    }
}

/// `None` where the disk is damaged: nothing behind that place is worth a look any more.
async fn read_once(node: &Arc<Node>) -> Option<Scrub> {
    let mut ticks = interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut scrub = Scrub::default();
    while !scrub.is_done() {
        ticks.tick().await;
        match read_on(node, scrub.clone()).await {
            Ok(further) => scrub = further,
            Err(_) if node.writer.damage().is_some() => return None,
            Err(error) => {
                // Something that passes. From the same place on: whoever began anew would stop
                // there again, and what is behind it would never be read.
                tracing::warn!(%error, "not everything can be read now");
                sleep(TRY_AGAIN_AFTER).await;
            }
        }
    }
    Some(scrub)
}

async fn read_on(node: &Arc<Node>, mut scrub: Scrub) -> io::Result<Scrub> {
    let writer = node.writer.clone();
    let step = move || writer.scrub(&mut scrub, STEP_BYTES).map(|()| scrub);
    blocking(step).await?.map_err(io::Error::other)
}

/// Notices what readers have met.
pub(crate) async fn notice(node: Arc<Node>) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(damage) = node.writer.damage() {
            return stop(&node, &damage);
        }
    }
}

/// The process ends when it sees this, and hands leadership over on its way out.
fn stop(node: &Node, damage: &str) {
    tracing::error!(damage, "this node's disk is damaged");
    node.gate.close();
    let why = format!("its disk is damaged ({damage}); replace this node");
    node.stopped.send_replace(Some(why));
}
