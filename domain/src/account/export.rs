//! Somebody looked at everything that is held about a person: that alone is worth an entry.

use super::OperatorRole;
use crate::authority::{is_operator, person};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::TEXT_LETTERS;
use crate::outcome::{Changes, Outcome};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Says that a person's data is about to be given out. They themselves, or an operator with a
/// reason. The data follows from the state: nothing of it is kept anywhere for this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ExportPerson {
    pub account_id: AccountId,
    /// An operator's.
    pub reason: Option<String>,
}

pub(crate) fn export_person(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ExportPerson,
) -> Result<Outcome, Unreadable> {
    let ExportPerson { account_id, reason } = command;
    let own = person(actor) == Some(account_id);
    if !own && !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    }
    if city.account(account_id)?.is_none_or(|account| !account.is_anybody()) {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    }
    if let Err(why) = field::letters("/reason", reason.as_deref().unwrap_or(""), 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let mut changes = Changes::new(stamp);
    changes.event(Event::AccountExported { account_id });
    Ok(changes.yes())
}
