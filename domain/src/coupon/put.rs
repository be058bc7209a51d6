//! An operator makes a coupon, or changes one.

use super::CouponTerms;
use crate::entry::{Actor, Stamp};
use crate::ids::CouponId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Creates a coupon or replaces its terms; what was redeemed stays counted. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutCoupon {
    /// Must be the one of the code.
    pub coupon_id: CouponId,
    pub terms: CouponTerms,
    /// The version this replaces, if the caller saw one; 0 for one that is not there yet.
    pub if_version: Option<u64>,
}

pub(crate) fn put_coupon(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: PutCoupon,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
