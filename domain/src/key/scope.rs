//! What a key opens. What no scope names, no key may ask for: money, people and keys themselves.

use crate::command::Command;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that a key may be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See the orders of a kitchen and move them on.
    Orders,
    /// Edit the menu.
    Menu,
    /// Say what there is, and whether the kitchen takes orders.
    Stock,
    /// Make and change webhooks.
    Webhooks,
    /// Read the change feed. No command needs it.
    Events,
}

impl Scope {
    /// Its name, as clients write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Menu => "menu",
            Self::Stock => "stock",
            Self::Webhooks => "webhooks",
            Self::Events => "events",
        }
    }

    /// What a key needs for this command; nothing if no key may ask for it.
    pub(super) fn of(command: &Command) -> Option<Self> {
        match command {
            Command::AcceptOrder(_)
            | Command::RejectOrder(_)
            | Command::StartOrder(_)
            | Command::DelayOrder(_)
            | Command::ReadyOrder(_)
            | Command::CancelOrder(_)
            | Command::SeenOrder(_)
            | Command::HandOverOrder(_)
            | Command::NoShowOrder(_)
            | Command::ProposeSubstitution(_) => Some(Self::Orders),
            Command::PutMenu(_) | Command::EditMenu(_) => Some(Self::Menu),
            Command::SetStock(_) | Command::SetAvailability(_) | Command::SetCapacity(_) => {
                Some(Self::Stock)
            }
            Command::Webhook(_) => Some(Self::Webhooks),
            Command::FoundCity(_)
            | Command::SignUp(_)
            | Command::OpenSession(_)
            | Command::RotateSession(_)
            | Command::CloseSession(_)
            | Command::BanAccount(_)
            | Command::UnbanAccount(_)
            | Command::Own(_)
            | Command::Attempt(_)
            | Command::Access(_)
            | Command::PutRestaurant(_)
            | Command::ApproveRestaurant(_)
            | Command::SignUpCourier(_)
            | Command::ApproveCourier(_)
            | Command::SetCourierOnline(_)
            | Command::MakeQuote(_)
            | Command::PlaceOrder(_)
            | Command::RecordGatewayAnswer(_)
            | Command::RecordGatewayEvent(_)
            | Command::RecordDifference(_)
            | Command::RetryPayment(_)
            | Command::TipOrder(_)
            | Command::MakePayout(_)
            | Command::OfferDelivery(_)
            | Command::TakeOffer(_)
            | Command::DeclineOffer(_)
            | Command::DropDelivery(_)
            | Command::UnassignDelivery(_)
            | Command::AdvanceDelivery(_)
            | Command::FailDelivery(_)
            | Command::RateOrder(_)
            | Command::SetTerms(_)
            | Command::TrimFeed(_)
            | Command::ClearDebt(_)
            | Command::Hours(_)
            | Command::PutCoupon(_)
            | Command::PutImage(_)
            | Command::Notice(_)
            | Command::AnswerSubstitution(_)
            | Command::RefundOrder(_)
            | Command::MakeClaim(_)
            | Command::AnswerClaim(_)
            | Command::SettleClaim(_)
            | Command::ReplyRating(_)
            | Command::LogContact(_)
            | Command::AttachProof(_)
            | Command::DirectDelivery(_)
            | Command::Moderation(_)
            | Command::Fraud(_)
            | Command::FireDeadline(_) => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
