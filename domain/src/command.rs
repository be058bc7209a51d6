//! Everything that can be asked of a city. One variant is one file, and one line in `apply.rs`.

use crate::account::*;
use crate::city::FoundCity;
use crate::courier::*;
use crate::deadline::Deadline;
use crate::delivery::*;
use crate::menu::{EditMenu, PutMenu};
use crate::order::*;
use crate::payment::RecordGatewayAnswer;
use crate::quote::MakeQuote;
use crate::rating::RateOrder;
use crate::restaurant::*;
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
    GrantStaff(GrantStaff),
    PutRestaurant(Box<PutRestaurant>),
    ApproveRestaurant(ApproveRestaurant),
    PauseRestaurant(PauseRestaurant),
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
    OfferDelivery(OfferDelivery),
    TakeOffer(TakeOffer),
    DeclineOffer(DeclineOffer),
    DropDelivery(DropDelivery),
    UnassignDelivery(UnassignDelivery),
    AdvanceDelivery(AdvanceDelivery),
    FailDelivery(FailDelivery),
    RateOrder(Box<RateOrder>),
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
            Self::GrantStaff(_) => "grant_staff",
            Self::PutRestaurant(_) => "put_restaurant",
            Self::ApproveRestaurant(_) => "approve_restaurant",
            Self::PauseRestaurant(_) => "pause_restaurant",
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
            Self::OfferDelivery(_) => "offer_delivery",
            Self::TakeOffer(_) => "take_offer",
            Self::DeclineOffer(_) => "decline_offer",
            Self::DropDelivery(_) => "drop_delivery",
            Self::UnassignDelivery(_) => "unassign_delivery",
            Self::AdvanceDelivery(_) => "advance_delivery",
            Self::FailDelivery(_) => "fail_delivery",
            Self::RateOrder(_) => "rate_order",
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
            Self::GrantStaff(c) => c.account_id.to_string(),
            Self::PutRestaurant(c) => c.restaurant_id.to_string(),
            Self::ApproveRestaurant(c) => c.restaurant_id.to_string(),
            Self::PauseRestaurant(c) => c.restaurant_id.to_string(),
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
            Self::OfferDelivery(c) => c.delivery_id.to_string(),
            Self::TakeOffer(c) => c.order_id.to_string(),
            Self::DeclineOffer(c) => c.order_id.to_string(),
            Self::DropDelivery(c) => c.order_id.to_string(),
            Self::UnassignDelivery(c) => c.delivery_id.to_string(),
            Self::AdvanceDelivery(c) => c.order_id.to_string(),
            Self::FailDelivery(c) => c.order_id.to_string(),
            Self::RateOrder(c) => c.order_id.to_string(),
            Self::FireDeadline(deadline) => deadline.due.subject(),
        })
    }
}
