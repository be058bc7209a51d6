//! What the gateway says without being asked. Every call is a record before it has any effect, so
//! that the same call again, at any node and in any order, is nothing.

use super::GatewayFact;
use crate::authority::is_system;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::PaymentId;
use crate::limits::{INBOX_MS, NAME_LETTERS, TOKEN_LETTERS};
use crate::order::case::Case;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::sync::Arc;

/// Records what a gateway has called about. System only: the node has verified the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordGatewayEvent {
    /// Whose event it is, as in the route.
    pub gateway: String,
    /// The gateway's own name for the event.
    pub event_id: String,
    pub payment_id: PaymentId,
    pub fact: GatewayFact,
}

/// A call that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEvent {
    /// See [`gateway_event_key`].
    pub key: Digest,
    /// Whose event it is.
    pub gateway: String,
    /// The gateway's own name for it.
    pub event_id: String,
    /// What it is about.
    pub payment_id: PaymentId,
    /// What it said.
    pub fact: GatewayFact,
    /// When it came.
    pub at: Timestamp,
    /// The entry that took it in.
    pub index: u64,
    /// When it is forgotten. Names the deadline `InboxGone`.
    pub gone_at: Timestamp,
}

/// The name of an event among those of all gateways.
pub fn gateway_event_key(gateway: &str, event_id: &str) -> Digest {
    let mut hash = sha2::Sha256::new();
    for part in ["fd gateway event 1", gateway, event_id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

pub(crate) fn record_gateway_event(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RecordGatewayEvent,
) -> Result<Outcome, Unreadable> {
    let RecordGatewayEvent { gateway, event_id, payment_id, fact } = command;
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let key = gateway_event_key(&gateway, &event_id);
    if let Some(event) = city.gateway_event(key)? {
        return Ok(Outcome::unchanged(event.index));
    }
    let shape = field::letters("/gateway", &gateway, 1..=NAME_LETTERS)
        .and_then(|()| field::letters("/event_id", &event_id, 1..=TOKEN_LETTERS))
        .and_then(|()| fact.check());
    if let Err(why) = shape {
        return Ok(Outcome::rejected(why));
    }
    let Some(payment) = city.payment(payment_id)? else {
        return Ok(Outcome::rejected(Rejection::PaymentUnknown));
    };
    let Some(mut case) = Case::of_payment(city, stamp, payment)? else {
        return Ok(Outcome::rejected(Rejection::PaymentUnknown));
    };
    let gone_at = stamp.at.plus_ms(INBOX_MS);
    case.write(Write::GatewayEvent(Arc::new(GatewayEvent {
        key,
        gateway,
        event_id,
        payment_id,
        fact: fact.clone(),
        at: stamp.at,
        index: stamp.index,
        gone_at,
    })));
    case.await_due(gone_at, Due::InboxGone(key));
    case.learn(city, fact)?;
    Ok(case.yes())
}

/// So old that no gateway sends it again.
pub(crate) fn forget_gateway_event(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    key: Digest,
) -> Result<Outcome, Unreadable> {
    let event = city.gateway_event(key)?;
    if event.is_none_or(|event| event.gone_at != deadline.due_at) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropDeadline(deadline));
    changes.write(Write::DropGatewayEvent(key));
    Ok(changes.yes())
}
