//! Moments that something must happen at. They are records: the leader reads them and proposes
//! `FireDeadline`; `apply` checks that the moment has come and is still awaited.

use crate::ids::{DeliveryId, OrderId, QuoteId, SessionId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment and what it is for. Both together are its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deadline {
    /// Not before this moment.
    pub due_at: Timestamp,
    /// What it is for.
    pub due: Due,
}

/// What must happen. The order is part of the storage key: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Due {
    /// An order that nobody paid for is cancelled.
    PayBy(OrderId),
    /// An order that the kitchen did not answer expires.
    AcceptBy(OrderId),
    /// An offer with this fence that the courier did not answer goes to the next one.
    OfferExpires(DeliveryId, u32),
    /// An order for which no courier was found is cancelled, at the platform's fault.
    NoCourier(OrderId),
    /// A quote's tombstone can go.
    QuoteGone(QuoteId),
    /// A session has reached its end.
    SessionEnds(SessionId),
}
