//! Workload D: people who pay by card, each for one order after the other, from the first click to
//! its end. What they do is in [`crate::buyers`]; here it is written down.

use super::Crowd;
use super::worker::Worker;
use crate::buyers::{Market, is_sold_out};
use crate::shop::Shop;
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;

/// Orders under way at once.
pub(super) const BUYERS: usize = 12;
/// Between two orders of one buyer.
const PACE: Duration = Duration::from_millis(200);

pub(super) fn let_in(crowd: &mut Crowd<'_>, buyers: usize) {
    for _ in 0..buyers {
        let worker = crowd.worker(PACE);
        crowd.people.spawn(buy(worker));
    }
}

/// One order after the other; the last is brought to its end.
async fn buy(mut worker: Worker) -> Result<()> {
    let scene = Arc::clone(&worker.scene);
    let shop: Arc<Shop> = Arc::clone(&scene.shop);
    let (doors, asker) = (Arc::clone(&scene.doors), scene.asker.clone());
    let market = Market { shop, doors, asker, scene: Some(Arc::clone(&scene)) };
    for order in 0_u64.. {
        if !worker.goes_on().await {
            break;
        }
        let key = format!("{}-{order}", worker.number);
        match market.buy(&key, worker.random.fork()).await {
            Err(error) if is_sold_out(&error) => {}
            bought => drop(bought?),
        }
    }
    Ok(())
}
