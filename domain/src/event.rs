//! What the feed tells: facts, in the past tense, with ids and without personal data.

use crate::delivery::FailReason;
use crate::ids::*;
use crate::image::ImageHash;
use crate::money::Money;
use crate::order::{CancelReason, Fault, RejectReason, SubstitutionAnswer};
use crate::restaurant::Mode;
use crate::stock::StockTarget;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A fact at (index, number) of the city's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    CityFounded {
        number: CityNumber,
    },
    AccountSignedUp {
        account_id: AccountId,
    },
    AccountBanned {
        account_id: AccountId,
        until: Option<Timestamp>,
    },
    AccountUnbanned {
        account_id: AccountId,
    },
    SessionOpened {
        account_id: AccountId,
        session_id: SessionId,
    },
    SessionClosed {
        account_id: AccountId,
        session_id: SessionId,
    },
    StaffGranted {
        restaurant_id: RestaurantId,
        account_id: AccountId,
    },
    RestaurantPut {
        restaurant_id: RestaurantId,
    },
    RestaurantApproved {
        restaurant_id: RestaurantId,
    },
    MenuChanged {
        restaurant_id: RestaurantId,
        version: u64,
    },
    CourierSignedUp {
        courier_id: CourierId,
    },
    CourierApproved {
        courier_id: CourierId,
    },
    CourierWentOnline {
        courier_id: CourierId,
    },
    CourierWentOffline {
        courier_id: CourierId,
    },
    QuoteMade {
        quote_id: QuoteId,
        restaurant_id: RestaurantId,
    },
    /// The customer ordered; the kitchen does not see it yet.
    OrderPending {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        total: Money,
    },
    /// The kitchen sees it.
    OrderPlaced {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        accept_by: Timestamp,
    },
    OrderAccepted {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        ready_at: Timestamp,
    },
    OrderRejected {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        reason: RejectReason,
    },
    OrderExpired {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderStarted {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderDelayed {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        ready_at: Timestamp,
    },
    OrderReady {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderHandedOff {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderCompleted {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderCancelled {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        reason: CancelReason,
        fault: Fault,
    },
    OrderNoShow {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    PaymentAuthorized {
        payment_id: PaymentId,
        order_id: OrderId,
    },
    PaymentFailed {
        payment_id: PaymentId,
        order_id: OrderId,
    },
    PaymentCapturing {
        payment_id: PaymentId,
        order_id: OrderId,
        amount: Money,
    },
    PaymentCaptured {
        payment_id: PaymentId,
        order_id: OrderId,
        amount: Money,
    },
    PaymentVoiding {
        payment_id: PaymentId,
        order_id: OrderId,
    },
    PaymentVoided {
        payment_id: PaymentId,
        order_id: OrderId,
    },
    CashCollected {
        payment_id: PaymentId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    /// From now on somebody must be found.
    DeliveryOpened {
        delivery_id: DeliveryId,
        order_id: OrderId,
    },
    DeliveryOffered {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        expires_at: Timestamp,
        fence: u32,
    },
    OfferDeclined {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    OfferExpired {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    OfferWithdrawn {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryAssigned {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        fence: u32,
    },
    DeliveryUnassigned {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    CourierAtStore {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryPickedUp {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    CourierAtDoor {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryDelivered {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryFailed {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
        reason: FailReason,
    },
    DeliveryReturning {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryReturned {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryCancelled {
        delivery_id: DeliveryId,
        order_id: OrderId,
    },
    OrderRated {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        stars: u8,
    },
    TermsChanged {
        version: u64,
    },
    AvailabilityChanged {
        restaurant_id: RestaurantId,
        mode: Mode,
        until: Option<Timestamp>,
    },
    HoursChanged {
        restaurant_id: RestaurantId,
    },
    CapacityChanged {
        restaurant_id: RestaurantId,
    },
    StockChanged {
        restaurant_id: RestaurantId,
        targets: Vec<StockTarget>,
    },
    CouponPut {
        coupon_id: CouponId,
        version: u64,
    },
    CouponRedeemed {
        coupon_id: CouponId,
        order_id: OrderId,
        amount: Money,
    },
    CouponReturned {
        coupon_id: CouponId,
        order_id: OrderId,
        amount: Money,
    },
    ImagePut {
        hash: ImageHash,
    },
    OrderSeen {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    OrderKitchenDue {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    SubstitutionProposed {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        line: u32,
        answer_by: Timestamp,
    },
    SubstitutionAnswered {
        order_id: OrderId,
        restaurant_id: RestaurantId,
        line: u32,
        answer: SubstitutionAnswer,
        total: Money,
    },
    PinWrong {
        order_id: OrderId,
        tries_left: u32,
    },
    CourierMissing {
        order_id: OrderId,
        delivery_id: DeliveryId,
    },
    CustomerContacted {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    ProofAttached {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryResumed {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryDisposed {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    DeliveryLost {
        delivery_id: DeliveryId,
        order_id: OrderId,
        courier_id: CourierId,
    },
    RefundPending {
        refund_id: RefundId,
        order_id: OrderId,
        amount: Money,
        fault: Fault,
    },
    /// It was paid in cash: somebody gives it back by hand, and it counts as given.
    RefundByHand {
        refund_id: RefundId,
        order_id: OrderId,
        amount: Money,
        fault: Fault,
    },
    RefundDone {
        refund_id: RefundId,
        order_id: OrderId,
        amount: Money,
    },
    RefundFailed {
        refund_id: RefundId,
        order_id: OrderId,
    },
    DebtAdded {
        account_id: AccountId,
        order_id: OrderId,
        amount: Money,
    },
    DebtCleared {
        account_id: AccountId,
        amount: Money,
    },
    ClaimMade {
        claim_id: ClaimId,
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    ClaimContested {
        claim_id: ClaimId,
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    ClaimSettled {
        claim_id: ClaimId,
        order_id: OrderId,
        restaurant_id: RestaurantId,
        amount: Money,
        fault: Fault,
    },
    ClaimRefused {
        claim_id: ClaimId,
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
    RatingReplied {
        order_id: OrderId,
        restaurant_id: RestaurantId,
    },
}

impl Event {
    /// Its type, as in the feed: the noun, a dot, what happened.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CityFounded { .. } => "city.founded",
            Self::AccountSignedUp { .. } => "account.signed_up",
            Self::AccountBanned { .. } => "account.banned",
            Self::AccountUnbanned { .. } => "account.unbanned",
            Self::SessionOpened { .. } => "session.opened",
            Self::SessionClosed { .. } => "session.closed",
            Self::StaffGranted { .. } => "staff.granted",
            Self::RestaurantPut { .. } => "restaurant.put",
            Self::RestaurantApproved { .. } => "restaurant.approved",
            Self::MenuChanged { .. } => "menu.changed",
            Self::CourierSignedUp { .. } => "courier.signed_up",
            Self::CourierApproved { .. } => "courier.approved",
            Self::CourierWentOnline { .. } => "courier.went_online",
            Self::CourierWentOffline { .. } => "courier.went_offline",
            Self::QuoteMade { .. } => "quote.made",
            Self::OrderPending { .. } => "order.pending",
            Self::OrderPlaced { .. } => "order.placed",
            Self::OrderAccepted { .. } => "order.accepted",
            Self::OrderRejected { .. } => "order.rejected",
            Self::OrderExpired { .. } => "order.expired",
            Self::OrderStarted { .. } => "order.started",
            Self::OrderDelayed { .. } => "order.delayed",
            Self::OrderReady { .. } => "order.ready",
            Self::OrderHandedOff { .. } => "order.handed_off",
            Self::OrderCompleted { .. } => "order.completed",
            Self::OrderCancelled { .. } => "order.cancelled",
            Self::OrderNoShow { .. } => "order.no_show",
            Self::PaymentAuthorized { .. } => "payment.authorized",
            Self::PaymentFailed { .. } => "payment.failed",
            Self::PaymentCapturing { .. } => "payment.capturing",
            Self::PaymentCaptured { .. } => "payment.captured",
            Self::PaymentVoiding { .. } => "payment.voiding",
            Self::PaymentVoided { .. } => "payment.voided",
            Self::CashCollected { .. } => "payment.cash_collected",
            Self::DeliveryOpened { .. } => "delivery.opened",
            Self::DeliveryOffered { .. } => "delivery.offered",
            Self::OfferDeclined { .. } => "offer.declined",
            Self::OfferExpired { .. } => "offer.expired",
            Self::OfferWithdrawn { .. } => "offer.withdrawn",
            Self::DeliveryAssigned { .. } => "delivery.assigned",
            Self::DeliveryUnassigned { .. } => "delivery.unassigned",
            Self::CourierAtStore { .. } => "delivery.at_store",
            Self::DeliveryPickedUp { .. } => "delivery.picked_up",
            Self::CourierAtDoor { .. } => "delivery.at_door",
            Self::DeliveryDelivered { .. } => "delivery.delivered",
            Self::DeliveryFailed { .. } => "delivery.failed",
            Self::DeliveryReturning { .. } => "delivery.returning",
            Self::DeliveryReturned { .. } => "delivery.returned",
            Self::DeliveryCancelled { .. } => "delivery.cancelled",
            Self::OrderRated { .. } => "order.rated",
            Self::TermsChanged { .. } => "city.terms_changed",
            Self::AvailabilityChanged { .. } => "restaurant.availability_changed",
            Self::HoursChanged { .. } => "restaurant.hours_changed",
            Self::CapacityChanged { .. } => "restaurant.capacity_changed",
            Self::StockChanged { .. } => "stock.changed",
            Self::CouponPut { .. } => "coupon.put",
            Self::CouponRedeemed { .. } => "coupon.redeemed",
            Self::CouponReturned { .. } => "coupon.returned",
            Self::ImagePut { .. } => "image.put",
            Self::OrderSeen { .. } => "order.seen",
            Self::OrderKitchenDue { .. } => "order.kitchen_due",
            Self::SubstitutionProposed { .. } => "order.substitution_proposed",
            Self::SubstitutionAnswered { .. } => "order.substitution_answered",
            Self::PinWrong { .. } => "order.pin_wrong",
            Self::CourierMissing { .. } => "delivery.courier_missing",
            Self::CustomerContacted { .. } => "delivery.customer_contacted",
            Self::ProofAttached { .. } => "delivery.proof_attached",
            Self::DeliveryResumed { .. } => "delivery.resumed",
            Self::DeliveryDisposed { .. } => "delivery.disposed",
            Self::DeliveryLost { .. } => "delivery.lost",
            Self::RefundPending { .. } => "refund.pending",
            Self::RefundByHand { .. } => "refund.by_hand",
            Self::RefundDone { .. } => "refund.done",
            Self::RefundFailed { .. } => "refund.failed",
            Self::DebtAdded { .. } => "debt.added",
            Self::DebtCleared { .. } => "debt.cleared",
            Self::ClaimMade { .. } => "claim.made",
            Self::ClaimContested { .. } => "claim.contested",
            Self::ClaimSettled { .. } => "claim.settled",
            Self::ClaimRefused { .. } => "claim.refused",
            Self::RatingReplied { .. } => "rating.replied",
        }
    }

    /// The id of the thing that it is about; the other ids stand in its data.
    pub fn subject(&self) -> String {
        match self {
            Self::CityFounded { number } => number.0.to_string(),
            Self::AccountSignedUp { account_id, .. }
            | Self::AccountBanned { account_id, .. }
            | Self::AccountUnbanned { account_id, .. }
            | Self::StaffGranted { account_id, .. } => account_id.to_string(),
            Self::SessionOpened { session_id, .. } | Self::SessionClosed { session_id, .. } => {
                session_id.to_string()
            }
            Self::RestaurantPut { restaurant_id, .. }
            | Self::RestaurantApproved { restaurant_id, .. }
            | Self::MenuChanged { restaurant_id, .. } => restaurant_id.to_string(),
            Self::CourierSignedUp { courier_id, .. }
            | Self::CourierApproved { courier_id, .. }
            | Self::CourierWentOnline { courier_id, .. }
            | Self::CourierWentOffline { courier_id, .. } => courier_id.to_string(),
            Self::QuoteMade { quote_id, .. } => quote_id.to_string(),
            Self::OrderPending { order_id, .. }
            | Self::OrderPlaced { order_id, .. }
            | Self::OrderAccepted { order_id, .. }
            | Self::OrderRejected { order_id, .. }
            | Self::OrderExpired { order_id, .. }
            | Self::OrderStarted { order_id, .. }
            | Self::OrderDelayed { order_id, .. }
            | Self::OrderReady { order_id, .. }
            | Self::OrderHandedOff { order_id, .. }
            | Self::OrderCompleted { order_id, .. }
            | Self::OrderCancelled { order_id, .. }
            | Self::OrderNoShow { order_id, .. }
            | Self::OrderRated { order_id, .. } => order_id.to_string(),
            Self::PaymentAuthorized { payment_id, .. }
            | Self::PaymentFailed { payment_id, .. }
            | Self::PaymentCapturing { payment_id, .. }
            | Self::PaymentCaptured { payment_id, .. }
            | Self::PaymentVoiding { payment_id, .. }
            | Self::PaymentVoided { payment_id, .. }
            | Self::CashCollected { payment_id, .. } => payment_id.to_string(),
            Self::DeliveryOpened { delivery_id, .. }
            | Self::DeliveryOffered { delivery_id, .. }
            | Self::OfferDeclined { delivery_id, .. }
            | Self::OfferExpired { delivery_id, .. }
            | Self::OfferWithdrawn { delivery_id, .. }
            | Self::DeliveryAssigned { delivery_id, .. }
            | Self::DeliveryUnassigned { delivery_id, .. }
            | Self::CourierAtStore { delivery_id, .. }
            | Self::DeliveryPickedUp { delivery_id, .. }
            | Self::CourierAtDoor { delivery_id, .. }
            | Self::DeliveryDelivered { delivery_id, .. }
            | Self::DeliveryFailed { delivery_id, .. }
            | Self::DeliveryReturning { delivery_id, .. }
            | Self::DeliveryReturned { delivery_id, .. }
            | Self::DeliveryCancelled { delivery_id, .. } => delivery_id.to_string(),
            Self::TermsChanged { version } => version.to_string(),
            Self::AvailabilityChanged { restaurant_id, .. }
            | Self::HoursChanged { restaurant_id }
            | Self::CapacityChanged { restaurant_id }
            | Self::StockChanged { restaurant_id, .. } => restaurant_id.to_string(),
            Self::CouponPut { coupon_id, .. }
            | Self::CouponRedeemed { coupon_id, .. }
            | Self::CouponReturned { coupon_id, .. } => coupon_id.to_string(),
            Self::ImagePut { hash } => hash.to_string(),
            Self::OrderSeen { order_id, .. }
            | Self::OrderKitchenDue { order_id, .. }
            | Self::SubstitutionProposed { order_id, .. }
            | Self::SubstitutionAnswered { order_id, .. }
            | Self::PinWrong { order_id, .. }
            | Self::RatingReplied { order_id, .. } => order_id.to_string(),
            Self::CourierMissing { delivery_id, .. }
            | Self::CustomerContacted { delivery_id, .. }
            | Self::ProofAttached { delivery_id, .. }
            | Self::DeliveryResumed { delivery_id, .. }
            | Self::DeliveryDisposed { delivery_id, .. }
            | Self::DeliveryLost { delivery_id, .. } => delivery_id.to_string(),
            Self::RefundPending { refund_id, .. }
            | Self::RefundByHand { refund_id, .. }
            | Self::RefundDone { refund_id, .. }
            | Self::RefundFailed { refund_id, .. } => refund_id.to_string(),
            Self::DebtAdded { account_id, .. } | Self::DebtCleared { account_id, .. } => {
                account_id.to_string()
            }
            Self::ClaimMade { claim_id, .. }
            | Self::ClaimContested { claim_id, .. }
            | Self::ClaimSettled { claim_id, .. }
            | Self::ClaimRefused { claim_id, .. } => claim_id.to_string(),
        }
    }
}

impl Event {
    /// The order that it is about, if there is one.
    pub fn order_id(&self) -> Option<OrderId> {
        match *self {
            Self::OrderPending { order_id, .. }
            | Self::OrderPlaced { order_id, .. }
            | Self::OrderAccepted { order_id, .. }
            | Self::OrderRejected { order_id, .. }
            | Self::OrderExpired { order_id, .. }
            | Self::OrderStarted { order_id, .. }
            | Self::OrderDelayed { order_id, .. }
            | Self::OrderReady { order_id, .. }
            | Self::OrderHandedOff { order_id, .. }
            | Self::OrderCompleted { order_id, .. }
            | Self::OrderCancelled { order_id, .. }
            | Self::OrderNoShow { order_id, .. }
            | Self::PaymentAuthorized { order_id, .. }
            | Self::PaymentFailed { order_id, .. }
            | Self::PaymentCapturing { order_id, .. }
            | Self::PaymentCaptured { order_id, .. }
            | Self::PaymentVoiding { order_id, .. }
            | Self::PaymentVoided { order_id, .. }
            | Self::CashCollected { order_id, .. }
            | Self::DeliveryOpened { order_id, .. }
            | Self::DeliveryOffered { order_id, .. }
            | Self::OfferDeclined { order_id, .. }
            | Self::OfferExpired { order_id, .. }
            | Self::OfferWithdrawn { order_id, .. }
            | Self::DeliveryAssigned { order_id, .. }
            | Self::DeliveryUnassigned { order_id, .. }
            | Self::CourierAtStore { order_id, .. }
            | Self::DeliveryPickedUp { order_id, .. }
            | Self::CourierAtDoor { order_id, .. }
            | Self::DeliveryDelivered { order_id, .. }
            | Self::DeliveryFailed { order_id, .. }
            | Self::DeliveryReturning { order_id, .. }
            | Self::DeliveryReturned { order_id, .. }
            | Self::DeliveryCancelled { order_id, .. }
            | Self::OrderRated { order_id, .. }
            | Self::CouponRedeemed { order_id, .. }
            | Self::CouponReturned { order_id, .. }
            | Self::OrderSeen { order_id, .. }
            | Self::OrderKitchenDue { order_id, .. }
            | Self::SubstitutionProposed { order_id, .. }
            | Self::SubstitutionAnswered { order_id, .. }
            | Self::PinWrong { order_id, .. }
            | Self::CourierMissing { order_id, .. }
            | Self::CustomerContacted { order_id, .. }
            | Self::ProofAttached { order_id, .. }
            | Self::DeliveryResumed { order_id, .. }
            | Self::DeliveryDisposed { order_id, .. }
            | Self::DeliveryLost { order_id, .. }
            | Self::RefundPending { order_id, .. }
            | Self::RefundByHand { order_id, .. }
            | Self::RefundDone { order_id, .. }
            | Self::RefundFailed { order_id, .. }
            | Self::DebtAdded { order_id, .. }
            | Self::ClaimMade { order_id, .. }
            | Self::ClaimContested { order_id, .. }
            | Self::ClaimSettled { order_id, .. }
            | Self::ClaimRefused { order_id, .. }
            | Self::RatingReplied { order_id, .. } => Some(order_id),
            Self::CityFounded { .. }
            | Self::AccountSignedUp { .. }
            | Self::AccountBanned { .. }
            | Self::AccountUnbanned { .. }
            | Self::SessionOpened { .. }
            | Self::SessionClosed { .. }
            | Self::StaffGranted { .. }
            | Self::RestaurantPut { .. }
            | Self::RestaurantApproved { .. }
            | Self::MenuChanged { .. }
            | Self::CourierSignedUp { .. }
            | Self::CourierApproved { .. }
            | Self::CourierWentOnline { .. }
            | Self::CourierWentOffline { .. }
            | Self::QuoteMade { .. }
            | Self::TermsChanged { .. }
            | Self::AvailabilityChanged { .. }
            | Self::HoursChanged { .. }
            | Self::CapacityChanged { .. }
            | Self::StockChanged { .. }
            | Self::CouponPut { .. }
            | Self::ImagePut { .. }
            | Self::DebtCleared { .. } => None,
        }
    }

    /// The courier whom it concerns, if there is one.
    pub fn courier_id(&self) -> Option<CourierId> {
        match *self {
            Self::CourierSignedUp { courier_id, .. }
            | Self::CourierApproved { courier_id, .. }
            | Self::CourierWentOnline { courier_id, .. }
            | Self::CourierWentOffline { courier_id, .. }
            | Self::CashCollected { courier_id, .. }
            | Self::DeliveryOffered { courier_id, .. }
            | Self::OfferDeclined { courier_id, .. }
            | Self::OfferExpired { courier_id, .. }
            | Self::OfferWithdrawn { courier_id, .. }
            | Self::DeliveryAssigned { courier_id, .. }
            | Self::DeliveryUnassigned { courier_id, .. }
            | Self::CourierAtStore { courier_id, .. }
            | Self::DeliveryPickedUp { courier_id, .. }
            | Self::CourierAtDoor { courier_id, .. }
            | Self::DeliveryDelivered { courier_id, .. }
            | Self::DeliveryFailed { courier_id, .. }
            | Self::DeliveryReturning { courier_id, .. }
            | Self::DeliveryReturned { courier_id, .. }
            | Self::CustomerContacted { courier_id, .. }
            | Self::ProofAttached { courier_id, .. }
            | Self::DeliveryResumed { courier_id, .. }
            | Self::DeliveryDisposed { courier_id, .. }
            | Self::DeliveryLost { courier_id, .. } => Some(courier_id),
            Self::CityFounded { .. }
            | Self::AccountSignedUp { .. }
            | Self::AccountBanned { .. }
            | Self::AccountUnbanned { .. }
            | Self::SessionOpened { .. }
            | Self::SessionClosed { .. }
            | Self::StaffGranted { .. }
            | Self::RestaurantPut { .. }
            | Self::RestaurantApproved { .. }
            | Self::MenuChanged { .. }
            | Self::QuoteMade { .. }
            | Self::OrderPending { .. }
            | Self::OrderPlaced { .. }
            | Self::OrderAccepted { .. }
            | Self::OrderRejected { .. }
            | Self::OrderExpired { .. }
            | Self::OrderStarted { .. }
            | Self::OrderDelayed { .. }
            | Self::OrderReady { .. }
            | Self::OrderHandedOff { .. }
            | Self::OrderCompleted { .. }
            | Self::OrderCancelled { .. }
            | Self::OrderNoShow { .. }
            | Self::PaymentAuthorized { .. }
            | Self::PaymentFailed { .. }
            | Self::PaymentCapturing { .. }
            | Self::PaymentCaptured { .. }
            | Self::PaymentVoiding { .. }
            | Self::PaymentVoided { .. }
            | Self::DeliveryOpened { .. }
            | Self::DeliveryCancelled { .. }
            | Self::OrderRated { .. }
            | Self::TermsChanged { .. }
            | Self::AvailabilityChanged { .. }
            | Self::HoursChanged { .. }
            | Self::CapacityChanged { .. }
            | Self::StockChanged { .. }
            | Self::CouponPut { .. }
            | Self::CouponRedeemed { .. }
            | Self::CouponReturned { .. }
            | Self::ImagePut { .. }
            | Self::OrderSeen { .. }
            | Self::OrderKitchenDue { .. }
            | Self::SubstitutionProposed { .. }
            | Self::SubstitutionAnswered { .. }
            | Self::PinWrong { .. }
            | Self::CourierMissing { .. }
            | Self::RefundPending { .. }
            | Self::RefundByHand { .. }
            | Self::RefundDone { .. }
            | Self::RefundFailed { .. }
            | Self::DebtAdded { .. }
            | Self::DebtCleared { .. }
            | Self::ClaimMade { .. }
            | Self::ClaimContested { .. }
            | Self::ClaimSettled { .. }
            | Self::ClaimRefused { .. }
            | Self::RatingReplied { .. } => None,
        }
    }
}
