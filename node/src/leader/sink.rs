//! Publishes the feed to the broker that the configuration names.

use super::Desk;
use crate::sinks::{Nats, SinkError, Stream};
use domain::Cursor;
use std::convert::Infallible;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Events on their way at once.
const AT_ONCE: usize = 500;
/// The first wait after a failure, and the longest.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LONGEST: Duration = Duration::from_secs(30);

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let Some(sink) = desk.sink.clone() else {
        return;
    };
    let mut wait = RETRY_FIRST;
    loop {
        let mut progress = false;
        let failed = tokio::select! {
            () = stop.cancelled() => return,
            failed = follow(&desk, &sink, &mut progress) => failed,
        };
        let Err(error) = failed;
        // A broker that took something is well: what follows is another trouble.
        wait = if progress { RETRY_FIRST } else { (wait * 2).min(RETRY_LONGEST) };
        desk.metrics.sink_failed();
        tracing::warn!(%error, wait_ms = wait.as_millis(), "the feed is not published");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Why publishing stopped.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error("the feed cannot be read: {0}")]
    Feed(#[from] storage::Error),
    #[error("this node has stopped")]
    Node,
}

/// Publishes what the stream does not have, as long as that goes well.
async fn follow(desk: &Desk, sink: &Nats, progress: &mut bool) -> Result<Infallible, Stopped> {
    let mut applied = desk.city.applied_watch();
    let mut stream = sink.open().await?;
    tracing::info!(after = %stream.cursor(), "the feed is published");
    loop {
        applied.mark_unchanged();
        if publish(desk, &mut stream).await? == 0 {
            applied.changed().await.map_err(|_| Stopped::Node)?;
        } else {
            *progress = true;
        }
    }
}

/// Publishes some; says how many.
async fn publish(desk: &Desk, stream: &mut Stream) -> Result<usize, Stopped> {
    let page = match desk.reader.view().feed(stream.cursor(), AT_ONCE) {
        Ok(page) => page,
        Err(storage::Error::BehindRetention { oldest }) => {
            tracing::warn!(after = %stream.cursor(), %oldest, "events were forgotten unpublished");
            stream.publish_gap(oldest).await?;
            desk.metrics.sink_gap();
            return Ok(1);
        }
        Err(error) => return Err(error.into()),
    };
    let events = page.events.iter().map(|event| {
        let text = crate::live::text(&desk.facts, event);
        (event.cursor, event.event.name(), text)
    });
    let events: Vec<(Cursor, &'static str, String)> = events.collect();
    stream.publish(&events).await?;
    let behind = desk.city.applied().saturating_sub(stream.cursor().index);
    desk.metrics.sink_published(events.len(), if events.len() < AT_ONCE { 0 } else { behind });
    Ok(events.len())
}
