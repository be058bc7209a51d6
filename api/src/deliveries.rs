//! What a courier is asked and what they carry.

use crate::wire::{Point, Time};
use domain::delivery::DeliveryState;
use domain::ids::{CourierId, DeliveryId, OfferId, OrderId, RestaurantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /delivery/assignments`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Assignments {
    #[schema(value_type = String)]
    pub courier_id: CourierId,
    pub online: bool,
    /// Live offers.
    pub offers: Vec<Offer>,
    /// What they hold.
    pub deliveries: Vec<Assigned>,
}

/// A delivery that is being offered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Offer {
    #[schema(value_type = String)]
    pub offer_id: OfferId,
    #[schema(value_type = String)]
    pub delivery_id: DeliveryId,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    pub expires_at: Time,
    pub fence: u32,
    pub pickup: Stop,
    pub drop: Stop,
    pub ready_at: Time,
}

/// A delivery that they hold.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Assigned {
    #[schema(value_type = String)]
    pub delivery_id: DeliveryId,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String, example = "picked_up")]
    pub state: DeliveryState,
    pub fence: u32,
    pub ready_at: Time,
    /// In the order in which they are driven: what is behind the courier is left out.
    pub stops: Vec<Stop>,
}

/// Somewhere to go.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Stop {
    pub kind: StopKind,
    pub point: Point,
    /// The restaurant's name, or the customer's address once the food is carried.
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub restaurant_id: Option<RestaurantId>,
}

/// What is done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StopKind {
    Pickup,
    Drop,
}
