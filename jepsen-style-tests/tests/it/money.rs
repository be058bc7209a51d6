//! Money while things break: real nodes, a real gateway process that misbehaves, everybody killed.

use crate::root;
use anyhow::{Context, Result, ensure};
use jepsen_style_tests::money::{MoneyRun, misbehaviour};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// Says how many orders the long run buys.
const ORDERS: &str = "FD_MONEY_ORDERS";
/// So many take some two minutes on a small machine.
const ORDERS_IN_CI: u64 = 800;
/// Sent with one key.
const SENT: usize = 10;

#[tokio::test]
async fn money_is_right_to_the_cent_while_nodes_and_gateway_are_killed() -> Result<()> {
    let orders = match std::env::var(ORDERS) {
        Ok(text) => text.parse().with_context(|| format!("{ORDERS}={text} is no number"))?,
        Err(_) => ORDERS_IN_CI,
    };
    let mut run = MoneyRun::begin("money", root()).await?;
    let bought = run.buy_while_things_break(orders).await?;
    ensure!(bought.len() as u64 == orders, "{} of {orders} were bought", bought.len());
    run.end(&bought).await
}

/// One key, ten times, at all nodes, while the leader dies: one order, one charge, and every yes is
/// the same to the byte.
#[tokio::test]
async fn r2_ten_times_one_key_across_a_leader_kill_is_one_order_and_one_charge() -> Result<()> {
    let mut run = MoneyRun::begin("r2", root()).await?;
    run.gateway.misbehave(misbehaviour()).await?;
    let mut meal = run.shop.meal("r2", false, &mut run.random);
    meal["payment"] = json!({"method": "card", "token": "tok_visa"});
    let leader = run.cluster.leader().await?;
    let urls = run.urls();
    let mut sent = JoinSet::new();
    for number in 0..SENT {
        let (asker, customer) = (run.asker.clone(), run.shop.customers[0].clone());
        let url = format!("{}/v1/order", urls[number % urls.len()]);
        let meal = meal.clone();
        sent.spawn(async move { asker.post_raw(&url, &customer, "r2", &meal).await });
    }
    run.cluster.kill(leader).await?;
    let mut answers = BTreeSet::new();
    while let Some(answer) = sent.join_next().await {
        answers.extend(answer.context("a request panicked")?);
    }
    run.cluster.restart(leader)?;
    run.cluster.wait_ready(leader).await?;
    // Who heard nothing asks again, with the same key.
    for url in &urls {
        let (url, customer) = (format!("{url}/v1/order"), &run.shop.customers[0]);
        let again = run.asker.post_raw(&url, customer, "r2", &meal).await;
        answers.insert(again.context("a repeat is answered")?);
    }
    ensure!(answers.len() == 1, "{} different answers to one key", answers.len());
    let mine = run.get("/v1/admin/orders?limit=10").await?;
    ensure!(mine["data"].as_array().is_some_and(|orders| orders.len() == 1), "{mine}");
    let order_id = mine["data"][0]["order_id"].as_str().context("an order has an id")?.to_owned();
    run.order_is(&order_id, "state", "placed").await?;
    let charges = run.gateway.journal().await?;
    ensure!(charges.len() == 1 && charges[0].state == "authorized", "{charges:?}");
    Ok(())
}

/// A refund is clicked at two nodes while the leader dies, and the gateway loses its answers: one
/// refund in our books and one in the gateway's journal.
#[tokio::test]
async fn r3_a_refund_clicked_twice_across_a_leader_kill_is_one_refund() -> Result<()> {
    let mut run = MoneyRun::begin("r3", root()).await?;
    let order_id = run.fetched_meal("r3").await?;
    run.order_is(&order_id, "payment_state", "captured").await?;
    run.gateway.misbehave(json!({"lost": 500, "failed": 200, "twice": 500})).await?;
    let leader = run.cluster.leader().await?;
    let body = json!({"amount": 300, "fault": "platform", "reason": "cold"});
    let mut clicks = JoinSet::new();
    for url in run.urls() {
        let (asker, operator) = (run.asker.clone(), run.shop.operator.clone());
        let url = format!("{url}/v1/admin/order/{order_id}/refund");
        let body = body.clone();
        clicks.spawn(async move { asker.post_raw(&url, &operator, "click", &body).await });
    }
    run.cluster.kill(leader).await?;
    while clicks.join_next().await.is_some() {}
    run.cluster.restart(leader)?;
    run.cluster.wait_ready(leader).await?;
    for url in run.urls() {
        let url = format!("{url}/v1/admin/order/{order_id}/refund");
        let again = run.asker.post_raw(&url, &run.shop.operator, "click", &body).await;
        again.context("a repeat is answered")?;
    }
    // Half of all answers lost can be more bad luck than anybody waits for.
    run.gateway.misbehave(json!({})).await?;
    let order = run.order_is(&order_id, "refund_state", "partially_refunded").await?;
    let refunds = order["refunds"].as_array().context("there are refunds")?;
    ensure!(refunds.len() == 1, "{order}");
    let charges = run.gateway.journal().await?;
    ensure!(charges.len() == 1 && charges[0].refunds.len() == 1, "{charges:?}");
    ensure!(charges[0].refunded() == 300, "{charges:?}");
    Ok(())
}
