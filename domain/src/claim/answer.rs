//! The restaurant answers a complaint; silence is a yes, up to the city's limit.

use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::ids::{ClaimId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Takes a claim, or contests it. Managers of the restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerClaim {
    pub claim_id: ClaimId,
    pub restaurant_id: RestaurantId,
    pub accept: bool,
    pub text: Option<String>,
}

pub(crate) fn answer_claim(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: AnswerClaim,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

pub(crate) fn nobody_answered(
    _city: &impl View,
    _stamp: &Stamp,
    _deadline: Deadline,
    _claim_id: ClaimId,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::NotDue)) // TODO-CONTRACT
}
