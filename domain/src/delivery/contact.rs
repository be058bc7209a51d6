//! The courier rings, calls, writes: only who tried can say that nobody was there.

use crate::entry::{Actor, Stamp};
use crate::ids::{CourierId, OrderId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Logs an attempt to reach the customer. The holder only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LogContact {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
    /// Names this attempt, so that a repeat does not count twice.
    pub event_id: Digest,
}

pub(crate) fn log_contact(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: LogContact,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
