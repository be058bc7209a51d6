//! The holder gives a delivery back before pick-up, or an operator takes it from them.

use crate::ids::{CourierId, DeliveryId, OrderId};
use serde::{Deserialize, Serialize};

/// The courier gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
}

/// An operator takes it from whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnassignDelivery {
    pub delivery_id: DeliveryId,
    pub reason: String,
}
