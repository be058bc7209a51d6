//! A customer's commitment, from the tap on "order" to the last bite.

pub(crate) mod accept;
pub(crate) mod cancel;
pub(crate) mod case;
pub(crate) mod delay;
pub(crate) mod ending;
pub(crate) mod expire;
pub(crate) mod kitchen;
pub(crate) mod place;
pub(crate) mod ready;
pub(crate) mod reject;
pub(crate) mod sale;
pub(crate) mod start;

pub use accept::AcceptOrder;
pub use cancel::{CancelOrder, CancelReason};
pub use delay::DelayOrder;
pub use place::{Goods, PlaceOrder};
pub use ready::ReadyOrder;
pub use reject::{RejectOrder, RejectReason};
pub use start::StartOrder;

use crate::ids::{AccountId, DeliveryId, OrderId, PaymentId, RestaurantId};
use crate::position::Position;
use crate::pricing::Receipt;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An order and everything that was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Derived from the customer and their key.
    pub id: OrderId,
    /// Who eats.
    pub customer_id: AccountId,
    /// Who cooks.
    pub restaurant_id: RestaurantId,
    /// What was bought, at which price.
    pub receipt: Receipt,
    /// Where it goes.
    pub destination: Destination,
    /// Metres from the kitchen to the door, measured before the log.
    pub distance_m: u32,
    /// For the kitchen, closed.
    pub note: Sealed,
    /// Its money.
    pub payment_id: PaymentId,
    /// Its way.
    pub delivery_id: DeliveryId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The entry that placed it: what the first answer said never changes.
    pub placed_index: u64,
    /// Whether the kitchen saw it at once (cash, or nothing to pay), or only after the payment.
    pub placed_as_pending: bool,
    /// SHA-256 of the request that placed it.
    pub request: Digest,
    /// Where it stands now.
    pub status: OrderStatus,
    /// When the food is or was ready, as far as anybody knows.
    pub ready_at: Option<Timestamp>,
    /// How often the kitchen said "later".
    pub delays: u32,
    /// What happened when.
    pub timeline: Vec<Step>,
    /// The entry that wrote this record last: its revision.
    pub revision: u64,
}

/// Where an order goes. The point is what dispatch needs; the rest is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Destination {
    pub position: Position,
    /// Street, number, floor, the note for the door.
    pub address: Sealed,
}

/// The order's states; the diagram stands at the top of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum OrderStatus {
    /// Waits for its payment; the kitchen does not see it.
    Pending { pay_by: Timestamp },
    /// Waits for the kitchen.
    Placed { accept_by: Timestamp },
    /// The kitchen said yes.
    Accepted,
    /// The kitchen cooks.
    Preparing,
    /// The food waits.
    Ready,
    /// The courier has it.
    HandedOff,
    /// Eaten, as far as we know.
    Completed,
    /// The kitchen said no.
    Rejected { reason: RejectReason },
    /// The kitchen said nothing.
    Expired,
    /// Somebody called it off.
    Cancelled { reason: CancelReason, fault: Fault },
    /// Nobody took it.
    NoShow,
}

/// A state without its particulars: for lists, indexes, timelines and people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum OrderState {
    Pending,
    Placed,
    Accepted,
    Preparing,
    Ready,
    HandedOff,
    Completed,
    Rejected,
    Expired,
    Cancelled,
    NoShow,
}

impl OrderStatus {
    /// The state without its particulars.
    pub fn state(&self) -> OrderState {
        match self {
            Self::Pending { .. } => OrderState::Pending,
            Self::Placed { .. } => OrderState::Placed,
            Self::Accepted => OrderState::Accepted,
            Self::Preparing => OrderState::Preparing,
            Self::Ready => OrderState::Ready,
            Self::HandedOff => OrderState::HandedOff,
            Self::Completed => OrderState::Completed,
            Self::Rejected { .. } => OrderState::Rejected,
            Self::Expired => OrderState::Expired,
            Self::Cancelled { .. } => OrderState::Cancelled,
            Self::NoShow => OrderState::NoShow,
        }
    }
}

impl OrderState {
    /// Every state, in the order of a plain life.
    pub const ALL: [Self; 11] = [
        Self::Pending,
        Self::Placed,
        Self::Accepted,
        Self::Preparing,
        Self::Ready,
        Self::HandedOff,
        Self::Completed,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// Whether nothing more can happen.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Completed | Self::Rejected | Self::Expired | Self::Cancelled | Self::NoShow => {
                true
            }
            Self::Pending
            | Self::Placed
            | Self::Accepted
            | Self::Preparing
            | Self::Ready
            | Self::HandedOff => false,
        }
    }
}

/// Who bears the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Fault {
    Customer,
    Restaurant,
    Courier,
    Platform,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Step {
    /// When we learned of it.
    pub at: Timestamp,
    pub what: StepKind,
}

/// What can stand on a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StepKind {
    Order(OrderState),
    Delivery(crate::delivery::DeliveryState),
    Delayed,
}
