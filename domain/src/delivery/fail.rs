//! It could not be handed over. The food is still somewhere, and an operator is told.

use crate::ids::{CourierId, OrderId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The holder reports that the delivery failed after pick-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct FailDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub reason: FailReason,
    pub fence: Option<u32>,
    pub occurred_at: Option<Timestamp>,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FailReason {
    CustomerAbsent,
    WrongAddress,
    Refused,
    Unsafe,
    Damaged,
    Lost,
    Accident,
    Vehicle,
}
