//! Couriers: signing up, shifts, positions.

use crate::wire::{Point, Time};
use domain::courier::Vehicle;
use domain::ids::{AccountId, CourierId, DeliveryId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/delivery/signup`: the caller wants to carry.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CourierSignupRequest {
    #[schema(value_type = String, example = "bicycle")]
    pub vehicle: Vehicle,
}

/// A courier.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Courier {
    #[schema(value_type = String)]
    pub courier_id: CourierId,
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[schema(value_type = String, example = "bicycle")]
    pub vehicle: Vehicle,
    pub approved: bool,
    pub online: bool,
    #[schema(value_type = Vec<String>, example = json!(["dlv_0004hnq5w1k60vy4q8d3j2m7zc"]))]
    pub carrying: Vec<DeliveryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "dlv_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub offered: Option<DeliveryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
    /// How old the position is, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<i64>,
}

/// `PUT /v1/delivery/{id}/online`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OnlineRequest {
    pub online: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "bicycle")]
    pub vehicle: Option<Vehicle>,
}

/// `POST /v1/delivery/{id}/positions`: oldest first, at most 100.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PositionsRequest {
    pub positions: Vec<PositionReport>,
}

/// Where somebody was.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionReport {
    /// Where.
    pub point: Point,
    /// When; now if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Time>,
    /// Metres a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f32>,
    /// Degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 359)]
    pub heading_deg: Option<u16>,
}

/// What became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionsTaken {
    /// How many were news.
    pub taken: usize,
    /// How many were older than what is known.
    pub stale: usize,
}
