//! When a kitchen cooks: by the week, and by the date.

use crate::calendar::{DatedHours, Range, WeeklyHours};
use crate::entry::{Actor, Stamp};
use crate::ids::{ClosingId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Replaces the weekly hours. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetHours {
    pub restaurant_id: RestaurantId,
    pub hours: WeeklyHours,
    pub pickup_hours: Option<WeeklyHours>,
    pub holiday_hours: Option<Vec<Range>>,
    pub last_order_minutes: u16,
}

/// Keeps a closing or a special day; the same id again replaces it. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutDatedHours {
    pub restaurant_id: RestaurantId,
    pub dated: DatedHours,
}

/// Forgets one. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropDatedHours {
    pub restaurant_id: RestaurantId,
    pub closing_id: ClosingId,
}

pub(crate) fn set_hours(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SetHours,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

pub(crate) fn put_dated_hours(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: PutDatedHours,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

pub(crate) fn drop_dated_hours(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: DropDatedHours,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
