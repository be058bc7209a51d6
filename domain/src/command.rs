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
