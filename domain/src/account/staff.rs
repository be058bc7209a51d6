//! Who works where.

use super::{OperatorRole, StaffRole};
use crate::authority::{is_operator, works_at};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, RestaurantId};
use crate::limits::STAFF_OF;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gives somebody a role at a restaurant, or takes it (`role: None`). Its owner or an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GrantStaff {
    pub restaurant_id: RestaurantId,
    pub account_id: AccountId,
    pub role: Option<StaffRole>,
}

pub(crate) fn grant_staff(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: GrantStaff,
) -> Result<Outcome, Unreadable> {
    let GrantStaff { restaurant_id, account_id, role } = command;
    if city.restaurant(restaurant_id)?.is_none() {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    }
    if !works_at(city, actor, restaurant_id, StaffRole::Owner)?
        && !is_operator(city, actor, OperatorRole::Operator)?
    {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if account.staff.get(&restaurant_id).copied() == role {
        return Ok(Outcome::unchanged(account.revision));
    }
    let mut account = Arc::unwrap_or_clone(account);
    match role {
        Some(role) => account.staff.insert(restaurant_id, role),
        None => account.staff.remove(&restaurant_id),
    };
    if account.staff.len() > STAFF_OF {
        let rule = format!("nobody works at more than {STAFF_OF} restaurants");
        return Ok(Outcome::rejected(field::invalid("/account_id", rule)));
    }
    account.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::StaffGranted { restaurant_id, account_id });
    Ok(changes.yes())
}
