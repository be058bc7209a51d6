//! The holder's steps from "yes" to the customer's hands.

use crate::ids::{CourierId, OrderId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One step further. The holder only; each step only from the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AdvanceDelivery {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub to: Progress,
    /// The holder's fence; the current one if absent.
    pub fence: Option<u32>,
    /// When it happened, if the phone was offline.
    pub occurred_at: Option<Timestamp>,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Progress {
    AtStore,
    PickedUp,
    AtDoor,
    Delivered,
    Returning,
    Returned,
}
