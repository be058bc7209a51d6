//! One function prices a basket. Integers only; the receipt is stored with the order.

use crate::ids::{DishId, OptionId};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// What somebody wants to eat, before it is priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketLine {
    pub dish_id: DishId,
    pub quantity: u32,
    pub options: Vec<BasketOption>,
}

/// One answer to one of the dish's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BasketOption {
    pub option_id: OptionId,
    pub quantity: u32,
}

/// A priced basket. `total` is the sum of all that stands above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// Sum of the lines.
    pub dishes: Money,
    pub delivery_fee: Money,
    pub service_fee: Money,
    /// Tax that the amounts above already contain.
    pub tax_included: Money,
    pub tip: Money,
    pub total: Money,
    /// The menu it was priced with.
    pub menu_version: u64,
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
}

/// One chosen option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptOption {
    pub option_id: OptionId,
    pub title: String,
    pub quantity: u32,
    pub price: Money,
}
