//! A new password. Every other login ends: whoever changes it may have a reason.

use super::NO_REQUEST;
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{AccountId, SessionId};
use crate::limits::NAME_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Replaces a password. The person themselves; the node has checked the one before against the hash
/// that `before` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetPassword {
    pub account_id: AccountId,
    /// SHA-256 of the PHC string that the old password was checked against.
    pub before: Digest,
    /// The new PHC string, hashed before the log.
    pub password: String,
    /// The login that goes on, with another refresh token.
    pub session_id: Option<SessionId>,
    pub refresh: Digest,
}

pub(crate) fn set_password(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetPassword,
) -> Result<Outcome, Unreadable> {
    let SetPassword { account_id, before, password, session_id, refresh } = command;
    let own = person(actor) == Some(account_id);
    let Some(account) = city.account(account_id)?.filter(|it| own && it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    let hash: [u8; 32] = Sha256::digest(account.password.as_bytes()).into();
    if Digest(hash) != before {
        return Ok(Outcome::rejected(Rejection::CredentialsWrong));
    }
    if let Err(why) = field::letters("/password", &password, 1..=NAME_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let mut account = Arc::unwrap_or_clone(account);
    account.password = password;
    account.request = NO_REQUEST;
    account.epoch += 1;
    account.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    let session = match session_id {
        Some(session_id) => city.session(session_id)?,
        None => None,
    };
    if let Some(session) = session.filter(|session| session.account_id == account_id) {
        let mut session = Arc::unwrap_or_clone(session);
        session.epoch = account.epoch;
        session.refresh = refresh;
        session.previous = None;
        session.seen_at = Some(stamp.at);
        session.revision = stamp.index;
        changes.write(Write::Session(Arc::new(session)));
    }
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::PasswordSet { account_id });
    Ok(changes.yes())
}
