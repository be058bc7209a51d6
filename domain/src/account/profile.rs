//! What somebody says of themselves: a name and a language.

use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::ids::AccountId;
use crate::limits::LOCALE_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Sealed;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Changes what is named. The person themselves.
///
/// A closed name looks another one each time it is closed. So whoever proposes this leaves out a
/// name that is the present one: then a repeat changes nothing, and is a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ChangeProfile {
    pub account_id: AccountId,
    /// Closed.
    pub name: Option<Sealed>,
    /// BCP 47; empty takes it away.
    pub locale: Option<String>,
    /// The revision this replaces, if the caller saw one.
    pub if_revision: Option<u64>,
}

pub(crate) fn change_profile(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ChangeProfile,
) -> Result<Outcome, Unreadable> {
    let ChangeProfile { account_id, name, locale, if_revision } = command;
    let own = person(actor) == Some(account_id);
    let Some(before) = city.account(account_id)?.filter(|it| own && it.is_anybody()) else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    let checked =
        name.as_ref().map_or(Ok(()), |name| field::sealed("/name", name)).and_then(|()| {
            field::letters("/locale", locale.as_deref().unwrap_or(""), 0..=LOCALE_LETTERS)
        });
    if let Err(why) = checked {
        return Ok(Outcome::rejected(why));
    }
    let mut account = Arc::unwrap_or_clone(Arc::clone(&before));
    account.name = name.unwrap_or(account.name);
    if let Some(locale) = locale {
        account.locale = Some(locale).filter(|locale| !locale.is_empty());
    }
    // Before the version: the first answer to the same wish may have been lost.
    if account == *before {
        return Ok(Outcome::unchanged(before.revision));
    }
    if if_revision.is_some_and(|seen| seen != before.revision) {
        let version = before.revision;
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    account.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Account(Arc::new(account)));
    Ok(changes.yes())
}
