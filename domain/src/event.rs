//! What the feed tells: facts, in the past tense, with ids and without personal data.

use crate::delivery::FailReason;
use crate::ids::*;
use crate::money::Money;
use crate::order::{CancelReason, Fault, RejectReason};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A fact at (index, number) of the city's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    CityFounded { number: CityNumber },
    AccountSignedUp { account_id: AccountId },
    AccountBanned { account_id: AccountId, until: Option<Timestamp> },
    AccountUnbanned { account_id: AccountId },
    SessionOpened { account_id: AccountId, session_id: SessionId },
    SessionClosed { account_id: AccountId, session_id: SessionId },
    StaffGranted { restaurant_id: RestaurantId, account_id: AccountId },
    RestaurantPut { restaurant_id: RestaurantId },
    RestaurantApproved { restaurant_id: RestaurantId },
    RestaurantPaused { restaurant_id: RestaurantId, until: Option<Timestamp> },
    MenuChanged { restaurant_id: RestaurantId, version: u64 },
    CourierSignedUp { courier_id: CourierId },
    CourierApproved { courier_id: CourierId },
    CourierWentOnline { courier_id: CourierId },
    CourierWentOffline { courier_id: CourierId },
    QuoteMade { quote_id: QuoteId, restaurant_id: RestaurantId },
    /// The customer ordered; the kitchen does not see it yet.
    OrderPending { order_id: OrderId, restaurant_id: RestaurantId, total: Money },
    /// The kitchen sees it.
    OrderPlaced { order_id: OrderId, restaurant_id: RestaurantId, accept_by: Timestamp },
    OrderAccepted { order_id: OrderId, restaurant_id: RestaurantId, ready_at: Timestamp },
    OrderRejected { order_id: OrderId, restaurant_id: RestaurantId, reason: RejectReason },
    OrderExpired { order_id: OrderId, restaurant_id: RestaurantId },
    OrderStarted { order_id: OrderId, restaurant_id: RestaurantId },
    OrderDelayed { order_id: OrderId, restaurant_id: RestaurantId, ready_at: Timestamp },
    OrderReady { order_id: OrderId, restaurant_id: RestaurantId },
    OrderHandedOff { order_id: OrderId, restaurant_id: RestaurantId },
    OrderCompleted { order_id: OrderId, restaurant_id: RestaurantId },
    OrderCancelled {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        reason: CancelReason,
        fault: Fault,
    },
    OrderNoShow { order_id: OrderId, restaurant_id: RestaurantId },
    PaymentAuthorized { payment_id: PaymentId, order_id: OrderId },
    PaymentFailed { payment_id: PaymentId, order_id: OrderId },
    PaymentCapturing { payment_id: PaymentId, order_id: OrderId, amount: Money },
    PaymentCaptured { payment_id: PaymentId, order_id: OrderId, amount: Money },
    PaymentVoiding { payment_id: PaymentId, order_id: OrderId },
    PaymentVoided { payment_id: PaymentId, order_id: OrderId },
    CashCollected { payment_id: PaymentId, order_id: OrderId, courier_id: CourierId },
    /// From now on somebody must be found.
    DeliveryOpened { delivery_id: DeliveryId, order_id: OrderId },
    DeliveryOffered {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        expires_at: Timestamp,
        fence: u32,
    },
    OfferDeclined { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    OfferExpired { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    OfferWithdrawn { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryAssigned {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        fence: u32,
    },
    DeliveryUnassigned { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    CourierAtStore { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryPickedUp { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    CourierAtDoor { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryDelivered { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryFailed {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        reason: FailReason,
    },
    DeliveryReturning { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryReturned { delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId },
    DeliveryCancelled { delivery_id: DeliveryId, order_id: OrderId },
    OrderRated { order_id: OrderId, restaurant_id: RestaurantId, stars: u8 },
}
