//! Somebody wants to carry.

use super::{Courier, Vehicle};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{AccountId, CourierId};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Makes an account a courier, who waits for approval; an operator's word approves at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SignUpCourier {
    pub courier_id: CourierId,
    pub account_id: AccountId,
    pub vehicle: Vehicle,
}

pub(crate) fn sign_up_courier(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SignUpCourier,
) -> Result<Outcome, Unreadable> {
    let SignUpCourier { courier_id, account_id, vehicle } = command;
    let approved = is_operator(city, actor, OperatorRole::Operator)?;
    if person(actor) != Some(account_id) && !approved {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)?.filter(|it| it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if let Some(courier) = city.courier(courier_id)? {
        // The vehicle may have changed since; whose role it is may not.
        return Ok(if courier.account_id == account_id {
            Outcome::unchanged(courier.revision)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    if account.courier.is_some() {
        return Ok(Outcome::rejected(Rejection::IdReused));
    }
    let mut account = Arc::unwrap_or_clone(account);
    account.courier = Some(courier_id);
    account.revision = stamp.index;
    let courier = Courier {
        id: courier_id,
        account_id,
        vehicle,
        approved,
        online: false,
        carrying: BTreeSet::new(),
        offered: None,
        rating_sum: 0,
        rating_count: 0,
        tallies: super::CourierTallies::default(),
        ban: None,
        measure: None,
        revision: stamp.index,
    };
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    changes.write(Write::Courier(Arc::new(courier)));
    changes.event(Event::CourierSignedUp { courier_id });
    if approved {
        changes.event(Event::CourierApproved { courier_id });
    }
    Ok(changes.yes())
}
