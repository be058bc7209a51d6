//! The notifier says how far it has come, and what could not be sent at once.

use super::{Notice, Notified};
use crate::authority::is_system;
use crate::cursor::Cursor;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::{AccountId, DeviceId, NoticeId};
use crate::limits::{NOTICE_BATCH, NOTICE_KEPT_MS, TEXT_LETTERS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The facts from one place in the feed to another were told. System only; refused if another
/// leader has come further, whose word stands then. The happy path is one of these for many facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordNotices {
    /// Through where facts were told before, as the task has seen it.
    pub from: Cursor,
    /// Through where they are told now; the same if only messages on record were tried, which
    /// depends on no place.
    pub to: Cursor,
    /// Messages that must wait; only with a step forward.
    pub keep: Vec<Notice>,
    /// What became of messages on record.
    pub tried: Vec<TriedNotice>,
    /// Messages that were given up so long ago that nobody will look at them any more.
    pub forget: Vec<NoticeId>,
    /// Devices that their provider does not know any more.
    #[serde(default)]
    pub gone: Vec<(AccountId, DeviceId)>,
}

/// One more try of a message on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedNotice {
    /// Which.
    pub id: NoticeId,
    /// How often it had been tried before, as the task has seen it.
    pub tries: u32,
    /// What came of it.
    pub result: TryResult,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TryResult {
    /// It was sent, or is not wanted any more: the record goes.
    Done,
    /// It is tried again then.
    Later {
        /// When.
        next_at: Timestamp,
        /// Why.
        error: String,
    },
    /// It is given up.
    GivenUp {
        /// Why.
        error: String,
    },
}

pub(crate) fn record_notices(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RecordNotices,
) -> Result<Outcome, Unreadable> {
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let RecordNotices { from, to, keep, tried, forget, gone } = command;
    let before = city.notified()?;
    let (through, revision) =
        before.map_or((Cursor::START, 0), |before| (before.through, before.revision));
    let moves = to != from;
    if moves && through != from {
        return Ok(if through == to {
            Outcome::unchanged(revision)
        } else {
            Outcome::rejected(Rejection::VersionChanged { version: revision })
        });
    }
    if let Err(why) = check(from, to, [keep.len(), tried.len(), forget.len(), gone.len()]) {
        return Ok(Outcome::rejected(why));
    }
    let mut changes = Changes::new(stamp);
    let mut changed = moves;
    if moves {
        let notified = Notified { through: to, revision: stamp.index };
        changes.write(Write::Notified(Arc::new(notified)));
    }
    for mut notice in keep {
        if city.notice(notice.id)?.is_some() {
            continue;
        }
        changed = true;
        notice.error = notice.error.map(short);
        notice.revision = stamp.index;
        changes.write(Write::Notice(Arc::new(notice)));
    }
    for tried in tried {
        changed |= apply_try(city, &mut changes, tried)?;
    }
    for id in forget {
        let old = |notice: &Notice| {
            notice.next_at.is_none() && stamp.at >= notice.at.plus_ms(NOTICE_KEPT_MS)
        };
        if city.notice(id)?.is_some_and(|notice| old(&notice)) {
            changed = true;
            changes.write(Write::DropNotice(id));
        }
    }
    changed |= forget_devices(city, &mut changes, gone)?;
    Ok(if changed { changes.yes() } else { Outcome::unchanged(revision) })
}

fn check(from: Cursor, to: Cursor, lengths: [usize; 4]) -> Result<(), Rejection> {
    if to < from {
        return Err(field::invalid("/to", "not before its beginning"));
    }
    if to == from && lengths[0] > 0 {
        return Err(field::invalid("/keep", "only with a step forward"));
    }
    for (name, length) in ["/keep", "/tried", "/forget", "/gone"].into_iter().zip(lengths) {
        field::length(name, length, 0..=NOTICE_BATCH)?;
    }
    Ok(())
}

/// What was tried by two leaders counts once: the second has seen an older record.
fn apply_try(
    city: &impl View,
    changes: &mut Changes,
    tried: TriedNotice,
) -> Result<bool, Unreadable> {
    let TriedNotice { id, tries, result } = tried;
    let seen = |notice: &Arc<Notice>| notice.next_at.is_some() && notice.tries == tries;
    let Some(notice) = city.notice(id)?.filter(seen) else { return Ok(false) };
    let (next_at, error) = match result {
        TryResult::Done => {
            changes.write(Write::DropNotice(id));
            return Ok(true);
        }
        TryResult::Later { next_at, error } => (Some(next_at), error),
        TryResult::GivenUp { error } => (None, error),
    };
    let mut notice = Arc::unwrap_or_clone(notice);
    notice.tries = notice.tries.saturating_add(1);
    notice.next_at = next_at;
    notice.error = Some(short(error));
    notice.revision = changes.stamp().index;
    changes.write(Write::Notice(Arc::new(notice)));
    Ok(true)
}

/// An app that was removed from a phone takes no messages, and need not be tried again.
fn forget_devices(
    city: &impl View,
    changes: &mut Changes,
    gone: Vec<(AccountId, DeviceId)>,
) -> Result<bool, Unreadable> {
    let mut by_person = BTreeMap::<AccountId, BTreeSet<DeviceId>>::new();
    for (account_id, device_id) in gone {
        by_person.entry(account_id).or_default().insert(device_id);
    }
    let mut changed = false;
    for (account_id, gone) in by_person {
        let Some(preferences) = city.preferences(account_id)? else { continue };
        let mut preferences = Arc::unwrap_or_clone(preferences);
        let before = preferences.devices.len();
        preferences.devices.retain(|device| !gone.contains(&device.id));
        if preferences.devices.len() < before {
            changed = true;
            preferences.revision = changes.stamp().index;
            changes.write(Write::Preferences(Arc::new(preferences)));
        }
    }
    Ok(changed)
}

fn short(text: String) -> String {
    text.chars().take(TEXT_LETTERS / 10).collect()
}
