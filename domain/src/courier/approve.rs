//! The platform lets a courier in.

use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::CourierId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lets a courier carry. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ApproveCourier {
    pub courier_id: CourierId,
}

pub(crate) fn approve_courier(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ApproveCourier,
) -> Result<Outcome, Unreadable> {
    let ApproveCourier { courier_id } = command;
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(courier) = city.courier(courier_id)? else {
        return Ok(Outcome::rejected(Rejection::CourierUnknown));
    };
    if city.account(courier.account_id)?.is_none_or(|person| !person.is_anybody()) {
        return Ok(Outcome::rejected(Rejection::CourierUnknown));
    }
    if courier.approved {
        return Ok(Outcome::unchanged(courier.revision));
    }
    let mut courier = Arc::unwrap_or_clone(courier);
    courier.approved = true;
    courier.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Courier(Arc::new(courier)));
    changes.event(Event::CourierApproved { courier_id });
    Ok(changes.yes())
}
