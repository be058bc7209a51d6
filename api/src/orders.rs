//! Orders: placing, following, calling off.

use crate::deliveries::Proof;
use crate::quotes::BasketLine;
pub use crate::receipts::{Receipt, ReceiptLine, ReceiptOption, TaxLine, UsedCoupon};
use crate::refunds::{Bill, Refund};
use crate::substitutions::Substitution;
use crate::wire::{Point, Time};
use domain::delivery::{DeliveryState, FailReason};
use domain::ids::{AddressId, ClaimId, CourierId, OrderId, QuoteId, RestaurantId};
use domain::order::{CancelReason, Fault, Fulfilment, OrderState, RejectReason};
use domain::payment::PaymentStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where food goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Address {
    pub point: Point,
    /// Street, number, floor.
    #[schema(example = "Calle Mayor 1, 2B")]
    pub lines: String,
    /// For the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ring twice")]
    pub door_note: Option<String>,
}

/// `POST /order`: a quote, or a basket that is priced now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PlaceOrderRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub quote_id: Option<QuoteId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub restaurant_id: Option<RestaurantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket: Option<Vec<BasketLine>>,
    /// With a basket, for what is brought; or `address_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// One of `GET /v1/me/addresses`, in place of `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub address_id: Option<AddressId>,
    /// With a basket, as it was typed; a quote has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "WELCOME10")]
    pub coupon_code: Option<String>,
    /// With a basket: brought, or picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "delivery")]
    pub fulfilment: Option<Fulfilment>,
    /// With a basket: at once, or in a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Put it down at the door; a photo shows that it came.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contactless: bool,
    /// Hand it over for a PIN only, which `GET /order/{order_id}` shows.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pin_at_door: bool,
    /// The default of `GET /v1/me/payment-methods`, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// For the courier, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<i64>,
    /// For the kitchen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "no onions")]
    pub note: Option<String>,
    /// What you saw, in minor units: another total is refused with `price_changed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<i64>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it so
fn is_false(flag: &bool) -> bool {
    !flag
}

/// When a customer wants to eat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = json!({"slot": "2026-03-01T18:30:00.000Z"}))]
pub enum When {
    /// As soon as it can be.
    #[default]
    Asap,
    /// In the quarter of an hour that begins then, from 30 minutes to 6 days ahead.
    Slot(Time),
}

impl From<When> for domain::order::When {
    fn from(when: When) -> Self {
        match when {
            When::Asap => Self::Asap,
            When::Slot(Time(start)) => Self::Slot { start },
        }
    }
}

impl From<domain::order::When> for When {
    fn from(when: domain::order::When) -> Self {
        match when {
            domain::order::When::Asap => Self::Asap,
            domain::order::When::Slot { start } => Self::Slot(Time(start)),
        }
    }
}

/// How it is paid. `token` comes from the gateway's own form; card numbers never come here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Payment {
    pub method: PaymentMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "tok_visa")]
    pub token: Option<String>,
}

/// How it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PaymentMethod {
    Card,
    Wallet,
    Cash,
}

/// The answer to `POST /order`: what the entry that placed it decided, and nothing that can change.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OrderPlaced {
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// `pending` until the payment is authorized; `placed` if there was nothing to wait for.
    #[schema(value_type = String, example = "pending")]
    pub state: OrderState,
    pub placed_at: Time,
    pub receipt: Receipt,
    /// The log entry that placed it.
    pub index: u64,
    pub links: OrderLinks,
}

/// Where to follow an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OrderLinks {
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub order: String,
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc/status")]
    pub status: String,
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc/stream")]
    pub stream: String,
}

/// An order, whole, for those it concerns.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Order {
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    #[schema(value_type = String, example = "accepted")]
    pub state: OrderState,
    #[schema(value_type = String, example = "authorized")]
    pub payment_state: PaymentStatus,
    /// Nothing for orders that are picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "unassigned")]
    pub delivery_state: Option<DeliveryState>,
    #[schema(value_type = String, example = "delivery")]
    pub fulfilment: Fulfilment,
    pub when: When,
    /// When it was promised at the door, or to be ready at the counter.
    pub promised: EtaWindow,
    /// It is put down at the door.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contactless: bool,
    /// For the customer alone: what they say at the counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "042137")]
    pub pickup_pin: Option<String>,
    /// For the customer alone: what they say at their door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4711")]
    pub door_pin: Option<String>,
    /// For the kitchen alone: what it says to a courier who takes the food early, or brings it
    /// back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0815")]
    pub handover_code: Option<String>,
    pub placed_at: Time,
    /// The kitchen must answer by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_by: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Time>,
    pub receipt: Receipt,
    /// Where it goes; nothing for those who need not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "no onions")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub courier_id: Option<CourierId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "busy")]
    pub reject_reason: Option<RejectReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "customer_changed_mind")]
    pub cancel_reason: Option<CancelReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "restaurant")]
    pub fault: Option<Fault>,
    /// A proposal that waits for the customer's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitution: Option<Substitution>,
    /// As it was placed, if a substitution has changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_receipt: Option<Receipt>,
    /// What its end cost, and whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
    /// `partially_refunded` or `refunded`, once money has gone back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "partially_refunded")]
    pub refund_state: Option<String>,
    /// Every attempt to pay, then every tip, for who pays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<crate::money::PaymentShown>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub claim_ids: Vec<ClaimId>,
    /// For the kitchen's printer: a ticket whose name was printed before is not printed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ord_00000000000000000000000000.0")]
    pub ticket_id: Option<String>,
    /// When somebody in the kitchen saw the alert: from then on no tablet rings. For the kitchen
    /// and operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Time>,
    /// Since when operators know that nobody in the kitchen reacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_at: Option<Time>,
    pub timeline: Vec<TimelineStep>,
    /// Raised by every change.
    pub revision: u64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineStep {
    /// When the city learned of it.
    pub at: Time,
    /// When it happened, by the word of a phone that was offline then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Time>,
    /// As `order.accepted` or `delivery.picked_up`.
    #[schema(example = "order.accepted")]
    pub what: String,
}

/// `GET /order/{order_id}/status`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct OrderStatus {
    #[schema(value_type = String)]
    pub order_id: OrderId,
    #[schema(value_type = String, example = "handed_off")]
    pub state: OrderState,
    #[schema(value_type = String, example = "authorized")]
    pub payment_state: PaymentStatus,
    /// The present attempt to pay, for who pays: where to confirm it, or why the bank would not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<crate::money::PaymentShown>,
    /// Nothing for orders that are picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "picked_up")]
    pub delivery_state: Option<DeliveryState>,
    #[schema(value_type = String, example = "delivery")]
    pub fulfilment: Fulfilment,
    /// When it was promised at the door, or to be ready at the counter.
    pub promised: EtaWindow,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Time>,
    /// When it should be at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<EtaWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<CourierOnMap>,
    pub timeline: Vec<TimelineStep>,
    pub revision: u64,
    /// Whether this may lack what happened last.
    pub stale: bool,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct EtaWindow {
    pub from: Time,
    pub to: Time,
}

/// The courier as the customer sees them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct CourierOnMap {
    #[schema(value_type = String)]
    pub courier_id: CourierId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
    /// How old the position is, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<i64>,
    /// Too old to be shown as where the courier is.
    pub stale: bool,
}

/// `POST /v1/order/{id}/cancel`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CancelRequest {
    #[schema(value_type = String, example = "customer_changed_mind")]
    pub reason: CancelReason,
}

/// `PATCH /restaurant/{id}/order/{order_id}/status`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct StaffStatusPatch {
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc/status")]
    pub status: StaffStatus,
    /// With `accepted`: when the food will be ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Time>,
    /// With `rejected` or `cancelled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "busy")]
    pub reason: Option<String>,
    /// With `handed_over`, for orders that are picked up: what the customer says. Five wrong ones,
    /// and only an operator can hand it over, without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "042137")]
    pub pin: Option<String>,
}

/// What a kitchen can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StaffStatus {
    Accepted,
    Rejected,
    Preparing,
    Ready,
    HandedOver,
    NoShow,
    Cancelled,
}

/// `POST /v1/restaurant/{id}/order/{order_id}/delay`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelayRequest {
    /// The new moment.
    pub ready_at: Time,
}

/// `PATCH /delivery/{id}/order/{order_id}/status`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CourierStatusPatch {
    #[schema(example = "/v1/order/ord_0004hnq5w1k60vy4q8d3j2m7zc/status")]
    pub status: CourierStatus,
    /// From the offer or the assignment; the current one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u32>,
    /// When it happened, if the phone was offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Time>,
    /// With `failed`. `customer_absent` takes 8 minutes at the door and two attempts to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "refused")]
    pub reason: Option<FailReason>,
    /// Names what the phone tells: told again, it is the same yes, whatever has happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "3f6c1a52-9f0b-4f2e-8d53-1c5c2b0f7a11", min_length = 1, max_length = 100)]
    pub event_id: Option<String>,
    /// What shows it: with `picked_up`, `delivered`, `returned`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// What a courier can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CourierStatus {
    Accepted,
    Declined,
    Dropped,
    AtStore,
    PickedUp,
    AtDoor,
    Delivered,
    Failed,
    Returning,
    Returned,
}

/// What a tablet says through `/v1/restaurant/{id}/live`: somebody has seen the alert.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderSeen {
    /// For which order.
    #[schema(value_type = String, example = "ord_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub seen: OrderId,
}
