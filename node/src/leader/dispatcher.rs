//! Finds a courier for each delivery that needs one: facts in, plan out, offers proposed.
//!
//! The plan is this leader's and disposable. `apply` refuses an offer that was planned on facts
//! that have changed, and the next tick sees newer ones.

use super::Desk;
use dispatch::{Courier, Intent, Job, JobState, Snapshot, Weights};
use domain::delivery::{Delivery, OfferDelivery};
use domain::ids::CourierId;
use domain::{Command, Verdict};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;
use storage::CityView;
use tokio_util::sync::CancellationToken;

/// Between two plans, when there is something to plan.
const TICK: Duration = Duration::from_millis(250);
/// Deliveries in one plan: those whose food is ready first.
const JOBS: usize = 500;
/// Couriers looked at around one kitchen. More than a plan asks, since some are busy.
const NEAR: usize = 32;
/// How far from a kitchen they are looked for, in metres.
const REACH_M: f64 = 7_000.0;

pub(super) async fn run(desk: Desk, stop: CancellationToken) {
    let weights = Weights::default();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let snapshot = match snapshot(&desk) {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(%error, "deliveries cannot be read");
                continue;
            }
        };
        let plan = dispatch::plan(&snapshot, &weights);
        let offers = plan.intents.into_iter().map(|intent| match intent {
            Intent::Offer(offer) => propose(&desk, offer),
        });
        let made = join_all(offers).await.into_iter().filter(|made| *made).count();
        desk.metrics.offers_made(made);
    }
}

async fn propose(desk: &Desk, offer: dispatch::Offer) -> bool {
    tracing::debug!(delivery = %offer.delivery, courier = %offer.courier,
        ring_m = offer.ring_m, candidates = ?offer.candidates, "offering");
    let wish = OfferDelivery {
        delivery_id: offer.delivery,
        courier_id: offer.courier,
        fence: offer.fence,
    };
    let verdict = desk.propose("dispatcher", Command::OfferDelivery(wish)).await;
    matches!(verdict, Some(Verdict::Yes { .. }))
}

/// Open deliveries, and who is near their kitchens. Nothing if nothing is open.
fn snapshot(desk: &Desk) -> Result<Option<Snapshot>, storage::Error> {
    let open = desk.reader.open_deliveries(JOBS)?;
    if open.is_empty() {
        return Ok(None);
    }
    let (now, outside) = (desk.clock.now(), desk.clock.outside());
    let view = desk.reader.view();
    let mut couriers: BTreeMap<CourierId, Option<Courier>> = BTreeMap::new();
    for delivery in &open {
        let near = desk.couriers.nearest(delivery.pickup, NEAR, outside, |seen| {
            seen.distance_m <= REACH_M
                // Known to be unfit from another kitchen of this plan: look further.
                && !matches!(couriers.get(&seen.courier), Some(None))
        });
        for seen in near {
            if let Entry::Vacant(unknown) = couriers.entry(seen.courier) {
                unknown.insert(courier(&view, &seen, now)?);
            }
        }
    }
    let jobs = open.iter().map(job).collect();
    let couriers = couriers.into_values().flatten().collect();
    Ok(Some(Snapshot { now, jobs, couriers }))
}

/// Somebody who may be asked, with where and when they can set off.
fn courier(
    view: &CityView,
    seen: &geo_index::Seen,
    now: domain::time::Timestamp,
) -> Result<Option<Courier>, storage::Error> {
    let Some(courier) = view.courier(seen.courier)? else { return Ok(None) };
    let carrying = u32::try_from(courier.carrying.len()).unwrap_or(u32::MAX);
    let asked = courier.offered.is_some();
    if !courier.online || !courier.may_carry() || asked || carrying >= courier.capacity() {
        return Ok(None);
    }
    // Whoever carries sets off again from their last stop.
    let (mut position, mut free_at) = (seen.position, now);
    for id in &courier.carrying {
        let Some(delivery) = view.delivery(*id)? else { continue };
        let metres = dispatch::metres_between(position, delivery.drop);
        let ride_ms = Weights::default().travel_ms(metres, courier.vehicle);
        free_at = free_at.max(delivery.ready_at).plus_ms(ride_ms);
        position = delivery.drop;
    }
    Ok(Some(Courier {
        id: courier.id,
        position,
        position_age_ms: seen.age_ms,
        free_at,
        carrying,
        capacity: courier.capacity(),
        vehicle: courier.vehicle,
    }))
}

fn job(delivery: &Arc<Delivery>) -> Job {
    Job {
        ready_at: delivery.ready_at,
        delivery: delivery.id,
        fence: delivery.fence,
        order: delivery.order_id,
        pickup: delivery.pickup,
        drop: delivery.drop,
        declined_by: delivery.declined_by.clone(),
        state: JobState::Open,
    }
}
