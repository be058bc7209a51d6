//! Codes that lower a total, as operators make them.

use crate::wire::{Money, Time};
use domain::ids::{CouponId, RestaurantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What an operator decides about a coupon. Amounts are minor units of the city's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CouponTerms {
    /// 3 to 40 letters, digits, - and _; case is ignored when people type it.
    #[schema(example = "WELCOME10")]
    pub code: String,
    pub gives: CouponGives,
    /// Good from then on; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Not good any more from then on; never over if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Where it is good; everywhere if empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>, example = json!([]))]
    pub restaurants: BTreeSet<RestaurantId>,
    /// The smallest basket of dishes, before the coupon.
    #[serde(default)]
    #[schema(example = 1500, minimum = 0)]
    pub minimum: i64,
    /// Only for those who were never charged for an order.
    #[serde(default)]
    pub first_order: bool,
    /// How often one person may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1, minimum = 1)]
    pub per_person: Option<u32>,
    /// How often it can be used by all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 500, minimum = 1)]
    pub total: Option<u32>,
    /// The most that it gives to all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 250000, minimum = 1)]
    pub budget: Option<i64>,
    /// Who bears it.
    #[serde(default)]
    pub payer: Payer,
    /// Switched off by hand.
    #[serde(default)]
    pub disabled: bool,
}

/// What a coupon gives: one of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"percent": {"millionths": 100000, "up_to": 500}}))]
#[allow(missing_docs)]
pub enum CouponGives {
    /// A share of the dishes: 100000 millionths are 10 %.
    Percent {
        millionths: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        up_to: Option<i64>,
    },
    /// An amount off the dishes, and never more than they cost.
    Fixed { amount: i64 },
    /// The delivery fee.
    FreeDelivery,
}

/// Who bears a coupon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Payer {
    #[default]
    Platform,
    Restaurant,
}

/// A coupon and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Coupon {
    #[schema(value_type = String)]
    pub coupon_id: CouponId,
    #[serde(flatten)]
    pub terms: CouponTerms,
    /// Redemptions that stand: those of orders that were called off for free came back.
    pub used: u32,
    /// What they have cost.
    pub spent: Money,
    /// Raised by each change of its terms.
    pub version: u64,
}
