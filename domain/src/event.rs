//! What the feed tells: facts, in the past tense, with ids and without personal data, and to whom.

#[macro_use]
mod table;

use crate::account::OperatorRole;
use crate::audience::{Concern, EventKind, Party};
use crate::cursor::Cursor;
use crate::delivery::FailReason;
use crate::ids::*;
use crate::image::ImageHash;
use crate::moderation::BanSubject;
use crate::money::Money;
use crate::order::{AlertStep, CancelReason, Fault, RejectReason, SubstitutionAnswer};
use crate::payment::{DifferenceKind, PaymentStatus};
use crate::quality::Step;
use crate::restaurant::Mode;
use crate::stock::StockTarget;
use crate::time::Timestamp;
use crate::webhook::OffReason;
use serde::{Deserialize, Serialize};

events! {
    CityFounded = "city.founded" of number to [] { number: CityNumber }
    AccountSignedUp = "account.signed_up" of account_id for account_id to [account] {
        account_id: AccountId
    }
    AccountBanned = "account.banned" of account_id for account_id to [account] {
        account_id: AccountId, until: Option<Timestamp>
    }
    AccountUnbanned = "account.unbanned" of account_id for account_id to [account] {
        account_id: AccountId
    }
    AccountErased = "account.erased" of account_id for account_id to [] {
        account_id: AccountId
    }
    AccountExported = "account.exported" of account_id for account_id to [account] {
        account_id: AccountId
    }
    RestaurantBanned = "restaurant.banned" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId, until: Option<Timestamp>
    }
    RestaurantUnbanned = "restaurant.unbanned" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId
    }
    CourierBanned = "courier.banned" of courier_id with courier_id to [courier] {
        courier_id: CourierId, until: Option<Timestamp>
    }
    CourierUnbanned = "courier.unbanned" of courier_id with courier_id to [courier] {
        courier_id: CourierId
    }
    /// A device or a card.
    MarkBanned = "mark.banned" of subject to [] { subject: BanSubject, until: Option<Timestamp> }
    MarkUnbanned = "mark.unbanned" of subject to [] { subject: BanSubject }
    /// Whoever was banned has it in their bag: an operator must see to it.
    DeliveryStranded = "delivery.stranded" of delivery_id by order_id with courier_id to [] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    /// The courier was at the door sooner than anybody comes there from the kitchen.
    RideImpossible = "delivery.ride_impossible" of delivery_id by order_id with courier_id to [] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId,
        distance_m: u32, took_ms: i64
    }
    RatingWithdrawn = "rating.withdrawn" of order_id by order_id to [restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    RatingRestored = "rating.restored" of order_id by order_id to [restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    /// What was done about how well it works; nothing if it was taken back or is over.
    RestaurantMeasured = "restaurant.measured" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId, step: Option<Step>, until: Option<Timestamp>, by_hand: bool
    }
    CourierMeasured = "courier.measured" of courier_id with courier_id to [courier] {
        courier_id: CourierId, step: Option<Step>, until: Option<Timestamp>, by_hand: bool
    }
    /// An order waits for an operator, or was not taken.
    FraudCaseOpened = "fraud.case_opened" of case_id to [] { case_id: CaseId }
    FraudCaseDecided = "fraud.case_decided" of case_id to [] { case_id: CaseId }
    FraudRulesChanged = "fraud.rules_changed" of version to [] { version: u64 }
    SessionOpened = "session.opened" of session_id for account_id to [account] {
        account_id: AccountId, session_id: SessionId
    }
    SessionClosed = "session.closed" of session_id for account_id to [account] {
        account_id: AccountId, session_id: SessionId
    }
    SessionsClosed = "session.all_closed" of account_id for account_id to [account] {
        account_id: AccountId
    }
    PasswordSet = "account.password_set" of account_id for account_id to [account] {
        account_id: AccountId
    }
    StaffGranted = "staff.granted" of account_id at restaurant_id for account_id
        to [restaurant, account] {
        restaurant_id: RestaurantId, account_id: AccountId
    }
    RestaurantPut = "restaurant.put" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId
    }
    RestaurantApproved = "restaurant.approved" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId
    }
    MenuChanged = "menu.changed" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId, version: u64
    }
    CourierSignedUp = "courier.signed_up" of courier_id with courier_id to [courier] {
        courier_id: CourierId
    }
    CourierApproved = "courier.approved" of courier_id with courier_id to [courier] {
        courier_id: CourierId
    }
    CourierWentOnline = "courier.went_online" of courier_id with courier_id to [courier] {
        courier_id: CourierId
    }
    CourierWentOffline = "courier.went_offline" of courier_id with courier_id to [courier] {
        courier_id: CourierId
    }
    QuoteMade = "quote.made" of quote_id to [] { quote_id: QuoteId, restaurant_id: RestaurantId }
    /// The customer ordered; the kitchen does not see it yet.
    OrderPending = "order.pending" of order_id by order_id to [customer] {
        order_id: OrderId, restaurant_id: RestaurantId, total: Money
    }
    /// The kitchen sees it.
    OrderPlaced = "order.placed" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, accept_by: Timestamp
    }
    OrderAccepted = "order.accepted" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, ready_at: Timestamp
    }
    OrderRejected = "order.rejected" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, reason: RejectReason
    }
    OrderExpired = "order.expired" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    OrderStarted = "order.started" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    OrderDelayed = "order.delayed" of order_id by order_id with courier_id
        to [customer, restaurant, courier] {
        order_id: OrderId, restaurant_id: RestaurantId, ready_at: Timestamp,
        courier_id: Option<CourierId>
    }
    OrderReady = "order.ready" of order_id by order_id with courier_id
        to [customer, restaurant, courier] {
        order_id: OrderId, restaurant_id: RestaurantId, courier_id: Option<CourierId>
    }
    OrderHandedOff = "order.handed_off" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    OrderCompleted = "order.completed" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    OrderCancelled = "order.cancelled" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, reason: CancelReason, fault: Fault
    }
    OrderNoShow = "order.no_show" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    /// Another attempt at an order's money, or a tip.
    PaymentOpened = "payment.opened" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    /// The customer must confirm with their bank; where, stands in the payment.
    PaymentActionRequired = "payment.action_required" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    PaymentAuthorized = "payment.authorized" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    PaymentFailed = "payment.failed" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    PaymentCapturing = "payment.capturing" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId, amount: Money
    }
    PaymentCaptured = "payment.captured" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId, amount: Money
    }
    PaymentVoiding = "payment.voiding" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    PaymentVoided = "payment.voided" of payment_id by order_id to [customer] {
        payment_id: PaymentId, order_id: OrderId
    }
    PaymentDisputed = "payment.disputed" of payment_id by order_id to [] {
        payment_id: PaymentId, order_id: OrderId, amount: Money
    }
    DisputeClosed = "payment.dispute_closed" of payment_id by order_id to [] {
        payment_id: PaymentId, order_id: OrderId, won: bool
    }
    /// It does not get on: an operator must look.
    PaymentStuck = "payment.stuck" of payment_id by order_id to [] {
        payment_id: PaymentId, order_id: OrderId, status: PaymentStatus
    }
    /// Our books and the gateway's say different things: an operator must look.
    DifferenceFound = "payment.difference_found" of gateway_ref to [] {
        gateway_ref: String, payment_id: Option<PaymentId>, kind: DifferenceKind
    }
    CourierTipped = "order.courier_tipped" of order_id by order_id with courier_id
        to [customer, courier] {
        payment_id: PaymentId, order_id: OrderId, amount: Money, courier_id: Option<CourierId>
    }
    KitchenTipped = "order.kitchen_tipped" of order_id by order_id to [customer, restaurant] {
        payment_id: PaymentId, order_id: OrderId, amount: Money
    }
    CashCollected = "payment.cash_collected" of payment_id by order_id with courier_id
        to [customer, courier] {
        payment_id: PaymentId, order_id: OrderId, courier_id: CourierId
    }
    /// From now on somebody must be found.
    DeliveryOpened = "delivery.opened" of delivery_id by order_id to [customer, restaurant] {
        delivery_id: DeliveryId, order_id: OrderId
    }
    DeliveryOffered = "delivery.offered" of delivery_id by order_id with courier_id to [courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId, expires_at: Timestamp,
        fence: u32
    }
    OfferDeclined = "offer.declined" of delivery_id by order_id with courier_id to [courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    OfferExpired = "offer.expired" of delivery_id by order_id with courier_id to [courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    OfferWithdrawn = "offer.withdrawn" of delivery_id by order_id with courier_id to [courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryAssigned = "delivery.assigned" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId, fence: u32
    }
    DeliveryUnassigned = "delivery.unassigned" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    CourierAtStore = "delivery.at_store" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryPickedUp = "delivery.picked_up" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    CourierAtDoor = "delivery.at_door" of delivery_id by order_id with courier_id
        to [customer, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryDelivered = "delivery.delivered" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryFailed = "delivery.failed" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId, reason: FailReason
    }
    DeliveryReturning = "delivery.returning" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryReturned = "delivery.returned" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryCancelled = "delivery.cancelled" of delivery_id by order_id to [customer, restaurant] {
        delivery_id: DeliveryId, order_id: OrderId
    }
    OrderRated = "order.rated" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, stars: u8
    }
    TermsChanged = "city.terms_changed" of version to [] { version: u64 }
    AvailabilityChanged = "restaurant.availability_changed" of restaurant_id at restaurant_id
        to [restaurant] {
        restaurant_id: RestaurantId, mode: Mode, until: Option<Timestamp>
    }
    HoursChanged = "restaurant.hours_changed" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId
    }
    CapacityChanged = "restaurant.capacity_changed" of restaurant_id at restaurant_id
        to [restaurant] {
        restaurant_id: RestaurantId
    }
    StockChanged = "stock.changed" of restaurant_id at restaurant_id to [restaurant] {
        restaurant_id: RestaurantId, targets: Vec<StockTarget>
    }
    CouponPut = "coupon.put" of coupon_id to [] { coupon_id: CouponId, version: u64 }
    CouponRedeemed = "coupon.redeemed" of coupon_id by order_id to [customer] {
        coupon_id: CouponId, order_id: OrderId, amount: Money
    }
    CouponReturned = "coupon.returned" of coupon_id by order_id to [customer] {
        coupon_id: CouponId, order_id: OrderId, amount: Money
    }
    ImagePut = "image.put" of hash to [] { hash: ImageHash }
    KeyMade = "key.made" of key_id at restaurant_id to [restaurant] {
        key_id: ApiKeyId, restaurant_id: Option<RestaurantId>
    }
    KeyRevoked = "key.revoked" of key_id at restaurant_id to [restaurant] {
        key_id: ApiKeyId, restaurant_id: Option<RestaurantId>
    }
    RoleGranted = "role.granted" of account_id for account_id to [account] {
        account_id: AccountId, role: OperatorRole
    }
    /// One operator wishes it, and another has to.
    RoleWished = "role.wished" of account_id to [] { account_id: AccountId, role: OperatorRole }
    RoleTaken = "role.taken" of account_id for account_id to [account] { account_id: AccountId }
    WebhookPut = "webhook.put" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>, version: u64
    }
    WebhookRotated = "webhook.rotated" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>, until: Timestamp
    }
    WebhookDropped = "webhook.dropped" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>
    }
    WebhookReplayed = "webhook.replayed" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>
    }
    /// An event was not taken at its last attempt.
    WebhookGaveUp = "webhook.gave_up" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>, event: Cursor
    }
    /// What lay between the two places was forgotten before it could be told.
    WebhookGap = "webhook.gap" of webhook_id at restaurant_id to [restaurant] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>, after: Cursor, oldest: Cursor
    }
    /// Whoever made it hears of it as well.
    WebhookTurnedOff = "webhook.turned_off" of webhook_id at restaurant_id for account_id
        to [restaurant, account] {
        webhook_id: WebhookId, restaurant_id: Option<RestaurantId>, account_id: AccountId,
        why: OffReason
    }
    OrderSeen = "order.seen" of order_id by order_id to [restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    /// Nobody at the restaurant has reacted: it is told again, by this step.
    OrderAlerted = "order.alerted" of order_id by order_id to [restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, step: AlertStep
    }
    OrderKitchenDue = "order.kitchen_due" of order_id by order_id to [restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
    SubstitutionProposed = "order.substitution_proposed" of order_id by order_id
        to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, line: u32, answer_by: Timestamp
    }
    SubstitutionAnswered = "order.substitution_answered" of order_id by order_id
        to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId, line: u32, answer: SubstitutionAnswer,
        total: Money
    }
    PinWrong = "order.pin_wrong" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, tries_left: u32
    }
    CourierMissing = "delivery.courier_missing" of delivery_id by order_id to [restaurant] {
        order_id: OrderId, delivery_id: DeliveryId
    }
    CustomerContacted = "delivery.customer_contacted" of delivery_id by order_id with courier_id
        to [customer, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    ProofAttached = "delivery.proof_attached" of delivery_id by order_id with courier_id
        to [customer, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryResumed = "delivery.resumed" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryDisposed = "delivery.disposed" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    DeliveryLost = "delivery.lost" of delivery_id by order_id with courier_id
        to [customer, restaurant, courier] {
        delivery_id: DeliveryId, order_id: OrderId, courier_id: CourierId
    }
    RefundPending = "refund.pending" of refund_id by order_id to [customer] {
        refund_id: RefundId, order_id: OrderId, amount: Money, fault: Fault
    }
    /// It was paid in cash: somebody gives it back by hand, and it counts as given.
    RefundByHand = "refund.by_hand" of refund_id by order_id to [customer] {
        refund_id: RefundId, order_id: OrderId, amount: Money, fault: Fault
    }
    RefundDone = "refund.done" of refund_id by order_id to [customer] {
        refund_id: RefundId, order_id: OrderId, amount: Money
    }
    RefundFailed = "refund.failed" of refund_id by order_id to [customer] {
        refund_id: RefundId, order_id: OrderId
    }
    DebtAdded = "debt.added" of account_id by order_id for account_id to [account] {
        account_id: AccountId, order_id: OrderId, amount: Money
    }
    DebtCleared = "debt.cleared" of account_id for account_id to [account] {
        account_id: AccountId, amount: Money
    }
    RestaurantPaidOut = "payout.made_to_restaurant" of payout_id at restaurant_id
        to [restaurant] {
        payout_id: PayoutId, restaurant_id: RestaurantId, amount: Money
    }
    CourierPaidOut = "payout.made_to_courier" of payout_id with courier_id to [courier] {
        payout_id: PayoutId, courier_id: CourierId, amount: Money
    }
    ClaimMade = "claim.made" of claim_id by order_id to [customer, restaurant] {
        claim_id: ClaimId, order_id: OrderId, restaurant_id: RestaurantId
    }
    ClaimContested = "claim.contested" of claim_id by order_id to [customer, restaurant] {
        claim_id: ClaimId, order_id: OrderId, restaurant_id: RestaurantId
    }
    ClaimSettled = "claim.settled" of claim_id by order_id to [customer, restaurant] {
        claim_id: ClaimId, order_id: OrderId, restaurant_id: RestaurantId, amount: Money,
        fault: Fault
    }
    ClaimRefused = "claim.refused" of claim_id by order_id to [customer, restaurant] {
        claim_id: ClaimId, order_id: OrderId, restaurant_id: RestaurantId
    }
    RatingReplied = "rating.replied" of order_id by order_id to [customer, restaurant] {
        order_id: OrderId, restaurant_id: RestaurantId
    }
}
