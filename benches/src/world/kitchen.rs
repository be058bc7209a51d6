//! Kitchens: a cook looks for new orders, says yes or, now and then, no, cooks, and puts the food
//! on the counter. A kitchen opens when the first customer thinks of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::accounts::StaffRequest;
use api::orders::{Order, StaffStatus, StaffStatusPatch, When};
use api::wire::{Page, Time};
use domain::account::StaffRole;
use domain::ids::{OrderId, RestaurantId};
use domain::order::{Fulfilment, OrderState};
use domain::time::Timestamp;
use hyper::Method;
use tokio::task::JoinSet;

use crate::http::Ask;
use crate::random::Random;
use crate::world::{Cook, Refused, World, counter, send};

/// What a cook has to do with: new orders, those that the kitchen's own rule accepted at once, and
/// what another cook, or an earlier run of this program, left on the stove or on the counter.
const OPEN: &str = "placed,accepted,preparing,ready";
/// Between two looks at the tablet.
const LOOKS_EVERY: Duration = Duration::from_millis(1_200);
/// An order in a hundred that is refused.
const REFUSES_PERCENT: u32 = 4;
/// An order in a hundred of which something is missing.
const MISSES_PERCENT: u32 = 3;
/// Whoever fetches their food comes so long after it is ready, in life.
const COMES_AFTER: Duration = Duration::from_secs(240);
/// Between two looks at the complaints, in looks at the tablet.
const COMPLAINTS_EVERY: u64 = 8;
/// What a dish takes in life.
const COOKS_FOR: std::ops::Range<u64> = 240..900;
/// The city takes no promise for sooner than in a minute, so that is promised.
const PROMISE: Duration = Duration::from_secs(65);

/// Sees to it that somebody is in this kitchen.
pub fn open(world: &Arc<World>, restaurant: RestaurantId) {
    let number = {
        let mut staffed = world.staffed.lock();
        if !staffed.insert(restaurant) {
            return;
        }
        staffed.len()
    };
    let world = Arc::clone(world);
    tokio::spawn(async move {
        let cook = &world.cooks[number % world.cooks.len()];
        if hire(&world, cook, restaurant).await.is_err() {
            // Counted. The next customer's order tries again.
            world.staffed.lock().remove(&restaurant);
            return;
        }
        // Counted too: a kitchen that cannot count sells what it has.
        let _ = counter::count_stock(&world, &cook.person, restaurant).await;
        work(&world, number, restaurant).await;
    });
}

async fn hire(world: &World, cook: &Cook, restaurant: RestaurantId) -> Result<(), Refused> {
    let request = StaffRequest { account_id: cook.account_id, role: Some(StaffRole::Manager) };
    let ask = send(Method::POST, &format!("/v1/restaurant/{restaurant}/staff"), &request);
    let ask = ask.with_key(&format!("hire-{restaurant}-{}", cook.account_id));
    world.ask("hire", &world.operator, ask).await.map(drop)
}

/// Kitchens work on while the last orders are counted; they end with the program.
async fn work(world: &Arc<World>, number: usize, restaurant: RestaurantId) {
    let cook = &world.cooks[number % world.cooks.len()];
    let path = format!("/restaurant/{restaurant}/orders?state={OPEN}&limit=100");
    let mut begun = BTreeSet::new();
    let mut stove = JoinSet::<(OrderId, bool)>::new();
    let mut random = Random::fork(world.plan.seed, 700 + number as u64);
    for look in 0_u64.. {
        if world.is_closing() {
            break;
        }
        tokio::time::sleep(LOOKS_EVERY).await;
        if look % COMPLAINTS_EVERY == 0 {
            let cook = &cook.person;
            let _ = counter::answer_claims(world, cook, restaurant, &mut random).await;
        }
        while let Some(Ok((order, done))) = stove.try_join_next() {
            // A no has been counted. If the order is still on the list at the next look, the cook
            // goes on with it; if the customer was faster, it is not.
            if !done {
                begun.remove(&order);
            }
        }
        let page = world.read::<Page<Order>>("orders", &cook.person, Ask::get(&path)).await;
        let Ok(page) = page else {
            continue;
        };
        for order in page.data {
            if is_ours(&order) && begun.insert(order.order_id) {
                let world = Arc::clone(world);
                stove.spawn(async move {
                    let made = make(&world, number, restaurant, &order).await;
                    (order.order_id, made.is_ok())
                });
            }
        }
    }
}

/// A courier fetches what is brought; and what is for later is not for now.
fn is_ours(order: &Order) -> bool {
    let asap = matches!(order.when, When::Asap) || order.state == OrderState::Placed;
    asap && (order.state != OrderState::Ready || order.fulfilment == Fulfilment::Pickup)
}

async fn make(
    world: &World,
    number: usize,
    restaurant: RestaurantId,
    order: &Order,
) -> Result<(), Refused> {
    let cook = &world.cooks[number % world.cooks.len()].person;
    let (state, fulfilment, later) =
        (order.state, order.fulfilment, !matches!(order.when, When::Asap));
    let lines = order.receipt.lines.len();
    let order = order.order_id;
    let letters = order.to_string();
    let chance =
        letters.bytes().fold(0_u64, |sum, letter| sum * 31 % 1_000_003 + u64::from(letter));
    let mut random = Random::fork(world.plan.seed, chance);
    let refuses = random.chance(REFUSES_PERCENT);
    let span = usize::try_from(COOKS_FOR.end - COOKS_FOR.start).unwrap_or(0);
    let cooks_for = Duration::from_secs(COOKS_FOR.start + random.below(span) as u64);
    if state == OrderState::Placed {
        if refuses {
            return say(world, number, restaurant, order, StaffStatus::Rejected, None).await;
        }
        let promised = (!later).then(promise);
        say(world, number, restaurant, order, StaffStatus::Accepted, promised).await?;
    }
    if later {
        // Its kitchen begins when it is time, which is after the demo.
        return Ok(());
    }
    if state != OrderState::Ready {
        if state != OrderState::Preparing {
            tokio::time::sleep(world.plan.compressed(Duration::from_secs(60))).await;
            say(world, number, restaurant, order, StaffStatus::Preparing, None).await?;
        }
        // Once: whoever goes on with an order that another has begun cooks what there is.
        if state == OrderState::Placed && lines > 1 && random.chance(MISSES_PERCENT) {
            counter::propose(world, cook, restaurant, order).await?;
        }
        tokio::time::sleep(world.plan.compressed(cooks_for)).await;
        say(world, number, restaurant, order, StaffStatus::Ready, None).await?;
    }
    if fulfilment == Fulfilment::Pickup {
        tokio::time::sleep(world.plan.compressed(COMES_AFTER)).await;
        if !counter::hand_over(world, cook, restaurant, order).await? {
            return Err(Refused { what: "hand over", code: "nobody came yet".to_owned() });
        }
    }
    Ok(())
}

async fn say(
    world: &World,
    number: usize,
    restaurant: RestaurantId,
    order: OrderId,
    status: StaffStatus,
    promised: Option<Time>,
) -> Result<(), Refused> {
    let (what, ready_at, reason) = match status {
        StaffStatus::Accepted => ("accept", promised, None),
        StaffStatus::Rejected => ("reject", None, Some("busy".to_owned())),
        StaffStatus::Preparing => ("prepare", None, None),
        StaffStatus::Ready => ("ready", None, None),
        StaffStatus::HandedOver | StaffStatus::NoShow | StaffStatus::Cancelled => {
            ("staff", None, None)
        }
    };
    let request = StaffStatusPatch { status, ready_at, reason, pin: None };
    let path = format!("/restaurant/{restaurant}/order/{order}/status");
    let cook = &world.cooks[number % world.cooks.len()];
    world.ask(what, &cook.person, send(Method::PATCH, &path, &request)).await.map(drop)
}

fn promise() -> Time {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let at = now.map(|now| now + PROMISE).unwrap_or_default();
    Time(Timestamp(i64::try_from(at.as_millis()).unwrap_or(i64::MAX)))
}
