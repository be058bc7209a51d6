//! Apps that take messages for somebody.

use super::{Device, Preferences};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{AccountId, DeviceId, SessionId};
use crate::limits::DEVICES;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Registers an app with the login that asks, or renews it. One too many takes the place of the one
/// that was renewed longest ago: apps that were installed anew leave their old names behind. The
/// person is the actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutDevice {
    /// Derived from the account and the token.
    pub device_id: DeviceId,
    /// What the push provider calls it, closed.
    pub token: Sealed,
}

/// Takes no more messages there. The person is the actor; a device that is not there is no mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropDevice {
    pub device_id: DeviceId,
}

pub(crate) fn put_device(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutDevice,
) -> Result<Outcome, Unreadable> {
    let Some((account_id, session_id)) = who(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    let PutDevice { device_id, token } = command;
    if let Err(why) = field::sealed("/token", &token) {
        return Ok(Outcome::rejected(why));
    }
    let mut preferences = preferences_of(city, account_id)?;
    let known = preferences.devices.iter().position(|device| device.id == device_id);
    if let Some(place) = known {
        let device = preferences.devices.remove(place);
        if device.session_id == session_id {
            return Ok(Outcome::unchanged(preferences.revision));
        }
    }
    if preferences.devices.len() >= DEVICES {
        preferences.devices.remove(0);
    }
    let renewed_at = stamp.at;
    preferences.devices.push(Device { id: device_id, token, session_id, renewed_at });
    Ok(changed(stamp, preferences))
}

pub(crate) fn drop_device(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: DropDevice,
) -> Result<Outcome, Unreadable> {
    let Some(account_id) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    let mut preferences = preferences_of(city, account_id)?;
    let before = preferences.devices.len();
    preferences.devices.retain(|device| device.id != command.device_id);
    if preferences.devices.len() == before {
        return Ok(Outcome::unchanged(preferences.revision));
    }
    Ok(changed(stamp, preferences))
}

fn who(actor: &Actor) -> Option<(AccountId, Option<SessionId>)> {
    match actor {
        Actor::Account { account_id, session_id, .. } => Some((*account_id, *session_id)),
        Actor::Key { .. } | Actor::Anyone | Actor::System => None,
    }
}

fn preferences_of(city: &impl View, account_id: AccountId) -> Result<Preferences, Unreadable> {
    let found = city.preferences(account_id)?;
    Ok(found.map_or_else(|| Preferences::usual(account_id), Arc::unwrap_or_clone))
}

fn changed(stamp: &Stamp, preferences: Preferences) -> Outcome {
    let mut changes = Changes::new(stamp);
    let preferences = Preferences { revision: stamp.index, ..preferences };
    changes.write(Write::Preferences(Arc::new(preferences)));
    changes.yes()
}
