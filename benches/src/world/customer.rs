//! Customers look around, order, follow their food, change their mind now and then, and give stars.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::menus::Menu;
use api::orders::{Address, CancelRequest, OrderPlaced, OrderStatus, Payment, PaymentMethod};
use api::ratings::RateRequest;
use api::restaurants::RestaurantSummary;
use api::wire::{Page, Point};
use domain::ids::{OrderId, RestaurantId};
use domain::order::{CancelReason, Fulfilment, OrderState};
use hyper::Method;
use tokio::task::JoinSet;

use crate::http::Ask;
use crate::ledger::Acknowledged;
use crate::random::Random;
use crate::world::person::Person;
use crate::world::taste::Taste;
use crate::world::{Refused, World, basket, complaint, kitchen, send, travel};

/// So far from a kitchen do people live here, in metres.
const LIVES_WITHIN_M: f64 = 1_200.0;
/// An order in a hundred that is called off soon after it was placed.
const CHANGES_MIND_PERCENT: u32 = 4;
/// Whoever has eaten finds something missing, so often in a hundred.
const COMPLAINS_PERCENT: u32 = 4;
/// Whoever has eaten gives stars, so often in a hundred.
const RATES_PERCENT: u32 = 60;
/// Between two looks at the order.
const LOOKS_EVERY: Duration = Duration::from_millis(1_500);
/// Nobody waits longer for food than this in the simulation.
const WAITS_AT_MOST: Duration = Duration::from_secs(900);
/// What people type when they do not just look at the list.
const WORDS: [&str; 8] =
    ["pizza", "ramen", "burger", "salad", "tortilla", "curry", "coffee", "paella"];

/// Somebody who eats.
#[derive(Debug)]
pub struct Customer {
    /// Their login.
    pub person: Person,
}

/// Orders at the plan's rate until the world closes, each in a task of its own; returns when every
/// customer has had the last word on the order they were placing.
pub async fn order_until_closing(world: &Arc<World>) {
    let mut random = Random::fork(world.plan.seed, 0);
    let mut closing = world.closing.subscribe();
    let mut begun = JoinSet::new();
    for number in 0_u64.. {
        let wait = Duration::from_secs_f64(random.wait_s(world.plan.rate));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = closing.wait_for(|closing| *closing) => break,
        }
        let customer = random.below(world.customers.len());
        let world = Arc::clone(world);
        begun.spawn(async move { meal(&world, customer, number).await });
        while begun.try_join_next().is_some() {}
    }
    while begun.join_next().await.is_some() {}
}

/// One order from hunger to stars. A no on the way ends it; it has been counted.
async fn meal(world: &Arc<World>, customer: usize, number: u64) {
    // Streams 0 to 999 belong to people; the orders come after them.
    let mut random = Random::fork(world.plan.seed, 1_000 + number);
    let Ok(Some(order)) = place(world, customer, number, &mut random).await else {
        return;
    };
    let called_off = random.chance(CHANGES_MIND_PERCENT);
    if called_off {
        let _ = call_off(world, customer, order.order_id).await;
    }
    let end = follow(world, customer, order.order_id, &mut random).await;
    let Some(end) = end.filter(|end| end.state == OrderState::Completed) else {
        return;
    };
    if random.chance(RATES_PERCENT) {
        let brought = end.fulfilment == Fulfilment::Delivery;
        let _ = rate(world, customer, &order, brought, &mut random).await;
    }
    if random.chance(COMPLAINS_PERCENT) {
        let _ = complaint::complain(world, customer, order.order_id).await;
    }
}

async fn place(
    world: &Arc<World>,
    customer: usize,
    number: u64,
    random: &mut Random,
) -> Result<Option<OrderPlaced>, Refused> {
    let person = &world.customers[customer].person;
    let Some(near) = random.pick(&world.restaurants) else {
        return Ok(None);
    };
    let door = travel::near(near.point, LIVES_WITHIN_M, random);
    let Some(restaurant) = browse(world, person, door, random).await? else {
        return Ok(None);
    };
    let menu = format!("/v1/restaurants/{}/menu", restaurant.restaurant_id);
    let menu: Menu = world.read("menu", person, Ask::get(&menu)).await?;
    let Some(basket) = basket::choose(&menu, restaurant.minimum.amount, random) else {
        return Ok(None);
    };
    let key = format!("meal-{}-{number}", world.plan.seed);
    let mut taste = Taste::draw(random);
    let restaurant_id = restaurant.restaurant_id;
    taste.choose_time(world, person, restaurant_id, random).await?;
    let address = address(door, number);
    let request = taste.request(world, person, restaurant_id, basket, address, &key).await?;
    if world.is_closing() {
        return Ok(None);
    }
    kitchen::open(world, restaurant_id);
    let ask = send(Method::POST, "/order", &request).with_key(&key);
    let asked = Instant::now();
    let answer = world.ask("place", person, ask).await?;
    world.figures.placed(asked.elapsed());
    // A yes counts from here, whatever else its body says.
    let order_id = crate::load::acknowledged_order(&answer)
        .ok_or(Refused { what: "place", code: "a yes without an order".to_owned() })?;
    world.figures.seen(&order_id, "placed");
    let index = answer.index();
    world.ledger.acknowledge(Acknowledged { order_id, customer, index });
    taste.count(world);
    let placed: OrderPlaced = crate::world::parse("place", &answer)?;
    if taste.has_number() {
        // Whoever has not read their number cannot say it: it is read again at the next look.
        let _ = complaint::read_number(world, customer, placed.order_id).await;
    }
    Ok(Some(placed))
}

/// What people say of their door.
pub fn address(point: Point, number: u64) -> Address {
    let lines = format!("Calle {} {}", number % 97 + 1, number % 40 + 1);
    Address { point, lines, door_note: None }
}

/// By card, through the city's gateway, or at the door.
pub fn payment(cash: bool) -> Payment {
    match cash {
        true => Payment { method: PaymentMethod::Cash, token: None },
        false => Payment { method: PaymentMethod::Card, token: Some("tok_visa".to_owned()) },
    }
}

/// One of the open kitchens around the door, after a look at the list and sometimes a search.
async fn browse(
    world: &World,
    person: &Person,
    door: Point,
    random: &mut Random,
) -> Result<Option<RestaurantSummary>, Refused> {
    let place = format!("lat={:.6}&lng={:.6}", door.lat, door.lng);
    if random.chance(25) {
        let word = random.pick(&WORDS).copied().unwrap_or("soup");
        let ask = Ask::get(&format!("/v1/search?q={word}&{place}"));
        world.ask("search", person, ask).await?;
    }
    let ask = Ask::get(&format!("/restaurants?{place}&open_now=true"));
    let asked = Instant::now();
    let page: Page<RestaurantSummary> = world.read("browse", person, ask).await?;
    world.figures.browsed(asked.elapsed());
    Ok(random.pick(&page.data).cloned())
}

async fn call_off(world: &World, customer: usize, order: OrderId) -> Result<(), Refused> {
    let request = CancelRequest { reason: CancelReason::CustomerChangedMind };
    let ask = send(Method::POST, &format!("/v1/order/{order}/cancel"), &request);
    let person = &world.customers[customer].person;
    world.ask("cancel", person, ask).await.map(drop)
}

/// Looks until it is over; gives the last look, or nothing if the world closes before.
async fn follow(
    world: &World,
    customer: usize,
    order: OrderId,
    random: &mut Random,
) -> Option<OrderStatus> {
    let person = &world.customers[customer].person;
    let path = format!("/order/{order}/status");
    let give_up = Instant::now() + WAITS_AT_MOST;
    let mut closing = world.closing.subscribe();
    while Instant::now() < give_up {
        tokio::select! {
            () = tokio::time::sleep(LOOKS_EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return None,
        }
        let seen = world.read::<OrderStatus>("status", person, Ask::get(&path)).await;
        let Ok(status) = seen else {
            continue;
        };
        world.figures.seen(&order.to_string(), &name(status.state));
        if status.state.is_terminal() {
            return Some(status);
        }
        let told = |what: &str| status.timeline.iter().filter(|step| step.what == what).count();
        if told("substitution.proposed") > told("substitution.answered") {
            let _ = complaint::answer(world, customer, order, random).await;
        }
    }
    None
}

/// As the API spells it.
pub fn name(state: OrderState) -> String {
    let json = serde_json::to_value(state).expect("a state is a word");
    json.as_str().unwrap_or_default().to_owned()
}

async fn rate(
    world: &World,
    customer: usize,
    order: &OrderPlaced,
    brought: bool,
    random: &mut Random,
) -> Result<(), Refused> {
    let stars = *random.pick(&[3, 4, 4, 5, 5, 5]).unwrap_or(&5);
    let request = RateRequest {
        stars,
        order_id: Some(order.order_id),
        food: Some(stars),
        packaging: None,
        accuracy: Some(5),
        courier: brought.then_some(5),
        dishes: order.receipt.lines.iter().map(|line| (line.dish_id, stars)).collect(),
        text: None,
    };
    let id: RestaurantId = order.restaurant_id;
    let ask = send(Method::POST, &format!("/rate/{id}"), &request);
    let ask = ask.with_key(&format!("rate-{}", order.order_id));
    world.ask("rate", &world.customers[customer].person, ask).await?;
    world.figures.rated();
    Ok(())
}
