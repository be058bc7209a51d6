//! Codes that lower a total, with every limit that keeps them from being eaten up.

pub(crate) mod put;
pub(crate) mod redeem;

pub use put::PutCoupon;

use crate::ids::{AccountId, CouponId, RestaurantId};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A coupon and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// Derived from the code.
    pub id: CouponId,
    /// What was decided about it.
    pub terms: CouponTerms,
    /// Redemptions that stand: those of orders that were not called off for free.
    pub used: u32,
    /// What they have cost.
    pub spent: Money,
    /// Raised by each change of the terms.
    pub version: u64,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What an operator decides about a coupon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CouponTerms {
    /// As people type it; case is ignored.
    pub code: String,
    pub gives: CouponGives,
    /// `[from, until)`.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Where it is good; everywhere if empty.
    pub restaurants: BTreeSet<RestaurantId>,
    /// The smallest basket, before the coupon.
    pub minimum: Money,
    /// Only for those who were never charged for an order.
    pub first_order: bool,
    pub per_person: Option<u32>,
    pub total: Option<u32>,
    /// It gives no more than this, all together.
    pub budget: Option<Money>,
    pub payer: Payer,
    /// Switched off by hand.
    pub disabled: bool,
}

/// What a coupon gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CouponGives {
    /// A share of the dishes, up to an amount.
    Percent { millionths: i64, up_to: Option<Money> },
    /// An amount off the dishes, and never more than they cost.
    Fixed { amount: Money },
    /// The delivery fee.
    FreeDelivery,
}

impl CouponGives {
    /// Whether it pays for the way.
    pub(crate) fn brings_free(&self) -> bool {
        match self {
            Self::FreeDelivery => true,
            Self::Percent { .. } | Self::Fixed { .. } => false,
        }
    }
}

/// Who bears a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Payer {
    Platform,
    Restaurant,
}

/// How often one person has redeemed a coupon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CouponUse {
    pub coupon_id: CouponId,
    pub account_id: AccountId,
    pub count: u32,
    pub revision: u64,
}

/// What an order has redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CouponHold {
    pub coupon_id: CouponId,
    /// What it gave.
    pub amount: Money,
}

/// Why a coupon is not good here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CouponProblem {
    #[error("there is no such coupon")]
    Unknown,
    #[error("it is not good yet")]
    NotYet,
    #[error("its time is over")]
    Over,
    #[error("it is not good at this restaurant")]
    Elsewhere,
    #[error("the basket is below its minimum")]
    BelowMinimum,
    #[error("it is for a first order")]
    FirstOrderOnly,
    #[error("this person has used it as often as they may")]
    UsedByPerson,
    #[error("it is used up")]
    UsedUp,
    #[error("it gives nothing here")]
    Nothing,
}
