//! Cells of the matrix that fit CI: a workload, a nemesis, some seconds of faults, and every promise
//! judged. Money and the feed under SIGKILL have longer tests of their own beside this one.
//! `cargo xtask chaos matrix` runs the rest.

use crate::root;
use anyhow::{Result, ensure};
use jepsen_style_tests::cluster::Setup;
use jepsen_style_tests::nemesis::{Abilities, Kind};
use jepsen_style_tests::report;
use jepsen_style_tests::run::{Plan, Word, run};
use jepsen_style_tests::transport::Choice;
use jepsen_style_tests::workload::Workload;
use std::time::Duration;

/// Names the seed of the next runs: the one that another run has printed.
const SEED: &str = "FD_SEED";
/// How long things are broken.
const LENGTH: Duration = Duration::from_secs(12);

async fn cell(workload: Workload, nemesis: Kind) -> Result<()> {
    let wanted = Setup {
        transport: Choice::Proxy,
        gateway_port: (nemesis == Kind::Gateway).then_some(1),
        ..Setup::default()
    };
    if let Err(why) = Abilities::of(&wanted.ready_for(nemesis)).kind(nemesis) {
        eprintln!("skipped {workload} \u{d7} {}: {why}", nemesis.name());
        return Ok(());
    }
    let seed = match std::env::var(SEED) {
        Ok(text) => text.parse()?,
        Err(_) => u64::from(std::process::id()),
    };
    let plan = Plan {
        workload,
        nemesis,
        length: LENGTH,
        seed,
        transport: None,
        class: None,
        only: None,
        dir: root().join(format!("{workload}-{}", nemesis.name())),
    };
    eprintln!("{}", plan.command());
    let outcome = Box::pin(run(&plan, |what| eprintln!("{what}"))).await?;
    report::write(&outcome, &plan.dir)?;
    for finding in outcome.findings.iter().chain([&outcome.coverage]) {
        eprintln!("{finding}");
    }
    let word = outcome.word();
    ensure!(word == Word::Valid, "{word}: {:?}; see {}", outcome.trouble, plan.dir.display());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_are_linearizable_whatever_links_are_cut() -> Result<()> {
    cell(Workload::Register, Kind::Partition).await
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_are_linearizable_while_leaders_stop_and_go_on() -> Result<()> {
    cell(Workload::Register, Kind::Pause).await
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_outlast_power_losses() -> Result<()> {
    cell(Workload::Orders, Kind::Power).await
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_right_with_a_gateway_that_misbehaves() -> Result<()> {
    cell(Workload::Money, Kind::Gateway).await
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_strictly_serializable_in_a_swarm_of_faults() -> Result<()> {
    cell(Workload::Transactions, Kind::Swarm).await
}
