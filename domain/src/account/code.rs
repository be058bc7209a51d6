//! One-time codes: who reads what was sent to a contact is the one whom it belongs to. Six digits,
//! good for five minutes and five tries, five times an hour. The code itself never enters the log:
//! the node that draws it sends it, and the log knows a keyed hash.

use super::attempts::attempts_at;
use super::session::{Opening, open};
use super::sign_up::{SignUp, joined};
use super::{Account, NO_REQUEST};
use crate::entry::Stamp;
use crate::event::Event;
use crate::field;
use crate::ids::SessionId;
use crate::limits::{ATTEMPTS_KEPT_MS, CODE_MS, CODE_TRIES, CODES_AN_HOUR, NAME_LETTERS};
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What somebody wants a code for; it is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// To log in without a password.
    LogIn,
    /// To have an account.
    SignUp,
    /// To have another password.
    Reset,
}

/// The code that is good at a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeCode {
    /// What for.
    pub purpose: CodePurpose,
    /// Keyed hash of the digits and the login.
    pub digest: Digest,
    /// Until when.
    pub expires_at: Timestamp,
    /// How often somebody has guessed wrong.
    pub tries: u8,
}

/// Makes a code the one that is good for its purpose; an earlier one for the same is not any more.
/// One for something else stays: whoever asks for codes in somebody's name spoils none of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SendCode {
    pub login: Digest,
    pub purpose: CodePurpose,
    /// Keyed hash of the digits and the login.
    pub code: Digest,
}

/// Shows the code, and asks for what it is good for: a login in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UseCode {
    pub login: Digest,
    /// Keyed hash of the digits that somebody said, and the login.
    pub code: Digest,
    pub wish: CodeWish,
    pub session_id: SessionId,
    pub refresh: Digest,
    /// What the device calls itself, closed.
    pub device: Sealed,
}

/// What somebody wants who knows the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeWish {
    /// To be logged in.
    LogIn,
    /// To have this account.
    SignUp(Box<SignUp>),
    /// To have this password, a PHC string; every other login ends.
    Reset(String),
}

impl CodeWish {
    fn purpose(&self) -> CodePurpose {
        match self {
            Self::LogIn => CodePurpose::LogIn,
            Self::SignUp(_) => CodePurpose::SignUp,
            Self::Reset(_) => CodePurpose::Reset,
        }
    }
}

pub(crate) fn send_code(
    city: &impl View,
    stamp: &Stamp,
    command: SendCode,
) -> Result<Outcome, Unreadable> {
    let SendCode { login, purpose, code } = command;
    let mut changes = Changes::new(stamp);
    let mut attempts = attempts_at(city, &mut changes, login)?;
    attempts.asked.retain(|at| stamp.at.ms_since(*at) < ATTEMPTS_KEPT_MS);
    if let Some(first) = attempts.asked.first().filter(|_| attempts.asked.len() >= CODES_AN_HOUR) {
        let until = first.plus_ms(ATTEMPTS_KEPT_MS);
        return Ok(Outcome::rejected(Rejection::TooOften { until }));
    }
    attempts.asked.push(stamp.at);
    let expires_at = stamp.at.plus_ms(CODE_MS);
    attempts.await_code(OneTimeCode { purpose, digest: code, expires_at, tries: 0 });
    changes.write(Write::Attempts(Arc::new(attempts)));
    Ok(changes.yes())
}

/// A wrong guess must be counted, and a no writes nothing. So that case is a yes that counts it:
/// whoever proposed it finds no session, and answers `code_wrong`.
pub(crate) fn use_code(
    city: &impl View,
    stamp: &Stamp,
    command: UseCode,
) -> Result<Outcome, Unreadable> {
    let UseCode { login, code, wish, session_id, refresh, device } = command;
    if let Some(session) = city.session(session_id)? {
        return Ok(if session.refresh == refresh {
            Outcome::unchanged(session.revision)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    if let Err(why) = field::sealed("/device", &device) {
        return Ok(Outcome::rejected(why));
    }
    let Some(attempts) = city.attempts(login)? else {
        return Ok(Outcome::rejected(Rejection::CodeWrong));
    };
    let mut attempts = Arc::unwrap_or_clone(attempts);
    attempts.revision = stamp.index;
    let purpose = wish.purpose();
    let Some(mut awaited) = attempts.awaited(purpose, stamp.at).cloned() else {
        return Ok(Outcome::rejected(Rejection::CodeWrong));
    };
    let mut changes = Changes::new(stamp);
    attempts.forget_code(purpose);
    if awaited.digest != code {
        awaited.tries += 1;
        if awaited.tries < CODE_TRIES {
            attempts.await_code(awaited);
        }
        changes.write(Write::Attempts(Arc::new(attempts)));
        return Ok(changes.yes());
    }
    attempts.wrong.clear();
    changes.write(Write::Attempts(Arc::new(attempts)));
    let opening = Opening { session_id, refresh, device };
    match fulfil(city, changes, login, wish, opening)? {
        Ok(changes) => Ok(changes.yes()),
        Err(why) => Ok(Outcome::rejected(why)),
    }
}

fn fulfil(
    city: &impl View,
    mut changes: Changes,
    login: Digest,
    wish: CodeWish,
    opening: Opening,
) -> Checked<Changes> {
    let stamp = changes.stamp();
    let known = match city.account_by_login(login)? {
        Some(id) => city.account(id)?.filter(|account| account.is_anybody()),
        None => None,
    };
    let mut account = match (wish, known) {
        (CodeWish::SignUp(wish), None) => match joined(city, &stamp, *wish)? {
            Ok(account) if account.login == login => account,
            Ok(_) => return Ok(Err(Rejection::CodeWrong)),
            Err(why) => return Ok(Err(why)),
        },
        (CodeWish::SignUp(_), Some(_)) => return Ok(Err(Rejection::ContactTaken)),
        // Nobody is told that there is nobody.
        (CodeWish::LogIn | CodeWish::Reset(_), None) => return Ok(Err(Rejection::CodeWrong)),
        (CodeWish::LogIn, Some(account)) => proved(Arc::unwrap_or_clone(account)),
        (CodeWish::Reset(password), Some(account)) => {
            if let Err(why) = field::letters("/password", &password, 1..=NAME_LETTERS) {
                return Ok(Err(why));
            }
            let mut account = Arc::unwrap_or_clone(account);
            account.password = password;
            account.request = NO_REQUEST;
            account.epoch += 1;
            changes.event(Event::PasswordSet { account_id: account.id });
            account
        }
    };
    if account.is_banned_at(stamp.at) {
        return Ok(Err(Rejection::Banned));
    }
    if account.created_index == stamp.index {
        changes.event(Event::AccountSignedUp { account_id: account.id });
    }
    account.verified_at = account.verified_at.or(Some(stamp.at));
    account.revision = stamp.index;
    open(city, &mut changes, &account, opening)?;
    changes.write(Write::Account(Arc::new(account)));
    Ok(Ok(changes))
}

/// Somebody reads what is sent to the contact. If nobody had shown that before, whoever chose the
/// password may be somebody else, who was there first: they are out from this entry on. Nobody can
/// tell the two apart, so an honest person who does so sets a password again, by a code.
fn proved(mut account: Account) -> Account {
    if account.verified_at.is_none() && !account.password.is_empty() {
        account.password = String::new();
        account.request = NO_REQUEST;
        account.epoch += 1;
    }
    account
}
