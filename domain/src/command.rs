//! Everything that can be asked of a city. One variant is one file, and one line in `apply.rs`.

use crate::access::AccessCommand;
use crate::account::*;
use crate::city::{FoundCity, SetTerms, TrimFeed};
use crate::claim::{AnswerClaim, MakeClaim, SettleClaim};
use crate::coupon::PutCoupon;
use crate::courier::*;
use crate::deadline::Deadline;
use crate::delivery::*;
use crate::fraud::FraudCommand;
use crate::image::PutImage;
use crate::ledger::MakePayout;
use crate::menu::{EditMenu, PutMenu};
use crate::moderation::ModerationCommand;
use crate::notice::NoticeCommand;
use crate::order::*;
use crate::payment::*;
use crate::quote::MakeQuote;
use crate::rating::{RateOrder, ReplyRating};
use crate::refund::RefundOrder;
use crate::restaurant::*;
use crate::slot::SetCapacity;
use crate::stock::SetStock;
use crate::webhook::WebhookCommand;
use serde::{Deserialize, Serialize};

/// A wish. Imperative; each answers yes or no; each may be sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Command {
    FoundCity(Box<FoundCity>),
    SignUp(SignUp),
    OpenSession(OpenSession),
    RotateSession(RotateSession),
    CloseSession(CloseSession),
    BanAccount(BanAccount),
    UnbanAccount(UnbanAccount),
    Own(Box<OwnCommand>),
    Attempt(Box<AttemptCommand>),
    Access(Box<AccessCommand>),
    PutRestaurant(Box<PutRestaurant>),
    ApproveRestaurant(ApproveRestaurant),
    PutMenu(Box<PutMenu>),
    EditMenu(Box<EditMenu>),
    SignUpCourier(SignUpCourier),
    ApproveCourier(ApproveCourier),
    SetCourierOnline(SetCourierOnline),
    MakeQuote(Box<MakeQuote>),
    PlaceOrder(Box<PlaceOrder>),
    AcceptOrder(AcceptOrder),
    RejectOrder(RejectOrder),
    StartOrder(StartOrder),
    DelayOrder(DelayOrder),
    ReadyOrder(ReadyOrder),
    CancelOrder(CancelOrder),
    RecordGatewayAnswer(RecordGatewayAnswer),
    RecordGatewayEvent(RecordGatewayEvent),
    RecordDifference(RecordDifference),
    RetryPayment(RetryPayment),
    TipOrder(TipOrder),
    MakePayout(MakePayout),
    OfferDelivery(OfferDelivery),
    TakeOffer(TakeOffer),
    DeclineOffer(DeclineOffer),
    DropDelivery(DropDelivery),
    UnassignDelivery(UnassignDelivery),
    AdvanceDelivery(AdvanceDelivery),
    FailDelivery(FailDelivery),
    RateOrder(Box<RateOrder>),
    SetTerms(Box<SetTerms>),
    TrimFeed(TrimFeed),
    ClearDebt(ClearDebt),
    SetAvailability(SetAvailability),
    Hours(HoursCommand),
    SetCapacity(SetCapacity),
    SetStock(SetStock),
    PutCoupon(Box<PutCoupon>),
    PutImage(Box<PutImage>),
    Webhook(Box<WebhookCommand>),
    Notice(Box<NoticeCommand>),
    SeenOrder(SeenOrder),
    HandOverOrder(HandOverOrder),
    NoShowOrder(NoShowOrder),
    ProposeSubstitution(Box<ProposeSubstitution>),
    AnswerSubstitution(AnswerSubstitution),
    RefundOrder(Box<RefundOrder>),
    MakeClaim(Box<MakeClaim>),
    AnswerClaim(AnswerClaim),
    SettleClaim(SettleClaim),
    ReplyRating(ReplyRating),
    LogContact(LogContact),
    AttachProof(AttachProof),
    DirectDelivery(DirectDelivery),
    Moderation(Box<ModerationCommand>),
    Fraud(Box<FraudCommand>),
    FireDeadline(Deadline),
}

impl Command {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::FoundCity(_) => "found_city",
            Self::SignUp(_) => "sign_up",
            Self::OpenSession(_) => "open_session",
            Self::RotateSession(_) => "rotate_session",
            Self::CloseSession(_) => "close_session",
            Self::BanAccount(_) => "ban_account",
            Self::UnbanAccount(_) => "unban_account",
            Self::Own(c) => c.name(),
            Self::Attempt(c) => c.name(),
            Self::Access(c) => c.name(),
            Self::PutRestaurant(_) => "put_restaurant",
            Self::ApproveRestaurant(_) => "approve_restaurant",
            Self::PutMenu(_) => "put_menu",
            Self::EditMenu(_) => "edit_menu",
            Self::SignUpCourier(_) => "sign_up_courier",
            Self::ApproveCourier(_) => "approve_courier",
            Self::SetCourierOnline(_) => "set_courier_online",
            Self::MakeQuote(_) => "make_quote",
            Self::PlaceOrder(_) => "place_order",
            Self::AcceptOrder(_) => "accept_order",
            Self::RejectOrder(_) => "reject_order",
            Self::StartOrder(_) => "start_order",
            Self::DelayOrder(_) => "delay_order",
            Self::ReadyOrder(_) => "ready_order",
            Self::CancelOrder(_) => "cancel_order",
            Self::RecordGatewayAnswer(_) => "record_gateway_answer",
            Self::RecordGatewayEvent(_) => "record_gateway_event",
            Self::RecordDifference(_) => "record_difference",
            Self::RetryPayment(_) => "retry_payment",
            Self::TipOrder(_) => "tip_order",
            Self::MakePayout(_) => "make_payout",
            Self::OfferDelivery(_) => "offer_delivery",
            Self::TakeOffer(_) => "take_offer",
            Self::DeclineOffer(_) => "decline_offer",
            Self::DropDelivery(_) => "drop_delivery",
            Self::UnassignDelivery(_) => "unassign_delivery",
            Self::AdvanceDelivery(_) => "advance_delivery",
            Self::FailDelivery(_) => "fail_delivery",
            Self::RateOrder(_) => "rate_order",
            Self::SetTerms(_) => "set_terms",
            Self::TrimFeed(_) => "trim_feed",
            Self::ClearDebt(_) => "clear_debt",
            Self::SetAvailability(_) => "set_availability",
            Self::Hours(c) => c.name(),
            Self::SetCapacity(_) => "set_capacity",
            Self::SetStock(_) => "set_stock",
            Self::PutCoupon(_) => "put_coupon",
            Self::PutImage(_) => "put_image",
            Self::Webhook(c) => c.name(),
            Self::Notice(c) => c.name(),
            Self::SeenOrder(_) => "seen_order",
            Self::HandOverOrder(_) => "hand_over_order",
            Self::NoShowOrder(_) => "no_show_order",
            Self::ProposeSubstitution(_) => "propose_substitution",
            Self::AnswerSubstitution(_) => "answer_substitution",
            Self::RefundOrder(_) => "refund_order",
            Self::MakeClaim(_) => "make_claim",
            Self::AnswerClaim(_) => "answer_claim",
            Self::SettleClaim(_) => "settle_claim",
            Self::ReplyRating(_) => "reply_rating",
            Self::LogContact(_) => "log_contact",
            Self::AttachProof(_) => "attach_proof",
            Self::DirectDelivery(_) => "direct_delivery",
            Self::Moderation(c) => c.name(),
            Self::Fraud(c) => c.name(),
            Self::FireDeadline(_) => "fire_deadline",
        }
    }

    /// The id of the thing it is about, for the audit chain.
    pub fn subject(&self) -> Option<String> {
        Some(match self {
            Self::FoundCity(_) => return None,
            Self::SignUp(c) => c.account_id.to_string(),
            Self::OpenSession(c) => c.account_id.to_string(),
            Self::RotateSession(c) => c.session_id.to_string(),
            Self::CloseSession(c) => c.session_id.to_string(),
            Self::BanAccount(c) => c.account_id.to_string(),
            Self::UnbanAccount(c) => c.account_id.to_string(),
            Self::Own(c) => c.account_id().to_string(),
            Self::Attempt(c) => format!("{:?}", c.login()),
            Self::Access(c) => c.subject(),
            Self::PutRestaurant(c) => c.restaurant_id.to_string(),
            Self::ApproveRestaurant(c) => c.restaurant_id.to_string(),
            Self::PutMenu(c) => c.restaurant_id.to_string(),
            Self::EditMenu(c) => c.restaurant_id.to_string(),
            Self::SignUpCourier(c) => c.courier_id.to_string(),
            Self::ApproveCourier(c) => c.courier_id.to_string(),
            Self::SetCourierOnline(c) => c.courier_id.to_string(),
            Self::MakeQuote(c) => c.quote_id.to_string(),
            Self::PlaceOrder(c) => c.order_id.to_string(),
            Self::AcceptOrder(c) => c.order_id.to_string(),
            Self::RejectOrder(c) => c.order_id.to_string(),
            Self::StartOrder(c) => c.order_id.to_string(),
            Self::DelayOrder(c) => c.order_id.to_string(),
            Self::ReadyOrder(c) => c.order_id.to_string(),
            Self::CancelOrder(c) => c.order_id.to_string(),
            Self::RecordGatewayAnswer(_) => return None,
            Self::RecordGatewayEvent(c) => c.payment_id.to_string(),
            Self::RecordDifference(c) => return c.payment_id.map(|id| id.to_string()),
            Self::RetryPayment(c) => c.order_id.to_string(),
            Self::TipOrder(c) => c.order_id.to_string(),
            Self::MakePayout(c) => c.payee.holder().to_string(),
            Self::OfferDelivery(c) => c.delivery_id.to_string(),
            Self::TakeOffer(c) => c.order_id.to_string(),
            Self::DeclineOffer(c) => c.order_id.to_string(),
            Self::DropDelivery(c) => c.order_id.to_string(),
            Self::UnassignDelivery(c) => c.delivery_id.to_string(),
            Self::AdvanceDelivery(c) => c.order_id.to_string(),
            Self::FailDelivery(c) => c.order_id.to_string(),
            Self::RateOrder(c) => c.order_id.to_string(),
            Self::SetTerms(_) | Self::TrimFeed(_) => return None,
            Self::ClearDebt(c) => c.account_id.to_string(),
            Self::SetAvailability(c) => c.restaurant_id.to_string(),
            Self::Hours(c) => c.restaurant_id().to_string(),
            Self::SetCapacity(c) => c.restaurant_id.to_string(),
            Self::SetStock(c) => c.restaurant_id.to_string(),
            Self::PutCoupon(c) => c.coupon_id.to_string(),
            Self::PutImage(c) => c.hash.to_string(),
            Self::Webhook(c) => c.webhook_id().to_string(),
            Self::Notice(c) => return c.subject(),
            Self::SeenOrder(c) => c.order_id.to_string(),
            Self::HandOverOrder(c) => c.order_id.to_string(),
            Self::NoShowOrder(c) => c.order_id.to_string(),
            Self::ProposeSubstitution(c) => c.order_id.to_string(),
            Self::AnswerSubstitution(c) => c.order_id.to_string(),
            Self::RefundOrder(c) => c.order_id.to_string(),
            Self::MakeClaim(c) => c.claim_id.to_string(),
            Self::AnswerClaim(c) => c.claim_id.to_string(),
            Self::SettleClaim(c) => c.claim_id.to_string(),
            Self::ReplyRating(c) => c.rating_id.to_string(),
            Self::LogContact(c) => c.order_id.to_string(),
            Self::AttachProof(c) => c.order_id.to_string(),
            Self::DirectDelivery(c) => c.delivery_id.to_string(),
            Self::Moderation(c) => c.subject(),
            Self::Fraud(c) => return c.subject(),
            Self::FireDeadline(deadline) => deadline.due.subject(),
        })
    }

    /// Why somebody says they want it, for the audit chain. What the public may read of it anyway
    /// (the reason of a closing) and what is somebody's own word (a claim, its answer, an appeal)
    /// is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::BanAccount(c) => Some(&c.reason),
            Self::UnbanAccount(c) => Some(&c.reason),
            Self::Own(c) => c.reason(),
            Self::RejectOrder(c) => Some(c.reason.name()),
            Self::CancelOrder(c) => Some(c.reason.name()),
            Self::MakePayout(c) => Some(&c.reason),
            Self::UnassignDelivery(c) => Some(&c.reason),
            Self::FailDelivery(c) => Some(c.reason.name()),
            Self::ClearDebt(c) => Some(&c.reason),
            Self::RefundOrder(c) => Some(&c.reason),
            Self::SettleClaim(c) => Some(&c.reason),
            Self::DirectDelivery(c) => Some(&c.reason),
            Self::Moderation(c) => c.reason(),
            Self::Fraud(c) => c.reason(),
            Self::Access(c) => c.reason(),
            Self::FoundCity(_)
            | Self::SignUp(_)
            | Self::OpenSession(_)
            | Self::RotateSession(_)
            | Self::CloseSession(_)
            | Self::Attempt(_)
            | Self::PutRestaurant(_)
            | Self::ApproveRestaurant(_)
            | Self::PutMenu(_)
            | Self::EditMenu(_)
            | Self::SignUpCourier(_)
            | Self::ApproveCourier(_)
            | Self::SetCourierOnline(_)
            | Self::MakeQuote(_)
            | Self::PlaceOrder(_)
            | Self::AcceptOrder(_)
            | Self::StartOrder(_)
            | Self::DelayOrder(_)
            | Self::ReadyOrder(_)
            | Self::RecordGatewayAnswer(_)
            | Self::RecordGatewayEvent(_)
            | Self::RecordDifference(_)
            | Self::RetryPayment(_)
            | Self::TipOrder(_)
            | Self::OfferDelivery(_)
            | Self::TakeOffer(_)
            | Self::DeclineOffer(_)
            | Self::DropDelivery(_)
            | Self::AdvanceDelivery(_)
            | Self::RateOrder(_)
            | Self::SetTerms(_)
            | Self::TrimFeed(_)
            | Self::SetAvailability(_)
            | Self::Hours(_)
            | Self::SetCapacity(_)
            | Self::SetStock(_)
            | Self::PutCoupon(_)
            | Self::PutImage(_)
            | Self::Webhook(_)
            | Self::Notice(_)
            | Self::SeenOrder(_)
            | Self::HandOverOrder(_)
            | Self::NoShowOrder(_)
            | Self::ProposeSubstitution(_)
            | Self::AnswerSubstitution(_)
            | Self::MakeClaim(_)
            | Self::AnswerClaim(_)
            | Self::ReplyRating(_)
            | Self::LogContact(_)
            | Self::AttachProof(_)
            | Self::FireDeadline(_) => None,
        }
    }
}
