//! The carrying of one order. The fence counts its holders: a late word of an old one is refused.

pub(crate) mod answer;
pub(crate) mod carry;
pub(crate) mod contact;
pub(crate) mod direct;
pub(crate) mod fail;
pub(crate) mod offer;
pub(crate) mod proof;
pub(crate) mod release;
pub(crate) mod search;

pub use answer::{DeclineOffer, TakeOffer};
pub use carry::{AdvanceDelivery, Progress};
pub use contact::LogContact;
pub use direct::{DirectDelivery, Direction};
pub use fail::{FailDelivery, FailReason};
pub use offer::OfferDelivery;
pub use proof::{AttachProof, Proof, ProofNeeded, Proven};
pub use release::{DropDelivery, UnassignDelivery};

use crate::ids::{AccountId, CourierId, DeliveryId, OfferId, OrderId, RestaurantId};
use crate::position::Position;
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The way of one order from the kitchen to the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Derived from the order.
    pub id: DeliveryId,
    /// What is carried.
    pub order_id: OrderId,
    /// From where.
    pub restaurant_id: RestaurantId,
    /// To whom.
    pub customer_id: AccountId,
    /// The kitchen's door.
    pub pickup: Position,
    /// The customer's door.
    pub drop: Position,
    /// When the food is ready, as far as anybody knows.
    pub ready_at: Timestamp,
    /// Where it stands now.
    pub status: DeliveryStatus,
    /// Raised with every offer and every release.
    pub fence: u32,
    /// Who does not want it.
    pub declined_by: BTreeSet<CourierId>,
    /// When the courier's last step happened, by their word.
    pub last_step_at: Option<Timestamp>,
    /// While the courier rides from the kitchen to the door: since when. Not known of whoever was
    /// sent on again after the door.
    #[serde(default)]
    pub left_at: Option<Told>,
    /// Why it could not be handed over, once it could not.
    pub fail_reason: Option<FailReason>,
    /// What shows that it came, as far as anything does.
    #[serde(default)]
    pub proven: Proven,
    /// When the courier came to the door, by our clock.
    #[serde(default)]
    pub at_door_at: Option<Timestamp>,
    /// When the courier came to the kitchen, by our clock.
    #[serde(default)]
    pub at_store_at: Option<Timestamp>,
    /// When the courier tried to reach the customer.
    #[serde(default)]
    pub contacts: Vec<Timestamp>,
    /// What phones have told of it already: a repeat is a yes without effect.
    #[serde(default)]
    pub heard: Vec<Digest>,
    /// While somebody is looked for: when the search is given up. Names the deadline `NoCourier`.
    pub no_courier_at: Option<Timestamp>,
    /// While somebody is looked for: when operators are told. Names the deadline `CourierMissing`.
    #[serde(default)]
    pub missing_at: Option<Timestamp>,
    /// While the holder is on their way to the kitchen: when they lose it. Names the deadline
    /// `NoProgress`.
    #[serde(default)]
    pub no_progress_at: Option<Timestamp>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// A moment, and by whose clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// By the phone's clock, which was offline then; else by ours.
    pub by_phone: bool,
}

/// The delivery's states; the diagram stands at the top of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum DeliveryStatus {
    /// The kitchen has not said yes.
    Waiting,
    /// Somebody must be found.
    Unassigned,
    /// One courier is asked.
    Offering { offer_id: OfferId, courier_id: CourierId, expires_at: Timestamp },
    /// They said yes.
    Assigned { courier_id: CourierId },
    /// They wait at the kitchen.
    AtStore { courier_id: CourierId },
    /// They have the food.
    PickedUp { courier_id: CourierId },
    /// They are at the door.
    AtDoor { courier_id: CourierId },
    /// They handed it over.
    Delivered { courier_id: CourierId },
    /// They could not.
    Failed { courier_id: CourierId, reason: FailReason },
    /// They bring it back.
    Returning { courier_id: CourierId },
    /// The kitchen has it back.
    Returned { courier_id: CourierId },
    /// It was thrown away.
    Disposed { courier_id: CourierId },
    /// The order ended before pick-up.
    Cancelled,
    /// It is gone, and so is the courier.
    Lost { courier_id: CourierId },
}

/// A state without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DeliveryState {
    Waiting,
    Unassigned,
    Offering,
    Assigned,
    AtStore,
    PickedUp,
    AtDoor,
    Delivered,
    Failed,
    Returning,
    Returned,
    Disposed,
    Cancelled,
    Lost,
}

impl DeliveryState {
    /// Every state, in the order of a plain life, then the others.
    pub const ALL: [Self; 14] = [
        Self::Waiting,
        Self::Unassigned,
        Self::Offering,
        Self::Assigned,
        Self::AtStore,
        Self::PickedUp,
        Self::AtDoor,
        Self::Delivered,
        Self::Failed,
        Self::Returning,
        Self::Returned,
        Self::Disposed,
        Self::Cancelled,
        Self::Lost,
    ];

    /// Whether a step here stands on the timeline: who was asked in vain is nobody's business.
    pub(crate) fn is_told_after(self, before: Self) -> bool {
        match self {
            Self::Assigned
            | Self::AtStore
            | Self::PickedUp
            | Self::AtDoor
            | Self::Delivered
            | Self::Failed
            | Self::Returning
            | Self::Returned
            | Self::Disposed
            | Self::Lost => true,
            // Only if somebody had it.
            Self::Unassigned => matches!(before, Self::Assigned | Self::AtStore),
            Self::Waiting | Self::Offering | Self::Cancelled => false,
        }
    }
}

impl DeliveryStatus {
    /// The state without its particulars.
    pub fn state(&self) -> DeliveryState {
        match self {
            Self::Waiting => DeliveryState::Waiting,
            Self::Unassigned => DeliveryState::Unassigned,
            Self::Offering { .. } => DeliveryState::Offering,
            Self::Assigned { .. } => DeliveryState::Assigned,
            Self::AtStore { .. } => DeliveryState::AtStore,
            Self::PickedUp { .. } => DeliveryState::PickedUp,
            Self::AtDoor { .. } => DeliveryState::AtDoor,
            Self::Delivered { .. } => DeliveryState::Delivered,
            Self::Failed { .. } => DeliveryState::Failed,
            Self::Returning { .. } => DeliveryState::Returning,
            Self::Returned { .. } => DeliveryState::Returned,
            Self::Disposed { .. } => DeliveryState::Disposed,
            Self::Cancelled => DeliveryState::Cancelled,
            Self::Lost { .. } => DeliveryState::Lost,
        }
    }

    /// Who carries it, from their yes until the end; nobody while it is only offered.
    pub fn holder(&self) -> Option<CourierId> {
        match *self {
            Self::Assigned { courier_id }
            | Self::AtStore { courier_id }
            | Self::PickedUp { courier_id }
            | Self::AtDoor { courier_id }
            | Self::Delivered { courier_id }
            | Self::Failed { courier_id, .. }
            | Self::Returning { courier_id }
            | Self::Returned { courier_id }
            | Self::Disposed { courier_id }
            | Self::Lost { courier_id } => Some(courier_id),
            Self::Waiting | Self::Unassigned | Self::Offering { .. } | Self::Cancelled => None,
        }
    }

    /// Who has this delivery on their record: from the offer until it is over.
    pub(crate) fn busy_with(&self) -> Option<CourierId> {
        match *self {
            Self::Offering { courier_id, .. }
            | Self::Assigned { courier_id }
            | Self::AtStore { courier_id }
            | Self::PickedUp { courier_id }
            | Self::AtDoor { courier_id }
            | Self::Failed { courier_id, .. }
            | Self::Returning { courier_id } => Some(courier_id),
            Self::Waiting
            | Self::Unassigned
            | Self::Delivered { .. }
            | Self::Returned { .. }
            | Self::Disposed { .. }
            | Self::Cancelled
            | Self::Lost { .. } => None,
        }
    }
}
