//! Somebody who is banned says why they should not be; an operator writes it down.

use super::{Appeal, Ban, BanSubject};
use crate::account::OperatorRole;
use crate::authority::{is_operator, person};
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::fraud::TraceKey;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keeps a note with a ban. Support and operators; the last word stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct NoteAppeal {
    pub subject: BanSubject,
    /// Closed: see [`Appeal::words`].
    pub words: Sealed,
}

pub(crate) fn note_appeal(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: NoteAppeal,
) -> Result<Outcome, Unreadable> {
    let NoteAppeal { subject, words } = command;
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = field::sealed("/note", &words) {
        return Ok(Outcome::rejected(why));
    }
    let appeal = Appeal { words, at: stamp.at, by: person(actor) };
    let noted = match subject {
        BanSubject::Account(id) => city.account(id)?.map(|found| {
            let mut account = Arc::unwrap_or_clone(found);
            let told = keep(&mut account.ban, &appeal, &mut account.revision, stamp.index);
            (told, Write::Account(Arc::new(account)))
        }),
        BanSubject::Restaurant(id) => city.restaurant(id)?.map(|found| {
            let mut restaurant = Arc::unwrap_or_clone(found);
            let told = keep(&mut restaurant.ban, &appeal, &mut restaurant.revision, stamp.index);
            (told, Write::Restaurant(Arc::new(restaurant)))
        }),
        BanSubject::Courier(id) => city.courier(id)?.map(|found| {
            let mut courier = Arc::unwrap_or_clone(found);
            let told = keep(&mut courier.ban, &appeal, &mut courier.revision, stamp.index);
            (told, Write::Courier(Arc::new(courier)))
        }),
        BanSubject::Device(mark) => noted_mark(city, TraceKey::Device(mark), &appeal, stamp)?,
        BanSubject::Card(mark) => noted_mark(city, TraceKey::Card(mark), &appeal, stamp)?,
    };
    Ok(match noted {
        Some((Noted::Now, write)) => {
            let mut changes = Changes::new(stamp);
            changes.write(write);
            changes.yes()
        }
        Some((Noted::Before(revision), _)) => Outcome::unchanged(revision),
        Some((Noted::NoBan, _)) | None => Outcome::rejected(Rejection::BanUnknown),
    })
}

/// What became of a note.
enum Noted {
    Now,
    /// It says so already.
    Before(u64),
    NoBan,
}

fn keep(ban: &mut Option<Ban>, appeal: &Appeal, revision: &mut u64, index: u64) -> Noted {
    let Some(ban) = ban else { return Noted::NoBan };
    if ban.appeal.as_ref().is_some_and(|said| said.words == appeal.words) {
        return Noted::Before(*revision);
    }
    ban.appeal = Some(appeal.clone());
    *revision = index;
    Noted::Now
}

fn noted_mark(
    city: &impl View,
    key: TraceKey,
    appeal: &Appeal,
    stamp: &Stamp,
) -> Result<Option<(Noted, Write)>, Unreadable> {
    Ok(city.trace(key)?.map(|found| {
        let mut trace = Arc::unwrap_or_clone(found);
        let told = keep(&mut trace.ban, appeal, &mut trace.revision, stamp.index);
        (told, Write::Trace(Arc::new(trace)))
    }))
}
