//! Money goes back to a customer.

use crate::claim::ClaimLine;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RefundId};
use crate::money::Money;
use crate::order::Fault;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Gives money back, by amount or by lines. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RefundOrder {
    pub refund_id: RefundId,
    pub order_id: OrderId,
    pub what: RefundWhat,
    pub fault: Fault,
    pub reason: String,
    pub request: Digest,
}

/// How much goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RefundWhat {
    Amount(Money),
    /// By the stored receipt, with tax and coupon in proportion.
    Lines(Vec<ClaimLine>),
}

pub(crate) fn refund_order(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: RefundOrder,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
