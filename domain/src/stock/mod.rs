//! What is there to sell, dish by dish and option by option. What has no record is simply there.

pub(crate) mod hold;
pub(crate) mod returns;
pub(crate) mod set;

pub use set::{SetStock, StockChange, Until};

use crate::ids::{DishId, OptionId, RestaurantId};
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum StockTarget {
    Dish(DishId),
    Option(OptionId),
}

/// The stock of one dish or option.
///
/// Always `added = free + reserved + sold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// Of what.
    pub target: StockTarget,
    /// How it is sold.
    pub supply: Supply,
    /// Portions that ever came: what staff said was there, and what they took away again.
    pub added: i64,
    /// Portions that anybody can buy.
    pub free: u32,
    /// Portions that orders hold which the kitchen has not begun.
    pub reserved: u32,
    /// Portions that went into the pan.
    pub sold: u64,
    /// When it is plainly in stock again. Names the deadline `StockReturns`.
    pub returns_at: Option<Timestamp>,
    /// The request by which staff set it last, if it had a name.
    #[serde(default)]
    pub set_by: Option<Digest>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// How a thing is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// There is enough.
    InStock,
    /// There is none.
    OutOfStock,
    /// There are `free` portions.
    Quantity,
    /// Not shown.
    Hidden,
}

/// Portions that an order holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StockHold {
    pub target: StockTarget,
    pub quantity: u32,
}

impl Stock {
    /// How it is sold at a moment: what has an end ends then, deadline or not.
    pub fn supply_at(&self, at: Timestamp) -> Supply {
        if self.returns_at.is_some_and(|returns_at| at >= returns_at) {
            Supply::InStock
        } else {
            self.supply
        }
    }

    /// Whether so many portions can be sold.
    pub fn has(&self, quantity: u32) -> bool {
        match self.supply {
            Supply::InStock => true,
            Supply::OutOfStock | Supply::Hidden => false,
            Supply::Quantity => self.free >= quantity,
        }
    }
}

impl Stock {
    /// An order takes portions; whoever calls this has asked `has`.
    pub(crate) fn reserve(&mut self, quantity: u32) {
        self.free = self.free.saturating_sub(quantity);
        self.reserved = self.reserved.saturating_add(quantity);
    }

    /// Portions that an order held go into the pan.
    pub(crate) fn sell(&mut self, quantity: u32) {
        self.reserved = self.reserved.saturating_sub(quantity);
        self.sold = self.sold.saturating_add(quantity.into());
    }

    /// Portions that an order held are there for others.
    pub(crate) fn give_back(&mut self, quantity: u32) {
        self.reserved = self.reserved.saturating_sub(quantity);
        self.free = self.free.saturating_add(quantity);
    }
}
