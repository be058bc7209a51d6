//! An operator decides a complaint.

use crate::entry::{Actor, Stamp};
use crate::ids::{ClaimId, RefundId};
use crate::money::Money;
use crate::order::Fault;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Decides an open or contested claim. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SettleClaim {
    pub claim_id: ClaimId,
    /// What the customer gets; zero refuses the claim.
    pub amount: Money,
    pub fault: Fault,
    pub reason: String,
    /// The refund that this makes, if it makes one.
    pub refund_id: RefundId,
}

pub(crate) fn settle_claim(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SettleClaim,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
