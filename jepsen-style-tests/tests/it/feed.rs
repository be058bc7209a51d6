//! Subscribers while things break: R8, and no event lost, repeated or told to a stranger.

use crate::{SHORT_LOG, root};
use anyhow::{Context, Result};
use jepsen_style_tests::drill::Run;
use jepsen_style_tests::subscribers::Subscribers;

/// Leaders die, logs are purged behind a snapshot, and one node loses its disk and comes back as
/// another, while people follow the feed at whichever node they find.
#[tokio::test]
async fn r8_each_event_once_and_in_order_through_kills_and_snapshots() -> Result<()> {
    let mut run = Run::begin("subscribers", root(), SHORT_LOG).await?;
    let subscribers = Subscribers::start(&mut run).await?;
    for _ in 0..2 {
        run.some_moment().await?;
        let leader = run.cluster.leader().await?;
        run.kill(&[leader]).await?;
        run.go_on().await?;
        run.restart(&[leader]).await?;
    }

    let nodes = run.cluster.ids();
    let wiped = nodes[run.random.below(nodes.len())];
    let others: Vec<_> = nodes.iter().copied().filter(|node| *node != wiped).collect();
    run.kill(&[wiped]).await?;
    run.cluster.wipe(wiped)?;
    run.note("wipe", wiped);
    run.cluster.remove(wiped).await?;
    run.go_on().await?;
    run.purge_beyond(&others, 0).await?;
    let new = nodes.iter().max().context("a city has nodes")? + 1;
    run.cluster.join(new).await?;
    run.note("join", new);
    run.some_moment().await?;
    let leader = run.cluster.leader().await?;
    run.kill(&[leader]).await?;
    run.go_on().await?;
    run.restart(&[leader]).await?;
    run.go_on().await?;

    let operator = run.shop.operator.clone();
    let told = subscribers.end(&operator).await.with_context(|| run.place())?;
    eprintln!("subscribers: {told}");
    run.end().await.map(drop)
}
