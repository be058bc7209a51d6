//! Who may do it. Tokens say who somebody was; what they may do now is read from the city, in the
//! entry itself, so that a role or a ban holds from its own index on.

use crate::account::{OperatorRole, StaffRole};
use crate::command::Command;
use crate::entry::{Actor, Stamp};
use crate::ids::{AccountId, CourierId, RestaurantId};
use crate::key;
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};

/// Whether this actor may ask for anything at all, and a program for this.
pub(crate) fn standing(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: &Command,
) -> Checked<()> {
    let (account_id, session_id, epoch) = match actor {
        Actor::Account { account_id, session_id, epoch } => (account_id, session_id, epoch),
        Actor::Key { key_id, owner, account_id } => {
            return key::standing(city, stamp, (*key_id, *owner, *account_id), command);
        }
        Actor::Anyone | Actor::System => return Ok(Ok(())),
    };
    let Some(account) = city.account(*account_id)? else {
        return Ok(Err(Rejection::SessionEnded));
    };
    // Before the epoch, which a ban raises too: "banned" is the more useful word.
    if account.is_banned_at(stamp.at) {
        return Ok(Err(Rejection::Banned));
    }
    if account.epoch != *epoch || !account.is_anybody() {
        return Ok(Err(Rejection::SessionEnded));
    }
    let Some(session_id) = session_id else {
        return Ok(Ok(()));
    };
    let open = city.session(*session_id)?.is_some_and(|session| {
        session.account_id == *account_id
            && session.epoch == account.epoch
            && stamp.at < session.ends_at
    });
    Ok(if open { Ok(()) } else { Err(Rejection::SessionEnded) })
}

/// The person behind it, if there is one: of a program, who made its key.
pub(crate) fn person(actor: &Actor) -> Option<AccountId> {
    match actor {
        Actor::Account { account_id, .. } | Actor::Key { account_id, .. } => Some(*account_id),
        Actor::Anyone | Actor::System => None,
    }
}

/// Whether the platform itself asks: a task of the leader.
pub(crate) fn is_system(actor: &Actor) -> bool {
    match actor {
        Actor::System => true,
        Actor::Account { .. } | Actor::Key { .. } | Actor::Anyone => false,
    }
}

/// Whether this is no program, or one whose key was made for this restaurant; or, without one, for
/// the city.
fn reaches(actor: &Actor, restaurant_id: Option<RestaurantId>) -> bool {
    match actor {
        Actor::Key { owner, .. } => match restaurant_id {
            Some(id) => owner.covers(id),
            None => owner.restaurant_id().is_none(),
        },
        Actor::Account { .. } | Actor::Anyone | Actor::System => true,
    }
}

/// Whether this is an operator with at least this role.
pub(crate) fn is_operator(
    city: &impl View,
    actor: &Actor,
    at_least: OperatorRole,
) -> Result<bool, Unreadable> {
    let Some(account_id) = person(actor).filter(|_| reaches(actor, None)) else {
        return Ok(false);
    };
    let role = city.account(account_id)?.and_then(|account| account.operator);
    Ok(role.is_some_and(|role| role >= at_least))
}

/// Whether this person works at the restaurant with at least this role. Operators may act as
/// staff: support at the stove, full operators everywhere.
pub(crate) fn works_at(
    city: &impl View,
    actor: &Actor,
    restaurant_id: RestaurantId,
    at_least: StaffRole,
) -> Result<bool, Unreadable> {
    let Some(account_id) = person(actor).filter(|_| reaches(actor, Some(restaurant_id))) else {
        return Ok(false);
    };
    let Some(account) = city.account(account_id)? else {
        return Ok(false);
    };
    // A kitchen that is out may end what it has begun, and decides nothing more.
    let is_out = at_least > StaffRole::Kitchen
        && city.restaurant(restaurant_id)?.is_some_and(|restaurant| restaurant.ban.is_some());
    let as_operator = match at_least {
        StaffRole::Kitchen => OperatorRole::Support,
        StaffRole::Manager | StaffRole::Owner => OperatorRole::Operator,
    };
    let as_staff = account.staff.get(&restaurant_id).is_some_and(|role| *role >= at_least);
    Ok((as_staff && !is_out) || account.operator.is_some_and(|role| role >= as_operator))
}

/// Whether this person is that courier, and may be.
pub(crate) fn rides_as(
    city: &impl View,
    actor: &Actor,
    courier_id: CourierId,
) -> Result<bool, Unreadable> {
    let Some(account_id) = person(actor) else {
        return Ok(false);
    };
    let is_they = city.account(account_id)?.is_some_and(|it| it.courier == Some(courier_id));
    Ok(is_they && city.courier(courier_id)?.is_none_or(|courier| courier.ban.is_none()))
}
