//! Somebody makes a key for a program.

use super::{ApiKey, ApiKeys, KeyOwner, Scope, may_manage};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::ApiKeyId;
use crate::limits::{KEY_LABEL_LETTERS, KEY_OVERLAP_MS, KEYS_OF_OWNER};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Makes a key. Managers for their restaurant, operators for the city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakeKey {
    pub key_id: ApiKeyId,
    pub owner: KeyOwner,
    pub label: String,
    /// SHA-256 of the secret, which was drawn before and is shown once.
    pub secret: Digest,
    pub scopes: BTreeSet<Scope>,
    pub expires_at: Option<Timestamp>,
    /// The key that this one takes over from: it ends by itself a day later, so that programs can
    /// change over one by one.
    pub replaces: Option<ApiKeyId>,
    pub request: Digest,
}

pub(super) fn make_key(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: MakeKey,
) -> Result<Outcome, Unreadable> {
    let owner = command.owner;
    if let KeyOwner::Restaurant(id) = owner
        && city.restaurant(id)?.is_none()
    {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    }
    let may = may_manage(city, actor, owner)?;
    let Some(made_by) = person(actor).filter(|_| may) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    let mut all = city
        .api_keys(owner)?
        .map_or(ApiKeys { owner, keys: Vec::new(), revision: 0 }, Arc::unwrap_or_clone);
    if let Some(there) = all.get(command.key_id) {
        return Ok(match there.request == command.request {
            true => Outcome::unchanged(there.made_index),
            false => Outcome::rejected(Rejection::IdReused),
        });
    }
    if let Err(why) = check(&command, stamp) {
        return Ok(Outcome::rejected(why));
    }
    let MakeKey { key_id, label, secret, scopes, expires_at, replaces, request, .. } = command;
    if let Some(replaced) = replaces {
        let Some(old) = all.keys.iter_mut().find(|key| key.id == replaced) else {
            return Ok(Outcome::rejected(Rejection::KeyUnknown));
        };
        let end = stamp.at.plus_ms(KEY_OVERLAP_MS);
        old.expires_at = Some(old.expires_at.map_or(end, |planned| planned.min(end)));
    }
    all.keys.retain(|key| key.is_good_at(stamp.at));
    if all.keys.len() >= KEYS_OF_OWNER {
        let at_most = u32::try_from(KEYS_OF_OWNER).unwrap_or(u32::MAX);
        return Ok(Outcome::rejected(Rejection::LimitReached { at_most }));
    }
    let (made_at, made_index) = (stamp.at, stamp.index);
    let key = ApiKey {
        id: key_id,
        made_by,
        label,
        secret,
        scopes,
        made_at,
        made_index,
        expires_at,
        request,
    };
    all.keys.push(key);
    all.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::ApiKeys(Arc::new(all)));
    changes.event(Event::KeyMade { key_id, restaurant_id: owner.restaurant_id() });
    Ok(changes.yes())
}

fn check(wish: &MakeKey, stamp: &Stamp) -> Result<(), Rejection> {
    let letters = wish.label.trim().chars().count();
    if letters == 0 || wish.label.chars().count() > KEY_LABEL_LETTERS {
        let rule = format!("is from 1 to {KEY_LABEL_LETTERS} letters");
        return Err(field::invalid("/label", rule));
    }
    if wish.scopes.is_empty() {
        return Err(field::invalid("/scopes", "names at least one scope"));
    }
    if wish.expires_at.is_some_and(|end| end <= stamp.at) {
        return Err(field::invalid("/expires_at", "lies in the future"));
    }
    Ok(())
}
