//! Staff say what is there and what is not.

use super::{StockTarget, Supply};
use crate::entry::{Actor, Stamp};
use crate::ids::RestaurantId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Changes the stock of what it names, and of nothing else; all of it or none. Kitchen staff,
/// operators, integrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetStock {
    pub restaurant_id: RestaurantId,
    pub changes: Vec<StockChange>,
}

/// The stock of one dish or option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StockChange {
    pub target: StockTarget,
    pub supply: Supply,
    /// With `Quantity`: so many are free from now on.
    pub quantity: Option<u32>,
    /// When it is plainly in stock again.
    pub until: Option<Until>,
}

/// The end of a stock's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Until {
    At(Timestamp),
    /// 05:00 local time.
    NextReset,
}

pub(crate) fn set_stock(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SetStock,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
