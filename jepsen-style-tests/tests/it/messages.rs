//! Messages while things break: real nodes, a real provider that misbehaves, everybody killed.

use crate::root;
use anyhow::{Result, ensure};
use jepsen_style_tests::messages::MessageRun;

/// So many fit into a minute on a small machine.
const ORDERS: u64 = 600;

#[tokio::test]
async fn everybody_is_told_once_while_nodes_and_provider_are_killed() -> Result<()> {
    let mut run = MessageRun::begin("messages", root()).await?;
    let placed = run.order_while_things_break(ORDERS).await?;
    ensure!(placed.len() as u64 == ORDERS, "{} of {ORDERS} were placed", placed.len());
    run.end(&placed).await
}
