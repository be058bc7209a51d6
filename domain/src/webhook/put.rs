//! Somebody names an address that shall be told.

use super::{Webhook, WebhookCounts, WebhookOwner, WebhookState, WebhooksOf, check_types};
use crate::authority::person;
use crate::cursor::Cursor;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::WebhookId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Makes a webhook. Managers for their restaurant, operators for the city.
///
/// Whether the address is a good one was looked at before: that needs the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutWebhook {
    pub webhook_id: WebhookId,
    pub owner: WebhookOwner,
    /// Closed under the name of whoever makes it.
    pub url: Sealed,
    pub types: Vec<String>,
    /// Drawn before, and closed like the address.
    pub secret: Sealed,
    /// Told of what follows; from now on if absent.
    pub after: Option<Cursor>,
    pub request: Digest,
}

pub(super) fn put_webhook(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutWebhook,
) -> Result<Outcome, Unreadable> {
    let PutWebhook { webhook_id, owner, url, types, secret, after, request } = command;
    if let WebhookOwner::Restaurant(id) = owner
        && city.restaurant(id)?.is_none()
    {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    }
    let may = super::may_manage(city, actor, owner)?;
    let Some(made_by) = person(actor).filter(|_| may) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if let Some(there) = city.webhook(webhook_id)? {
        return Ok(match there.request == request {
            true => Outcome::unchanged(there.revision),
            false => Outcome::rejected(Rejection::IdReused),
        });
    }
    if let Err(why) = check(&types, &url, &secret, after, stamp) {
        return Ok(Outcome::rejected(why));
    }
    let mut all = city
        .webhooks_of(owner)?
        .map_or(WebhooksOf { owner, ids: Vec::new(), revision: 0 }, Arc::unwrap_or_clone);
    if all.ids.len() >= owner.at_most() {
        let at_most = u32::try_from(owner.at_most()).unwrap_or(u32::MAX);
        return Ok(Outcome::rejected(Rejection::WebhooksTooMany { at_most }));
    }
    all.ids.push(webhook_id);
    all.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::WebhooksOf(Arc::new(all)));
    changes.write(Write::Webhook(Arc::new(Webhook {
        id: webhook_id,
        owner,
        made_by,
        url,
        types,
        secret,
        previous: None,
        state: WebhookState::On,
        cursor: after.unwrap_or(Cursor::after_entry(stamp.index)),
        failing: None,
        failing_since: None,
        again: Vec::new(),
        counts: WebhookCounts::default(),
        last_success_at: None,
        attempts: Vec::new(),
        made_at: stamp.at,
        request,
        rotation: None,
        version: 1,
        revision: stamp.index,
    })));
    changes.event(Event::WebhookPut {
        webhook_id,
        restaurant_id: owner.restaurant_id(),
        version: 1,
    });
    Ok(changes.yes())
}

fn check(
    types: &[String],
    url: &Sealed,
    secret: &Sealed,
    after: Option<Cursor>,
    stamp: &Stamp,
) -> Result<(), Rejection> {
    check_types(types)?;
    field::sealed("/url", url)?;
    field::sealed("/secret", secret)?;
    super::replay::check_after(after.unwrap_or(Cursor::START), stamp)
}
