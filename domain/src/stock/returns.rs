//! What was out of stock comes back when it was said to.

use super::StockTarget;
use crate::deadline::Deadline;
use crate::entry::Stamp;
use crate::ids::RestaurantId;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};

pub(crate) fn stock_returns(
    _city: &impl View,
    _stamp: &Stamp,
    _deadline: Deadline,
    _restaurant_id: RestaurantId,
    _target: StockTarget,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::NotDue)) // TODO-CONTRACT
}
