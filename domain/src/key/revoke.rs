//! A key opens nothing any more.

use super::{KeyOwner, may_manage};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::ApiKeyId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Revokes a key, from this entry on. Whoever may make one; the same again is "unknown".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RevokeKey {
    pub owner: KeyOwner,
    pub key_id: ApiKeyId,
}

pub(super) fn revoke_key(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RevokeKey,
) -> Result<Outcome, Unreadable> {
    let RevokeKey { owner, key_id } = command;
    // The same answer as for a missing key: a stranger's key is nobody's business.
    let may = may_manage(city, actor, owner)?;
    let Some(all) = city.api_keys(owner)?.filter(|all| may && all.get(key_id).is_some()) else {
        return Ok(Outcome::rejected(Rejection::KeyUnknown));
    };
    let mut all = Arc::unwrap_or_clone(all);
    all.keys.retain(|key| key.id != key_id);
    all.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::ApiKeys(Arc::new(all)));
    changes.event(Event::KeyRevoked { key_id, restaurant_id: owner.restaurant_id() });
    Ok(changes.yes())
}
