//! Logins: opened with a password that the node has checked, kept alive by a rotating secret.

use super::{Account, PreviousRefresh, Session};
use crate::authority::person;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, SessionId};
use crate::limits::{REFRESH_GRACE_MS, SESSION_MS, SESSIONS, SESSIONS_LOOKED_AT};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Opens a session. The actor is `Anyone`: the node has checked the password against the hash that
/// `password` names, and `apply` refuses if the account's hash is another one by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OpenSession {
    pub session_id: SessionId,
    pub account_id: AccountId,
    /// SHA-256 of the PHC string that the password was checked against.
    pub password: Digest,
    pub refresh: Digest,
    /// What the device calls itself, closed.
    #[serde(default)]
    pub device: Sealed,
}

/// Replaces the refresh token. The one before is still good for 30 s and then ends the session:
/// somebody else has it. So does any older one, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RotateSession {
    pub session_id: SessionId,
    pub presented: Digest,
    pub next: Digest,
    /// What the session's refresh token was when the node saw that it descends from `presented`,
    /// by two steps or more. Each token follows from the one before by the city's key, so that
    /// nobody can make an ancestor up.
    #[serde(default)]
    pub ancestor_of: Option<Digest>,
}

/// Logs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CloseSession {
    pub session_id: SessionId,
}

/// Logs out everywhere, on every device, at once. The person themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CloseAllSessions {
    pub account_id: AccountId,
}

pub(crate) fn open_session(
    city: &impl View,
    stamp: &Stamp,
    command: OpenSession,
) -> Result<Outcome, Unreadable> {
    let OpenSession { session_id, account_id, password, refresh, device } = command;
    if let Err(why) = field::sealed("/device", &device) {
        return Ok(Outcome::rejected(why));
    }
    let Some(account) = city.account(account_id)? else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if account.is_banned_at(stamp.at) {
        return Ok(Outcome::rejected(Rejection::Banned));
    }
    let hash: [u8; 32] = Sha256::digest(account.password.as_bytes()).into();
    if Digest(hash) != password {
        return Ok(Outcome::rejected(Rejection::CredentialsWrong));
    }
    if let Some(session) = city.session(session_id)? {
        return Ok(if session.account_id == account_id && session.refresh == refresh {
            Outcome::unchanged(session.revision)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let mut changes = Changes::new(stamp);
    open(city, &mut changes, &account, Opening { session_id, refresh, device })?;
    Ok(changes.yes())
}

/// A session that is about to begin.
pub(crate) struct Opening {
    pub session_id: SessionId,
    pub refresh: Digest,
    pub device: Sealed,
}

/// Begins a session of somebody who has shown who they are, and makes room for it.
pub(crate) fn open(
    city: &impl View,
    changes: &mut Changes,
    account: &Account,
    opening: Opening,
) -> Result<(), Unreadable> {
    make_room(city, changes, account)?;
    let Opening { session_id, refresh, device } = opening;
    let stamp = changes.stamp();
    let session = Session {
        id: session_id,
        account_id: account.id,
        refresh,
        previous: None,
        opened_at: stamp.at,
        ends_at: stamp.at.plus_ms(SESSION_MS),
        epoch: account.epoch,
        device,
        seen_at: Some(stamp.at),
        revision: stamp.index,
    };
    changes.write(Write::Deadline(end_of(&session)));
    changes.write(Write::Session(Arc::new(session)));
    changes.event(Event::SessionOpened { account_id: account.id, session_id });
    Ok(())
}

/// Forgets what an epoch has ended, and ends the oldest logins where one more were too many.
fn make_room(city: &impl View, changes: &mut Changes, account: &Account) -> Result<(), Unreadable> {
    let mut live = Vec::new();
    for id in city.logins_of(account.id, SESSIONS_LOOKED_AT)? {
        match city.session(id)? {
            Some(session) if session.epoch == account.epoch => live.push(session),
            Some(ended) => forget(changes, &ended),
            None => {}
        }
    }
    live.sort_by_key(|session| (session.opened_at, session.id));
    let too_many = (live.len() + 1).saturating_sub(SESSIONS);
    for session in &live[..too_many] {
        end(changes, session);
    }
    Ok(())
}

/// A reused refresh token must end the session, and a no writes nothing. So that case is a yes that
/// closes the session: whoever proposed it finds the session gone, and answers `refresh_reused`.
pub(crate) fn rotate_session(
    city: &impl View,
    stamp: &Stamp,
    command: RotateSession,
) -> Result<Outcome, Unreadable> {
    let RotateSession { session_id, presented, next, ancestor_of } = command;
    let Some(session) = city.session(session_id)? else {
        return Ok(Outcome::rejected(Rejection::SessionUnknown));
    };
    let Some(account) = city.account(session.account_id)? else {
        return Ok(Outcome::rejected(Rejection::SessionUnknown));
    };
    if account.is_banned_at(stamp.at) {
        return Ok(Outcome::rejected(Rejection::Banned));
    }
    if account.epoch != session.epoch || stamp.at >= session.ends_at {
        return Ok(Outcome::rejected(Rejection::SessionEnded));
    }
    let mut session = Arc::unwrap_or_clone(session);
    if presented == session.refresh {
        session.previous = Some(PreviousRefresh { refresh: presented, replaced_at: stamp.at });
    } else {
        let before = session.previous.as_ref();
        // The session may have gone one step further since the node has looked.
        let now = |token| token == session.refresh || before.is_some_and(|p| p.refresh == token);
        if ancestor_of.is_some_and(now) {
            return Ok(closed(stamp, &session));
        }
        let Some(previous) = before.filter(|p| p.refresh == presented) else {
            return Ok(Outcome::rejected(Rejection::CredentialsWrong));
        };
        if stamp.at.ms_since(previous.replaced_at) > REFRESH_GRACE_MS {
            return Ok(closed(stamp, &session));
        }
        // The first answer was lost on the way. The same `next` is the same answer.
        if session.refresh == next {
            return Ok(Outcome::unchanged(session.revision));
        }
    }
    session.refresh = next;
    session.seen_at = Some(stamp.at);
    session.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Session(Arc::new(session)));
    Ok(changes.yes())
}

pub(crate) fn close_session(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: CloseSession,
) -> Result<Outcome, Unreadable> {
    let Some(session) = city.session(command.session_id)? else {
        return Ok(Outcome::rejected(Rejection::SessionUnknown));
    };
    if person(actor) != Some(session.account_id) {
        return Ok(Outcome::rejected(Rejection::SessionUnknown));
    }
    Ok(closed(stamp, &session))
}

pub(crate) fn close_all_sessions(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: CloseAllSessions,
) -> Result<Outcome, Unreadable> {
    let CloseAllSessions { account_id } = command;
    let own = person(actor) == Some(account_id);
    let Some(account) = city.account(account_id)?.filter(|it| own && it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    let mut account = Arc::unwrap_or_clone(account);
    account.epoch += 1;
    account.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::SessionsClosed { account_id });
    Ok(changes.yes())
}

/// The absolute end has come.
pub(crate) fn session_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    session_id: SessionId,
) -> Result<Outcome, Unreadable> {
    Ok(match city.session(session_id)? {
        Some(session) if end_of(&session) == deadline => closed(stamp, &session),
        Some(_) | None => Outcome::rejected(Rejection::NotDue),
    })
}

fn closed(stamp: &Stamp, session: &Session) -> Outcome {
    let mut changes = Changes::new(stamp);
    end(&mut changes, session);
    changes.yes()
}

fn end(changes: &mut Changes, session: &Session) {
    forget(changes, session);
    let (account_id, session_id) = (session.account_id, session.id);
    changes.event(Event::SessionClosed { account_id, session_id });
}

fn forget(changes: &mut Changes, session: &Session) {
    changes.write(Write::DropSession(session.id));
    changes.write(Write::DropDeadline(end_of(session)));
}

fn end_of(session: &Session) -> Deadline {
    Deadline { due_at: session.ends_at, due: Due::SessionEnds(session.id) }
}
