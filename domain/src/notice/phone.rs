//! The phone in the kitchen: where a restaurant is called that does not look at its tablet.

use crate::account::StaffRole;
use crate::authority::works_at;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::RestaurantId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A number, closed, and what says whether another one is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AlertPhone {
    pub number: Sealed,
    pub digest: Digest,
}

/// Sets or takes away the number that short messages and calls about waiting orders go to; without
/// one they go to the owners. Managers and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetAlertPhone {
    pub restaurant_id: RestaurantId,
    pub phone: Option<AlertPhone>,
}

pub(crate) fn set_alert_phone(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetAlertPhone,
) -> Result<Outcome, Unreadable> {
    let SetAlertPhone { restaurant_id, phone } = command;
    let Some(restaurant) = city.restaurant(restaurant_id)? else {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    };
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let number = |phone: &Option<AlertPhone>| phone.as_ref().map(|phone| phone.digest);
    if number(&restaurant.alert_phone) == number(&phone) {
        return Ok(Outcome::unchanged(restaurant.revision));
    }
    if let Some(Err(why)) = phone.as_ref().map(|phone| field::sealed("/phone", &phone.number)) {
        return Ok(Outcome::rejected(why));
    }
    let mut restaurant = Arc::unwrap_or_clone(restaurant);
    restaurant.alert_phone = phone;
    restaurant.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Restaurant(Arc::new(restaurant)));
    Ok(changes.yes())
}
