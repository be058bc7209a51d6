//! The courier's work: what they are asked, what they carry, what they say of it.

use super::auth::CourierSelf;
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Reads};
use super::render;
use super::steps::{Steps, Word};
use crate::vault::Vault;
use api::codes::Code;
use api::deliveries as shape;
use api::orders::CourierStatusPatch;
use api::problem::Problem;
use api::wire::{Done, Time};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::delivery::{Delivery, DeliveryState, DeliveryStatus};
use domain::ids::CourierId;
use domain::position::Position;
use storage::CityView;

/// What you are asked and what you carry
#[utoipa::path(get, path = "/delivery/assignments", tag = "couriers",
    security(("bearer" = [])),
    responses((status = 200, body = shape::Assignments, description = "Offers and deliveries"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn assignments(
    State(vault): State<Vault>,
    courier: CourierSelf,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let read = reads.current().await?;
    let answer = work_of(&read.view, &vault, courier.courier_id)?;
    Ok((FdIndex(read.index), axum::Json(answer)))
}

/// All that a courier has to do with now.
pub(super) fn work_of(
    view: &CityView,
    vault: &Vault,
    courier_id: CourierId,
) -> Answer<shape::Assignments> {
    let unknown = || Fail::new(Code::CourierUnknown);
    let courier = view.courier(courier_id)?.ok_or_else(unknown)?;
    let work = view.assignments(courier_id)?.ok_or_else(unknown)?;
    let offers = work.offered.iter().map(|delivery| offer(view, delivery));
    let offers: Vec<Option<shape::Offer>> = offers.collect::<Answer<_>>()?;
    let deliveries = work.carrying.iter().map(|delivery| assigned(view, vault, delivery));
    Ok(shape::Assignments {
        courier_id,
        online: courier.online,
        offers: offers.into_iter().flatten().collect(),
        deliveries: deliveries.collect::<Answer<_>>()?,
    })
}

fn offer(view: &CityView, delivery: &Delivery) -> Answer<Option<shape::Offer>> {
    let DeliveryStatus::Offering { offer_id, expires_at, .. } = delivery.status else {
        return Ok(None);
    };
    Ok(Some(shape::Offer {
        offer_id,
        delivery_id: delivery.id,
        order_id: delivery.order_id,
        expires_at: Time(expires_at),
        fence: delivery.fence,
        pickup: pickup(view, delivery)?,
        // Where about it goes; the door is for who says yes.
        drop: shape::Stop {
            kind: shape::StopKind::Drop,
            point: about(delivery.drop).into(),
            label: None,
            door_note: None,
            restaurant_id: None,
        },
        ready_at: Time(delivery.ready_at),
    }))
}

/// The middle of a square of about 300 m. The same for each offer, so that many of them say no more
/// than one.
fn about(door: Position) -> Position {
    const SIDE_E7: i32 = 30_000;
    let middle = |e7: i32| e7 - e7.rem_euclid(SIDE_E7) + SIDE_E7 / 2;
    Position { lat_e7: middle(door.lat_e7), lng_e7: middle(door.lng_e7) }
}

fn pickup(view: &CityView, delivery: &Delivery) -> Answer<shape::Stop> {
    let restaurant = view.restaurant(delivery.restaurant_id)?;
    let label = restaurant.map(|r| format!("{}, {}", r.profile.name, r.profile.address));
    Ok(shape::Stop {
        kind: shape::StopKind::Pickup,
        point: delivery.pickup.into(),
        label,
        door_note: None,
        restaurant_id: Some(delivery.restaurant_id),
    })
}

fn assigned(view: &CityView, vault: &Vault, delivery: &Delivery) -> Answer<shape::Assigned> {
    let state = delivery.status.state();
    let before_pickup = matches!(state, DeliveryState::Assigned | DeliveryState::AtStore);
    let mut stops = Vec::with_capacity(2);
    if before_pickup {
        stops.push(pickup(view, delivery)?);
    }
    let order = view.order(delivery.order_id)?;
    let door = order.and_then(|order| render::address(vault, &order));
    let (label, door_note) = door.map_or((None, None), |d| (Some(d.lines), d.door_note));
    stops.push(shape::Stop {
        kind: shape::StopKind::Drop,
        point: delivery.drop.into(),
        label,
        door_note,
        restaurant_id: None,
    });
    Ok(shape::Assigned {
        delivery_id: delivery.id,
        order_id: delivery.order_id,
        state,
        fence: delivery.fence,
        ready_at: Time(delivery.ready_at),
        stops,
    })
}

/// Answer an offer, or say how far a delivery is
///
/// What shows that it came is asked for by `proof_missing`; a wrong number is `pin_wrong`, and five
/// of them take an operator.
#[utoipa::path(patch, path = "/delivery/{id}/order/{order_id}/status", tag = "couriers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("order_id" = String, Path, description = "ord_..")),
    request_body(content = CourierStatusPatch, example = json!({"status": "delivered", "fence": 1,
        "event_id": "e-18", "proof": {"pin": "4711"}})),
    responses((status = 200, body = Done, description = "Taken down"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn patch_status(
    steps: Steps,
    Path(path): Path<(String, String)>,
    Json(body): Json<CourierStatusPatch>,
) -> Answer<impl IntoResponse> {
    let word = Word {
        order_id: params::id(&path.1, Code::OrderUnknown)?,
        status: body.status,
        fence: body.fence,
        occurred_at: body.occurred_at.map(|time| time.0),
        reason: body.reason,
        event_id: body.event_id,
        proof: body.proof,
    };
    let done = steps.take_down(word).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_tells_no_door() {
        let at = |lat, lng| Position::from_degrees(lat, lng).unwrap();
        let door = at(43.5560, -5.9120);
        let shown = about(door);
        assert_ne!(shown, door);
        assert!((shown.lat() - door.lat()).abs() <= 0.0015, "{shown:?}");
        assert!((shown.lng() - door.lng()).abs() <= 0.0015, "{shown:?}");
        assert_eq!(shown, about(at(43.5561, -5.9121)), "the neighbours'");
    }
}
