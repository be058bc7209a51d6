//! What a courier is asked and what they carry.

use crate::orders::CourierStatus;
use crate::problem::Problem;
use crate::wire::{Point, Time};
use domain::delivery::{DeliveryState, Direction, FailReason};
use domain::ids::{CourierId, DeliveryId, OfferId, OrderId, RestaurantId};
use domain::image::ImageHash;
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
    #[schema(example = "Ramen Bar")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ring twice")]
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

/// What a courier shows with a step. Which of it is needed, `proof_missing` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// With `delivered`: what the customer says at their door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4711")]
    pub pin: Option<String>,
    /// What the kitchen says: with `picked_up` for food that is not ready yet, with `returned`
    /// always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0815")]
    pub code: Option<String>,
    /// With `delivered`: a picture that `POST .../proof` has taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "5d41402abc4b2a76b9719d911017c592")]
    pub photo: Option<ImageHash>,
    /// With `delivered`: the same for a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "7d793037a0760186574b0282f2f435e7")]
    pub signature: Option<ImageHash>,
    /// With `delivered`: you have seen that the customer is old enough.
    #[serde(default)]
    pub age_checked: bool,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// The food at its door.
    Photo,
    /// That somebody took it.
    Signature,
}

/// The answer to `POST /v1/delivery/{id}/order/{order_id}/proof`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct ProofTaken {
    /// The log entry that made it so.
    pub index: u64,
    /// Its name, as a proof with `delivered`; it counts already.
    #[schema(value_type = String, example = "5d41402abc4b2a76b9719d911017c592")]
    pub hash: ImageHash,
}

/// `POST /v1/delivery/{id}/order/{order_id}/contact`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRequest {
    /// Names this attempt: told again, it counts once.
    #[schema(example = "call-1", min_length = 1, max_length = 100)]
    pub event_id: String,
    /// From the assignment; the current one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u32>,
}

/// `POST /v1/delivery/{id}/batch`: what a phone did while it was offline.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// In any order; those of one order are applied as they occurred.
    #[schema(min_items = 1, max_items = 100)]
    pub events: Vec<BatchEvent>,
}

/// One step that was taken offline.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BatchEvent {
    /// Names it: uploaded again, it is the same yes.
    #[schema(example = "e-17", min_length = 1, max_length = 100)]
    pub event_id: String,
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u32>,
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc/status")]
    pub status: CourierStatus,
    /// By the phone's clock: at most 12 hours ago.
    pub occurred_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// With `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "refused")]
    pub reason: Option<FailReason>,
}

/// One result for each event, in the order in which they were sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct BatchAnswer {
    pub results: Vec<BatchResult>,
}

/// What became of one event.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct BatchResult {
    #[schema(example = "e-17")]
    pub event_id: String,
    /// As the same request alone would have been answered.
    #[schema(example = 200)]
    pub status: u16,
    /// The entry that took it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// `POST /v1/admin/delivery/{id}/direct`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectRequest {
    /// `returning`, `returned`, `disposed`, `resumed`, `lost`; after five wrong PINs and with a
    /// photo, `delivered`.
    #[schema(value_type = String, example = "disposed")]
    pub to: Direction,
    /// For the audit chain.
    #[schema(example = "the kitchen is closed by now")]
    pub reason: String,
}
