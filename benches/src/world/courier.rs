//! Couriers ride around, say where they are, take what they are offered, and carry it: to the
//! kitchen, then to the door, one step after the other.

use std::sync::Arc;
use std::time::Duration;

use api::accounts::CourierLoginAnswer;
use api::couriers::{
    Courier, CourierSignupRequest, OnlineRequest, PositionReport, PositionsRequest,
};
use api::deliveries::{Assigned, Assignments, Proof, StopKind};
use api::orders::{CourierStatus, CourierStatusPatch};
use api::wire::Point;
use domain::courier::Vehicle;
use domain::delivery::DeliveryState;
use domain::ids::{CourierId, OrderId};
use domain::image::ImageHash;
use hyper::Method;

use crate::http::Ask;
use crate::random::Random;
use crate::world::person::Person;
use crate::world::{Refused, World, parse, send, travel};

/// Between two positions, and two looks at the phone.
const TICK: Duration = Duration::from_millis(1_000);
/// A bicycle in a city, in life.
const SPEED_MPS: f64 = 5.0;
/// Near enough to get off.
const THERE_M: f64 = 20.0;
/// So far from the kitchens do couriers wait, in metres.
const WAITS_WITHIN_M: f64 = 1_500.0;
/// An offer in a hundred that is left to others.
const DECLINES_PERCENT: u32 = 5;

/// Somebody on a bicycle.
#[derive(Debug)]
pub struct Rider {
    person: Person,
    id: CourierId,
    at: Point,
    random: Random,
}

/// Signs up as a courier, is approved by the operator, and begins a shift.
///
/// # Errors
/// The city says no to one of these.
pub async fn begin_shift(world: &World, number: usize, person: Person) -> Result<Rider, Refused> {
    let request = CourierSignupRequest { vehicle: Vehicle::Bicycle };
    let ask = send(Method::POST, "/v1/delivery/signup", &request);
    let ask = ask.with_key(&format!("ride-{number}"));
    let id = match world.read::<Courier>("courier sign-up", &person, ask).await {
        Ok(courier) => courier.courier_id,
        // Signed up in an earlier run: the courier's own door knows.
        Err(_) => {
            let (_, answer) = person.enter(&world.nodes, "/delivery/login").await?;
            parse::<CourierLoginAnswer>("courier log-in", &answer)?.courier_id
        }
    };
    let approve = Ask::new(Method::POST, &format!("/v1/admin/courier/{id}/approve"));
    world.ask("approve", &world.operator, approve).await?;
    let request = OnlineRequest { online: true, vehicle: None };
    let online = send(Method::PUT, &format!("/v1/delivery/{id}/online"), &request);
    world.ask("come online", &person, online).await?;
    world.figures.courier_came_online();
    let mut random = Random::fork(world.plan.seed, 500 + number as u64);
    let around = random.pick(&world.restaurants).map(|place| place.point);
    let around = around.unwrap_or(Point { lat: 0.0, lng: 0.0 });
    let at = travel::near(around, WAITS_WITHIN_M, &mut random);
    Ok(Rider { person, id, at, random })
}

/// Rides until the world closes.
pub async fn ride(world: Arc<World>, mut rider: Rider) {
    // Sixty phones do not look at the same moment.
    tokio::time::sleep(TICK.mul_f64(rider.random.fraction())).await;
    let mut clock = tokio::time::interval(TICK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    while !world.is_closing() {
        clock.tick().await;
        rider.tick(&world).await;
    }
}

impl Rider {
    /// One look at the phone. Whatever fails is counted and tried again at the next.
    async fn tick(&mut self, world: &World) {
        let _ = self.report(world).await;
        let ask = Ask::get("/delivery/assignments");
        let Ok(work) = world.read::<Assignments>("assignments", &self.person, ask).await else {
            return;
        };
        for offer in &work.offers {
            let declines = self.random.chance(DECLINES_PERCENT);
            let word = if declines { CourierStatus::Declined } else { CourierStatus::Accepted };
            let _ = self.say(world, offer.order_id, offer.fence, word).await;
        }
        if let Some(delivery) = work.deliveries.first() {
            self.carry(world, delivery).await;
        }
    }

    async fn report(&self, world: &World) -> Result<(), Refused> {
        let report = PositionReport {
            point: self.at,
            occurred_at: None,
            speed_mps: None,
            heading_deg: None,
        };
        let request = PositionsRequest { positions: vec![report] };
        let ask = send(Method::POST, &format!("/v1/delivery/{}/positions", self.id), &request);
        world.ask("position", &self.person, ask).await?;
        world.figures.position_sent();
        Ok(())
    }

    async fn carry(&mut self, world: &World, delivery: &Assigned) {
        let (goal, arrived) = match delivery.state {
            DeliveryState::Assigned => (StopKind::Pickup, Some(CourierStatus::AtStore)),
            DeliveryState::AtStore => (StopKind::Pickup, Some(CourierStatus::PickedUp)),
            DeliveryState::PickedUp => (StopKind::Drop, Some(CourierStatus::AtDoor)),
            DeliveryState::AtDoor => (StopKind::Drop, Some(CourierStatus::Delivered)),
            DeliveryState::Waiting
            | DeliveryState::Unassigned
            | DeliveryState::Offering
            | DeliveryState::Delivered
            | DeliveryState::Failed
            | DeliveryState::Returning
            | DeliveryState::Returned
            | DeliveryState::Disposed
            | DeliveryState::Cancelled
            | DeliveryState::Lost => return,
        };
        let Some(stop) = delivery.stops.iter().find(|stop| stop.kind == goal) else {
            return;
        };
        let speed = SPEED_MPS * world.plan.speed;
        self.at = travel::toward(self.at, stop.point, speed, TICK);
        if travel::distance_m(self.at, stop.point) > THERE_M {
            return;
        }
        if let Some(word) = arrived {
            // A phone that has stopped says where: the city looks at it when food is handed over.
            let _ = self.report(world).await;
            let _ = self.say(world, delivery.order_id, delivery.fence, word).await;
        }
    }

    async fn say(
        &self,
        world: &World,
        order: OrderId,
        fence: u32,
        status: CourierStatus,
    ) -> Result<(), Refused> {
        let proof = match status {
            // Who has a number says it, and nobody else is asked for one.
            CourierStatus::Delivered => {
                let pin = world.told.say(order);
                pin.map(|pin| Proof { pin: Some(pin), ..Proof::default() })
            }
            CourierStatus::Accepted
            | CourierStatus::Declined
            | CourierStatus::Dropped
            | CourierStatus::AtStore
            | CourierStatus::PickedUp
            | CourierStatus::AtDoor
            | CourierStatus::Failed
            | CourierStatus::Returning
            | CourierStatus::Returned => None,
        };
        match self.tell(world, order, fence, status, proof).await {
            Ok(()) => Ok(()),
            // Put down at the door: a photo shows it.
            Err(refused) if refused.code == PROOF_MISSING => {
                let photo = self.photograph(world, order, fence).await?;
                let proof = Proof { photo: Some(photo), ..Proof::default() };
                self.tell(world, order, fence, status, Some(proof)).await?;
                world.figures.happened("photos");
                Ok(())
            }
            // The food is not ready yet: the courier waits, which is no failure.
            Err(refused) if status == CourierStatus::PickedUp && refused.code == NOT_READY => {
                Ok(())
            }
            Err(refused) => {
                world.figures.refused(word(status), &refused.code);
                Err(refused)
            }
        }
    }

    async fn tell(
        &self,
        world: &World,
        order: OrderId,
        fence: u32,
        status: CourierStatus,
        proof: Option<Proof>,
    ) -> Result<(), Refused> {
        let request = CourierStatusPatch {
            status,
            fence: Some(fence),
            occurred_at: None,
            reason: None,
            event_id: None,
            proof,
        };
        let path = format!("/delivery/{}/order/{order}/status", self.id);
        let ask = send(Method::PATCH, &path, &request);
        self.person.ask(&world.nodes, "carry", ask).await.map(drop)
    }

    /// A picture of a door, closed for all but those whom it concerns.
    async fn photograph(
        &self,
        world: &World,
        order: OrderId,
        fence: u32,
    ) -> Result<ImageHash, Refused> {
        let path = format!("/v1/delivery/{}/order/{order}/proof?kind=photo&fence={fence}", self.id);
        let ask = Ask::new(Method::POST, &path).with_jpeg(DOOR);
        let taken: serde_json::Value = world.read("photo", &self.person, ask).await?;
        let hash = taken["hash"].as_str().and_then(|text| text.parse().ok());
        hash.ok_or(Refused { what: "photo", code: "no hash".to_owned() })
    }
}

/// What every door looks like.
const DOOR: &[u8] = include_bytes!("door.jpg");
/// The answer to a hand-over that has not been shown.
const PROOF_MISSING: &str = "proof_missing";

/// The answer to a pick-up before the kitchen is done.
const NOT_READY: &str = "out_of_order";

fn word(status: CourierStatus) -> &'static str {
    match status {
        CourierStatus::Accepted => "take offer",
        CourierStatus::Declined => "decline offer",
        CourierStatus::Dropped => "drop",
        CourierStatus::AtStore => "at store",
        CourierStatus::PickedUp => "pick up",
        CourierStatus::AtDoor => "at door",
        CourierStatus::Delivered => "deliver",
        CourierStatus::Failed => "fail",
        CourierStatus::Returning => "return",
        CourierStatus::Returned => "hand back",
    }
}
