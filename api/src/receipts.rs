//! What was bought, at which price.

use crate::wire::Money;
use domain::ids::{CouponId, DishId, OptionId, ZoneId};
use domain::pricing::IfUnavailable;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was bought at which price; every amount in the city's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// The sum of the lines.
    pub dishes: Money,
    /// What the coupon takes off the dishes.
    pub discount: Money,
    pub delivery_fee: Money,
    /// What the coupon takes off the delivery fee.
    pub delivery_discount: Money,
    pub service_fee: Money,
    pub small_order_fee: Money,
    pub bag_fee: Money,
    /// Tax that comes on top, where the city adds it.
    pub tax_added: Money,
    pub tip: Money,
    /// `dishes - discount + delivery_fee - delivery_discount + service_fee + small_order_fee +
    /// bag_fee + tax_added + tip`
    pub total: Money,
    /// Tax that the amounts above contain, where the city's prices contain it.
    pub tax_included: Money,
    /// The same tax by class.
    pub taxes: Vec<TaxLine>,
    /// The coupon that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<UsedCoupon>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub zone_id: Option<ZoneId>,
    pub menu_version: u64,
    /// The version of zones, fees and taxes that it was priced with.
    pub terms_version: u64,
    /// Raised by each substitution; totals only fall.
    pub revision: u32,
}

/// The tax of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct TaxLine {
    #[schema(example = "standard")]
    pub class: String,
    /// The rate: 210000 is 21 %.
    pub millionths: i64,
    /// What is taxed so, as it stands on the receipt.
    pub base: Money,
    pub tax: Money,
}

/// What a coupon gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct UsedCoupon {
    #[schema(value_type = String)]
    pub coupon_id: CouponId,
    pub amount: Money,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct ReceiptLine {
    #[schema(value_type = String)]
    pub dish_id: DishId,
    #[schema(example = "Ramen")]
    pub title: String,
    pub quantity: u32,
    pub unit: Money,
    pub options: Vec<ReceiptOption>,
    pub total: Money,
    /// This line's part of the coupon.
    pub discount: Money,
    #[schema(example = "standard")]
    pub tax_class: String,
    pub tax_millionths: i64,
    /// Tax in, or on, `total - discount`.
    pub tax: Money,
    /// For the kitchen; only in orders, and only for those whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "no onions")]
    pub note: Option<String>,
    /// What happens if it turns out to be missing.
    #[serde(default)]
    #[schema(value_type = String, example = "remove")]
    pub if_unavailable: IfUnavailable,
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct ReceiptOption {
    #[schema(value_type = String)]
    pub option_id: OptionId,
    #[schema(example = "Ramen")]
    pub title: String,
    pub quantity: u32,
    pub price: Money,
    /// So many of them cost nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub free: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
