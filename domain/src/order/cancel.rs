//! Somebody calls the order off, and somebody bears the loss.

use crate::ids::OrderId;
use serde::{Deserialize, Serialize};

/// Ends an order before hand-off. Its customer, its restaurant's staff, an operator, the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CancelOrder {
    pub order_id: OrderId,
    pub reason: CancelReason,
}

/// Why an order is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CancelReason {
    CustomerChangedMind,
    WrongAddress,
    TooSlow,
    OutOfStock,
    RestaurantClosed,
    NoCourier,
    PaymentFailed,
    Fraud,
    Undeliverable,
    Duplicate,
    Operator,
}
