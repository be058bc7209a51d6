//! Where our books and the gateway's say different things. A case for operators; nothing is
//! repaired by it.

use super::Payment;
use crate::authority::is_system;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::PaymentId;
use crate::limits::{NAME_LETTERS, TOKEN_LETTERS};
use crate::money::Money;
use crate::order::case::Case;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::sync::Arc;

/// Records that the two sides differ. System only: the reconciler has compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordDifference {
    /// The gateway's name for what differs.
    pub gateway_ref: String,
    /// Ours, if there is one.
    pub payment_id: Option<PaymentId>,
    pub kind: DifferenceKind,
    /// What our books say, in a few words.
    pub ours: String,
    /// What the gateway says.
    pub theirs: String,
}

/// In what the two sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The gateway has a payment that we do not know.
    OnlyTheirs,
    /// We have a payment that the gateway does not know.
    OnlyOurs,
    /// Both have it, in states that cannot both be true.
    Status,
    /// Not the same amount was taken.
    Captured,
    /// Not the same amount went back.
    Refunded,
}

/// What differs, as it was seen last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Difference {
    /// See [`difference_key`].
    pub key: Digest,
    pub gateway_ref: String,
    pub payment_id: Option<PaymentId>,
    pub kind: DifferenceKind,
    pub ours: String,
    pub theirs: String,
    /// When it was seen first.
    pub found_at: Timestamp,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// The name of a difference: one of each kind for each of the gateway's payments.
pub fn difference_key(gateway_ref: &str, kind: DifferenceKind) -> Digest {
    let mut hash = sha2::Sha256::new();
    hash.update(b"fd difference 1");
    hash.update((gateway_ref.len() as u64).to_be_bytes());
    hash.update(gateway_ref);
    hash.update([kind as u8]);
    Digest(hash.finalize().into())
}

pub(crate) fn record_difference(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RecordDifference,
) -> Result<Outcome, Unreadable> {
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = check(&command) {
        return Ok(Outcome::rejected(why));
    }
    let key = difference_key(&command.gateway_ref, command.kind);
    let before = city.difference(key)?;
    let found_at = before.as_ref().map_or(stamp.at, |before| before.found_at);
    let now = difference(command, found_at, stamp.index);
    if let Some(before) = before {
        let same = Difference { revision: before.revision, ..now.clone() };
        if *before == same {
            return Ok(Outcome::unchanged(before.revision));
        }
    }
    let mut changes = Changes::new(stamp);
    changes.event(now.found());
    changes.write(Write::Difference(Arc::new(now)));
    Ok(changes.yes())
}

fn check(wish: &RecordDifference) -> Result<(), Rejection> {
    field::letters("/gateway_ref", &wish.gateway_ref, 1..=TOKEN_LETTERS)?;
    field::letters("/ours", &wish.ours, 0..=NAME_LETTERS)?;
    field::letters("/theirs", &wish.theirs, 0..=NAME_LETTERS)
}

fn difference(wish: RecordDifference, found_at: Timestamp, revision: u64) -> Difference {
    let RecordDifference { gateway_ref, payment_id, kind, ours, theirs } = wish;
    let key = difference_key(&gateway_ref, kind);
    Difference { key, gateway_ref, payment_id, kind, ours, theirs, found_at, revision }
}

impl Difference {
    fn found(&self) -> Event {
        let gateway_ref = self.gateway_ref.clone();
        Event::DifferenceFound { gateway_ref, payment_id: self.payment_id, kind: self.kind }
    }
}

impl Case {
    /// The gateway took another amount than it was asked for: its word holds, and is a case.
    pub(super) fn compare_captured(
        &mut self,
        city: &impl View,
        taken: Money,
    ) -> Result<(), Unreadable> {
        let Payment { id, gateway_ref, to_capture, .. } = self.payment();
        if *to_capture == taken {
            return Ok(());
        }
        let wish = RecordDifference {
            gateway_ref: gateway_ref.clone().unwrap_or_else(|| id.to_string()),
            payment_id: Some(*id),
            kind: DifferenceKind::Captured,
            ours: to_capture.to_string(),
            theirs: taken.to_string(),
        };
        let before = city.difference(difference_key(&wish.gateway_ref, wish.kind))?;
        let found_at = before.map_or(self.at(), |before| before.found_at);
        let difference = difference(wish, found_at, self.revision());
        self.event(difference.found());
        self.write(Write::Difference(Arc::new(difference)));
        Ok(())
    }
}
