//! Real processes, killed and emptied while customers order. Each test prints its seed and what it
//! counted; histories and logs stay in the target folder.

mod cells;
mod feed;
mod messages;
mod money;
mod nemesis;

use anyhow::{Context, Result};
use jepsen_style_tests::cluster::{READY_WITHIN, Setup, until};
use jepsen_style_tests::drill::Run;
use jepsen_style_tests::transport::Choice;
use std::path::Path;

/// A log that is this short is purged by every snapshot.
pub(crate) const SHORT_LOG: Setup = Setup {
    certificates: false,
    keep_log_entries: Some(10),
    snapshot_every_entries: Some(200),
    gateway_port: None,
    messages: false,
    transport: Choice::Direct,
    volume_mb: None,
    preload: false,
    lying_disks: false,
    seed: 0,
};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

#[tokio::test]
async fn a_wiped_node_comes_back_under_a_new_id() -> Result<()> {
    let setup = Setup { certificates: true, ..SHORT_LOG };
    let mut run = Run::begin("wiped", root(), setup).await?;
    let mut nodes = run.cluster.ids();
    run.random.shuffle(&mut nodes);
    let (wiped, others) = (nodes[0], &nodes[1..]);
    run.kill(&[wiped]).await?;
    run.go_on().await?;
    run.cluster.wipe(wiped)?;
    run.note("wipe", wiped);
    run.cluster.remove(wiped).await?;
    run.go_on().await?;
    // Nobody has the beginning of the log any more: only a snapshot can bring the new node up.
    run.purge_beyond(others, 0).await?;

    let new = nodes.iter().max().context("a city has nodes")? + 1;
    run.cluster.join(new).await?;
    run.note("join", new);
    let joined = run.cluster.sight(new).await.context("the new node answers")?;
    let snapshot = joined.snapshot.context("the new node has no snapshot")?;
    eprintln!("node {new} began with a snapshot of {snapshot}");
    run.go_on().await?;

    // With another one dead, the city goes on only if the new one votes.
    let old = others[0];
    run.kill(&[old]).await?;
    run.go_on().await?;
    run.restart(&[old]).await?;
    run.end().await.map(drop)
}

#[tokio::test]
async fn a_follower_behind_a_purged_log_catches_up() -> Result<()> {
    let mut run = Run::begin("purged", root(), SHORT_LOG).await?;
    let leader = run.cluster.leader().await?;
    let mut followers = run.cluster.ids();
    followers.retain(|node| *node != leader);
    let away = followers[run.random.below(followers.len())];
    let last = run.cluster.sight(away).await.and_then(|sight| sight.last_log);
    run.kill(&[away]).await?;
    for _ in 0..2 {
        run.go_on().await?;
    }
    // It may have written a little between the look and the kill; what it has ends before here.
    let last = last.context("the follower has a log")? + 100;
    let mut here = run.cluster.ids();
    here.retain(|node| *node != away);
    run.purge_beyond(&here, last).await?;

    // Once more on its way up, wherever it is: a snapshot that came half must do no harm.
    run.wake(away)?;
    run.some_moment().await?;
    run.kill(&[away]).await?;
    run.restart(&[away]).await?;
    let caught_up = until(READY_WITHIN, "the follower to catch up", async || {
        let sight = run.cluster.sight(away).await?;
        (sight.snapshot? > last).then_some(sight)
    });
    let caught_up = caught_up.await?;
    eprintln!("node {away}: had up to {last} at most, snapshot {:?}", caught_up.snapshot);
    run.go_on().await?;
    run.end().await.map(drop)
}

#[tokio::test]
async fn all_nodes_are_killed_at_once() -> Result<()> {
    let mut run = Run::begin("all-killed", root(), Setup::default()).await?;
    let nodes = run.cluster.ids();
    for _ in 0..2 {
        run.kill(&nodes).await?;
        run.restart(&nodes).await?;
        run.go_on().await?;
    }
    run.end().await.map(drop)
}
