//! Kitchens: a cook looks for new orders, says yes or, now and then, no, cooks, and puts the food
//! on the counter. A kitchen opens when the first customer thinks of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::accounts::StaffRequest;
use api::orders::{Order, StaffStatus, StaffStatusPatch};
use api::wire::{Page, Time};
use domain::account::StaffRole;
use domain::ids::{OrderId, RestaurantId};
use domain::order::OrderState;
use domain::time::Timestamp;
use hyper::Method;
use tokio::task::JoinSet;

use crate::http::Ask;
use crate::random::Random;
use crate::world::{Cook, Refused, World, send};

/// What a cook has to do with: new orders, those that the kitchen's own rule accepted at once, and
/// what another cook, or an earlier run of this program, left on the stove.
const OPEN: &str = "placed,accepted,preparing";
/// Between two looks at the tablet.
const LOOKS_EVERY: Duration = Duration::from_millis(1_200);
/// An order in a hundred that is refused.
const REFUSES_PERCENT: u32 = 4;
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
        work(&world, number, restaurant).await;
    });
}

async fn hire(world: &World, cook: &Cook, restaurant: RestaurantId) -> Result<(), Refused> {
    let request = StaffRequest { account_id: cook.account_id, role: Some(StaffRole::Kitchen) };
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
    while !world.is_closing() {
        tokio::time::sleep(LOOKS_EVERY).await;
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
            if begun.insert(order.order_id) {
                let world = Arc::clone(world);
                let (order, state) = (order.order_id, order.state);
                stove.spawn(async move {
                    let made = make(&world, number, restaurant, order, state).await;
                    (order, made.is_ok())
                });
            }
        }
    }
}

async fn make(
    world: &World,
    number: usize,
    restaurant: RestaurantId,
    order: OrderId,
    state: OrderState,
) -> Result<(), Refused> {
    let letters = order.to_string();
    let chance =
        letters.bytes().fold(0_u64, |sum, letter| sum * 31 % 1_000_003 + u64::from(letter));
    let mut random = Random::fork(world.plan.seed, chance);
    let refuses = random.chance(REFUSES_PERCENT);
    let span = usize::try_from(COOKS_FOR.end - COOKS_FOR.start).unwrap_or(0);
    let cooks_for = Duration::from_secs(COOKS_FOR.start + random.below(span) as u64);
    if state == OrderState::Placed {
        if refuses {
            return say(world, number, restaurant, order, StaffStatus::Rejected).await;
        }
        say(world, number, restaurant, order, StaffStatus::Accepted).await?;
    }
    if state != OrderState::Preparing {
        tokio::time::sleep(world.plan.compressed(Duration::from_secs(60))).await;
        say(world, number, restaurant, order, StaffStatus::Preparing).await?;
    }
    tokio::time::sleep(world.plan.compressed(cooks_for)).await;
    say(world, number, restaurant, order, StaffStatus::Ready).await
}

async fn say(
    world: &World,
    number: usize,
    restaurant: RestaurantId,
    order: OrderId,
    status: StaffStatus,
) -> Result<(), Refused> {
    let (what, ready_at, reason) = match status {
        StaffStatus::Accepted => ("accept", Some(promise()), None),
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
