//! One function prices a basket, and the receipt that it gives is stored with the order. What is
//! taken back, left out or replaced later is computed from that receipt alone.
//!
//! Integers only: minor units, rates in millionths, and each line and each fee is rounded once,
//! half up. What is spread over lines is spread by largest remainder, so that nothing is lost.

mod fees;
mod line;
mod parts;
mod price;
mod rounding;

pub use price::{price, price_line_alone, reprice};

use crate::city::{Fees, Taxes, Zone};
use crate::coupon::{Coupon, CouponHold};
use crate::ids::{DishId, OptionGroupId, OptionId, ZoneId};
use crate::menu::{Allergen, Dish, OptionGroup};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::sealed::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody wants to eat, before it is priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketLine {
    pub dish_id: DishId,
    pub quantity: u32,
    pub options: Vec<BasketOption>,
    /// For the kitchen, closed.
    #[serde(default)]
    pub note: Sealed,
    /// What happens if it turns out to be missing.
    #[serde(default)]
    pub if_unavailable: IfUnavailable,
}

/// What a customer wants where a dish is missing and they do not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfUnavailable {
    /// The rest of the order, without it.
    #[default]
    Remove,
    /// What the kitchen proposes.
    Substitute,
    /// Nothing at all.
    CancelOrder,
}

/// One answer to one of the dish's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketOption {
    pub option_id: OptionId,
    pub quantity: u32,
}

/// A priced basket. `total` is the sum of all that stands above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// Sum of the lines.
    pub dishes: Money,
    /// What the coupon takes off the dishes, spread over the lines.
    #[serde(default)]
    pub discount: Money,
    pub delivery_fee: Money,
    /// What the coupon takes off the delivery fee.
    #[serde(default)]
    pub delivery_discount: Money,
    pub service_fee: Money,
    #[serde(default)]
    pub small_order_fee: Money,
    #[serde(default)]
    pub bag_fee: Money,
    /// Tax that the amounts above already contain.
    pub tax_included: Money,
    /// Tax that comes on top of them.
    #[serde(default)]
    pub tax_added: Money,
    /// Whether the city adds its tax; nothing is contained then.
    #[serde(default)]
    pub tax_on_top: bool,
    /// The part of the tax that is in, or on, the delivery fee after its discount.
    #[serde(default)]
    pub delivery_tax: Money,
    pub tip: Money,
    /// `dishes - discount + delivery_fee - delivery_discount + service_fee + small_order_fee +
    /// bag_fee + tax_added + tip`
    pub total: Money,
    /// The same tax by rate: class, millionths, what it is of, how much it is.
    #[serde(default)]
    pub taxes: Vec<TaxLine>,
    /// The code that was used.
    #[serde(default)]
    pub coupon: Option<CouponHold>,
    /// Where it goes, if the city has zones.
    #[serde(default)]
    pub zone_id: Option<ZoneId>,
    /// The menu it was priced with.
    pub menu_version: u64,
    /// The city's terms that it was priced with.
    #[serde(default)]
    pub terms_version: u64,
    /// Raised by each substitution; totals only fall.
    #[serde(default)]
    pub revision: u32,
}

/// The tax of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TaxLine {
    pub class: String,
    pub millionths: i64,
    /// Sum of the amounts that are taxed so, as they stand on the receipt.
    pub base: Money,
    pub tax: Money,
}

/// One line, with the names as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptLine {
    pub dish_id: DishId,
    pub title: String,
    pub quantity: u32,
    /// One dish with its options.
    pub unit: Money,
    pub options: Vec<ReceiptOption>,
    pub total: Money,
    /// This line's part of the coupon.
    #[serde(default)]
    pub discount: Money,
    #[serde(default)]
    pub tax_class: String,
    #[serde(default)]
    pub tax_millionths: i64,
    /// Tax in, or on, `total - discount`.
    #[serde(default)]
    pub tax: Money,
    #[serde(default)]
    pub note: Sealed,
    #[serde(default)]
    pub if_unavailable: IfUnavailable,
    #[serde(default)]
    pub allergens: BTreeSet<Allergen>,
    /// Years that the customer must have for it.
    #[serde(default)]
    pub min_age: u8,
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptOption {
    pub option_id: OptionId,
    pub title: String,
    pub quantity: u32,
    pub price: Money,
    /// So many of them cost nothing.
    #[serde(default)]
    pub free: u32,
    /// The dish that it is, if it is one.
    #[serde(default)]
    pub dish_id: Option<DishId>,
}

/// The dishes that a basket names, and the choices on them, as they stand on the menu.
#[derive(Clone, Debug, Default)]
pub struct OnSale {
    /// Those that are there; archived and hidden ones too.
    pub dishes: BTreeMap<DishId, Arc<Dish>>,
    /// Every group of those dishes.
    pub groups: BTreeMap<OptionGroupId, Arc<OptionGroup>>,
}

/// What a basket is priced with, besides the menu.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// Titles on the receipt are in this language where the menu has it.
    pub language: &'a str,
    /// In which hours are read: an IANA name.
    pub time_zone: &'a str,
    /// See [`Receipt::menu_version`].
    pub menu_version: u64,
    /// See [`Receipt::terms_version`].
    pub terms_version: u64,
    /// The moment for which it is sold: prices, windows and peaks of that moment hold.
    pub at: Timestamp,
    /// Brought, or picked up: what is picked up has no delivery fee.
    pub fulfilment: Fulfilment,
    /// Metres from the kitchen to the door.
    pub distance_m: u32,
    /// The base of the delivery fee where neither zone nor city has one.
    pub restaurant_fee: Money,
    /// Where it goes, if the city has zones.
    pub zone: Option<&'a Zone>,
    /// The city's.
    pub fees: &'a Fees,
    /// The city's.
    pub taxes: &'a Taxes,
    /// Known to be good for this person, here and now; what it gives is computed here.
    pub coupon: Option<&'a Coupon>,
}
