//! What was tried at one login: wrong passwords and codes that were asked for. In hard state, so
//! that going from node to node gives nobody more tries.
//!
//! Kept for every login that somebody tried, whether it is anybody's or not: nobody learns from it
//! who has an account.

use super::code::{CodePurpose, OneTimeCode, SendCode, UseCode, send_code, use_code};
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::limits::{ATTEMPTS_KEPT_MS, LOGIN_TRIES, LOGIN_WINDOW_MS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All that was tried at one login lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Keyed hash of the contact.
    pub login: Digest,
    /// Wrong passwords of the last minute, the oldest first.
    pub wrong: Vec<Timestamp>,
    /// Codes that were asked for within the last hour, the oldest first.
    pub asked: Vec<Timestamp>,
    /// The code that was asked for last, if it is still awaited.
    pub code: Option<OneTimeCode>,
    /// Those before it that were for something else: one for each purpose is awaited.
    #[serde(default)]
    pub others: Vec<OneTimeCode>,
    /// When somebody looks whether this can be forgotten.
    pub look_at: Timestamp,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl Attempts {
    /// From when on a password may be tried again, if not now.
    pub fn locked_until(&self, now: Timestamp) -> Option<Timestamp> {
        let lately = self.wrong.iter().filter(|at| now.ms_since(**at) < LOGIN_WINDOW_MS);
        let oldest = lately.clone().next().filter(|_| lately.count() >= LOGIN_TRIES)?;
        Some(oldest.plus_ms(LOGIN_WINDOW_MS))
    }

    /// The code that is good for this now.
    pub fn awaited(&self, purpose: CodePurpose, now: Timestamp) -> Option<&OneTimeCode> {
        let mut all = self.code.iter().chain(&self.others);
        all.find(|it| it.purpose == purpose && now < it.expires_at)
    }

    /// Awaits this one, and none before it for the same.
    pub(super) fn await_code(&mut self, code: OneTimeCode) {
        self.forget_code(code.purpose);
        self.others.extend(self.code.replace(code));
    }

    pub(super) fn forget_code(&mut self, purpose: CodePurpose) {
        self.code.take_if(|it| it.purpose == purpose);
        self.others.retain(|it| it.purpose != purpose);
    }

    fn deadline(&self) -> Deadline {
        Deadline { due_at: self.look_at, due: Due::AttemptsGone(self.login) }
    }
}

/// Somebody tries to show who they are. Proposed for anyone: what they say is all that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AttemptCommand {
    CountWrongPassword(CountWrongPassword),
    SendCode(SendCode),
    UseCode(UseCode),
}

impl AttemptCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CountWrongPassword(_) => "count_wrong_password",
            Self::SendCode(_) => "send_code",
            Self::UseCode(_) => "use_code",
        }
    }

    /// Whose door it is about.
    pub fn login(&self) -> Digest {
        match self {
            Self::CountWrongPassword(c) => c.login,
            Self::SendCode(c) => c.login,
            Self::UseCode(c) => c.login,
        }
    }
}

pub(crate) fn apply_attempt(
    city: &impl View,
    stamp: &Stamp,
    command: AttemptCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        AttemptCommand::CountWrongPassword(wish) => count_wrong_password(city, stamp, wish),
        AttemptCommand::SendCode(wish) => send_code(city, stamp, wish),
        AttemptCommand::UseCode(wish) => use_code(city, stamp, wish),
    }
}

/// Says that a password was wrong. The node that has checked it, before it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CountWrongPassword {
    pub login: Digest,
}

fn count_wrong_password(
    city: &impl View,
    stamp: &Stamp,
    command: CountWrongPassword,
) -> Result<Outcome, Unreadable> {
    let mut changes = Changes::new(stamp);
    let mut attempts = attempts_at(city, &mut changes, command.login)?;
    if let Some(until) = attempts.locked_until(stamp.at) {
        return Ok(Outcome::rejected(Rejection::TooOften { until }));
    }
    attempts.wrong.retain(|at| stamp.at.ms_since(*at) < LOGIN_WINDOW_MS);
    attempts.wrong.push(stamp.at);
    changes.write(Write::Attempts(Arc::new(attempts)));
    Ok(changes.yes())
}

/// What is known of a login; whoever is new there is looked at again in an hour.
pub(crate) fn attempts_at(
    city: &impl View,
    changes: &mut Changes,
    login: Digest,
) -> Result<Attempts, Unreadable> {
    let stamp = changes.stamp();
    if let Some(attempts) = city.attempts(login)? {
        return Ok(Attempts { revision: stamp.index, ..Arc::unwrap_or_clone(attempts) });
    }
    let attempts = Attempts {
        login,
        wrong: Vec::new(),
        asked: Vec::new(),
        code: None,
        others: Vec::new(),
        look_at: stamp.at.plus_ms(ATTEMPTS_KEPT_MS),
        revision: stamp.index,
    };
    changes.write(Write::Deadline(attempts.deadline()));
    Ok(attempts)
}

/// Forgets what no rule asks for any more, and looks again later if something is left.
pub(crate) fn forget_attempts(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    login: Digest,
) -> Result<Outcome, Unreadable> {
    let Some(attempts) = city.attempts(login)?.filter(|it| it.look_at == deadline.due_at) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let mut attempts = Arc::unwrap_or_clone(attempts);
    let lately = |at: &Timestamp| stamp.at.ms_since(*at) < ATTEMPTS_KEPT_MS;
    attempts.wrong.retain(lately);
    attempts.asked.retain(lately);
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropDeadline(deadline));
    if attempts.wrong.is_empty() && attempts.asked.is_empty() {
        changes.write(Write::DropAttempts(login));
    } else {
        attempts.look_at = stamp.at.plus_ms(ATTEMPTS_KEPT_MS);
        attempts.revision = stamp.index;
        changes.write(Write::Deadline(attempts.deadline()));
        changes.write(Write::Attempts(Arc::new(attempts)));
    }
    Ok(changes.yes())
}
