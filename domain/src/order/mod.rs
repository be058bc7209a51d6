//! A customer's commitment, from the tap on "order" to the last bite.

pub(crate) mod accept;
pub(crate) mod alert;
pub(crate) mod bill;
pub(crate) mod cancel;
pub(crate) mod case;
pub(crate) mod delay;
pub(crate) mod ending;
pub(crate) mod expire;
pub(crate) mod hand_over;
pub(crate) mod holds;
pub(crate) mod kitchen;
pub(crate) mod no_show;
pub(crate) mod pin;
pub(crate) mod place;
pub(crate) mod ready;
pub(crate) mod reject;
pub(crate) mod release;
pub(crate) mod sale;
pub(crate) mod schedule;
pub(crate) mod seen;
pub(crate) mod start;
pub(crate) mod substitute;

pub use accept::AcceptOrder;
pub use alert::{Alert, AlertStep, AlertTimes};
pub use bill::{Bill, Situation};
pub use cancel::{CancelOrder, CancelReason, cancellation, fault_by_platform};
pub use delay::DelayOrder;
pub use hand_over::HandOverOrder;
pub use no_show::NoShowOrder;
pub use pin::PinKind;
pub use place::{Goods, PlaceOrder, Wanted};
pub use ready::ReadyOrder;
pub use reject::{RejectOrder, RejectReason};
pub use schedule::{When, Window, travel_ms};
pub use seen::SeenOrder;
pub use start::StartOrder;
pub use substitute::{
    AnswerSubstitution, Answered, Instead, ProposeSubstitution, Substitution, SubstitutionAnswer,
};

use crate::coupon::CouponHold;
use crate::entry::Stamp;
use crate::fraud::{Assessment, Marks};
use crate::ids::{AccountId, ClaimId, DeliveryId, OrderId, PaymentId, RefundId, RestaurantId};
use crate::position::Position;
use crate::pricing::Receipt;
use crate::quality::Flaw;
use crate::sealed::{Digest, Sealed};
use crate::slot::SlotHold;
use crate::stock::StockHold;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An order and everything that was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Derived from the customer and their key.
    pub id: OrderId,
    /// Who eats.
    pub customer_id: AccountId,
    /// Who cooks.
    pub restaurant_id: RestaurantId,
    /// Brought, or picked up.
    #[serde(default)]
    pub fulfilment: Fulfilment,
    /// At once, or in a slot.
    #[serde(default)]
    pub when: When,
    /// What was bought, at which price, as it stands now.
    pub receipt: Receipt,
    /// As it stood when it was placed, once a substitution has changed it.
    #[serde(default)]
    pub first_receipt: Option<Box<Receipt>>,
    /// Where it goes, if it goes anywhere.
    pub destination: Option<Destination>,
    /// Metres from the kitchen to the door, measured before the log; 0 for pickup.
    pub distance_m: u32,
    /// Put it down at the door: a photo is the proof.
    #[serde(default)]
    pub contactless: bool,
    /// The numbers that people say to each other.
    #[serde(default)]
    pub pins: Pins,
    /// For the kitchen, closed.
    pub note: Sealed,
    /// Its money: the present attempt.
    pub payment_id: PaymentId,
    /// All attempts at its money, in the order they were made.
    #[serde(default)]
    pub attempts: Vec<PaymentId>,
    /// Tips for it, each a payment of its own.
    #[serde(default)]
    pub tips: Vec<PaymentId>,
    /// Its way, if it is brought.
    pub delivery_id: Option<DeliveryId>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The entry that placed it: what the first answer said never changes.
    pub placed_index: u64,
    /// Whether the kitchen saw it at once (cash, or nothing to pay), or only after the payment.
    pub placed_as_pending: bool,
    /// The device and the card that it was placed with.
    #[serde(default)]
    pub marks: Marks,
    /// What was known of it then, and what the rules made of that.
    #[serde(default)]
    pub assessment: Option<Box<Assessment>>,
    /// While a person must look at it: until when. Names the deadline `ReviewBy`.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
    /// SHA-256 of the request that placed it.
    pub request: Digest,
    /// Where it stands now.
    pub status: OrderStatus,
    /// When the food is or was ready, as far as anybody knows.
    pub ready_at: Option<Timestamp>,
    /// What the kitchen said of that when it said yes.
    #[serde(default)]
    pub first_ready_at: Option<Timestamp>,
    /// When the customer was told it would come, or be ready: never moved by anybody later.
    #[serde(default)]
    pub promised: Window,
    /// When the kitchen should begin. For a scheduled order this is a moment that somebody waits
    /// for: the kitchen is told again, and a courier is looked for from then on.
    #[serde(default)]
    pub kitchen_at: Timestamp,
    /// Whether that moment is still awaited. Names the deadline `KitchenAt`.
    #[serde(default)]
    pub kitchen_awaited: bool,
    /// A ready pickup order waits until then. Names the deadline `NoShowAt`.
    #[serde(default)]
    pub no_show_at: Option<Timestamp>,
    /// What it holds of stock, slot and coupon until it ends.
    #[serde(default)]
    pub holds: Holds,
    /// What the kitchen proposes and the customer has not answered.
    #[serde(default)]
    pub substitution: Option<Box<Substitution>>,
    /// What was answered to the proposal before, by somebody or by their silence.
    #[serde(default)]
    pub last_answer: Option<Answered>,
    /// When somebody at the restaurant saw the alert.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
    /// How the kitchen is told next, while it does not react. Names the deadline `Alert`.
    #[serde(default)]
    pub alert: Option<Alert>,
    /// When operators were told that nobody reacts; nothing once somebody has.
    #[serde(default)]
    pub unanswered_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// What its end costs, and whom.
    #[serde(default)]
    pub bill: Option<Bill>,
    /// Complaints about it, in the order they came.
    #[serde(default)]
    pub claims: Vec<ClaimId>,
    /// Money that went back, in the order it was asked for.
    #[serde(default)]
    pub refunds: Vec<RefundId>,
    /// What was wrong with it, as far as it counts against somebody.
    #[serde(default)]
    pub flaws: BTreeSet<Flaw>,
    /// How often the kitchen said "later".
    pub delays: u32,
    /// What happened when.
    pub timeline: Vec<Step>,
    /// The entry that wrote this record last: its revision.
    pub revision: u64,
}

/// How food comes to people.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// A courier brings it.
    #[default]
    Delivery,
    /// They come for it.
    Pickup,
}

/// A number that one person knows and another one checks: the log has only its keyed hash, and a
/// closed copy for the one who may know it. Drawn before the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Pin {
    pub digest: Digest,
    pub sealed: Sealed,
}

/// The numbers of one order, and how often somebody was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pins {
    /// 6 digits: the customer says it where they pick up.
    pub pickup: Option<Pin>,
    /// 4 digits: the customer says it at their door.
    pub door: Option<Pin>,
    /// 4 digits: the kitchen says it to a courier who takes the food early, or brings it back.
    pub handover: Option<Pin>,
    /// Wrong ones at the counter.
    pub pickup_tries: u32,
    /// Wrong ones at the door.
    pub door_tries: u32,
    /// Wrong ones from the courier to the kitchen.
    pub handover_tries: u32,
    /// The last wrong one: hearing it again is a repeat.
    pub wrong: Option<(PinKind, Digest)>,
}

/// What an order keeps from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holds {
    /// Portions; they are the order's own once the kitchen has begun.
    pub stock: Vec<StockHold>,
    /// Whether the kitchen has begun: portions do not come back then.
    pub cooked: bool,
    /// Room in a slot.
    pub slot: Option<SlotHold>,
    /// A coupon.
    pub coupon: Option<CouponHold>,
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

impl Order {
    /// An order of which only the names are known yet.
    pub(crate) fn new(
        id: OrderId,
        customer_id: AccountId,
        restaurant_id: RestaurantId,
        stamp: &Stamp,
    ) -> Self {
        Self {
            id,
            customer_id,
            restaurant_id,
            fulfilment: Fulfilment::default(),
            when: When::default(),
            receipt: Receipt::default(),
            first_receipt: None,
            destination: None,
            distance_m: 0,
            contactless: false,
            pins: Pins::default(),
            note: Sealed::default(),
            payment_id: PaymentId::of(id, 1),
            attempts: Vec::new(),
            tips: Vec::new(),
            delivery_id: None,
            placed_at: stamp.at,
            placed_index: stamp.index,
            placed_as_pending: false,
            marks: Marks::default(),
            assessment: None,
            held_until: None,
            request: Digest([0; 32]),
            status: OrderStatus::Pending { pay_by: stamp.at },
            ready_at: None,
            first_ready_at: None,
            promised: Window::default(),
            kitchen_at: stamp.at,
            kitchen_awaited: false,
            no_show_at: None,
            holds: Holds::default(),
            substitution: None,
            last_answer: None,
            seen_at: None,
            alert: None,
            unanswered_at: None,
            ended_at: None,
            bill: None,
            claims: Vec::new(),
            refunds: Vec::new(),
            flaws: BTreeSet::new(),
            delays: 0,
            timeline: Vec::new(),
            revision: stamp.index,
        }
    }

    /// Whether the kitchen has ever seen it.
    pub fn was_placed(&self) -> bool {
        let placed = StepKind::Order(OrderState::Placed);
        self.timeline.iter().any(|step| step.what == placed)
    }

    /// The receipt as it stood when the order was placed.
    pub fn placed_receipt(&self) -> &Receipt {
        self.first_receipt.as_deref().unwrap_or(&self.receipt)
    }

    /// Whether its restaurant has ever seen it: one that ended while it was pending never came.
    pub fn came_to_the_kitchen(&self) -> bool {
        self.timeline.iter().any(|step| match step.what {
            StepKind::Order(OrderState::Pending | OrderState::Cancelled) => false,
            StepKind::Order(_)
            | StepKind::Delivery(_)
            | StepKind::Delayed
            | StepKind::KitchenDue
            | StepKind::SubstitutionProposed
            | StepKind::SubstitutionAnswered
            | StepKind::Refunded => true,
        })
    }
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
    /// When it happened, by the word of a phone that was offline then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// What can stand on a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StepKind {
    Order(OrderState),
    Delivery(crate::delivery::DeliveryState),
    Delayed,
    /// The moment of a scheduled order has come.
    KitchenDue,
    SubstitutionProposed,
    SubstitutionAnswered,
    Refunded,
}
